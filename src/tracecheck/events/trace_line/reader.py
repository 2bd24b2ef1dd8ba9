"""LINES into events and defects: a batch of each block."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ...model.tuning import DEFAULT_TUNING, Tuning
from ...model.verdict import Totals
from ...reading.lines.blocks import Block
from ...reading.lines.decoding import LINES, Lines, decode
from ...reading.lines.timestamps import read_stamps
from ...reading.lines.unread_stamps import unread_forms
from ..table import EventBatch, Needs, row_numbers
from .finding import find_events
from .grammar import character_class
from .layouts import Asked, LayoutCache
from .wrapped import hide_events

_SAMPLES = 8
"""Events of a block without a time whose stamps are looked at."""
_LEVEL = character_class("LEVEL_WORD")
_LEVEL_IN_PREFIX = rf"(?:^|[^A-Za-z0-9_])({_LEVEL})(?:[^A-Za-z0-9_]|$)"


class TraceLines:
    """The reader of a run's events, shared by its threads.

    The layouts that it learns of the log change its speed and nothing else.
    """

    def __init__(self, tuning: Tuning = DEFAULT_TUNING) -> None:
        self._tuning = tuning
        self._layouts = LayoutCache(tuning.learn_after)

    def read(self, block: Block, needs: Needs) -> EventBatch:
        """Decode the lines of a block; each is an event, plain, or malformed."""
        lines = decode(block, tags=needs.tags, timezone=needs.timezone)
        return read_events(lines, needs, self._layouts, self._tuning)


def read_events(
    lines: Lines, needs: Needs, layouts: LayoutCache, tuning: Tuning = DEFAULT_TUNING
) -> EventBatch:
    """Read the events of decoded lines (LINES, and ENVELOPE if there are any)."""
    frame = lines.frame.with_row_index("@row")
    asked = Asked(needs.spellings, needs.tags)
    beside = hide_events(lines, asked)
    if beside:  # they are malformed, whatever else is in them
        frame = frame.with_columns(frame["@text"].scatter(beside, ""))
    found = find_events(frame, asked, layouts, tuning)
    rows = found.events["@row"]
    defects = {
        "malformed": row_numbers([*found.malformed, *beside]),
        "undecodable": row_numbers(lines.undecodable),
        "too_long": row_numbers(lines.too_long),
        "duplicate_field": row_numbers(rows.filter(found.events["@duplicate"])),
        "second_event": row_numbers(rows.filter(found.events["@second"])),
    }
    totals = Totals(
        lines=frame.height,
        events=found.events.height,
        plain=frame.height - found.events.height - len(defects["malformed"]),
        **{name: len(rows) for name, rows in defects.items()},
    )
    events = _events(found.events, needs)
    seen = replace(found.seen, stamps=_unread_forms(found.events, events["@time"]))
    stamps = lines.frame.get_column("@stamp", default=pl.repeat(None, frame.height, eager=True))
    stamps = stamps.cast(pl.Int64).alias("@stamp").scatter(rows, events["@time"])
    return EventBatch(events, lines.frame.select(*LINES, stamps), defects, totals, seen)


def _events(found: pl.DataFrame, needs: Needs) -> pl.DataFrame:
    """Events out of what is found of each: its line, tag, prefix, and fields by their spellings.

    Time, level and logger are the envelope's, else what the prefix before the tag shows.
    """
    columns: dict[str, pl.Expr] = {
        "@when": pl.lit(0, pl.Int64),
        "@time": pl.lit(read_stamps(found["@prefix"], needs.timezone)),
    }
    if needs.level:
        columns["@level"] = pl.col("@prefix").str.extract(_LEVEL_IN_PREFIX, 1)
    if needs.logger:
        columns["@logger"] = pl.lit(None, pl.String)
    if "@stamp" in found.columns:
        said = {"@time": "@stamp", "@level": "@level", "@logger": "@logger"}
        columns |= {
            name: pl.coalesce(said[name], columns[name]) for name in said.keys() & columns.keys()
        }
    for name, spellings in needs.fields.items():
        spelled = [f"={one}" for one in spellings if f"={one}" in found.columns]
        columns[name] = pl.coalesce(spelled) if spelled else pl.lit(None, pl.String)
    return found.select(columns.get(name, pl.col(name)).alias(name) for name in needs.schema)


def _unread_forms(found: pl.DataFrame, times: pl.Series) -> frozenset[str]:
    """The forms of the stamps of some events that have no time."""
    if not times.null_count():
        return frozenset()
    untimed = found.filter(times.is_null())
    some = untimed.gather_every(max(1, untimed.height // _SAMPLES))
    columns = [some[name] for name in ("@unread", "@prefix") if name in some.columns]
    return unread_forms(text for column in columns for text in column.drop_nulls())
