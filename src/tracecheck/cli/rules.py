"""`tracecheck rules …`: what rules there are, what one says, and whether they are sound."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from .. import api
from ..errors import RuleFileError, UsageError
from ..examples import Trial, counts, lacks, try_examples
from ..grammars.mistakes import nearest, quoted
from ..kinds import KINDS
from ..model import RuleSet, RuleSpec
from ..output import write_stdout
from ..report.safe import one_line
from ..rulefiles import schema
from . import terminal
from .ending import ExitCode, complaint_lines, say
from .written import named_selectors, parameter_text, selector_text

_GAP = "  "


def list_rules(files: Sequence[str]) -> ExitCode:
    """Every rule with its kind, its severity and its claim."""
    rules = api.load_rules(files or None)
    _print([_heading(rules), "", *_table(rules.rules)])
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
    _print(_explained(rule))
    return ExitCode.PASS


def lint(files: Sequence[str]) -> ExitCode:
    """Every complaint about every file; the files are read each for itself."""
    ending = ExitCode.PASS
    for file in files:
        try:
            rules = api.load_rules(file)
        except RuleFileError as error:
            ending = ExitCode.ERROR
            _print(line for one in error.complaints for line in complaint_lines(one))
        except UsageError as error:  # a file that is not there; the others are linted all the same
            ending = ExitCode.ERROR
            say(str(error))
        else:
            count = len(rules.rules)
            _print([f"{file}: {count} {'rule' if count == 1 else 'rules'}, no complaints"])
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
    whole = f"{len(trials)} {'example' if len(trials) == 1 else 'examples'}"
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


def _heading(rules: RuleSet) -> str:
    if not rules.name:
        return ", ".join(rules.paths)
    about = " ".join(rules.about.split())
    return f"{rules.name}: {about}" if about else rules.name


def _table(rules: Sequence[RuleSpec]) -> Iterator[str]:
    """A line a rule; where that is too wide, the claim goes below."""
    heads = [(rule.id, rule.kind, rule.severity) for rule in rules]
    widths = [max(len(head[at]) for head in heads) for at in range(3)]
    titles = [_title(rule) for rule in rules]
    room = terminal.width() - sum(widths) - len(_GAP) * 3
    below = max(map(len, titles)) > room
    for head, title in zip(heads, titles, strict=True):
        columns = _GAP.join(text.ljust(size) for text, size in zip(head, widths, strict=True))
        if below:
            yield columns.rstrip()
            yield from _wrapped(title, "    ")
        else:
            yield f"{columns}{_GAP}{title}".rstrip()


def _title(rule: RuleSpec) -> str:
    off = "" if rule.enabled else "(not enabled) "
    return off + " ".join(rule.title.split())


def _explained(rule: RuleSpec) -> Iterator[str]:
    yield f"{rule.id}  ({rule.severity} {rule.kind}, {rule.path}:{rule.line})"
    yield from _wrapped(_title(rule), "  ")
    for label, text in (("Why it matters", rule.why), ("What to do", rule.remedy)):
        if text:
            yield ""
            yield from _wrapped(f"{label}: {text}", "  ")
    yield ""
    yield from _said(rule)
    for example in rule.examples:
        yield ""
        with_ = counts(example.classes)
        yield f"  This log {'holds' if example.holds else 'breaks'}{with_ and f', with {with_}'}:"
        yield from (f"    {line}" for line in example.log.rstrip("\n").split("\n"))


def _said(rule: RuleSpec) -> Iterator[str]:
    """The kind and its parameters as written, each with what it means."""
    spec = KINDS[rule.kind].spec
    yield from _wrapped(f"{rule.kind}: {spec.about}", "  ")
    for parameter in spec.parameters:
        value = rule.parameters.get(parameter.name)
        if value is None or (parameter.type == "choice" and value == parameter.default):
            continue
        yield from _hung(f"{parameter.name}: {parameter_text(parameter, value)}", "    ")
        yield from _wrapped(parameter.about, "      ")
    for name, selector in named_selectors(rule.parameters).items():
        yield from _hung(f"{name} = {selector_text(selector)}", "    ")
    if spec.keyed:
        yield f"    key: {', '.join(rule.key) if rule.key else 'none'}"
    for name in ("allow_unattributed", "allow_empty"):
        if getattr(rule, name):
            yield f"    {name}: true"


def _wrapped(text: str, indent: str) -> list[str]:
    room = max(terminal.width(), len(indent) + 20)
    return textwrap.wrap(
        " ".join(text.split()),
        room,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _hung(text: str, indent: str) -> list[str]:
    """A value of a rule: folded, but at its blanks only, and with those that count kept."""
    room = max(terminal.width(), len(indent) + 20)
    return textwrap.wrap(
        text,
        room,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _print(lines: Iterable[str]) -> None:
    text = "".join(f"{one_line(line)}\n" for line in lines)
    if text:
        write_stdout(text)
