"""Whoever edits a checkpoint is refused in one line, or has a run that is sound."""

from __future__ import annotations

import copy
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from runs.follow.followed import Followed, Log, Running, as_json, at, began, ended, ruled
from tracecheck.errors import SourceError, TracecheckError
from tracecheck.model.tuning import Tuning
from tracecheck.reading.tail.watch import Watch
from tracecheck.runs.follow import checkpoints
from tracecheck.runs.follow.checkpoints import NAME, Checkpoint, Folder, load
from tracecheck.runs.follow.follower import Follower
from tracecheck.runs.follow.shapes import ensure_sound

RULES = ruled(
    "forbid: {where: EV where s == 9}",
    "handoff: {from: EV where s == 1, to: EV where s == 2, within: 5s}",
    "rate: {of: EV where s == 1, over: EV, at_most: 50%}",
    "sequence: {steps: [EV where s == 1, EV where s == 2]}",
    "wellformed: {}",
    'forbid: {where: EV where color == "red"}',
)
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 1 << 31, 1 << 36, 1 << 62, 1 << 70, -(1 << 63), 1.5, float("nan")),
    *("", "x", "\0x", "é\ud800", [], [1], ["a"], [[]], {}, {"a": 1}),
)
Steps = tuple[str | int, ...]


class Stored:
    """Logs, and a checkpoint of a run that read them, which may be edited."""

    def __init__(self, folder: Path, **logs: list[str]) -> None:
        self.logs = [Log(folder / f"{name}.log") for name in logs]
        for log, lines in zip(self.logs, logs.values(), strict=True):
            log.write(*lines)
        self.state = str(folder / "state")
        run = Running(RULES, *(log.path for log in self.logs), state=self.state)
        run.step()
        run.step(1)
        run.close()
        checkpoint = load(self.state)
        assert checkpoint is not None
        self.checkpoint = checkpoint
        self._texts = [Path(log.path).read_text() for log in self.logs]

    def ends(self, edited: Checkpoint) -> str:
        """How a run ends that goes on from this: `refused`, in one line, or `sound`."""
        for log, text in zip(self.logs, self._texts, strict=True):
            Path(log.path).write_text(text)
        with closing(Folder(self.state)) as folder:
            folder.save(edited)
        run = None
        try:
            run = Running(RULES, *(log.path for log in self.logs), state=self.state)
            run.step()
            lines = [began(40, "k"), ended(41, "k"), at(50, "EV|s=9|id=e|color=x"), "EV||"]
            self.logs[0].write(*lines)
            run.step(1)
            run.run.snapshot()
            as_json(run.close())
        except TracecheckError as error:
            assert "\n" not in str(error)
            return "refused"
        finally:
            if run is not None:
                run.run.release()
        return "sound"


@pytest.fixture
def one(tmp_path: Path) -> Stored:
    """Of one log, in which something is open, overdue, unfinished and wrong."""
    part = "2025-06-01T00:00:20.000000000Z stdout P EV|s=1|id"
    lines = [began(1, "a"), ended(0.5, "a"), began(1, "b"), "EV|s=9|id=a", "EV||", part]
    return Stored(tmp_path, a=[*lines, at(9, "EV|s=1|id=q|color=blue")])


@pytest.fixture
def two(tmp_path: Path) -> Stored:
    """Of two logs, of which events of one wait for the other."""
    return Stored(tmp_path, a=[began(1), began(2), began(3)], b=[began(1, "x"), began(1.5, "y")])


