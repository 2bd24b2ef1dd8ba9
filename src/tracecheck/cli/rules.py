"""`tracecheck rules …`: what rules there are, what one says, and whether they are sound."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence

from ..api.rules import SPECS, load_rules
from ..audit.doubts import doubts
from ..audit.examples import Trial, lacks, try_examples
from ..errors import RuleFileError, UsageError
from ..kinds import KINDS
from ..model.rules import RuleSet
from ..report.layout import Page
from ..report.rule_pages import explained, listed
from ..report.sentences import plural
from ..rules import schema
from ..rules.shipped import rule_file, shipped, shipped_names
from ..text.safe import one_line
from ..text.wording import quoted, suggestion
from .exit import ExitCode, complaint_lines, say
from .loaded import all_is_loaded
from .output import write_stdout
from .terminal import streams


def list_rules(files: Sequence[str]) -> ExitCode:
    """Every rule with its kind, its severity and its claim."""
    all_is_loaded()
    rules = load_rules(files or None)
    page = _page()
    listed(page, rules)
    write_stdout(page.render())
    return ExitCode.PASS


def show(rule_id: str, files: Sequence[str]) -> ExitCode:
    """All that a rule file says of one rule, for somebody who met it in a report."""
    all_is_loaded()
    rules = load_rules(files or None).rules
    rule = next((rule for rule in rules if rule.id == rule_id), None)
    if rule is None:
        hint = suggestion(rule_id, [rule.id for rule in rules]) or "see tracecheck rules list"
        raise UsageError(f"no rule is called {quoted(rule_id)} ({hint})")
    page = _page()
    explained(page, rule, KINDS[rule.kind].spec)
    write_stdout(page.render())
    return ExitCode.PASS


def lint(files: Sequence[str]) -> ExitCode:
    """Every complaint about every file, and what is doubtful; each is read for itself."""
    all_is_loaded()
    ending = ExitCode.PASS
    for file in files:
        try:
            rules = load_rules(file)
        except RuleFileError as error:
            ending = ExitCode.ERROR
            _print(complaint_lines(error.complaints))
        except UsageError as error:  # a file that is not there; the others are linted all the same
            ending = ExitCode.ERROR
            say(str(error))
        else:
            doubtful = list(doubts(rules, SPECS))
            _print(map(str, doubtful))
            warnings = f", {plural(len(doubtful), 'warning')}" if doubtful else ""
            _print([f"{file}: {plural(len(rules.rules), 'rule')}, no complaints{warnings}"])
    return ending


def test(files: Sequence[str]) -> ExitCode:
    """Run the examples of each file; the worst of what is found."""
    all_is_loaded()
    # Not by the numbers: a broken example outranks a file in which nothing was tested.
    ranking = (ExitCode.FAIL, ExitCode.INCONCLUSIVE, ExitCode.PASS)
    return min((_test(file) for file in files), key=ranking.index)


def print_schema() -> ExitCode:
    """The JSON Schema of rule files."""
    write_stdout(json.dumps(schema(SPECS), indent=2) + "\n")
    return ExitCode.PASS


def _test(file: str) -> ExitCode:
    rules = load_rules(file)
    trials = list(try_examples(rules, KINDS))
    broken = [trial for trial in trials if not trial.kept]
    _print(line for trial in broken for line in _broken(trial))
    faults = list(_unfit_to_ship(rules)) if _is_shipped(file) else []
    _print(faults)
    if not trials:
        _print([f"{file}: no examples, so nothing was tested"])
        return ExitCode.FAIL if faults else ExitCode.INCONCLUSIVE
    whole = plural(len(trials), "example")
    result = f"{len(broken)} of {whole} broken" if broken else f"{whole}, all as they promise"
    _print([f"{file}: {result}"])
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
    return any(os.path.samefile(rule_file(file), shipped(name)) for name in shipped_names())


# --- what is printed --------------------------------------------------------------------------


def _page() -> Page:
    return Page(streams.style_for(to_file=False, color=False, quiet=False))


def _print(lines: Iterable[str]) -> None:
    """Lines that are never folded, as editors and other programs look for places in them."""
    text = "".join(f"{one_line(line)}\n" for line in lines)
    if text:
        write_stdout(text)
