"""Texts into what is found in each: the vectorised twin of the grammar.

Layouts cut most lines by position; the search reads the rest; what stands in quotes is read once
more without what follows them. Only the fields that the rules read are cut out of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ...model.tuning import Tuning
from ..table import Seen
from .damage import REPEATED, damaged_tags, first_field_at, has_second_event, is_damaged_before
from .guards import count_tags, find_oddities, may_be_damaged, may_hold_tag
from .layouts import WIDEST, Asked, LayoutCache, Segments
from .lost_envelopes import goes_on_as_envelope
from .quoted import begin_in_quotes, cut_texts
from .quotes import ANY_QUOTE
from .search import search
from .unfinished import MAY_BE_UNFINISHED, is_unfinished

_BESIDE = ["@tag", "@duplicate", "@second", "@prefix"]


@dataclass(frozen=True, slots=True)
class Found:
    """What is found in the lines of a frame.

    `events` have the columns of the frame (`@row` and `@text` among them), and beside these the
    `@tag`, whether a field is `@duplicate` and a `@second` event stands behind the first field,
    the `@prefix`, and wanted fields as `=name`. `malformed` are rows; all others are plain.
    """

    events: pl.DataFrame
    malformed: list[int]
    seen: Seen


def find_events(frame: pl.DataFrame, asked: Asked, layouts: LayoutCache, tuning: Tuning) -> Found:
    """Find the events in lines: `@row` (from 0, without gaps), `@text`, and other columns."""
    laid_out, others, seen = _laid_out(frame, asked, layouts, tuning.search_from)
    quoted, others = begin_in_quotes(others)
    searched, names, rest = _searched(others, asked, tuning.segments)
    cuts = cut_texts(quoted, searched)
    again = [*cuts.texts, *cuts.unclosed]
    searched, names = (_without(again, one) for one in (searched, names))
    unbegun = _go_on_as_envelopes(searched)
    if cuts.texts:
        inside = frame[list(cuts.texts)].with_columns(pl.Series("@text", cuts.texts.values()))
        unquoted = replace(asked, unquoted=True)
        is_part = inside["@text"].str.contains(MAY_BE_UNFINISHED)
        more, others, also_seen = _laid_out(
            inside.filter(~is_part), unquoted, layouts, tuning.search_from
        )
        others = pl.concat([others, inside.filter(is_part)])
        found, more_names, others = _searched(others, unquoted, tuning.segments)
        # In the rest of a line a second event may stand, be it laid out or not.
        more = [_texts_of(one, frame) for one in (*more, found)]
        searched = pl.concat([searched, *more], how="diagonal_relaxed")
        names = pl.concat([names, more_names])
        rest = pl.concat([rest, _texts_of(others, frame)])
        seen = Seen.joined([seen, also_seen])
    suspects = _suspects(searched, asked)
    damaged = {*unbegun, *_damaged(searched.filter(suspects["damaged"]), asked)}
    unfinished, told = _unfinished(searched.filter(suspects["unfinished"]), asked)
    searched = searched.drop("@between").with_columns(_second(searched, suspects["second"], asked))
    no_events = [*damaged, *unfinished]
    searched, seen_names = (_without(no_events, one) for one in (searched, names))
    return Found(
        # In one piece: what is done next would otherwise join the pieces each time.
        pl.concat([*laid_out, searched], how="diagonal", rechunk=True),
        [*cuts.unclosed, *{*damaged, *told}, *_malformed(rest, asked)],
        Seen(
            seen.tags.union(searched["@tag"].unique()),
            seen.names.union(seen_names["name"].unique()),
        ),
    )


def _without(rows: Sequence[int], frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without some of its `@row`s, mostly none: to ask the engine has its price."""
    return frame.filter(~frame["@row"].is_in(rows)) if rows else frame


def _laid_out(
    frame: pl.DataFrame, asked: Asked, layouts: LayoutCache, longest: int
) -> tuple[list[pl.DataFrame], pl.DataFrame, Seen]:
    """What is found in lines that fit a layout, the other lines, and what is seen in the former.

    Lines above `longest` bytes fit none.
    """
    found: list[pl.DataFrame] = []
    rest = [frame.clear()]
    tags: set[str] = set()
    names: set[str | None] = set()
    for lines in _by_segments(frame, asked, longest):
        if not 1 < lines.count <= WIDEST:
            rest.append(lines.rows[frame.columns])
            continue
        sorted_out, others = layouts.sort_out(lines, asked)
        rest.append(others[frame.columns])
        for layout, rows in sorted_out:
            fields = [name for name in rows.columns if name.startswith("=")]
            found.append(rows[[*frame.columns, *_BESIDE, *fields]])
            if rows.height:
                tags.add(layout.tag)
                names.update(layout.names)
    seen = Seen(frozenset(tags), frozenset(name for name in names if name is not None))
    return found, pl.concat(rest), seen


