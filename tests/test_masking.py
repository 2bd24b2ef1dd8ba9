"""Personal values never reach a report, however the line writes them."""

from __future__ import annotations

import pytest

from tracecheck.masking import MASK, Masking

MASKING = Masking(frozenset({"phone", "msisdn"}))


@pytest.mark.parametrize(
    "text",
    [
        "AA|phone=5511|b=keep",
        "AA|msisdn=5511|b=keep",
        "AA|phone = 5511 |b=keep",
        "AA|phone =5511|b=keep",
        "--phone=5511",
        "sent to phone = 5511",
        'keep {"phone": "5511", "b": "keep"}',
        'keep {"phone": 5511, "b": "keep"}',
        'keep {"phone": ["5511", "5511"], "b": "keep"}',
        'keep {"phone": {"n": "5511"}, "b": "keep"}',
        'keep {\\"phone\\": \\"5511\\", \\"b\\": \\"keep\\"}',
        "keep {'phone': '5511', 'b': 'keep'}",
        'keep {"phone" => "5511", "b" => "keep"}',
        'keep "phone"="5511"',
        '{"phone": "55\\"11"}',
        "keep phone: 5511 keep",
        "GET /send?b=keep&phone%3D5511",
        "keep <phone>5511</phone> keep",
        '<phone kind="mobile">5511</phone>',
    ],
)
def test_a_personal_value_is_masked_in_a_text(text: str) -> None:
    """As a field, in JSON and what looks like it, in a query, in XML."""
    masked = MASKING.text(text)
    assert "5511" not in masked
    assert '55\\"11' not in masked
    assert MASK in masked
    assert masked.count("keep") == text.count("keep")


@pytest.mark.parametrize(
    "text",
    ["AA|xphone=5511", "AA|phones=5511", "AA|phone=|b=5511", "the phone rings 5511", "phone_id: 1"],
)
def test_what_only_looks_personal_stays(text: str) -> None:
    """Other names, empty values, prose."""
    assert MASKING.text(text) == text


def test_nothing_is_masked_where_nothing_is_personal() -> None:
    """An empty list in the rule file lifts it."""
    assert Masking().text("AA|phone=5511") == "AA|phone=5511"
    assert Masking().value("phone", "5511") == "5511"


def test_a_value_is_masked_by_its_name_or_by_what_it_holds() -> None:
    """A field that is not personal may carry one that is."""
    assert MASKING.value("phone", "5511") == MASK
    assert MASKING.value("phone", "") == ""
    assert MASKING.value("text", "hello") == "hello"
    assert MASKING.value("body", '{"phone": "5511"}') == f'{{"phone": "{MASK}"}}'
