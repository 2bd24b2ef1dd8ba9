"""A report reaches its file whole or not at all, and standard output whatever that is."""

from __future__ import annotations

import errno
import io
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tracecheck.cli.output import write_stdout, write_whole
from tracecheck.errors import UsageError

OLD, NEW = "what was there\n", "the new report: 客 \ud800\n"
BYTES = "the new report: 客 \\ud800\n".encode()


def _python(code: str, shell: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run code that has the writers at hand in a process of its own; `shell` follows it."""
    code = f"from tracecheck.cli.output import write_stdout, write_whole\n{code}"
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$0" -c "$1" {shell}', sys.executable, code],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )


# --- a file ---------------------------------------------------------------------------------


def test_a_new_file_gets_the_text_in_utf_8_and_the_mode_of_the_umask(tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    before = os.umask(0o027)
    try:
        write_whole(target, NEW)
    finally:
        os.umask(before)
    assert target.read_bytes() == BYTES
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["report.txt"]


def test_an_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "report.txt"
    target.write_text(OLD)
    target.chmod(0o604)
    write_whole(str(target), NEW)
    assert target.read_bytes() == BYTES
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "report.txt", tmp_path / "link.txt"
    link.symlink_to("real/report.txt")
    write_whole(link, NEW)  # a link to nothing yet makes its target
    write_whole(link, NEW)
    assert link.is_symlink()
    assert target.read_bytes() == BYTES
    assert os.listdir(tmp_path / "real") == ["report.txt"]


def test_a_name_in_the_working_directory_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_whole("report.txt", NEW)
    assert (tmp_path / "report.txt").read_bytes() == BYTES


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["fsync", "replace", "write"])
def test_whatever_goes_wrong_the_old_file_stays_and_no_draft_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, step: str
) -> None:
    target = tmp_path / "report.txt"
    target.write_text(OLD)

    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(os, step, fail)
    with pytest.raises((UsageError, KeyboardInterrupt)) as caught:
        write_whole(target, NEW)
    monkeypatch.undo()
    if isinstance(caught.value, UsageError):
        assert str(caught.value) == f"cannot write {target}: the disk is full"
    assert target.read_text() == OLD
    assert os.listdir(tmp_path) == ["report.txt"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/report.txt", "its directory does not exist; make it first"),
        ("file/report.txt", "its directory is a file"),
        ("directory", "it is a directory; name a file in it"),
        ("directory/", "it is a directory; name a file in it"),
        ("new/", "it is a directory; name a file in it"),
        ("circle", "its links lead in a circle"),
        ("n" * 300, "the name is too long"),
    ],
)
def test_a_target_that_cannot_be_is_refused_in_one_clear_line(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    (tmp_path / "circle").symlink_to("circle")
    target = f"{tmp_path}/{name}"
    with pytest.raises(UsageError) as caught:
        write_whole(target, NEW)
    assert str(caught.value) == f"cannot write {target}: {reason}"


@pytest.mark.parametrize(("name", "reason"), [("", "no file is named"), ("a\0b", "null byte")])
def test_what_is_no_name_is_refused(name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        write_whole(name, NEW)


def test_a_file_that_may_not_be_written_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.txt"
    target.write_text(OLD)
    target.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
    with pytest.raises(UsageError, match="permission denied"):
        write_whole(target, NEW)
    assert target.read_text() == OLD


def test_a_named_pipe_is_written_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, NEW)
    reader.join(timeout=30)
    assert read == [BYTES]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_full_device_is_an_error() -> None:
    with pytest.raises(UsageError, match="the disk is full"):
        write_whole("/dev/full", NEW)


@pytest.mark.parametrize("shell", ["| cat", ""])
def test_dev_stdout_is_standard_output(shell: str) -> None:
    done = _python("print('first'); write_whole('/dev/stdout', 'report\\n'); print('last')", shell)
    assert (done.returncode, done.stdout) == (0, b"first\nreport\nlast\n")


def test_dev_stdout_appended_to_a_file_does_not_replace_it(tmp_path: Path) -> None:
    log = tmp_path / "all.log"
    log.write_text(OLD)
    done = _python("write_whole('/dev/stdout', 'report\\n')", f">> '{log}'")
    assert (done.returncode, done.stderr) == (0, b"")
    assert log.read_text() == OLD + "report\n"


# --- standard output ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "客 é \\ud800".encode()),
        ("latin-1", b"\\u5ba2 \xe9 \\ud800"),
        ("ascii", b"\\u5ba2 \\xe9 \\ud800"),
    ],
)
def test_what_the_encoding_lacks_is_escaped(encoding: str, expected: bytes) -> None:
    done = _python(r"write_stdout('客 é \ud800')", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, b"")


def test_a_reader_that_has_gone_away_is_no_error() -> None:
    done = _python("write_stdout('line\\n' * 1_000_000)", "| head -n 1")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"line\n", b"")


def test_a_reader_of_dev_stdout_that_has_gone_away_is_no_error_either() -> None:
    done = _python("write_whole('/dev/stdout', 'line\\n' * 1_000_000)", "| head -n 1")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"line\n", b"")


@pytest.mark.parametrize(("shell", "reason"), [("> /dev/full", "the disk is full"),
                                               (">&-", "it is closed")])  # fmt: skip
def test_an_output_that_takes_nothing_is_an_error_and_leaves_no_noise(
    shell: str, reason: str
) -> None:
    code = "try: write_stdout('report')\nexcept Exception as e: sys.exit(str(e))"
    done = _python(f"import sys\n{code}", shell)
    said = f"cannot write to standard output: {reason}\n"
    assert (done.returncode, done.stderr.decode()) == (1, said)


def test_a_stand_in_that_takes_text_only_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    write_stdout("report é\n")
    assert stream.getvalue() == "report é\n"


def test_what_was_printed_before_stays_before(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print("first")
    write_stdout("report\n")
    assert capfdbinary.readouterr().out == b"first\nreport\n"
