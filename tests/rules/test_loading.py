"""What good rule files mean, alone, together and with what they include."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from rules.rule_texts import load_text
from tracecheck.errors import RuleFileError, UsageError
from tracecheck.model.condition import (
    And,
    Comparison,
    IsMissing,
    Matches,
    Name,
    Number,
    Selector,
    Text,
)
from tracecheck.model.rules import Percent, RuleSet
from tracecheck.rules import load

from .kinds import KINDS

GOOD = Path(__file__).parent / "good"
RULE = "rules: [{id: a, forbid: {where: AB}}]\n"

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes one rule file, `version: 1` before its text."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(f"version: 1\n{text}", encoding="utf-8")
        return path

    return write_file


def read(text: str, **options: object) -> RuleSet:
    return load_text(f"version: 1\n{text}", KINDS, **options)


def complaints(text: str) -> list[str]:
    with pytest.raises(RuleFileError) as caught:
        read(text)
    return [f"{c.line}:{c.column} {c.message}" for c in caught.value.complaints]


def where(rules: RuleSet, place: int = 0) -> object:
    return rules.rules[place].parameters["where"].where


def test_the_smallest_file_has_the_defaults_of_the_contract() -> None:
    rules = load([GOOD / "smallest.yaml"], KINDS)
    (rule,) = rules.rules
    assert (rule.id, rule.kind, rule.severity, rule.enabled) == ("no-guard", "forbid", "high", True)
    assert rule.parameters == {"where": Selector("OUTBOX_GUARD", None, "OUTBOX_GUARD"), "allow": 0}
    assert (rule.key, rule.own_key, rule.line) == (("conv", "idem"), False, 3)
    assert rules.aliases == {
        "count": ("outbox_count",), "conv": ("conversation_id",), "idem": ("idempotency_key",)
    }  # fmt: skip
    assert rules.void == {"", "unknown", "None", "null", "MISSING"}
    assert (rules.personal, rules.units) == (("phone",), {})


def test_the_file_of_the_contract_is_read_as_the_contract_says() -> None:
    rules = load([GOOD / "contract.yaml"], KINDS)
    (rule,) = rules.rules
    assert rules.name == "golive"
    assert rules.units == {"duration_ms": Fraction(1, 1000)}
    planned = And(
        (
            Comparison("==", Name("phase"), Text("planner")),
            Comparison(">=", Name("count"), Number(Fraction(1), "1")),
        )
    )
    assert rule.parameters["from"] == Selector("OUTBOX_TRACE", planned, "planned")
    holds, breaks = rule.examples
    assert (holds.holds, holds.classes, breaks.holds, breaks.classes) == (
        True,
        {},
        False,
        {"lost": 1},
    )
    assert holds.log.count("\n") == 2
    assert (holds.line, breaks.line) == (21, 24)


def test_every_kind_and_parameter_is_read_into_its_type() -> None:
    rules = load([GOOD / "every-kind.yaml"], KINDS)
    by_id = {rule.id: rule for rule in rules.rules}
    assert next(iter(by_id)) == "quick"  # what is included comes first
    assert by_id["quick"].title == "Below 99.5% is not quick"
    assert by_id["quick"].key is None
    guard = by_id["no-guard"]
    assert (guard.enabled, guard.allow_unattributed, guard.severity) == (False, True, "low")
    assert (guard.key, guard.own_key, guard.parameters["allow"]) == (("conv",), True, 2)
    assert by_id["no-template"].parameters["text"] == r"\{\{.*?\}\}|\$\{"
    handoff = by_id["handed-over"].parameters
    assert (handoff["within"], handoff["orphan"], handoff["lost"]) == (
        90 * 10**9,
        "allow",
        "violate",
    )
    assert by_id["nothing-drifts"].parameters["fields"] == ("instance", "phone")
    assert len(by_id["steps"].parameters["steps"]) == 3
    assert by_id["success"].parameters["at_least"] == Percent(Fraction(199, 200), "99.5%")
    assert by_id["whole-lines"].parameters["at_most"] == Percent(Fraction(1, 1000), "0.1%")
    assert by_id["no-bad-line"].parameters["at_most"] == 0
    assert len(rules.paths) == 2


def test_the_key_of_the_command_line_replaces_the_default_but_no_own_key() -> None:
    text = (
        "key: [conv]\nrules: [{id: a, forbid: {where: AB}}, {id: b, key: x, forbid: {where: AB}}]"
    )
    assert [rule.key for rule in read(text, key=("y",)).rules] == [("y",), ("x",)]
    assert [rule.key for rule in read(text, key=()).rules] == [None, ("x",)]
    with pytest.raises(UsageError, match=r"`None` names no field of a key \(did you mean none\?\)"):
        read(text, key=("None",))
    with pytest.raises(UsageError, match=r"`conversation_id` is an alias \(use conv\)"):
        read(text, key=("conversation_id",))


def test_declared_aliases_replace_the_defaults_and_rename_the_default_key() -> None:
    rules = read("aliases: {chat: [conv], tel: [phone]}\n" + RULE)
    assert rules.aliases == {"chat": ("conv",), "tel": ("phone",)}
    assert rules.rules[0].key == ("chat", "idem")
    assert rules.personal == ("tel",)


def test_an_empty_mapping_of_aliases_means_none() -> None:
    assert read("aliases: {}\n" + RULE).aliases == {}


def test_void_values_are_texts_and_numbers_as_written() -> None:
    assert read('void: ["", 0, 1.50, None, "null"]\n' + RULE).void == {
        "",
        "0",
        "1.50",
        "None",
        "null",
    }


# ---- variables ----------------------------------------------------------------------------


def test_set_overrides_a_variable_everywhere() -> None:
    text = (
        'vars: {tag: AB, limit: 1}\nname: of ${tag}\nevents: {e: "${tag} where a > ${limit}"}\n'
        "rules: [{id: a, forbid: {where: e}}]"
    )
    rules = read(text, overrides={"tag": "CD", "limit": "5"})
    assert rules.name == "of CD"
    assert rules.rules[0].parameters["where"].tag == "CD"
    assert where(rules) == Comparison(">", Name("a"), Number(Fraction(5), "5"))


def test_an_unknown_set_name_lists_the_variables() -> None:
    with pytest.raises(UsageError, match=r"`limt` \(did you mean limit\?\)"):
        read("vars: {limit: 1}\n" + RULE, overrides={"limt": "2"})
    with pytest.raises(UsageError, match=r"`x` \(vars: limit, other\)"):
        read("vars: {limit: 1, other: 2}\n" + RULE, overrides={"x": "2"})


@pytest.mark.parametrize(
    "value",
    [
        'x" or a == "',
        "x' or a == '",
        "\\",
        "\\\\",
        '\\"',
        "it's",
        '" or not a == "',
        "a\nb",
        "${v}",
    ],
)
@pytest.mark.parametrize("template", ['"{}"', "'{}'", '"<{}>"', r'"\{}"', r'"\\{}"', '"\'{}"'])
def test_no_value_breaks_out_of_a_string(value: str, template: str) -> None:
    condition = "a == " + template.format("${v}")
    text = f"vars: {{v: 1}}\nrules:\n- id: a\n  forbid:\n    where: |-\n      AB where {condition}"
    prefix = template[1:-1].partition("{}")[0].replace("\\\\", "\\")
    suffix = template[1:-1].partition("{}")[2]
    found = where(read(text, overrides={"v": value}))
    assert found == Comparison("==", Name("a"), Text(f"{prefix}{value}{suffix}"))


def test_a_value_outside_a_string_may_be_code_but_no_half_of_a_string() -> None:
    text = "vars: {v: 1}\nrules: [{id: a, forbid: {where: 'AB where ${v}'}}]"
    assert where(read(text, overrides={"v": "a is missing"})) == IsMissing(Name("a"))
    with pytest.raises(RuleFileError, match="has half a string in it"):
        read(text, overrides={"v": 'a == "x'})


def test_a_backslash_of_a_value_stays_one_in_a_pattern() -> None:
    text = "vars: {v: '\\d+'}\nrules: [{id: a, forbid: {where: 'AB where a matches \"^${v}\"'}}]"
    assert where(read(text)) == Matches(Name("a"), r"^\d+")


def test_two_dollars_are_a_literal_dollar_before_a_brace() -> None:
    assert read("vars: {v: 1}\nname: $${v} ${v} $ {v} $5\n" + RULE).name == "${v} 1 $ {v} $5"


def test_a_fault_behind_a_variable_is_shown_where_it_stands_in_the_file() -> None:
    text = "vars: {v: a long value}\nevents:\n  e: AB where x == '${v}' and y = 1\n" + RULE
    assert complaints(text)[0].startswith("4:33 `=` is no operator")


LONG = "vars: {v: " + "x" * 1000 + "}\n"


def test_variables_may_make_a_text_long() -> None:
    name = read(LONG + f"name: {'${v}' * 65}\n" + RULE).name
    assert name == "x" * 65000


def test_variables_that_make_a_text_too_long_are_refused_where_they_do() -> None:
    text = LONG + f'rules: [{{id: a, forbid: {{text: "{"${v}" * 200_000}"}}}}]'
    with pytest.raises(RuleFileError) as caught:
        read(text)
    (complaint,) = caught.value.complaints
    assert (complaint.line, complaint.column, complaint.rule) == (3, 33 + 65 * 4, "a")
    assert complaint.message == "variables put more than 65536 characters into this text"
    assert complaint.hint == "use them less often, or shorten their values"


def test_variables_that_make_a_file_too_long_are_refused_once() -> None:
    rules = "".join(
        f'- {{id: a{number}, title: "{"${v}" * 60}", forbid: {{where: AB}}}}\n'
        for number in range(2000)
    )
    message = "variables put more than 1048576 characters into the rule file"
    assert complaints(f"{LONG}rules:\n{rules}") == [f"21:{21 + 28 * 4} {message}"]


# ---- events -------------------------------------------------------------------------------


def test_an_event_may_narrow_another_in_any_order() -> None:
    rules = read(
        "events: {b: a where y == 1, a: AB where x == 1}\n"
        "rules: [{id: a, forbid: {where: b where z == 1}}]"
    )
    found = where(rules)
    assert isinstance(found, And)
    assert [term.left.name for term in found.terms] == ["x", "y", "z"]  # type: ignore[union-attr]


def test_a_fault_in_an_event_is_told_once_however_often_it_is_used() -> None:
    text = "events: {e: AB where x = 1, f: e where y == 1}\nrules: [{id: a, forbid: {where: e}}]"
    assert len(complaints(text)) == 1


def test_a_long_chain_of_events_is_refused() -> None:
    chain = "".join(f"  e{n}: e{n + 1} where x == 1\n" for n in range(30))
    assert any(
        "more than 16 deep" in line for line in complaints(f"events:\n{chain}  e30: AB\n{RULE}")
    )


# ---- several files ------------------------------------------------------------------------


def test_the_including_file_overrides_what_it_includes_and_its_words_reach_there(
    write: Write,
) -> None:
    write("base.yaml", "vars: {v: 1}\nvoid: [x]\nunits: {a: ms, b: ms}\n"
          "rules: [{id: one, forbid: {where: 'AB where a == ${v}'}}]")  # fmt: skip
    top = write("top.yaml", "include: [base.yaml]\nvars: {v: 2}\nunits: {b: s}\n" + RULE)
    rules = load([top], KINDS)
    assert [rule.id for rule in rules.rules] == ["one", "a"]
    assert where(rules) == Comparison("==", Name("a"), Number(Fraction(2), "2"))
    assert rules.void == {"x"}
    assert rules.units == {"a": Fraction(1, 1000), "b": Fraction(1)}


def test_a_file_included_twice_counts_once(write: Write) -> None:
    write("common.yaml", RULE)
    write("b.yaml", "include: [common.yaml]")
    write("c.yaml", "include: [common.yaml, b.yaml]")
    top = write("top.yaml", "include: [b.yaml, c.yaml]")
    assert [rule.id for rule in load([top], KINDS).rules] == ["a"]


def test_a_long_chain_of_includes_is_refused(write: Write) -> None:
    for number in range(20):
        write(f"{number}.yaml", f"include: [{number + 1}.yaml]")
    with pytest.raises(RuleFileError, match="included more than 16 deep"):
        load([write("top.yaml", "include: [0.yaml]")], KINDS)


def test_rules_of_several_files_come_in_the_order_given_each_with_its_own_words(
    write: Write,
) -> None:
    one = write("one.yaml", "key: [x]\nevents: {e: AB}\nrules: [{id: one, forbid: {where: e}}]")
    two = write("two.yaml", "events: {e: CD}\nrules: [{id: two, forbid: {where: e}}]")
    rules = load([two, one], KINDS).rules
    assert [rule.id for rule in rules] == ["two", "one"]
    assert [rule.parameters["where"].tag for rule in rules] == ["CD", "AB"]
    assert [rule.key for rule in rules] == [("conv", "idem"), ("x",)]


def test_several_files_share_what_they_say_of_the_log(write: Write) -> None:
    one = write("one.yaml", "aliases: {x: [y]}\npersonal: [tel]\nunits: {a: ms}\n" + RULE)
    two = write("two.yaml", "rules: [{id: two, forbid: {where: AB}}]")
    rules = load([one, two], KINDS)
    assert list(rules.aliases) == ["x", "count", "conv", "idem"]
    assert rules.personal == ("tel", "phone")
    assert rules.units == {"a": Fraction(1, 1000)}


@pytest.mark.parametrize(
    ("one", "two", "name"),
    [
        ("void: [a]", "", "void"),
        ("units: {a: ms}", "units: {a: s}", "units: a"),
        ("aliases: {count: [n]}", "", "aliases: count"),
        ("aliases: {a: [n]}", "aliases: {b: [n]}", "aliases: n"),
        ("aliases: {a: [n]}", "aliases: {n: [b]}", "aliases: n"),
    ],
)
def test_several_files_must_agree_on_what_they_say_of_the_log(
    write: Write, one: str, two: str, name: str
) -> None:
    paths = [write("one.yaml", f"{one}\n{RULE}"), write("two.yaml", f"{two}\n")]
    with pytest.raises(RuleFileError, match=rf"two.yaml:1:1: `{name}` is not as in the rule files"):
        load(paths, KINDS)


def test_an_id_is_unique_across_files(write: Write) -> None:
    with pytest.raises(RuleFileError, match=r"two.yaml:2:14: .*id of the rule at .*one.yaml:2"):
        load([write("one.yaml", RULE), write("two.yaml", RULE)], KINDS)


# ---- files that cannot be read ------------------------------------------------------------


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    missing = r"^cannot read the rule file .*no.yaml: no such file; give a path, or the name of"
    with pytest.raises(UsageError, match=missing):
        load([tmp_path / "no.yaml"], KINDS)
    with pytest.raises(UsageError, match="it is a directory; name a file in it"):
        load([tmp_path], KINDS)
    with pytest.raises(UsageError, match="no rule file is given"):
        load([], KINDS)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(13, "Permission denied"), "permission denied; run as a user who may, or"),
        (NotADirectoryError(20, "Not a directory"), "no such file; a part of this path is no dir"),
        (OSError(5, "Input/output error"), "Input/output error; check the path and its disk"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_what_to_do(
    error: OSError, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise error

    (tmp_path / "a.yaml").touch()
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UsageError, match=rf"^cannot read the rule file .*a.yaml: {told}"):
        load([tmp_path / "a.yaml"], KINDS)


@pytest.fixture(params=["pipe", "socket", "device"])
def no_file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> str:
    """Something that can be opened and is no file: nobody writes into the pipe."""
    monkeypatch.chdir(tmp_path)
    if request.param == "device":
        return "/dev/zero"
    if request.param == "pipe":
        os.mkfifo("pipe")
    else:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
    return str(request.param)


def test_what_is_no_regular_file_is_refused_and_not_waited_for(no_file: str, write: Write) -> None:
    told = "it is no regular file, but a pipe, a device or a socket"
    with pytest.raises(UsageError, match=f"^cannot read the rule file {no_file}: {told}; write"):
        load([no_file], KINDS)
    including = write("including.yaml", f"include: [{no_file}]\n{RULE}")
    with pytest.raises(RuleFileError, match=f"cannot be read: {told}"):
        load([including], KINDS)


def test_a_pipe_that_a_shell_hands_over_is_read(write: Write) -> None:
    """`--rules <(command)`; but no file may include what a process happens to have open."""
    reading, writing = os.pipe()
    os.write(writing, f"version: 1\n{RULE}".encode())
    os.close(writing)
    assert len(load([f"/dev/fd/{reading}"], KINDS).rules) == 1
    including = write("including.yaml", f"include: [/dev/fd/{reading}]\n{RULE}")
    with pytest.raises(RuleFileError, match="it is no regular file"):
        load([including], KINDS)
    os.close(reading)


def test_the_same_file_twice_is_a_usage_error(write: Write) -> None:
    path = write("one.yaml", RULE)
    with pytest.raises(UsageError, match="is given twice"):
        load([path, path.parent / "." / "one.yaml"], KINDS)


def test_a_byte_that_is_not_utf8_has_a_place(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"version: 1\nname: caf" + b"\xe9\n")
    with pytest.raises(RuleFileError, match=r"latin.yaml:2:10: a rule file is UTF-8"):
        load([path], KINDS)


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + f"version: 1\r\n{RULE}".encode())
    assert len(load([path], KINDS).rules) == 1


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(RuleFileError, match="at most 1 MiB"):
        load([path], KINDS)
