"""What a file is by its first bytes: a log, a compressed one, or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ...errors import SourceError

Codec = Literal["gzip", "bzip2", "xz", "zstd"]


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a codec are named and begin. The tool that checks them has the codec's name."""

    suffix: str
    magics: tuple[bytes, ...]


# bzip2: the level and the magic of the first block or, of an empty file, of the footer; "BZh"
# alone could start a text. zstd: a frame, or a skippable one, which some tools put first.
_BZIP2 = tuple(b"BZh%d" % n + after for n in range(1, 10) for after in (b"1AY&SY", b"\x17rE8P\x90"))
_ZSTD_FRAME = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = tuple(bytes([n]) + b"\x2a\x4d\x18" for n in range(0x50, 0x60))

FORMATS: dict[Codec, Format] = {
    "gzip": Format(".gz", (b"\x1f\x8b\x08",)),
    "bzip2": Format(".bz2", _BZIP2),
    "xz": Format(".xz", (b"\xfd7zXZ\x00",)),
    "zstd": Format(".zst", (_ZSTD_FRAME, *_ZSTD_SKIPPABLE)),
}

_DECOMPRESS = "decompress it first ({} … | tracecheck -)"
_UNPACK = "unpack it, and check the logs in it"
_NAME_A_LOG = "name a log"
_ENCODING = "convert it first (iconv -f {} -t UTF-8 … | tracecheck -)"

