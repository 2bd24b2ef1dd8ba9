"""What a checkpoint holds, as types: whoever edited one is told before it is used."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import (
    Annotated,
    Any,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import polars as pl

from ...model.verdict import Totals
from ...reading.lines.blocks import FileRead
from ...reading.lines.places import file_number, file_of
from ...reading.tail.identity import HEAD, Known
from .checkpoints import Checkpoint


def _within(first: int, end: int) -> Callable[[int], bool]:
    return lambda value: first <= value < end


def _is_text(value: str) -> bool:
    # Names of files need not be UTF-8; what the system can write in no name is of no run.
    return not any("\ud800" <= one <= "\udfff" and not "\udc80" <= one <= "\udcff" for one in value)


Count = Annotated[int, _within(0, 1 << 63)]
Place = Annotated[int, _within(0, 1 << 64)]
Time = Annotated[int, _within(-(1 << 63), 1 << 63)]
Checksum = Annotated[int, _within(0, 1 << 32)]
Path = Annotated[str, lambda value: "\0" not in value]
Files = Annotated[list[Path], bool]

_LEAST: Mapping[type, Callable[[Any], bool]] = {int: _within(-(1 << 63), 1 << 64), str: _is_text}
"""What holds of all values of a type, whatever else is said of them."""

_FIELDS: Mapping[str, Any] = {
    "path": Path,
    "position": Count,
    "origin": Count,
    "head_size": Annotated[int, _within(0, HEAD + 1)],
    "checksum": Checksum,
    "marks": list[tuple[Count, Checksum]],
}
"""Of values that are read and written by what they are in memory, what their types leave open."""


_OF_ALL = {"when", "place", "class", "minor", "places", "texts", "text", "reason"}
_MAY_LACK = {"@time", "@overdue", "@level", "@logger"}


class _Since(TypedDict):
    lines: Count
    late_arrivals: Count
    waited: list[tuple[Place, Place]]


class _Rule(TypedDict):
    id: str
    mark: str
    since: _Since


class _Tail(TypedDict):
    begun: list[Known]
    passed: list[Known]
    ahead: list[Known]
    open: bool
    ended: bool
    gaps: list[str]


class _Line(TypedDict):
    place: Place
    data: str
    too_long: bool
    offset: Count
    stream: str | None
    tail: str
    flag_at: Count | None
    is_full: bool
    word: str | None
    time: str | None
    shows_tag: bool


class _Joiner(TypedDict):
    cost: Count
    lines: list[_Line]


class _Cutter(TypedDict):
    carry: str
    carry_is_cut: bool
    line_bytes: Count
    next_place: Place
    joiner: _Joiner


class _Source(TypedDict):
    source: Files
    tail: _Tail
    cutter: _Cutter
    files: list[FileRead]


class _Buffer(TypedDict):
    left: tuple[Time, Place] | None
    reached: dict[str, Time | None]


class _Sequencer(TypedDict):
    buffer: _Buffer | None
    untimed: Count
    unknown: bool


class _State(TypedDict):
    counts: dict[str, Count]
    anchored: bool


class _Seen(TypedDict):
    tags: list[str]
    names: list[str]
    attributes: list[str]
    values: list[tuple[str, str]]
    stamps: list[str]


class _Clocks(TypedDict):
    anchored: bool
    sources: dict[str, tuple[Time | None, Time | None, tuple[Place, str] | None, Count]]


class _Origins(TypedDict):
    ends: list[Place]
    mixed: bool
    forgotten: Count


class _Partition(TypedDict):
    states: list[_State]
    totals: Totals
    seen: _Seen
    late_arrivals: Count
    last: tuple[Time, Place, Time | None] | None
    clocks: _Clocks
    origins: list[_Origins]


class _Windows(TypedDict):
    rates: list[str]
    buckets: dict[str, list[Count]]


class _Changes(TypedDict):
    overdue: list[tuple[Count, Count, Place]]
    times: list[tuple[Count, Time]]


class _Watch(TypedDict):
    sources: list[Files]
    given: list[Path]
    patterns: list[Path]
    seen: list[Path]


class Document(TypedDict):
    """The JSON document of a checkpoint."""

    fingerprint: dict[str, str | int | None]
    rules: list[_Rule]
    sources: list[_Source]
    sequencer: _Sequencer
    partitions: dict[str, _Partition]
    windows: _Windows
    changes: _Changes
    watch: _Watch


def ensure_sound(checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that no run has written. Raises ValueError.

    Every line that is told of is of a file that was read.
    """
    document = checkpoint.document
    if not fits(document, Document):
        raise ValueError("the document is of another shape")
    sources = document["sources"]
    files = {file_number(at, n) for at, one in enumerate(sources) for n in range(len(one["files"]))}
    tables = checkpoint.tables.values()
    if any(table[name].null_count() for table in tables for name in _known(table.columns)):
        raise ValueError("an event lacks what each has")
    told = [one for table in tables for one in _places(table)]
    if not files.issuperset(file for places in told for file in file_of(places).unique()):
        raise ValueError("a line of a table is of no file")
    if not files.issuperset(map(file_of, _places_in(document))):
        raise ValueError("a line is of no file")
    buffer = document["sequencer"]["buffer"]
    if buffer is not None and len(buffer["reached"]) != len(sources):
        raise ValueError("a source has no place in the order")


def _known(columns: Sequence[str]) -> set[str]:
    """The columns, of a table that has these, which know a value of each of its rows."""
    own = {name for name in columns if name.startswith("@")} - _MAY_LACK
    return own | _OF_ALL.intersection(columns)


def _places(table: pl.DataFrame) -> Iterator[pl.Series]:
    for name in {"@place", "place", "places"}.intersection(table.columns):
        places = table[name].explode() if name == "places" else table[name]
        yield places.drop_nulls()


def _places_in(document: Mapping[str, Any]) -> Iterator[int]:
    """Where the lines stand that were begun, or come next, or are told of as they have no time."""
    for source in document["sources"]:
        cutter = source["cutter"]
        yield from (line["place"] for line in cutter["joiner"]["lines"])
        if source["files"]:
            yield cutter["next_place"]
    for partition in document["partitions"].values():
        untimed = (clock[2] for clock in partition["clocks"]["sources"].values())
        yield from (place for place, _ in filter(None, untimed))


def fits(value: Any, type_: Any) -> bool:
    """Whether a value out of JSON is of a type; lists stand for tuples, objects for dataclasses."""
    origin, inner = get_origin(type_), get_args(type_)
    if origin is Annotated:
        return fits(value, inner[0]) and all(holds(value) for holds in inner[1:])
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is list or inner[1:] == (...,):
        return type(value) is list and all(fits(one, inner[0]) for one in value)
    if origin is tuple:
        return type(value) is list and len(value) == len(inner) and all(map(fits, value, inner))
    if origin is dict:
        return type(value) is dict and all(
            fits(key, inner[0]) and fits(one, inner[1]) for key, one in value.items()
        )
    if dataclasses.is_dataclass(type_) or is_typeddict(type_):
        fields = get_type_hints(type_, include_extras=True)
        return (
            type(value) is dict
            and value.keys() == fields.keys()
            and all(fits(one, _FIELDS.get(name, fields[name])) for name, one in value.items())
        )
    return type(value) is type_ and _LEAST.get(type_, lambda _: True)(value)
