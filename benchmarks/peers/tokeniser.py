"""Cut every line of a log at its pipes, and count: the floor of whatever splits lines.

python benchmarks/peers/tokeniser.py big.log
"""

from __future__ import annotations

import sys

import polars as pl

COLUMNS = 24
"""More than any line of a generated log has."""


def main() -> None:
    """Print how many lines the log has, and how many parts between pipes."""
    columns = {f"part_{at}": pl.String for at in range(COLUMNS)}
    counts = (
        pl.scan_csv(
            sys.argv[1],
            separator="|",
            has_header=False,
            schema=columns,
            quote_char=None,
            truncate_ragged_lines=True,
            missing_columns="insert",
        )
        .select(pl.len().alias("lines"), parts=pl.sum_horizontal(pl.all().count()))
        .collect(engine="streaming")
    )
    for name, number in counts.row(0, named=True).items():
        sys.stdout.write(f"{name}\t{number}\n")


if __name__ == "__main__":
    main()