def _by_segments(frame: pl.DataFrame, asked: Asked, longest: int) -> Iterator[Segments]:
    """The lines, cut at the pipes, by how many segments they have; very long ones uncut."""
    is_long = frame["@text"].str.len_bytes() > longest
    if is_long.any():
        # A line made of pipes would be cut into as many segments: the search bounds them.
        yield Segments(frame.filter(is_long), pl.DataFrame())
        frame = frame.filter(~is_long)
    texts = frame["@text"]
    segments = texts.str.split("|")
    counts = segments.list.len()
    pieces = segments.explode()
    # Only messages, and what stands in quotes, may still end in blanks.
    may_end_blank = asked.unquoted or "@stamp" in frame.columns
    oddities = find_oddities(
        texts, asked.tags, unquoted=asked.unquoted, may_end_blank=may_end_blank
    )
    start = (counts.cum_sum() - counts).alias("@start")
    beside = [oddities[name].alias(f"@{name}") for name in ("named", "blank", "quote")]
    frame = frame.hstack([start, counts.alias("@count"), *beside])
    is_odd = oddities["envelope"]
    if is_odd.any():
        yield Segments(frame.filter(is_odd), pl.DataFrame())
        frame = frame.filter(~is_odd)
    for rows in frame.partition_by("@count", maintain_order=True) if frame.height else ():
        count = rows["@count"][0]
        # Lines of too many segments are not cut.
        yield Segments.of(rows, pieces, count if count <= WIDEST else 0)


def _searched(
    rest: pl.DataFrame, asked: Asked, segments: int
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What is found among lines of any layout, the names of fields, and the other lines.

    Beside what `Found.events` have stands `@between`, the text from the tag to the first field.
    """
    found = search(rest["@text"], asked.wanted, asked.tags, segments)
    rows = found.frame["@row"]
    fields = [name for name in found.frame.columns if not name.startswith("@")]
    data = pl.col("@text").cast(pl.Binary)
    behind = pl.col("@tag_at") + pl.col("@tag").str.len_bytes()
    events = (
        rest[rows]
        .hstack(found.frame.drop("@row"))
        .select(
            *rest.columns,
            "@tag",
            "@duplicate",
            pl.lit(value=False).alias("@second"),
            data.bin.head(pl.col("@tag_at")).cast(pl.String).alias("@prefix"),
            data.bin.slice(behind, pl.col("@field_at") - behind).cast(pl.String).alias("@between"),
            *(pl.col(name).alias(f"={name}") for name in fields),
        )
    )
    names = found.names.with_columns(rest["@row"][found.names["@row"]].alias("@row"))
    is_event = pl.int_range(rest.height, dtype=pl.UInt32, eager=True).is_in(rows.implode())
    return events, names, rest.filter(~is_event)


def _go_on_as_envelopes(found: pl.DataFrame) -> list[int]:
    """Rows of events in no quotes behind whose tags the rest of an envelope stands."""
    quoted = found.filter(pl.col("@text").str.contains(ANY_QUOTE))
    asked = quoted.select("@row", "@text", "@prefix").iter_rows()
    return [row for row, text, prefix in asked if goes_on_as_envelope(text, len(prefix))]


def _suspects(found: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Which events may be `damaged`, `unfinished`, or have a `second` one: to be looked at."""
    text, prefix, tags = pl.col("@text"), pl.col("@prefix"), asked.tags
    holds_tag = may_hold_tag(prefix, tags, REPEATED) | may_hold_tag(pl.col("@between"), tags)
    second = count_tags(text, tags) > pl.col("@tag").is_in(tags) if tags else pl.lit(value=False)
    return found.select(
        holds_tag.alias("damaged"),
        prefix.str.contains(MAY_BE_UNFINISHED).alias("unfinished"),
        second.alias("second"),
    )


def _second(found: pl.DataFrame, suspected: pl.Series, asked: Asked) -> pl.Series:
    """Whether a second event stands in the line of each: one of its tags is not the event's."""
    if not suspected.any():
        return found["@second"]
    columns = found.select("@text", "@prefix", "@tag").filter(suspected).iter_rows()
    second = [_has_second(text, prefix, tag, asked) for text, prefix, tag in columns]
    return suspected.scatter(suspected.arg_true(), second).alias("@second")


def _has_second(text: str, prefix: str, tag: str, asked: Asked) -> bool:
    first_field = first_field_at(text, len(prefix) + len(tag))
    return has_second_event(text, asked.tags, asked.wanted, first_field)


def _texts_of(rows: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(frame["@text"][rows["@row"]].alias("@text"))


def _damaged(suspected: pl.DataFrame, asked: Asked) -> list[int]:
    """Rows of events that are malformed all the same, for what stands before their first field."""
    rows = suspected.select("@row", "@text", "@tag", "@prefix").iter_rows()
    return [
        row
        for row, text, tag, prefix in rows
        if is_damaged_before(text, asked.tags, asked.wanted, tag, len(prefix))
    ]


def _unfinished(suspected: pl.DataFrame, asked: Asked) -> tuple[list[int], list[int]]:
    """Rows of what is no event as its line is not whole, and of those that show a named tag."""
    columns = suspected.select("@row", "@text", "@tag", "@prefix").iter_rows()
    rows = {
        row: tag in asked.tags
        or _has_second(text, prefix, tag, asked)
        or any(damaged_tags(text, asked.tags, asked.wanted))
        for row, text, tag, prefix in columns
        if is_unfinished(prefix)
    }
    return list(rows), [row for row, is_told in rows.items() if is_told]


def _malformed(rest: pl.DataFrame, asked: Asked) -> Sequence[int]:
    """Rows of lines that are no events although a named tag stands in them, and not as prose."""
    suspicious = rest.select("@row", "@text").filter(may_be_damaged(pl.col("@text"), asked.tags))
    return [
        row
        for row, text in suspicious.iter_rows()
        if any(damaged_tags(text, asked.tags, asked.wanted))
    ]
