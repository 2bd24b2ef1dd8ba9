"""The file of a log that was begun last: it is open, has ended, or is to be found again."""

from __future__ import annotations

from contextlib import suppress

from ...errors import SourceError
from .handle import Handle
from .identity import Known
from .ledger import Ledger
from .succession import Succession


class Current:
    """The last file of `ledger.begun`, of which more may be read.

    It `is_open` until it has ended; its `handle` is the open file. If that is closed, the file is
    `sought`; `is_rewritten`: where it was, what was read of it does not stand any more.
    """

    def __init__(self, ledger: Ledger, succession: Succession) -> None:
        self.handle: Handle | None = None
        self.sought: Known | None = None
        self.is_open = False
        self.is_rewritten = False
        self._ledger = ledger
        self._next = succession

    @property
    def started(self) -> Handle | None:
        """The file that is open, if it is a certain one by what was read of it."""
        return self.handle if self.handle and self.handle.is_started else None

    @property
    def lag(self) -> int:
        """Stored bytes of it that were not read. Raises OSError."""
        return self.handle.lag if self.handle else 0

    def known(self) -> list[Known]:
        """All that was begun, each as it was read last."""
        last = self.sought or (self.handle and self.handle.known())
        return [*self._ledger.begun[:-1], last] if last else self._ledger.begun

    def resume(self, *, is_open: bool) -> None:
        """Go on with the last file of the ledger."""
        self.is_open = is_open
        last = self._ledger.begun[-1] if is_open else None
        self.sought = None if last is None or last.is_unread else last

    def begin(self, handle: Handle) -> bool:
        """Go on with this file; whether it is another than before, of which something was read."""
        is_new = not self.is_open
        if is_new:
            self._ledger.begun.append(handle.known())
        else:  # nothing was read of that yet: this is it
            self._ledger.begun[-1] = handle.known()
        self.handle, self.is_open = handle, True
        return is_new

    def end(self, handle: Handle) -> None:
        """Read no more of the open file."""
        self._ledger.begun[-1] = handle.known()
        self.handle, self.is_open = None, False
        handle.close()

    def let_go(self, following: Handle | None = None) -> None:
        """Close the open file if it is none in particular, nor the one that is to follow."""
        if self.handle and self.handle is not following and not self.started:
            self.handle.close()
            self.handle = None

    def rewritten(self) -> None:
        """Look for the file elsewhere, as it does not hold any more what was read of it."""
        if self.handle:
            self.is_rewritten = True
            self.reopen()

    def reopen(self) -> None:
        """Find the file again at the next look: by then its handle would be of no use."""
        if self.handle:
            handle, self.handle = self.handle, None
            handle.forget_first()
            known = handle.known()
            self._ledger.begun[-1] = known
            self.sought = None if known.is_unread else known
            with suppress(OSError):
                handle.close()

    def find(self, sought: Known) -> bool:
        """Go on in the file that is sought, if it is still there. Raises OSError."""
        handle = None
        if not sought.is_pipe:
            with suppress(SourceError):  # no log: it is another one
                handle = self._next.find(sought, self._ledger.begun[:-1])
        if handle:
            handle.path = sought.path
            self.sought, self.handle, self.is_rewritten = None, handle, False
        return handle is not None

    def give_up(self, sought: Known) -> None:
        """Go on without the file that is sought."""
        self._ledger.begun[-1] = sought
        self.sought, self.is_open, self.is_rewritten = None, False, False
