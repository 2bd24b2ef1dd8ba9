"""`python -m tracecheck`, and where the console script begins."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line; the exit code."""
    gc.disable()  # until all is loaded: `cli.loaded`
    try:
        # Loaded in here, so that Ctrl-C is as quiet while the program still starts.
        from .cli import main as run  # noqa: PLC0415

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
