"""Law 2: the vectorised reader agrees with the grammar on every line."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oracle.events
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import examples
from laws.reading import (
    CHARACTERS,
    CRI,
    FEW_SEGMENTS,
    FIELDS,
    LAYOUTS,
    ODD_SEGMENTS,
    SEGMENTS,
    TAG_SETS,
    TAGS,
    Asked,
    agree,
    batches,
    layouts_agree,
    lines_of_segments,
    one_line,
    short_texts,
)
from tracecheck.events.trace_line import layouts
from tracecheck.events.trace_line import reader as events
from tracecheck.events.trace_line import search as searching
from tracecheck.events.trace_line.grammar import character_class
from tracecheck.events.trace_line.layouts import Layout
from tracecheck.reading.lines.blocks import Cutter
from tracecheck.reading.lines.decoding import decode

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
REAL = Asked(
    ("phase", "conv", "idem", "count", "state_id", "instance", "status", "text", "level"),
    frozenset({"OUTBOX_TRACE", "INSTANCE_TRACE", "DELIVERY_TRACE", "OUTBOX_GUARD"}),
)
forced_and_off = pytest.mark.parametrize("learn_after", LAYOUTS.values(), ids=LAYOUTS)


def _corpus() -> list[str]:
    """Every line of the samples, unwrapped, and as it stands."""
    found: dict[str, None] = {}
    for path in sorted(SAMPLES.rglob("*")):
        if (".log" not in path.name and ".jsonl" not in path.name) or path.suffix == ".json":
            continue
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        cutter = Cutter()
        cutter.begin(0)
        for block in (*cutter.feed(data), *cutter.end(closing=True)):
            found |= dict.fromkeys(block.texts)
            found |= dict.fromkeys(decode(block).frame["@text"])
    return list(found)


CORPUS = _corpus()


@forced_and_off
def test_short_texts_are_read_as_the_grammar_reads_them(learn_after: int) -> None:
    """All of up to five characters, one of each class that the grammar tells apart."""
    for texts in batches(short_texts(5)):
        agree(texts, learn_after)


@forced_and_off
def test_lines_of_few_segments_are_read_as_the_grammar_reads_them(learn_after: int) -> None:
    """All of two and three segments of every sort."""
    for texts in batches(lines_of_segments(3), 500):
        agree(texts, learn_after)


@pytest.mark.parametrize(("count", "segments"), [(2, SEGMENTS), (3, FEW_SEGMENTS)])
def test_what_fits_a_layout_is_read_by_the_grammar_in_that_layout(
    count: int, segments: tuple[str, ...]
) -> None:
    """Every layout against every line of as many segments."""
    lines = lines_of_segments(count, segments)
    layouts_agree([line for line in lines if line.count("|") == count - 1])


@pytest.mark.slow
@forced_and_off
def test_longer_texts_are_read_as_the_grammar_reads_them(learn_after: int) -> None:
    """All of six characters, and all of four segments of the most telling sorts."""
    for texts in batches(short_texts(6)):
        agree(texts, learn_after)
    for texts in batches(lines_of_segments(4, FEW_SEGMENTS), 500):
        agree(texts, learn_after)


@pytest.mark.slow
def test_what_fits_a_longer_layout_is_read_by_the_grammar_in_that_layout() -> None:
    """Every layout against every line of four segments."""
    lines = lines_of_segments(4, FEW_SEGMENTS)
    layouts_agree([line for line in lines if line.count("|") == 3])


odd_lines = st.lists(st.sampled_from(ODD_SEGMENTS), min_size=1, max_size=5).map("|".join)
ODD = (
    *(
        "",
        '"',
        "'",
        "\\",
        "|",
        " ",
        "\t",
        "AA",
        "=",
        "BB|",
        ' "',
        '{"',
        '\\"',
        '""',
        "''",
        "b'",
        "`",
    ),
    *("[", "]", "<m>", "</m>", "\u201c", "\u201d", "\\n", "'\\''", ">", ";", "it's", f"{CRI} P "),
)


def test_one_line_is_read_as_the_contract_has_it() -> None:
    """The oracle's own reading, which knows no grammar, finds the same in all these lines."""
    for text in (*short_texts(4), *lines_of_segments(3, SEGMENTS[:20]), *CORPUS):
        agrees_with_the_contract(text, TAGS)
    for text in lines_of_segments(2, ODD_SEGMENTS):
        for tags in TAG_SETS:
            agrees_with_the_contract(text, tags)


