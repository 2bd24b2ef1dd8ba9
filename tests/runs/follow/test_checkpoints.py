"""A checkpoint is whole or not there, whoever is killed, and whatever becomes of its file."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tracecheck.errors import SourceError, UsageError
from tracecheck.runs.follow import checkpoints
from tracecheck.runs.follow.checkpoints import NAME, Checkpoint, Folder, load

OLD = Checkpoint({"n": 1, "text": "客"}, {"partition.0.rows": pl.DataFrame({"a": [1, 2]})})
NEW = Checkpoint(
    {"n": 2, "of": [1, None, {"x": -(1 << 62)}]},
    {
        "partition.0.rows": pl.DataFrame({"a": range(500)}),
        "empty": pl.DataFrame({"b": ["x"]}).clear(),
    },
)


def same(found: Checkpoint | None, wanted: Checkpoint) -> bool:
    return (
        found is not None
        and found.document == wanted.document
        and found.tables.keys() == wanted.tables.keys()
        and all(found.tables[name].equals(table) for name, table in wanted.tables.items())
    )


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Folder]:
    """A folder that holds the old checkpoint."""
    with closing(Folder(str(tmp_path / "state"))) as folder:
        folder.save(OLD)
        yield folder


# --- saving and loading ---------------------------------------------------------------------


def test_what_was_saved_last_is_loaded_from_the_folder_and_from_its_file(held: Folder) -> None:
    assert same(load(held.path), OLD)
    held.save(NEW)
    assert same(load(held.path), NEW)
    assert same(load(os.path.join(held.path, NAME)), NEW)
    types = {name: table.schema for name, table in NEW.tables.items()}
    found = load(held.path)
    assert found is not None
    assert {name: table.schema for name, table in found.tables.items()} == types


def test_a_folder_without_a_checkpoint_has_none(tmp_path: Path) -> None:
    with closing(Folder(str(tmp_path / "a" / "b"))) as folder:
        assert load(folder.path) is None
    assert load(str(tmp_path)) is None


def test_nothing_but_the_checkpoint_and_the_lock_is_left_in_the_folder(held: Folder) -> None:
    held.save(NEW)
    assert sorted(os.listdir(held.path)) == [NAME, "lock"]


# --- whoever is killed ----------------------------------------------------------------------


class Killed(BaseException):
    """Nobody is prepared for it."""


class Reaper:
    """Kills at the n-th step of a writing, before it is done or after; the dead do nothing."""

    def __init__(self, at: int, *, done: bool) -> None:
        self.at = at
        self.done = done
        self.dead = False
        self.steps: list[str] = []

    def step(self, name: str, do: Any, *args: Any, **more: Any) -> Any:
        if self.dead:
            raise Killed
        self.steps.append(name)
        self.dead = len(self.steps) == self.at
        if self.dead and not self.done:
            raise Killed
        made = do(*args, **more)
        if self.dead:
            raise Killed
        return made


class Watched(io.RawIOBase):
    """A file of which each write is a step. It is not flushed by who closes it, as in a kill."""

    def __init__(self, reaper: Reaper, descriptor: int) -> None:
        self.reaper = reaper
        self.descriptor = descriptor

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written: int = self.reaper.step("write", os.write, self.descriptor, bytes(data))
        return written

    def seek(self, offset: int, whence: int = 0) -> int:
        return os.lseek(self.descriptor, offset, whence)

    def tell(self) -> int:
        return os.lseek(self.descriptor, 0, os.SEEK_CUR)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        if not self.closed:
            os.close(self.descriptor)
        super().close()


@contextmanager
def reaped(reaper: Reaper, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each call of the system by the writer of checkpoints is a step."""

    class System:
        def __getattr__(self, name: str) -> Any:
            value = getattr(os, name)
            if name in {"open", "fsync", "replace", "unlink", "close"}:
                return lambda *args, **more: reaper.step(name, value, *args, **more)
            return value

    def opened(descriptor: int, _mode: str) -> Watched:
        file: Watched = reaper.step("file", Watched, reaper, descriptor)
        return file

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "os", System())
        patch.setattr(checkpoints, "open", opened, raising=False)
        yield


