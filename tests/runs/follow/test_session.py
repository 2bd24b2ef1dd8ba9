"""A run that follows: its beginning, its end, and what it keeps to go on with."""

from __future__ import annotations

import errno
import gzip
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from runs.follow.followed import (
    END,
    HANDED,
    START,
    Log,
    Running,
    as_json,
    at,
    began,
    ended,
    found,
    judged,
    ruled,
    told_of,
)
from tracecheck import check
from tracecheck.errors import SourceError, TracecheckError, UsageError
from tracecheck.model.live import Notice, Trouble
from tracecheck.model.tuning import Tuning
from tracecheck.model.verdict import Verdict
from tracecheck.reading.sources.discovery import STDIN
from tracecheck.runs.follow import checkpoints
from tracecheck.runs.follow import fingerprint as fingerprints
from tracecheck.runs.follow.checkpoints import load
from tracecheck.runs.follow.session import Ending

HANDOFF = ruled(HANDED + "}")
FORBID = ruled('forbid: {where: EV where s == "bad"}')
GOOD, BAD = at(0, "EV|s=1"), at(1, "EV|s=bad")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "a.log")


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


def waited(run: Running, wanted: Callable[[], object]) -> list[Notice]:
    """What is told until something is so, which needs no time of the run's clock."""
    told: list[Notice] = []
    pause, deadline = threading.Event(), time.monotonic() + 10
    while not wanted():
        assert time.monotonic() < deadline
        told += run.step()
        pause.wait(0.002)
    return told


def stored(run: Running, state: str, lines: int) -> None:
    """Have a checkpoint written that knows so many lines."""

    def knows() -> bool:
        with suppress(TracecheckError):
            checkpoint = load(state)
            if checkpoint is not None:
                partitions = checkpoint.document["partitions"].values()
                return bool(sum(partition["totals"]["lines"] for partition in partitions) == lines)
        return False

    run.step(5)
    waited(run, knows)
    waited(run, lambda: run.run._storing is None)  # noqa: SLF001


# --- endings --------------------------------------------------------------------------------


def test_a_run_of_files_is_never_over_by_itself(log: Log) -> None:
    run = Running(FORBID, log.path)
    for _ in range(3):
        run.step(100_000)
        assert not run.run.over
    run.close()


def test_a_run_is_over_after_its_time(log: Log) -> None:
    run = Running(FORBID, log.path, ending=Ending(after=60))
    log.write(GOOD)
    run.step(59.9)
    assert not run.run.over
    log.write(BAD)
    run.step(0.2)
    assert run.run.over
    assert run.close().verdict == "fail"


def test_a_run_is_over_when_nothing_came_for_so_long(log: Log) -> None:
    run = Running(FORBID, log.path, ending=Ending(idle=10))
    for _ in range(3):
        log.write(GOOD)
        run.step(9)
        assert not run.run.over
    run.step(9.9)
    assert not run.run.over
    run.step(0.2)
    assert run.run.over
    run.close()


@pytest.mark.parametrize("idle", [0, 1])
def test_what_waits_to_be_read_is_no_silence(log: Log, idle: float) -> None:
    log.write(*[GOOD] * 100)
    run = Running(FORBID, log.path, ending=Ending(idle=idle), options={"tuning": Tuning(block=32)})
    steps = 0
    while not steps or not run.run.over:
        run.clock.pass_(0.9)
        run.run.step()
        steps += 1
    assert steps > 5
    assert run.close().totals.lines == 100


def test_only_a_settled_failure_ends_a_run_that_goes_on_until_one(log: Log) -> None:
    rules = ruled(HANDED + ", within: 10s}", "rate: {of: EV where s == 2, over: EV, at_least: 99%}")
    run = Running(rules, log.path, ending=Ending(on_fail=True))
    log.write(began(0))
    run.step()
    assert not run.run.over
    log.write(at(10, "EV|s=0|id=z"))
    run.step(3600)
    assert not run.run.over
    log.write(at(10.1, "EV|s=0|id=z"))
    run.step()
    assert run.run.over
    assert run.close().verdict == "fail"


