"""Times of texts: what is a stamp, what counts behind it, and that cutting is only a short cut."""

from __future__ import annotations

from decimal import Decimal
from unittest import mock

import oracle.times
import oracle.zones
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from laws import examples

from tracecheck.reading.lines import timestamps
from tracecheck.reading.lines.behind_stamps import are_plain, behind, is_not_understood
from tracecheck.reading.lines.fixed_stamps import Form, cut_stamps, forms_of
from tracecheck.reading.lines.timestamps import read_number, read_numbers, read_stamps
from tracecheck.reading.lines.zone_words import WORDS, WORDS_IN_CAPITALS

NINE_PM = 1_766_091_600_000_000_000
HOUR = 3_600_000_000_000


def read(text: str, zone: str = "UTC") -> int | None:
    return read_stamps(pl.Series([text], dtype=pl.String), zone)[0]


@pytest.mark.parametrize(
    "text",
    [
        "2025-12-18T21:00:00Z",
        "2025-12-18t21:00:00z",
        "2025-12-18 21:00:00 INFO app: ",
        "2025/12/18 21:00:00",
        "20251218T210000Z host",
        "[2025-12-18 21:00:00] ",
        "Dec 18 22:00:00 host app[7]: 2025-12-18 21:00:00,000 ",
        "2025-12-18 21:00:00 UTC [7] ",
        "2025-12-18 21:00:00 GMT",
        "2025-12-18 22:00:00 +01 x",
        "2025-12-18 22:00:00+0100",
        "2025-12-18T16:30:00-04:30",
        "2025-12-18 22:00:00 +0100 CET m=+0.1",
        "2025-12-18 22:00:00 GMT+01:00",
        "2025-12-18 09:00:00 PM x",
        "2025-12-18 09:00:00 pm",
        "2025-12-18 09:00:00.000 p.m. UTC",
        "2025-12-18 09:00:00 P.M.",
        "2025-12-18 09:00:00\u202fPM",
        "2025-12-18 09:00:00 p.\u00a0m.",
        "2025-12-18T22:00:00+01:00[Europe/Berlin]",
        "2025-12-18T21:00:00Z[Etc/UTC]",
        "2025-12-18 22:00:00 +0100 (Central European Standard Time)",
        "2025-12-18 21:00:00 (utc)",
        "2025-12-18 21:00:00 UTC - x",
        "2025-12-18 20:59:60.999Z",
        "2025-12-18 21:00:00 GET /chat",
        "2025-12-18 21:00:00 CETUS",
        *(f"2025-12-18 21:00:00 {name}" for name in ("MT=1", "CAT.engine", "ET-desk", "ART's")),
        *(f"2025-12-18 21:00:00 {word}" for word in ("cat", "West wing", "met Ann", "[art]")),
        *(f"2025-12-18 21:00:00 {word}" for word in ("- 5", "--5", "[7]", "(main)", "Mean Times")),
        *(f"2025-12-18 21:00:00 {word}" for word in ("europe/berlin", "America", "a mean", "pm2")),
        "1766091600 x",
        "1766091600000 x",
        "1766091600000000 x",
        "1766091600.000",
    ],
)
def test_a_stamp_is_read_with_what_stands_behind_it(text):
    assert read(text) == NINE_PM


@pytest.mark.parametrize(
    "text",
    [
        "2025-12-18 21:00:00 CET [1] ",
        "2025-12-18 21:00:00.123 EST",
        "2025-12-18 21:00:00BRT",
        "2025-12-18 21:00:00 UTC+3",
        "2025-12-18 21:00:00 +24:00",
        *(f"2025-12-18 09:00:00 {half}" for half in ("Pm", "P.M", "p. M.", "下午")),
        *(f"2025-12-18 09:00:00 {late}" for late in ("UTC PM", "+01 PM", "gmt p.m.")),
        *(f"2025-12-18 21:00:00{zone}" for zone in ("Z+03:00", "Z-3", "[+03:00]", "(CET)", "est")),
        *(f"2025-12-18 21:00:00 {zone}" for zone in ("[CET]", "(BRT)", "cet", "CAT a", "MT|x")),
        *(f"2025-12-18 21:00:00 {zone}" for zone in ("CET: LOG", "EAT[7]", "PST8PDT", "BRT-3")),
        *(
            f"2025-12-18 21:00:00 {zone}"
            for zone in ("+3", "+3:00", "+030", "+03000", "+1:0", "\u22123")
        ),
        *(f"2025-12-18 21:00:00 {zone}" for zone in ("GMT +0300", "(UTC-3)", "GMT0", "utc+3")),
        *(f"2025-12-18 21:00:00 {zone}" for zone in ("Europe/Berlin", "[US/Eastern]", "GMT/BST")),
        *(f"2025-12-18 21:00:00 {name} Time" for name in ("Pacific", "GMT Standard", "W. A Mean")),
        "2025-12-18 21:00:00-2025-12-19 21:00:00",
        "2025-12-18 13:00:00 PM",
        "2025-12-18 00:00:00 AM",
        "2025-02-29 21:00:00",
        "2025-12-18 24:00:00",
        "2025-12-18 21:60:00",
        "2025-02-29 21:00:00 2025-12-18 21:00:00",
        "0000-01-01 00:00:00",
        "9999-12-31 23:59:60",
        "2025-12/18 21:00:00",
        "2025-12-18 21:00",
        "Dec 18 21:00:00 host",
        "18/Dec/2025:21:00:00 +0000",
        "12/18/2025 21:00:00",
        "21:00:00,123",
        "17660916000 x",
        "1766091600x",
        " 1766091600",
        "",
    ],
)
def test_what_cannot_be_placed_is_no_time(text):
    for zone in ("UTC", "Europe/Berlin", "America/Sao_Paulo"):
        assert read(text, zone) is None


