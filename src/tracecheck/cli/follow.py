"""The run that follows: from what was asked for to its report."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import UsageError
from .dispatch import Dispatcher, OutputMode
from .exit import ExitCode, exit_code, say
from .options import FollowOptions, read_bounds, read_ending, read_lateness
from .output import STDIN, STDOUT, deliver, ensure_apart, ensure_output
from .terminal.signals import Signals
from .terminal.streams import style_for

if TYPE_CHECKING:
    from ..model.live import Notice
    from ..model.rules import RuleSet
    from ..model.verdict import Verdict
    from ..runs.follow.session import FollowSession
    from ..runs.options import RunOptions
    from .options import Request


_PAUSE = 0.06
"""Seconds between two looks at logs that were read to their end."""


def follow_logs(
    request: Request, asked: FollowOptions, rules: RuleSet, options: RunOptions
) -> ExitCode:
    """Follow until it is over, and report as a check does."""
    from ..kinds import KINDS
    from ..report import REPORTERS
    from ..report.notices import report_line
    from ..runs.follow.session import FollowSession
    from .terminal.screen import usable

    to_file = request.output is not None and request.output != STDOUT
    if request.output is not None and to_file:
        ensure_output(request.output, request.paths, rules.paths)
    style = style_for(to_file=False, color=request.color, quiet=request.quiet)
    as_lines = request.format == "json" and not request.quiet
    on_screen = not as_lines and not request.quiet and usable(sys.stdout)
    manner = OutputMode(
        style,
        screen=on_screen,
        json=as_lines,
        quiet=request.quiet,
        log_on_stdin=STDIN in request.paths,
    )
    with ExitStack() as stack:
        run = FollowSession(
            request.paths,
            rules,
            KINDS,
            replace(options, bounds=read_bounds(asked), lateness=read_lateness(asked)),
            begin=asked.begin,
            state=asked.state,
            ending=read_ending(asked),
        )
        stack.callback(run.release)
        if request.output is not None and to_file:
            ensure_apart(request.output, run.files())
        if run.resumed and not request.quiet:
            say(f"going on from the checkpoint in {asked.state or asked.begin}")
        outlets = Dispatcher(asked, manner, stack)
        verdict = attend(run, outlets)
        outlets.leave()
        if to_file:
            ensure_apart(str(request.output), run.files())
            file_style = style_for(to_file=True, color=request.color, quiet=request.quiet)
            deliver(REPORTERS[request.format](verdict, file_style), request.output)
        elif as_lines:
            deliver(report_line(verdict) + "\n", None)
        else:
            deliver(REPORTERS[request.format](verdict, style), None)
        outlets.close()
    for line in run.unread:
        say(f"not read: {line}")
    # A pass is not honest if there was more than could be read.
    passes = exit_code(verdict) is ExitCode.PASS
    return ExitCode.ERROR if passes and run.unread else exit_code(verdict)


def attend(
    run: FollowSession, outlets: Dispatcher, clock: Callable[[], float] = time.monotonic
) -> Verdict:
    """Follow until the run is over, or is asked to end; the verdict."""
    with Signals() as signals:
        while True:
            began = clock()
            notices = run.step()
            _take(outlets, notices, run)
            if run.over or signals.asked or outlets.asked:
                break
            if not run.behind:
                # Never busy for more than half of the time.
                signals.wait(max(_PAUSE, clock() - began))
        verdict, notices = run.close()
        _take(outlets, notices, None)
    return verdict


def _take(outlets: Dispatcher, notices: list[Notice], run: FollowSession | None) -> None:
    """Have it told; a terminal or a disk that is lost ends the run, and loses no report."""
    try:
        outlets.take(notices, run)
    except (OSError, UsageError) as error:
        outlets.asked = True
        say(f"nothing more can be shown ({error}); the log is closed")


def one_thread() -> None:
    """Keep the engine to one thread, before it is loaded: small steps gain nothing by more."""
    if "polars" not in sys.modules:
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