@pytest.mark.parametrize("done", [False, True])
def test_whoever_is_killed_at_any_step_leaves_the_old_one_or_the_new_one_whole(
    held: Folder, monkeypatch: pytest.MonkeyPatch, *, done: bool
) -> None:
    found: list[str] = []
    for step in range(1, 1_000):
        held.save(OLD)
        reaper = Reaper(step, done=done)
        # What is raised inside the engine comes out as an OSError.
        with reaped(reaper, monkeypatch), suppress(Killed, OSError):
            held.save(NEW)
        if not reaper.dead:
            break
        stored = load(held.path)
        found.append("old" if same(stored, OLD) else "new" if same(stored, NEW) else "broken")
    assert {"open", "write", "fsync", "replace"} <= set(reaper.steps)
    assert len(found) == len(reaper.steps)
    assert set(found) == {"old", "new"}
    assert found == sorted(found, key="old new".index)
    assert same(load(held.path), NEW)


def test_what_is_named_was_brought_to_the_disk_before(
    held: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reaper = Reaper(0, done=False)
    with reaped(reaper, monkeypatch):
        held.save(NEW)
    name = reaper.steps.index("replace")
    last = max(at for at, step in enumerate(reaper.steps) if step == "write")
    assert last < reaper.steps.index("fsync") < name
    assert "fsync" in reaper.steps[name:]  # the name, too


def test_a_draft_that_somebody_left_is_no_hindrance(held: Folder) -> None:
    draft = Path(held.path, ".tracecheck-draft-1234")
    draft.write_bytes(b"x" * 100_000)
    assert same(load(held.path), OLD)
    held.save(NEW)
    assert same(load(held.path), NEW)


def test_a_draft_of_a_run_that_was_killed_is_cleared_away(tmp_path: Path) -> None:
    draft = tmp_path / ".tracecheck-draft-1234"
    draft.write_bytes(b"x" * 100_000)
    Folder(str(tmp_path)).close()
    assert not draft.exists()


def test_what_else_stands_in_the_folder_is_left_alone(held: Folder, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    Path(held.path, "checkpoint.tmp").symlink_to(precious)
    held.save(NEW)
    assert precious.read_text() == "precious"


def test_a_pipe_in_the_place_of_a_checkpoint_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "checkpoint")
    with pytest.raises(SourceError, match="is no file"):
        load(str(tmp_path))


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_what_cannot_be_written_is_an_error_that_leaves_the_old_one_and_no_draft(
    held: Folder, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    class Full(Reaper):
        def step(self, name: str, do: Any, *args: Any, **more: Any) -> Any:
            if name == step:
                raise OSError(number, os.strerror(number))
            return do(*args, **more)

    with reaped(Full(0, done=False), monkeypatch), pytest.raises(OSError, match=r".") as raised:
        held.save(NEW)
    assert raised.value.errno == number
    assert same(load(held.path), OLD)
    assert sorted(os.listdir(held.path)) == [NAME, "lock"]
    held.save(NEW)
    assert same(load(held.path), NEW)


# --- whose folder it is ---------------------------------------------------------------------


def test_a_folder_that_another_run_holds_is_refused_until_that_ends(tmp_path: Path) -> None:
    path = str(tmp_path / "state")
    first = Folder(path)
    with pytest.raises(UsageError, match="another run keeps its state there"):
        Folder(path)
    first.close()
    Folder(path).close()


def test_a_run_that_was_killed_holds_no_folder(tmp_path: Path) -> None:
    path = str(tmp_path / "state")
    code = (
        "import os, signal, sys\n"
        "from tracecheck.runs.follow.checkpoints import Folder\n"
        "folder = Folder(sys.argv[1])\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, path], check=False, timeout=60)
    assert os.listdir(path) == ["lock"]
    Folder(path).close()


def test_a_folder_that_cannot_be_is_a_usage_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot hold the state: .*; name a folder"):
        Folder(str(tmp_path / "file"))
    with pytest.raises(UsageError, match="cannot hold the state: Not a directory"):
        Folder(str(tmp_path / "file" / "state"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(UsageError, match="Permission denied"):
        Folder(str(tmp_path))


# --- who may read it ------------------------------------------------------------------------


def mode(*path: str) -> int:
    return stat.S_IMODE(Path(*path).stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_owner_may_read_what_is_stored_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    drafts: list[int] = []

    def replaced(draft: str, name: str) -> None:
        drafts.append(mode(draft))
        os.rename(draft, name)

    monkeypatch.setattr(checkpoints.os, "replace", replaced)
    before = os.umask(umask)
    try:
        with closing(Folder(str(tmp_path / "made" / "state"))) as folder:
            folder.save(OLD)
            modes = [mode(folder.path, name) for name in (NAME, "lock")]
    finally:
        os.umask(before)
    assert [*modes, *drafts] == [0o600] * 3
    assert mode(folder.path) == 0o700


def test_a_folder_that_was_there_keeps_its_mode_and_the_file_in_it_is_its_owners(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / NAME).write_text("of a run long ago")
    (tmp_path / NAME).chmod(0o644)
    with closing(Folder(str(tmp_path))) as folder:
        folder.save(OLD)
    assert mode(str(tmp_path)) == 0o755
    assert mode(str(tmp_path), NAME) == 0o600


# --- what became of it ----------------------------------------------------------------------


def damaged(path: str, data: bytes) -> bool:
    """Whether a file with these bytes is refused, in one line that names it."""
    Path(path).write_bytes(data)
    try:
        load(path)
    except SourceError as error:
        assert str(error).startswith(f"{path}: ")
        assert "\n" not in str(error)
        assert Path(path).read_bytes() == data
        return True
    return False


def test_a_checkpoint_that_was_cut_anywhere_is_refused(held: Folder) -> None:
    data = Path(held.path, NAME).read_bytes()
    path = os.path.join(held.path, NAME)
    assert all(damaged(path, data[:size]) for size in range(0, len(data), 7))


def test_a_checkpoint_with_any_one_byte_changed_is_refused_or_means_the_same(held: Folder) -> None:
    path = os.path.join(held.path, NAME)
    data = bytearray(Path(path).read_bytes())
    refused = 0
    for at in range(0, len(data), 3):
        for flip in (0x01, 0xFF):
            data[at] ^= flip
            if damaged(path, bytes(data)):
                refused += 1
            else:
                assert same(load(path), OLD)
            data[at] ^= flip
    assert refused > len(data) // 3


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as stored:
        for name, data in members.items():
            stored.writestr(name.replace("__", "."), data)
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a log\n",
        zipped(),
        zipped(other__json=b"{}"),
        zipped(state__json=b"{"),
        zipped(state__json=b"\xff"),
        zipped(state__json=b"[]"),
        zipped(state__json=b"null"),
        zipped(state__json=b"{}"),
        zipped(state__json=b'{"document": [], "tables": []}'),
        zipped(state__json=b'{"document": {}, "tables": ["rows"]}'),
        zipped(state__json=b'{"document": {}, "tables": []}', rows__arrow=b""),
        zipped(state__json=b'{"document": {}, "tables": ["rows"]}', rows__arrow=b"ARROW1 no"),
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, data: bytes) -> None:
    assert damaged(str(tmp_path / NAME), data)


def test_a_checkpoint_that_cannot_be_read_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="gone: cannot be read: No such file"):
        load(str(tmp_path / "gone"))
    (tmp_path / NAME).mkdir()
    with pytest.raises(SourceError, match="checkpoint: is no file"):
        load(str(tmp_path))


def test_documents_are_plain_json(held: Folder) -> None:
    with zipfile.ZipFile(os.path.join(held.path, NAME)) as stored:
        told = json.loads(stored.read("state.json"))
        assert told == {"document": OLD.document, "tables": list(OLD.tables)}
        assert stored.testzip() is None
