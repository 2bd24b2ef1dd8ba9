"""What every part of a text report is made of: names, labels, paragraphs, lines of a log."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from ..model.verdict import Evidence, Finding, Outcome, OutcomeName, Unseen
from ..text.amounts import rfc3339
from ..text.safe import LONGEST
from ..text.wording import did_you_mean
from .layout import Page, cell_len

LABELS: Mapping[OutcomeName, str] = {
    "pass": "PASS",
    "fail": "FAIL",
    "inconclusive": "INCONCLUSIVE",
}
COLORS: Mapping[OutcomeName, str] = {
    "pass": "bold green",
    "fail": "bold red",
    "inconclusive": "bold yellow",
}

LONGEST_NAME = 120
"""Characters of an id, a tag or a field."""

_LONGEST_PART = 200  # characters of one part of a key: more is no help in finding it
_LONGEST_PATH = 5000  # longer than any system allows: a cut path leads nowhere


def label(outcome: OutcomeName, more: str = "") -> tuple[str, str]:
    """How an outcome is called, and its style."""
    return f"{LABELS[outcome]}{more}", COLORS[outcome]


def name(page: Page, text: str) -> str:
    """An id, a tag or a field, safe and short."""
    return page.foreign(text, LONGEST_NAME)


def path(page: Page, text: str) -> str:
    """The path of a file, safe and whole."""
    return page.foreign(text, _LONGEST_PATH)


def key(page: Page, finding: Finding) -> str:
    """The key of a finding, part by part; empty where the kind joins nothing."""
    return " ".join(
        f"{name(page, field)} missing"
        if value is None
        else f"{name(page, field)}={_part(page.foreign(value, _LONGEST_PART))}"
        for field, value in finding.key.items()
    )


def time(finding: Finding) -> str:
    """When it happened, as the JSON report writes it; empty if its first line has no time."""
    return "" if finding.time is None else rfc3339(finding.time)


def _part(value: str) -> str:
    """A part of a key, quoted where it would not be seen as one."""
    return value if value and " " not in value else f'"{value}"'


def never_seen(page: Page, outcome: Outcome) -> str:
    """What a rule names and the log never shows; empty if there is nothing.

    `tag JOBS (did you mean JOB?), field n. step is never "done"; it is finished, started`. Which
    tags there are is left out where the rule passes: the tag of a guard is best never seen.
    """
    listing = outcome.outcome != "pass"
    names = [
        _unseen_name(page, one, listing=listing) for one in outcome.never_seen if one.of is None
    ]
    values = [_unseen_value(page, one, one.of) for one in outcome.never_seen if one.of is not None]
    return ". ".join([*([", ".join(names)] if names else []), *values])


def _unseen_name(page: Page, unseen: Unseen, *, listing: bool) -> str:
    hint = ""
    if unseen.nearest is not None:
        hint = f" ({did_you_mean(name(page, unseen.nearest))})"
    elif unseen.there and listing:
        only = "" if unseen.more else "only "
        hint = f" (the log has {only}{_listed(page, unseen)})"
    return f"{unseen.what} {name(page, unseen.name)}{hint}"


def _unseen_value(page: Page, unseen: Unseen, of: str) -> str:
    near = unseen.nearest
    hint = "" if near is None else f" ({did_you_mean(_part(name(page, near)))})"
    values = f"; it is {_listed(page, unseen)}" if unseen.there else ""
    return f'{name(page, of)} is never "{name(page, unseen.name)}"{hint}{values}'


def _listed(page: Page, unseen: Unseen) -> str:
    """A few of those that are there."""
    listed = ", ".join(_part(name(page, one)) for one in unseen.there)
    return f"{listed} and others" if unseen.more else listed


def paragraph(page: Page, text: str, limit: int = LONGEST) -> str:
    """A text that a rule file may have folded over lines, safe and as one paragraph again."""
    return page.foreign(" ".join(text.split()), limit)


def labelled(page: Page, about: str, text: str, lead: str = "  ") -> None:
    """A paragraph that begins with what it is about; nothing, if there is no text."""
    if safe := paragraph(page, text):
        page.say(Text.assemble((f"{about}: ", "italic"), safe), lead=lead, hang=f"{lead}  ")


def place(page: Page, line: Evidence) -> str:
    """Where a line of a log stands: `app.log:17`."""
    return f"{path(page, line.path)}:{line.line}"


def evidence(page: Page, line: Evidence, about: str = "", lead: str = "    ") -> None:
    """A line of a log: where it stands and what it holds, behind what it is about."""
    where = Text(place(page, line), "cyan")
    text = page.foreign(line.text)
    inner = f"{lead}  " if about else lead
    mark = f"{inner}{page.symbols.mark}"
    head = Text(f"{about}: " if about else "", "italic")
    if cell_len(head.plain + where.plain) * 2 <= page.width:
        page.say(Text.assemble(head, where, "  ", text), lead=lead, hang=mark)
        return
    if about:
        page.say(head, lead=lead)
    # A long path stays whole, so that an editor can follow it, even past the edge.
    page.put(Text.assemble(inner, where))
    page.say(text, lead=mark, hang=mark)
