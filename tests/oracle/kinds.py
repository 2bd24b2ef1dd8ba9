"""Contract sections 3, 4, 5 and 7: order, keys, and the seven kinds.

Each kind is a function (rule, log) -> Judged. It only counts and lists; `outcome` turns that
into pass, fail or inconclusive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from .conditions import (
    DEFAULT_KEY,
    Event,
    RuleError,
    Selector,
    Truth,
    Words,
    expects,
    named_fields,
    parse_expect,
    parse_selector,
    read_quantity,
    selects,
)
from .lines import Line
from .times import NANO

HANDOFF_CLASSES = ("lost", "mismatch", "late", "orphan", "duplicate")
DEFECTS = ("malformed", "undecodable", "too_long", "duplicate_field")

Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Log:
    """What a run has read: lines source by source, events in global order."""

    lines: list[Line]
    events: list[Event]
    defects: dict[str, set[tuple[str, int]]]  # class -> (path, number) of its lines


@dataclass(frozen=True)
class Rule:
    """One rule with the file's words around it."""

    kind: str
    params: dict
    key: list[str]  # canonical names; empty for `key: none`
    own_key: bool  # the rule itself sets the key
    words: Words
    named: dict[str, str]

    def selector(self, name: str) -> Selector:
        return parse_selector(self.params[name], self.named)

    def selectors(self) -> list[Selector]:
        """All selectors of the rule, as written."""
        written = [
            self.params[name]
            for name in ("where", "from", "to", "of", "over")
            if name in self.params
        ]
        written += self.params.get("steps", [])
        return [parse_selector(text, self.named) for text in written]

    def selects(self, selector: Selector, event: Event) -> Truth:
        return selects(selector, event, self.words)

    def key_of(self, event: Event) -> Key:
        """Section 4: a missing part is None, an empty one is empty."""
        return tuple(self.words.value(event, name) for name in self.key)

    def is_unattributed(self, key: Key) -> bool:
        """Section 4: every part void. `key: none` has no part, so nothing is unattributed."""
        return bool(key) and all(self.words.is_void(part) for part in key)

    def is_weak(self, key: Key) -> bool:
        return any(self.words.is_void(part) for part in key) and not self.is_unattributed(key)

    def within(self) -> Fraction | None:
        """contract silent: a bare number is seconds."""
        written = self.params.get("within")
        return None if written is None else read_quantity(str(written))


@dataclass
class Finding:
    cls: str
    key: dict[str, str | None]
    evidence: list[Line]
    place: int = 0  # of its first evidence event in the global order

    def shown(self, max_findings: int | None) -> list[Line]:
        """The evidence; of a rate or a count at most `max_findings` of the offending lines."""
        is_many = self.cls in {"below", "above", "too_many"}
        return self.evidence[:max_findings] if is_many else self.evidence


@dataclass
class Judged:
    """Section 5: what every outcome carries, and what stands against a pass."""

    subjects: int = 0
    unattributed: int = 0
    weak: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    measure: dict | None = None
    too_few: bool = False
    incomparable: bool = False
    no_time: bool = False

    def add(self, cls: str, evidence: list[Event | Line], key: dict | None = None) -> None:
        """One violation, which is one finding."""
        self.classes[cls] += 1
        lines = [one.line if isinstance(one, Event) else one for one in evidence]
        first = evidence[0] if evidence else None
        place = first.place if isinstance(first, Event) else len(self.findings)
        self.findings.append(Finding(cls, key or {}, lines, place))

    def ask(self, truth: Truth) -> bool:
        """Section 6: unknown is not selected and counts as incomparable."""
        if truth is None:
            self.incomparable = True
        return truth is True


# ---- order (section 3) -------------------------------------------------------------------


def interleave(sources: list[list[Event]]) -> list[Event]:
    """Section 3: by time if every event has one (running maximum), else as given."""
    everything = [event for source in sources for event in source]
    if all(event.line.time is not None for event in everything):
        ranked = []
        for number, source in enumerate(sources):
            latest = None
            for position, event in enumerate(source):
                time = event.line.time
                latest = time if latest is None else max(latest, time)
                ranked.append(((latest, number, position), event))
        everything = [event for _, event in sorted(ranked, key=lambda pair: pair[0])]
    return [replace(event, place=place) for place, event in enumerate(everything)]