@examples(300)
@given(text=odd_lines, place=st.integers(0, 100), odd=st.sampled_from(ODD), tags=st.data())
def test_one_odd_line_is_read_as_the_contract_has_it(
    text: str, place: int, odd: str, tags: Any
) -> None:
    """Quotes, blanks, pipes and tags in all places."""
    agrees_with_the_contract(
        text[:place] + odd + text[place:], tags.draw(st.sampled_from(TAG_SETS))
    )


def agrees_with_the_contract(
    text: str, tags: frozenset[str], fields: tuple[str, ...] = ("a",)
) -> None:
    """Raise AssertionError unless the oracle reads a line in the same way."""
    one = one_line(text, tags, fields)
    what, trace = oracle.events.classify(text, tags, set(fields))
    line = one.trace_line
    assert what == ("malformed" if one.malformed else "event" if line else "plain"), repr(text)
    assert (line is None) == (trace is None), repr(text)
    if line and trace:
        found = (line.prefix, line.tag, line.fields, line.has_duplicate_field)
        wanted = (trace.prefix, trace.tag, trace.fields, trace.duplicate_field)
        assert found == wanted, repr(text)
        assert one.has_second_event == trace.second_event, repr(text)


@forced_and_off
def test_the_lines_of_the_samples_are_read_as_the_grammar_reads_them(learn_after: int) -> None:
    """Real prefixes, envelopes as they stand, tracebacks, prose."""
    agree(CORPUS, learn_after, REAL)
    for texts in batches(CORPUS, 40):
        agree(texts, learn_after, REAL)


def _matching(terminal: str) -> st.SearchStrategy[str]:
    return st.from_regex(character_class(terminal), fullmatch=True)


names = st.one_of(st.sampled_from(FIELDS), _matching("NAME"))
words = st.one_of(st.sampled_from(("AA", "BB")), _matching("TAG_WORD"), _matching("LEVEL_WORD"))
values = st.text(st.characters(exclude_characters="|", exclude_categories=["Cs"]), max_size=6)
segments = st.one_of(
    st.builds("{}={}".format, names, values),
    st.builds("{}={}".format, names, values),
    values,
    words,
    st.sampled_from(SEGMENTS),
)
generated = st.builds(
    "{}{}{}|{}".format,
    st.one_of(st.just(""), values, st.builds("{}|{} ".format, segments, values)),
    st.sampled_from(("", "", " ", "-", ":", "x", "é", "|")),
    words,
    st.lists(segments, min_size=1, max_size=5).map("|".join),
)


@forced_and_off
@examples(100)
@given(texts=st.lists(generated, min_size=1, max_size=12), again=st.integers(1, 3))
def test_lines_made_of_the_terminals_are_read_as_the_grammar_reads_them(
    learn_after: int, texts: list[str], again: int
) -> None:
    """Tags, names and values that the terminals of the grammar make, repeated so as to learn."""
    agree(texts * again, learn_after)


@pytest.mark.parametrize("learn_after", [1, 3, 1 << 60])
@examples(150)
@given(
    texts=st.lists(odd_lines, min_size=1, max_size=30),
    again=st.integers(1, 3),
    tags=st.sampled_from(TAG_SETS),
)
def test_quotes_blanks_and_damage_are_read_in_bulk_as_in_one_line(
    learn_after: int, texts: list[str], again: int, tags: frozenset[str]
) -> None:
    """Whatever tags are named, and whatever layouts were learnt of lines beside."""
    agree(texts * again, learn_after, Asked(tags=tags))


@st.composite
def _edited(draw: Any) -> str:
    """A real line, mistyped in one place or two."""
    text: str = draw(st.sampled_from(CORPUS))
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(text)))
        typed = draw(st.sampled_from((*CHARACTERS, ".", "é", "\n", "AA|", "|INFO|", "count=1|")))
        match draw(st.integers(0, 4)):
            case 0:
                text = text[:place] + typed + text[place:]
            case 1:
                text = text[:place] + typed + text[place + 1 :]
            case 2:
                text = text[:place] + text[place + 1 :]
            case 3:
                text = text[:place] + text[place + 1 : place + 2] + text[place:]
            case 4:
                text = text[:place]
    return text


@forced_and_off
@examples(100)
@given(texts=st.lists(_edited(), min_size=1, max_size=20), sound=st.integers(0, 1 << 16))
def test_mistyped_real_lines_are_read_as_the_grammar_reads_them(
    learn_after: int, texts: list[str], sound: int
) -> None:
    """The layouts are learnt of sound lines, which stand before them."""
    start = sound % len(CORPUS)
    agree([*CORPUS[start : start + 20], *texts], learn_after, REAL)


