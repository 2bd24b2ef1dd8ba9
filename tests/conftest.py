"""Which examples the tests draw: `--hypothesis-profile=quick` (the default), `ci` or `nightly`.

`quick` and `ci` draw the same examples for everybody, `ci` more of them. `nightly` draws many more,
other ones each time, and also runs the tests that are marked `slow`.
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
settings.register_profile("ci", settings.get_profile("quick"), max_examples=200)
settings.register_profile("nightly", settings.get_profile("quick"), max_examples=2000)
settings.load_profile("quick")

# Hypothesis also draws constants that it finds in the modules that are imported, unless they are
# installed or lie below a folder `tests`: examples would hang on where a checkout lies.
providers.is_local_module_file = lambda path: False


def _is_nightly() -> bool:
    return settings.get_current_profile_name() == "nightly"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is slow, unless it is night."""
    for item in items:
        if item.get_closest_marker("slow") and not _is_nightly():
            item.add_marker(pytest.mark.skip(reason="slow: --hypothesis-profile=nightly runs it"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Seed a test with its name: neither its source nor its file nor the order changes examples."""
    if item.config.getoption("hypothesis_seed") is None:
        core.global_force_seed = None if _is_nightly() else item.name
