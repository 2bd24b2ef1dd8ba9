"""Inflating: any split of reads gives the whole, memory is bounded, every break is told."""

from __future__ import annotations

import ast
import lzma
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracecheck.errors import SourceError
from tracecheck.reading.sources import decompression
from tracecheck.reading.sources.decompression import (
    DEFAULT_LIMIT,
    FEED,
    PIECE,
    Inflated,
    InflateLimit,
    fill,
    zstd,
)
from tracecheck.reading.sources.sniffing import Codec

from ..compressed import COMPRESS

CODECS = list(COMPRESS)
every_codec = pytest.mark.parametrize("codec", CODECS)
TEXT = b"".join(b"line %d of a log, of which every line differs\n" % n for n in range(5000))


class Bytes:
    """A reader over bytes that gives at most `step` at once, and may fail at the end."""

    def __init__(self, data: bytes, step: int = 1 << 30, error: Exception | None = None) -> None:
        self.data = data
        self.step = step
        self.error = error
        self.at = 0

    def readinto(self, buffer: memoryview, /) -> int:
        piece = self.data[self.at : self.at + min(self.step, len(buffer))]
        if not piece and self.error:
            raise self.error
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)


def inflated(
    data: bytes,
    codec: Codec,
    *,
    reads: int = 1 << 20,
    step: int = 1 << 30,
    limit: InflateLimit | None = DEFAULT_LIMIT,
) -> bytes:
    """All of the data, by reads of so many bytes, fed in steps of so many."""
    reader = Inflated(Bytes(data, step), codec, limit, "app.log")
    buffer = memoryview(bytearray(reads))
    out = bytearray()
    while count := reader.readinto(buffer):
        out += buffer[:count]
    return bytes(out)


def complaint(data: bytes, codec: Codec, **how: int) -> str:
    with pytest.raises(SourceError) as caught:
        inflated(data, codec, **how)  # type: ignore[arg-type]
    text = str(caught.value)
    assert text.startswith("app.log: ")
    assert "\n" not in text
    return text


