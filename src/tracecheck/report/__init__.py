"""Reports: a verdict as text for a person, or as JSON for a program.

All is a function of frozen values: it reads no clock, no file and no terminal, and it touches no
table of events. Adding a format is one file and one line of the table below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..model.live import Notice, Snapshot
from ..model.verdict import Verdict
from . import json_report, notices, text
from .style import Style, ascii_only


@dataclass(frozen=True, slots=True)
class Reporter:
    """One format. `render` writes the report of a verdict.

    The others write one line, without its newline, while a log is followed; without them, nothing
    is written before the report. `line` is for a person: a notice, or "" if it is of no interest.
    `stream` is for a program: each notice, how the run stands, and in the end the report.
    """

    render: Callable[[Verdict, Style], str]
    line: Callable[[Notice, Style], str] | None = None
    stream: Callable[[Notice | Snapshot | Verdict], str] | None = None


REPORTERS: Mapping[str, Reporter] = {
    "text": Reporter(text.render, line=notices.text_line),
    "json": Reporter(json_report.render, stream=notices.json_line),
}

__all__ = ["REPORTERS", "Reporter", "Style", "ascii_only"]
