"""Run one of the SQL files beside this one on a log and print its counts, a line each.

python benchmarks/peers/duckdb_checks.py tuned.sql big.log
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def main() -> None:
    """Run the checks on the log that the command line names."""
    with duckdb.connect() as connection:
        connection.execute("SET VARIABLE log = ?", [sys.argv[2]])
        queries = Path(__file__).with_name(sys.argv[1]).read_text(encoding="utf-8")
        for name, number in connection.execute(queries).fetchall():
            sys.stdout.write(f"{name}\t{number}\n")


if __name__ == "__main__":
    main()
