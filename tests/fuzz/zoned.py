"""Logs whose order and time limits hang on what stands behind a stamp.

The instants are drawn, and from them what each line writes: the wall time of some zone, and the
zone behind it in one of many spellings. What of these is read is not asked. But whether it is read
or not, a limit that is broken must be found or nothing be called, and none that is kept may be
called broken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from laws import engine

RULES = """
version: 1
key: [conv]
rules:
  - id: shipped-in-time
    handoff: {from: ORDER where at == "placed", to: ORDER where at == "shipped", within: 5min}
  - id: steps-in-time
    sequence: {steps: [ORDER where at == "placed", ORDER where at == "shipped"], within: 5min}
"""

_UTC = (*("", "Z", " Z", "z", " UTC", " GMT", "UTC", " utc", " (UTC)", "[GMT]", "+00", " +0000"),)
_ZONES = {
    0: (*_UTC, "+00:00", "Z[Europe/London]", " WET", " UTC+0", " GMT0", "\u00b100:00", " Etc/UTC"),
    60: (
        *("+01", " +0100", "+01:00", "+01:00[Europe/Berlin]", " +0100 CET", " GMT+0100"),
        *(
            " CET",
            "CET",
            " cet",
            " (CET)",
            "[CET]",
            " [cet]",
            "\tCET",
            "  CET",
            " CET/CEST",
            " MEZ",
        ),
        *(
            " Europe/Berlin",
            "[Europe/Berlin]",
            " (Africa/Lagos)",
            " UTC+1",
            " (UTC+1)",
            " +1",
            "+1",
        ),
        *(" GMT +0100", "[+01:00]", "Z+01:00", " Central European Standard Time", " CET/CEST"),
        *(" (W. Europe Standard Time)", " +01:00:00", " +1:00", "(GMT+01:00)", " WAT", " utc +01"),
    ),
    -180: (
        *("-03", " -0300", "-03:00[America/Sao_Paulo]", " BRT", "(BRT)", " brt", " ART", " BRT-3"),
        *(" America/Sao_Paulo", "[America/Argentina/Buenos_Aires]", " UTC-3", " (UTC-3)", " -3"),
        *(" \u221203:00", " Z-03:00", " E. South America Standard Time", "[-03:00]", " ART: x"),
    ),
    -420: (" MST", " PDT", " PST8PDT", " US/Pacific", " Pacific Time", " PT", "<MT>", " MST7MDT"),
    330: (" +0530", "+05:30[Asia/Kolkata]", " IST", " Asia/Kolkata", " UTC+5:30", "\u00a0+05:30"),
}
_BEHIND = (
    " ",
    " ",
    " INFO app: ",
    " [7] ",
    "] ",
    ": ",
    "|x ",
    " - ",
    ", ",
    " 5 ",
    " (main) ",
    "\t",
)
_SHAPES = (
    *("{:%Y-%m-%d %H:%M:%S}", "{:%Y-%m-%dT%H:%M:%S}", "{:%Y/%m/%d %H:%M:%S}", "{:%Y%m%dT%H%M%S}"),
    *("{:%Y-%m-%d %H:%M:%S},250", "{:%Y-%m-%dT%H:%M:%S.%f}", "{:%Y-%m-%d %H:%M:%S}:250"),
)
_HALVES = (
    *((" AM", " PM"), ("am", "pm"), (" a.m.", " p.m."), (" A.M.", " P.M."), (" Am", " Pm")),
    *(("\u202fAM", "\u202fPM"), (" a. m.", " p. m."), (" 上午", " 下午"), (" A.M", " P.M")),
)


_BEGIN = datetime(2025, 12, 18, 12, tzinfo=UTC)
_END = "2026-03-01T00:00:00Z ORDER|at=end|conv=end\n"
"""With which all that is open has come to its end."""


@dataclass(frozen=True)
class Form:
    """How the instants of one log are written."""

    shape: str
    half: tuple[str, str] | None
    offset: int
    zone: str
    behind: str
    timezone: str
    is_json: bool

    def written(self, instant: datetime, text: str) -> str:
        """A line with a stamp."""
        local = instant + timedelta(minutes=self.offset)
        stamp = self.shape.format(local)
        if self.half:
            stamp = self.shape.replace("%H", "%I").format(local) + self.half[local.hour >= 12]
            stamp += " " if self.zone[:1].isalpha() else ""
        stamp += self.zone
        if self.is_json:
            return json.dumps({"time": stamp, "message": text}) + "\n"
        return f"{stamp}{self.behind}{text}\n"


def _form(rng: Random) -> Form:
    timezone, naive = rng.choice((*[("UTC", 0)] * 2, ("Europe/Berlin", 60), ("Asia/Kolkata", 330)))
    offset = rng.choice(list(_ZONES))
    zone = rng.choice(_ZONES[offset])
    return Form(
        rng.choice(_SHAPES),
        rng.choice(_HALVES) if rng.random() < 0.2 else None,
        offset if zone else naive,
        zone,
        rng.choice(_BEHIND),
        timezone,
        rng.random() < 0.3,
    )


def wrong(rng: Random) -> str:
    """Judge one log; what is wrong with what is said of it, or nothing."""
    form = _form(rng)
    is_kept, several = rng.random() < 0.5, rng.random() < 0.4
    gap = timedelta(minutes=rng.choice((1, 4) if is_kept else (6, 40, 100, 900)))
    keys = rng.choice((3, 3, 3, 600))
    placed, shipped, pairs = [], [], []
    for key in range(keys):
        begun = _BEGIN + timedelta(seconds=3000 * key)
        is_late = is_kept or not several or key % 2
        ended = begun + gap if is_late else begun - gap  # then the order breaks the rules
        placed.append(form.written(begun, f"ORDER|at=placed|conv={key}"))
        shipped.append(f"{ended:%Y-%m-%dT%H:%M:%SZ} ORDER|at=shipped|conv={key}\n")
        pairs += placed[-1], shipped[-1]
    sources = [placed, [*sorted(shipped), _END]] if several else [[*pairs, _END]]
    files = [[(f"{at}.log", "".join(lines).encode())] for at, lines in enumerate(sources)]
    report = engine.report(files, RULES, timezone=form.timezone)
    for rule in report["rules"]:
        outcome, found = rule["outcome"], rule["violations"]
        if outcome == "fail" and is_kept:
            return f"false alarm: {rule['id']}: {form}: {placed[0]!r}"
        if outcome != "inconclusive" and not is_kept and found < keys:
            return f"silent pass: {rule['id']} finds {found} of {keys}: {form}: {placed[0]!r}"
    return ""
