"""Layouts: where a tag's fields stand in its lines, learnt from the grammar, tested in bulk.

Emitters write the fields of a tag in one fixed order. One line read by the grammar gives the
layout; a line of the same number of segments that passes every test of the layout is read by
the grammar in the same way, so its fields can be cut out by position. What passes the tests
of no layout is left to the search. Layouts never change a result: they are only a short cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import polars as pl

from .grammar import character_class, is_level, read_trace_line
from .guards import ends_blank
from .quotes import QUOTE
from .search import trace_pattern

WIDEST = 24
"""Lines of more segments than this are left to the search."""

MOST = 8
"""Layouts learnt for one number of segments."""

_TRIED = 4
"""Rows left over that the grammar is asked to read, as some teach no layout."""

_NAMED = rf"^[ \t]*{character_class('NAME')}="
_QUOTED = rf"{QUOTE}(?s:.*){character_class('TAG_WORD')}[ \t]*\|"
_WORD = re.compile(character_class("TAG_WORD"))
_CANDIDATE = rf"(?:^|[^A-Za-z0-9_]){character_class('TAG_WORD')}$"


@dataclass(frozen=True, slots=True)
class Layout:
    """How one shape of line is laid out, as tests on its segments `s0`, `s1`, ….

    `tag_at` is the segment that ends in the tag; `tag_end` what it ends with (one character
    before the tag included), or all of it if `tag_alone`. `words` are segments of the prefix
    that are a bare word in capitals, by position: log levels, or other words that a named tag
    outranks. `names` are the field names of the segments after the tag, None for a note without
    `=`.
    """

    tag: str
    tag_at: int
    tag_end: str
    tag_alone: bool
    words: tuple[tuple[int, str], ...]
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
        words = dict(self.words)
        outranked = next((at for at, word in self.words if not is_level(word)), self.tag_at)
        for at in range(self.tag_at):
            segment = pl.col(f"s{at}")
            tests.append(segment == words[at] if at in words else ~segment.str.contains(_CANDIDATE))
        # A field between the two would make the left one the tag.
        between = [at for at in range(outranked + 1, self.tag_at + 1) if at not in words]
        tests += [~pl.col(f"s{at}").str.contains(_NAMED) for at in between]
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

    def conforming(self, asked: Asked) -> pl.Expr:
        """Which of the tagged rows are laid out like this."""
        tests = []
        for at, name in enumerate(self.names, start=self.tag_at + 1):
            segment = pl.col(f"s{at}")
            is_note = ~segment.str.contains(_NAMED)
            tests.append(is_note if name is None else segment.str.starts_with(name + "="))
        # Any named tag but the event's own may be damage, or a second event.
        tests.append(pl.col("@named") == int(self.tag in asked.tags))
        return pl.all_horizontal(tests)

    def blank(self, wanted: frozenset[str]) -> pl.Expr:
        """Which rows have blanks to be taken off the end of a value that is asked for."""
        return pl.any_horizontal(
            pl.lit(value=False),
            *(ends_blank(pl.col(f"={name}")) for name in self.values(wanted)),
        )

    def prefix(self) -> pl.Expr:
        """The text before the tag of conforming rows."""
        last = pl.col(f"s{self.tag_at}").str.strip_suffix(self.tag)
        before = [pl.col(f"s{at}") for at in range(self.tag_at)]
        return pl.concat_str(*before, last, separator="|") if before else last


def learn(text: str, tags: frozenset[str] = frozenset()) -> Layout | None:
    """The layout of one line; None if it is no trace line, or one that no test can stand for."""
    line = read_trace_line(text, tags)
    if line is None:
        return None
    *before, last = line.prefix.split("|")
    words = tuple(
        (at, piece)
        for at, piece in enumerate(before)
        if is_level(piece) or (line.tag in tags and _WORD.fullmatch(piece))
    )
    names = tuple(name for name, _ in line.segments)
    # A candidate in the prefix that is no bare word (`x INFO|`) is left to the search.
    odd_prefix = any(
        re.search(_CANDIDATE, piece) for at, piece in enumerate(before) if (at, piece) not in words
    )
    segments = [value if name is None else f"{name}={value}" for name, value in line.segments]
    written = text[len(line.prefix) :].split("|")
    has_blanks = [line.tag, *segments] != [written[0], *(one.rstrip(" \t") for one in written[1:])]
    too_wide = len(before) + 1 + len(names) > WIDEST
    if odd_prefix or has_blanks or too_wide or is_level(line.tag):
        return None
    return Layout(line.tag, len(before), last[-1:] + line.tag, not last, words, names)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the lines: wanted fields by their spellings, and tags that rules name.

    With `unquoted` the text of each ends where its quotes do.
    """

    wanted: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    unquoted: bool = False


@dataclass(frozen=True, slots=True)
class Segments:
    """Lines of as many segments each as `pieces` has columns.

    `rows` are the lines, with `@text`, how many named tags may stand in each (`@named`), whether a
    `@blank` stands at the end of a segment, and a `@quote` or a bracket anywhere. The segments of a
    line are the columns `s0`… of the row of `pieces` that its `@start` says.
    """

    rows: pl.DataFrame
    pieces: pl.DataFrame

    @staticmethod
    def of(rows: pl.DataFrame, pieces: pl.Series, count: int) -> Segments:
        """Lines of `count` segments, which follow each other in `pieces` from `@start` on."""
        height = len(pieces) - count + 1
        columns = [pieces.slice(at, height).alias(f"s{at}") for at in range(count)]
        return Segments(rows, pl.DataFrame(columns))

    @property
    def count(self) -> int:
        """How many segments each line has."""
        return self.pieces.width

    def cut(self, until: int | None = None) -> pl.DataFrame:
        """The rows with their first segments (all if None) as `s0`…."""
        pieces = self.pieces if until is None else self.pieces[:, :until]
        return self.rows.hstack(pieces[self.rows["@start"]])


