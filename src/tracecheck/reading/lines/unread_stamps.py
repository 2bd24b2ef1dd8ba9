"""What stamps look like that are no time, so that a report can say which a log has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl

from .behind_stamps import behind, is_not_understood
from .iso_stamps import MINUTE

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = "[0-9]{1,2}:[0-9]{2}"

_FORMS: Mapping[str, str] = {
    "18/Dec/2025:21:00:00 (as web servers write it)": rf"[0-9]{{1,2}}/{_MONTH}/[0-9]{{4}}",
    "18 Dec 2025 21:00:00 (a month by name)": (
        rf"[0-9]{{1,2}}[ -]{_MONTH}[a-z]*[ -][0-9]{{4}}|{_MONTH}[a-z]* +[0-9]{{1,2}},? [0-9]{{4}}"
        rf"|{_MONTH} +[0-9]{{1,2}} {_CLOCK}:[0-9]{{2}}(?:\.[0-9]+)?(?: [A-Z]+)? [0-9]{{4}}"
    ),
    "Dec 18 21:00:00 (no year)": rf"{_MONTH} +[0-9]{{1,2}} {_CLOCK}|[0-9]{{1,2}} {_MONTH} {_CLOCK}",
    "12/18/2025 21:00:00 (day or month first)": (
        rf"(?:^|[^0-9])[0-9]{{1,2}}([/.-])[0-9]{{1,2}}[/.-](?:[0-9]{{4}}|[0-9]{{2}}),?[ T]+{_CLOCK}"
    ),
    "12-18 21:00:00 (no year)": rf"(?:^|[^0-9/-])[0-9]{{2}}[/-][0-9]{{2}}[ T]{_CLOCK}:[0-9]{{2}}",
    "2025-12-18 21:00 (no seconds)": rf"{MINUTE}(?:[^0-9:]|$)",
    "2025-12-18 9:00:00 (one digit where two belong)": (
        rf"(?:^|[^0-9])[0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}[T ]{_CLOCK}"
    ),
    "a number of 19 digits": "^[0-9]{19}(?:[^0-9]|$)",
    "21:00:00 (no date)": rf"(?:^|[^0-9:]){_CLOCK}:[0-9]{{2}}(?:[^0-9:]|$)",
}
"""What a form is called, and its pattern; the first that is found in a text counts."""
_NO_DATE = "2025-13-41 21:00:00 (no such date, time or offset)"
_ISO = re.compile(rf"(?:{MINUTE}:[0-9]{{2}}|[0-9]{{8}}[Tt][0-9]{{6}})(?:[.,:][0-9]+)?")
_WORD = re.compile("[A-Za-z][A-Za-z0-9]+")
_ZONES: Mapping[str, str] = {
    "2025-12-18 09:00:00 Pm (half of a day that is not understood)": (
        r"[AaPp][. \u00a0\u202f]*[Mm]\b|[午전후]"
    ),
    "2025-12-18 21:00:00 Europe/Berlin (a zone that is not understood)": "/[A-Z]",
    "2025-12-18 21:00:00 UTC+3 (an offset that is none)": r"(?:[+\-\u2212\u00b1]|UTC|GMT)[0-9]",
    "2025-12-18 21:00:00 Central European Time (a zone that is not understood)": "Time$",
}
"""What stands behind a stamp and is not understood, but words that are told as they stand."""
_PATTERNS = {form: re.compile(pattern) for form, pattern in _FORMS.items()}
_LONGEST = 200  # characters of a text that are looked at


def unread_forms(texts: Iterable[str]) -> frozenset[str]:
    """The forms, by example, of the stamps in texts that are no time."""
    texts = [text[:_LONGEST] for text in texts]
    found = [_ISO.search(text) for text in texts]
    ends = [text[iso.end() :] for text, iso in zip(texts, found, strict=True) if iso]
    said = pl.DataFrame({"text": ends}, {"text": pl.String}).select(behind(pl.col("text")))
    zones = said.select(pl.when(is_not_understood()).then(pl.coalesce("late", "other", "word")))
    isos = map(_iso_form, zones.to_series())
    rest = [_form(text) for text, iso in zip(texts, found, strict=True) if not iso]
    return frozenset(form for form in (*isos, *rest) if form is not None)


def _iso_form(zone: str | None) -> str:
    """The form of a stamp that looks like a time, before what is not understood."""
    if zone is None:
        return _NO_DATE
    if told := next((form for form, like in _ZONES.items() if re.search(like, zone)), None):
        return told
    word = _WORD.search(zone)
    return f"2025-12-18 21:00:00 {word[0] if word else zone} (a zone that is not understood)"


def _form(text: str) -> str | None:
    return next((form for form, pattern in _PATTERNS.items() if pattern.search(text)), None)
