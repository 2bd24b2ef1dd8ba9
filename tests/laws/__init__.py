"""The laws of the house: what must hold of every log, every rule file and every way to run."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> settings:
    """Try `count` examples in the profile `ci`, and as many times more as the profile is larger."""
    return settings(max_examples=max(1, count * settings().max_examples // 100))
