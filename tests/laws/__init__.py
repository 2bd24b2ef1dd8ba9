"""The laws of the house: what must hold of every log, every rule file and every way to run."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> settings:
    """Try `count` examples for every hundred that the profile asks for (see `conftest`)."""
    return settings(max_examples=max(1, count * settings().max_examples // 100))
