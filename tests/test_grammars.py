"""The tables that are shipped are those of the grammars, and any other Lark does without."""

from __future__ import annotations

import json
from importlib import resources

import lark
import make_tables
import pytest
from lark import Lark

from tracecheck.conditions.parser import CONDITION
from tracecheck.events.trace_line.grammar import TRACE_LINE, character_class
from tracecheck.grammars import Grammar

NO_TAG, NO_LEVEL = character_class("NAMED_TAG"), character_class("NAMED_LEVEL")
WORDS = (
    {},
    {NO_TAG: "(?:AA)"},
    {NO_TAG: "(?:AA|AAB|SERVICE_NAME)", NO_LEVEL: "(?:INFO)"},
    {NO_LEVEL: "(?:CRITICAL|WARN|WARNING)"},
)

each = pytest.mark.parametrize("grammar", make_tables.GRAMMARS, ids=lambda one: one.name)


def forbid(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    def refused(*_args, **_options):
        raise AssertionError(method)

    monkeypatch.setattr(Lark, method, refused)


def test_every_grammar_has_its_tables():
    root = resources.files("tracecheck")
    written = {path.stem for path in root.rglob("*.lark")}  # type: ignore[attr-defined]
    assert written == {grammar.name for grammar in make_tables.GRAMMARS}


@each
def test_the_shipped_tables_are_those_of_the_grammar(grammar):
    """If not: `python -m make_tables` in `tests`."""
    shipped = resources.files(grammar.package).joinpath(f"{grammar.name}.tables.json")
    made = json.loads(make_tables.written(grammar))
    if made["origin"]["lark"] != json.loads(shipped.read_text("utf-8"))["origin"]["lark"]:
        pytest.skip("this Lark is not the one that they were made by")
    assert json.loads(shipped.read_text("utf-8")) == made


@each
def test_a_parser_is_made_of_the_tables_alone(grammar, monkeypatch):
    shipped = resources.files(grammar.package).joinpath(f"{grammar.name}.tables.json")
    if json.loads(shipped.read_text("utf-8"))["origin"] != grammar.origin:
        pytest.skip("this Lark is not the one that they were made by")
    forbid(monkeypatch, "__init__")
    assert isinstance(grammar.parser(), Lark)


@pytest.mark.parametrize("words", WORDS, ids=map(str, range(len(WORDS))))
def test_a_parser_of_tables_is_that_of_the_text_whatever_words_are_put_in(words):
    found, made = (make_tables.tables(one(words)) for one in (TRACE_LINE.parser, TRACE_LINE.made))
    assert found == made
    told = json.dumps(found)
    assert all(old not in told and new in told for old, new in words.items())


def test_the_parser_of_conditions_is_that_of_the_text():
    assert make_tables.tables(CONDITION.parser()) == make_tables.tables(CONDITION.made())


@each
def test_tables_of_another_lark_are_passed_over(grammar, monkeypatch):
    monkeypatch.setattr(lark, "__version__", "1.3.99")
    forbid(monkeypatch, "load")
    assert make_tables.tables(grammar.parser()) == make_tables.tables(grammar.made())


@pytest.mark.parametrize("what", ["start", "lexer", "text", "none"])
def test_tables_of_another_grammar_are_passed_over(what, monkeypatch, tmp_path):
    package = tmp_path / f"grammar_{what}"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "condition.lark").write_text(CONDITION.text + "// other\n" * (what == "text"))
    if what != "none":
        written = make_tables.written(CONDITION)
        (package / "condition.tables.json").write_text(written)
    start = CONDITION.start[: 1 if what == "start" else None]
    lexer = "contextual" if what == "lexer" else CONDITION.lexer
    monkeypatch.syspath_prepend(tmp_path)
    forbid(monkeypatch, "load")
    assert Grammar(package.name, "condition", start, lexer).parser().options.start == [*start]
