"""Whole reports as they were read and found good; read a golden again before it is renewed.

To renew them, in the directory of the tests: python -m report.test_golden
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tracecheck.report import REPORTERS, Style

from .verdicts import EVERY

GOLDEN = Path(__file__).parent / "golden"
STYLES = {
    "80": Style(80),
    "120": Style(120),
    "80-ascii": Style(80, ascii=True),
}
CASES = [(name, style) for name in EVERY for style in STYLES]


def _report(name: str, style: str) -> str:
    return REPORTERS["text"].render(EVERY[name], STYLES[style])


@pytest.mark.parametrize(("name", "style"), CASES)
def test_the_report_is_the_one_that_was_read(name: str, style: str) -> None:
    golden = (GOLDEN / f"{name}-{style}.txt").read_text(encoding="utf-8")
    assert _report(name, style) == golden


if __name__ == "__main__":
    for case in CASES:
        path = GOLDEN / f"{'-'.join(case)}.txt"
        path.write_text(_report(*case), encoding="utf-8")
