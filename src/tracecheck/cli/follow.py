"""The run that follows: from what was asked for to its report."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..reading.sources.discovery import STDIN
from .dispatch import Dispatcher, OutputMode
from .exit import ExitCode, exit_code, say
from .options import Request, read_bounds, read_ending, read_lateness
from .output import deliver, ensure_apart, ensure_output
from .terminal.signals import Signals
from .terminal.streams import style_for

if TYPE_CHECKING:
    from ..model.live import Notice
    from ..model.rules import RuleSet
    from ..model.verdict import Verdict
    from ..runs.follow.session import FollowSession
    from ..runs.options import RunOptions


_PAUSE = 0.06
"""Seconds between two looks at logs that were read to their end, at the least."""

_LONG_PAUSE = 0.14
"""Seconds that may pass so that a log that is written all the time takes less of a processor: what
a step costs hardly grows with the lines that it reads."""


def follow_logs(
    request: Request, paths: Sequence[str], rules: RuleSet, options: RunOptions
) -> ExitCode:
    """Follow until it is over, and report as a check does."""
    from ..kinds import KINDS
    from ..report import REPORTERS, Reporter
    from ..runs.follow.session import FollowSession
    from .terminal.screen import usable

    target = request.target
    if target is not None:
        ensure_output(target, paths, rules.paths)
    style = style_for(to_file=False, color=not request.no_color, quiet=request.quiet)
    reporter = REPORTERS[request.format]
    if request.quiet:  # nothing before the report
        reporter = Reporter(reporter.render)
    on_screen = not request.quiet and reporter.stream is None and usable(sys.stdout)
    mode = OutputMode(style, reporter, on_screen, log_on_stdin=STDIN in paths)
    with ExitStack() as stack:
        run = FollowSession(
            paths,
            rules,
            KINDS,
            replace(options, bounds=read_bounds(request), lateness=read_lateness(request)),
            begin=request.begin,
            state=request.state,
            ending=read_ending(request),
        )
        stack.callback(run.release)
        if target is not None:
            ensure_apart(target, run.files())
        if run.resumed and not request.quiet:
            say(f"going on from the checkpoint in {request.state or request.begin}")
            if run.renewed:
                say(run.renewed)
        dispatcher = Dispatcher(request, mode, stack)
        verdict = attend(run, dispatcher)
        dispatcher.leave()
        if target is not None:
            ensure_apart(target, run.files())
            style = style_for(to_file=True, color=not request.no_color, quiet=request.quiet)
        if target is None and reporter.stream is not None:
            deliver(reporter.stream(verdict) + "\n", None)
        else:
            deliver(reporter.render(verdict, style), target)
        dispatcher.close()
    for line in run.unread:
        say(f"not read: {line}")
    return ExitCode.ERROR if run.unread and _passes_so_far(verdict) else exit_code(verdict)


def _passes_so_far(verdict: Verdict) -> bool:
    """Whether nothing stands against a pass but that not all was read."""
    others = [one for one in verdict.outcomes if one.counted and one.outcome != "pass"]
    is_unread = bool(others) and all(one.reason == "unread" for one in others)
    return exit_code(verdict) is ExitCode.PASS or is_unread


def attend(
    run: FollowSession, dispatcher: Dispatcher, clock: Callable[[], float] = time.monotonic
) -> Verdict:
    """Follow until the run is over, or is asked to end; the verdict."""
    with Signals() as signals:
        while True:
            began = clock()
            notices = run.step()
            _take(dispatcher, notices, run)
            if run.over or signals.asked or dispatcher.asked:
                break
            if not run.behind:
                # Busy for a fifth of the time, or where steps are long for half of it.
                busy = clock() - began
                signals.wait(max(_PAUSE, min(4 * busy, _LONG_PAUSE), busy))
        verdict, notices = run.close()
        _take(dispatcher, notices, None)
    return verdict


def _take(dispatcher: Dispatcher, notices: list[Notice], run: FollowSession | None) -> None:
    """Hand them on; a terminal or a disk that is lost ends the run, and loses no report."""
    try:
        dispatcher.take(notices, run)
    except (OSError, UsageError) as error:
        dispatcher.asked = True
        say(f"nothing more can be shown ({error}); the log is closed")


def one_thread() -> None:
    """Keep the engine to one thread, before it is loaded: small steps gain nothing by more."""
    if "polars" not in sys.modules:
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
