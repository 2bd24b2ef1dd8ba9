"""The script of a fault run: what is thrown at the follower, and what must come of it."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

from rules.rule_texts import load_text

from faults.model import Disk, Followed
from faults.writer import RULES, Turns
from tracecheck.kinds import KINDS
from tracecheck.model.rules import RuleSet
from tracecheck.model.tuning import Tuning
from tracecheck.model.verdict import Finding, Outcome, Verdict
from tracecheck.reading.sources.discovery import Source
from tracecheck.runs import batch
from tracecheck.runs.follow import checkpoints
from tracecheck.runs.follow.follower import Follower
from tracecheck.runs.options import RunOptions

UNIQUE = 120
"""As many bytes of a file tell it from any other: it never begins with fewer."""

_SPECS = {name: kind.spec for name, kind in KINDS.items()}


class Killed(BaseException):
    """The process is killed here."""


@dataclass
class Report:
    """What came of a run."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    episodes: int = 0
    lines: int = 0
    violations: int = 0
    lost: int = 0
    left_behind: int = 0
    divergences: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.faults.total()

    def __str__(self) -> str:
        sorts = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        judged = (
            f"{self.lines:,} lines, {self.violations:,} violations, {self.lost:,} bytes destroyed, "
            f"{self.left_behind:,} bytes in files that are there but were passed over"
        )
        return "\n".join(
            [
                f"seed {self.seed}, {self.episodes} logs ({judged}): {sorts}",
                *self.divergences,
                f"{self.count} faults, {len(self.divergences)} divergences",
            ]
        )


def run(seed: int, faults: int) -> Report:
    """Throw at least so many faults at followers, log after log."""
    report = Report(seed)
    rules = load_text(RULES, _SPECS)
    while report.count < faults:
        with tempfile.TemporaryDirectory(prefix="tracecheck-faults-") as folder:
            episode = Episode(folder, random.Random(f"{seed}:{report.episodes}"), rules, report)
            try:
                episode.play()
                said = episode.divergence()
            except Exception as error:  # noqa: BLE001 - whatever it is, the follower must not
                said = f"{type(error).__name__}: {error}"
            finally:
                episode.end()
            if said:
                where = f"seed {seed}, log {report.episodes}"
                report.divergences.append(f"{where}: {said}; {' '.join(episode.story)}")
        report.episodes += 1
    return report


