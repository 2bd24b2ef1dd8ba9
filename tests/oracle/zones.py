"""Contract section 2, "What stands behind a stamp counts"."""

from __future__ import annotations

import re
from pathlib import Path

# Zone abbreviations that make a stamp no time: all that the IANA database has or had, but for
# UTC and GMT, and for words that logs use for other things (GET). contract silent: small letters
# are as good, but words of everyday language are zones in capitals only.
ZONES = frozenset(Path(__file__).with_name("zones.txt").read_text("ascii").split())
EVERYDAY = (
    *("ART", "CAST", "CAT", "COT", "CT", "EAST", "EAT", "ET", "GALT", "GILT", "HAST", "IST"),
    *("MET", "MT", "MUT", "NUT", "PET", "PT", "SAMT", "TOT", "VET", "VOLT", "WARST", "WAT"),
    *("WEST", "WET", "WIT"),
)
AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil"),
    *("Canada", "Chile", "Etc", "Europe", "Indian", "Mexico", "Pacific", "US"),
)

# contract silent: up to three blanks are as good as one, and they may be ones that do not break.
# A zone may stand in a bracket.
BLANK = "[ \t\u00a0\u202f]"
BLANKS = f"{BLANK}{{0,3}}"
GAP = rf"{BLANKS}(?:[(\[{{<]{BLANK}?)?"
END = "(?![A-Za-z0-9_])"
NUMBER = r"[+\-\u2212\u00b1][0-9]"  # the beginning of an offset, whatever becomes of it

# contract silent: half of a day is read in these spellings, and an offset also directly behind
# UTC or GMT. No offset is followed by a letter, a digit, an underscore, or a sign and a digit.
HALF = re.compile(rf"{BLANKS}(?:[AP]M{END}|[ap]m{END}|[AP]\.{BLANK}?M\.|[ap]\.{BLANK}?m\.)")
OFFSET = re.compile(
    rf"{BLANKS}(?:UTC|GMT)?([+-])([0-9]{{2}})(?::?([0-9]{{2}}))?"
    rf"(?![A-Za-z0-9_]|[.:/+\-\u2212\u00b1][0-9])",
    re.IGNORECASE,
)
IN_UTC = re.compile(f"Z|{GAP}(?:Z|z|[Uu][Tt][Cc]|[Gg][Mm][Tt]){END}")

# contract silent: whatever else looks like a zone, or like half of a day, is not understood.
SPELLED_HALF = rf"{BLANKS}(?:[AaPp](?:\.{BLANK}?)?[Mm]{END}|午前|午後|上午|下午|오전|오후)"  # Pm
LONG_NAME = (  # Central European Standard Time
    rf"{GAP}(?:(?:[A-Z][a-z]{{0,14}}\.?|[A-Z]{{2,3}}) ){{0,3}}(?:Standard|Daylight|Summer|Mean"
    rf"|Universal|European|Eastern|Central|Mountain|Pacific|Atlantic) Time{END}"
)
NOT_UNDERSTOOD = (
    rf"{GAP}[Zz]?{NUMBER}",  # +3, [+03:00], Z+03:00
    rf"{GAP}(?i:UTC|GMT)(?:[0-9/]|{GAP}{NUMBER})",  # UTC+3, GMT +0300, UTC3, GMT/BST
    rf"{GAP}(?:{'|'.join(AREAS)})/[A-Z]",  # Europe/Berlin
    LONG_NAME,
    SPELLED_HALF,
    rf"{GAP}(?i:UTC|GMT){SPELLED_HALF}",  # UTC PM
)
# contract silent: a word goes on as long as letters, digits and "_" do; and as `MT.desk`,
# `MT-desk`, `mt's`, `MT=1` and `mt@host` do it is the beginning of a name, and no zone.
WORD = re.compile(
    rf"{GAP}([A-Za-z]+|[A-Za-z]+[0-9][A-Za-z]+){END}(?![=@]|[.'][A-Za-z0-9_]|-[A-Za-z])"
)


def half_of_day(behind: str) -> tuple[str, str]:
    """ "A", "P" or "" for no half of a day, and what stands behind it."""
    match = HALF.match(behind)
    if match is None:
        return "", behind
    return match[0].strip()[0].upper(), behind[match.end() :]


def offset(behind: str) -> int | str | None:
    """Seconds east of UTC, "naive" if nothing is said, None if it is not understood."""
    match = OFFSET.match(behind)
    if match:
        hours, minutes = int(match[2]), int(match[3] or "0")
        if hours > 23 or minutes > 59:  # contract silent: an impossible offset is no time
            return None
        if re.match(SPELLED_HALF, behind[match.end() :]):  # +0100 PM
            return None
        return (hours * 3600 + minutes * 60) * (-1 if match[1] == "-" else 1)
    if any(re.match(pattern, behind) for pattern in NOT_UNDERSTOOD):
        return None
    if IN_UTC.match(behind):
        return 0
    match = WORD.match(behind)
    word = match[1] if match else ""
    if word.upper() in ZONES and (word.isupper() or word.upper() not in EVERYDAY):
        return None
    return "naive"
