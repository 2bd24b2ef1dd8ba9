"""A run that follows: which logs join it, when it is stored, and when it is over."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

from ...engine.kind import Kind
from ...errors import SourceError, UsageError
from ...model.live import Notice, Snapshot
from ...model.rules import RuleSet
from ...model.verdict import Verdict
from ...reading.sources.discovery import STDIN
from ...reading.tail.watch import Watch
from ..options import RunOptions
from .changes import TroubleFeed
from .checkpoints import NAME, Checkpoint, Folder, load, taken_up
from .fingerprint import ensure_same_meaning, fingerprint_of
from .follower import Follower
from .shapes import ensure_sound

START, END = "start", "end"

_LOOK = 0.5
"""Seconds between two looks for logs that join."""

_STORE = 5.0
"""Seconds between two checkpoints."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends a run beside the end of its logs; times in seconds of the machine's clock."""

    after: float | None = None
    idle: float | None = None
    on_fail: bool = False


class FollowSession:
    """Follows the logs that paths mean, step by step, and can be gone on with after a restart."""

    def __init__(  # noqa: PLR0913 - by keyword, the last of them
        self,
        paths: Sequence[str],
        rules: RuleSet,
        kinds: Mapping[str, Kind],
        options: RunOptions,
        *,
        begin: str | None = None,
        state: str | None = None,
        ending: Ending = Ending(),
    ) -> None:
        """Begin at the `start` (if None), the `end`, or a checkpoint; keep one in folder `state`.

        Raises TracecheckError for what cannot be followed, or gone on with.
        """
        self._clock = options.clock
        self._ending = ending
        if state is not None and STDIN in paths:
            raise UsageError("standard input cannot be gone on with; --state is for files")
        self._state = state
        self._folder = None if state is None else Folder(state)
        self._storing: Future[None] | None = None
        self._writer = ThreadPoolExecutor(1)
        self._troubles = TroubleFeed()  # what stands in the way of storing
        self._hidden = TroubleFeed()  # what cannot be looked at
        self._is_following = False
        try:
            checkpoint = self._beginning(begin, state)
            if checkpoint is not None:
                ensure_same_meaning(fingerprint_of(options), checkpoint.document.get("fingerprint"))
            self._taking_up = None if checkpoint is None else state or begin
            with taken_up(self._taking_up):
                if checkpoint is not None:
                    ensure_sound(checkpoint)
                watch = None if checkpoint is None else checkpoint.document["watch"]
                self._watch = Watch(paths, watch)
                self._follower = Follower(
                    self._watch.sources(),
                    rules,
                    kinds,
                    options,
                    from_end=begin == END,
                    may_grow=self._watch.may_grow,
                    checkpoint=checkpoint,
                )
            self._is_following = True
        except BaseException:
            self.release()
            raise
        now = self._clock()
        self._began = self._heard = self._looked = now
        self._stored = now - _STORE  # the first one as soon as there is something to go on with
        self.resumed = checkpoint is not None
        self.renewed = self._follower.renewal.told  # in a line, if rules changed
        self.unread: Sequence[str] = ()  # once closed: what could not be read of the logs
        self._read = self._saved = -1  # bytes that were read, and that a checkpoint knows of

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def step(self) -> list[Notice]:
        """Read, judge and store what there is to; what there is to tell. Never waits."""
        now = self._clock()
        if now - self._looked >= _LOOK:
            self._looked = now
            self._look()
        with taken_up(self._taking_up):
            notices = self._follower.step()
        self._taking_up = None
        read = self._follower.read_bytes
        if read != self._read or self._follower.behind:
            self._heard, self._read = self._clock(), read
        if self._folder is not None and now - self._stored >= _STORE and read != self._saved:
            self._stored = now
            if self._store(self._folder):
                self._saved = read
        return [*notices, *self._hidden.update(self._watch.troubles), *self._storage()]

    @property
    def behind(self) -> bool:
        """Whether there was more to read than one step takes."""
        return self._follower.behind

    @property
    def over(self) -> bool:
        """Whether the run is to end."""
        now = self._clock()
        if self._follower.ended and not (self._follower.behind or self._watch.may_grow):
            return True
        if self._ending.on_fail and self._follower.failed:
            return True
        if self._ending.after is not None and now - self._began >= self._ending.after:
            return True
        if self._ending.idle is None or self._follower.behind:
            return False
        return now - self._heard >= self._ending.idle

    def snapshot(self) -> Snapshot:
        """How the run stands."""
        snapshot = self._follower.snapshot()
        own = self._hidden.standing + self._troubles.standing
        return replace(snapshot, troubles=snapshot.troubles + own)

    def files(self) -> list[str]:
        """Every file that the run reads, or keeps its state in."""
        state = [] if self._state is None else [os.path.join(self._state, NAME)]
        return [*(path for one in self._watch.sources() for path in one.files), *state]

    def close(self) -> tuple[Verdict, list[Notice]]:
        """Store where the run is, and close the log; the verdict, and what else there is to tell.

        A later run goes on where this one was, as if it had not been closed.
        """
        notices: list[Notice] = []
        if self._folder is not None:
            notices += self._stored_by_now()
            self._store(self._folder)
            notices += self._stored_by_now()
        # Only now: what is held back is to be asked of again by a later run.
        self._look(last=True)
        notices += [*self._follower.step(), *self._hidden.update(self._watch.troubles)]
        self.unread = [*self._follower.unread, *self._watch.troubles.values()]
        verdict, last = self._follower.close()
        self.release()
        return verdict, [*notices, *last]

    def release(self) -> None:
        """Close files and the folder of the state, and end threads."""
        self._writer.shutdown()
        if self._is_following:
            self._follower.release()
        if self._folder is not None:
            self._folder.close()
            self._folder = None

    def _look(self, *, last: bool = False) -> None:
        """Follow what has joined by now."""
        self._follower.join(self._watch.joined(self._follower.readers, last=last))

    def _beginning(self, begin: str | None, state: str | None) -> Checkpoint | None:
        stored = None if state is None else load(state)
        if begin in {None, START, END}:  # where a run begins that cannot go on
            return stored
        if stored is not None:
            raise UsageError(
                f"{state} holds a checkpoint, which that of --from would replace; leave one of the "
                "two out"
            )
        found = None
        if begin and os.path.lexists(begin):
            with suppress(SourceError):
                found = load(begin)
        if found is None:
            raise SourceError(
                f"{begin}: no checkpoint; --from takes start, end, or a checkpoint (the folder of "
                "--state, or the file in it)"
            )
        return found

    def _store(self, folder: Folder) -> bool:
        """Have a checkpoint written beside the reading; False if that cannot be yet."""
        checkpoint = None if self._storing is not None else self._follower.checkpoint()
        if checkpoint is None:
            return False
        document = {**checkpoint.document, "watch": self._watch.state()}
        self._storing = self._writer.submit(folder.save, Checkpoint(document, checkpoint.tables))
        return True

    def _stored_by_now(self) -> Sequence[Notice]:
        """Wait for the checkpoint that is on its way; notices about it."""
        if self._storing is not None:
            self._storing.exception()
        return self._storage()

    def _storage(self) -> Sequence[Notice]:
        """Notices about the checkpoint that was written last."""
        if self._storing is None or not self._storing.done() or self._folder is None:
            return []
        error, self._storing = self._storing.exception(), None
        if error is None:
            return self._troubles.update({})
        if not isinstance(error, OSError):
            raise error
        self._saved = -1
        about, reason = self._folder.path, error.strerror or str(error)
        message = (
            f"{about}: the state cannot be stored: {reason}; the run goes on, and tries again; "
            "after a crash it would go on from the checkpoint before"
        )
        return self._troubles.update({about: message})