@dataclass(frozen=True, slots=True)
class _Known:
    """A layout with its expressions for a run, made once: each costs time to make."""

    layout: Layout
    tagged: pl.Expr
    found: tuple[pl.Expr, ...]
    conforming: pl.Expr
    blank: pl.Expr

    @staticmethod
    def of(layout: Layout, asked: Asked) -> _Known:
        values = layout.values(asked.wanted).items()
        return _Known(
            layout,
            layout.tagged(),
            (
                pl.lit(layout.tag).alias("@tag"),
                pl.lit(layout.has_duplicate_field).alias("@duplicate"),
                pl.lit(value=False).alias("@second"),
                layout.prefix().alias("@prefix"),
                *(value.alias(f"={name}") for name, value in values),
            ),
            layout.conforming(asked).alias("@fits"),
            layout.blank(asked.wanted).alias("@blank"),
        )


@dataclass(slots=True)
class LayoutCache:
    """The layouts met so far, by number of segments and what is asked of them.

    Readers share it across threads. One is learnt of `learn_after` lines that fit no other.
    """

    learn_after: int
    _known: dict[tuple[int, Asked], tuple[_Known, ...]] = field(default_factory=dict)
    _failed: dict[tuple[int, Asked], int] = field(default_factory=dict)

    def _is_due(self, at: tuple[int, Asked]) -> bool:
        """Whether it is worth while to learn: the more often it failed, the more seldom."""
        failed = self._failed.get(at, 0)
        if not failed & (failed - 1):  # 0, 1, 2, 4, 8 …
            return True
        self._failed[at] = failed + 1
        return False

    def sort_out(
        self, lines: Segments, asked: Asked
    ) -> tuple[list[tuple[Layout, pl.DataFrame]], pl.DataFrame]:
        """Sort lines by layout: (layout, its rows) and the rows left over.

        Rows of a layout have beside them the `@tag`, whether a field is `@duplicate`, the
        `@prefix`, the wanted fields as `=name`, and the segments up to the tag.
        Learns from the rows left over, while it is worth it.
        """
        found = []
        at = lines.count, asked
        known = self._known.get(at, ())
        for one in known:
            rows, lines = _split(lines, one)
            if rows.height:
                found.append((one.layout, rows))
        while lines.rows.height >= self.learn_after and len(known) < MOST and self._is_due(at):
            learnt = _learn_one(lines.rows, self.learn_after, asked)
            if learnt is None:
                self._failed[at] = self._failed.get(at, 0) + 1
                break
            self._failed[at] = 0
            one = _Known.of(learnt, asked)
            known = self._known[at] = (*known, one)
            rows, lines = _split(lines, one)
            found.append((learnt, rows))
        return found, lines.rows


def _split(lines: Segments, known: _Known) -> tuple[pl.DataFrame, Segments]:
    """The rows of a layout, and the other lines: first by the tag, then by the fields."""
    if not lines.rows.height:
        return lines.rows, lines
    tag_at = known.layout.tag_at
    is_tagged = lines.cut(tag_at + 1).select(known.tagged).to_series()
    if not is_tagged.any():
        return lines.rows.clear(), lines
    tagged, others = _parted(lines.rows, is_tagged)
    cut = replace(lines, rows=tagged).cut()
    cut = cut.with_columns(*known.found, known.conforming)
    fits = cut["@fits"]
    if cut["@blank"].any():
        may_be = cut["@blank"].arg_true()
        is_blank = cut[may_be].select(known.blank).to_series()
        fits = fits.scatter(may_be.filter(is_blank), values=False)
    if cut["@quote"].any():
        may_be = cut["@quote"].arg_true()
        is_quoted = cut["@prefix"].gather(may_be).str.contains(QUOTE)
        fits = fits.scatter(may_be.filter(is_quoted), values=False)
    behind = {f"s{at}" for at in range(tag_at + 1, lines.count)}
    rows, odd = _parted(cut[[name for name in cut.columns if name not in behind]], fits)
    if odd.height:
        others = pl.concat([others, odd[others.columns]])
    return rows, replace(lines, rows=others)


def _parted(frame: pl.DataFrame, passed: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    if passed.all():
        return frame, frame.clear()
    return frame.filter(passed), frame.filter(~passed)


def _learn_one(rows: pl.DataFrame, at_least: int, asked: Asked) -> Layout | None:
    """The layout of a trace line among rows; None where there are too few, or odd ones only."""
    lines = rows.filter(pl.col("@text").str.contains(trace_pattern()))
    if not asked.unquoted:
        lines = lines.filter(~pl.col("@text").str.contains(_QUOTED))
    if lines.height < at_least:
        return None
    for text, named in lines.head(_TRIED).select("@text", "@named").iter_rows():
        layout = learn(text, asked.tags)
        if layout is not None and named == int(layout.tag in asked.tags):
            return layout
    return None
