"""tracecheck: an honest verdict on trace logs.

    import tracecheck

    verdict = tracecheck.check(["app.log"], rules=["golive"])
    assert verdict.verdict == "pass"

`import tracecheck` loads nothing else: what is asked for is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .api import check, load_rules
    from .errors import Complaint, RuleFileError, SourceError, TracecheckError, UsageError
    from .model import Evidence, Finding, Outcome, RuleSet, Verdict

_HOMES = {
    "check": "api",
    "load_rules": "api",
    "Complaint": "errors",
    "RuleFileError": "errors",
    "SourceError": "errors",
    "TracecheckError": "errors",
    "UsageError": "errors",
    "Evidence": "model",
    "Finding": "model",
    "Outcome": "model",
    "RuleSet": "model",
    "Verdict": "model",
}

__all__ = [
    "Complaint",
    "Evidence",
    "Finding",
    "Outcome",
    "RuleFileError",
    "RuleSet",
    "SourceError",
    "TracecheckError",
    "UsageError",
    "Verdict",
    "__version__",
    "check",
    "load_rules",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
