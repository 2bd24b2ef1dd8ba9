"""Layouts: where a tag's fields stand in its lines, learnt from the grammar, tested in bulk.

Emitters write the fields of a tag in one fixed order. One line read by the grammar gives the
layout; a line of the same number of segments that passes every test of the layout is read by
the grammar in the same way, so its fields can be cut out by position. What passes the tests
of no layout is left to the search. Layouts never change a result: they are only a short cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from .grammars.trace_line import TraceLine, character_class, read_trace_line

WIDEST = 24
"""Lines of more segments than this are left to the search."""

MOST = 8
"""Layouts learnt for one number of segments."""

WORTH_LEARNING = 16
"""Rows left over for which the grammar is asked to read one."""

_CANDIDATE = rf"(?:^|[^A-Za-z0-9_]){character_class('TAG_WORD')}$"
_LEVEL = re.compile(character_class("LEVEL_WORD"))


@dataclass(frozen=True, slots=True)
class Layout:
    """How one shape of line is laid out, as tests on its segments `s0`, `s1`, ….

    `tag_at` is the segment that ends in the tag; `tag_end` what it ends with (one character
    before the tag included), or all of it if `tag_alone`. `levels` are segments of the prefix
    that are a bare log level, by position. `names` are the field names of the segments after
    the tag, None for a note without `=`.
    """

    tag: str
    tag_at: int
    tag_end: str
    tag_alone: bool
    levels: tuple[tuple[int, str], ...]
    names: tuple[str | None, ...]

    @property
    def has_duplicate_field(self) -> bool:
        """Whether a field stands twice in every line of this layout."""
        named = [name for name in self.names if name is not None]
        return len(set(named)) < len(named)

    def tagged(self) -> pl.Expr:
        """Which rows, of as many segments as the layout has, have its tag in its place."""
        end = pl.col(f"s{self.tag_at}")
        tests = [end == self.tag_end if self.tag_alone else end.str.ends_with(self.tag_end)]
        levels = dict(self.levels)
        for at in range(self.tag_at):
            segment = pl.col(f"s{at}")
            tests.append(
                segment == levels[at] if at in levels else ~segment.str.contains(_CANDIDATE)
            )
        return pl.all_horizontal(tests)

    def values(self, wanted: frozenset[str]) -> dict[str, pl.Expr]:
        """The values of the wanted fields of conforming rows; of a repeated one the first.

        In a row that does not conform, the segment stands unchanged for the value.
        """
        found: dict[str, pl.Expr] = {}
        for at, name in enumerate(self.names, start=self.tag_at + 1):
            if name in wanted and name not in found:
                found[name] = pl.col(f"s{at}").str.strip_prefix(name + "=")
        return found

    def conforming(self, wanted: frozenset[str]) -> pl.Expr:
        """Which of the tagged rows are laid out like this; `values` stand as `=name` beside."""
        tests = [pl.lit(value=True)]
        tested: set[str] = set()
        for at, name in enumerate(self.names, start=self.tag_at + 1):
            segment = pl.col(f"s{at}")
            if name is None:
                tests.append(~segment.str.contains("=", literal=True))
            elif name in wanted and name not in tested:
                tests.append(pl.col(f"={name}").str.len_bytes() < segment.str.len_bytes())
                tested.add(name)
            else:
                tests.append(segment.str.starts_with(name + "="))
        return pl.all_horizontal(tests)

    def prefix(self) -> pl.Expr:
        """The text before the tag of conforming rows."""
        last = pl.col(f"s{self.tag_at}").str.strip_suffix(self.tag)
        before = [pl.col(f"s{at}") for at in range(self.tag_at)]
        return pl.concat_str(*before, last, separator="|") if before else last


def learn(text: str) -> Layout | None:
    """The layout of one line; None if it is no trace line, or one that no test can stand for."""
    line = read_trace_line(text)
    return _layout(line) if line else None


def _layout(line: TraceLine) -> Layout | None:
    *before, last = line.prefix.split("|")
    levels = tuple((at, piece) for at, piece in enumerate(before) if _LEVEL.fullmatch(piece))
    names = tuple(name for name, _ in line.segments)
    odd_note = any(name is None and "=" in text for name, text in line.segments)
    # A candidate in the prefix that is no bare level word (`x INFO|`) is left to the search.
    odd_prefix = any(
        re.search(_CANDIDATE, piece) for at, piece in enumerate(before) if (at, piece) not in levels
    )
    if (
        odd_note
        or odd_prefix
        or _LEVEL.fullmatch(line.tag)
        or len(before) + 1 + len(names) > WIDEST
    ):
        return None
    return Layout(line.tag, len(before), last[-1:] + line.tag, not last, levels, names)


@dataclass(slots=True)
class LayoutBook:
    """The layouts met so far, by number of segments. Readers share it across threads."""

    _known: dict[int, tuple[Layout, ...]] = field(default_factory=dict)

    def sort_out(
        self, segments: pl.DataFrame, count: int, wanted: frozenset[str]
    ) -> tuple[list[tuple[Layout, pl.DataFrame]], pl.DataFrame]:
        """Sort rows of `count` segments by layout: (layout, its rows) and the rows left over.

        `segments` has the columns `s0`… and `@text`; rows of a layout have its wanted fields
        beside them, as `=name`. Learns from the first row left over, while it is worth it.
        """
        sorted_out = []
        for layout in self._known.get(count, ()):
            rows, segments = _split(segments, layout, wanted)
            if rows.height:
                sorted_out.append((layout, rows))
        while segments.height >= WORTH_LEARNING and len(self._known.get(count, ())) < MOST:
            learnt = learn(segments["@text"][0])
            if learnt is None:
                break
            self._known[count] = (*self._known.get(count, ()), learnt)
            rows, segments = _split(segments, learnt, wanted)
            sorted_out.append((learnt, rows))
        return sorted_out, segments


def _split(
    segments: pl.DataFrame, layout: Layout, wanted: frozenset[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of a layout, and the others: first by the tag, then by the fields."""
    if not segments.height:
        return segments, segments
    tagged, others = _parted(segments, layout.tagged())
    values = {f"={name}": value for name, value in layout.values(wanted).items()}
    rows, odd = _parted(tagged.with_columns(**values), layout.conforming(wanted))
    if not odd.height:
        return rows, others
    return rows, pl.concat([others, odd.select(segments.columns)])


def _parted(frame: pl.DataFrame, test: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    passed = frame.select(test.alias("passed"))["passed"]
    if passed.all():
        return frame, frame.clear()
    return frame.filter(passed), frame.filter(~passed)
