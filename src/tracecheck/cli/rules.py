"""`tracecheck rules …`: what rules there are, what one says, and whether they are sound."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .. import api
from ..amounts import duration
from ..errors import RuleFileError, UsageError
from ..examples import Trial, counts, lacks, try_examples
from ..expression import Selector
from ..kinds import KINDS
from ..model import Parameter, RuleSet, RuleSpec
from ..output import write_stdout
from ..report.page import NAME, Column, Page, cell_len
from ..report.safe import one_line
from ..report.words import plural
from ..rulefiles import schema
from ..wording import nearest, quoted
from . import terminal
from .ending import ExitCode, complaint_lines, say

_TABLE = (Column("rule", NAME), Column("kind"), Column("severity"), Column("claim"))
_GAP = 2
_BLANKS = ((" ",),)  # where a value of a rule is folded, if it can be
_WHOLE = 1 << 20  # as much as a rule file may hold: nothing of it is cut


def list_rules(files: Sequence[str]) -> ExitCode:
    """Every rule with its kind, its severity and its claim."""
    rules = api.load_rules(files or None)
    page = _page()
    page.say(_paragraph(page, _heading(rules)))
    page.blank()
    _table(page, rules.rules)
    write_stdout(page.render())
    return ExitCode.PASS


def show(rule_id: str, files: Sequence[str]) -> ExitCode:
    """All that a rule file says of one rule, for somebody who met it in a report."""
    rules = api.load_rules(files or None).rules
    rule = next((rule for rule in rules if rule.id == rule_id), None)
    if rule is None:
        ids = [rule.id for rule in rules]
        guess = nearest(rule_id, ids)
        hint = f"did you mean {guess}?" if guess else "see tracecheck rules list"
        raise UsageError(f"no rule is called {quoted(rule_id)} ({hint})")
    page = _page()
    _explained(page, rule)
    write_stdout(page.render())
    return ExitCode.PASS


def lint(files: Sequence[str]) -> ExitCode:
    """Every complaint about every file; the files are read each for itself."""
    ending = ExitCode.PASS
    for file in files:
        try:
            rules = api.load_rules(file)
        except RuleFileError as error:
            ending = ExitCode.ERROR
            _print(complaint_lines(error.complaints))
        except UsageError as error:  # a file that is not there; the others are linted all the same
            ending = ExitCode.ERROR
            say(str(error))
        else:
            _print([f"{file}: {plural(len(rules.rules), 'rule')}, no complaints"])
    return ending


def test(files: Sequence[str]) -> ExitCode:
    """Run the examples of each file; the worst of what is found."""
    # Not by the numbers: a broken example outranks a file in which nothing was tested.
    ranking = (ExitCode.FAIL, ExitCode.INCONCLUSIVE, ExitCode.PASS)
    return min((_test(file) for file in files), key=ranking.index)


def print_schema() -> ExitCode:
    """The JSON Schema of rule files."""
    write_stdout(json.dumps(schema(api.SPECS), indent=2) + "\n")
    return ExitCode.PASS


def _test(file: str) -> ExitCode:
    rules = api.load_rules(file)
    trials = list(try_examples(rules, KINDS))
    broken = [trial for trial in trials if not trial.kept]
    _print(line for trial in broken for line in _broken(trial))
    faults = list(_unfit_to_ship(rules)) if _is_shipped(file) else []
    _print(faults)
    if not trials:
        _print([f"{file}: no examples, so nothing was tested"])
        return ExitCode.FAIL if faults else ExitCode.INCONCLUSIVE
    whole = plural(len(trials), "example")
    said = f"{len(broken)} of {whole} broken" if broken else f"{whole}, all as they promise"
    _print([f"{file}: {said}"])
    return ExitCode.FAIL if broken or faults else ExitCode.PASS


def _broken(trial: Trial) -> Iterator[str]:
    place = f"{trial.example.path}:{trial.example.line}"
    yield f"{place}: {trial.rule.id}"
    yield f"  expected  {trial.expected}"
    yield f"  got       {trial.got}"


def _unfit_to_ship(rules: RuleSet) -> Iterator[str]:
    for rule in rules.rules:
        for what in lacks(rule):
            yield f"{rule.path}:{rule.line}: {rule.id}: a shipped rule needs {_a(what)}"


def _a(what: str) -> str:
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"


def _is_shipped(file: str) -> bool:
    path = Path(os.path.realpath(api.rule_file(file)))
    return path in [Path(os.path.realpath(api.shipped(name))) for name in api.shipped_names()]


# --- what is printed --------------------------------------------------------------------------


def _page() -> Page:
    return Page(terminal.style_for(to_file=False, color=False, quiet=False))


def _heading(rules: RuleSet) -> str:
    if not rules.name:
        return ", ".join(rules.paths)
    return f"{rules.name}: {rules.about}" if rules.about else rules.name


def _table(page: Page, rules: Sequence[RuleSpec]) -> None:
    """A line a rule; where that is too wide, the claim goes below."""
    rows = [(rule.id, str(rule.kind), str(rule.severity), _title(page, rule)) for rule in rules]
    widths = [max(cell_len(row[at]) for row in rows) for at in range(len(_TABLE))]
    if sum(widths) + _GAP * (len(_TABLE) - 1) <= page.width:
        for row in rows:
            page.row(row, widths, _TABLE)
        return
    widths[0] = min(widths[0], page.width - sum(widths[1:3]) - _GAP * 2)
    for *heads, title in rows:
        page.row(heads, widths[:3], _TABLE[:3])
        if title:
            page.say(title, lead="    ")


def _title(page: Page, rule: RuleSpec) -> str:
    return ("" if rule.enabled else "(not enabled) ") + _paragraph(page, rule.title)


def _paragraph(page: Page, text: str) -> str:
    """A text that a rule file may have folded over lines, as one paragraph again."""
    return page.foreign(" ".join(text.split()), _WHOLE)


def _explained(page: Page, rule: RuleSpec) -> None:
    place = page.foreign(f"{rule.path}:{rule.line}", _WHOLE)
    page.put(f"{rule.id}  ({rule.severity} {rule.kind}, {place})")
    if title := _title(page, rule):
        page.say(title, lead="  ")
    for label, text in (("Why it matters", rule.why), ("What to do", rule.remedy)):
        if text:
            page.blank()
            page.say(f"{label}: {_paragraph(page, text)}", lead="  ")
    page.blank()
    _said(page, rule)
    for example in rule.examples:
        page.blank()
        does = "holds" if example.holds else "breaks"
        with_ = counts(example.classes)
        page.put(f"  This log {does}{with_ and f', with {with_}'}:")
        for line in example.log.rstrip("\n").split("\n"):
            page.put(f"    {page.foreign(line, _WHOLE)}")


def _said(page: Page, rule: RuleSpec) -> None:
    """The kind and its parameters as written, each with what it means."""
    spec = KINDS[rule.kind].spec
    page.say(f"{rule.kind}: {spec.about}", lead="  ")
    for parameter in spec.parameters:
        value = rule.parameters.get(parameter.name)
        if value is None or (parameter.type == "choice" and value == parameter.default):
            continue
        _value(page, f"{parameter.name}: {_written(parameter, value)}")
        page.say(parameter.about, lead="      ")
    for name, event in _events(rule.parameters.values()).items():
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


def _events(values: Iterable[Any]) -> dict[str, Selector]:
    """The named events that the values begin with, and those that these begin with, by name."""
    events: dict[str, Selector] = {}
    for value in values:
        for one in value if isinstance(value, tuple) else (value,):
            selector = one if isinstance(one, Selector) else None
            while selector is not None and selector.base is not None:
                events[selector.head] = selector = selector.base
    return events


def _value(page: Page, text: str) -> None:
    page.say(page.foreign(text, _WHOLE), lead="    ", hang="        ", breaks=_BLANKS)


def _print(lines: Iterable[str]) -> None:
    """Lines that are never folded, as editors and other programs look for places in them."""
    text = "".join(f"{one_line(line)}\n" for line in lines)
    if text:
        write_stdout(text)