@every_codec
@settings(max_examples=40, deadline=None)
@given(
    parts=st.lists(st.binary(max_size=3000), min_size=1, max_size=4),
    repeat=st.integers(1, 200),
    reads=st.integers(1, 5000),
    step=st.integers(1, 5000),
)
def test_any_split_of_reads_over_any_members_equals_the_whole(
    codec: Codec, parts: list[bytes], repeat: int, reads: int, step: int
) -> None:
    data = b"".join(COMPRESS[codec](part * repeat) for part in parts)
    whole = b"".join(part * repeat for part in parts)
    assert inflated(data, codec, reads=max(reads, len(whole) // 500), step=step) == whole


@every_codec
def test_data_larger_than_every_buffer_is_inflated_whole(codec: Codec) -> None:
    text = TEXT * 20
    assert inflated(COMPRESS[codec](text), codec, reads=3 * PIECE) == text


@every_codec
def test_many_small_members_are_read_through(codec: Codec) -> None:
    data = b"".join(COMPRESS[codec](b"line %d\n" % n) for n in range(2000))
    assert len(data) > FEED
    assert inflated(data, codec) == b"".join(b"line %d\n" % n for n in range(2000))


@every_codec
@pytest.mark.parametrize("zeros", [1, 4, FEED + 7])
def test_zero_padding_after_and_between_members_is_passed_over(codec: Codec, zeros: int) -> None:
    member, padding = COMPRESS[codec](TEXT), b"\0" * zeros
    assert inflated(member + padding + member + padding, codec, step=1000) == TEXT * 2


@every_codec
@pytest.mark.parametrize("members", [1, 2])
def test_data_that_is_cut_anywhere_is_told_with_the_place(codec: Codec, members: int) -> None:
    text = TEXT[:3000]
    whole = COMPRESS[codec](text)
    for kept in range(1, len(whole)):
        text_of_error = complaint(whole * (members - 1) + whole[:kept], codec)
        assert "is cut short after " in text_of_error
        after = int(text_of_error.split(" after ")[1].split()[0])
        assert (members - 1) * len(text) <= after <= members * len(text)
        assert f"check it with {codec} -t" in text_of_error


@every_codec
def test_a_flipped_bit_is_told_as_broken_data(codec: Codec) -> None:
    data = bytearray(COMPRESS[codec](TEXT))
    data[len(data) // 2] ^= 0x10
    text = complaint(bytes(data), codec)
    assert f"{codec} data is broken (" in text
    assert "copy it again" in text


@every_codec
def test_something_else_after_the_data_is_told(codec: Codec) -> None:
    data = COMPRESS[codec](TEXT) + b"and then plain text\n"
    text = complaint(data, codec)
    assert "something else follows" in text
    assert f"after {len(TEXT)} inflated bytes" in text


@every_codec
def test_a_small_read_of_a_bomb_holds_little_memory(codec: Codec) -> None:
    bomb = COMPRESS[codec](b"\0" * (64 << 20))
    buffer = memoryview(bytearray(1000))
    tracemalloc.start()
    try:
        reader = Inflated(Bytes(bomb), codec, None, "app.log")
        for _ in range(50):
            assert fill(reader, buffer) == len(buffer)
        dictionary = 8 << 20 if codec == "xz" else 0  # the format demands it
        assert tracemalloc.get_traced_memory()[1] < dictionary + (2 << 20)
    finally:
        tracemalloc.stop()


@every_codec
def test_a_large_read_holds_little_memory_beside_the_buffer_of_the_caller(codec: Codec) -> None:
    bomb = COMPRESS[codec](b"\0" * (32 << 20))
    buffer = memoryview(bytearray(32 << 20))
    tracemalloc.start()
    try:
        assert fill(Inflated(Bytes(bomb), codec, None, "app.log"), buffer) == len(buffer)
        dictionary = 8 << 20 if codec == "xz" else 0
        assert tracemalloc.get_traced_memory()[1] < dictionary + 4 * PIECE
    finally:
        tracemalloc.stop()


@every_codec
def test_the_place_of_a_cut_does_not_depend_on_the_size_of_the_reads(codec: Codec) -> None:
    whole = COMPRESS[codec](b"a" * 3000 + b"the end of the log")
    for kept in range(1, len(whole)):
        cut = whole[:kept]
        assert complaint(cut, codec, reads=100) == complaint(cut, codec)


@every_codec
def test_a_bomb_is_refused_with_the_option_that_lifts_the_limit(codec: Codec) -> None:
    bomb = COMPRESS[codec](b"\0" * (8 << 20))
    limit = InflateLimit(ratio_from=2 << 20)
    with pytest.raises(SourceError, match=r"more than 200 times .*--no-inflate-limit"):
        inflated(bomb, codec, limit=limit)
    assert len(inflated(bomb, codec)) == 8 << 20, "small enough to be honest"
    assert len(inflated(bomb, codec, limit=None)) == 8 << 20


@every_codec
def test_a_file_beyond_the_size_limit_is_refused_whatever_its_ratio(codec: Codec) -> None:
    data = COMPRESS[codec](TEXT)
    with pytest.raises(SourceError, match=r"more than 1000 bytes: .*--no-inflate-limit"):
        inflated(data, codec, limit=InflateLimit(size=1000))
    assert inflated(data, codec, limit=InflateLimit(size=len(TEXT))) == TEXT


@every_codec
def test_an_error_of_the_file_below_is_passed_on_as_it_is(codec: Codec) -> None:
    data = COMPRESS[codec](TEXT)
    raw = Bytes(data[: len(data) // 2], error=SourceError("app.log: the disk is gone"))
    reader = Inflated(raw, codec, None, "app.log")
    with pytest.raises(SourceError, match=r"^app\.log: the disk is gone$"):
        fill(reader, memoryview(bytearray(2 * len(TEXT))))


def test_zstd_frames_of_every_header_form_are_followed_to_their_end() -> None:
    known = zstd.CompressionParameter
    parameters = [
        {known.content_size_flag: size, known.checksum_flag: check, known.compression_level: level}
        for size in (1, 0)
        for check in (1, 0)
        for level in (1, 19)
    ]
    sizes = (0, 1, 200, 300, 70_000, 400_000)
    frames, texts = [], []
    for options in parameters:
        for size in sizes:
            text = (TEXT * 2)[:size]
            frames.append(zstd.compress(text, options=options))
            texts.append(text)
    skippable = b"\x53\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"index"
    empty = b"\x50\x2a\x4d\x18" + bytes(4)
    data = skippable + (empty + skippable).join(frames) + empty
    for step in (1 << 30, 11):
        assert inflated(data, "zstd", step=step) == b"".join(texts)
    for frame in frames[::5]:
        for kept in range(max(1, len(frame) - 12), len(frame)):
            assert "is cut short" in complaint(skippable + frame[:kept], "zstd")


def test_a_zstd_frame_with_a_huge_window_is_refused_with_a_way_out() -> None:
    window_of_2_gib = 21 << 3
    frame = b"\x28\xb5\x2f\xfd\x00" + bytes([window_of_2_gib]) + b"\x01\x00\x00"
    text = complaint(frame, "zstd")
    assert "needs a window of more than 128 MiB" in text
    assert "zstd -dc --long=31" in text


def test_an_xz_stream_with_a_huge_dictionary_is_refused_with_a_way_out() -> None:
    # The dictionary size is one byte of the block header, whose checksum covers it.
    data = lzma.compress(b"x", check=lzma.CHECK_NONE)
    header = bytearray(data[12:24])
    header[4] = 40  # 4 GiB
    header[8:12] = crc32(header[:8])
    text = complaint(data[:12] + bytes(header) + data[24:], "xz")
    assert "needs more than 192 MiB of memory" in text
    assert "xz -dc" in text


def crc32(data: bytes | bytearray) -> bytes:
    return zlib.crc32(data).to_bytes(4, "little")


def test_the_backport_is_imported_only_where_python_itself_has_no_zstd() -> None:
    """It is not installed elsewhere."""
    tree = ast.parse(Path(decompression.__file__).read_text("utf-8"))
    always = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert "backports" not in always
