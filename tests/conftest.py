"""How thorough the tests are: HYPOTHESIS_PROFILE is `ci` (the default) or `deep`.

`ci` tries the same examples on every run. `deep` tries many more, other ones each time, and
also runs the tests that are marked `slow`.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

_SLOW_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=_SLOW_CHECKS,
)
settings.register_profile(
    "deep",
    settings.get_profile("ci"),
    max_examples=5000,
    derandomize=False,
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is slow, unless the profile is deep."""
    if PROFILE == "deep":
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: HYPOTHESIS_PROFILE=deep runs it"))