@forced_and_off
def test_lines_of_many_segments_are_read_as_the_grammar_reads_them(learn_after: int) -> None:
    """On both sides of what the layouts read, and far beyond it."""
    texts = [
        "|".join((*["x"] * before, "AA", *["a=1"] * after, "b=2"))
        for before in (0, 1, 3)
        for after in (0, *range(layouts.WIDEST - 5, layouts.WIDEST + 3), 300)
    ]
    agree(texts * 2, learn_after)


# ---- planted defects: the law must catch each ---------------------------------------------------

_WORD = r"[A-Z][A-Z0-9_]+"
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"


def _untested(part: str) -> Callable[..., pl.Expr]:
    """A test of the layouts of which one part is never made."""

    def tagged(layout: Layout) -> pl.Expr:
        end = pl.col(f"s{layout.tag_at}")
        tests = {
            "tag": end.str.ends_with(layout.tag_end),
            "boundary": end.str.ends_with(layout.tag),
            "prefix": pl.lit(value=True),
        }
        return pl.all_horizontal(test for name, test in tests.items() if name != part)

    return tagged


def _never(*_: Any) -> pl.Expr:
    return pl.lit(value=True)


FEW_LINES = [line for line in lines_of_segments(3, FEW_SEGMENTS) if line.count("|") == 2]
DEFECTS: dict[str, tuple[Any, str, Any]] = {
    "a name may begin with a hyphen": (searching, "_FIELD", r"^[ \t]*([A-Za-z0-9_.-]+)=((?s:.*))$"),
    "a name holds no dot": (searching, "_FIELD", r"^[ \t]*([A-Za-z0-9_]+)=((?s:.*))$"),
    "a value ends at a line feed": (searching, "_FIELD", rf"^[ \t]*({_NAME})=(.*)$"),
    "a value ends at the last equals sign": (searching, "_FIELD", r"^((?s:.*))=([^=]*)$"),
    "a value is not empty": (searching, "_FIELD", rf"^({_NAME})=((?s:.+))$"),
    "a tag may follow a letter": (searching, "_CANDIDATE", rf"()({_WORD})([ \t]*)$"),
    "a tag stands alone in its segment": (searching, "_CANDIDATE", rf"^()({_WORD})([ \t]*)$"),
    "a tag holds no digit": (searching, "_CANDIDATE", r"(^|[^A-Za-z0-9_])([A-Z][A-Z_]+)([ \t]*)$"),
    "a tag may be one letter": (
        searching,
        "_CANDIDATE",
        r"(^|[^A-Za-z0-9_])([A-Z][A-Z0-9_]*)([ \t]*)$",
    ),
    "lines of one letter tags are looked at": (searching, "trace_pattern", lambda: "[A-Z][|]"),
    "lines whose field follows at once are looked at": (
        searching,
        "trace_pattern",
        lambda: rf"{_WORD}\|{_NAME}=",
    ),
    "a tag may stand before a space": (
        searching,
        "_CANDIDATE",
        rf"(^|[^A-Za-z0-9_])({_WORD})() ?$",
    ),
    "a level is a tag like any other": (searching, "_LEVEL", "^never$"),
    "only INFO is a level": (searching, "_LEVEL", "^INFO$"),
    "what begins like a level is one": (searching, "_LEVEL", "^A"),
    "a named tag outranks nothing": (searching, "is_level", lambda word: True),
    "layouts do not look for other tags in the prefix": (layouts, "_CANDIDATE", "^never$"),
    "layouts look for no tag at all": (Layout, "tagged", _never),
    "layouts take a tag behind a letter": (Layout, "tagged", _untested("boundary")),
    "layouts look for fields nowhere": (Layout, "conforming", _never),
    "layouts never see a field twice": (
        Layout,
        "has_duplicate_field",
        property(lambda layout: False),
    ),
    "layouts see a field twice in every line": (
        Layout,
        "has_duplicate_field",
        property(lambda layout: True),
    ),
    "layouts find no fields": (Layout, "values", lambda layout, wanted: {}),
    "layouts find the prefix empty": (Layout, "prefix", lambda layout: pl.lit("")),
    "a level in the prefix may be part of a word": (
        events,
        "_LEVEL_IN_PREFIX",
        f"({character_class('LEVEL_WORD')})",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_of_the_reader_is_caught(
    defect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The law is worth as much as the faults that it would find."""
    monkeypatch.setattr(*DEFECTS[defect])
    with pytest.raises((AssertionError, pl.exceptions.PolarsError)):
        _law_on_few_lines()


def test_the_defects_are_caught_for_their_own_sake() -> None:
    """The lines by which the planted defects are found are read well without them."""
    _law_on_few_lines()


def _law_on_few_lines() -> None:
    for learn_after in LAYOUTS.values():
        agree([*FEW_LINES, *lines_of_segments(2)], learn_after)
    layouts_agree(FEW_LINES)
