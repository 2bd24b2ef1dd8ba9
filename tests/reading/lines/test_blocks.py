"""What is dropped at the ends of a line, what is measured, and what is told of it."""

from __future__ import annotations

import pytest

from tracecheck.reading.lines.blocks import Cutter
from tracecheck.reading.lines.long_lines import MAX_LINE

from .cutting import defects_of, lines_of, numbers_of

BOM = b"\xef\xbb\xbf"
MIB = 1 << 20


@pytest.mark.parametrize("lead", [b"\0", BOM, b"\0" * 5000, BOM + b"\0\0" + BOM, b"\0" + BOM * 3])
def test_nuls_and_marks_at_the_start_of_any_line_are_dropped(lead: bytes) -> None:
    assert lines_of([lead + b"a\n" + lead + b"b\n" + lead]) == ["a", "b", ""]


def test_a_mark_that_arrives_in_two_pieces_is_dropped() -> None:
    assert lines_of([b"a\n\0\xef", b"\xbb", b"\xbf\0b"]) == ["a", "b"]
    assert lines_of([b"a\n\xef\xbb", b"b"]) == ["a", "\ufffdb"]


def test_elsewhere_a_nul_is_a_character() -> None:
    assert lines_of([b"a=1\0" + BOM + b"b\n"]) == ["a=1\0\ufeffb"]


@pytest.mark.parametrize("end", [b"\r", b"\r\r", b" ", b"\t \r", b" \r \t"])
def test_blanks_and_carriage_returns_at_the_end_of_a_line_are_dropped(end: bytes) -> None:
    assert lines_of([b" a b" + end + b"\n" + b"c" + end]) == [" a b", "c"]


def test_nothing_else_at_the_end_of_a_line_is_dropped() -> None:
    text = "a\x0b\x0c\x1c\x85\u2028\u3000\0"
    assert lines_of([text.encode() + b"\n"]) == [text]


@pytest.mark.parametrize("size", [64 << 10, 4 << 20])
@pytest.mark.parametrize("resumed", [False, True])
def test_a_hole_of_any_size_makes_no_line_too_long(size: int, resumed: bool) -> None:
    data = b"before\n" + b"\0" * (3 * MIB // 2) + b"x" * MAX_LINE + b"\r\n"
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [len(line) for line in lines_of(pieces, resumed=resumed)] == [6, MAX_LINE]
    assert defects_of(pieces) == (0, 0)


@pytest.mark.parametrize("size", [64 << 10, 1 << 30])
def test_blanks_beyond_the_limit_make_no_line_too_long(size: int) -> None:
    data = b"x" * MAX_LINE + b" \t\r" * MIB + b"\n" + b"x" * MAX_LINE + b" " * MIB + b"y\nz\n"
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [len(line) for line in lines_of(pieces)] == [MAX_LINE, MAX_LINE, 1]
    assert defects_of(pieces) == (0, 1)


def test_a_hole_takes_no_memory_while_it_arrives() -> None:
    cutter = Cutter()
    cutter.begin(0)
    for _ in range(50):
        assert not list(cutter.feed(b"\0" * MIB))
    assert cutter.state()["carry"] == ""
    assert [text for block in cutter.feed(b"a\n") for text in block.texts] == ["a"]


def test_what_is_left_unread_of_a_line_is_told_in_bytes_of_the_file() -> None:
    cutter = Cutter()
    cutter.begin(0)
    list(cutter.feed(b"a\n\0\0\0" + BOM + b"b"))
    assert cutter.drop_carry() == 7
    assert cutter.drop_carry() == 0
    list(cutter.feed(b"x" * (MAX_LINE + 10)))
    assert cutter.drop_carry() == MAX_LINE + 10


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_lines_of_another_encoding_behind_utf_8_are_undecodable(encoding: str) -> None:
    wide = "OUTBOX_GUARD|level=CRITICAL\nshort\n".encode(encoding)
    assert defects_of([b"plain\n" + wide])[0] == 2
    assert defects_of([b"plain\n" + "\ufeff".encode(encoding) + wide])[0] >= 2


def test_a_line_with_a_nul_in_four_is_text_and_with_more_is_not() -> None:
    assert defects_of([b"abc\0abc\0\n"]) == (0, 0)
    assert defects_of([b"abc\0abc\0\0 \n"]) == (1, 0)
    assert lines_of([b"ab\0\0\n"]) == ["ab\0\0"]


def test_lines_keep_their_numbers_behind_a_hole() -> None:
    assert numbers_of([b"a\n\0\0\nb\n", b"\0"], [BOM + b"c"]) == [
        (0, 1),
        (0, 2),
        (0, 3),
        (0, 4),
        (1, 1),
    ]