# ---- joining kinds (section 4) -----------------------------------------------------------


def by_key(
    rule: Rule, log: Log, role_of: Callable[[Event], object], judged: Judged
) -> Iterator[tuple[Key, list[tuple[Event, object]]]]:
    """The selected events with their roles, per key in order; counts the unattributed."""
    groups: dict[Key, list[tuple[Event, object]]] = {}
    for event in log.events:
        role = role_of(event)
        if role is None:
            continue
        key = rule.key_of(event)
        if rule.is_unattributed(key):
            judged.unattributed += 1
        else:
            groups.setdefault(key, []).append((event, role))
    yield from groups.items()


def roles_of_pair(rule: Rule, judged: Judged) -> Callable[[Event], str | None]:
    """Section 7, handoff: an event that matches both is a `from`.

    contract silent: every selector of a rule is asked of every event (only `of` is not), so an
    unknown `to` makes a rule incomparable even where `from` matches.
    """
    from_selector, to_selector = rule.selector("from"), rule.selector("to")

    def role(event: Event) -> str | None:
        is_from = judged.ask(rule.selects(from_selector, event))
        is_to = judged.ask(rule.selects(to_selector, event))
        return "from" if is_from else "to" if is_to else None

    return role


def named_key(rule: Rule, key: Key) -> dict[str, str | None]:
    return dict(zip(rule.key, key, strict=True))


def exceeds(rule: Rule, judged: Judged, first: Event, last: Event) -> bool:
    """Section 7: `within` compares the two lines' own times; section 5: no_time."""
    limit = rule.within()
    if limit is None:
        return False
    if first.line.time is None or last.line.time is None:
        judged.no_time = True
        return False
    return last.line.time - first.line.time > limit * NANO


def handoff(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes=dict.fromkeys(HANDOFF_CLASSES, 0))
    expect = rule.params.get("expect")
    expect = None if expect is None else parse_expect(expect)

    def report(cls: str, *evidence: Event) -> None:
        if rule.params.get(cls) == "allow":
            judged.classes[cls] += 1
        else:
            judged.add(cls, list(evidence), named_key(rule, key))

    for key, selected in by_key(rule, log, roles_of_pair(rule, judged), judged):
        waiting = None
        discharged = False
        for event, role in selected:
            if role == "from":
                judged.subjects += 1
                judged.weak += rule.is_weak(key)
                if waiting is not None:
                    report("lost", waiting)
                waiting = event
            elif waiting is not None:
                if expect is not None:
                    truth = expects(expect, waiting, event, rule.words)
                    judged.ask(truth)
                    if truth is False:
                        report("mismatch", waiting, event)
                if exceeds(rule, judged, waiting, event):
                    report("late", waiting, event)
                waiting = None
                discharged = True
            else:
                report("duplicate" if discharged else "orphan", event)
        if waiting is not None:
            report("lost", waiting)
    return judged


def consistent(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes={"drift": 0})
    for key, selected in by_key(rule, log, roles_of_pair(rule, judged), judged):
        waiting = None
        for event, role in selected:
            if role == "from":
                waiting = event
            elif waiting is not None:
                compare_pair(rule, key, waiting, event, judged)
                waiting = None
    return judged


def compare_pair(rule: Rule, key: Key, first: Event, second: Event, judged: Judged) -> None:
    """Section 7: a named field must be equal on both sides; a void side is not comparable."""
    compared = 0
    for name in rule.params["fields"]:
        values = [rule.words.value(event, name) for event in (first, second)]
        if any(rule.words.is_void(value) for value in values):
            continue
        compared += 1
        if values[0] != values[1]:
            judged.add("drift", [first, second], named_key(rule, key))
    if compared:
        judged.subjects += 1
        judged.weak += rule.is_weak(key)


