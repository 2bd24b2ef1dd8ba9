"""Recognizing: the format is told by content, and what is no log by what it looks like."""

from __future__ import annotations

import io
import lzma
import random
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.reading.sources.opening import SAMPLE
from tracecheck.reading.sources.sniffing import FORMATS, Codec, codec_of, not_a_log, without_suffix

from ..compressed import COMPRESS, LINES


@pytest.mark.parametrize("codec", COMPRESS)
@pytest.mark.parametrize("data", [b"", LINES])
def test_compressed_data_is_told_by_its_first_bytes(codec: Codec, data: bytes) -> None:
    head = COMPRESS[codec](data)[:SAMPLE]
    assert [name for name, form in FORMATS.items() if head.startswith(form.magics)] == [codec]
    assert codec_of(head) == codec
    assert codec_of(data) is None
    assert not_a_log(head, "app.log") == (
        f"{codec} data",
        "it was compressed twice; decompress it once",
    )


def test_a_name_is_known_without_the_suffix_of_its_compression() -> None:
    assert [without_suffix(f"app.log{form.suffix}") for form in FORMATS.values()] == ["app.log"] * 4
    assert without_suffix("app.log.1") == "app.log.1"
    assert without_suffix("app.gz.zst") == "app.gz"


def tar_of(data: bytes, form: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        member = tarfile.TarInfo("app.log")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def zip_of(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("app.log", data)
    return file.getvalue()


NO_LOGS = {
    "a program (ELF)": b"\x7fELF\x02\x01\x01",
    "a PNG image": b"\x89PNG\r\n\x1a\n",
    "a JPEG image": b"\xff\xd8\xff\xe0",
    "a GIF image": b"GIF89a",
    "a PDF document": b"%PDF-1.7\n",
    "an SQLite database": b"SQLite format 3\0",
    "a systemd journal": b"LPKSHHRH\0\0",
    "a ZIP archive": zip_of(LINES),
    "a 7z archive": b"7z\xbc\xaf\x27\x1c",
    "a tar archive": tar_of(LINES, tarfile.GNU_FORMAT),
    "lz4 data": b"\x04\x22\x4d\x18",
    "snappy data": b"\xff\x06\0\0sNaPpY",
    "compress (.Z) data": b"\x1f\x9d\x90",
    "lzma data": lzma.compress(LINES, lzma.FORMAT_ALONE),
    "UTF-16 text": LINES.decode().encode("utf-16"),
    "UTF-32 text": LINES.decode().encode("utf-32"),
    "binary data": bytes(range(256)) * 8,
}


@pytest.mark.parametrize("what", NO_LOGS)
def test_what_is_no_log_is_named(what: str) -> None:
    found = not_a_log(NO_LOGS[what][:SAMPLE], "app.log")
    assert found is not None
    assert found[0] == what


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_told_with_its_byte_order(encoding: str) -> None:
    found = not_a_log(LINES.decode().encode(encoding)[:SAMPLE], "app.log")
    assert found is not None
    assert f"iconv -f {encoding.replace('-', '').upper().replace('UTF', 'UTF-')}" in found[1]


@pytest.mark.parametrize("encoding", ["UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"])
@pytest.mark.parametrize("text", ["ab", "a|", "x: é–日本\n", "2025-12-18 INFO OUTBOX_TRACE|a=1\n"])
def test_two_characters_show_a_wide_encoding_without_a_mark(encoding: str, text: str) -> None:
    assert not_a_log(text.encode(encoding), "app.log") == (
        f"{encoding[:6]} text",
        f"convert it first (iconv -f {encoding} -t UTF-8 … | tracecheck -)",
    )


@pytest.mark.parametrize("hole", range(1, 9))
def test_a_hole_before_text_is_no_wide_encoding(hole: int) -> None:
    for text in (b"ab", b"a\n", LINES):
        assert not_a_log(b"\0" * hole + text, "app.log") is None
        assert not_a_log(text + b"\0" * hole + text, "app.log") is None


def test_brotli_which_has_no_magic_is_told_by_its_name() -> None:
    data = b"\x0b\x02\x80\xff\xfe\x00"
    found = not_a_log(data, "app.log.br")
    assert found is not None
    assert found[0] == "brotli data"
    assert not_a_log(data, "app.log") is None
    assert not_a_log(LINES, "plain.br") is None


RUSSIAN = "Сообщение доставлено, повторов нет\n" * 200


@pytest.mark.parametrize(
    "data",
    [
        RUSSIAN.encode("cp1251") + b"\0" + RUSSIAN.encode("koi8-r"),
        "日本語のログ\n".encode("shift_jis") * 500 + b"\0\0",
        b"\0" * SAMPLE + LINES,
        LINES[:1000] + b"\0" * 50_000 + LINES,
        b"\x1b[31mERROR\x1b[0m \x07\x08 line\0\n" * 500,
        b"\xff\xff\xff\n" * 1000,
        b"payload=\0\xfe\x01\xfa and then text as usual, as a log line has it\n" * 500,
        bytes(range(256)),
    ],
    ids=[
        "an old 8-bit encoding with a NUL",
        "an old multi-byte encoding with NULs",
        "a hole as long as the sample",
        "a hole in the middle",
        "terminal escapes and NULs",
        "undecodable bytes without NULs",
        "some binary in every line",
        "too little to judge",
    ],
)
def test_a_log_with_odd_bytes_is_never_refused(data: bytes) -> None:
    assert not_a_log(data[:SAMPLE], "app.log") is None


@given(st.text(st.characters(codec="utf-8"), max_size=3000))
def test_text_in_any_script_is_never_refused_for_its_characters(text: str) -> None:
    data = b"2025 " + text.encode() * 3
    assert not_a_log(data, "app.log") is None or b"\0" in data


@given(st.integers(0, 2**32))
def test_random_bytes_are_told_as_binary(seed: int) -> None:
    data = b"2025" + random.Random(seed).randbytes(8000)
    assert not_a_log(data, "app.log") == ("binary data", "name a log")
