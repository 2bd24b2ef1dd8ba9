"""The garbage collector while the program starts, and from then on."""

from __future__ import annotations

import gc


def all_is_loaded() -> None:
    """Begin to collect what is let go of: `__main__` has it wait until all is loaded.

    What was made by then stays as long as the process. To walk through it again and again while it
    is made, and once more at the end, took a sixth of a short run.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
