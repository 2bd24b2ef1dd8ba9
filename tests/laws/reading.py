"""Law 2 as a check: the vectorised reader holds for texts what the grammar says of each."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from unittest import mock

import oracle.events
import oracle.times
import polars as pl

from laws.one_line import read_line
from tracecheck.events.table import EventBatch, Needs
from tracecheck.events.trace_line import layouts
from tracecheck.events.trace_line.grammar import TraceLine, read_trace_line
from tracecheck.events.trace_line.guards import find_oddities
from tracecheck.events.trace_line.layouts import Asked as AskedOfLines
from tracecheck.events.trace_line.layouts import LayoutCache, Segments
from tracecheck.events.trace_line.reader import read_events
from tracecheck.reading.lines.decoding import Lines

LAYOUTS = {"layouts forced": 1, "layouts off": 1 << 60}
"""After how many rows a layout is learnt: from the first, or never."""

CHARACTERS = ("A", "a", "1", "_", "|", "=", " ", "-")
"""One of each class of characters that the grammar tells apart."""

SEGMENTS = (
    *("AA", "BB", "INFO", "x", "", " ", "a=1", "b=", "a=2", "AA=BB", "c=a=b", "-=1", "A="),
    *("x AA", "xAA", "AA ", "é AA", "1AA", "_AA", "AA_", "p INFO", "INFO x", "xINFO", "a\nAA"),
    *("AA=", "=AA", "a.b=1", ".a=1", "a\n=1", "a=\n", "ERROR", "é=1", "A", "A1", "x A1"),
)
"""Segments as a line may hold them: tags, levels, fields, notes, and what only looks like them."""

FEW_SEGMENTS = (
    *("AA", "BB", "INFO", "ERROR", "x", "", "a=1", "b=", "a=2", "AA=BB", "-=1", "x AA", "xAA"),
    *("x INFO", "xINFO", "CC ", "a\n=1", "CC", "A"),
)
"""Those that layouts can take for one another."""

TAGS = frozenset({"AA", "BB", "A1", "INFO"})

CRI = "2025-12-18T21:00:00.1Z stdout"

ODD_SEGMENTS = (
    *("AA", "BB", "CC", "CC", "INFO", "ERROR", "x", "", " ", "a=1", "b=", "a=2", "c=\n", "a =1"),
    *("a=1 ", " AA", " AA ", "AA\t", " a=1", "CC ", "x CC", "INFO ", "AA\n", "\nAA", "AA BB"),
    *('c="q"', '"AA', 'x="BB', "'CC", "{'m': 'AA", 'b=1"', 'b=1\\"', "c='", 'a=1" x=2', '\\"AA'),
    *(
        'x="a" AA',
        '"x y AA',
        '5" AA',
        'b=""',
        'b="" ',
        'b=1 "BB',
        'é"AA',
        'b=1\\\\"',
        'CC"',
        '","AA',
    ),
    *("BB:x=1", "AA;a=1", "BB -> x=1", "AA....x=1", "BB, c=1", "AA CC: BB", "AA=1", "z=AA"),
    *("x\\nAA", "b=2\\tBB", "\\rAA:x=1", "é\\nCC", "x\\nCC", "\\nINFO"),
    *("ok#012BB", "b=2\\u003eBB", "\\x0ABB", "\\033AA", "\\u00AAAA", "#12AA"),
    *('b=x","c":1}', 'b=x"}', "b=x', 'c'", 'b=x" c=2', 'b=x ","c":', 'b=["x","y"]', "b=y\\n"),
    *("AAx=1", "AAa=1", "z AAc=1", "x AA_X=1", "[BB", "A,BB", "[BB] c=1", "b=#000", "b=x#012"),
    *(
        "`AA",
        "b=1`",
        "x [y AA",
        "b=2]",
        "<m>AA",
        "b=1</m>",
        "a=<m>",
        "b=</n> ",
        "x b'AA",
        "\u201cx: BB",
    ),
    *(
        "b=1\\\\n'",
        "b=1\u201d x",
        '7;"x AA',
        '""AA',
        'b=""1"", x"',
        "'x AA",
        "b=it's",
        "b='1'",
        "&quot;AA",
    ),
    *("b=&quot;", f"{CRI} P AA", f"{CRI} P x CC", f'{CRI} P "BB', "x (AA", "b=)", "{'k': b'x AA"),
    *("[2025-12-18] app.INFO: AA", "[2025-1] a.B: x BB", "b=1 [] []", 'b=x {"k": {}} ', "b=1 [x]"),
    *("z= AA", "text BB", "b=AA", "b=okBB", "b=ok:BB", "message repeated 2 times: [ AA"),
)
"""Segments with quotes, blanks, damage and second tags in them."""

TAG_SETS = (
    *(TAGS, frozenset({"AA"}), frozenset({"AA", "BB", "INFO"}), frozenset({"AA", "BB", "CC"})),
    *(frozenset[str](), frozenset({"AA", "BB", *(f"Z{number}" for number in range(100))})),
)
"""Which tags are named: these, none, or more than fit into one pattern."""

FIELDS = ("A", "a", "b", "c", "1", "_", "aa", "AA", "a.b", "INFO")


@dataclass(frozen=True)
class Asked:
    """What the reader is asked for: fields by name, and tags."""

    fields: tuple[str, ...] = FIELDS
    tags: frozenset[str] = TAGS

    @property
    def needs(self) -> Needs:
        fields = {name: (name,) for name in self.fields}
        return Needs(self.tags, fields, level=True, logger=True)


grammar = cache(read_trace_line)
one_line = cache(read_line)


def agree(texts: Sequence[str], learn_after: int, asked: Asked = Asked()) -> None:
    """Raise AssertionError unless all that is read of the texts is what the grammar reads.

    Of a line: whether it is an event, its tag, its fields, the time and the level in its
    prefix, whether a field stands twice, and whether it is malformed.
    """
    batch = _read(texts, asked, learn_after)
    found = _events_of(batch, asked)
    duplicates = set(batch.defects["duplicate_field"])
    malformed = set(batch.defects["malformed"])
    lines = [one_line(text, asked.tags, asked.fields) for text in texts]
    seconds = set(batch.defects["second_event"])
    for row, (text, one) in enumerate(zip(texts, lines, strict=True)):
        line = one.trace_line
        assert found.get(row) == (line and _expected(line, asked)), repr(text)
        assert (row in duplicates) == (line is not None and line.has_duplicate_field), repr(text)
        assert (row in malformed) == one.malformed, repr(text)
        assert (row in seconds) == one.has_second_event, repr(text)
    events = [one.trace_line for one in lines if one.trace_line]
    assert batch.seen.tags == {line.tag for line in events}
    assert batch.seen.names == {name for line in events for name in line.fields}
    assert batch.totals.events == len(events) == len(found)
    assert batch.totals.plain == len(texts) - len(events) - len(malformed)


def _read(texts: Sequence[str], asked: Asked, learn_after: int) -> EventBatch:
    places = pl.Series("@place", range(len(texts)), dtype=pl.UInt64)
    frame = pl.DataFrame([places, pl.Series("@text", texts, dtype=pl.String)])
    return read_events(
        Lines(frame, frozenset(), frozenset()), asked.needs, LayoutCache(learn_after)
    )


def _events_of(batch: EventBatch, asked: Asked) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for row in batch.events.iter_rows(named=True):
        assert row["@place"] not in found
        fields = {name: row[name] for name in asked.fields if row[name] is not None}
        attributes = (row["@time"], row["@level"], row["@logger"])
        found[row["@place"]] = (row["@tag"], fields, *attributes)
    return found


def _expected(line: TraceLine, asked: Asked) -> Any:
    fields = {name: value for name, value in line.fields.items() if name in asked.fields}
    time = oracle.times.from_text(line.prefix, oracle.times.UTC)
    return line.tag, fields, time, oracle.events.prefix_level(line.prefix), None


def layouts_agree(texts: Sequence[str]) -> None:
    """Raise AssertionError if a text fits the layout of another, but is not read like it.

    `texts` have the same number of segments. Every layout is held against every text: what it
    takes, it must divide, and cut into prefix and values, as the grammar does.
    """
    count = texts[0].count("|") + 1
    wanted = frozenset(FIELDS)
    asked = AskedOfLines(wanted, TAGS)
    texts = list(texts)
    starts = pl.int_range(0, len(texts) * count, count, dtype=pl.UInt32, eager=True)
    pieces = pl.Series([piece for text in texts for piece in text.split("|")], dtype=pl.String)
    oddities = find_oddities(pl.Series(texts), TAGS)
    beside = [oddities[name].alias(f"@{name}") for name in ("named", "blank", "quote")]
    rows = _beside_the_grammar(texts).with_columns(starts.alias("@start"), *beside)
    named = oddities["named"]
    lines = Segments.of(rows, pieces, count)
    known: set[layouts.Layout] = set()
    with mock.patch.object(layouts, "MOST", 1):
        for row in range(len(texts)):
            layout = layouts.learn(texts[row], TAGS)
            if layout is None or layout in known or named[row] != int(layout.tag in TAGS):
                continue
            known.add(layout)
            book = LayoutCache(learn_after=1)
            book.sort_out(replace(lines, rows=lines.rows[row : row + 1]), asked)
            ((learnt, fitting),) = book.sort_out(lines, asked)[0]
            assert learnt == layout
            assert row in fitting["row"], texts[row]
            line = grammar(texts[row], TAGS)
            assert line is not None
            assert layout.has_duplicate_field == line.has_duplicate_field, texts[row]
            found = fitting.select(
                divided=pl.lit(_division(texts[row])) == pl.col("division"),
                prefix=layout.prefix() == pl.col("prefix"),
                **{
                    name: pl.col(f"={name}") == pl.col(f"value of {name}")
                    for name in wanted & line.fields.keys()
                },
            )
            wrong = fitting.filter(
                ~found.fill_null(value=False).select(pl.all_horizontal("*"))[:, 0]
            )
            assert not wrong.height, (layout, wrong["@text"][:3].to_list())


def _beside_the_grammar(texts: Sequence[str]) -> pl.DataFrame:
    """Texts, beside what the grammar reads in them."""
    lines = [grammar(text, TAGS) for text in texts]
    return pl.DataFrame(
        {
            "row": range(len(texts)),
            "@text": texts,
            "division": [_division(text) for text in texts],
            "prefix": [line and line.prefix for line in lines],
            **{
                f"value of {name}": [line and line.fields.get(name) for line in lines]
                for name in FIELDS
            },
        }
    )


def _division(text: str) -> str | None:
    """How the grammar divides a text: where the tag stands, which, and what follows it."""
    line = grammar(text, TAGS)
    if line is None:
        return None
    return repr((line.prefix.count("|"), line.tag, [name for name, _ in line.segments]))


def short_texts(longest: int) -> Iterator[str]:
    """Every text of up to so many representative characters."""
    for length in range(longest + 1):
        yield from map("".join, itertools.product(CHARACTERS, repeat=length))


def lines_of_segments(most: int, segments: Iterable[str] = SEGMENTS) -> Iterator[str]:
    """Every line of two up to so many representative segments."""
    segments = tuple(segments)
    for count in range(2, most + 1):
        yield from map("|".join, itertools.product(segments, repeat=count))


def batches(texts: Iterable[str], size: int = 2000) -> Iterator[list[str]]:
    """The texts in another order, so many at a time: each batch learns layouts of its own."""
    shuffled = list(texts)
    random.Random(0).shuffle(shuffled)
    for start in range(0, len(shuffled), size):
        yield shuffled[start : start + size]