def places(value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Every value of a document, by the steps that lead there."""
    if steps:
        yield steps
    names = value if isinstance(value, dict) else range(len(value if type(value) is list else ()))
    for name in names:
        yield from places(value[name], (*steps, name))


def edited(document: Any, steps: Steps, do: Callable[[Any, Any], None]) -> Any:
    """A copy in which something was done to a value, given what holds it and its name there."""
    document = copy.deepcopy(document)
    holder = document
    for name in steps[:-1]:
        holder = holder[name]
    do(holder, steps[-1])
    return document


def edits(document: Any) -> Iterator[Any]:
    """Each value in turn gone, doubled, and another: of each value some, of all places all."""
    for number, steps in enumerate(places(document)):
        yield edited(document, steps, lambda holder, name: holder.pop(name))
        yield edited(document, steps, _double)
        for value in (*VALUES, *VALUES)[number % len(VALUES) :][: len(VALUES) // 3]:
            yield edited(document, steps, partial(_put, value=value))


def _double(holder: Any, name: Any) -> None:
    if isinstance(holder, dict):
        holder["another"] = holder[name]
    else:
        holder.append(holder[name])


def _put(holder: Any, name: Any, *, value: Any) -> None:
    holder[name] = value


def refused_at_once(checkpoint: Checkpoint) -> bool:
    try:
        ensure_sound(checkpoint)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("which", ["one", "two"])
def test_a_document_with_any_value_edited_is_refused_or_makes_a_sound_run(
    which: str, request: pytest.FixtureRequest
) -> None:
    stored: Stored = request.getfixturevalue(which)
    told = dict.fromkeys(("at once", "tried", "refused", "sound"), 0)
    for document in edits(stored.checkpoint.document):
        checkpoint = Checkpoint(document, stored.checkpoint.tables)
        if refused_at_once(checkpoint):
            told["at once"] += 1
            continue
        told["tried"] += 1
        if told["tried"] % 6 == 0:  # each takes a run
            told[stored.ends(checkpoint)] += 1
    assert told["at once"] > 1_000
    assert told["refused"] > 5
    assert told["sound"] > 5


def test_files_that_are_read_are_passed_over_and_are_still_ahead_have_their_shapes(
    tmp_path: Path,
) -> None:
    Path(tmp_path, "a.log.1").write_text("EV|s=9|id=old\n")
    log = Log(tmp_path / "a.log")
    log.write(*(began(1, number) for number in range(50)))
    first = Followed(RULES, log, tuning=Tuning(block=32))
    first.follower.step()
    Path(tmp_path, "a.log.1").rename(tmp_path / "a.log.2")
    log.rotate()
    log.write(ended(3), at(4, "EV|s=9|id=new"))
    first.follower.step()
    checkpoint = first.follower.checkpoint()
    assert checkpoint is not None
    watch: dict[str, Any] = Watch([log.path]).state()
    document = json.loads(json.dumps({**checkpoint.document, "watch": watch}))
    tail = document["sources"][0]["tail"]
    assert [len(tail[name]) for name in ("begun", "passed", "ahead")] == [1, 1, 1]
    ensure_sound(Checkpoint(document, checkpoint.tables))
    values = {"origin": -1, "checksum": 1 << 32, "marks": [[1, 2, 3]]}
    for files, (name, value) in product(("begun", "passed", "ahead"), values.items()):
        steps = ("sources", 0, "tail", files, 0, name)
        other = Checkpoint(edited(document, steps, partial(_put, value=value)), checkpoint.tables)
        assert refused_at_once(other), (files, name)
    again = first.again()
    again.step()
    assert again.close().outcomes[0].violations == 1


def test_what_no_run_has_written_is_refused_as_damaged_and_kept(one: Stored) -> None:
    document = {**one.checkpoint.document, "sequencer": None}
    with closing(Folder(one.state)) as folder:
        folder.save(Checkpoint(document, one.checkpoint.tables))
    before = Path(one.state, NAME).read_bytes()
    for begin in (None, one.state):
        with pytest.raises(SourceError, match="is no checkpoint, or a damaged one; remove it"):
            Running(RULES, one.logs[0].path, state=None if begin else one.state, begin=begin)
    assert Path(one.state, NAME).read_bytes() == before


def test_a_table_that_was_edited_is_refused_or_makes_a_sound_run(
    two: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_without_texts", dict)  # which needs tables as they should be

    def tables(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
        yield table.clear()
        yield pl.concat([table, table])
        yield pl.DataFrame({"a": [1]})
        for column, dtype in table.schema.items():
            yield table.drop(column)
            yield table.with_columns(pl.lit(None, dtype).alias(column))
            yield table.with_columns(pl.lit("x").alias(column))
            if dtype.is_integer():
                yield table.with_columns(dtype.max().alias(column))

    edits = [
        {**two.checkpoint.tables, name: other}
        for name, table in two.checkpoint.tables.items()
        for other in tables(table)
    ]
    some = edits[::7]  # each takes a run
    assert {two.ends(Checkpoint(two.checkpoint.document, edit)) for edit in some} == {
        "refused",
        "sound",
    }


def test_a_document_that_was_edited_without_its_digest_is_refused(one: Stored) -> None:
    path = os.path.join(one.state, NAME)
    with zipfile.ZipFile(path) as stored:
        members = {name: stored.read(name) for name in stored.namelist()}
    text = json.loads(members["state.json"])
    text["document"]["partitions"]["0"]["states"][0]["counts"]["matches"] = 0
    for edit in ({"state.json": json.dumps(text).encode()}, {"digest": b"x" * 32}, {"more": b""}):
        with zipfile.ZipFile(path, "w") as stored:
            for name, data in {**members, **edit}.items():
                stored.writestr(name, data)
        with pytest.raises(SourceError, match="is no checkpoint, or a damaged one"):
            load(path)


def test_an_error_of_the_program_is_none_of_a_checkpoint_once_that_is_taken_up(
    one: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Running(RULES, one.logs[0].path, state=one.state)
    run.step()
    monkeypatch.setattr(Follower, "step", lambda _: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        run.step()
    run.run.release()
