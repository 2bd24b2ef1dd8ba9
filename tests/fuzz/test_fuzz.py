"""The fuzz run as a test: no violation passes in silence, however its line is written."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import settings

from fuzz import damage, encoding, planted, script, zoned
from fuzz.script import run
from tracecheck.events.trace_line import damage as damaged
from tracecheck.events.trace_line import finding, quoted, reader, wrapped
from tracecheck.reading.lines import behind_stamps, decoding, iso_stamps

SEED = 1
INPUTS = 75 * settings().max_examples


@pytest.mark.deep
def test_no_violation_passes_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    report = run(SEED, INPUTS)
    with capsys.disabled():
        print(f"\n{report}")
    assert not report.complaints
    assert report.inputs >= INPUTS
    assert report.exact >= INPUTS // 10
    assert {*planted.KINDS, *damage.DONE, *encoding.ENCODED, "logs of zones"} - {
        ""
    } <= report.sorts.keys()


def test_a_seed_makes_the_same_inputs_again() -> None:
    assert str(run(7, 64)) == str(run(7, 64))


# And it can fail: each of these is a defect that it must find.


def _broken(monkeypatch: pytest.MonkeyPatch, name: str, broken: Any) -> script.Report:
    monkeypatch.setattr(finding, name, broken)
    return run(SEED, 1_000)


@pytest.mark.guard
def test_a_damaged_tag_that_is_passed_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _broken(monkeypatch, "damaged_tags", lambda *_: ()).silent


@pytest.mark.guard
def test_a_second_event_that_is_passed_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _broken(monkeypatch, "has_second_event", lambda *_: False).silent


@pytest.mark.guard
def test_a_second_event_that_lost_its_pipe_and_is_passed_over_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(damaged, "_is_parted", lambda *_: False)
    assert run(SEED, 6_000).silent


@pytest.mark.guard
def test_what_stands_beside_a_message_and_is_passed_over_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "hide_events", lambda *_: [])
    assert run(SEED, 1_000).silent


@pytest.mark.guard
def test_the_head_of_an_envelope_that_is_passed_over_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wrapped, "damaged_tags", lambda *_: ())
    assert run(SEED, 6_000).silent


@pytest.mark.guard
def test_the_rest_of_an_envelope_in_a_value_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _broken(monkeypatch, "goes_on_as_envelope", lambda *_: False).silent


@pytest.mark.guard
def test_a_line_end_that_stays_in_a_value_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "texts_without_written_ends", lambda texts, **_: texts)
    assert run(SEED, 1_000).silent


@pytest.mark.guard
def test_a_word_that_begins_with_a_tag_and_is_called_damage_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(damaged, "_is_another_word", lambda *_: False)
    assert run(SEED, 2_000).alarms


@pytest.mark.guard
def test_a_value_that_holds_the_rest_of_a_line_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quoted, "cut", lambda text, _: f"{text} ")
    assert run(SEED, 1_000).silent


@pytest.mark.guard
def test_a_prose_line_that_is_called_malformed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "may_be_damaged", lambda text, _: text.str.contains("fine"))
    assert _broken(monkeypatch, "damaged_tags", lambda *_: ("odd",)).alarms


@pytest.mark.guard
def test_a_zone_that_is_passed_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = "^(?P<half>x)?(?P<sign>x)?(?P<hours>x)?(?P<minutes>x)?(?P<late>x)?(?P<other>x)?"
    monkeypatch.setattr(behind_stamps, "_PATTERN", f"{nothing}(?P<utc>Z)?(?P<word>x)?")
    iso_stamps._parts.cache_clear()  # noqa: SLF001 - so that it is made of the broken pattern
    found = {zoned.wrong(Random(seed)).partition(":")[0] for seed in range(100)}
    iso_stamps._parts.cache_clear()  # noqa: SLF001
    assert found == {"", "silent pass", "false alarm"}


@pytest.mark.guard
def test_a_crash_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("a bug")

    assert _broken(monkeypatch, "damaged_tags", broken).crashes
