"""Rule files whose text stands in a test: written, to be loaded as any other is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tracecheck.model.rules import KindSpec, RuleSet
from tracecheck.rules import load


def load_text(text: str, kinds: Mapping[str, KindSpec], **options: Any) -> RuleSet:
    """The rules of a file with this text, which is called `rules.yaml`."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "rules.yaml")
        path.write_bytes(text.encode())
        return load([path], kinds, **options)
