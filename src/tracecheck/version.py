"""The version, alone so that `--version` and packaging read it without loading anything."""

__version__ = "0.1.0"
