"""The check: what was asked for on the command line, judged, and the report delivered."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..errors import SourceError, UsageError
from ..text.wording import nearest
from .exit import ExitCode, exit_code, say
from .loaded import all_is_loaded
from .options import Request, ensure_follow_options
from .output import deliver, ensure_output, status_of
from .routing import COMMANDS
from .terminal.progress import Bar
from .terminal.streams import is_terminal, stay_interruptible, stdin_is_piped, style_for

if TYPE_CHECKING:
    from ..model.rules import Severity
    from ..model.verdict import AskedOrder
    from ..reading.sources.discovery import Source
    from ..runs.options import RunOptions


_DIGITS = 18  # more findings than that fit in no log, and in no integer of the engine


def run(request: Request) -> ExitCode:
    """Judge and report. Raises TracecheckError."""
    ensure_follow_options(request)
    paths = _given_paths(request)
    variables = read_variables(request.variables or ())
    # Looked for before anything heavy is loaded; a run that follows waits for what is not there.
    sources = () if request.follow else _sources(paths)
    from ..report import REPORTERS

    if request.format not in REPORTERS:
        raise UsageError(f"--format is {' or '.join(REPORTERS)}, not {request.format}")
    options = _options(request)
    if request.follow:
        from .follow import follow_logs, one_thread

        one_thread()
    from ..api.rules import load_rules
    from ..kinds import KINDS
    from ..runs import batch

    all_is_loaded()
    rules = load_rules(request.rules or None, variables=variables, key=request.key)
    if request.follow:
        return follow_logs(request, paths, rules, options)
    stay_interruptible()
    target = request.target
    if target is not None:
        logs = [path for source in sources for path in source.files]
        ensure_output(target, logs, rules.paths)
    attended = is_terminal(sys.stderr) and not request.quiet
    if attended:
        _note_what_is_taken(request)
    shown = attended and os.environ.get("TERM") != "dumb"
    with Bar(_size(sources), shown=shown) as progress:
        verdict = batch.run(sources, rules, KINDS, replace(options, progress=progress))
    style = style_for(to_file=target is not None, color=not request.no_color, quiet=request.quiet)
    deliver(REPORTERS[request.format].render(verdict, style), target)
    return exit_code(verdict)


def _options(request: Request) -> RunOptions:
    """How to run. Raises UsageError."""
    from ..reading.sources.decompression import DEFAULT_LIMIT
    from ..runs.options import RunOptions

    return RunOptions(
        max_findings=read_max_findings(request.max_findings),
        fail_on=cast("Severity", request.fail_on),  # held to the list there
        timezone=request.timezone,
        order=cast("AskedOrder | None", request.order),
        inflate_limit=None if request.no_inflate_limit else DEFAULT_LIMIT,
    )


def read_max_findings(text: str) -> int | None:
    """How many findings a rule shows: `--max-findings N|all`. Raises UsageError."""
    if text == "all":
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _DIGITS:
        raise UsageError(f"--max-findings takes a number from 0, or all, not {text}")
    return int(text)


def read_variables(given: Sequence[str]) -> dict[str, str]:
    """The values of `--set name=value`. Raises UsageError."""
    variables: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise UsageError(f"--set takes name=value, not {text}")
        if name in variables:
            raise UsageError(f"--set gives {name} twice")
        variables[name] = value
    return variables


def _given_paths(request: Request) -> list[str]:
    if request.paths:
        return request.paths
    piped = "; to read what is piped in: tracecheck -" if stdin_is_piped() else ""
    raise UsageError(
        f"no log is given; name one (tracecheck app.log), or see tracecheck --help{piped}"
    )


def _sources(paths: Sequence[str]) -> tuple[Source, ...]:
    from ..reading.sources.discovery import find_sources

    try:
        return find_sources(paths)
    except SourceError as error:
        command = nearest(paths[0], COMMANDS)  # what the first word may have been meant as
        if command is None or os.path.lexists(paths[0]):
            raise
        raise SourceError(f"{error}; the command is written tracecheck {command}") from None


def _note_what_is_taken(request: Request) -> None:
    """Tell a person at a terminal what was taken without being named, and what we wait for."""
    from ..reading.sources.discovery import STDIN
    from ..rules.shipped import DEFAULT_RULES, LOCAL_RULES

    if not request.rules:
        local = os.path.lexists(LOCAL_RULES)
        name = f"{LOCAL_RULES} of this directory" if local else f"the shipped {DEFAULT_RULES}"
        say(f"judged by the rules of {name} (--rules takes others)")
    if STDIN in (request.paths or ()) and is_terminal(sys.stdin):
        say("reading from the terminal until Ctrl-D")


def _size(sources: Sequence[Source]) -> int | None:
    """The bytes of all files as they are stored; None if a pipe is among them."""
    size = 0
    for path in (path for source in sources for path in source.files):
        status = status_of(path)
        if status is None or not stat.S_ISREG(status.st_mode):
            return None
        size += status.st_size
    return size
