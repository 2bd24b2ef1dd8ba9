"""Opening: the format is told by content, and what is no log is refused in one line."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracecheck.errors import SourceError
from tracecheck.reading.sources import opening
from tracecheck.reading.sources.decompression import InflateLimit, zstd
from tracecheck.reading.sources.opening import SAMPLE, Access, open_file
from tracecheck.reading.sources.sniffing import FORMATS

from ..compressed import COMPRESS as BY_CODEC
from ..compressed import LINES

COMPRESS = {FORMATS[codec].suffix: compress for codec, compress in BY_CODEC.items()}


def contents(path: Path | str, **how: Any) -> bytes:
    with open_file(str(path), Access(**how)) as opened:
        return b"".join(iter(lambda: opened.read(10_000), b""))


def complaint(path: Path | str, **how: Any) -> str:
    with pytest.raises(SourceError) as caught:
        contents(path, **how)
    text = str(caught.value)
    assert text.startswith("standard input: " if path == "-" else f"{path}: ")
    assert "\n" not in text
    return text


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# What is read


@pytest.mark.parametrize("suffix", ["", *COMPRESS])
@pytest.mark.parametrize("named", [True, False])
def test_the_codec_is_told_by_content_with_or_without_its_suffix(
    tmp_path: Path, suffix: str, named: bool
) -> None:
    data = COMPRESS.get(suffix, bytes)(LINES)
    path = written(tmp_path / f"app.log{suffix if named else ''}", data)
    assert contents(path) == LINES
    assert contents("-", stdin=io.BytesIO(data)) == LINES


def test_a_read_gives_all_it_is_asked_for_until_the_end(tmp_path: Path) -> None:
    path = written(tmp_path / "app.log", LINES)
    with open_file(str(path)) as opened:
        assert opened.read(100_000) == LINES[:100_000]
        buffer = bytearray(len(LINES))
        assert opened.readinto(buffer) == len(LINES) - 100_000
        assert buffer[: len(LINES) - 100_000] == LINES[100_000:]
        assert opened.read(1) == b""
        assert opened.readinto(buffer) == 0
        assert opened.read(0) == b""


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_the_position_is_that_in_the_stored_file(tmp_path: Path, suffix: str) -> None:
    data = COMPRESS.get(suffix, bytes)(LINES)
    with open_file(str(written(tmp_path / f"app.log{suffix}", data))) as opened:
        assert 0 < opened.raw_position <= SAMPLE
        opened.read(len(LINES) + 1)
        assert opened.raw_position == len(data)


@pytest.mark.parametrize("data", [b"", b"x", b"no line end", b"\n", b"\xef\xbb\xbfmark\n"])
def test_a_file_of_any_small_content_is_read_as_it_is(tmp_path: Path, data: bytes) -> None:
    assert contents(written(tmp_path / "app.log", data)) == data


def test_what_is_appended_after_opening_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path / "app.log", LINES)
    with open_file(str(path)) as opened, path.open("ab") as writer:
        writer.write(b"later\n")
        writer.flush()
        assert opened.read(2 * len(LINES)) == LINES


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs a /proc")
def test_a_file_that_claims_to_be_empty_is_read_to_the_end() -> None:
    assert b"Name:" in contents("/proc/self/status")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_fifo_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(LINES),))
    writer.start()
    with open_file(str(path)) as opened:
        assert opened.read(len(LINES) + 1) == LINES
    writer.join()


def test_standard_input_from_a_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    path = written(tmp_path / "app.log", LINES)
    with path.open("rb") as file:
        file.seek(1000)
        with open_file("-", Access(file)) as opened:
            assert opened.read(len(LINES)) == LINES[1000:]
        assert not file.closed


def test_a_pipe_made_non_blocking_is_waited_for() -> None:
    handle, writing = os.pipe()
    os.set_blocking(handle, False)

    class Late(io.FileIO):
        """Lets the writer write only once a read has found nothing."""

        def readinto(self, buffer: Any) -> int | None:
            count = super().readinto(buffer)
            if count is None:
                os.write(writing, b"late\n")
                os.close(writing)
            return count

    with Late(handle, "rb") as file:
        assert contents("-", stdin=file) == b"late\n"


# What cannot be opened or read


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    written(tmp_path / "app.log", b"")
    assert f"did you mean {tmp_path / 'app.log'}?" in complaint(tmp_path / "ap.log")


def test_a_directory_is_told(tmp_path: Path) -> None:
    assert "a directory, not a file" in complaint(tmp_path)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full"])
def test_a_device_without_end_is_told(device: str) -> None:
    if not os.path.exists(device):
        pytest.skip(f"this system has no {device}")
    assert complaint(device) == f"{device}: a device, not a log; give a file or a pipe"


def test_the_null_device_is_an_empty_log() -> None:
    assert contents(os.devnull) == b""


def test_a_terminal_is_read_to_its_end() -> None:
    leader, follower = os.openpty()
    with open(leader, "wb", buffering=0) as keyboard:
        keyboard.write(b"AA|x=1\n\x04")
        assert contents(os.ttyname(follower)) == b"AA|x=1\n"
    os.close(follower)


def test_an_unreadable_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening, "open", refuse, raising=False)
    assert "permission denied" in complaint(tmp_path / "app.log")


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert "it is closed" in complaint("-")


def test_a_path_with_a_nul_is_told() -> None:
    assert "embedded null byte" in complaint("app\0.log")


def test_a_file_that_is_truncated_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "app.log", LINES)
    with open_file(str(path)) as opened:
        os.truncate(path, 100_000)
        with pytest.raises(SourceError) as caught:
            opened.read(len(LINES))
    expected = f"shrank while it was read: 100000 of {len(LINES)} bytes; rotated by copytruncate?"
    assert expected in str(caught.value)


def test_a_compressed_file_that_is_truncated_is_told_as_such_not_as_broken(tmp_path: Path) -> None:
    data = gzip.compress(os.urandom(100_000).hex().encode())
    path = written(tmp_path / "app.log.gz", data)
    with open_file(str(path)) as opened:
        os.truncate(path, 80_000)
        with pytest.raises(SourceError, match="shrank while it was read: 80000 of"):
            opened.read(300_000)


class Failing(io.RawIOBase):
    """A file whose disk fails after the first bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.data:
            raise OSError(5, "Input/output error")
        count = min(len(buffer), len(self.data))
        buffer[:count], self.data = self.data[:count], self.data[count:]
        return count


