"""A run that ended before all was read says so where nobody overlooks it, and says no pass."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tracecheck.model.verdict import Input, Totals, Verdict
from tracecheck.report import REPORTERS, Style
from tracecheck.report.layout import UNICODE
from tracecheck.report.measured import measured

from .verdicts import FORBIDDEN, RATED, REQUIRE, outcome, verdict

SURE = outcome(REQUIRE, "inconclusive", reason="unread", classes={"too_few": 0})
READ, LEFT = Input("a.log", 14, 1873), Input("big.log", 9, 99, unread=2_459_228)
NOT_BEGUN = Input("new.log", 0, 0, unread=1)

_SURE = verdict(SURE)


def _of(*inputs: Input, says: Verdict = _SURE) -> Verdict:
    return replace(says, inputs=inputs)


def _lines(of: Verdict, **style: bool) -> list[str]:
    return REPORTERS["text"].render(of, Style(200, **style)).splitlines()


def test_the_text_says_in_its_head_how_many_bytes_of_which_file_were_not_read() -> None:
    assert _lines(_of(READ, LEFT, NOT_BEGUN))[:4] == [
        (
            "INCONCLUSIVE  1 of 1 rule is inconclusive, none fails · 14 lines, 9 events, 2 files"
            " · 2,459,229 bytes not read"
        ),
        "",
        (
            "Not read when the run ended: 2,459,228 bytes of big.log, 1 byte of new.log. So no "
            "rule can pass, and what a finding misses may stand there."
        ),
        "",
    ]


def test_it_says_so_also_where_a_rule_fails() -> None:
    failed = _of(LEFT, says=verdict(FORBIDDEN, RATED))
    assert "2,459,228 bytes not read" in _lines(failed)[0]
    assert any("2,459,228 bytes of big.log" in line for line in _lines(failed))


@pytest.mark.parametrize("says", [verdict(SURE), verdict(FORBIDDEN)])
def test_quiet_does_not_hide_it(says: Verdict) -> None:
    (line,) = _lines(_of(LEFT, says=says), quiet=True)
    assert line.endswith("2,459,228 bytes not read")


def test_quiet_names_the_reason() -> None:
    (line,) = _lines(_of(LEFT), quiet=True)
    assert "none fails · unread · 2,459,228" in line


def test_many_files_are_counted_behind_the_first() -> None:
    many = [replace(LEFT, path=f"{number}.log", unread=3) for number in range(9)]
    (line,) = (line for line in _lines(_of(*many)) if line.startswith("Not read"))
    assert "3 bytes of 4.log, 12 bytes of 4 other files. So" in line


def test_a_log_of_which_nothing_was_read_is_not_called_empty() -> None:
    nothing = _of(NOT_BEGUN, says=verdict(SURE, totals=Totals()))
    assert "empty" not in "\n".join(_lines(nothing) + _lines(nothing, quiet=True))
    plain = _of(LEFT, says=verdict(SURE, totals=Totals(lines=3, plain=3)))
    assert "No line that was read is a trace line." in _lines(plain)
    (line,) = _lines(plain, quiet=True)
    assert line.endswith("none fails · no trace line · 2,459,228 bytes not read")


def test_a_path_is_shown_and_not_obeyed() -> None:
    wild = replace(LEFT, path="a\x1b[2J\n::error::.log")
    assert any(r"of a\x1b[2J\x0a::error::.log. So" in line for line in _lines(_of(wild)))


def test_the_rule_says_why_and_what_to_do() -> None:
    said = " ".join(" ".join(_lines(_of(LEFT))).split())
    assert "more of the log was there than it had read" in said
    assert "What to do: Let the run read all that is there" in said
    assert measured(SURE, UNICODE) == "nothing wrong so far"


def test_the_json_has_the_bytes_only_where_there_are_some() -> None:
    report = json.loads(REPORTERS["json"].render(_of(READ, LEFT, NOT_BEGUN), Style()))
    assert report["inputs"] == [
        {"path": "a.log", "lines": 14, "bytes": 1873},
        {"path": "big.log", "lines": 9, "bytes": 99, "unread": 2_459_228},
        {"path": "new.log", "lines": 0, "bytes": 0, "unread": 1},
    ]
    assert report["rules"][0]["reason"] == "unread"
    unfinished = _of(replace(READ, unfinished=True))
    [one] = json.loads(REPORTERS["json"].render(unfinished, Style()))["inputs"]
    assert one["unfinished"] is True
