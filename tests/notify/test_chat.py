"""A text of a log in a chat is read, and never obeyed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.notify.chat import LONGEST, digest, inert


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a & b", "a &amp; b"),
        ("&lt;", "&amp;lt;"),
        ("<!here> <@U123> <#C1>", "&lt;!here&gt; &lt;\uff20U123&gt; &lt;#C1&gt;"),
        ("<https://evil|bank>", "&lt;https://evil|bank&gt;"),
        ("@here @channel @everyone a@b", "\uff20here \uff20channel \uff20everyone a\uff20b"),
        ("``` `x` ```", "\uff40\uff40\uff40 \uff40x\uff40 \uff40\uff40\uff40"),
        ("[bank](https://evil) ![](https://evil)", "[bank] (https://evil) ![] (https://evil)"),
        ("a\nb\r\0\x1b[2J\u202e", "a\\x0ab\\x0d\\x00\\x1b[2J\\u202e"),
        ("\udc80", "\\udc80"),
        ("客 ü", "客 ü"),
    ],
)
def test_what_a_chat_would_obey_is_only_shown(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_a_cut_text_says_so_and_no_escape_is_cut_in_two() -> None:
    assert inert("&" * 5, 20) == "&amp;&amp;&amp;…"
    assert inert("&" * 4, 20) == "&amp;" * 4
    assert inert("x" * 21, 20) == "x" * 19 + "…"


def test_one_text_stands_alone() -> None:
    assert digest(["a <b>"]) == "a &lt;b&gt;"


def test_several_are_counted_and_the_first_ten_told() -> None:
    ten = "\n".join(f"• finding {n}" for n in range(10))
    texts = [f"finding {n}" for n in range(1234)]
    assert digest(texts[:10]) == f"10 findings:\n{ten}"
    assert digest(texts[:12]) == f"12 findings:\n{ten}\nand 2 more"
    assert digest(texts) == f"1,234 findings:\n{ten}\nand 1,224 more"


@given(st.lists(st.text(st.sampled_from("<&>@`a\x1b\n[]()客"), max_size=3000), min_size=1))
def test_no_message_is_too_long_or_holds_what_is_obeyed(texts: list[str]) -> None:
    message = digest(texts)
    assert len(message) <= LONGEST
    assert not set("<>@`\x1b") & set(message)
    assert "](" not in message
    assert message.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").count("&") == 0
    assert message.count("\n") <= 11
