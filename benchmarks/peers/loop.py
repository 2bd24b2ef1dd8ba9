"""Walk the lines of a log in plain Python, and count the fields of each tag: no check at all.

python benchmarks/peers/loop.py big.log
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path


def main() -> None:
    """Print how many lines the log has, and how many fields."""
    lines = 0
    fields: Counter[tuple[str, str]] = Counter()
    with Path(sys.argv[1]).open(encoding="utf-8") as log:
        for line in log:
            lines += 1
            before, *segments = line.rstrip("\n").split("|")
            tag = before.rpartition(" ")[2]
            for segment in segments:
                name, sign, _ = segment.partition("=")
                if sign:
                    fields[tag, name] += 1
    sys.stdout.write(f"lines\t{lines}\nfields\t{fields.total()}\n")


if __name__ == "__main__":
    main()