def test_a_failure_that_does_not_count_ends_nothing(log: Log) -> None:
    rules = ruled('forbid: {where: EV where s == "bad"}\n    severity: low')
    run = Running(rules, log.path, ending=Ending(on_fail=True), options={"fail_on": "high"})
    log.write(BAD)
    run.step()
    assert found(run.notices)
    assert not run.run.over
    run.close()


def test_a_run_of_a_pipe_is_over_when_that_ends(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, f"{GOOD}\n{BAD}".encode())
    with os.fdopen(read, "rb") as stdin:
        run = Running(FORBID, STDIN, options={"stdin": stdin})
        waited(run, lambda: run.run.snapshot().verdict.totals.lines == 1)
        assert not run.run.over
        os.write(write, b"\n")
        waited(run, lambda: found(run.notices))
        assert not run.run.over
        os.close(write)
        waited(run, lambda: run.run.over)
        verdict = run.close()
    assert (verdict.verdict, verdict.totals.lines) == ("fail", 2)
    assert verdict.inputs[0].path == STDIN


# --- what joins -----------------------------------------------------------------------------


def test_a_log_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    path = str(tmp_path / "later.log")
    run = Running(FORBID, path)
    run.step(1)
    assert run.run.snapshot().verdict.totals.lines == 0
    Log(path).write(BAD)
    run.step(1)
    assert found(run.notices) == [("forbidden", "later.log:1")]
    assert as_json(run.close()) == as_json(judged(FORBID, path))


def test_logs_that_a_glob_or_a_folder_means_later_join(tmp_path: Path) -> None:
    Log(tmp_path / "a.log").write(GOOD)
    for given in (str(tmp_path / "*.log"), str(tmp_path)):
        run = Running(FORBID, given)
        run.step(1)
        Log(tmp_path / "b.log").write(GOOD, BAD)
        run.step(1.1)
        run.step(5)
        assert found(run.notices) == [("forbidden", "b.log:2")]
        assert [Path(one.path).name for one in run.close().inputs] == ["a.log", "b.log"]
        os.unlink(tmp_path / "b.log")


def test_the_end_looks_for_logs_once_more_and_holds_nothing_back(tmp_path: Path) -> None:
    Log(tmp_path / "a.log").write(BAD)
    run = Running(FORBID, str(tmp_path))
    run.step()
    Log(tmp_path / "b.log").write(BAD)  # it might be a copy of the other that is being made
    run.step(1)
    assert as_json(run.close()) == as_json(judged(FORBID, f"{tmp_path}/a.log", f"{tmp_path}/b.log"))


def test_a_copy_that_is_held_back_at_the_end_goes_on_with_its_log_in_the_next_run(
    log: Log, tmp_path: Path, state: str
) -> None:
    log.write(GOOD, GOOD)
    run = Running(FORBID, str(tmp_path), state=state)
    run.step()
    copy = tmp_path / "a.log-old1"
    copy.write_bytes(Path(log.path).read_bytes())
    run.step(1)
    assert run.close().totals.lines == 4  # as a check of the folder
    Path(log.path).write_text(BAD + "\n")
    again = Running(FORBID, str(tmp_path), state=state)
    again.step(1)
    again.step(1)
    assert again.close().totals.lines == 3


def test_what_cannot_be_looked_at_is_told_while_it_lasts_and_is_unread_at_the_end(
    log: Log, tmp_path: Path
) -> None:
    log.write(GOOD)
    run = Running(FORBID, str(tmp_path))
    run.step()
    link = tmp_path / "b.log"
    link.symlink_to("nowhere")
    wanted = f"{link}: a link to nowhere, which does not exist"
    assert told_of(run.step(1), Trouble) == [Trouble(str(link), wanted, over=False)]
    assert run.step(1) == []
    assert [one.message for one in run.run.snapshot().troubles] == [wanted]
    link.unlink()
    assert told_of(run.step(1), Trouble) == [Trouble(str(link), wanted, over=True)]
    link.symlink_to("b.log")
    run.close()
    assert [line for line in run.run.unread if "symbolic links" in line]


# --- what is left unread --------------------------------------------------------------------


