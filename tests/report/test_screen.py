"""The live screen fits whatever terminal it is shown on, and says the most important first."""

from __future__ import annotations

import io
import re
import time
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from tracecheck.model.live import Snapshot
from tracecheck.report import Style
from tracecheck.report import layout as strips
from tracecheck.report.layout import ASCII, UNICODE, cell_len
from tracecheck.report.screen import View, screen

from .snapshots import ELEVEN, RECENT, STANDING, found, snapshots
from .verdicts import HEALTHY, NOTHING, verdict

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
OVER = View()
VIEWS = st.builds(View, st.booleans(), st.none() | st.integers(0, 4))


def _lines(
    snapshot: Snapshot = STANDING, width: int = 120, height: int = 40, view: View = OVER, **style
) -> list[str]:
    return screen(snapshot, view, width, height, Style(**style)).plain.split("\n")


def _flat(*args, **more) -> str:
    return " ".join(" ".join(_lines(*args, **more)).split())


# --- it fits ----------------------------------------------------------------------------------


@given(
    st.just(STANDING) | snapshots(), st.integers(20, 200), st.integers(5, 60), VIEWS, st.booleans()
)
@example(STANDING, 1, 1, View(), False)  # noqa: FBT003
@example(STANDING, 2, 2, View(selected=1), True)  # noqa: FBT003
@example(Snapshot(verdict()), 20, 5, View(), False)  # noqa: FBT003
def test_the_screen_fits_every_terminal_and_nothing_of_a_log_acts(
    snapshot, width, height, view, ascii
) -> None:
    drawn = screen(snapshot, view, width, height, Style(ascii=ascii))
    lines = drawn.plain.split("\n")
    assert len(lines) == height
    assert all(cell_len(line) <= width for line in lines)
    assert not {unicodedata.category(c) for line in lines for c in line} & HIDDEN
    assert not ascii or all(line.isascii() for line in lines)
    # What rich draws is what we laid out.
    console = Console(file=io.StringIO(), width=width, height=height, _environ={})
    told = console.render_lines(drawn, pad=False)
    assert ["".join(part.text for part in line).rstrip() for line in told] == [
        line.rstrip() for line in lines
    ]


def test_markup_in_a_log_is_text() -> None:
    text = "[red]x[/red] :smile: [link=http://a]y[/link]"
    assert text in _flat(replace(STANDING, recent=(found(text),)), 200, 60)


# --- it says ----------------------------------------------------------------------------------


def test_every_number_of_a_snapshot_is_on_a_large_screen() -> None:
    told = _flat(STANDING, 200, 60)
    for number in (
        "FAIL so far · 3 of 11 rules fail, 3 are inconclusive",
        "4 are overdue", "2026-05-09 07:35:25 UTC", "4,200,131 bytes behind the end",
        "12,346 lines/s", "6 late arrivals", "3,675,140 lines, 3,500,000 events",
        "1 malformed", "4,000 duplicate_field", "TROUBLE app-2.log: permission denied",
        "1,236 lost, 1 mismatch, 1 late", "0, 4 overdue 700,000 1,238",
        "94.97% of 3,000, limit ≥ 95%", "17, 1min 15s 1,235 0", "13 evicted", "14 late arrivals",
        "1,007 5,007 15,007", "94.0% of 100 94.0% of 500 94.0% of 1,500", "now 44, peak 60",
        "▁▂█▅▇", "and 12 more", "last 3 findings",
    ):  # fmt: skip
        assert number in told, number


def test_rules_stand_in_the_order_of_the_file_and_findings_newest_first() -> None:
    told = _flat(STANDING, 200, 60)
    places = [told.index(f" {one.rule.id} ") for one in ELEVEN.outcomes]
    assert places == sorted(places)
    assert told.index("instance is default") < told.index("but to.count is 0")


