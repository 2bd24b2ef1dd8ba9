"""Where what happens in a followed log goes: a screen or lines, a command, a webhook, metrics."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model.live import Overdue, Snapshot, Trouble, Violation
from .exit import say
from .options import Request

if TYPE_CHECKING:
    from ..model.live import Notice
    from ..notify.metrics import Metrics
    from ..notify.worker import Worker
    from ..report import Reporter, Style
    from ..runs.follow.session import FollowSession
    from .terminal.screen import Screen


# Seconds between two drawings, with and without something new; two updates; two heartbeats.
_SOON = 0.1
_SHOWN_EVERY = 0.5
_MEASURED_EVERY = 1.0
_HEARTBEAT = 10.0

_LAST_WORDS = 5.0
"""Seconds that the command and the webhook get at the end, to deliver what waits."""


@dataclass(frozen=True, slots=True)
class OutputMode:
    """How a run is shown: on a screen, or in the lines that the reporter has."""

    style: Style
    reporter: Reporter
    screen: bool
    log_on_stdin: bool


class Dispatcher:
    """Hands each notice to standard output, the command and the webhook; shows how a run stands.

    `asked`: the run is asked to end, by a key or because nobody reads on.
    """

    def __init__(
        self,
        request: Request,
        mode: OutputMode,
        stack: ExitStack,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """What was opened is closed with `stack`. Raises UsageError."""
        self._mode = mode
        self._goes_on = request.state is not None
        self._clock = clock
        self._channels = _channels(request)
        for worker in self._channels.values():
            stack.callback(worker.close, 0)
        self._metrics = _metrics(request, stack)
        self._terminal = stack.enter_context(ExitStack())
        self._screen = _screen(mode, self._terminal)
        self._failed = dict.fromkeys(self._channels, 0)
        self._delivered = dict.fromkeys(self._channels, 0)
        self._troubles: dict[str, Trouble] = {}
        self._last = dict.fromkeys(("screen", "metrics", "heartbeat"), clock())
        self._unsaid: list[Trouble] = []  # of the end of a run, while the screen still stands
        self.asked = False

    def take(self, notices: list[Notice], run: FollowSession | None) -> None:
        """Hand on what is new; while the run goes on, show now and then how it stands."""
        notices = [*notices, *self._deliveries()]
        for notice in notices:
            self._notify(notice)
            if self._screen is None:
                self._write(notice)
            elif run is None and isinstance(notice, Trouble):
                self._unsaid.append(notice)
        if run is None:
            return
        if self._screen is not None and self._screen.keys() == "quit":
            self.asked = True
        due = {what for what in self._last if self._is_due(what, bool(notices))}
        if due:
            self._show(run.snapshot(), due)

    def _is_due(self, what: str, new: bool) -> bool:
        used, every = {
            "screen": (self._screen is not None, _SOON if new else _SHOWN_EVERY),
            "metrics": (self._metrics is not None, _MEASURED_EVERY),
            "heartbeat": (self._mode.reporter.stream is not None, _HEARTBEAT),
        }[what]
        now = self._clock()
        if not used or now - self._last[what] < every:
            return False
        self._last[what] = now
        return True

    def _show(self, snapshot: Snapshot, due: set[str]) -> None:
        snapshot = replace(snapshot, troubles=(*snapshot.troubles, *self._troubles.values()))
        if self._screen is not None and "screen" in due:
            self._screen.show(snapshot)
        if self._metrics is not None and "metrics" in due:
            self._metrics.update(
                snapshot,
                failures={name: worker.failures for name, worker in self._channels.items()},
                dropped={name: worker.dropped for name, worker in self._channels.items()},
            )
        if "heartbeat" in due:
            self._write(snapshot)

    def _notify(self, notice: Notice) -> None:
        """Hand a finding, or that something is overdue, to the command and the webhook."""
        from ..report import Style
        from ..report.notices import json_line, summary, text_line

        if isinstance(notice, Violation):
            if notice.at_end and self._goes_on:
                return  # the next run may see it undone, and reports it if not
            text = summary(notice)
        elif isinstance(notice, Overdue) and notice.count:
            text = text_line(notice, Style())
        else:
            return
        if "exec" in self._channels:
            self._channels["exec"].notify(json_line(notice))
        if "webhook" in self._channels:
            self._channels["webhook"].notify(text)

    def _write(self, item: Notice | Snapshot) -> None:
        """Write a line as the format has it; trouble, where it has none, to standard error."""
        from .output import write_stdout

        reporter = self._mode.reporter
        line = ""
        if reporter.stream is not None:
            line = reporter.stream(item)
        elif isinstance(item, Trouble):
            say(f"{item.message}{' (over)' if item.over else ''}")
        elif reporter.line is not None and not isinstance(item, Snapshot):
            line = reporter.line(item, self._mode.style)
        if line and not write_stdout(line + "\n"):
            self.asked = True  # nobody reads on

    def _deliveries(self) -> list[Trouble]:
        """What the command and the webhook could not deliver, since it was asked last."""
        troubles: list[Trouble] = []
        for name, worker in self._channels.items():
            about = f"--{name}"
            failed, delivered = worker.failures + worker.dropped, worker.delivered
            if failed > self._failed[name] and worker.last_failure is not None:
                message = f"{worker.last_failure} ({failed:,} not delivered so far)"
                self._troubles[about] = Trouble(about, message)
                troubles.append(self._troubles[about])
            elif delivered > self._delivered[name] and about in self._troubles:
                troubles.append(replace(self._troubles.pop(about), over=True))
            self._failed[name], self._delivered[name] = failed, delivered
        return troubles

    def leave(self) -> None:
        """Give the terminal back, for the report."""
        self._terminal.close()

    def close(self) -> None:
        """Deliver what waits, and say what could not be."""
        for worker in self._channels.values():
            worker.close(_LAST_WORDS)
        for trouble in [*self._unsaid, *self._deliveries()]:
            say(trouble.message)


def _channels(request: Request) -> dict[str, Worker]:
    channels: dict[str, Worker] = {}
    if request.command is not None:
        from ..notify.exec import Commands

        channels["exec"] = Commands(request.command)
    if request.webhook is not None:
        from ..notify.webhook import Webhook

        channels["webhook"] = Webhook(request.webhook)
    return channels


def _metrics(request: Request, stack: ExitStack) -> Metrics | None:
    if request.metrics is None:
        return None
    from ..notify.metrics import Metrics

    metrics = Metrics(request.metrics)
    stack.callback(metrics.close)
    return metrics


def _screen(mode: OutputMode, stack: ExitStack) -> Screen | None:
    if not mode.screen:
        return None
    from .terminal.keyboard import Keyboard
    from .terminal.screen import Screen

    keyboard = Keyboard.find(log_on_stdin=mode.log_on_stdin)
    return stack.enter_context(Screen(mode.style, keyboard=keyboard))
