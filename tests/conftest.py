"""Which examples the tests draw: `--hypothesis-profile=quick` (the default), `ci` or `nightly`.

`quick` and `ci` draw the same examples for everybody, `ci` more of them. `nightly` draws many more,
other ones each time. What takes long beside drawing is left to them as well.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, core, settings
from hypothesis.internal.conjecture import providers

settings.register_profile(
    "quick",
    max_examples=30,
    deadline=None,
    database=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
settings.register_profile("ci", settings.get_profile("quick"), max_examples=45)
settings.register_profile("nightly", settings.get_profile("quick"), max_examples=2000)
settings.load_profile("quick")

# Hypothesis also draws constants that it finds in the modules that are imported, unless they are
# installed or lie below a folder `tests`: examples would hang on where a checkout lies.
providers.is_local_module_file = lambda path: False


LEFT_TO = {"guard": ("ci", "nightly"), "index": ("ci", "nightly"), "slow": ("nightly",)}
"""The profiles that run tests with a marker; others skip them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is left to another profile."""
    current = settings.get_current_profile_name()
    for item in items:
        for marker, profiles in LEFT_TO.items():
            if item.get_closest_marker(marker) and current not in profiles:
                reason = f"{marker}: --hypothesis-profile={profiles[0]} runs it"
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Seed a test with its name: neither its source nor its file nor the order changes examples."""
    if item.config.getoption("hypothesis_seed") is None:
        is_night = settings.get_current_profile_name() == "nightly"
        core.global_force_seed = None if is_night else item.name