@pytest.mark.parametrize("compress", [bytes, bz2.compress, zstd.compress])
def test_a_failing_disk_is_told_with_the_place(compress: Callable[[bytes], bytes]) -> None:
    data = compress(os.urandom(200_000).hex().encode())[:100_000]
    text = complaint("-", stdin=Failing(data))
    assert "cannot be read after 100000 bytes: Input/output error" in text


def test_a_file_is_closed_when_opening_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "picture.log", b"\x89PNG\r\n\x1a\n")
    files = []

    def spy(*arguments: Any, **named: Any) -> Any:
        files.append(open(*arguments, **named))  # noqa: SIM115 - the code under test must close it
        return files[-1]

    monkeypatch.setattr(opening, "open", spy, raising=False)
    assert "PNG" in complaint(path)
    assert [file.closed for file in files] == [True]


# Compression that is not what it says


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_name_that_promises_compression_is_held_to_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"app.log{suffix}"
    assert "is empty" in complaint(written(path, b""))
    assert "holds something else; rename it" in complaint(written(path, LINES))


def test_a_name_that_promises_another_compression_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "app.log.gz", COMPRESS[".zst"](LINES))
    assert "is named as gzip data but holds zstd data" in complaint(path)


def test_data_compressed_twice_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "app.log.gz", gzip.compress(bz2.compress(LINES)))
    assert "bzip2 data inside its gzip compression" in complaint(path)


def test_a_broken_compressed_file_is_told_by_its_path(tmp_path: Path) -> None:
    path = written(tmp_path / "app.log.gz", gzip.compress(LINES)[:-100])
    text = complaint(path)
    assert "gzip data is cut short after " in text
    assert "gzip -t" in text


def test_a_bomb_is_refused_unless_the_limit_is_lifted(tmp_path: Path) -> None:
    path = written(tmp_path / "app.log.gz", gzip.compress(b"a" * (4 << 20)))
    assert "--no-inflate-limit" in complaint(path, inflate_limit=InflateLimit(ratio_from=1 << 20))
    assert len(contents(path, inflate_limit=None)) == 4 << 20


# What is no log


def test_what_is_no_log_is_refused_with_a_way_out(tmp_path: Path) -> None:
    text = complaint(written(tmp_path / "app.log", b"\x7fELF\x02\x01\x01"))
    assert "looks like a program (ELF), not a log: name a log" in text
    text = complaint(written(tmp_path / "app.log", LINES.decode().encode("utf-16-le")))
    assert "looks like UTF-16 text, not a log: convert it first (iconv -f UTF-16LE " in text
    path = written(tmp_path / "app.log.br", b"\x0b\x02\x80\xff\xfe\x00")
    assert "looks like brotli data, not a log: decompress it first (brotli -dc " in complaint(path)


def test_what_is_no_log_is_told_inside_compression_too(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("app.log"))
    path = written(tmp_path / "app.tar.gz", file.getvalue())
    assert "looks like a tar archive inside its gzip compression" in complaint(path)
