"""The fault run as a test: nothing that could be read is lost, read twice or judged otherwise."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

from faults.script import run
from tracecheck.engine.findings import none_found
from tracecheck.reading.tail import regular_file as growing
from tracecheck.reading.tail.inventory import Inventory
from tracecheck.reading.tail.rotated_set import Members
from tracecheck.runs.follow import checkpoints
from tracecheck.runs.follow import partition as partitions

SEED = 1
FAULTS = max(100, 5 * settings().max_examples // 2)
SORTS = 20
AT_LEAST = FAULTS // 100


@pytest.mark.deep
def test_no_fault_changes_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    report = run(SEED, FAULTS)
    with capsys.disabled():
        print(f"\n{report}")
    assert not report.divergences
    assert report.count >= FAULTS
    assert len(report.faults) == SORTS
    assert min(report.faults.values()) >= AT_LEAST
    assert report.violations > report.episodes


# And it can fail: each of these is a defect that it must find.


def _divergences(monkeypatch: pytest.MonkeyPatch, room: Any, name: str, broken: Any) -> list[str]:
    monkeypatch.setattr(room, name, broken)
    return run(SEED, 60).divergences


@pytest.mark.guard
def test_a_byte_that_is_skipped_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = growing.Plain.read
    reads = []

    def read(self: growing.Plain, most: int) -> bytes:
        data = real(self, most)
        reads.append(bool(data))
        return data[1:] if data and sum(reads) % 20 == 0 else data

    assert _divergences(monkeypatch, growing.Plain, "read", read)


@pytest.mark.guard
def test_a_checkpoint_that_forgets_findings_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = partitions.Partitions.written

    def written(self: partitions.Partitions) -> Any:
        document, tables = real(self)
        assert "0.0.findings" in tables  # of partition 0, rule 0
        return document, {**tables, "0.0.findings": none_found()}

    assert _divergences(monkeypatch, partitions.Partitions, "written", written)


@pytest.mark.guard
def test_a_rotated_file_that_is_passed_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Inventory.members

    def members(self: Inventory) -> Members:
        return Members(real(self).files[-1:])

    assert _divergences(monkeypatch, Inventory, "members", members)


@pytest.mark.guard
def test_a_checkpoint_that_is_saved_before_it_is_whole_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def save(self: checkpoints.Folder, checkpoint: checkpoints.Checkpoint) -> None:
        place = os.path.join(self.path, checkpoints.NAME)
        descriptor = checkpoints.os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        checkpoints.os.fsync(descriptor)
        with open(descriptor, "wb") as file:
            checkpoints._write(checkpoint, file)  # noqa: SLF001 - stands in for itself

    assert _divergences(monkeypatch, checkpoints.Folder, "save", save)