def unread(verdict: Verdict) -> dict[str, int]:
    return {os.path.basename(one.path): one.unread for one in verdict.inputs}


def test_a_run_that_ends_behind_says_how_much_of_which_file_it_has_not_read(
    log: Log, tmp_path: Path
) -> None:
    small = {"options": {"tuning": Tuning(block=1 << 12)}}
    (tmp_path / "a.log.1").write_text("a line\n" * 100_000)
    log.write(*["another"] * 10)
    run = Running(FORBID, str(tmp_path), **small)
    run.run.step()
    assert run.run.behind
    assert not any(unread(run.run.snapshot().verdict).values())
    verdict = run.run.close()[0]
    read, rest = verdict.inputs
    assert (rest.lines, rest.unread) == (0, 80)
    assert read.bytes == 7 * read.lines
    assert read.bytes + read.unread == 700_000
    assert (verdict.verdict, verdict.outcomes[0].reason) == ("inconclusive", "unread")


def test_a_run_that_read_all_that_was_there_leaves_nothing_unread(log: Log) -> None:
    log.write(GOOD)
    run = Running(FORBID, log.path)
    run.step()
    with Path(log.path).open("a") as file:
        file.write("the start of a line")
    verdict = run.close()
    assert (verdict.totals.lines, unread(verdict)) == (2, {"a.log": 0})


def test_what_is_written_to_a_file_that_was_read_to_its_end_is_unread(
    log: Log, tmp_path: Path
) -> None:
    log.write(GOOD)
    run = Running(FORBID, str(tmp_path))
    run.step()
    os.rename(log.path, rotated := f"{log.path}.1")
    log.write(GOOD)
    run.step(1)
    Log(Path(rotated)).write(BAD)
    run.step(1)
    verdict = run.close()
    assert unread(verdict) == {"a.log.1": len(BAD) + 1, "a.log": 0}
    assert verdict.verdict == "inconclusive"


def test_empty_files_are_listed_as_a_check_lists_them(log: Log, tmp_path: Path) -> None:
    for name in ("a.log", "b.log", "c.log.1", "d.log", "d.log.1"):
        (tmp_path / name).touch()
    log.write(GOOD)
    run = Running(FORBID, str(tmp_path))
    run.step()
    os.rename(log.path, f"{log.path}.1")
    (tmp_path / "a.log").touch()
    run.step(1)
    os.rename(f"{log.path}.1", f"{log.path}.2")
    os.rename(log.path, f"{log.path}.1")
    log.write(GOOD)
    (tmp_path / "e.log").touch()
    run.step(1)
    verdict = run.close()
    assert run.run.unread == []
    assert as_json(verdict) == as_json(check(tmp_path, rules=FORBID))


# --- checkpoints ----------------------------------------------------------------------------


def test_a_run_goes_on_where_the_one_before_was_killed(log: Log, state: str) -> None:
    log.write(began(0), BAD)
    rules = ruled(HANDED + "}", 'forbid: {where: EV where s == "bad"}')
    run = Running(rules, log.path, state=state)
    run.step()
    assert len(found(run.notices)) == 1
    log.write(BAD)
    run.step()
    run.run.release()  # as if it was killed: the last line is in no checkpoint
    log.write(ended(2))
    again = Running(rules, log.path, state=state)
    again.step()
    assert found(again.notices) == [("forbidden", "a.log:3")]
    assert as_json(again.close()) == as_json(judged(rules, log.path))


def test_the_first_checkpoint_is_stored_at_once(log: Log, state: str) -> None:
    log.write(began(0))
    run = Running(HANDOFF, log.path, state=state)
    run.step()
    run.run.release()
    assert load(state) is not None


def test_a_run_that_was_closed_is_gone_on_with_as_if_it_had_not_been(log: Log, state: str) -> None:
    log.write(began(0))
    run = Running(HANDOFF, log.path, state=state)
    run.step()
    assert run.close().verdict == "fail"
    log.write(ended(1))
    again = Running(HANDOFF, log.path, state=state)
    again.step()
    assert again.close().verdict == "pass"
    assert not found(again.notices)


