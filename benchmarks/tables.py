"""Write what was measured as Markdown tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from measure import Measured

MISSING = "not installed"
MEGA = 1_000_000


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; its first column is text, the others are numbers."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, rule, *rows))


def comparison(measured: Sequence[Measured], reference: str) -> str:
    """Return the table of contenders on one log; the contender `reference` is the ratio 1."""
    base = next((row for row in measured if row.job.contender.name == reference), None)
    base_seconds = base.seconds if base is not None and base.samples else None
    heads = ("", "seconds", f"ratio to {reference}", "user + sys s", "lines/s", "MB/s", "peak MB")
    return table(heads, [comparison_row(row, base_seconds) for row in measured])


def comparison_row(row: Measured, base_seconds: float | None) -> list[str]:
    """Return one row of the comparison."""
    name, log = row.job.contender.name, row.job.log
    if not row.samples or log is None:
        return [name, MISSING, "", "", "", "", ""]
    return [
        name,
        f"{row.seconds:.2f}",
        "" if base_seconds is None else f"{row.seconds / base_seconds:.2f}",
        f"{row.cpu_seconds:.2f}",
        spaced(log.counts["lines"] / row.seconds),
        spaced(log.counts["bytes"] / row.seconds / MEGA),
        spaced(row.peak_bytes / MEGA),
    ]


def growth(measured: Sequence[Measured]) -> str:
    """Return the table of contenders on logs of several sizes."""
    heads = ("", "messages", "lines", "seconds", "lines/s", "peak MB")
    return table(heads, [growth_row(row) for row in measured])


def growth_row(row: Measured) -> list[str]:
    """Return one row of the growth table."""
    name, log = row.job.contender.name, row.job.log
    if log is None:
        return [name, MISSING, "", "", "", ""]
    lines = log.counts["lines"]
    size = [name, spaced(log.counts["messages"]), spaced(lines)]
    if not row.samples:
        return [*size, MISSING, "", ""]
    peak = spaced(row.peak_bytes / MEGA)
    return [*size, f"{row.seconds:.2f}", spaced(lines / row.seconds), peak]


def startup(measured: Sequence[Measured]) -> str:
    """Return the table of short commands, in milliseconds."""
    heads = ("", "milliseconds", "user + sys ms", "peak MB")
    rows = []
    for row in measured:
        if row.samples:
            times = [f"{row.seconds * 1000:.0f}", f"{row.cpu_seconds * 1000:.0f}"]
            rows.append([row.job.contender.name, *times, spaced(row.peak_bytes / MEGA)])
        else:
            rows.append([row.job.contender.name, MISSING, "", ""])
    return table(heads, rows)


def spaced(number: float) -> str:
    """Write a whole number with spaces between its thousands."""
    return f"{number:,.0f}".replace(",", " ")