def test_on_smaller_screens_minutes_go_first_then_rules_that_pass_then_findings() -> None:
    def shown(height: int) -> tuple[bool, ...]:
        told = _flat(STANDING, 120, height)
        parts = ("the newest first", "now 44", "lines-are-well-formed", "every-plan", "so far")
        return tuple(part in told for part in parts)

    seen = [shown(height) for height in range(40, 4, -1)]
    assert seen[0] == (True,) * 5
    assert seen[-1] == (False, False, False, True, True)
    findings, minutes, passing = (
        next(at for at, one in enumerate(seen) if not one[part]) for part in range(3)
    )
    assert minutes <= passing <= findings


def test_rules_that_pass_are_counted_when_there_is_no_room_for_them() -> None:
    assert "and 5 more pass" in _flat(STANDING, 120, 13)
    assert "and 1 fails, 3 are inconclusive, 5 pass" in _flat(STANDING, 120, 5)
    all_pass = replace(STANDING, verdict=verdict(*HEALTHY), overdue={}, troubles=())
    assert "7 pass" in _flat(all_pass, 120, 5)


def test_what_fails_stays_longest() -> None:
    told = _flat(replace(STANDING, troubles=()), 120, 8)
    for name in ("every-plan-is-delivered", "no-default-or-thread", "deliveries-succeed"):
        assert name in told


def test_a_paused_screen_says_so_and_how_to_go_on() -> None:
    told = _flat(view=View(paused=True))
    assert "paused" in told
    assert "p go on" in told
    assert "paused" not in _flat()


@pytest.mark.parametrize("height", [24, 40, 60])
def test_a_selected_finding_is_shown_with_its_lines(height: int) -> None:
    told = _flat(STANDING, 120, height, View(selected=1))
    assert "> 2025-12-18T12:00:00.250Z critical every-plan-is-delivered mismatch" in told
    assert "app.log:6" in told
    assert "app.log:9" in told
    assert "phase=delivery" in told
    assert "Esc back" in told


def test_a_selected_finding_says_first_when_it_was_and_how_severe() -> None:
    lines = [line.strip() for line in _lines(STANDING, 120, 40, View(selected=1))]
    at = lines.index("2025-12-18T12:00:00.250Z  critical  every-plan-is-delivered")
    assert lines[at + 1].startswith("mismatch  conv=")


def test_a_selected_finding_is_shown_before_all_else_and_tells_what_is_missing() -> None:
    lines = _lines(STANDING, 40, 12, View(selected=1))
    assert any("more lines" in line for line in lines)
    assert any("mismatch" in line for line in lines)


def test_the_selected_finding_is_in_sight_of_a_long_list() -> None:
    many = replace(STANDING, recent=RECENT * 20)
    for at in range(60):
        assert any(line.startswith("> ") for line in _lines(many, 120, 24, View(selected=at)))


def test_a_selection_that_is_gone_is_none() -> None:
    assert _lines(view=View(selected=99)) == _lines()


def test_a_run_that_has_read_nothing_yet_has_a_screen() -> None:
    told = _flat(Snapshot(NOTHING))
    assert "INCONCLUSIVE so far" in told
    assert "no time in the log yet" in told
    assert "0 bytes behind the end" in told


def test_volume_is_drawn_from_nothing_to_its_peak() -> None:
    values = [0, 1, 500, 1_000]
    assert strips.sparkline(values, 80, UNICODE.bars) == "▁▂▅█"
    assert strips.sparkline(values, 80, ASCII.bars) == "_.=#"
    assert strips.sparkline(values, 2, UNICODE.bars) == "▅█"
    assert strips.sparkline([0, 0], 80, UNICODE.bars) == "▁▁"
    assert strips.sparkline(values, 0, UNICODE.bars) == ""


def test_drawing_is_cheap() -> None:
    def once() -> float:
        console = Console(file=io.StringIO(), force_terminal=True, width=120, height=40)
        before = time.perf_counter()
        console.print(screen(STANDING, View(), 120, 40, Style(color=True)))
        return time.perf_counter() - before

    assert min(once() for _ in range(10)) < 0.03  # 3 ms where nothing else runs


def test_no_style_but_of_rich_itself_is_asked_for() -> None:
    shown = screen(STANDING, View(True, 1), 120, 40, Style(color=True))  # noqa: FBT003
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=120)
    console.print(shown)
    assert re.search(r"\x1b\[1;31mFAIL so far", console.file.getvalue())
