"""Judge logs while they grow, as Python sees it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from ..kinds import KINDS
from ..model.bounds import Bounds
from ..model.rules import RuleSet, Severity
from ..model.verdict import AskedOrder
from ..reading.sources.decompression import DEFAULT_LIMIT
from ..rules.shipped import StrPath
from ..runs.follow.session import Ending, FollowSession
from ..runs.options import BOUNDS, LATENESS, RunOptions
from ..text.amounts import SECOND
from .rules import NO_VARIABLES, Key, paths_of, rules_of


def follow(  # noqa: PLR0913 - by keyword, all of them
    paths: StrPath | Iterable[StrPath],
    *,
    rules: RuleSet | StrPath | Iterable[StrPath] | None = None,
    variables: Mapping[str, str] = NO_VARIABLES,
    key: Key = None,
    max_findings: int | None = 20,
    fail_on: Severity = "low",
    timezone: str = "UTC",
    order: AskedOrder | None = None,
    inflate_limit: bool = True,
    begin: str | None = None,
    state: StrPath | None = None,
    lateness: float = LATENESS / SECOND,
    max_open_keys: int | None = BOUNDS.open_keys,
    max_closed_keys: int | None = BOUNDS.closed_keys,
    duration: float | None = None,
    idle: float | None = None,
    until_fail: bool = False,
) -> FollowSession:
    """Follow logs as they grow: each `step` tells what has settled, closing settles the rest.

        with tracecheck.follow("app.log", idle=60) as session:
            while not session.over:
                for notice in session.step():
                    print(notice)
                time.sleep(0.1)
            verdict, notices = session.close()

    The first nine arguments are those of `check`. The session begins at the "start" of the logs
    (also if `begin` is None), their "end", or a checkpoint. It keeps one in the folder `state`,
    and goes on with what is there. Events wait `lateness` seconds for those of other logs. A rule
    remembers at most `max_open_keys` keys that are not settled, and `max_closed_keys` that are
    (None: all). It is over after `duration` seconds, after `idle` seconds without anything new,
    or once a rule has failed (`until_fail`); by default when nothing more can come.

    Raises TracecheckError for what cannot be followed, or gone on with.
    """
    options = RunOptions(
        max_findings=max_findings,
        fail_on=fail_on,
        timezone=timezone,
        order=order,
        inflate_limit=DEFAULT_LIMIT if inflate_limit else None,
        lateness=round(lateness * SECOND),
        bounds=Bounds(max_open_keys, max_closed_keys),
    )
    return FollowSession(
        paths_of(paths),
        rules_of(rules, variables, key),
        KINDS,
        options,
        begin=begin,
        state=None if state is None else os.fspath(state),
        ending=Ending(after=duration, idle=idle, on_fail=until_fail),
    )
