"""The version, alone so that `--version` and packaging read it without loading anything."""

from __future__ import annotations

__version__ = "0.1.0"
