"""Where a finished report goes: a file, whole or not at all, or standard output.

A report is complete before its first byte is written. So a file either keeps what it held
or holds the new report, whatever goes wrong in between.
"""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from ..errors import UsageError
from .terminal.streams import stdin_status

_REASONS = {
    errno.ENOENT: "its directory does not exist; make it first",
    errno.ENOTDIR: "its directory is a file",
    errno.EISDIR: "it is a directory; name a file in it",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "its links lead in a circle",
    errno.EBADF: "it is closed",
}


def write_whole(path: str | Path, text: str) -> None:
    """Write the text to the file whole, or leave what was there and say why not.

    The text goes to a new file beside the target, which then takes its name at once. A file
    that exists keeps its mode; a link stays a link, and what it leads to is replaced. What is
    not a regular file (a pipe, a terminal, /dev/stdout wherever it leads) is written directly.
    """
    name = os.fspath(path)
    data = text.encode("utf-8", "backslashreplace")
    with _refusals(name or "the output: no file is named"):
        before = _target_status(name)
        own = _own_stream(before)
        if own is not None:
            _write_to(os.dup(own), data)
        elif before is not None and not stat.S_ISREG(before.st_mode):
            _write_to(os.open(name, os.O_WRONLY), data)
        else:
            _replace(os.path.realpath(name), before, data)


def write_stdout(text: str) -> bool:
    """Write the text to standard output, whatever its encoding: what it lacks is escaped.

    A reader that has gone away (`| head`) is no error: it has read all that it wanted. Return
    whether somebody still reads. Raises UsageError.
    """
    stream = sys.stdout
    with _refusals("to standard output"):
        if stream is None:  # started with a closed standard output
            raise OSError(errno.EBADF, "closed")
        encoding = stream.encoding or "utf-8"
        data = text.encode(encoding, "backslashreplace")
        try:
            _put(stream, data, encoding)
        except OSError as error:
            _abandon(stream)
            if not isinstance(error, BrokenPipeError):
                raise
            return False
    return True


def _put(stream: TextIO, data: bytes, encoding: str) -> None:
    buffer = getattr(stream, "buffer", None)
    if buffer is None:  # a stand-in for a terminal that takes text only
        stream.write(data.decode(encoding))
    else:
        stream.flush()  # what was printed before stays before
        buffer.write(data)
    stream.flush()


def _abandon(stream: TextIO) -> None:
    # The interpreter flushes once more at exit and would complain about what could not be
    # written; it has been reported, or nobody wants it.
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def _refusals(what: str) -> Iterator[None]:
    """Turn what the system refuses into one line for a person."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
        raise UsageError(f"cannot write {what}: {reason}") from error
    except ValueError as error:  # a NUL in a name, a closed stream
        raise UsageError(f"cannot write {what}: {error}") from error


def _target_status(name: str) -> os.stat_result | None:
    """The status of a file to be written; None if nothing stands there. Raises OSError."""
    try:
        status = os.stat(name)
    except FileNotFoundError:
        status = None
    if name.endswith(os.sep) or (status is not None and stat.S_ISDIR(status.st_mode)):
        raise IsADirectoryError(errno.EISDIR, "is a directory")
    return status


def _own_stream(status: os.stat_result | None) -> int | None:
    """Say which stream of this process the file is, if any.

    `--output /dev/stdout >> all.log` must append to all.log and never replace it.
    """
    if status is None:
        return None
    for descriptor, stream in ((1, sys.stdout), (2, sys.stderr)):
        with contextlib.suppress(OSError, ValueError):
            if os.path.samestat(status, os.fstat(descriptor)):
                if stream is not None:
                    stream.flush()
                return descriptor
    return None


def _write_to(descriptor: int, data: bytes) -> None:
    # A pipe whose reader has gone away is no error, as on standard output.
    with contextlib.suppress(BrokenPipeError), open(descriptor, "wb"):
        _write_all(descriptor, data)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _replace(target: str, before: os.stat_result | None, data: bytes) -> None:
    if before is not None and not os.access(target, os.W_OK):
        # Its directory would let us replace it all the same; its owner said not to.
        raise PermissionError(errno.EACCES, "not writable")
    draft = os.path.join(os.path.dirname(target), f".tracecheck-{os.urandom(8).hex()}.tmp")
    # Opened like any new file, so that the umask (and a default ACL) decides on its mode.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(descriptor, "wb"):
            _keep_owner_and_mode(descriptor, before)
            _write_all(descriptor, data)
            os.fsync(descriptor)
        os.replace(draft, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise


def _keep_owner_and_mode(descriptor: int, before: os.stat_result | None) -> None:
    if before is None:
        return
    with contextlib.suppress(OSError):  # only root may give files away
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def ensure_output(target: str, logs: Sequence[str], rule_files: Sequence[str]) -> None:
    """Refuse what `write_whole` would refuse after a long run, or what would destroy an input.

    Raises UsageError.
    """
    with _refusals(target or "the output: no file is named"):
        status = _target_status(target)
        folder = os.path.dirname(os.path.realpath(target))
        if status is None and not stat.S_ISDIR(os.stat(folder).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "is not a directory")
        if not os.access(folder if status is None else target, os.W_OK):
            raise PermissionError(errno.EACCES, "not writable")
    if status is None or not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        return
    for paths, what in ((logs, "a log"), (rule_files, "a rule file")):
        for read in map(status_of, paths):
            if read is not None and os.path.samestat(read, status):
                raise UsageError(f"--output {target} is {what} of this run; name another file")


def ensure_apart(target: str, files: Sequence[str]) -> None:
    """Refuse to write over what a run follows: its files, those they are rotated to, its state.

    Raises UsageError.
    """
    from ..reading.sources.discovery import STDIN
    from ..reading.sources.rotation import same_set

    place = os.path.realpath(target)
    for path in files:
        real = os.path.realpath(path)
        if path != STDIN and (real == place or same_set(real, place)):
            raise UsageError(f"--output {target} belongs to {path} of this run; name another file")


def deliver(report: str, target: str | None) -> None:
    """Write the report to a file, or to standard output if there is none. Raises UsageError."""
    if target is None:
        write_stdout(report)
    else:
        write_whole(target, report)


def status_of(path: str) -> os.stat_result | None:
    """The status of a log, standard input among them; None if nothing stands there."""
    from ..reading.sources.discovery import STDIN

    if path == STDIN:
        return stdin_status()
    with contextlib.suppress(OSError):
        return os.stat(path)
    return None
