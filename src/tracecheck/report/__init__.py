"""Reports: a verdict as text for a person, or as JSON for a program.

A reporter is a pure function of the verdict and the style: it reads no clock, no file and
no terminal, and it touches no frame. The table below is literal and is passed as an
argument; adding a reporter is one file and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..model.verdict import Verdict
from . import json_report, text
from .style import Style, ascii_only

Reporter = Callable[[Verdict, Style], str]

REPORTERS: Mapping[str, Reporter] = {
    "text": text.render,
    "json": json_report.render,
}

__all__ = ["REPORTERS", "Reporter", "Style", "ascii_only"]
