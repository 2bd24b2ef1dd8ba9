"""The door to a run that follows; a check of whole logs need not load what is behind it."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.kind import Bounds
from ..kinds import KINDS
from ..model.rules import RuleSet, Severity
from ..reading.sources.decompression import DEFAULT_LIMIT
from ..runs.follow.follower import BOUNDS, LATENESS, Options
from ..runs.follow.session import Ending, FollowSession
from ..runs.options import ensure_options, zone_named


def follow(  # noqa: PLR0913 - by keyword, all of them
    paths: Sequence[str],
    rules: RuleSet,
    *,
    bounds: Bounds = BOUNDS,
    lateness: int = LATENESS,
    ending: Ending = Ending(),  # noqa: B008 - frozen
    begin: str | None = None,
    state: str | None = None,
    max_findings: int | None,
    fail_on: Severity,
    timezone: str,
    inflate_limit: bool,
) -> FollowSession:
    """A run that follows logs as they grow, by rules that are loaded; `lateness` is in ns."""
    ensure_options(max_findings, fail_on)
    options = Options(
        max_findings=max_findings,
        fail_on=fail_on,
        timezone=zone_named(timezone),
        inflate_limit=DEFAULT_LIMIT if inflate_limit else None,
        lateness=lateness,
        bounds=bounds,
    )
    return FollowSession(paths, rules, KINDS, options, begin=begin, state=state, ending=ending)
