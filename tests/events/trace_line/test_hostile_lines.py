"""Hostile lines are read in time that grows with their length, and each is counted once."""

from __future__ import annotations

import json

import polars as pl
import pytest

from tracecheck.events.table import Needs
from tracecheck.events.trace_line.damage import explain_malformed
from tracecheck.events.trace_line.layouts import LayoutCache
from tracecheck.events.trace_line.reader import TraceLines, read_events
from tracecheck.reading.lines.blocks import Cutter
from tracecheck.reading.lines.decoding import Lines

ODD = (
    *('"', "'", "\\", '\\"', '""', 'x="', "AA|", "AA:", "AA ", "| ", " ", "\t", 'AA "'),
    *("=", "|a", "'\\''", "''", "='", "x'", "b'", "`", "[", "]", "[]", "<m>", "</m>", "<m", "]]>"),
    *("&quot;", "\u201c", "\u201c\u201d", "\\n", "2025-12-18T21:00:00Z stdout P ", " '\\\"", ">"),
    *("#012", '"}', '",', '\\"}', "}", 'x","', "'}", "AAb"),
    *("AA;", "AA|a=1|", "a=1|", "BB|", "INFO|", "message repeated ", "{", "A", "AA-", "AA|x|"),
)
NEEDS = Needs(tags=frozenset({"AA", "BB"}), fields={"a": ("a",)})


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("end", ["", "BB|a=1", '"BB|a=1" x', "BB:a=1"])
def test_a_line_of_one_thing_repeated_is_an_event_plain_or_malformed(odd, end):
    text = odd * (500_000 // len(odd)) + end
    frame = pl.DataFrame(
        {"@place": [1], "@text": [text]}, {"@place": pl.UInt64, "@text": pl.String}
    )
    batch = read_events(Lines(frame, frozenset(), frozenset()), NEEDS, LayoutCache(1))
    totals = batch.totals
    assert totals.lines == totals.events + totals.plain + totals.malformed == 1
    if end == "BB|a=1" and odd in ("| ", " ", "\t", "=", "{"):
        assert totals.events == 1


@pytest.mark.parametrize("odd", [*ODD, '{"', '{"AA|', "\\n\\u0000"])
def test_a_message_of_one_thing_repeated_is_told_if_a_tag_stands_beside_it(odd):
    texts = [odd * (200_000 // len(odd)), "x"]
    for message, beside in (texts, texts[::-1]):
        record = {"msg": message, "a": beside, "b": "AA|a=1 \\"}
        text = json.dumps(record, ensure_ascii=False)
        cutter = Cutter()
        cutter.begin(0)
        [block] = cutter.feed(f"{text}\n".encode())
        batch = TraceLines().read(block, NEEDS)
        assert batch.totals.malformed == 1


@pytest.mark.parametrize(("count", "length"), [(60, 5_000), (4_000, 120), (2, 60_000)])
def test_tags_of_any_number_and_length_are_told_apart(count, length):
    tags = [f"T{number:0{length}d}" for number in range(count)]
    texts = [f"CC|{tags[0]}|a=1", f"x {tags[1]}: a=1", f"{tags[1][:-1]}X: a=1", "CC|a=1"]
    places = pl.Series("@place", range(4), dtype=pl.UInt64)
    frame = pl.DataFrame([places, pl.Series("@text", texts)])
    needs = Needs(tags=frozenset(tags), fields={"a": ("a",)})
    batch = read_events(Lines(frame, frozenset(), frozenset()), needs, LayoutCache(1))
    assert batch.events.sort("@place")["@tag"].to_list() == [tags[0], "CC"]
    assert batch.defects["malformed"].to_list() == [1]


@pytest.mark.parametrize("odd", ODD)
def test_a_line_of_one_thing_repeated_is_explained(odd):
    text = odd * (300_000 // len(odd))
    for line in (text, f"{text}AA|", f"x {text}"):
        assert explain_malformed(line, NEEDS.tags, ())
