"""The options of a check, as the command line writes them, and what those of following mean."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer import Argument, Option

from ..errors import UsageError
from ..model.bounds import Bounds
from ..version import __version__
from .routing import DEBUG

if TYPE_CHECKING:
    from ..runs.follow.session import Ending

_DIGITS = 12
_FOLLOWING = "With --follow: "

Debug = Annotated[bool, Option(DEBUG, help="Show the traceback of an internal error.")]
Rules = Annotated[
    list[str] | None,
    Option(
        "--rules",
        "-r",
        metavar="FILE",
        help="A rule file, or the name of a shipped one; may be repeated. "
        "Default: tracecheck.yaml of this directory, else golive.",
    ),
]


def _following(flag: str, metavar: str, about: str) -> Any:
    """An option that only a run that follows has: `ensure_follow_options` knows it by its help."""
    return Option(flag, metavar=metavar, help=_FOLLOWING + about)


def _version(wanted: bool) -> None:
    if wanted:
        from .output import write_stdout

        write_stdout(f"tracecheck {__version__}\n")
        raise typer.Exit


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for, as it was written; a row for each option, as --help has them.

    `main` looks for `debug` by itself, and `version` acts when it is met.
    """

    paths: Annotated[list[str] | None, Argument(metavar="PATH", hidden=True)] = None
    rules: Rules = None
    variables: Annotated[
        list[str] | None,
        Option(
            "--set", metavar="NAME=VALUE", help="Override a variable of the rule file; repeatable."
        ),
    ] = None
    key: Annotated[
        str | None,
        Option("--key", metavar="NAMES", help="The fields that join events: conv,idem, or none."),
    ] = None
    format: Annotated[str, Option("--format", metavar="text|json", help="The report.")] = "text"
    output: Annotated[
        str | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the report to a file, whole or not at all.",
        ),
    ] = None
    fail_on: Annotated[
        str,
        Option(
            "--fail-on",
            metavar="SEVERITY",
            help="Only rules of this severity or above decide: critical, high, medium, low.",
        ),
    ] = "low"
    max_findings: Annotated[
        str, Option("--max-findings", metavar="N|all", help="Findings that are shown of each rule.")
    ] = "20"
    timezone: Annotated[
        str, Option("--timezone", metavar="ZONE", help="The zone of times without one.")
    ] = "UTC"
    order: Annotated[
        str | None,
        Option(
            "--order",
            metavar="given|time",
            help="Logs follow each other as given, or each is put in order of time too. "
            "Default: several are interleaved by time.",
        ),
    ] = None
    no_inflate_limit: Annotated[
        bool, Option("--no-inflate-limit", help="Read compressed logs however large they get.")
    ] = False
    follow: Annotated[
        bool,
        Option(
            "--follow", "-f", help="Go on with what is appended, through rotation, until Ctrl-C."
        ),
    ] = False
    begin: Annotated[
        str | None,
        _following(
            "--from", "start|end|FILE", "where to begin; FILE is a checkpoint. Default: start."
        ),
    ] = None
    after: Annotated[str | None, _following("--for", "TIME", "end after so long (24h).")] = None
    until: Annotated[
        str | None,
        _following("--until", "fail", "end at the first settled failure."),
    ] = None
    idle: Annotated[
        str | None,
        _following("--idle", "TIME", "end when nothing came for so long."),
    ] = None
    lateness: Annotated[
        str | None,
        _following("--lateness", "TIME", "how long events wait for other logs. Default: 5s."),
    ] = None
    state: Annotated[
        str | None,
        _following("--state", "FOLDER", "keep checkpoints there, and go on from the last one."),
    ] = None
    open_keys: Annotated[
        str | None,
        _following(
            "--max-open-keys", "N", "keys a rule keeps that are not settled. Default: 100000."
        ),
    ] = None
    closed_keys: Annotated[
        str | None,
        _following(
            "--max-closed-keys", "N", "keys a rule remembers as handed over. Default: 100000."
        ),
    ] = None
    command: Annotated[
        str | None,
        _following(
            "--exec", "COMMAND", "run it for each new finding, which it gets as JSON on stdin."
        ),
    ] = None
    webhook: Annotated[
        str | None,
        _following("--webhook", "URL", "post new findings (as Slack takes them)."),
    ] = None
    metrics: Annotated[
        str | None,
        _following(
            "--metrics", "[HOST:]PORT", "serve Prometheus metrics; on loopback without HOST."
        ),
    ] = None
    quiet: Annotated[
        bool, Option("--quiet", "-q", help="Only the verdict, in one line; no progress bar.")
    ] = False
    no_color: Annotated[bool, Option("--no-color", help="No colour; so does NO_COLOR.")] = False
    debug: Debug = False
    version: Annotated[
        bool, Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False

    @property
    def target(self) -> str | None:
        """The file that the report goes to; None for standard output."""
        return None if self.output == "-" else self.output


def ensure_follow_options(request: Request) -> None:
    """Refuse what is for a run that follows, where none is asked for. Raises UsageError."""
    if request.follow:
        return
    for name, annotated in get_type_hints(Request, include_extras=True).items():
        option = annotated.__metadata__[0]
        if (option.help or "").startswith(_FOLLOWING) and getattr(request, name) is not None:
            flag = option.default  # in Annotated, typer keeps the name of an option there
            raise UsageError(f"{flag} is for a run that follows; add --follow")


def read_ending(request: Request) -> Ending:
    """What ends the run. Raises UsageError."""
    from ..runs.follow.session import Ending

    if request.until not in {None, "fail"}:
        raise UsageError(f"--until takes fail, not {request.until}")
    return Ending(
        after=_seconds("--for", request.after),
        idle=_seconds("--idle", request.idle),
        on_fail=request.until is not None,
    )


def read_lateness(request: Request) -> int:
    """How long events wait for other logs, in nanoseconds. Raises UsageError."""
    from ..runs.options import LATENESS

    return LATENESS if request.lateness is None else _nanoseconds("--lateness", request.lateness)


def read_bounds(request: Request) -> Bounds:
    """How many keys, settled and not, a rule keeps in memory. Raises UsageError."""
    from ..runs.options import BOUNDS

    return Bounds(
        open_keys=_count("--max-open-keys", request.open_keys, BOUNDS.open_keys),
        closed_keys=_count("--max-closed-keys", request.closed_keys, BOUNDS.closed_keys),
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
