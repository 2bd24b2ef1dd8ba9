"""What a rule names and the log never shows is told, the same however the log was cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws.engine import ONE_THREAD, loaded

from tracecheck.engine import seen as engine_seen
from tracecheck.engine.plan import Plan, make_plan
from tracecheck.engine.state import Partial
from tracecheck.events.table import Seen
from tracecheck.events.trace_line.reader import TraceLines
from tracecheck.kinds import KINDS
from tracecheck.model.verdict import Unseen
from tracecheck.reading.lines.blocks import Cutter
from tracecheck.text.wording import nearest


def planned(where: str, **file: Any) -> Plan:
    rules = {**file, "rules": [{"id": "r", "require": {"where": where}}]}
    return make_plan(loaded(rules), KINDS, {0: "a.log"}, max_findings=20, tuning=ONE_THREAD)


def prepared(plan: Plan, log: str) -> Partial:
    blocks = Cutter().feed(log.encode())
    read = [TraceLines().read(block, plan.needs) for block in blocks]
    return plan.merge([plan.beginning(), *(plan.prepare(plan.project(one)) for one in read)])


def never_seen(where: str, log: str, **file: Any) -> list[Unseen]:
    plan = planned(where, **file)
    whole = prepared(plan, log)
    [outcome] = plan.verdict(whole, plan.judge(whole, closed=True), [], "low").outcomes
    return list(outcome.never_seen)


def value(name: str, of: str, *there: str, nearest: str | None = None) -> Unseen:
    return Unseen("value", name, nearest, of, there)


LOG = "PAY|step=authorized|n=1\nPAY|step=settled|n=2\nPAY|step=captured|n=10\nDUE|x=\n"
LOG += "PAY|y=ok PAY\nPAY|y=ok PAY step=lost\nPAY|y=PAY\nDUE|y=by PAYS\n"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('PAY where step == "settled"', []),
        (
            'PAY where step == "authorised"',
            [
                value(
                    *("authorised", "step", "authorized", "captured", "settled"),
                    nearest="authorized",
                )
            ],
        ),
        (
            '* where not step in ["settled", "lost"] or "void" == step',
            [
                value("lost", "step", "authorized", "captured", "settled"),
                value("void", "step", "authorized", "captured", "settled"),
            ],
        ),
        ('PAY where x == "a"', [value("a", "x", "")]),
        # A value that runs into a second event shows nothing of the field.
        ('PAY where y == "ok" or y == "PAY"', [value("ok", "y", "PAY", "by PAYS")]),
        # Numbers are compared as numbers, patterns and `!=` name no value.
        ('PAY where n == 3 and n in [4, 5%] and n < 6 and step != "a" and step like "b*"', []),
        # What another tag has is there; of a field that is not, only the field is told.
        ('DUE where step == "settled"', []),
        ('PAY where stepp == "settled"', [Unseen("field", "stepp", "step")]),
        ('PAY where @level == "INFO" and @tag == "NONE"', [Unseen("attribute", "@level", None)]),
    ],
)
def test_a_text_that_a_field_never_has_is_told_with_those_that_it_has(
    where: str, expected: list[Unseen]
) -> None:
    assert never_seen(where, LOG) == expected


@pytest.mark.parametrize("name", ["@level", "@logger", "@time"])
def test_an_attribute_is_told_unless_an_event_has_it(name: str) -> None:
    line = '{"level": "INFO", "name": "app", "time": "2025-12-18T21:00:00Z", "message": "PAY|n=1"}'
    assert never_seen(f"PAY where {name} is missing", LOG) == [Unseen("attribute", name, None)]
    assert never_seen(f"PAY where {name} is missing", f"{LOG}{line}\n") == []


def test_what_is_expected_of_a_pair_names_values_too() -> None:
    rules = {"rules": [{"id": "r", "handoff": {"from": "A1", "to": "B1", "expect": 'to.k == "y"'}}]}
    plan = make_plan(loaded(rules), KINDS, {0: "a.log"}, max_findings=20, tuning=ONE_THREAD)
    whole = prepared(plan, "A1|k=x|conv=1\nB1|k=x|conv=1\n")
    [outcome] = plan.verdict(whole, plan.judge(whole, closed=True), [], "low").outcomes
    assert outcome.never_seen == (value("y", "k", "x"),)


def test_a_value_is_looked_for_under_every_spelling_of_its_field() -> None:
    log = "PAY|stage=done\nPAY|step=open|stage=lost\n"
    aliases = {"step": ["stage"]}
    assert never_seen('PAY where step == "done"', log, aliases=aliases) == []
    # The canonical name wins: no event has the value of the other.
    [unseen] = never_seen('PAY where step == "lost"', log, aliases=aliases)
    assert unseen == value("lost", "step", "done", "open")


@pytest.mark.parametrize(
    ("where", "log"),
    [
        ('PAY where phone == "5511999"', "PAY|phone=5511998\n"),
        ('PAY where body == "phone=5511999"', "PAY|body=phone=5511998\n"),
        ('PAY where tel == "5511999"', "PAY|tel=5511998\n"),
    ],
)
def test_personal_values_are_neither_listed_nor_suggested(where: str, log: str) -> None:
    personal = {"personal": ["phone"], "aliases": {"phone": ["telephone"], "tel": []}}
    if "tel " in where:
        personal["personal"] = ["tel"]
    [unseen] = never_seen(where, log, **personal)
    assert unseen.nearest is None
    assert "5511998" not in str(unseen)
    assert "***" in str(unseen.there)


def test_a_tag_that_is_like_no_other_is_told_with_those_that_are_there() -> None:
    assert never_seen("PAYMENT", LOG) == [Unseen("tag", "PAYMENT", None, None, ("DUE", "PAY"))]
    many = "".join(f"T{at}|a=1\n" for at in range(10, 30))
    [unseen] = never_seen("PAYMENT", many)
    assert unseen.there == ("T10", "T11", "T12", "T13", "T14", "T15")
    assert unseen.more


# --- how it is remembered ---------------------------------------------------------------------


FIELDS = ("a", "b")
VALUES = st.sampled_from(["", "x", "y", "z", "\u00e9", "long" * 40, *map(str, range(12))])
LINES = st.lists(st.tuples(st.sampled_from(FIELDS), VALUES), max_size=40)


@given(LINES, st.sets(st.integers(0, 40)), st.integers(1, 4), st.integers(1, 4), st.randoms())
def test_it_is_the_same_for_any_cut_and_any_tree_of_merges(lines, cuts, most, sample, random):
    plan = planned(f'* where a in ["x", "none"] or a == "{"long" * 40}" or b == "y"')
    asked = replace(plan.asked, tuning=replace(plan.tuning, values=most))
    plan = replace(plan, asked=asked)
    log = [f"TT|{name}={value}\n" for name, value in lines]
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(log)), len(log)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_seen, "_SAMPLE", sample)
        parts = [prepared(plan, "".join(log[start:end])).seen for start, end in pairwise(edges)]
    whole = prepared(plan, "".join(log)).seen
    while len(parts) > 1:
        at = random.randrange(len(parts) - 1)
        parts[at : at + 2] = [asked.joined(parts[at : at + 2])]
    assert parts == [whole]
    # And it is what a naive reading finds.
    for name, texts in (("a", {"x", "none", "long" * 40}), ("b", {"y"})):
        values = {value for of, value in lines if of == name}
        short = sorted(value for value in values if len(value) <= 120)[:most]
        expected = texts if texts <= values else (texts & values).union(short)
        assert {value for of, value in whole.values if of == name} == expected


def test_a_field_of_countless_values_is_remembered_by_a_few() -> None:
    plan = planned('PAY where id == "none" and id == "17"')
    seen = prepared(plan, "".join(f"PAY|id={at}\n" for at in range(5_000))).seen
    assert ("id", "17") in seen.values
    assert len(seen.values) <= plan.tuning.values + 1


def test_what_was_seen_comes_back_as_it_was_written_down() -> None:
    part = prepared(planned('PAY where step == "lost" or @level == "INFO"'), LOG)
    again = Partial.read(part, *part.written())
    assert again.seen == part.seen
    assert again.seen != Seen()


def test_many_rules_over_many_names_compare_few_of_them(monkeypatch) -> None:
    compared: list[int] = []

    def counting(name: str, names: list[str], *, cutoff: float, among: int) -> str | None:
        compared.append(len(names[:among]))
        return nearest(name, names, cutoff=cutoff, among=among)

    monkeypatch.setattr(engine_seen, "nearest", counting)
    texts = ", ".join(f'"name_{at:04}"' for at in range(0, 4_000, 2))
    log = "".join(f"PAY|a=name_{at:04}\n" for at in range(2_001, 2_401, 2))
    unseen = never_seen(f"* where a in [{texts}]", log)
    assert len(unseen) == len(compared) == 2_000
    assert sum(compared) <= 100_000
    # Of the names there, those beside it in the alphabet were looked at.
    by_name = {one.name: one.nearest for one in unseen}
    assert by_name["name_2100"] in {f"name_{at}" for at in range(2_051, 2_151)}
