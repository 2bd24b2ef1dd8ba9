"""Law 7: every line is an event, plain or malformed, and none is lost or counted twice."""

from __future__ import annotations

from typing import Any

import oracle
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from laws import examples
from laws.engine import report, set_up
from laws.logs import logs
from laws.rulefiles import rule_files
from laws.test_lines import By
from tracecheck.errors import SourceError
from tracecheck.events.table import Needs
from tracecheck.events.trace_line.layouts import LayoutCache
from tracecheck.events.trace_line.reader import read_events
from tracecheck.reading.lines.blocks import Cutter
from tracecheck.reading.lines.decoding import decode
from tracecheck.reading.sources.sniffing import not_a_log

TAGS = frozenset({"AA", "BB"})
RULES = {
    "version": 1,
    "rules": [
        {"id": "one", "forbid": {"where": "AA"}, "severity": "low"},
        {"id": "two", "forbid": {"where": "BB"}},
    ],
}

_LINES = (b"AA|a=1", b"AA|", b"AA", b"AA a=1", b"BB|a=1|a=2", b"x", b"", b'{"msg": "AA|a=1"}')
damaged = st.lists(
    st.one_of(st.sampled_from(_LINES), st.binary(max_size=12), st.just(b"\n"), st.just(b"\n")),
    max_size=30,
).map(b"".join)


@examples(150)
@given(data=st.one_of(st.binary(max_size=300), damaged), size=st.sampled_from((1, 7, 1 << 20)))
def test_every_line_of_arbitrary_bytes_is_counted_once(data: bytes, size: int) -> None:
    """In each batch, and in all of them as the contract counts the whole."""
    cutter, book = Cutter(), LayoutCache(learn_after=8)
    cutter.begin(0)
    blocks = [block for piece in By(size)(data) for block in cutter.feed(piece)]
    counted: dict[str, int] = {}
    for block in (*blocks, *cutter.end(closing=True)):
        batch = read_events(decode(block), Needs(TAGS), book)
        totals = batch.totals
        assert totals.lines == totals.events + totals.plain + totals.malformed
        assert totals.lines == len(block.texts) == batch.lines.height
        assert totals.events == batch.events.height
        for name, rows in batch.defects.items():
            assert getattr(totals, name) == len(rows) == rows.n_unique()
        for name in totals.__slots__:
            counted[name] = counted.get(name, 0) + getattr(totals, name)
    wanted = oracle.report([[("a.log", data)]], RULES)["totals"]
    assert {name: counted.get(name, 0) for name in wanted} == wanted


@examples(60)
@example(data=b"AA|a=1\n\0\x01\xff" * 300, block=30)
@example(data=b"\0\x01\xff\n" * 300, block=30)
@given(data=damaged, block=st.sampled_from((1, 30, 1 << 20)))
def test_a_run_accounts_for_every_line_and_byte(data: bytes, block: int) -> None:
    """The inputs add up to the totals; what is refused is what looks like no log, and no other."""
    looks_like = not_a_log(data, "a.log")
    try:
        found = report([[("a.log", data)]], RULES, setup=set_up(block=block))
    except SourceError:
        assert looks_like is not None
        return
    assert looks_like is None
    totals = found["totals"]
    assert totals["lines"] == totals["events"] + totals["plain"] + totals["malformed"]
    assert [(one["lines"], one["bytes"]) for one in found["inputs"]] == [
        (totals["lines"], len(data))
    ]


@examples(60)
@given(sources=logs(), rules=rule_files(), block=st.sampled_from((1, 30, 1 << 20)))
def test_every_file_of_a_run_is_accounted_for(sources: Any, rules: Any, block: int) -> None:
    """Whatever the rules, and whatever was read before the run started over."""
    try:
        found = report(sources, rules, setup=set_up(block=block, workers=2))
    except SourceError:
        assume(False)
    files = [file for one in sources for file in one]
    assert [one["path"] for one in found["inputs"]] == [path for path, _ in files]
    assert [one["bytes"] for one in found["inputs"]] == [len(data) for _, data in files]
    totals = found["totals"]
    assert sum(one["lines"] for one in found["inputs"]) == totals["lines"]
    assert totals["lines"] == totals["events"] + totals["plain"] + totals["malformed"]


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b"\r", b"\n\n", b"x"])
def test_the_smallest_logs_are_counted(data: bytes) -> None:
    """Nothing, an empty line, a mark alone, a line without its end."""
    found = report([[("a.log", data)]], RULES)
    assert found["totals"] == oracle.report([[("a.log", data)]], RULES)["totals"]
