"""The options of a run that follows: as they were written, and what they mean."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from ..engine.kind import Bounds
    from ..runs.follow.session import Ending


_DIGITS = 12


@dataclass(frozen=True, slots=True)
class FollowOptions:
    """What the command line asks of a run that follows, as it was written."""

    begin: str | None = None
    after: str | None = None
    until: str | None = None
    idle: str | None = None
    lateness: str | None = None
    state: str | None = None
    open_keys: str | None = None
    closed_keys: str | None = None
    command: str | None = None
    webhook: str | None = None
    metrics: str | None = None


_OPTIONS = {
    "begin": "--from",
    "after": "--for",
    "until": "--until",
    "idle": "--idle",
    "lateness": "--lateness",
    "state": "--state",
    "open_keys": "--max-open-keys",
    "closed_keys": "--max-closed-keys",
    "command": "--exec",
    "webhook": "--webhook",
    "metrics": "--metrics",
}


def ensure_follow_options(asked: FollowOptions, *, wanted: bool) -> FollowOptions | None:
    """What was asked, if following is wanted at all; its options are refused without it."""
    if wanted:
        return asked
    given = [option for name, option in _OPTIONS.items() if getattr(asked, name) is not None]
    if given:
        raise UsageError(f"{given[0]} is for a run that follows; add --follow")
    return None


def read_ending(asked: FollowOptions) -> Ending:
    """What ends the run."""
    from ..runs.follow.session import Ending

    if asked.until not in {None, "fail"}:
        raise UsageError(f"--until takes fail, not {asked.until}")
    return Ending(
        after=_seconds("--for", asked.after),
        idle=_seconds("--idle", asked.idle),
        on_fail=asked.until is not None,
    )


def read_lateness(asked: FollowOptions) -> int:
    """How long events wait for other logs, in nanoseconds."""
    from ..runs.options import LATENESS

    return LATENESS if asked.lateness is None else _nanoseconds("--lateness", asked.lateness)


def read_bounds(asked: FollowOptions) -> Bounds:
    """How much of what is not settled, and of what is, a rule keeps in memory."""
    from ..engine.kind import Bounds
    from ..runs.options import BOUNDS

    return Bounds(
        open_keys=_count("--max-open-keys", asked.open_keys, BOUNDS.open_keys),
        closed_keys=_count("--max-closed-keys", asked.closed_keys, BOUNDS.closed_keys),
    )


def _count(option: str, text: str | None, default: int | None) -> int | None:
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > _DIGITS or not int(text):
        raise UsageError(f"{option} takes a number from 1, not {text}")
    return int(text)


def _seconds(option: str, text: str | None) -> float | None:
    return None if text is None else _nanoseconds(option, text) / 10**9


def _nanoseconds(option: str, text: str) -> int:
    from ..conditions.mistakes import ConditionError
    from ..conditions.quantities import parse_duration

    try:
        return parse_duration(text)
    except ConditionError as error:
        raise UsageError(f"{option} takes a duration such as 30s, 5min or 24h: {error}") from None


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for, as it was written."""

    paths: tuple[str, ...]
    rules: tuple[str, ...]
    variables: tuple[str, ...]
    key: str | None
    format: str
    output: str | None
    fail_on: str
    max_findings: str
    timezone: str
    inflate_limit: bool
    quiet: bool
    color: bool
