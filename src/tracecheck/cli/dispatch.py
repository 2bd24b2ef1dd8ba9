"""Where the news of a run that follows go: a screen, lines, commands, a webhook, metrics."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .exit import say
from .options import FollowOptions

if TYPE_CHECKING:
    from ..model.live import Notice, Snapshot
    from ..notify.metrics import Metrics
    from ..notify.worker import Worker
    from ..report import Style
    from ..runs.follow.session import FollowSession
    from .terminal.screen import Screen


_SOON = 0.1
_SHOWN_EVERY = 0.5
_MEASURED_EVERY = 1.0
_HEARTBEAT = 10.0
_LAST_WORDS = 5.0
"""Seconds that commands and the webhook get at the end, to deliver what waits."""


@dataclass(frozen=True, slots=True)
class OutputMode:
    """How a run is shown: with a screen, in lines of text or JSON, or not at all."""

    style: Style
    screen: bool
    json: bool
    quiet: bool
    log_on_stdin: bool


class Dispatcher:
    """Where news go: the screen or lines on standard output, commands, a webhook, metrics."""

    def __init__(
        self,
        asked: FollowOptions,
        manner: OutputMode,
        stack: ExitStack,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """What was opened is closed with `stack`. Raises UsageError."""
        self._manner = manner
        self._goes_on = asked.state is not None
        self._clock = clock
        self._channels = _channels(asked)
        for worker in self._channels.values():
            stack.callback(worker.close, 0)
        self._metrics = _metrics(asked, stack)
        self._terminal = stack.enter_context(ExitStack())
        self._screen = _screen(manner, self._terminal)
        self._failed = dict.fromkeys(self._channels, 0)
        self._delivered = dict.fromkeys(self._channels, 0)
        self._troubled: dict[str, str] = {}
        self._due = dict.fromkeys(("screen", "metrics", "heartbeat"), clock())
        self._kept: list[Notice] = []  # for when the screen is left
        self.asked = False

    def take(self, notices: list[Notice], run: FollowSession | None) -> None:
        """Tell what is new; while the run goes on, show how it stands now and then."""
        from ..model.live import Trouble

        notices = [*notices, *self._telling()]
        for notice in notices:
            self._tell(notice)
            if self._screen is None:
                self._line(notice)
            elif run is None and isinstance(notice, Trouble):
                self._kept.append(notice)
        if run is None:
            return
        if self._screen is not None and self._screen.keys() == "quit":
            self.asked = True
        wanted = {what: self._is_due(what, bool(notices)) for what in self._due}
        if any(wanted.values()):
            self._show(run.snapshot(), wanted)

    def _is_due(self, what: str, new: bool) -> bool:
        used, every = {
            "screen": (self._screen is not None, _SOON if new else _SHOWN_EVERY),
            "metrics": (self._metrics is not None, _MEASURED_EVERY),
            "heartbeat": (self._manner.json and not self._manner.quiet, _HEARTBEAT),
        }[what]
        now = self._clock()
        if not used or now - self._due[what] < every:
            return False
        self._due[what] = now
        return True

    def _show(self, snapshot: Snapshot, wanted: dict[str, bool]) -> None:
        from dataclasses import replace

        from ..model.live import Trouble
        from ..report.notices import heartbeat_line

        telling = (Trouble(about, said) for about, said in self._troubled.items())
        snapshot = replace(snapshot, troubles=(*snapshot.troubles, *telling))
        if self._screen is not None and wanted["screen"]:
            self._screen.show(snapshot)
        if self._metrics is not None and wanted["metrics"]:
            self._metrics.update(
                snapshot,
                failures={name: worker.failures for name, worker in self._channels.items()},
                dropped={name: worker.dropped for name, worker in self._channels.items()},
            )
        if wanted["heartbeat"]:
            self._print(heartbeat_line(snapshot))

    def _tell(self, notice: Notice) -> None:
        from ..model.live import Overdue, Violation
        from ..report import Style
        from ..report.notices import json_line, summary, text_line

        if isinstance(notice, Violation):
            if notice.at_end and self._goes_on:
                return  # the next run may see it undone, and tells it if not
            text = summary(notice)
        elif isinstance(notice, Overdue) and notice.count:
            text = text_line(notice, Style())
        else:
            return
        if "exec" in self._channels:
            self._channels["exec"].tell(json_line(notice))
        if "webhook" in self._channels:
            self._channels["webhook"].tell(text)

    def _line(self, notice: Notice) -> None:
        from ..model.live import Changed, Trouble
        from ..report.notices import json_line, text_line

        if self._manner.json:
            self._print(json_line(notice))
        elif isinstance(notice, Trouble):
            say(f"{notice.message}{' (over)' if notice.over else ''}")
        elif not self._manner.quiet and not isinstance(notice, Changed):
            self._print(text_line(notice, self._manner.style))

    def _print(self, line: str) -> None:
        from .output import write_stdout

        if not write_stdout(line + "\n"):
            self.asked = True  # nobody reads on

    def _telling(self) -> list[Notice]:
        """What commands and the webhook could not deliver, since it was asked last."""
        from ..model.live import Trouble

        notices: list[Notice] = []
        for name, worker in self._channels.items():
            about = f"--{name}"
            failed, delivered = worker.failures + worker.dropped, worker.delivered
            if failed > self._failed[name] and worker.last_failure is not None:
                said = f"{worker.last_failure} ({failed:,} not delivered so far)"
                self._troubled[about] = said
                notices.append(Trouble(about, said))
            elif delivered > self._delivered[name] and about in self._troubled:
                notices.append(Trouble(about, self._troubled.pop(about), over=True))
            self._failed[name], self._delivered[name] = failed, delivered
        return notices

    def leave(self) -> None:
        """Give the terminal back, for the report."""
        self._terminal.close()

    def close(self) -> None:
        """Deliver what waits, and tell what could not be."""
        for worker in self._channels.values():
            worker.close(_LAST_WORDS)
        from ..model.live import Trouble

        for notice in [*self._kept, *self._telling()]:
            if isinstance(notice, Trouble):
                say(notice.message)


def _channels(asked: FollowOptions) -> dict[str, Worker]:
    channels: dict[str, Worker] = {}
    if asked.command is not None:
        from ..notify.exec import Commands

        channels["exec"] = Commands(asked.command)
    if asked.webhook is not None:
        from ..notify.webhook import Webhook

        channels["webhook"] = Webhook(asked.webhook)
    return channels


def _metrics(asked: FollowOptions, stack: ExitStack) -> Metrics | None:
    if asked.metrics is None:
        return None
    from ..notify.metrics import Metrics

    metrics = Metrics(asked.metrics)
    stack.callback(metrics.close)
    return metrics


def _screen(manner: OutputMode, stack: ExitStack) -> Screen | None:
    if not manner.screen:
        return None
    from .terminal.keyboard import Keyboard
    from .terminal.screen import Screen

    keyboard = Keyboard.find(log_on_stdin=manner.log_on_stdin)
    return stack.enter_context(Screen(manner.style, keyboard=keyboard))