class Episode:
    """One log, from its first line to the verdict."""

    def __init__(self, folder: str, rng: random.Random, rules: RuleSet, report: Report) -> None:
        self.story: list[str] = []
        self._rng = rng
        # Fewer rules, more faults in the time; all of them get their turn.
        chosen = rng.sample(rules.rules, rng.choice((2, 2, 2, 3, 3, len(rules.rules))))
        self._rules = replace(rules, rules=tuple(one for one in rules.rules if one in chosen))
        self._report = report
        self._folder = folder
        self._logs = os.path.join(folder, "logs")
        self._state = os.path.join(folder, "state")
        os.mkdir(self._logs)
        self._disk = Disk(self._logs)
        self._turns = Turns(rng)
        self._unwritten = b""
        self._now = 1000.0
        self._most = rng.choice((None, None, 20, 2))
        self._block = rng.choice((4 << 20, 4 << 20, 1 << 10))
        self._model = Followed()
        self._saved: Followed | None = None
        self._saving: Followed | None = None
        self._written = 0
        self._unread = False  # something was destroyed that the follower has not noticed yet
        self._hold_on = contextlib.ExitStack()
        self._trouble = ""
        self._verdict: Verdict | None = None
        if rng.random() < 0.8:
            self._disk.create()
            self._write()
        if self._saved is None:
            self._model.start(self._disk)
        self._keeper = checkpoints.Folder(self._state)
        self._follower = self._made(None)
        self._look()

    # --- the faults -------------------------------------------------------------------------

    def play(self) -> None:
        """Write and look, with a fault in between, again and again; then close the log."""
        faults = self._faults()
        for _ in range(self._rng.randrange(20, 45)):
            for _ in range(self._rng.choice((0, 0, 1, 1, 2))):
                self._calmly()
            name = self._rng.choice(list(faults))
            self._fault(name, faults[name])
        self._recover()
        if not self._disk.writing:
            self._disk.create()
        self._write()
        self._look()
        self._verdict, _ = self._follower.close()

    def end(self) -> None:
        """Leave nothing open."""
        self._hold_on.close()
        self._follower.release()
        self._keeper.close()
        self._disk.close()

    def _faults(self) -> dict[str, Callable[[], str | None]]:
        return {
            "rotation": self._rotation,
            "rotations": self._rotations,
            "copytruncate": self._copytruncate,
            "truncation": self._truncation,
            "cut back": self._cut_back,
            "deletion": self._deletion,
            "retention": self._retention,
            "compression": self._compression,
            "partial line": self._partial_line,
            "cut character": self._cut_character,
            "no permission": lambda: self._lasting(errno.EACCES, "open"),
            "read errors": lambda: self._lasting(errno.EIO, "pread"),
            "glitch": self._glitch,
            "kill": self._kill,
            "kill while looking": self._kill_while_looking,
            "kill while saving": self._kill_while_saving,
            "disk full": lambda: self._refused(errno.ENOSPC),
            "read-only state": lambda: self._refused(errno.EROFS),
            "log clock jumps": self._log_clock,
            "machine clock jumps": self._machine_clock,
        }

    def _fault(self, name: str, do: Callable[[], str | None]) -> None:
        """Let it happen, unless it cannot now."""
        self.story.append(name.replace(" ", "-"))
        if do() == "not now":
            self.story.pop()
        else:
            self._report.faults[name] += 1

    def _calmly(self) -> None:
        """What happens between faults."""
        match self._rng.randrange(6):
            case 0 | 1 | 2:
                self._reopened()
                self._write()
                self._look()
            case 3:
                self._look()
            case 4:
                self._reopened()
                self._write()
            case 5:
                self._save()

    def _reopened(self) -> None:
        """After a rotation or a deletion, the writer opens its log again, at last."""
        if not self._disk.is_there and self._rng.random() < 0.7:
            self._disk.create()

    # What befalls the files

    def _rotation(self) -> str | None:
        if not self._can_rotate():
            return "not now"
        self._disk.rename()
        if self._rng.random() < 0.5:
            self._write()  # to the old file, as the new one is not there yet
        if self._rng.random() < 0.7:
            self._disk.create()
            if self._rng.random() < 0.8:
                self._write()
        return None

    def _rotations(self) -> str | None:
        for number in range(self._rng.randrange(2, 5)):
            if not self._can_rotate():
                return None if number > 1 else "not now"
            self._disk.rename()
            self._disk.create()
            self._write()
        return None

    def _can_rotate(self) -> bool:
        return self._disk.is_there and not self._unread

    def _copytruncate(self) -> str | None:
        if not self._can_destroy():
            return "not now"
        self._disk.copytruncate()
        self._noticed_later()
        return None

    def _truncation(self) -> str | None:
        if not self._can_destroy():
            return "not now"
        self._lose(len(self._disk.names[0].data) - self._model.position)
        self._disk.truncate(0)
        self._noticed_later()
        return None

    def _cut_back(self) -> str | None:
        """The end of the log is cut off, as after a crash of the machine."""
        if not self._can_destroy():
            return "not now"
        size = len(self._disk.names[0].data)
        if size <= UNIQUE:
            return "not now"
        self._disk.truncate(self._rng.randrange(UNIQUE, size))
        self._noticed_later()
        return None

    def _can_destroy(self) -> bool:
        """The log is there, the follower is in it, and will soon see what became of it."""
        return self._can_rotate() and not self._trouble and self._is_in_base()

    def _is_in_base(self) -> bool:
        return self._model.holds is self._disk.names[0] and self._model.position >= UNIQUE

    def _noticed_later(self) -> None:
        self._unread = True
        if self._rng.random() < 0.7:
            self._write()

    def _deletion(self) -> str | None:
        if not self._can_rotate():
            return "not now"
        self._lose(len(self._disk.names[0].data))
        self._disk.delete()
        if self._rng.random() < 0.5:
            self._write()
            if self._rng.random() < 0.5:
                self._look()
        if self._rng.random() < 0.6:
            self._disk.create()
            self._write()
        return None

    def _retention(self) -> str | None:
        """The oldest file goes: nobody asks whether it was read."""
        oldest = self._disk.last
        if not oldest or self._unread or self._disk.names[oldest] is self._disk.writing:
            return "not now"
        if self._disk.names[oldest].packed and self._disk.names[oldest] is self._model.holds:
            return "not now"
        self._disk.delete(oldest)
        return None

    def _compression(self) -> str | None:
        names = self._disk.names
        plain = [n for n, one in names.items() if n and not one.packed]
        plain = [n for n in plain if names[n] is not self._disk.writing and names[n].data]
        if not plain or self._unread:
            return "not now"
        self._disk.compress(self._rng.choice(plain))
        return None

    # How lines arrive

    def _partial_line(self) -> str | None:
        return self._write_up_to(lambda data: self._rng.randrange(1, len(data)))

    def _cut_character(self) -> str | None:
        def inside(data: bytes) -> int:
            many = [at for at, byte in enumerate(data) if byte & 0xC0 == 0x80]
            return self._rng.choice(many) if many else 0

        return self._write_up_to(inside)

    def _write_up_to(self, chosen: Callable[[bytes], int]) -> str | None:
        self._reopened()
        if not self._disk.writing or len(self._disk.writing.data) < UNIQUE:
            return "not now"
        data = self._more(5)
        end = chosen(data)
        self._put(data[:end])
        self._unwritten = data[end:]
        self._look()
        return None if end else "not now"

    # What stands in the way of reading

    def _lasting(self, code: int, name: str) -> str | None:
        """A fault that is there for some looks, while the log goes on."""
        if self._unread or self._trouble:
            return "not now"
        self._look()  # what was read is known before
        self._trouble = name
        with self._failing(name, code, lambda: True):
            for _ in range(self._rng.randrange(1, 5)):
                match self._rng.randrange(5):
                    case 0:
                        self._rotation()
                    case 1:
                        self._rotations()
                    case _:
                        self._reopened()
                        self._write()
                self._look()
        self._trouble = ""
        if self._rng.random() < 0.7:
            self._look()
        return None

    def _glitch(self) -> str | None:
        """Now and then a read fails, and the next one does not."""
        chance = self._rng.choice((0.2, 0.5))
        name = self._rng.choice(("open", "pread", "fstat"))
        if self._unread or (self._disk.last and name != "pread"):
            # A copy that cannot be opened at that moment is not found.
            self._look()
        if self._model.holds is not None and self._model.holds.packed:
            return "not now"
        # How often files are read is nothing that the seed decides.
        luck = random.Random(self._rng.random())
        with self._failing(name, errno.EIO, lambda: luck.random() < chance):
            for _ in range(self._rng.randrange(1, 4)):
                self._write()
                self._step()
        self._look()
        return None

    @contextlib.contextmanager
    def _failing(self, name: str, code: int, fails: Callable[[], bool]) -> Iterator[None]:
        """Calls of `os.NAME` for a log fail."""
        real = getattr(os, name)

        def failing(what: Any, *args: Any, **how: Any) -> Any:
            if (isinstance(what, int) or self._logs in str(what)) and fails():
                raise OSError(code, os.strerror(code), None if isinstance(what, int) else what)
            return real(what, *args, **how)

        with mock.patch.object(os, name, failing):
            yield

    # What befalls the follower

    def _kill(self) -> None:
        if self._rng.random() < 0.5:
            self._save()
        self._restart()

    def _kill_while_looking(self) -> None:
        self._reopened()
        self._write()
        name = self._rng.choice(("pread", "open", "fstat", "stat", "listdir"))
        with self._dying(os, name, self._rng.randrange(6)), contextlib.suppress(Killed):
            self._step()
        self._restart()

    def _kill_while_saving(self) -> None:
        how = self._rng.choice(("open", "fsync", "replace", "write"))
        before = self._stored()
        if how == "write":
            patched = mock.patch.object(checkpoints, "_write", self._half_written)
        else:
            patched = self._dying(checkpoints.os, how, self._rng.randrange(2))
        with patched, contextlib.suppress(Killed):
            self._save()
        if self._stored() != before:
            self._saved = self._saving
        self._restart()

    def _stored(self) -> tuple[int, int]:
        """What tells the checkpoint that there is from another."""
        with contextlib.suppress(FileNotFoundError):
            status = os.stat(os.path.join(self._state, checkpoints.NAME))
            return status.st_ino, status.st_mtime_ns
        return 0, 0

    def _half_written(self, checkpoint: checkpoints.Checkpoint, file: Any) -> None:
        whole = io.BytesIO()
        _WRITE(checkpoint, whole)  # type: ignore[arg-type]  # writes to anything
        file.write(whole.getvalue()[: self._rng.randrange(whole.tell())])
        file.flush()
        raise Killed

    @contextlib.contextmanager
    def _dying(self, room: Any, name: str, after: int) -> Iterator[None]:
        """The call of this name after so many kills the process, before or after it is done."""
        real = getattr(room, name)
        left = [after]
        done_first = self._rng.random() < 0.5

        def dying(*args: Any, **how: Any) -> Any:
            left[0] -= 1
            if left[0] == -1:
                if done_first and name in {"replace", "fsync"}:
                    real(*args, **how)
                raise Killed
            return real(*args, **how)

        with mock.patch.object(room, name, dying):
            yield

    def _refused(self, code: int) -> str | None:
        """A checkpoint cannot be written: the one before it stays, and following goes on."""
        name = "open" if code == errno.EROFS else self._rng.choice(("fsync", "write"))
        if not self._may_save():
            return "not now"
        real = checkpoints.os.open if name == "open" else checkpoints.os.fsync

        def refusing(*args: Any, **how: Any) -> Any:
            if name == "open" and "draft" not in str(args[0]):
                return real(*args, **how)
            raise OSError(code, os.strerror(code))

        def short(checkpoint: checkpoints.Checkpoint, file: Any) -> None:
            file.write(b"PK")
            refusing()

        room, what = (checkpoints, "_write") if name == "write" else (checkpoints.os, name)
        with mock.patch.object(room, what, short if name == "write" else refusing):
            try:
                self._save()
            except OSError:
                pass
            else:
                raise AssertionError("the fault did not show")
        self._write()
        self._look()
        if self._rng.random() < 0.3:
            self._restart()
        return None

    def _restart(self) -> None:
        """Another process goes on, perhaps later."""
        self._follower.release()
        self._keeper.close()
        self._model.holds = None
        before = sum(len(one.data) for one in self._model.begun)
        self._model = self._saved.copy() if self._saved else Followed()
        self._unread = False
        for _ in range(self._rng.choice((0, 0, 1, 3))):
            fault = self._rng.choice(("rotation", "rotations", "compression", "away", "copied"))
            self.story.append(f"({fault})")
            match fault:
                case "rotation":
                    self._rotation()
                case "rotations":
                    self._rotations()
                case "compression":
                    self._compression()
                case "away" if self._disk.is_there:
                    self._disk.truncate(0)
                    self._write()
                case "copied" if self._disk.is_there and self._disk.names[0].data:
                    self._disk.copytruncate()
                    self._write()
        if self._saved is None and not self._disk.is_there:
            self._disk.create()
            self._write()
        if self._saved is None:
            self._model.start(self._disk)
        self._keeper = checkpoints.Folder(self._state)
        self._follower = self._made(checkpoints.load(self._state))
        self._look()
        after = sum(len(one.data) for one in self._model.begun)
        self._report.lost += max(0, before - after)

    def _log_clock(self) -> None:
        self._turns.jump(self._rng.choice((3600, -3600, 40, -40)))
        self._write()
        self._look()

    def _machine_clock(self) -> None:
        self._now += self._rng.choice((3600, -3600, 86400, -1))
        self._look()
        self._follower.snapshot()

    # --- what the writer and the follower do -------------------------------------------------

    def _recover(self) -> None:
        self._look()

    def _more(self, least: int) -> bytes:
        lines = [self._turns.line() for _ in range(self._rng.randrange(least, least + 12))]
        return self._unwritten + b"".join(lines)

    def _write(self) -> None:
        """Whole lines, and what was left of the one before, if the writer has a file."""
        if self._disk.writing:
            data, self._unwritten = self._more(3), b""
            self._put(data)

    def _put(self, data: bytes) -> None:
        assert not self._disk.writing or self._disk.writing.data or len(data) >= UNIQUE
        self._disk.write(data)
        self._written += len(data)

    def _lose(self, size: int) -> None:
        self._report.lost += max(0, size)

    def _step(self) -> None:
        self._now += 0.5
        self._follower.step()
        while self._follower.behind:
            self._follower.step()

    def _look(self) -> None:
        """The follower reads what it can, and so does the model."""
        for _ in range(2):
            self._now += 0.5
            self._follower.step()
            for _ in range(200):
                if not self._follower.behind:
                    break
                self._follower.step()
        if self._trouble != "pread":
            self._model.look(self._disk, may_open=self._trouble != "open")
        self._unread = False

    def _may_save(self) -> bool:
        return self._model.position >= UNIQUE

    def _save(self) -> None:
        """Store what is known, and what the model knows at this moment."""
        if not self._may_save():
            return
        checkpoint = self._follower.checkpoint()
        assert checkpoint is not None
        self._saving = self._model.copy()
        self._keeper.save(checkpoint)
        self._saved = self._saving

    def _made(self, checkpoint: checkpoints.Checkpoint | None) -> Follower:
        options = RunOptions(
            max_findings=self._most,
            tuning=Tuning(block=self._block, workers=1, leave_out_from=0),
            clock=lambda: self._now,
        )
        source = Source((self._disk.base,))
        return Follower([source], self._rules, KINDS, options, checkpoint=checkpoint)

    # --- what must come of it ----------------------------------------------------------------

    def divergence(self) -> str:
        """What the follower says and batch does not, of the bytes that could be read."""
        assert self._verdict is not None
        files = [one.data for one in self._model.begun if one.data]
        there = [one.data for one in self._disk.names.values()]
        self._report.left_behind += sum(len(data) for data in there if data not in files)
        found = self._verdict
        inputs = [one for one in found.inputs if one.bytes]
        got, wanted = [one.bytes for one in inputs], list(map(len, files))
        if got != wanted:
            return f"read {got} bytes, not {wanted}"
        folder = Path(self._folder, "files")
        folder.mkdir()
        paths = [str(folder / f"{number:04d}") for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            Path(path).write_bytes(data)
        options = RunOptions(max_findings=self._most, tuning=Tuning(workers=1))
        expected = batch.run([Source(tuple(paths))], self._rules, KINDS, options)
        self._report.lines += expected.totals.lines
        self._report.violations += sum(one.violations for one in expected.outcomes)
        if [one.lines for one in inputs] != [one.lines for one in expected.inputs]:
            return "other numbers of lines"
        if found.totals != expected.totals:
            return f"totals {found.totals}, not {expected.totals}"
        called: dict[str, set[int]] = {}
        for number, one in enumerate(inputs):
            called.setdefault(one.path, set()).add(number)
        numbers = {path: number for number, path in enumerate(paths)}
        for got_one, wanted_one in zip(found.outcomes, expected.outcomes, strict=True):
            said = _other(got_one, wanted_one, called, numbers)
            if said:
                return f"{wanted_one.rule.id}: {said}"
        return ""


_WRITE = checkpoints._write  # noqa: SLF001 - to be killed in the middle of it


def _other(
    got: Outcome, wanted: Outcome, called: dict[str, set[int]], numbers: dict[str, int]
) -> str:
    """In what two outcomes differ; the name of a file may be that of several."""
    names = ["subjects", "violations", "classes", "unattributed", "weak", "measure"]
    names += ["findings_omitted", "never_seen", "counted", "open", "evicted"]
    if not got.late_arrivals:
        names += ["outcome", "reason"]
    elif got.outcome != ("fail" if wanted.violations else "inconclusive"):
        return f"{got.outcome} with late arrivals"
    for name in names:
        one, other = getattr(got, name), getattr(wanted, name)
        if one != other:
            return f"{name} {one!r}, not {other!r}"
    if len(got.findings) != len(wanted.findings):
        return f"{len(got.findings)} findings, not {len(wanted.findings)}"
    for one, other in zip(got.findings, wanted.findings, strict=True):
        if not _same(one, other, called, numbers):
            return f"finding {one}, not {other}"
    return ""


def _same(
    one: Finding, other: Finding, called: dict[str, set[int]], numbers: dict[str, int]
) -> bool:
    words = (one.class_, one.key, one.message, len(one.evidence))
    if words != (other.class_, other.key, other.message, len(other.evidence)):
        return False
    return all(
        (a.line, a.text) == (b.line, b.text) and numbers[b.path] in called[a.path]
        for a, b in zip(one.evidence, other.evidence, strict=True)
    )
