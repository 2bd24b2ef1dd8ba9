"""Texts into what is found in each: the vectorised twin of `one_line`.

Layouts cut most lines by position; the search reads the rest; what stands in quotes is read once
more without what follows them. Only the fields that the rules read are cut out of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ...model.tuning import Tuning
from ..table import Seen
from .damage import first_field_at, has_second_event
from .guards import may_be_damaged, may_hold_blanks, may_hold_tag, odd_prefix
from .layouts import WIDEST, Asked, LayoutCache, Segments
from .one_line import damage, damage_before
from .quotes import QUOTE, cut
from .search import search

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


@dataclass(frozen=True, slots=True)
class _Pass:
    """What one reading of some lines finds: by layouts, and by the search.

    `names` are those of all fields that the search found, by `@row`; `rest` are no events.
    """

    laid_out: list[pl.DataFrame]
    searched: pl.DataFrame
    names: pl.DataFrame
    rest: pl.DataFrame
    seen: Seen


def find_events(frame: pl.DataFrame, asked: Asked, layouts: LayoutCache, tuning: Tuning) -> Found:
    """Find the events in lines: `@row` (from 0, without gaps), `@text`, and other columns."""
    first = _read(frame, asked, layouts, tuning)
    searched, names, rest = [first.searched], [first.names], [first.rest]
    laid_out, seen = first.laid_out, first.seen
    unclosed: list[int] = []
    if first.searched["@prefix"].str.contains(QUOTE).any():
        sound, quoted, unclosed = _without_quotes(first.searched, asked.tags)
        again = _read(quoted[frame.columns], replace(asked, unquoted=True), layouts, tuning)
        whole = [_whole(one, frame, quoted) for one in (*again.laid_out, again.searched)]
        own = pl.col("@row").is_in(sound["@row"].implode())
        searched, names = [sound, whole.pop()], [first.names.filter(own), again.names]
        laid_out, seen = [*laid_out, *whole], Seen.joined([seen, again.seen])
        rest.append(_texts_of(again.rest, frame))
    found = pl.concat(searched, how="diagonal_relaxed")
    damaged = _damaged(found, asked.tags)
    if damaged:
        found = found.filter(~found["@row"].is_in(damaged))
    seen_names = pl.concat(names).filter(pl.col("@row").is_in(found["@row"].implode()))["name"]
    malformed = [*unclosed, *damaged, *_malformed(pl.concat(rest), asked.tags)]
    return Found(
        # In one piece: what is done next would otherwise join the pieces each time.
        pl.concat([*laid_out, found.drop("@between")], how="diagonal", rechunk=True),
        malformed,
        Seen(seen.tags.union(found["@tag"].unique()), seen.names.union(seen_names.unique())),
    )


def _read(frame: pl.DataFrame, asked: Asked, layouts: LayoutCache, tuning: Tuning) -> _Pass:
    laid_out, rest, seen = _laid_out(frame, asked, layouts, tuning.search_from)
    return _Pass(laid_out, *_searched(rest, asked, tuning.segments), seen)


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
    for lines in _by_segments(frame, longest):
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


def _by_segments(frame: pl.DataFrame, longest: int) -> Iterator[Segments]:
    """The lines, cut at the pipes, by how many segments they have; very long ones uncut."""
    is_long = frame["@text"].str.len_bytes() > longest
    if is_long.any():
        # A line made of pipes would be cut into as many segments: the search bounds them.
        yield Segments(frame.filter(is_long), pl.Series(dtype=pl.String), 0)
        frame = frame.filter(~is_long)
    segments = frame["@text"].str.split("|")
    counts = segments.list.len()
    frame = frame.hstack([(counts.cum_sum() - counts).alias("@start"), counts.alias("@count")])
    pieces = segments.explode()
    blanks = may_hold_blanks(frame["@text"])
    for rows in frame.partition_by("@count", maintain_order=True) if frame.height else ():
        yield Segments(rows, pieces, rows["@count"][0], blanks)


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
            *_BESIDE[:-1],
            data.bin.head(pl.col("@tag_at")).cast(pl.String).alias("@prefix"),
            data.bin.slice(behind, pl.col("@field_at") - behind).cast(pl.String).alias("@between"),
            *(pl.col(name).alias(f"={name}") for name in fields),
        )
    )
    names = found.names.with_columns(rest["@row"][found.names["@row"]].alias("@row"))
    is_event = pl.int_range(rest.height, dtype=pl.UInt32, eager=True).is_in(rows.implode())
    return events, names, rest.filter(~is_event)


def _without_quotes(
    found: pl.DataFrame, tags: frozenset[str]
) -> tuple[pl.DataFrame, pl.DataFrame, list[int]]:
    """What stands in no quotes; what does, its `@text` up to their end; rows that are unclosed.

    Of the second, `@second` is asked of the whole text.
    """
    is_candidate = found["@prefix"].str.contains(QUOTE)
    candidates = found.filter(is_candidate)
    texts: list[str | None] = []
    second = []
    for text, prefix, tag in candidates.select("@text", "@prefix", "@tag").iter_rows():
        texts.append(cut(text, len(prefix)))
        start = first_field_at(text, len(prefix) + len(tag))
        second.append(has_second_event(text, tags, start))
    cut_texts = pl.Series("@text", texts, dtype=pl.String)
    is_cut = (cut_texts != candidates["@text"]).fill_null(value=False)
    quoted = candidates.with_columns(cut_texts, pl.Series("@second", second, dtype=pl.Boolean))
    sound = pl.concat(
        [found.filter(~is_candidate), candidates.filter(cut_texts == candidates["@text"])]
    )
    return sound, quoted.filter(is_cut), candidates["@row"].filter(cut_texts.is_null()).to_list()


def _whole(found: pl.DataFrame, frame: pl.DataFrame, quoted: pl.DataFrame) -> pl.DataFrame:
    """What is found in cut texts, with the whole texts, and what was asked of these."""
    second = quoted.select("@row", "@second")
    order = found.columns
    found = found.drop("@second").join(second, on="@row", how="left", maintain_order="left")
    return _texts_of(found[order], frame)


def _texts_of(rows: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(frame["@text"][rows["@row"]].alias("@text"))


def _damaged(found: pl.DataFrame, tags: frozenset[str]) -> list[int]:
    """Rows of events that are malformed all the same, for what stands before their first field."""
    suspicious = found.filter(
        odd_prefix(pl.col("@prefix"), tags) | may_hold_tag(pl.col("@between"), tags)
    )
    asked = suspicious.select("@row", "@text", "@tag", "@prefix").iter_rows()
    return [row for row, text, tag, prefix in asked if damage_before(text, tags, tag, len(prefix))]


def _malformed(rest: pl.DataFrame, tags: frozenset[str]) -> Sequence[int]:
    """Rows of lines that are no events although a named tag stands in them, and not as prose."""
    suspicious = rest.select("@row", "@text").filter(may_be_damaged(pl.col("@text"), tags))
    return [row for row, text in suspicious.iter_rows() if damage(text, tags)]
