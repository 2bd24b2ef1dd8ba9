"""What stamps look like that are no time, so that a report can say which a log has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .iso_stamps import MINUTE
from .zone_words import ZONE_WORDS

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
_ISO = re.compile(
    rf"(?:{MINUTE}:[0-9]{{2}}|[0-9]{{8}}[Tt][0-9]{{6}})(?:[.,:][0-9]+)?(?:[ \t]?[APap][Mm])?"
    r"[ \t]?([A-Z]*)"
)
_PATTERNS = {form: re.compile(pattern) for form, pattern in _FORMS.items()}
_LONGEST = 200  # characters of a text that are looked at


def unread_forms(texts: Iterable[str]) -> frozenset[str]:
    """The forms, by example, of the stamps in texts that are no time."""
    return frozenset(form for text in texts if (form := _form(text[:_LONGEST])) is not None)


def _form(text: str) -> str | None:
    if iso := _ISO.search(text):
        zone = iso[1]
        if zone in ZONE_WORDS or zone in ("UTC", "GMT"):
            return f"2025-12-18 21:00:00 {zone} (a zone that is not understood)"
        return _NO_DATE
    return next((form for form, pattern in _PATTERNS.items() if pattern.search(text)), None)
