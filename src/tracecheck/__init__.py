"""tracecheck: an honest verdict on trace logs.

    import tracecheck

    verdict = tracecheck.check(["app.log"], rules=["golive"])
    assert verdict.verdict == "pass"

`import tracecheck` loads nothing else: what is asked for is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .version import __version__

_HOMES = {
    "check": "api.check",
    "follow": "api.follow",
    "load_rules": "api.rules",
    "Complaint": "errors",
    "RuleFileError": "errors",
    "SourceError": "errors",
    "TracecheckError": "errors",
    "UsageError": "errors",
    "Changed": "model.live",
    "Overdue": "model.live",
    "Snapshot": "model.live",
    "Trouble": "model.live",
    "Violation": "model.live",
    "Evidence": "model.verdict",
    "Finding": "model.verdict",
    "Outcome": "model.verdict",
    "RuleSet": "model.rules",
    "Verdict": "model.verdict",
}

__all__ = [
    "Changed",
    "Complaint",
    "Evidence",
    "Finding",
    "Outcome",
    "Overdue",
    "RuleFileError",
    "RuleSet",
    "Snapshot",
    "SourceError",
    "TracecheckError",
    "Trouble",
    "UsageError",
    "Verdict",
    "Violation",
    "__version__",
    "check",
    "follow",
    "load_rules",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
