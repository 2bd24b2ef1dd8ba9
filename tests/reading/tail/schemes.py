"""The ways in which logs are rotated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

_FIRST = datetime(2025, 12, 18, 21, tzinfo=UTC)


@dataclass(frozen=True)
class Scheme:
    """How a log is rotated.

    `form` is the name of a rotated file: `{}` is a number, else it is that of a date. `copies`: it
    is copied and truncated, which `loses` what is written in between. `creates`: not the
    application makes the new file. `is_late`: it goes on in the old one for a while. `packs`: the
    newest but so many rotated files are compressed, `packs_first` before the log is rotated,
    `packs_aside` under another name until that is done. `times`: what copies keep of the times
    (`exact`, `seconds`). `keeps`: so many rotated files stay, 0 for all.
    """

    form: str = "app.log.{}"
    base: str = "app.log"
    copies: bool = False
    appends: bool = True
    loses: bool = False
    creates: bool = False
    is_late: bool = False
    packs: int = 0
    packs_first: bool = False
    packs_aside: bool = False
    times: str = ""
    keeps: int = 0

    @property
    def is_numbered(self) -> bool:
        """Whether the names of all rotated files change with each rotation."""
        return "{}" in self.form

    def name(self, number: int) -> str:
        """The name of the rotated file, or rotation, of this number."""
        if self.is_numbered:
            return self.form.format(number)
        in_days = not any(part in self.form for part in ("%H", "%s"))
        at = _FIRST + number * (timedelta(days=1) if in_days else timedelta(hours=1))
        return at.strftime(self.form.replace("%s", str(int(at.timestamp()))))


_RENAME = Scheme()
_COPY = Scheme(copies=True)
_GZIP = Scheme(packs=2, times="exact")
_KUBELET = Scheme(form="0.log.%Y%m%d-%H%M%S", base="0.log")

SCHEMES = {
    "rename": _RENAME,
    "rename, late": replace(_RENAME, is_late=True),
    "rename, created": replace(_RENAME, is_late=True, creates=True),
    "gzip": _GZIP,
    "gzip, new times": replace(_GZIP, times=""),
    "gzip, seconds": replace(_GZIP, times="seconds"),
    "gzip, at once": replace(_GZIP, packs=1, creates=True),
    "gzip, before": replace(_GZIP, packs_first=True, is_late=True, creates=True),
    "copy": _COPY,
    "copy, times": replace(_COPY, times="exact"),
    "copy, seconds": replace(_COPY, times="seconds"),
    "copy, hole": replace(_COPY, appends=False),
    "copy, gzip": replace(_COPY, packs=2, times="exact"),
    "copy, gzip at once": replace(_COPY, packs=1),
    "copy, gzip before": replace(_COPY, packs=2, packs_first=True, times="exact"),
    "day": Scheme(form="app.log-%Y%m%d"),
    "day, gzip": replace(_GZIP, form="app.log-%Y%m%d"),
    "hour": Scheme(form="app.log.%Y-%m-%dT%H", is_late=True),
    "epoch": Scheme(form="app.log-%s", creates=True),
    "hour, copy": replace(_COPY, form="app.log-%Y%m%d%H"),
    "day, copy, gzip": replace(_COPY, form="app.log-%Y%m%d", packs=1, times="exact"),
    "inside": Scheme(form="app.{}.log"),
    "inside, gzip": replace(_GZIP, form="app.{}.log"),
    "inside, copy": replace(_COPY, form="app.{}.log"),
    "kubelet": _KUBELET,
    "kubelet, gzip": replace(_KUBELET, packs=2, packs_aside=True),
    "copy, losing": replace(_COPY, loses=True),
    "rename, kept": replace(_RENAME, keeps=2),
    "gzip, kept": replace(_GZIP, keeps=3),
    "copy, kept": replace(_COPY, keeps=2),
    "day, kept": Scheme(form="app.log-%Y%m%d", keeps=2),
}
