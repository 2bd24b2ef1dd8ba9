"""A fuzz run from the command line, as long as one likes."""

from __future__ import annotations

import argparse
import sys

from fuzz.script import run


def main() -> int:
    """Run it; 1 if something passed in silence, or was judged wrongly in another way."""
    parser = argparse.ArgumentParser(prog="python -m fuzz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=20_000)
    chosen = parser.parse_args()
    report = run(chosen.seed, chosen.inputs)
    sys.stdout.write(f"{report}\n")
    return 1 if report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
