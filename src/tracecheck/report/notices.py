"""What a run that follows reports while it runs, one line at a time.

Pure functions of the values of `model.live`. Each line is one line whatever a log holds, and is
returned without the newline at its end.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from rich.text import Text

from ..model.live import Changed, Notice, Overdue, Snapshot, Trouble, Violation, Window
from ..model.verdict import Finding, Outcome, Verdict
from ..text import amounts
from ..text.safe import LONGEST
from . import elements, json_report, sentences
from .layout import Page
from .style import Style

_PLACES = 3  # lines of evidence that are cited

# --- for a person ---------------------------------------------------------------------------


def text_line(notice: Notice, style: Style) -> str:
    """A violation, or what is overdue, as one line of text, however long.

    "" for the others: the report says how rules stand, and trouble goes to standard error.
    """
    page = Page(style)
    head: list[str | tuple[str, str]]
    match notice:
        case Violation(rule, finding, more, at_end):
            head = [elements.label("fail"), elements.time(finding), rule.severity]
            parts = [elements.name(page, finding.class_), elements.key(page, finding)]
            parts += [page.foreign(finding.message), _places(page, finding)]
            parts += [f"and {more:,} more" if more else "", "(as the run ended)" if at_end else ""]
        case Overdue(rule, count, first):
            head = ["OVERDUE"]
            parts = [sentences.overdue(count) if count else "none is overdue any more"]
            if first is not None:
                parts += [elements.place(page, first), page.foreign(first.text, _SHORT)]
        case Changed() | Trouble():
            return ""
    name = (elements.name(page, rule.id), "bold")
    page.put(Text("  ").join(Text.assemble(part) for part in (*head, name, *parts) if part))
    return page.render().removesuffix("\n")


def _places(page: Page, finding: Finding) -> str:
    shown = [elements.place(page, line) for line in finding.evidence[:_PLACES]]
    return ", ".join(shown) + (f" {page.symbols.more}" if finding.evidence[_PLACES:] else "")


# --- for a chat -----------------------------------------------------------------------------

_LONGEST_SUMMARY = 600
_SHORT = 200

# `@everyone`, `<!channel>`, `<@U12>`, `https://…`: a chat would call people, or fetch the page.
_CALLS = re.compile(r"[@<](?=[\w@#!/])|(?<=:)/(?=/)")


def summary(violation: Violation) -> str:
    """One short line for a chat message, in which nothing of a log calls anybody."""
    page = Page(Style())
    rule, finding, more = violation.rule, violation.finding, violation.more
    key, place = elements.key(page, finding)[:_SHORT], _places(page, finding)
    line = f"{elements.time(finding)} {rule.severity} {elements.name(page, rule.id)}".lstrip()
    line += f": {elements.name(page, finding.class_)}"
    line += f" {key}" if key else ""
    line += f": {page.foreign(finding.message, _SHORT)}"
    line += f" ({page.foreign(place, _SHORT)})" if place else ""
    line += f" and {more:,} more" if more else ""
    inert = _CALLS.sub(lambda call: f"\\x{ord(call[0]):02x}", line)
    return page.foreign(inert, _LONGEST_SUMMARY)


# --- for a program --------------------------------------------------------------------------


def json_line(item: Notice | Snapshot | Verdict) -> str:
    """A notice, how the run stands, or its report (schema 2): one JSON object in ASCII."""
    return _heartbeat(item) if isinstance(item, Snapshot) else json_report.written(_values(item))


def _heartbeat(snapshot: Snapshot) -> str:
    totals, time = snapshot.verdict.totals, snapshot.log_time
    head = {
        "type": "heartbeat",
        "verdict": snapshot.verdict.verdict,
        "log_time": None if time is None else amounts.rfc3339(time),
        "lag": snapshot.lag,
        "lines": totals.lines,
        "events": totals.events,
        "lines_per_second": round(snapshot.lines_per_second, 1),
        "late_arrivals": snapshot.late_arrivals,
    }
    rules = ", ".join(_rule(one, snapshot) for one in snapshot.verdict.outcomes)
    windows = {"windows": [_window(window) for window in snapshot.windows]}
    return _joined(
        json_report.written(head), f'{{"rules": [{rules}]}}', json_report.written(windows)
    )


def _values(item: Notice | Verdict) -> dict[str, Any]:
    match item:
        case Violation(rule, finding, more, at_end):
            told = json_report.found(finding)
            return {
                "type": "finding",
                "time": told["time"],
                "rule": rule.id,
                "severity": rule.severity,
                "finding": told,
                "more": more,
                "at_end": at_end,
            }
        case Changed(before, outcome):
            return {
                "type": "outcome",
                "rule": outcome.rule.id,
                "before": {"outcome": before.outcome, "reason": before.reason},
                **_state(outcome),
                "violations": outcome.violations,
            }
        case Overdue(rule, count, first):
            line = first and asdict(first)
            return {"type": "overdue", "rule": rule.id, "count": count, "first": line}
        case Trouble(about, message, over):
            return {"type": "trouble", "about": about, "message": message[:LONGEST], "over": over}
        case Verdict():
            return {"type": "report", "report": json_report.report(item)}


def _state(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "settled": outcome.outcome == "fail",
        "open": outcome.open,
    }


def _rule(outcome: Outcome, snapshot: Snapshot) -> str:
    age = amounts.age_of(outcome.oldest_open, snapshot.log_time)
    rest = {
        "violations": outcome.violations,
        "measure": json_report.measured(outcome),
        "overdue": snapshot.overdue.get(outcome.rule.id, 0),
    }
    # An exact decimal is written by us: a float could not hold it.
    return _joined(
        json_report.written({"id": outcome.rule.id, **_state(outcome)}),
        f'{{"oldest_open_age": {"null" if age is None else amounts.seconds(age)}}}',
        json_report.written(rest),
    )


def _window(window: Window) -> dict[str, Any]:
    shares = {name: {"of": of, "over": over} for name, (of, over) in window.shares.items()}
    return {"minutes": window.minutes, "events": window.events, "shares": shares}


def _joined(*objects: str) -> str:
    """JSON objects as one that has the members of all; none of them is empty."""
    return f"{{{', '.join(one[1:-1] for one in objects)}}}"
