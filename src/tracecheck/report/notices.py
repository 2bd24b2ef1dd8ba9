"""What a run that follows tells where nobody sits at a screen: one line at a time.

Pure functions of the values of `live`. Each line is one line whatever a log holds, and is
returned without the newline at its end.
"""

from __future__ import annotations

import re
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
    """One notice as one line of text, however long; in colour if the style says so."""
    page = Page(style)
    page.put(_told(page, notice))
    return page.render().removesuffix("\n")


def _told(page: Page, notice: Notice) -> Text:
    match notice:
        case Violation(rule, finding, more, at_end):
            name = (elements.name(page, rule.id), "bold")
            label = (sentences.LABELS["fail"], elements.COLORS["fail"])
            said = [elements.name(page, finding.class_), elements.key(page, finding)]
            said += [page.foreign(finding.message), _places(page, finding)]
            said += [f"and {more:,} more" if more else ""]
            said += ["(as the run ended)" if at_end else ""]
            return Text.assemble(label, "  ", name, *(f"  {part}" for part in said if part))
        case Changed(before, outcome):
            name = (f"{elements.name(page, outcome.rule.id)}:", "bold")
            after = (_outcome(outcome), elements.COLORS[outcome.outcome])
            return Text.assemble(name, f" {_outcome(before)} -> ", after)
        case Overdue(rule, count, first):
            said = [sentences.overdue(count) if count else "none is overdue any more"]
            if first is not None:
                said.append(f"{elements.path(page, first.path)}:{first.line}")
                said.append(str(page.foreign(first.text, _SHORT)))
            name = (elements.name(page, rule.id), "bold")
            return Text.assemble("OVERDUE  ", name, *(f"  {part}" for part in said))
        case Trouble(about, message, over):
            label = ("RESOLVED", "bold green") if over else ("TROUBLE", "bold yellow")
            return Text.assemble(
                label, "  ", elements.path(page, about), ": ", page.foreign(message)
            )


def _outcome(outcome: Outcome) -> str:
    return outcome.outcome + (f" ({outcome.reason})" if outcome.reason else "")


def _places(page: Page, finding: Finding) -> str:
    shown = [f"{elements.path(page, one.path)}:{one.line}" for one in finding.evidence[:_PLACES]]
    return ", ".join(shown) + (f" {page.symbols.more}" if finding.evidence[_PLACES:] else "")


# --- for a chat -----------------------------------------------------------------------------

_LONGEST_SUMMARY = 600
_SHORT = 200

# `@everyone`, `<!channel>`, `<@U12>`, `https://…`: a chat would call people, or fetch the page.
_CALLS = re.compile(r"[@<](?=[\w@#!/])|(?<=:)/(?=/)")


def summary(found: Violation) -> str:
    """One short line for a chat message, in which nothing of a log calls anybody."""
    page = Page(Style())
    rule, finding = found.rule, found.finding
    key, place = elements.key(page, finding)[:_SHORT], _places(page, finding)
    said = f"{rule.severity} {elements.name(page, rule.id)}: {elements.name(page, finding.class_)}"
    said += f" {key}" if key else ""
    said += f": {page.foreign(finding.message, _SHORT)}"
    said += f" ({page.foreign(place, _SHORT)})" if place else ""
    said += f" and {found.more:,} more" if found.more else ""
    inert = _CALLS.sub(lambda call: f"\\x{ord(call[0]):02x}", said)
    return page.foreign(inert, _LONGEST_SUMMARY)


# --- for a program --------------------------------------------------------------------------


def json_line(notice: Notice) -> str:
    """One notice as a JSON object on one line, in ASCII."""
    return json_report.written(_values(notice))


def report_line(verdict: Verdict) -> str:
    """The report of schema 1 as a JSON object on one line, in ASCII."""
    return json_report.written({"type": "report", "report": json_report.report(verdict)})


def heartbeat_line(snapshot: Snapshot) -> str:
    """How the run stands, as a JSON object on one line, in ASCII."""
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


def _values(notice: Notice) -> dict[str, Any]:
    match notice:
        case Violation(rule, finding, more, at_end):
            said = {"rule": rule.id, "severity": rule.severity}
            last = {"more": more, "at_end": at_end}
            return {"type": "finding", **said, "finding": json_report.found(finding), **last}
        case Changed(before, outcome):
            was = {"outcome": before.outcome, "reason": before.reason}
            return {
                "type": "outcome",
                "rule": outcome.rule.id,
                "before": was,
                **_standing(outcome),
                "violations": outcome.violations,
            }
        case Overdue(rule, count, first):
            line = first and {"path": first.path, "line": first.line, "text": first.text}
            return {"type": "overdue", "rule": rule.id, "count": count, "first": line}
        case Trouble(about, message, over):
            return {"type": "trouble", "about": about, "message": message[:LONGEST], "over": over}


def _standing(outcome: Outcome) -> dict[str, Any]:
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
        json_report.written({"id": outcome.rule.id, **_standing(outcome)}),
        f'{{"oldest_open_age": {"null" if age is None else amounts.seconds(age)}}}',
        json_report.written(rest),
    )


def _window(window: Window) -> dict[str, Any]:
    shares = {name: {"of": of, "over": over} for name, (of, over) in window.shares.items()}
    return {"minutes": window.minutes, "events": window.events, "shares": shares}


def _joined(*objects: str) -> str:
    """JSON objects as one that has the members of all; none of them is empty."""
    return f"{{{', '.join(one[1:-1] for one in objects)}}}"
