"""What the times of events say of their sources, however the log is cut and merged."""

from __future__ import annotations

import json

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from laws import examples

from tracecheck.events.clocks import Clocks

times = st.lists(st.one_of(st.none(), st.integers(-3, 6)), max_size=14)


def events(first: int, times: list[int | None]) -> pl.DataFrame:
    rows = {
        "@place": [first + at for at in range(len(times))],
        "@time": times,
        "@text": [f"line {first + at}" for at in range(len(times))],
    }
    schema = {"@place": pl.UInt64, "@time": pl.Int64, "@text": pl.String}
    return pl.DataFrame(rows, schema).reverse()


def goes_back(times: list[int | None]) -> int:
    known = [time for time in times if time is not None]
    return sum(time < max(known[: at + 1]) for at, time in enumerate(known))


@examples(300)
@given(sources=st.lists(times, min_size=1, max_size=3), data=st.data())
def test_parts_of_sources_tell_together_what_the_whole_tells(
    sources: list[list[int | None]], data: st.DataObject
) -> None:
    parts = [
        Clocks.of(number, events(1000 * number + start, some[start : start + size]))
        for number, some in enumerate(sources)
        for size in [data.draw(st.integers(1, 5), label="size")]
        for start in range(0, len(some), size)
    ]
    if data.draw(st.booleans(), label="anchored first"):
        parts.insert(0, Clocks().at_the_start())
    while len(parts) > 1:
        at = data.draw(st.integers(0, len(parts) - 2), label="from")
        end = at + data.draw(st.integers(2, 3), label="parts")
        values, table = Clocks.joined(parts[at:end]).written()
        parts[at:end] = [Clocks.read(json.loads(json.dumps(values)), table)]
    whole = parts[0] if parts else Clocks()
    every = [time for some in sources for time in some if time is not None]
    assert whole.back == sum(map(goes_back, sources))
    assert whole.span == ((min(every), max(every)) if every else None)
    first = [
        (1000 * number + some.index(None)) for number, some in enumerate(sources) if None in some
    ]
    assert whole.untimed == ((first[0], f"line {first[0]}") if first else None)
