"""Rules as pages: the list of a rule file, and all that it says of one rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

from ..model.condition import Selector
from ..model.rules import KindSpec, Parameter, RuleSet, RuleSpec
from ..text.amounts import duration
from . import elements, layout
from .layout import NAME, Column, Page
from .sentences import counts

_TABLE = (Column("rule", NAME), Column("kind"), Column("severity"), Column("claim"))
_BLANKS = ((" ",),)  # where a value of a rule is folded, if it can be
_WHOLE = 1 << 20  # as much as a rule file may hold: nothing of it is cut


def listed(page: Page, rules: RuleSet) -> None:
    """What the rules are called and for, and a line a rule."""
    about = f": {rules.about}" if rules.about else ""
    page.say(_paragraph(page, f"{rules.name}{about}" if rules.name else ", ".join(rules.paths)))
    page.blank()
    _table(page, rules.rules)


def _table(page: Page, rules: Sequence[RuleSpec]) -> None:
    """A line a rule; where that is too wide, the claim goes below."""
    rows = [
        dict(zip(_TABLE, map(Text, cells), strict=True))
        for cells in ((rule.id, rule.kind, rule.severity, _title(page, rule)) for rule in rules)
    ]
    widths = layout.natural(rows, _TABLE)
    name, *_, claim = _TABLE
    over = sum(widths.values()) + layout.GAP * (len(_TABLE) - 1) - page.width
    if over > 0:
        over -= widths.pop(claim) + layout.GAP
        widths[name] -= max(over, 0)
    for row in rows:
        page.row(row, widths)
        if claim not in widths and row[claim]:
            page.say(row[claim], lead="    ")


def _title(page: Page, rule: RuleSpec) -> str:
    return ("" if rule.enabled else "(not enabled) ") + _paragraph(page, rule.title)


def _paragraph(page: Page, text: str) -> str:
    return elements.paragraph(page, text, _WHOLE)


def explained(page: Page, rule: RuleSpec, spec: KindSpec) -> None:
    """All that a rule file says of one rule; `spec` is that of its kind."""
    place = page.foreign(f"{rule.path}:{rule.line}", _WHOLE)
    page.put(f"{rule.id}  ({rule.severity} {rule.kind}, {place})")
    if title := _title(page, rule):
        page.say(title, lead="  ")
    for label, text in (("Why it matters", rule.why), ("What to do", rule.remedy)):
        if text:
            page.blank()
            page.say(f"{label}: {_paragraph(page, text)}", lead="  ")
    page.blank()
    _meaning(page, rule, spec)
    for example in rule.examples:
        page.blank()
        does = "holds" if example.holds else "breaks"
        with_ = counts(example.classes)
        page.put(f"  This log {does}{with_ and f', with {with_}'}:")
        for line in example.log.rstrip("\n").split("\n"):
            page.put(f"    {page.foreign(line, _WHOLE)}")


def _meaning(page: Page, rule: RuleSpec, spec: KindSpec) -> None:
    """The kind and its parameters as written, each with what it means."""
    page.say(f"{rule.kind}: {spec.about}", lead="  ")
    for parameter in spec.parameters:
        value = rule.parameters.get(parameter.name)
        if value is None or (parameter.type == "budget" and value == parameter.default):
            continue
        _value(page, f"{parameter.name}: {_written(parameter, value)}")
        page.say(parameter.about, lead="      ")
    for name, event in _events(rule.selectors).items():
        _value(page, f"{name} = {_text(event)}")
    if spec.keyed:
        _value(page, f"key: {', '.join(rule.key) if rule.key else 'none'}")
    for name in ("allow_unattributed", "allow_empty"):
        if getattr(rule, name):
            page.say(f"    {name}: true")


def _written(parameter: Parameter, value: Any) -> str:
    if parameter.type == "duration":
        return duration(value)
    if isinstance(value, tuple):
        return (" -> " if parameter.type == "selectors" else ", ").join(map(_text, value))
    return _text(value)


def _text(value: Any) -> str:
    """A value as its author typed it, variables put in, but on one line."""
    if isinstance(value, int | str):
        return str(value)
    return " ".join(line.strip() for line in value.text.split("\n"))


def _events(selectors: Iterable[Selector]) -> dict[str, Selector]:
    """The named events that selectors begin with, and those that these begin with, by name."""
    events: dict[str, Selector] = {}
    for written in selectors:
        selector = written
        while selector.base is not None:
            events[selector.head] = selector = selector.base
    return events


def _value(page: Page, text: str) -> None:
    page.say(page.foreign(text, _WHOLE), lead="    ", hang="        ", breaks=_BLANKS)