_LOOKS: tuple[tuple[int, bytes, str, str], ...] = (
    # Offset, magic, what it looks like, how to mend. UTF-32 before UTF-16, whose mark starts it.
    (0, b"\xff\xfe\0\0", "UTF-32 text", _ENCODING.format("UTF-32")),
    (0, b"\0\0\xfe\xff", "UTF-32 text", _ENCODING.format("UTF-32")),
    (0, b"\xff\xfe", "UTF-16 text", _ENCODING.format("UTF-16")),
    (0, b"\xfe\xff", "UTF-16 text", _ENCODING.format("UTF-16")),
    (0, b"\x7fELF", "a program (ELF)", _NAME_A_LOG),
    (0, b"\x89PNG\r\n", "a PNG image", _NAME_A_LOG),
    (0, b"\xff\xd8\xff", "a JPEG image", _NAME_A_LOG),
    (0, b"GIF87a", "a GIF image", _NAME_A_LOG),
    (0, b"GIF89a", "a GIF image", _NAME_A_LOG),
    (0, b"%PDF-", "a PDF document", _NAME_A_LOG),
    (0, b"SQLite format 3\0", "an SQLite database", _NAME_A_LOG),
    (0, b"LPKSHHRH", "a systemd journal", "export it (journalctl --file … | tracecheck -)"),
    (0, b"ElfFile\0", "a Windows event log", "export it as text"),
    (0, b"PK\x03\x04", "a ZIP archive", _UNPACK),
    (0, b"PK\x05\x06", "a ZIP archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (257, b"ustar\x0000", "a tar archive", _UNPACK),
    (257, b"ustar  \0", "a tar archive", _UNPACK),
    (0, b"\x04\x22\x4d\x18", "lz4 data", _DECOMPRESS.format("lz4 -dc")),
    (0, b"\xff\x06\0\0sNaPpY", "snappy data", _DECOMPRESS.format("snzip -dc")),
    (0, b"\x1f\x9d", "compress (.Z) data", _DECOMPRESS.format("gzip -dc")),
    (0, b"\x5d\0\0", "lzma data", _DECOMPRESS.format("xz -dc --format=lzma")),
)

_ENOUGH = 512
"""A sample under so many bytes is not judged by its statistics."""

_WIDE = {
    # The first two characters, of which plain text has the one byte. A hole of NULs before a line
    # of UTF-8 looks otherwise from its second character on.
    "UTF-32LE": re.compile(rb"(?:[^\0]\0\0\0){2}|[^\0]\0\0\0\Z"),
    "UTF-32BE": re.compile(rb"(?:\0\0\0[^\0]){2}|\0\0\0[^\0]\Z"),
    "UTF-16LE": re.compile(rb"(?:[^\0]\0){2}"),
    "UTF-16BE": re.compile(rb"(?:\0[^\0]){2}"),
}
_NUL = b"\0"
_CONTROLS = bytes({*range(0x01, 0x20)} - {*b"\a\b\t\n\v\f\r\x1b"})
_NOT_ASCII = re.compile(rb"[^\x07-\x0d\x1b\x20-\x7e]")


def codec_of(head: bytes) -> Codec | None:
    """The compression that the first bytes of a file show, if any."""
    return next((codec for codec, form in FORMATS.items() if head.startswith(form.magics)), None)


def without_suffix(name: str) -> str:
    """The name of a file without the suffix of its compression, if it has one."""
    suffix = next((form.suffix for form in FORMATS.values() if name.endswith(form.suffix)), "")
    return name.removesuffix(suffix)


def not_a_log(head: bytes, name: str) -> tuple[str, str] | None:
    """What the first bytes look like if they are no log, and how to mend it; None for a log."""
    for offset, magic, what, mend in _LOOKS:
        if head.startswith(magic, offset):
            return what, mend
    codec = codec_of(head)
    if codec:
        return f"{codec} data", "it was compressed twice; decompress it once"
    if name.lower().endswith(".br") and _NOT_ASCII.search(head) and _undecodable(head):
        return "brotli data", _DECOMPRESS.format("brotli -dc")
    encoding = _wide_encoding(head)
    if encoding:
        return f"{encoding[:6]} text", _ENCODING.format(encoding)
    if len(head) < _ENOUGH:
        return None
    return ("binary data", _NAME_A_LOG) if _is_binary(head) else None


def ensure_log(head: bytes, codec: Codec | None, name: str) -> None:
    """Refuse what is no log by its first bytes, which were inflated by `codec`.

    Raises SourceError.
    """
    complaint = not_a_log(head, name)
    if complaint:
        inside = f" inside its {codec} compression" if codec else ""
        raise SourceError(f"{name}: looks like {complaint[0]}{inside}, not a log: {complaint[1]}")


def ensure_suffix(head: bytes, codec: Codec | None, name: str) -> None:
    """Refuse a file named as compressed that is not, or otherwise: a copy that went wrong.

    `head` are its first stored bytes. Raises SourceError.
    """
    named = next((c for c, form in FORMATS.items() if name.lower().endswith(form.suffix)), None)
    if named is None or named == codec:
        return
    if not head:
        raise SourceError(f"{name}: is empty, which {named} data never is; copy it again")
    found = f"{codec} data" if codec else "something else"
    raise SourceError(
        f"{name}: is named as {named} data but holds {found}; rename it, or copy it again"
    )


def _undecodable(head: bytes) -> int:
    """How many bytes are no part of valid UTF-8."""
    return len(head) - len(head.decode("utf-8", "ignore").encode())


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, with its byte order, by where the NULs are."""
    for encoding, shape in _WIDE.items():
        if shape.match(head):
            return encoding
    return _utf16_order(head) if len(head) >= _ENOUGH else None


def _utf16_order(head: bytes) -> str | None:
    """UTF-16LE or UTF-16BE if nearly every second byte is NUL and hardly any other is."""
    even, odd = head[::2], head[1::2]
    for empty, full, name in ((odd, even, "UTF-16LE"), (even, odd, "UTF-16BE")):
        if 10 * empty.count(_NUL) > 8 * len(empty) and 10 * full.count(_NUL) < len(full):
            return name
    return None


def _is_binary(head: bytes) -> bool:
    """Whether the sample cannot be a log in any encoding, however damaged.

    A log may hold NULs, even a hole of them where copytruncate cut it, and may be in an old
    8-bit encoding, where most bytes are no UTF-8: what such a log has not, and binary data has,
    is NULs, control characters and undecodable bytes together.
    """
    filled = len(head) - head.count(_NUL)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return (
        filled < len(head)
        and 100 * controls > filled
        and 10 * (controls + _undecodable(head)) > 3 * filled
    )
