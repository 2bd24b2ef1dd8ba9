"""A rule that changed voids only its own state: it begins anew, and the others go on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rules.rule_texts import load_text

from runs.follow.followed import SPECS, Followed, Log, Running, at, began, ended, found, judged
from tracecheck.model.rules import RuleSet
from tracecheck.model.verdict import Verdict
from tracecheck.report import REPORTERS, Style
from tracecheck.report.json_report import report

BAD = "EV|s=9|id=z"
FORBID_9, FORBID_8 = "forbid: {where: EV where s == 9}", "forbid: {where: EV where s == 8}"
HANDED = "handoff: {from: EV where s == 1, to: EV where s == 2}"


def ruled(head: str = "key: [id]", **bodies: str) -> RuleSet:
    """Rules of these kinds, by their ids, in this order."""
    rules = "".join(f"  - id: {id_}\n    {body}\n" for id_, body in bodies.items())
    return load_text(f"version: 1\n{head}\nrules:\n{rules}", SPECS)


def of(verdict: Verdict, id_: str) -> dict[str, Any]:
    """All that a report says of a rule, but where it is written."""
    rule: dict[str, Any] = next(one for one in report(verdict)["rules"] if one["id"] == id_)
    del rule["at"]
    return rule


def bare(rule: dict[str, Any]) -> dict[str, Any]:
    """The same without the numbers of lines, and where the rule began."""
    found = [{**one, "evidence": [e["text"] for e in one["evidence"]]} for one in rule["findings"]]
    return {**{name: rule[name] for name in rule if name != "since"}, "findings": found}


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "a.log")


def resumed(
    log: Log, old: RuleSet, new: RuleSet, before: Sequence[str], after: Sequence[str]
) -> Verdict:
    """The verdict of a run whose rules changed between these lines."""
    run = Followed(old, log)
    run.after(*before)
    run = run.again(new)
    run.after(*after)
    return run.close()


# --- one rule changes -----------------------------------------------------------------------

LINES = [BAD, "EV|s=8|id=y", began(1, "a"), began(2, "a"), ended(3, "b"), "AA|s", "EV|s=1|id=c"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (FORBID_9, FORBID_8),
        (FORBID_9, "forbid: {where: EV where s == 9, allow: 1}"),
        (FORBID_9, "forbid: {text: s=8}"),
        ("require: {where: EV where s == 9, at_most: 1}", "require: {where: EV where s == 8}"),
        ("require: {where: EV where s == 7}", "require: {where: EV where s == 7, at_least: 2}"),
        (HANDED, "handoff: {from: EV where s == 1, to: EV where s == 2, within: 1s}"),
        (HANDED, "handoff: {from: EV where s == 1, to: EV where s == 2, orphan: allow}"),
        (HANDED, "sequence: {steps: [EV where s == 1, EV where s == 2]}"),
        (
            "sequence: {steps: [EV where s == 1, EV where s == 2]}",
            "sequence: {steps: [EV where s == 1, EV where s == 2, EV where s == 8]}",
        ),
        (
            "consistent: {from: EV where s == 1, to: EV where s == 2, fields: [id]}",
            "consistent: {from: EV where s == 1, to: EV where s == 2, fields: [other]}",
        ),
        (
            "rate: {of: EV where s == 9, over: EV, at_most: 1%}",
            "rate: {of: EV where s == 8, over: EV, at_most: 1%}",
        ),
        ("wellformed: {}", "wellformed: {at_most: 1}"),
    ],
)
def test_a_rule_that_changed_judges_what_comes_and_the_others_go_on(
    tmp_path: Path, log: Log, old: str, new: str
) -> None:
    others = {
        "forbids": FORBID_9,
        "hands": HANDED,
        "rates": "rate: {of: EV where s == 9, over: EV, at_most: 50%}",
        "steps": "sequence: {steps: [EV where s == 1, EV where s == 2]}",
    }
    first, second = ruled(**others, it=old), ruled(it=new, **others)
    verdict = resumed(log, first, second, LINES, [*LINES, ended(4, "c")])
    rest = Log(tmp_path / "rest.log")
    rest.write(*LINES, ended(4, "c"))
    alone = judged(ruled(it=new), rest.path)
    assert bare(of(verdict, "it")) == bare(of(alone, "it"))
    assert of(verdict, "it")["since"] == {"lines": len(LINES)}
    whole = judged(second, log.path)
    assert verdict.totals == whole.totals
    for id_ in others:
        assert of(verdict, id_) == of(whole, id_)


def test_what_a_rule_found_before_it_changed_is_gone_and_is_not_told_again(log: Log) -> None:
    run = Followed(ruled(it=FORBID_9), log)
    run.after(BAD)
    assert run.outcome().violations == 1
    run = run.again(ruled(it="forbid: {where: EV where s == 9 or s == 8}"))
    assert run.outcome().violations == 0
    run.after(BAD)
    assert found(run.notices) == [("forbidden", "a.log:2")]
    assert (run.outcome().since, run.close().outcomes[0].violations) == (1, 1)


def test_what_was_open_before_a_rule_changed_shows_as_in_a_run_that_begins_there(log: Log) -> None:
    rules = ruled(it=HANDED), ruled(it=f"{HANDED[:-1]}, late: allow}}")
    verdict = resumed(log, *rules, [began(1, "a"), began(1, "b")], [ended(2, "a")])
    assert of(verdict, "it")["classes"] | {"orphan": 0} == dict.fromkeys(
        ("lost", "open", "mismatch", "late", "orphan", "duplicate"), 0
    )
    assert of(verdict, "it")["classes"]["orphan"] == 1


def test_a_rule_that_found_nothing_since_passes_and_says_since_when(log: Log) -> None:
    verdict = resumed(log, ruled(it=FORBID_9), ruled(it=FORBID_8), ["EV|s=8|id=a"], ["EV|s=1"])
    assert verdict.verdict == "pass"
    assert "it: what came behind the first 1 line" in REPORTERS["text"].render(verdict, Style())


def test_a_rule_that_fails_or_cannot_be_called_says_in_the_text_since_when(log: Log) -> None:
    never = "rate: {of: EV where s == 7, over: EV where s == 6, at_most: 1%}"
    old, new = ruled(it=FORBID_8), ruled(it=FORBID_9, two=never)
    text = REPORTERS["text"].render(resumed(log, old, new, [BAD, BAD], [BAD]), Style())
    assert text.count("Judged: what came behind the first 2 lines") == 2


def test_a_rule_is_not_begun_anew_where_nothing_was_read(log: Log) -> None:
    run = Followed(ruled(it=FORBID_8), log)
    run.step()
    run.after("EV|s=1|id=a")
    before = Followed(ruled(it=FORBID_8), log).again(ruled(it=FORBID_9))
    assert before.follower.renewal.told is None
    before.after(BAD)
    assert "since" not in of(before.close(), "it")


# --- rules come, go and move ----------------------------------------------------------------


def test_rules_are_added_removed_moved_and_renamed(log: Log) -> None:
    old = ruled(gone=FORBID_9, stays=HANDED, was=FORBID_9)
    new = ruled(more=FORBID_9, called=FORBID_9, stays=HANDED)
    run = Followed(old, log)
    run.after(BAD, began(1, "a"), began(1, "b"))
    run = run.again(new)
    assert run.follower.renewal.told == (
        "rules new: more, called; removed: gone, was; what changed or is new begins behind the 3 "
        "lines that were read"
    )
    run.after(ended(2, "a"), BAD, BAD)
    verdict = run.close()
    assert [one.rule.id for one in verdict.outcomes] == ["more", "called", "stays"]
    assert [one.violations for one in verdict.outcomes] == [2, 2, 1]
    assert of(verdict, "stays") == of(judged(new, log.path), "stays")


def test_rules_that_only_moved_or_say_other_words_go_on_and_nothing_is_told(log: Log) -> None:
    old = ruled(a=FORBID_9, b=HANDED)
    new = ruled(b=f"{HANDED}\n    title: Other words", a=f"{FORBID_9}\n    severity: low")
    run = Followed(old, log)
    run.after(BAD, began(1, "a"))
    run = run.again(new)
    assert run.follower.renewal.told is None
    run.after(ended(2, "a"))
    run.closed_as_batch()


def test_of_very_many_rules_the_first_are_named(log: Log) -> None:
    run = Followed(ruled(**{f"a{n}": FORBID_9 for n in range(9)}), log)
    run.after(BAD)
    run = run.again(ruled(**{f"a{n}": FORBID_8 for n in range(9)}))
    told = run.follower.renewal.told
    assert told is not None
    assert told.startswith("rules changed: a0, a1, a2, a3, a4 and 4 more; what")


def test_since_is_kept_over_restarts_and_moves_when_a_rule_changes_again(log: Log) -> None:
    run = Followed(ruled(a=FORBID_9, b=FORBID_9), log)
    run.after(BAD)
    run = run.again(ruled(a=FORBID_8, b=FORBID_8))
    run.after(BAD)
    run = run.again()
    run.after("EV|s=8|id=y")
    run = run.again(ruled(a=FORBID_8, b=FORBID_9))
    run.after(BAD)
    verdict = run.close()
    assert [of(verdict, id_)["since"]["lines"] for id_ in "ab"] == [1, 3]
    assert [one.violations for one in verdict.outcomes] == [1, 1]


# --- what rules share -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "anew"),
    [
        ("key: [other]", {"hands"}),
        ("key: [id]\naliases: {id: [other]}", {"hands", "void"}),
        ("key: [id]\naliases: {s: [other]}", {"bad", "nine", "hands"}),
        ("key: [id]\nvoid: [a]", {"hands", "void"}),
        ("key: [id]\nunits: {s: ms}", {"bad", "nine", "hands"}),
        ("key: [id]\npersonal: [id]", set()),
    ],
)
def test_what_rules_share_renews_those_that_hang_on_it(log: Log, head: str, anew: set[str]) -> None:
    bodies = {
        "bad": 'forbid: {where: EV where s == "9"}',
        "nine": "forbid: {where: EV where s > 8}",
        "hands": HANDED,
        "text": "forbid: {text: s=9}",
        "void": "forbid: {where: EV where id is void}",
        "lines": "wellformed: {}",
    }
    old, new = ruled(**bodies), ruled(head, **bodies)
    run = Followed(old, log)
    run.after(BAD, began(1, "a"), began(1, "b"))
    run = run.again(new)
    run.after(ended(2, "a"), BAD)
    verdict, whole = run.close(), judged(new, log.path)
    assert {one.rule.id for one in verdict.outcomes if one.since} == anew
    for id_ in bodies.keys() - anew:
        assert of(verdict, id_) == of(whole, id_)


def test_a_name_that_was_not_looked_for_before_is_only_said_to_be_unseen_since(log: Log) -> None:
    new = ruled(it='forbid: {where: TT where color == "red"}')
    lines = ["EV|s=1|color=red", "TT|color=red"]
    verdict = resumed(log, ruled(it=FORBID_9), new, lines, ["EV|s=1"])
    text = REPORTERS["text"].render(verdict, Style())
    unseen = [(one["what"], one["name"]) for one in of(verdict, "it")["never_seen"]]
    assert unseen == [("value", "red")]
    assert "Never seen since then: color is never" in text
    assert "never seen in this log" not in text.lower()


def test_values_that_no_rule_asks_for_any_more_are_forgotten(log: Log) -> None:
    old = ruled(it='forbid: {where: EV where color == "red"}')
    run = Followed(old, log)
    run.after("EV|color=blue|s=1")
    run = run.again(ruled(it='forbid: {where: EV where s == "3"}'))
    run.after("EV|color=blue|s=2")
    assert of(run.close(), "it")["never_seen"][0]["nearest"] is None


# --- several logs ---------------------------------------------------------------------------


def test_events_that_wait_for_their_turn_are_judged_by_rules_that_go_on_alone(
    tmp_path: Path,
) -> None:
    logs = [Log(tmp_path / "a.log"), Log(tmp_path / "b.log")]
    old = ruled(stays=HANDED, it=FORBID_9)
    new = ruled(it="forbid: {where: EV where color is missing}", stays=HANDED)
    run = Followed(old, *logs)
    logs[0].write(began(0, "x"), began(1, "a"), began(2, "b"))
    logs[1].write(began(0.5, "y"))
    run.step()
    assert run.snapshot.verdict.totals.events == 4
    run = run.again(new)
    assert run.outcome(1).subjects < 4  # some of them wait
    logs[1].write(at(1.5, "EV|s=2|id=a|color=red"), at(3, "EV|s=1|id=c"))
    run.step()
    run = run.again()
    logs[0].write(at(4, "EV|s=2|id=b|color=red"))
    run.step()
    verdict, whole = run.close(), judged(new, *(log.path for log in logs))
    assert of(verdict, "stays") == of(whole, "stays")
    assert of(verdict, "it")["since"] == {"lines": 4}
    texts = [one["evidence"][0]["text"] for one in of(verdict, "it")["findings"]]
    assert texts == [at(3, "EV|s=1|id=c")]
    assert of(verdict, "it")["subjects"] == 3


def test_logs_without_times_go_on_each_by_itself(tmp_path: Path) -> None:
    logs = [Log(tmp_path / "a.log"), Log(tmp_path / "b.log")]
    old, new = ruled(stays=HANDED, it=FORBID_9), ruled(it=FORBID_8, more=HANDED, stays=HANDED)
    run = Followed(old, *logs)
    for n, one in enumerate(logs):
        one.write(f"EV|s=1|id=k{n}", f"EV|s=1|id=o{n}", BAD)
    run.step()
    run = run.again(new)
    for n, one in enumerate(logs):
        one.write(f"EV|s=2|id=k{n}", "EV|s=8|id=y", f"EV|s=1|id=n{n}")
    run.step()
    verdict, whole = run.close(), judged(new, *(log.path for log in logs))
    assert of(verdict, "stays") == of(whole, "stays")
    assert [one.violations for one in verdict.outcomes[:1]] == [2]
    assert of(verdict, "more")["since"] == {"lines": 6}


def test_late_arrivals_from_before_are_not_those_of_a_rule_that_began_after(
    tmp_path: Path,
) -> None:
    logs = [Log(tmp_path / "a.log"), Log(tmp_path / "b.log")]
    run = Followed(ruled(stays=HANDED, it=HANDED), *logs)
    logs[0].write(began(0, "x"), ended(100, "x"))
    logs[1].write(began(0, "y"), ended(100, "y"))
    run.step()
    run.clock.pass_(60)
    run.step()
    logs[1].write("EV|s=7|id=y")
    run.step()
    assert run.snapshot.late_arrivals == 1
    run = run.again(ruled(stays=HANDED, it=f"{HANDED}\n    allow_empty: true"))
    logs[0].write(began(200, "z"), ended(201, "z"))
    run.step()
    verdict = run.close()
    assert [one.reason for one in verdict.outcomes] == ["late_arrivals", None]


# --- what was told, and what is shown -------------------------------------------------------


def test_what_was_told_as_overdue_is_not_told_again_when_rules_move(log: Log) -> None:
    timed = f"{HANDED[:-1]}, within: 1s}}"
    run = Followed(ruled(a=FORBID_9, b=timed), log)
    run.after(began(0, "a"), at(10, "EV|s=7|id=q"))
    assert found(run.notices) == [("lost", "a.log:1")]
    run = run.again(ruled(b=timed, c=timed, a=FORBID_9))
    run.after(began(20, "a"), at(30, "EV|s=7|id=q"))
    assert found(run.notices) == [("lost", "a.log:3"), ("lost", "a.log:3")]
    assert [one.violations for one in run.close().outcomes] == [2, 1, 0]


def test_the_last_minutes_of_a_rate_stay_its_own_when_rules_move(log: Log) -> None:
    rates = {f"r{s}": f"rate: {{of: EV where s == {s}, over: EV, at_least: 1%}}" for s in range(4)}
    run = Followed(ruled(r0=rates["r0"], r1=rates["r1"], r2=rates["r2"]), log)
    run.after(*(at(n, "EV|s={}|id=a", n % 3) for n in range(5)))
    run = run.again(ruled(r2=rates["r2"], r0=rates["r3"], r1=rates["r1"]))
    run.after(at(6, "EV|s=3|id=a"))
    window = run.snapshot.windows[0]
    assert window.events == 6
    assert window.shares == {"r2": (1, 6), "r0": (1, 1), "r1": (2, 6)}
    run.follower.release()


def test_a_run_says_in_a_line_which_rules_changed_when_it_goes_on(log: Log, tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    log.write(BAD)
    run = Running(ruled(a=FORBID_9, b=FORBID_9), log.path, state=state)
    run.step()
    run.close()
    again = Running(ruled(a=FORBID_8, c=FORBID_9), log.path, state=state)
    assert again.run.renewed == (
        "rules changed: a; new: c; removed: b; what changed or is new begins behind the line that "
        "was read"
    )
    again.close()


# --- any rules, any cut ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_after_any_change_at_any_line_rules_go_on_or_judge_the_rest(
    tmp_path: Path, seed: int
) -> None:
    """Those that go on say what a check of all says, those that begin what one of the rest says."""
    chance = random.Random(seed)
    pool = [
        FORBID_9,
        "forbid: {text: s=.}",
        "require: {where: EV where s == 2, at_most: 3}",
        HANDED,
        f"{HANDED[:-1]}, within: 2s}}",
        "sequence: {steps: [EV where s == 1, EV where s == 2, EV where s == 3]}",
        "rate: {of: EV where s == 1, over: EV where other is void, at_most: 30%}",
        "consistent: {from: EV where s == 1, to: EV where s == 2, fields: [other]}",
        "wellformed: {at_most: 1}",
    ]
    texts = ["EV|s={}|id={}", "EV|s={}|id={}|other=x", "EV|s={}|id={}|other=y", "EV|s={}", "EV||"]
    lines = [
        at(n, chance.choice(texts), chance.randrange(1, 4), chance.randrange(4)) for n in range(60)
    ]
    log, rest = Log(tmp_path / "a.log"), Log(tmp_path / "rest.log")
    cut = chance.randrange(1, len(lines))
    old = {f"r{n}": chance.choice(pool) for n in range(6)}
    new = {id_: body if chance.random() < 0.5 else chance.choice(pool) for id_, body in old.items()}
    shuffled = dict(chance.sample(list(new.items()), len(new)))
    verdict = resumed(log, ruled(**old), ruled(**shuffled), lines[:cut], lines[cut:])
    rest.write(*lines[cut:])
    whole, after = judged(ruled(**new), log.path), judged(ruled(**new), rest.path)
    for id_, body in new.items():
        if body == old[id_]:
            assert of(verdict, id_) == of(whole, id_)
        else:
            began, alone = bare(of(verdict, id_)), bare(of(after, id_))
            # What was seen before is not said to be never seen: less is claimed, and nothing wrong.
            unseen = began.pop("never_seen")
            assert [one for one in alone.pop("never_seen") if one in unseen] == unseen
            assert began == alone
            assert of(verdict, id_)["since"] == {"lines": cut}