def test_a_line_that_was_not_complete_at_the_close_is_read_whole_by_the_next_run(
    log: Log, state: str
) -> None:
    with open(log.path, "a") as file:
        file.write(f"{GOOD}\n{at(1, 'EV|s=b')}")
    run = Running(FORBID, log.path, state=state)
    run.step()
    assert run.close().totals.lines == 2
    with open(log.path, "a") as file:
        file.write("ad\n")
    again = Running(FORBID, log.path, state=state)
    again.step()
    assert as_json(again.close()) == as_json(judged(FORBID, log.path))
    assert found(again.notices) == [("forbidden", "a.log:2")]


def test_a_run_of_several_logs_goes_on_with_all_of_them(tmp_path: Path, state: str) -> None:
    logs = [Log(tmp_path / name) for name in ("a.log", "b.log")]
    paths = [log.path for log in logs]
    logs[0].write(began(0))
    run = Running(HANDOFF, *paths, state=state)
    run.step()
    logs[1].write(began(1, "b"))
    run.step()
    run.close()
    logs[1].write(ended(2))
    logs[0].write(ended(3, "b"))
    again = Running(HANDOFF, *paths, state=state)
    again.step()
    assert as_json(again.close()) == as_json(judged(HANDOFF, *paths))


ROTATED = (
    *("app.log.1", "app.log.2025-12-17", "app.log-20251218-210001", "app.log-1766091600"),
    *("app.2025-12-17.log", "app.1.log", "app__2025-12-18_00-00-00.log"),
)


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("name", ROTATED)
def test_a_log_of_a_directory_is_followed_through_rotation_to_any_name(
    name: str, is_packed: bool, restarts: bool, tmp_path: Path, state: str
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    log = Log(folder / "app.log")
    log.write(START.format("a"))
    running = Running(HANDOFF, str(folder), state=state)
    running.step()
    if restarts:
        running.close()
    log.write(END.format("a"), START.format("b"))
    older = folder / name
    os.rename(log.path, older)
    if is_packed:
        Path(f"{older}.gz").write_bytes(gzip.compress(older.read_bytes()))
        older.unlink()
    Log(log.path).write(END.format("b"))
    if restarts:
        running = Running(HANDOFF, str(folder), state=state)
    for _ in range(3):
        running.step(1)
    verdict = running.close()
    assert verdict.verdict == "pass"
    assert as_json(verdict) == as_json(check(str(folder), rules=HANDOFF))


def test_a_log_is_rotated_while_nobody_follows_it(log: Log, state: str) -> None:
    log.write(began(0), began(0, "b"))
    run = Running(HANDOFF, log.path, state=state)
    run.step()
    run.close()
    log.write(ended(1))
    log.rotate()
    log.write(ended(2, "b"))
    again = Running(HANDOFF, log.path, state=state)
    again.step()
    verdict = again.close()
    assert verdict.verdict == "pass"
    assert [(Path(one.path).name, one.lines) for one in verdict.inputs] == [
        ("a.log.1", 3),
        ("a.log", 1),
    ]


@pytest.mark.parametrize("step", ["fsync", "replace", "open"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_what_cannot_be_stored_is_told_once_and_again_when_it_is_over(
    log: Log, state: str, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    run = Running(HANDOFF, log.path, state=state)
    log.write(began(0))
    stored(run, state, 1)
    before = Path(state, checkpoints.NAME).read_bytes()

    def refuse(*_args: Any, **_more: Any) -> None:
        raise OSError(number, os.strerror(number))

    class System:
        def __getattr__(self, name: str) -> Any:
            return refuse if name == step else getattr(os, name)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "os", System())
        log.write(ended(1))
        run.step(5)
        waited(run, lambda: told_of(run.notices, Trouble))
        [trouble] = told_of(run.notices, Trouble)
        assert (trouble.about, trouble.over) == (state, False)
        assert trouble.message.startswith(f"{state}: the state cannot be stored: ")
        assert os.strerror(number) in trouble.message
        assert run.run.snapshot().verdict.verdict == "pass"  # it goes on
        assert run.run.snapshot().troubles == (trouble,)
        for _ in range(3):
            run.step(5)
            waited(run, lambda: run.run._storing is None)  # noqa: SLF001
        assert told_of(run.notices, Trouble) == [trouble]
        assert Path(state, checkpoints.NAME).read_bytes() == before
    stored(run, state, 2)
    waited(run, lambda: len(told_of(run.notices, Trouble)) == 2)
    assert told_of(run.notices, Trouble)[1] == Trouble(state, trouble.message, over=True)
    assert run.run.snapshot().troubles == ()
    assert run.close().verdict == "pass"


def test_another_reason_why_nothing_can_be_stored_does_not_end_the_trouble(
    log: Log, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Running(FORBID, log.path, state=state)
    log.write(GOOD)
    reasons = iter([errno.ENOSPC, errno.EROFS])

    def refuse(_descriptor: int) -> None:
        number = next(reasons, errno.EROFS)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(checkpoints.os, "fsync", refuse)
    for count in (1, 2):
        run.step(5)
        waited(run, lambda: run.run._storing is None)  # noqa: SLF001
        assert len(run.run.snapshot().troubles) == 1, count
    told = told_of(run.notices, Trouble)
    assert not told[-1].over
    assert os.strerror(errno.EROFS) in told[-1].message
    monkeypatch.undo()
    run.close()


def test_what_cannot_be_stored_at_the_close_is_told_with_it(
    log: Log, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Running(FORBID, log.path, state=state)
    log.write(GOOD)
    run.step()

    def refuse(*_args: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpoints.os, "replace", refuse)
    assert run.close().verdict == "pass"
    assert [one.over for one in told_of(run.notices, Trouble)] == [False]


def test_a_folder_that_another_run_holds_is_refused_and_free_when_it_ends(
    log: Log, state: str
) -> None:
    run = Running(FORBID, log.path, state=state)
    with pytest.raises(UsageError, match="another run keeps its state there"):
        Running(FORBID, log.path, state=state)
    run.close()
    Running(FORBID, log.path, state=state).close()


def test_a_run_that_cannot_begin_leaves_the_folder_free(tmp_path: Path, state: str) -> None:
    (tmp_path / "log").write_bytes(b"\x7fELF\0\0\0")
    for _ in range(2):
        with pytest.raises(SourceError, match=r"ELF|no log|binary"):
            Running(FORBID, str(tmp_path / "log"), state=state)


def kept(log: Log, state: str, **more: Any) -> bytes:
    """A checkpoint of a run of two lines."""
    log.write(GOOD, GOOD)
    run = Running(FORBID, log.path, state=state, **more)
    run.step()
    run.close()
    return Path(state, checkpoints.NAME).read_bytes()


@pytest.mark.parametrize(
    ("rules", "options", "said"),
    [
        (FORBID, {"order": "time"}, "made with order none, and this run has time"),
        (
            FORBID,
            {"timezone": "Europe/Berlin"},
            "made with timezone UTC, and this run has Europe/B",
        ),
        (FORBID, {"max_findings": 5}, "made with max-findings 20, and this run has 5"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_and_kept(
    log: Log, state: str, rules: Any, options: Any, said: str
) -> None:
    before = kept(log, state)
    with pytest.raises(UsageError, match=said) as raised:
        Running(rules, log.path, state=state, options=options)
    assert "\n" not in str(raised.value)
    assert Path(state, checkpoints.NAME).read_bytes() == before
    Running(FORBID, log.path, state=state).close()


def test_a_checkpoint_of_another_version_is_refused_and_kept(
    log: Log, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(log, state)
    monkeypatch.setattr(fingerprints, "__version__", "99.1")
    with pytest.raises(UsageError, match=r"made with tracecheck .*, and this run has 99\.1"):
        Running(FORBID, log.path, state=state)
    assert Path(state, checkpoints.NAME).read_bytes() == before


def test_a_damaged_checkpoint_is_refused_and_not_overwritten(log: Log, state: str) -> None:
    damaged = kept(log, state)[:-20]
    Path(state, checkpoints.NAME).write_bytes(damaged)
    with pytest.raises(SourceError, match="is no checkpoint, or a damaged one"):
        Running(FORBID, log.path, state=state)
    assert Path(state, checkpoints.NAME).read_bytes() == damaged


# --- where to begin -------------------------------------------------------------------------


@pytest.mark.parametrize(("begin", "lines"), [("start", 3), (None, 3), ("end", 0)])
def test_a_run_begins_at_the_start_or_the_end(log: Log, begin: str | None, lines: int) -> None:
    log.write(GOOD, GOOD, BAD)
    run = Running(FORBID, log.path, begin=begin)
    run.step()
    assert run.run.snapshot().verdict.totals.lines == lines
    log.write(GOOD)
    run.step()
    assert run.close().totals.lines == lines + 1


def test_beginning_with_the_file_of_a_checkpoint_tells_only_what_came_since(
    log: Log, state: str
) -> None:
    kept(log, state)
    log.write(BAD)
    run = Running(FORBID, log.path, begin=os.path.join(state, checkpoints.NAME))
    run.step()
    assert found(run.notices) == [("forbidden", "a.log:3")]
    assert run.close().totals.lines == 3


def test_a_checkpoint_to_begin_with_is_not_written_to(log: Log, state: str, tmp_path: Path) -> None:
    before = kept(log, state)
    run = Running(FORBID, log.path, begin=state, state=str(tmp_path / "other"))
    log.write(BAD)
    run.step()
    run.close()
    assert Path(state, checkpoints.NAME).read_bytes() == before
    assert load(str(tmp_path / "other")) is not None


@pytest.mark.parametrize("begin", ["nowhere", "middle", "", "END"])
def test_what_is_no_beginning_is_refused(log: Log, begin: str) -> None:
    with pytest.raises(SourceError, match="no checkpoint; --from takes start, end, or a"):
        Running(FORBID, log.path, begin=begin)


def test_a_log_is_no_checkpoint_to_begin_with(log: Log) -> None:
    log.write(GOOD)
    with pytest.raises(SourceError, match="no checkpoint; --from takes start"):
        Running(FORBID, log.path, begin=log.path)


@pytest.mark.parametrize("begin", ["start", "end"])
def test_a_beginning_counts_only_where_there_is_no_checkpoint(
    log: Log, state: str, begin: str
) -> None:
    kept(log, state)
    again = Running(FORBID, log.path, begin=begin, state=state)
    assert again.run.resumed
    again.close()


def test_two_checkpoints_to_go_on_from_are_refused(log: Log, state: str) -> None:
    before = kept(log, state)
    with pytest.raises(UsageError, match=r"which that of --from would replace"):
        Running(FORBID, log.path, begin=state, state=state)
    assert Path(state, checkpoints.NAME).read_bytes() == before


def test_a_checkpoint_of_a_log_that_is_not_given_is_refused(
    log: Log, state: str, tmp_path: Path
) -> None:
    kept(log, state)
    other = Log(tmp_path / "other.log")
    with pytest.raises(UsageError, match=r"the checkpoint is of .*, which is not given"):
        Running(FORBID, other.path, state=state)
    with pytest.raises(UsageError, match=r"the checkpoint is of one log"):
        Running(FORBID, other.path, log.path, state=state)


def test_a_pattern_that_matches_nothing_yet_is_waited_for(tmp_path: Path) -> None:
    running = Running(FORBID, str(tmp_path / "*.log"))
    running.step(100)
    assert not running.run.over
    Log(tmp_path / "new.log").write(BAD)
    running.step(1)
    running.step(1)
    assert [type(one).__name__ for one in running.notices].count("Violation") == 1
    running.close()


def test_what_joins_and_is_no_log_is_a_trouble_and_following_goes_on(
    log: Log, tmp_path: Path
) -> None:
    running = Running(FORBID, str(tmp_path))
    running.step()
    (tmp_path / "odd.log").write_bytes(bytes(range(256)) * 8)
    told = running.step(1)
    assert any("looks like binary data" in getattr(one, "message", "") for one in told)
    log.write(BAD)
    running.step(10)
    assert running.close().verdict == "fail"


def test_standard_input_cannot_be_gone_on_with(state: str) -> None:
    with pytest.raises(UsageError, match="standard input cannot be gone on with"):
        Running(FORBID, STDIN, state=state)
    assert not os.path.exists(state)
