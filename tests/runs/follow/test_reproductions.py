"""Logs that were judged wrongly, or nearly, while they were followed."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rules.rule_texts import load_text

from runs.follow.followed import SPECS, Running
from tracecheck.api import check as api
from tracecheck.model.rules import RuleSet
from tracecheck.model.verdict import Verdict

HEAD = "version: 1\nkey: [conv]\nrules:\n"
ORDERS = load_text(
    HEAD.replace("conv", "order")
    + "  - {id: every-order-is-shipped, handoff: {from: ORDER where phase == 'placed', "
    "to: ORDER where phase == 'shipped'}}\n",
    SPECS,
)
TURNS = load_text(
    HEAD
    + "  - {id: every-plan-is-delivered, handoff: {from: OUTBOX_TRACE where phase == 'planner', "
    "to: OUTBOX_TRACE where phase == 'delivery'}}\n"
    "  - {id: no-default-instance, forbid: {where: DELIVERY_TRACE where instance == 'default'}}\n"
    "  - {id: log-is-wellformed, wellformed: {}}\n",
    SPECS,
)
GUARDS = load_text(
    HEAD + "  - {id: no-critical-guard, forbid: {where: OUTBOX_GUARD where level == 'CRITICAL'}}\n",
    SPECS,
)

PLACED, SENT = "INFO:app:ORDER|phase=placed|order={}\n", "INFO:app:ORDER|phase=shipped|order={}\n"
GUARD = "INFO:app:OUTBOX_GUARD|level=CRITICAL|type=x\n"
OK = "INFO:app:SEND|conv=0|status=ok\n"


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for logs, in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = Path("logs")
    folder.mkdir()
    return folder


def add(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def classes(verdict: Verdict) -> dict[str, dict[str, int]]:
    """What violates, by rule."""
    return {
        one.rule.id: {name: count for name, count in one.classes.items() if count}
        for one in verdict.outcomes
    }


def closed_as_batch(run: Running, rules: RuleSet, path: Path) -> Verdict:
    """The final verdict, whose rules are judged as a check of the same path judges them."""
    run.step(1)
    verdict = run.close()
    again = api.check(path, rules=rules)
    assert (verdict.verdict, classes(verdict)) == (again.verdict, classes(again))
    assert verdict.totals == again.totals
    assert sorted(one.path for one in verdict.inputs) == sorted(one.path for one in again.inputs)
    return verdict


@pytest.mark.parametrize("dated", ["app.log.2025-12-17", "app.log.1", "app.log-20251217"])
def test_a_folder_is_judged_as_in_batch_however_its_log_is_rotated(logs: Path, dated: str) -> None:
    log = logs / "app.log"
    log.write_text(PLACED.format(1))
    run = Running(ORDERS, str(logs))
    run.step()
    add(log, PLACED.format(2))
    log.rename(logs / dated)
    log.write_text(SENT.format(1) + SENT.format(2))
    assert closed_as_batch(run, ORDERS, logs).verdict == "pass"


def test_a_part_of_kubelet_goes_on_in_the_next_file(logs: Path) -> None:
    log = logs / "0.log"
    log.write_text(
        "2025-12-18T21:00:00.1Z stdout F OUTBOX_TRACE|phase=planner|conv=1|idem=a\n"
        "2025-12-18T21:00:01.1Z stdout P OUTBOX_TRACE|phase=deliv\n"
    )
    run = Running(TURNS, str(logs))
    run.step()
    log.rename(logs / "0.log.20251218-210001")
    log.write_text("2025-12-18T21:00:01.2Z stdout F ery|conv=1|idem=a\n")
    verdict = closed_as_batch(run, TURNS, logs)
    assert classes(verdict)["every-plan-is-delivered"] == {}
    assert verdict.outcomes[0].outcome == "pass"
    assert verdict.totals.events == 2


@pytest.mark.parametrize("lines", [100, 50_000])
@pytest.mark.parametrize("looks_between", [True, False])
def test_the_hole_of_a_copytruncate_hides_nothing(
    logs: Path, lines: int, looks_between: bool
) -> None:
    """A writer that keeps its offset leaves NULs before what it writes next."""
    log = logs / "app.log"
    with log.open("wb") as writer:
        writer.write(OK.encode() * lines)
        writer.flush()
        run = Running(GUARDS, str(log))
        run.step()
        os.truncate(log, 0)
        if looks_between:
            run.step(1)
        writer.write((GUARD + OK).encode())
    run.step(1)
    verdict = run.close()
    assert classes(verdict) == {"no-critical-guard": {"forbidden": 1}}
    assert verdict.totals.too_long == 0


@pytest.mark.parametrize("links", ["folder", "file", "file in a followed folder"])
def test_a_link_that_is_switched_is_read_to_its_end_and_then_anew(logs: Path, links: str) -> None:
    for version in ("v1", "v2"):
        (logs / version).mkdir()
    old, new = (Path("logs", version, "app.log") for version in ("v1", "v2"))
    add(old, "INFO:app:OUTBOX_TRACE|phase=planner|conv=1\n")
    folder = links == "folder"
    link = logs / "current" if folder else logs / "links" / "app_ns_x.log"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to("v1" if folder else old.resolve())
    followed = link / "app.log" if folder else link if links == "file" else link.parent
    run = Running(TURNS, str(followed))
    run.step()
    add(old, "INFO:app:OUTBOX_TRACE|phase=delivery|conv=1\n")
    add(new, "INFO:app:OUTBOX_TRACE|phase=planner|conv=2\n")
    (logs / "next").symlink_to("v2" if folder else new.resolve())
    (logs / "next").rename(link)
    run.step(1)
    add(new, "INFO:app:DELIVERY_TRACE|action=send|conv=2|instance=default\n")
    run.step(1)
    assert classes(run.close()) == {
        "every-plan-is-delivered": {"lost": 1},
        "no-default-instance": {"forbidden": 1},
        "log-is-wellformed": {},
    }


REWRITTEN: dict[str, Callable[[str], str]] = {
    "longer": lambda _: GUARD + OK * 80,
    "as long": lambda old: (GUARD + OK * 100)[: len(old) - 1] + "\n",
    "the same, and more": lambda old: old + GUARD,
    "the same at its beginning, and longer": lambda old: old[: len(OK) * 40] + GUARD + OK * 40,
}


@pytest.mark.parametrize("how", REWRITTEN)
def test_what_a_log_is_rewritten_to_is_read(logs: Path, how: str) -> None:
    log, old = logs / "app.log", OK * 50
    log.write_text(old)
    run = Running(GUARDS, str(log))
    run.step()
    log.write_text(REWRITTEN[how](old))
    run.step(1)
    assert classes(run.close()) == {"no-critical-guard": {"forbidden": 1}}


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("dated", ["app.log.2025-12-17", "app.log.1", "app.log-20251217"])
@pytest.mark.parametrize("follows", ["app.log", "."])
def test_what_was_rotated_while_nobody_followed_is_found(
    logs: Path, dated: str, compressed: bool, follows: str
) -> None:
    log, path = logs / "app.log", str(logs / follows)
    log.write_text(PLACED.format(1))
    first = Running(ORDERS, path, state="state")
    first.step()
    first.close()
    add(log, SENT.format(1) + PLACED.format(2))
    rotated = log.rename(logs / dated)
    if compressed:
        Path(f"{rotated}.gz").write_bytes(gzip.compress(rotated.read_bytes()))
        rotated.unlink()
    log.write_text(SENT.format(2))
    run = Running(ORDERS, path, state="state")
    run.step()
    verdict = run.close()
    assert classes(verdict) == {"every-order-is-shipped": {}}
    assert verdict.verdict == "pass"


def test_a_log_with_the_start_of_one_that_was_rotated_is_read(logs: Path) -> None:
    start = "".join(f"INFO:app:starting component {at} of 25 ...... ok\n" for at in range(25))
    pod, other = logs / "pod-a.log", logs / "pod-b.log"
    pod.write_text(start + OK)
    run = Running(GUARDS, str(logs))
    run.step()
    pod.rename(logs / "pod-a.log.1")
    pod.write_text(OK)
    run.step(1)
    other.write_text(start + GUARD)
    assert closed_as_batch(run, GUARDS, logs).verdict == "fail"


def test_a_link_that_is_switched_between_two_looks_reads_no_log_twice(logs: Path) -> None:
    (logs / "app-18.log").write_text(OK)
    (logs / "current.log").symlink_to("app-18.log")
    run = Running(GUARDS, str(logs))
    run.step()
    (logs / "app-19.log").write_text(GUARD)
    (logs / "current.log").unlink()
    (logs / "current.log").symlink_to("app-19.log")
    assert closed_as_batch(run, GUARDS, logs).totals.lines == 2


def test_a_log_and_a_link_to_it_that_come_later_are_read_once(logs: Path) -> None:
    run = Running(GUARDS, str(logs / "n.log"), str(logs / "link.log"))
    run.step()
    (logs / "link.log").symlink_to("n.log")
    (logs / "n.log").write_text(OK)
    run.step(1)
    assert run.close().totals.lines == 1
