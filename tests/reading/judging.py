"""Bytes in, verdict out: a check of standard input, which needs no file."""

from __future__ import annotations

import io

from laws.engine import KINDS, ONE_THREAD

from tracecheck.model.rules import RuleSet
from tracecheck.model.tuning import Tuning
from tracecheck.model.verdict import Verdict
from tracecheck.reading.sources.discovery import STDIN, Source
from tracecheck.runs import batch
from tracecheck.runs.options import RunOptions


def judged(data: bytes, rules: RuleSet, tuning: Tuning = ONE_THREAD) -> Verdict:
    """What a check says of these bytes, with all findings. Raises what the check raises."""
    options = RunOptions(max_findings=None, stdin=io.BytesIO(data), tuning=tuning)
    return batch.run([Source((STDIN,))], rules, KINDS, options)
