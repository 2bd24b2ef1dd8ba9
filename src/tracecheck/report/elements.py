"""Pieces that every part of the text report is made of: names, paragraphs, and lines of a log."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from ..model.verdict import Evidence, Finding, Outcome, OutcomeName
from . import sentences
from .layout import Page, cell_len

COLORS: Mapping[OutcomeName, str] = {
    "pass": "bold green",
    "fail": "bold red",
    "inconclusive": "bold yellow",
}

LONGEST_NAME = 120
"""Characters of an id, a tag or a field."""

_LONGEST_PART = 200  # characters of one part of a key: more is no help in finding it
_LONGEST_PATH = 5000  # longer than any system allows: a cut path leads nowhere


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


def _part(value: str) -> str:
    """A part of a key, quoted where it would not be seen as one."""
    return value if value and " " not in value else f'"{value}"'


def never_seen(page: Page, outcome: Outcome) -> str:
    """What a rule names and the log never shows; empty if there is nothing."""
    return sentences.never_seen(outcome.never_seen, lambda unseen: name(page, unseen))


def labelled(page: Page, label: str, text: str, lead: str = "  ") -> None:
    """A paragraph that begins with what it is; nothing, if there is no text."""
    # A rule file folds long texts over lines; here they are one paragraph again.
    if said := page.foreign(" ".join(text.split())):
        page.say(Text.assemble((f"{label}: ", "italic"), said), lead=lead, hang=f"{lead}  ")


def evidence(page: Page, line: Evidence, label: str = "", lead: str = "    ") -> None:
    """A line of a log: where it stands and what it says, behind a label if there is one."""
    where = Text(f"{path(page, line.path)}:{line.line}", "cyan")
    text = page.foreign(line.text)
    inner = f"{lead}  " if label else lead
    mark = f"{inner}{page.symbols.mark}"
    said = Text(f"{label}: " if label else "", "italic")
    if cell_len(said.plain + where.plain) * 2 <= page.width:
        page.say(Text.assemble(said, where, "  ", text), lead=lead, hang=mark)
        return
    if label:
        page.say(said, lead=lead)
    # A long path stays whole, so that an editor can follow it, even past the edge.
    page.put(Text.assemble(inner, where))
    page.say(text, lead=mark, hang=mark)
