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
    named_attributes,
    named_fields,
    named_values,
    parse_expect,
    parse_selector,
    read_quantity,
    selects,
)
from .lines import Line
from .times import NANO, as_short_text

HANDOFF_CLASSES = ("lost", "open", "mismatch", "late", "orphan", "duplicate")
SEQUENCE_CLASSES = ("missing", "out_of_order", "late", "open")
DEFECTS = ("malformed", "undecodable", "too_long", "duplicate_field", "second_event")

Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Log:
    """What a run has read: lines source by source, events in global order."""

    lines: list[Line]
    events: list[Event]
    order: str  # lines, time, given or unknown
    asked: str | None = None

    def origin_of(self, event: Event) -> object:
        """Where the order is unknown, it is still known between events of one origin."""
        if self.asked != "time":
            return event.line.source
        return (event.line.path, event.line.number) if event.line.time is None else None


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
    no_order: bool = False
    open: bool = False

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


def put_in_order(sources: list[list[Event]], asked: str | None = None) -> tuple[list[Event], str]:
    """Section 3: the events of all sources, and how they are ordered.

    `asked` is the option `--order`. contract silent: one source that alone has events is in line
    order, whatever `given` says; `--order time` sorts it, too. There an event without a time goes
    by the latest time before it in its source, and nobody knows its place.
    """
    several = sum(bool(source) for source in sources) > 1
    timed = all(event.line.time is not None for source in sources for event in source)
    if asked == "time":
        order = "time" if timed else "unknown"
        everything = ranked(sources, keep_lines=False)
    elif not several:
        order, everything = "lines", as_given(sources)
    elif asked == "given":
        order, everything = "given", as_given(sources)
    elif timed:
        order, everything = "time", ranked(sources, keep_lines=True)
    else:
        order, everything = "unknown", as_given(sources)
    return [replace(event, place=place) for place, event in enumerate(everything)], order


def as_given(sources: list[list[Event]]) -> list[Event]:
    return [event for source in sources for event in source]


def ranked(sources: list[list[Event]], *, keep_lines: bool) -> list[Event]:
    """By time, then source, then line; with `keep_lines` a source's running maximum counts.

    So it does for an event without a time; before the first one it counts as 1970.
    """
    ranks = []
    for number, source in enumerate(sources):
        latest = None
        for position, event in enumerate(source):
            time = event.line.time
            if time is not None:
                latest = time if latest is None else max(latest, time)
            at = latest if keep_lines or time is None else time
            ranks.append(((at or 0, number, position), event))
    return [event for _, event in sorted(ranks, key=lambda pair: pair[0])]


def goes_back(source: list[Event]) -> int:
    """Section 2: events whose time is less than that of an earlier one of their source."""
    times = [event.line.time for event in source if event.line.time is not None]
    return sum(time < max(times[: place + 1]) for place, time in enumerate(times))


def span(events: list[Event]) -> dict | None:
    """Section 8: the least and the greatest time of events."""
    times = [event.line.time for event in events if event.line.time is not None]
    if not times:
        return None
    return {"first": as_short_text(min(times)), "last": as_short_text(max(times))}


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
    if log.order == "unknown":
        for selected in groups.values():
            if len({log.origin_of(event) for event, _ in selected}) > 1:
                judged.no_order = True
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


def ends_too_early(rule: Rule, log: Log, first: Event) -> bool:
    """Section 7, open: has `within` of an event not passed at the time of the last event?

    contract silent: without a limit, or of an event without a time, nothing is open.
    """
    limit, time, last = rule.within(), first.line.time, log.events[-1].line.time
    if limit is None or time is None or last is None:
        return False
    return last - time <= limit * NANO


def apply_budgets(rule: Rule, judged: Judged) -> None:
    """Section 7: what a rule allows, or has a budget for, is only counted.

    contract silent: `open` may have a budget, too, and then makes no rule inconclusive.
    """
    for cls, count in judged.classes.items():
        budget = rule.params.get(cls, "open" if cls == "open" else "violate")
        if budget == "open":
            judged.open = count > 0
            allowed = True
        elif budget in ("violate", "allow"):
            allowed = budget == "allow"
        elif isinstance(budget, str):
            allowed = count <= read_quantity(budget) * judged.subjects
        else:
            allowed = count <= budget
        if allowed:
            judged.findings = [one for one in judged.findings if one.cls != cls]


def handoff(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes=dict.fromkeys(HANDOFF_CLASSES, 0))
    expect = rule.params.get("expect")
    expect = None if expect is None else parse_expect(expect)

    def report(cls: str, *evidence: Event) -> None:
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
            report("open" if ends_too_early(rule, log, waiting) else "lost", waiting)
    apply_budgets(rule, judged)
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
    judged = Judged(classes=dict.fromkeys(SEQUENCE_CLASSES, 0))
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
            # contract silent: a run that the next one closed is never open
            may_go_on = run is runs[-1] and ends_too_early(rule, log, run[0][0])
            judge_run(rule, key, run, len(steps), judged, may_go_on)
    apply_budgets(rule, judged)
    return judged


