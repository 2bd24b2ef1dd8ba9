"""The check: what was asked for on the command line, judged, and the report delivered."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ..errors import SourceError, UsageError
from ..wording import nearest
from .ending import ExitCode, exit_code, say
from .following import (
    Follow,
    Manner,
    Outlets,
    attend,
    one_thread,
    read_count,
    read_ending,
    read_lateness,
)
from .terminal import (
    Bar,
    is_terminal,
    stay_interruptible,
    stdin_is_piped,
    stdin_status,
    style_for,
)

if TYPE_CHECKING:
    from ..lines.sources import Source
    from ..model import RuleSet, Severity

STDIN = STDOUT = "-"
_DIGITS = 18  # more findings than that fit in no log, and in no integer of the engine


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


def run(request: Request, commands: Sequence[str], follow: Follow | None = None) -> ExitCode:
    """Judge and report. `commands` are words that a first path may have been meant as."""
    _hold_paths(request.paths)
    most = read_most(request.max_findings)
    variables = read_variables(request.variables)
    if follow is not None:
        one_thread()
    from .. import api
    from ..report import REPORTERS

    if request.format not in REPORTERS:
        raise UsageError(f"--format is {' or '.join(REPORTERS)}, not {request.format}")
    rules = api.load_rules(request.rules or None, variables=variables, key=request.key)
    if follow is not None:
        return _follow(request, follow, rules, most)
    stay_interruptible()
    sources = _sources(request.paths, commands)
    to_file = request.output is not None and request.output != STDOUT
    if request.output is not None and to_file:
        logs = [path for source in sources for path in source.files]
        _hold_output(request.output, logs, rules.paths)
    attended = is_terminal(sys.stderr) and not request.quiet
    if attended:
        _note_what_is_taken(request)
    shown = attended and os.environ.get("TERM") != "dumb"
    with Bar(_size(sources), shown=shown) as progress:
        verdict = api.judge(
            sources,
            rules,
            max_findings=most,
            fail_on=cast("Severity", request.fail_on),  # judge holds it to the list
            timezone=request.timezone,
            inflate_limit=request.inflate_limit,
            progress=progress,
        )
    style = style_for(to_file=to_file, color=request.color, quiet=request.quiet)
    _deliver(REPORTERS[request.format](verdict, style), request.output if to_file else None)
    return exit_code(verdict)


def _follow(request: Request, asked: Follow, rules: RuleSet, most: int | None) -> ExitCode:
    """Follow until it is over, and report as a check does."""
    from .. import api
    from ..report import REPORTERS
    from ..report.stream import report_line
    from .screen import usable

    to_file = request.output is not None and request.output != STDOUT
    if request.output is not None and to_file:
        _hold_output(request.output, request.paths, rules.paths)
    style = style_for(to_file=False, color=request.color, quiet=request.quiet)
    as_lines = request.format == "json" and not request.quiet
    on_screen = not as_lines and not request.quiet and usable(sys.stdout)
    manner = Manner(style, screen=on_screen, json=as_lines, quiet=request.quiet)
    with ExitStack() as stack:
        run = api.follow(
            request.paths,
            rules,
            bounds=(
                read_count("--max-open-keys", asked.open_keys),
                read_count("--max-closed-keys", asked.closed_keys),
            ),
            ending=read_ending(asked),
            lateness=read_lateness(asked),
            begin=asked.begin,
            state=asked.state,
            max_findings=most,
            fail_on=cast("Severity", request.fail_on),
            timezone=request.timezone,
            inflate_limit=request.inflate_limit,
        )
        stack.callback(run.release)
        if run.resumed and not request.quiet:
            say(f"going on from the checkpoint in {asked.state or asked.begin}")
        outlets = Outlets(asked, manner, stack)
        verdict = attend(run, outlets)
        outlets.close()
    verdict = api.judged_by(verdict, rules)
    if to_file:
        file_style = style_for(to_file=True, color=request.color, quiet=request.quiet)
        _deliver(REPORTERS[request.format](verdict, file_style), request.output)
    elif as_lines:
        _deliver(report_line(verdict) + "\n", None)
    else:
        _deliver(REPORTERS[request.format](verdict, style), None)
    for line in run.unread:
        say(f"not read: {line}")
    # A pass is not honest if there was more than could be read.
    passes = exit_code(verdict) is ExitCode.PASS
    return ExitCode.ERROR if passes and run.unread else exit_code(verdict)


def read_most(text: str) -> int | None:
    """How many findings a rule shows: `--max-findings N|all`."""
    if text == "all":
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _DIGITS:
        raise UsageError(f"--max-findings takes a number from 0, or all, not {text}")
    return int(text)


def read_variables(given: Sequence[str]) -> dict[str, str]:
    """The values of `--set name=value`."""
    variables: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise UsageError(f"--set takes name=value, not {text}")
        if name in variables:
            raise UsageError(f"--set gives {name} twice")
        variables[name] = value
    return variables


def _hold_paths(paths: Sequence[str]) -> None:
    if paths:
        return
    piped = "; to read what is piped in: tracecheck -" if stdin_is_piped() else ""
    raise UsageError(
        f"no log is given; name one (tracecheck app.log), or see tracecheck --help{piped}"
    )


def _sources(paths: Sequence[str], commands: Sequence[str]) -> tuple[Source, ...]:
    from ..lines.sources import find_sources

    try:
        return find_sources(paths)
    except SourceError as error:
        near = nearest(paths[0], commands)
        if near is None or os.path.lexists(paths[0]):
            raise
        raise SourceError(f"{error}; the command is written tracecheck {near}") from None


def _hold_output(target: str, logs: Sequence[str], rule_files: Sequence[str]) -> None:
    """Refuse now what would be refused after a long run, or would destroy what is read."""
    from ..output import hold_writable

    hold_writable(target)
    try:
        status = os.stat(target)
    except OSError:
        return  # nothing stands there yet
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        return
    for path, what in [(p, "a log") for p in logs] + [(p, "a rule file") for p in rule_files]:
        read = stdin_status() if path == STDIN else _status(path)
        if read is not None and os.path.samestat(read, status):
            raise UsageError(f"--output {target} is {what} of this run; name another file")


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _note_what_is_taken(request: Request) -> None:
    """Tell a person at a terminal what was taken without being named, and what we wait for."""
    from ..api import DEFAULT_RULES, LOCAL_RULES

    if not request.rules:
        local = os.path.lexists(LOCAL_RULES)
        name = f"{LOCAL_RULES} of this directory" if local else f"the shipped {DEFAULT_RULES}"
        say(f"judged by the rules of {name} (--rules takes others)")
    if STDIN in request.paths and is_terminal(sys.stdin):
        say("reading from the terminal until Ctrl-D")


def _size(sources: Sequence[Source]) -> int | None:
    """The bytes of all files as they are stored; None if a pipe is among them."""
    sizes = list(_sizes(sources))
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _sizes(sources: Sequence[Source]) -> Iterator[int | None]:
    for source in sources:
        for path in source.files:
            status = stdin_status() if path == STDIN else _status(path)
            regular = status is not None and stat.S_ISREG(status.st_mode)
            yield status.st_size if status is not None and regular else None


def _deliver(report: str, target: str | None) -> None:
    from ..output import write_stdout, write_whole

    if target is None:
        write_stdout(report)
    else:
        write_whole(target, report)