def sequence(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes={"missing": 0, "out_of_order": 0, "late": 0})
    steps = [parse_selector(text, rule.named) for text in rule.params["steps"]]

    def step_of(event: Event) -> int | None:
        """An event that matches two steps counts as the earlier one."""
        matched = [
            number for number, step in enumerate(steps) if judged.ask(rule.selects(step, event))
        ]
        return min(matched) if matched else None

    for key, selected in by_key(rule, log, step_of, judged):
        runs: list[list[tuple[Event, int]]] = []
        for event, step in selected:
            if step == 0:
                runs.append([])
            if runs:  # what stands before the first run belongs to none
                runs[-1].append((event, step))
        for run in runs:
            judged.subjects += 1
            judged.weak += rule.is_weak(key)
            judge_run(rule, key, run, len(steps), judged)
    return judged


def judge_run(
    rule: Rule, key: Key, run: list[tuple[Event, int]], steps: int, judged: Judged
) -> None:
    """Section 7: step i is the earliest match after the matched step i-1."""
    first = run[0][0]
    position = 0
    for step in range(1, steps):
        places = [place for place, (_, matched) in enumerate(run) if matched == step]
        later = [place for place in places if place > position]
        if not later:
            last = run[position][0]
            evidence = [first] if last is first else [first, last]
            cls = "out_of_order" if places else "missing"
            judged.add(cls, evidence, named_key(rule, key))
            return
        position = later[0]
    last = run[position][0]
    if exceeds(rule, judged, first, last):
        judged.add("late", [first] if last is first else [first, last], named_key(rule, key))


# ---- kinds that join nothing (findings have the key {}) ------------------------------------


def matching(rule: Rule, log: Log, judged: Judged) -> list[Event] | list[Line]:
    """Section 7, forbid and require: the matching events (`where`) or lines (`text`)."""
    if "text" in rule.params:
        judged.subjects = len(log.lines)
        pattern = re.compile(rule.params["text"])
        return [line for line in log.lines if pattern.search(line.text)]
    judged.subjects = len(log.events)
    selector = rule.selector("where")
    return [event for event in log.events if judged.ask(rule.selects(selector, event))]


def forbid(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes={"forbidden": 0})
    for match in matching(rule, log, judged)[rule.params.get("allow", 0) :]:
        judged.add("forbidden", [match])
    return judged


def require(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes={"too_few": 0, "too_many": 0})
    matches = matching(rule, log, judged)
    at_most = rule.params.get("at_most")
    # contract silent: too_few has no evidence; too_many shows the matches over the limit.
    if len(matches) < rule.params.get("at_least", 1):
        judged.add("too_few", [])
    elif at_most is not None and len(matches) > at_most:
        judged.add("too_many", matches[at_most:])
    return judged


def rate(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes={"below": 0, "above": 0})
    over = rule.selector("over")
    of = rule.selector("of")
    subjects = [event for event in log.events if judged.ask(rule.selects(over, event))]
    inside = [judged.ask(rule.selects(of, event)) for event in subjects]
    (bound,) = {"at_least", "at_most"} & set(rule.params)  # exactly one of the two
    limit = rule.params[bound]
    judged.subjects = len(subjects)
    judged.measure = {"of": sum(inside), "over": len(subjects), "limit": limit}
    judged.too_few = len(subjects) < rule.params.get("min_events", 1)
    if judged.too_few or not subjects:
        return judged
    share = Fraction(sum(inside), len(subjects))
    # contract silent: the evidence are the events on the wrong side: for `below` those that `of`
    # did not select, for `above` those that it did.
    wrong = [e for e, is_of in zip(subjects, inside, strict=True) if is_of == (bound == "at_most")]
    if bound == "at_least" and share < read_quantity(limit):
        judged.add("below", wrong)
    if bound == "at_most" and share > read_quantity(limit):
        judged.add("above", wrong)
    return judged


def wellformed(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes=dict.fromkeys(DEFECTS, 0), subjects=len(log.lines))
    counted = rule.params.get("count", DEFECTS)
    defective = []
    for line in log.lines:
        # the order of the contract, not that of `count`
        classes = [
            cls
            for cls in DEFECTS
            if cls in counted and (line.path, line.number) in log.defects[cls]
        ]
        if classes:
            defective.append((classes[0], line))
    limit = rule.params.get("at_most", 0)
    allowed = read_quantity(limit) * len(log.lines) if isinstance(limit, str) else Fraction(limit)
    if len(defective) > allowed:
        for cls, line in defective:
            judged.add(cls, [line])
    return judged


