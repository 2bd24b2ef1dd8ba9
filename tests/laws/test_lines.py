"""Law 1: how the bytes of a source arrive never shows in its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

import oracle.lines
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from laws import examples
from laws.engine import Files, set_up
from tracecheck.model.tuning import DEFAULT_TUNING, Tuning
from tracecheck.reading.lines import long_lines
from tracecheck.reading.lines import parts as joining
from tracecheck.reading.lines.blocks import Block, Cutter
from tracecheck.reading.lines.decoding import decode
from tracecheck.reading.lines.places import file_and_line

Line = tuple[int, int, str, bool, bool]
"""File, number, text, and whether the line is undecodable or too long."""

_STAMP = b"2025-12-18T21:00:00.1Z"
_PARTS = tuple(
    b"\n" + _STAMP + stream + flag
    for stream in (b" stdout ", b" stderr ")
    for flag in (b"P ", b"F ", b"P:x ", b"F:x ")
)
_DOCKER = (
    *(b'\n{"log":"', b'","stream":"stdout"}', b'\\n","stream":"stdout","time":"t"}\n'),
    *(b'","stream":"stderr","attrs":{"a":"x\\n"},"time":"t"} \r\n', b"\\n", b"\\\\", b"\\u000a"),
    *(b'\n{"stream":"stdout","log":"', b'" } \n', b'","stream":"stdout","tag":"x"}\n'),
)
_BEHIND = (
    *(b"\napp.log:" + part[1:] for part in (*_PARTS[:4:2], _DOCKER[0])),
    *(b"\napp.log:%d:" % number + _DOCKER[0][1:] for number in (9, 10)),
    *(b"\n%d\tx " % number + _PARTS[0][1:] for number in (9, 10)),
    *(_STAMP + b" " + _PARTS[0][1:], b"\nZZ|x=1 " + _DOCKER[0][1:], b"AA|a=1", b"Killed", b"K"),
)
_BYTES = (
    *(b"a", b" ", b"\n", b"\n", b"\n", b"\r", b"\r\n", b"\r\r\n"),
    *(b"\xef\xbb\xbf", b"\xc3", b"\xa9", b"\xff", "é".encode(), "€".encode(), "🦊".encode()),
)
_ATOMS = (
    *(
        *_BYTES,
        *_PARTS,
        *_DOCKER,
        *_BEHIND,
        b"AA|a=1",
        b"svc-1  | ",
        b"\x00",
        b"\x00\x00\x00",
        b"\x0b",
    ),
    *(b"\x1b[31m", b"\x1b]0;x\x07", b"\x1b[", b"\x1b]8;;", b"\x1b\\", b"\x1bP", b"\x1b(B"),
    *(b"\xc2\x85", b"\xc2\x9b1m", b"\xc2\x9d", b"\xc2\x9c", b"#033[1m", b"^[[0m", b"\\x1B[m"),
    *(b'{"message":"', b'"}', b'{"log":"x\\n"}', b'{"message":"{\\"msg\\":\\"in\\"}"}', b'{"'),
)
_SHORT = (*_BYTES, b"bbb", b"ccccc", b"\x00", b"\t", b"     ")


@dataclass(frozen=True)
class By:
    """Cuts bytes into pieces of one size."""

    size: int

    def __call__(self, data: bytes) -> Iterator[bytes]:
        return (data[start : start + self.size] for start in range(0, len(data), self.size))


@dataclass(frozen=True)
class At:
    """Cuts bytes at the given places, as far as there are so many."""

    places: Sequence[int]

    def __call__(self, data: bytes) -> Iterator[bytes]:
        ends = sorted({place for place in self.places if place < len(data)} | {len(data)})
        return (data[start:end] for start, end in zip([0, *ends], ends, strict=False))


Cut = By | At
SIZES: dict[str, Cut] = {
    "1": By(1),
    "2": By(2),
    "7": By(7),
    "64 KiB": By(64 << 10),
    "whole": By(1 << 62),
}


_TAGS = frozenset({"AA", "KAA"})


def read(files: Files, cut: Cut, tuning: Tuning = DEFAULT_TUNING) -> list[Line]:
    """The lines of a source as the engine reads them from pieces."""
    cutter = Cutter(tuning, _TAGS)
    found: list[Line] = []
    for number, (_, data) in enumerate(files):
        cutter.begin(number)
        for piece in cut(data):
            for block in cutter.feed(piece):
                found += _lines(block)
        for block in cutter.end(closing=number == len(files) - 1):
            found += _lines(block)
    return found


def _lines(block: Block) -> Iterator[Line]:
    plain = decode(block, tags=_TAGS)
    for row, (place, text) in enumerate(plain.frame.select("@place", "@text").iter_rows()):
        yield (*file_and_line(place), text, row in plain.undecodable, row in plain.too_long)


def expected(files: Files) -> list[Line]:
    """The lines of a source as the contract reads them."""
    numbered = [(str(number), data) for number, (_, data) in enumerate(files)]
    return [
        (int(line.path), line.number, line.text, line.undecodable, line.too_long)
        for line in oracle.lines.read_source(numbered, named=_TAGS)
    ]


def sources(atoms: Sequence[bytes], most: int) -> st.SearchStrategy[list[tuple[str, bytes]]]:
    """A source of one or two files."""
    data = st.lists(st.sampled_from(atoms), max_size=most).map(b"".join)
    return st.lists(st.tuples(st.just("app.log"), data), min_size=1, max_size=2)


places = st.lists(st.integers(1, 200), max_size=12)
logs_and_limits = st.one_of(
    st.tuples(sources(_SHORT, 24), st.integers(4, 40)),
    # A part of a line is told by its prefix, so the limit is never below that.
    st.tuples(sources((*_SHORT, *_SHORT, *_PARTS[:2], *_PARTS[4:6]), 24), st.integers(36, 70)),
)
_CUT_IN_A_CHARACTER = ([("app.log", _PARTS[0] + "€".encode() + _PARTS[0] + "€".encode())], 36)
_CUT_BEFORE_ANOTHER_PART = ([("app.log", _PARTS[0] + "a🦊".encode() + _PARTS[0] + b"a")], 36)


@pytest.mark.parametrize("size", SIZES)
@examples(120)
@given(files=sources(_ATOMS, 16))
def test_lines_are_the_same_whatever_the_size_of_the_pieces(size: str, files: Files) -> None:
    """CR LF, marks, characters, escapes and partial lines may stand across any cut."""
    assert read(files, SIZES[size]) == expected(files)


@examples(150)
@given(files=sources(_ATOMS, 16), places=places)
def test_lines_are_the_same_wherever_the_bytes_are_cut(files: Files, places: list[int]) -> None:
    """Pieces of any sizes, one after another."""
    assert read(files, At(places)) == expected(files)


_SEAMS = (
    *_DOCKER[:3],
    b'","stream":"stdout","time":"u"}',
    *_BEHIND[2:5],
    b"AA|a=1",
    b"Killed",
    b"K",
    b"x AA |",
    b" ",
    b"|",
    b"\\t",
)


@examples(150)
@given(files=sources((*_SEAMS, *_SEAMS[:2], b"x" * 16384), 20), places=places)
def test_parts_of_docker_are_joined_as_the_contract_has_it(files: Files, places: list[int]) -> None:
    """The last words of a process that was killed, parts that are full, and prefixes."""
    assert read(files, At(places)) == read(files, SIZES["whole"]) == expected(files)


_NEARLY_A_PART = (
    *("2025-12-18T::::::::Z stdout P ", "2025-12-18T1:2:3:45Z stdout P ", "2025-12-18 stdout P "),
    *("2025-12-18T21:00:00 stdout P ", "2025-12-18T21:00:00.Z stdout P ", "x stdout P "),
    *("2025-12-18T21:00:00Z stdin P ", "2025-12-18T21:00:00Z  stdout P "),
    *("2025-12-18T21:00:00Z stdout P", "2025-12-18T21:00:00Z stdout P: x ", " stdout P "),
)


@pytest.mark.parametrize("start", _NEARLY_A_PART)
def test_a_line_that_nearly_is_a_part_is_joined_to_nothing(start: str) -> None:
    """What a part is, all who look at it must agree on."""
    data = start.encode() + b"a" + _PARTS[1] + b"b" + _PARTS[0] + b"c\n" + start.encode() + b"d"
    files = [("app.log", data + _PARTS[1] + b"e\n")]
    assert read(files, SIZES["whole"]) == read(files, SIZES["7"]) == expected(files)


@pytest.mark.parametrize("size", SIZES)
@examples(120)
@given(log=logs_and_limits)
def test_a_line_that_is_too_long_is_cut_at_the_same_byte(size: str, log: tuple[Files, int]) -> None:
    """However its bytes arrive, and whatever character stands at the cut."""
    files, longest = log
    with set_up(longest=longest).applied():
        assert read(files, SIZES[size]) == expected(files)


@examples(150)
@given(log=logs_and_limits, places=places)
@example(log=_CUT_IN_A_CHARACTER, places=[])
@example(log=_CUT_BEFORE_ANOTHER_PART, places=[])
def test_a_line_that_is_too_long_is_cut_wherever_its_bytes_are(
    log: tuple[Files, int], places: list[int]
) -> None:
    """Pieces of any sizes, one after another."""
    files, longest = log
    with set_up(longest=longest).applied():
        assert read(files, At(places)) == expected(files)


def test_lines_of_the_real_limit_are_cut_as_the_contract_says() -> None:
    """One byte less, exactly and one more than 1 MiB, in pieces of 64 KiB and whole."""
    length = long_lines.MAX_LINE
    data = b"".join(
        b"x" * (length + more) + end
        for more in (-1, 0, 1, 70_000)
        for end in (b"\n", b"\r\n", "é\n".encode())
    )
    files = [("app.log", data)]
    for size in ("64 KiB", "whole"):
        assert read(files, SIZES[size]) == expected(files)


@examples(150)
@given(
    files=sources(
        (*_PARTS, *_PARTS, *_DOCKER, *_BEHIND, b"a", b"\n", b"bbbbbbbbbbbbbbbbbbbb\n"), 24
    ),
    places=places,
    wait=st.integers(0, 600),
    lines=st.sampled_from((1, 2, 1 << 17)),
)
def test_a_part_that_waits_too_long_ends_at_the_same_line(
    files: Files, places: list[int], wait: int, lines: int
) -> None:
    """What may stand between the parts of a line is bounded, wherever the bytes are cut."""
    tuning = Tuning(lines=lines)
    with mock.patch.object(joining, "MAX_WAIT", wait):
        whole = read(files, SIZES["whole"], tuning)
        for cut in (SIZES["1"], SIZES["7"], At(places)):
            assert read(files, cut, tuning) == whole


@examples(60)
@given(data=st.binary(max_size=200), places=places)
def test_arbitrary_bytes_are_the_same_lines_wherever_they_are_cut(
    data: bytes, places: list[int]
) -> None:
    """There is nothing that a log may not hold."""
    files: Any = [("app.log", data)]
    assert read(files, At(places)) == expected(files)
