"""The command line. It loads typer and nothing heavier; commands load the rooms they need."""

from __future__ import annotations

from .app import main

__all__ = ["main"]