def judge_run(
    rule: Rule,
    key: Key,
    run: list[tuple[Event, int]],
    steps: int,
    judged: Judged,
    may_go_on: bool,
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
            cls = "open" if may_go_on else "out_of_order" if places else "missing"
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
    if len({over.tag, of.tag} - {None}) > 1:
        raise RuleError(f"an event of {over.tag} is never one of {of.tag}")
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


def defects_of(line: Line) -> set[str]:
    """Section 2: everything that is wrong with a line."""
    found = {
        "malformed": line.what == "malformed",
        "undecodable": line.undecodable,
        "too_long": line.too_long,
        "duplicate_field": line.trace is not None and line.trace.duplicate_field,
        "second_event": line.trace is not None and line.trace.second_event,
    }
    return {cls for cls, applies in found.items() if applies}


def wellformed(rule: Rule, log: Log) -> Judged:
    judged = Judged(classes=dict.fromkeys(DEFECTS, 0), subjects=len(log.lines))
    counted = rule.params.get("count", DEFECTS)
    defective = []
    for line in log.lines:
        # the order of the contract, not that of `count`
        classes = [cls for cls in DEFECTS if cls in counted and cls in defects_of(line)]
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


def named_names(rule: Rule) -> tuple[set[str], set[str], set[tuple[str, str]]]:
    """The fields, the attributes and the values that a rule names."""
    conditions = [selector.condition for selector in rule.selectors()]
    if "expect" in rule.params:
        conditions.append(parse_expect(rule.params["expect"]))
    fields = set(rule.key) if rule.own_key else set()
    fields.update(rule.params.get("fields", []))
    attributes: set[str] = set()
    values: set[tuple[str, str]] = set()
    for condition in conditions:
        fields |= named_fields(condition)
        attributes |= named_attributes(condition)
        values |= named_values(condition)
    return fields, attributes, values


def fields_read(rule: Rule) -> set[str]:
    """The fields that a rule reads, in all spellings; those of its key too, if it joins events."""
    is_joining = rule.kind in ("handoff", "consistent", "sequence")
    names = named_names(rule)[0] | set(rule.key if is_joining else [])
    canonical = {rule.words.canonical(name) for name in names}
    return canonical.union(*(rule.words.aliases.get(name, ()) for name in canonical))


def never_seen(rule: Rule, log: Log) -> list[dict]:
    """Section 5, without `nearest`.

    contract silent: tags, fields, attributes, values, each in alphabetical order (values by their
    fields first); a field is named by a selector, `expect`, `fields` or the rule's own `key` (not
    the file's), shown by its canonical name, and seen in any event of any tag under any of its
    spellings; a value likewise. An attribute is seen if an event has it.
    """
    fields, attributes, values = named_names(rule)
    words = rule.words
    fields = {words.canonical(name) for name in fields}
    values = {(words.canonical(name), value) for name, value in values}

    def seen(name: str) -> set[str]:
        return {words.value(event, name) for event in log.events} - {None}

    unseen = [("tag", name) for name in named_tags(rule) - {e.trace.tag for e in log.events}]
    unseen += [("field", name) for name in fields if not seen(name)]
    has = {
        "@level": any(event.line.level is not None for event in log.events),
        "@logger": any(event.line.logger is not None for event in log.events),
        "@time": any(event.line.time is not None for event in log.events),
    }
    unseen += [("attribute", name) for name in attributes if not has.get(name, True)]
    kinds = ("tag", "field", "attribute")
    unseen.sort(key=lambda pair: (kinds.index(pair[0]), pair[1]))
    return [{"what": what, "name": name} for what, name in unseen] + [
        {"what": "value", "name": value, "of": name}
        for name, value in sorted(values)
        if seen(name) and value not in seen(name)
    ]


def outcome(written: dict, judged: Judged) -> tuple[str, str | None]:
    """Section 5: outcome and reason. The reason is the first that applies.

    contract silent: zero events or lines leave `forbid` and `require` (at_least 0) without a
    subject, so inconclusive; `allow_empty` does not lift the violation of a `require`.
    """
    allow_empty = written.get("allow_empty", False)
    empty = judged.subjects == 0
    if judged.no_order:
        return "inconclusive", "no_order"
    reasons = [
        ("open", judged.open),
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


def severity_of(written: dict) -> str:
    return written.get("severity", "high")


def judge(written: dict, rule: Rule, log: Log, max_findings: int | None, counted: bool) -> dict:
    """One entry of `rules` in the report (section 8)."""
    judged = JUDGES[rule.kind](rule, log)
    if judged.no_order:  # it tells its subjects, no violations and no findings
        judged.findings = []
        judged.classes = dict.fromkeys(judged.classes, 0)
    verdict, reason = outcome(written, judged)
    findings = sorted(judged.findings, key=lambda finding: finding.place)
    shown = findings if max_findings is None else findings[:max_findings]
    return {
        "id": written["id"],
        "kind": rule.kind,
        "severity": severity_of(written),
        "counted": counted,
        "title": written.get("title") or None,
        "why": written.get("why") or None,
        "remedy": written.get("remedy") or None,
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
                "time": as_short_text(finding.evidence[0].time) if finding.evidence else None,
                "evidence": [
                    {"path": line.path, "line": line.number, "text": line.text}
                    for line in finding.shown(max_findings)
                ],
            }
            for finding in shown
        ],
        "findings_omitted": len(findings) - len(shown),
    }