JUDGES = {
    "forbid": forbid,
    "require": require,
    "handoff": handoff,
    "consistent": consistent,
    "sequence": sequence,
    "rate": rate,
    "wellformed": wellformed,
}

KINDS = tuple(JUDGES)


# ---- rules and outcomes (section 5) --------------------------------------------------------


def rule_of(written: dict, file: dict) -> Rule:
    """One rule of a parsed rule file (section 10)."""
    kinds = [kind for kind in KINDS if kind in written]
    if len(kinds) != 1:
        raise RuleError(f"a rule has exactly one kind: {written}")
    words = Words()
    for part in ("aliases", "void", "units"):
        if file.get(part) is not None:
            words = replace(words, **{part: file[part]})
    key = written.get("key", file.get("key", DEFAULT_KEY))
    names = [] if key == "none" else [words.canonical(name) for name in key]
    return Rule(
        kind=kinds[0],
        params=written[kinds[0]] or {},
        key=names,
        own_key="key" in written and key != "none",
        words=words,
        named=file.get("events") or {},
    )


def named_tags(rule: Rule) -> set[str]:
    """contract silent: a rule names the tags that its selectors start with, not `@tag == "X"`."""
    return {selector.tag for selector in rule.selectors()} - {None}


def never_seen(rule: Rule, log: Log) -> list[dict]:
    """Section 5, without `nearest`.

    contract silent: tags before fields, each in alphabetical order; a field is named by a
    selector, `expect`, `fields` or the rule's own `key` (not the file's), shown by its
    canonical name, and seen in any event of any tag under any of its spellings.
    """
    fields = set(rule.key) if rule.own_key else set()
    for selector in rule.selectors():
        fields.update(named_fields(selector.condition))
    if "expect" in rule.params:
        fields.update(named_fields(parse_expect(rule.params["expect"])))
    fields.update(rule.params.get("fields", []))
    fields = {rule.words.canonical(name) for name in fields}
    tags = {event.trace.tag for event in log.events}
    return [{"what": "tag", "name": tag} for tag in sorted(named_tags(rule)) if tag not in tags] + [
        {"what": "field", "name": name}
        for name in sorted(fields)
        if all(rule.words.value(event, name) is None for event in log.events)
    ]


def outcome(written: dict, judged: Judged) -> tuple[str, str | None]:
    """Section 5: outcome and reason. The reason is the first that applies.

    contract silent: zero events or lines leave `forbid` and `require` (at_least 0) without a
    subject, so inconclusive; `allow_empty` does not lift the violation of a `require`.
    """
    allow_empty = written.get("allow_empty", False)
    empty = judged.subjects == 0
    reasons = [
        ("unattributed", judged.unattributed > 0 and not written.get("allow_unattributed", False)),
        ("no_evidence", empty and not allow_empty),
        ("too_few", judged.too_few and not (empty and allow_empty)),
        ("incomparable", judged.incomparable),
        ("no_time", judged.no_time),
    ]
    if judged.findings:
        return "fail", None
    for reason, applies in reasons:
        if applies:
            return "inconclusive", reason
    return "pass", None


def judge(written: dict, rule: Rule, log: Log, max_findings: int | None) -> dict:
    """One entry of `rules` in the report (section 8)."""
    judged = JUDGES[rule.kind](rule, log)
    verdict, reason = outcome(written, judged)
    findings = sorted(judged.findings, key=lambda finding: finding.place)
    shown = findings if max_findings is None else findings[:max_findings]
    return {
        "id": written["id"],
        "kind": rule.kind,
        "severity": written.get("severity", "high"),
        "outcome": verdict,
        "reason": reason,
        "subjects": judged.subjects,
        "violations": len(findings),
        "unattributed": judged.unattributed,
        "weak": judged.weak,
        "never_seen": never_seen(rule, log),
        "classes": judged.classes,
        "measure": judged.measure,
        "findings": [
            {
                "class": finding.cls,
                "key": finding.key,
                "evidence": [
                    {"path": line.path, "line": line.number, "text": line.text}
                    for line in finding.shown(max_findings)
                ],
            }
            for finding in shown
        ],
        "findings_omitted": len(findings) - len(shown),
    }