def test_a_fraction_is_read_to_the_nanosecond():
    assert read("2025-12-18 21:00:00.123456789Z") == NINE_PM + 123_456_789
    assert read("2025-12-18 21:00:00,5") == NINE_PM + 500_000_000
    assert read("2025-12-18 21:00:00:012 x") == NINE_PM + 12_000_000
    assert read("2025-12-18 21:00:00.1234567891") == NINE_PM + 123_456_789
    assert read("1766091600.25 x") == NINE_PM + 250_000_000
    assert read("1766091600000.25") == NINE_PM + 250_000


def test_naive_times_are_of_the_zone_that_is_given():
    assert read("2025-12-18 22:00:00 x", "Europe/Berlin") == NINE_PM
    assert read("2025-12-18 10:00:00 PM", "Europe/Berlin") == NINE_PM
    assert read("2025-12-18 21:00:00 UTC", "Europe/Berlin") == NINE_PM
    assert read("2025-03-30 02:30:00", "Europe/Berlin") is None


def test_no_zone_word_is_one_that_logs_use_for_other_things():
    words = (*WORDS, *WORDS_IN_CAPITALS)
    assert len(set(words)) == len(words)
    assert not {"GET", "SET", "BOT", "ACT", "RET", "INFO", "UTC", "GMT"} & set(words)
    assert set(words) == oracle.zones.ZONES


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1_766_091_600, NINE_PM),
        (1_766_091_600_000, NINE_PM),
        (1_766_091_600_000_000, NINE_PM),
        (1_766_091_600_000_000_000, NINE_PM),
        (0, 0),
        (-1, None),
        (10**20, None),
        (2**64, None),
    ],
)
def test_the_size_of_a_number_tells_its_unit(number, expected):
    assert read_number(Decimal(number)) == expected
    assert read_numbers(pl.Series([number], dtype=pl.Int128))[0] == expected


# ---- the oracle ----------------------------------------------------------------------------

_PIECES = (
    *("2025-12-18 21:00:00", "2025/12/18 09:00:00", "20251218T210000", "2025-12-18t12:30:60"),
    *("2025-02-29 00:00:00", "0000-01-01 00:00:00", "9999-12-31 23:59:60", "2025-03-30 02:30:00"),
    *("1677-09-21 00:12:43", "2262-04-11 23:47:16", "1766091600", "1766091600123456", "2025"),
    *("-12", "-18", "T", " ", "21", ":00", ":60", ".", ",123", ":7", ".854775808", "Z", "z", "x"),
    *(" UTC", "GMT", "+01", "+01:00", " -0530", "+0", "-", " CET", "EST", " AM", "PM", "\n", "é"),
    *(
        " cet",
        " (",
        "[",
        "]",
        ")",
        "/",
        "Europe",
        "US",
        "B",
        " W",
        "Eastern ",
        "Standard Time",
        "=",
    ),
    *(" A.M.", " p.", "m.", " Am", "下午", "\u202f", "\u2212", "\u00b1", "CAT", "cat", "5EDT", "<"),
)
texts = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join)
zones = st.sampled_from(("UTC", "Europe/Berlin", "America/Sao_Paulo"))


@examples(150)
@given(texts=st.lists(texts, min_size=1, max_size=20), zone=zones)
def test_a_time_is_what_the_contract_says(texts, zone):
    read = read_stamps(pl.Series(texts, dtype=pl.String), zone).to_list()
    assert read == [oracle.times.from_text(text, oracle.times.zone(zone)) for text in texts]


# ---- the short cut -------------------------------------------------------------------------

