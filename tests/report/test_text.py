"""The text report tells a stranger what is wrong, where, and what to do; and nothing else acts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracecheck.model.verdict import DEFECTS, Evidence, Finding, Reason, Totals, Unseen, Verdict
from tracecheck.report import REPORTERS, Style, ascii_only, text
from tracecheck.report import reasons as words_reasons
from tracecheck.report.layout import cell_len
from tracecheck.text.safe import shown

from .strategies import verdicts
from .verdicts import (
    EVERY,
    FAILING,
    FORBIDDEN,
    GUARD,
    HANDOFF,
    HANDOFFS,
    HEALTHY,
    NO_EVIDENCE,
    NO_ORDER,
    OPEN,
    PASSED,
    PASSING,
    RATED,
    UNATTRIBUTED,
    UNCLEAR,
    finding,
    outcome,
    rule,
    verdict,
)

SGR = re.compile(r"\x1b\[[0-9;]*m")
COMMAND = re.compile(r"##[a-z]*\[", re.IGNORECASE)


def _render(of: Verdict, width: int = 80, **style: bool) -> str:
    return text.render(of, Style(width, **style))


def _flat(of: Verdict, width: int = 80, **style: bool) -> str:
    return " ".join(_render(of, width, **style).split())


# --- what it says ---------------------------------------------------------------------------


def test_a_failed_run_says_so_first_and_how_much_was_read() -> None:
    lines = _render(FAILING).splitlines()
    assert lines[0] == "FAIL  6 of 8 counted rules fail, 1 is inconclusive; not counted: 1 fails"
    assert lines[1] == "      3,675,140 lines, 3,500,000 events, 2 files"
    assert lines[2] == "      judged by golive"


def test_a_short_head_stands_on_one_line() -> None:
    head = "PASS  all 6 rules pass · 3,675,140 lines, 3,500,000 events, 1 file"
    of = verdict(*HEALTHY[:6], totals=PASSING.totals)
    assert _render(of).splitlines()[0] == head


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (verdict(PASSED), "PASS  the only rule passes"),
        (verdict(RATED), "FAIL  1 of 1 rule fails"),
        (verdict(RATED, RATED, PASSED), "FAIL  2 of 3 rules fail"),
        (
            verdict(UNATTRIBUTED, PASSED),
            "INCONCLUSIVE  1 of 2 rules is inconclusive, none fails · unattributed",
        ),
        (
            verdict(NO_ORDER, OPEN, NO_ORDER),
            "INCONCLUSIVE  3 of 3 rules are inconclusive, none fails · no_order · open",
        ),
        (
            verdict(PASSED, replace(NO_ORDER, counted=False)),
            "PASS  the only counted rule passes; not counted: 1 is inconclusive",
        ),
        (verdict(), "INCONCLUSIVE  there is no rule to judge"),
        (
            verdict(replace(RATED, counted=False)),
            "INCONCLUSIVE  --fail-on leaves no rule to count; not counted: 1 fails",
        ),
        (
            verdict(PASSED, replace(PASSED, counted=False)),
            "PASS  the only counted rule passes; 1 not counted",
        ),
    ],
)
def test_quiet_leaves_the_verdict_and_why_in_one_line(of: Verdict, expected: str) -> None:
    assert _render(of, quiet=True) == expected + "\n"


def test_each_finding_shows_class_key_message_and_its_lines() -> None:
    report = _render(verdict(HANDOFFS))
    assert (
        "  2025-12-18T12:00:00Z  lost  conv=conv_A3 idem=unknown\n"
        "    the planner line is not directly followed by a delivery line\n"
        "    app.log:4  INFO:app.core.outbox:OUTBOX_TRACE|phase=planner|conv=conv_A3|\n"
        "    │ idem=unknown|state_id=1407|outbox_id=997|count=1\n"
    ) in report
    assert "mismatch  conv=conv_客户 idem missing\n" in report
    assert 'late  conv="a b" idem=""\n' in report
    assert "… and 1,235 more (--max-findings all shows every one)\n" in report


def test_a_failed_rule_says_why_it_matters_and_what_to_do() -> None:
    said = _flat(verdict(HANDOFFS))
    assert f"Why it matters: {HANDOFF.why}" in said
    assert f"What to do: {HANDOFF.remedy}" in said
    assert "3 of 700,000 subjects judged under a weak key" in said


def test_a_rule_without_title_why_or_remedy_still_reads_well() -> None:
    bare = outcome(rule("bare"), "fail", violations=1, findings=(finding("forbidden", "x"),))
    report = _render(verdict(bare))
    assert "\nFAIL  bare\n  high forbid · 9 subjects\n\n  forbidden  x\n" in report
    assert "Why it matters" not in report


def test_rules_that_do_not_count_are_marked_in_the_table_and_above_their_findings() -> None:
    said = _flat(verdict(replace(RATED, counted=False), PASSED), 120)
    assert "deliveries-succeed (not counted)" in said
    assert "FAIL deliveries-succeed (not counted by --fail-on)" in said


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (0, "12 events carry no key at all, so they could not be joined"),
        (1, "nothing in the log to judge here"),
        (2, "only 19 events to judge here; at least 1,000 are asked for"),
        (3, "compared as a number is no number"),
        (4, "lines that must keep it carry no time"),
        (5, "Events of several sources stand under one key"),
        (6, "2 are still open: the log ends before the time limit has passed"),
    ],
)
def test_an_inconclusive_rule_says_why_in_words_and_what_to_do(at: int, expected: str) -> None:
    said = _flat(verdict(UNCLEAR.outcomes[at]))
    assert expected in said
    assert "What to do: " in said


def test_there_are_words_for_every_reason() -> None:
    assert set(words_reasons.REMEDIES) == set(get_args(Reason))


def test_a_name_never_seen_is_hinted_at_with_its_nearest() -> None:
    said = _flat(verdict(NO_EVIDENCE))
    assert "Never seen in this log: tag OUTBOX_TRACES (did you mean OUTBOX_TRACE?), field" in said
    assert 'attribute @level. phase is never "approved"' in said


def test_a_finding_begins_with_the_time_of_its_first_line_if_that_has_one() -> None:
    report = _render(verdict(HANDOFFS))
    assert "\n  2025-12-18T12:00:00.250Z  mismatch  conv=" in report
    assert "\n  late  conv=" in report


def test_a_join_that_fails_says_that_time_goes_back_and_how_to_judge_by_time() -> None:
    back = Totals(lines=9, events=9, time_goes_back=1)
    said = _flat(verdict(HANDOFFS, totals=back))
    assert "Note: Time goes back at 1 event of the log. `--order time` judges" in said
    assert "--order time" not in _flat(verdict(FORBIDDEN, HEALTHY[0], totals=back))
    assert "--order time" not in _flat(verdict(HANDOFFS))
    asked = replace(verdict(HANDOFFS, totals=back), asked_order="time")
    assert "--order time" not in _flat(asked)


def test_a_file_of_a_rotated_set_that_ends_in_mid_line_is_told_by_its_path() -> None:
    cut = (replace(PASSING.inputs[0], path="a\x1b[2J.log.1", unfinished=True), *PASSING.inputs)
    said = _flat(replace(PASSING, inputs=cut))
    assert r"lost, between them and the next: a\x1b[2J.log.1 Named by" in said
    assert "line feed" not in _render(PASSING)


@pytest.mark.parametrize(
    ("unseen", "expected"),
    [
        (Unseen("tag", "PAYMENT", None, None, ("PAY",)), "tag PAYMENT (the log has only PAY)"),
        (
            Unseen("tag", "PAYMENT", None, None, ("DUE", "PAY"), more=True),
            "tag PAYMENT (the log has DUE, PAY and others)",
        ),
        (Unseen("attribute", "@level", None), "attribute @level"),
        (
            Unseen("value", "authorised", "authorized", "step", ("authorized", "two words")),
            'step is never "authorised" (did you mean authorized?); it is authorized, "two words"',
        ),
        (Unseen("value", "a", None, "step", ("b",), more=True), 'step is never "a"; it is b and'),
    ],
)
def test_what_is_never_seen_is_told_with_what_is_there(unseen: Unseen, expected: str) -> None:
    said = _flat(verdict(replace(NO_EVIDENCE, never_seen=(unseen,))))
    assert f"Never seen in this log: {expected}" in said


def test_a_guard_that_passes_does_not_list_the_tags_there_are() -> None:
    guard = replace(GUARD, never_seen=(Unseen("tag", "OUTBOX_GUARD", None, None, ("JOB",)),))
    assert _flat(verdict(guard)).endswith("no-handoff-guard: tag OUTBOX_GUARD")


def test_values_stand_behind_the_names() -> None:
    unseen = (
        Unseen("tag", "JOB", None),
        Unseen("field", "n", None),
        Unseen("value", "a", None, "k", ("b",)),
        Unseen("value", "c", None, "k", ("b",)),
    )
    said = _flat(verdict(replace(NO_EVIDENCE, never_seen=unseen)))
    assert 'tag JOB, field n. k is never "a"; it is b. k is never "c"; it is b' in said


def test_what_a_pass_never_saw_is_told_at_the_end() -> None:
    assert _render(verdict(GUARD)).endswith(
        "Named by rules that pass, and never seen in this log:\n"
        "  no-handoff-guard: tag OUTBOX_GUARD\n"
    )


def test_a_key_that_a_rule_ignores_is_told() -> None:
    ignoring = replace(GUARD, rule=replace(GUARD.rule, key_ignored=True))
    said = _flat(verdict(ignoring, PASSED))
    expected = "Judged over the whole log, although a key is given, which only joining kinds know:"
    assert said.endswith(f"{expected} {GUARD.rule.id}: forbid")
    assert "a key is given" not in _flat(verdict(GUARD, PASSED))


def test_damaged_lines_are_told_and_only_then() -> None:
    damaged = Totals(
        lines=9, events=8, malformed=1, undecodable=2, too_long=3, duplicate_field=4, second_event=5
    )
    said = _flat(verdict(PASSED, totals=damaged))
    for at, name in enumerate(DEFECTS, start=1):
        assert f"{at} {name}" in said
    assert "Lines with a defect" not in _render(PASSING)


def test_the_table_keeps_the_order_of_the_file_and_what_fails_is_told_first() -> None:
    report = _render(verdict(UNATTRIBUTED, PASSED, FORBIDDEN), 120)
    table, rest = report.split("violations\n")[1].split("\n\n", 1)
    assert [line.split()[0] for line in table.splitlines()] == ["inconclusive", "pass", "FAIL"]
    assert rest.index("FAIL  no-default") < rest.index("INCONCLUSIVE  ids-stay")


def test_the_verdict_and_the_table_of_the_default_rules_fit_one_screen() -> None:
    assert len(_render(verdict(*HEALTHY, *HEALTHY[:4])).splitlines()) <= 24


# --- how it looks ---------------------------------------------------------------------------


def test_markup_in_a_log_is_only_text() -> None:
    assert "[red]hot[/red]" in SGR.sub("", _render(FAILING, color=True))


def test_a_path_too_long_for_the_line_stays_whole_for_an_editor_to_follow() -> None:
    path = "/var/log/" + "deep/" * 30 + "app.log"
    found = Finding("lost", {}, "gone", (Evidence(path, 7, "A|x=1"),))
    report = _render(verdict(outcome(HANDOFF, "fail", violations=1, findings=(found,))))
    assert f"\n    {path}:7\n    │ A|x=1\n" in report


def test_a_file_named_like_a_command_is_still_no_command() -> None:
    found = Finding("lost", {}, "gone", (Evidence("::error::x", 7, "A|x=1"),))
    report = _render(verdict(outcome(HANDOFF, "fail", violations=1, findings=(found,))))
    assert "\n│   ::error::x:7  A|x=1\n" in report


def test_a_line_of_a_mebibyte_is_cut() -> None:
    found = finding("lost", "gone", (1, "x" * 1_048_576))
    report = _render(verdict(outcome(HANDOFF, "fail", violations=1, findings=(found,))))
    assert "… (1,048,576 characters)" in " ".join(report.replace("│", " ").split())
    assert len(report) < 3_000


def test_a_narrow_terminal_gets_a_list_instead_of_a_table() -> None:
    report = _render(verdict(HANDOFFS), 44)
    assert "FAIL  every-plan-is-delivered\n    1,236 lost," in report
    assert all(cell_len(line) <= 44 for line in report.splitlines())


@pytest.mark.parametrize("name", EVERY)
def test_colour_adds_nothing_that_the_words_do_not_say(name: str) -> None:
    colored = _render(EVERY[name], color=True)
    assert colored != _render(EVERY[name])
    assert SGR.sub("", colored) == _render(EVERY[name])


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    colored, plain = _render(FAILING, color=True), _render(FAILING)
    for name, value in (("NO_COLOR", "1"), ("COLUMNS", "20"), ("TERM", "dumb"),
                        ("UNICODE_VERSION", "4.1.0")):  # fmt: skip
        monkeypatch.setenv(name, value)
    assert (_render(FAILING, color=True), _render(FAILING)) == (colored, plain)


@pytest.mark.parametrize("name", EVERY)
def test_an_ascii_output_gets_ascii_only(name: str) -> None:
    report = _render(EVERY[name], ascii=True)
    assert report.isascii()
    assert all(cell_len(line) <= 80 for line in report.splitlines())


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", False), ("UTF8", False), ("utf-16", False), ("ascii", True), ("latin-1", True),
     ("ANSI_X3.4-1968", True), ("no-such-thing", True), (None, True)],
)  # fmt: skip
def test_what_is_not_unicode_is_treated_as_ascii(encoding: str | None, expected: bool) -> None:
    assert ascii_only(encoding) is expected


def test_both_reporters_are_in_the_table() -> None:
    assert list(REPORTERS) == ["text", "json"]
    assert all(one.render(PASSING, Style()).endswith("\n") for one in REPORTERS.values())


# --- whatever a log holds -------------------------------------------------------------------


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(verdicts(), st.integers(20, 130), st.booleans(), st.booleans())
def test_no_line_acts_or_hides_or_is_too_wide(
    of: Verdict, width: int, ascii: bool, quiet: bool
) -> None:
    report = _render(of, width, ascii=ascii, quiet=quiet)
    cited = [line for one in of.outcomes for found in one.findings for line in found.evidence]
    cited += [one.reason_evidence for one in of.outcomes if one.reason_evidence] + (
        [of.untimed] if of.untimed else []
    )
    whole = tuple(f"{shown(line.path, ascii=ascii)}:{line.line}" for line in cited)
    for line in report.split("\n"):
        assert not line.lstrip().startswith(("::", "##"))
        assert not COMMAND.search(line)
        assert all(c.isprintable() or unicodedata.category(c) == "Zs" for c in line)
        assert cell_len(line) <= max(40, width) or line.endswith(whole)
        assert not ascii or line.isascii()


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(verdicts(), st.integers(40, 130))
def test_with_colour_the_same_text_is_printed(of: Verdict, width: int) -> None:
    assert SGR.sub("", _render(of, width, color=True)) == _render(of, width)
