"""A fault run from the command line, as long as one likes."""

from __future__ import annotations

import argparse
import sys

from faults.script import run


def main() -> int:
    """Run it; 1 if there were divergences."""
    parser = argparse.ArgumentParser(prog="python -m faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=5000)
    chosen = parser.parse_args()
    report = run(chosen.seed, chosen.faults)
    sys.stdout.write(f"{report}\n")
    return 1 if report.divergences else 0


if __name__ == "__main__":
    sys.exit(main())