BEHIND = (
    *(
        " A.M. x",
        " P.M.",
        " p. m.",
        " Pm",
        " GMT +0300",
        " UTC-3 x",
        " (UTC-3)",
        " UTC    x",
        " UTC-x",
    ),
    *("[+03:00]", " (CET) x", " [cet]", " +3", "Z+03:00", "Z -3", " Europe/Berlin", "[US/Eastern]"),
    *("+01:00[Europe/Berlin]", "+01:00:30", "+01-05", "-2025-12-19", " CAT started", " cat: x"),
    *(
        " MT.desk",
        " MT-desk",
        " MT=1",
        " mt@x",
        " BRT-3",
        " CET/CEST",
        " EST5EDT",
        " utc",
        " (GMT)",
    ),
    *(" W. Europe Standard Time", " US Eastern", " Mean Time", " UTC PM", " +01 p.m.", " \u202fPM"),
    *(" \u22123", "\u00b100:00", " WARNING app.x", " [MainThread] x", "   CET", "    CET", " 下午"),
    *(
        " Starting up",
        " America",
        " Europe/",
        " UTC   ",
        " UTC   -3",
        "   EST5EDT",
        " GMT Standard Time",
    ),
)
_STARTS = (
    *("2025-12-18 21:00:0", "2025/12/18T09:30:5", "2025-12-18 23:59:6", "2025-02-29 21:00:0"),
    *("1677-09-21 00:12:4", "2262-04-11 23:47:1", "2025-03-30 02:30:0", "2025-1é-18 21:00:0", " "),
    *("20251218T210000x:0", "1766091600123456:0"),
)
_SECONDS = ("0", "3", "6", "9", "x", "é")
_FRACTIONS = (
    "",
    ".1",
    ",123",
    ":123",
    ".12x",
    ".123456",
    ".123456789",
    ".854775807",
    ".1234567890",
)
_TAILS = (
    *("", " ", "Z", "z", " INFO app: ", " UTC x", " CET", "CET ", "+01:00", " -0530", "+0"),
    *(
        " AM",
        " PM UTC",
        " p.m. ",
        ".5",
        ":5",
        " GET /",
        "Zx",
        "-",
        " GMT+1",
        *BEHIND,
        "é",
        " [é] x",
        "\t+02",
    ),
)
stamps = st.tuples(*map(st.sampled_from, (_STARTS, _SECONDS, _FRACTIONS, _TAILS))).map("".join)


@examples(300)
@given(texts=st.lists(stamps, min_size=1, max_size=30), zone=zones)
@example(texts=["2262-04-11 23:47:16.854775807", "2262-04-11 23:47:16.854775808"], zone="UTC")
@example(texts=["2025-12-18 21:00:00.123Z"], zone="Europe/Berlin")
def test_stamps_that_are_cut_are_read_as_all_others(texts, zone):
    series = pl.Series("time", texts, dtype=pl.String)
    each = [read(text, zone) for text in texts]
    with mock.patch.object(timestamps, "_FEW", 0):
        assert read_stamps(series, zone).to_list() == each
    for form in (Form("", 0), *(Form(".,:"[width % 3], width) for width in range(1, 10))):
        cut = cut_stamps(series, form, zone).to_list()
        assert all(a is None or a == b for a, b in zip(cut, each, strict=True))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("end", [" INFO app.core: ", " [7] ", ""])
@pytest.mark.parametrize("fraction", ["", ",019", ".123456", ".123456789"])
def test_what_most_loggers_write_is_cut(fraction, end, zone):
    texts = pl.Series([f"2025-12-18 21:00:{second:02}{fraction}{end}" for second in range(60)])
    (form,) = forms_of(texts)
    assert cut_stamps(texts, form, zone).null_count() == 0


_TAIL_PIECES = (
    *(" ", "  ", "\t", "(", "[", ")", "]", "+", "-", "0", "03", ":", ".", "/", "=", "|", "@", "'"),
    *(
        "UTC",
        "gmt",
        "Z",
        "z",
        "CET",
        "cet",
        "CAT",
        "cat",
        "EST",
        "5EDT",
        "A",
        "P",
        "m",
        "M",
        "p.m.",
    ),
    *("America", "US", "Europe", "W.", "Central", "GMT", "Standard", "Time", "Mean", "INFO", "x"),
)


@examples(500)
@given(st.lists(st.sampled_from(_TAIL_PIECES), max_size=7).map("".join))
def test_what_is_plain_however_it_goes_on_is_known(text):
    """From a few characters behind a stamp, as they are cut by position."""
    frame = pl.DataFrame({"text": [text[:end] for end in range(len(text) + 1)]})
    said = frame.select(behind(pl.col("text"))).select(
        pl.col("half", "sign", "minutes", "utc").is_not_null(),
        is_not_understood().fill_null(value=False),
    )
    plain = said.filter(are_plain(frame["text"], or_utc=True))
    assert all(row == said.row(-1) for row in plain.rows())
    assert not any(any(row) for row in said.filter(are_plain(frame["text"], or_utc=False)).rows())
