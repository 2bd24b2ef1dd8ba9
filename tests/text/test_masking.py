"""Personal values never reach a report, however the line writes them."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.text.masking import MASK, Masking

MASKING = Masking(frozenset({"phone", "msisdn", "tel\u00e9fono"}))
MARKER = "5511"
MIB = 2**20


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
    [
        # A field, its value with spaces in it, and one that begins with `>` or holds a pipe.
        "AA|phone=>5551 9559|b=keep",
        "AA|phone => 5551 9559 |b=keep",
        'AA|phone="55|55"|b=keep',
        "AA|b=keep|phone: +34 (55) 5559-55 55 keep",
        # Containers in containers, and brackets in strings.
        'keep {"phone": {"cc": {"x":1}, "number": "5552"}, "b": "keep"}',
        'keep {"phone":{"a":"}","b":"5551o"}, "b": "keep"}',
        'keep {"phone": ["x]y", "5553"], "b": "keep"}',
        'keep {"phone": [["a","b"],["5556"]], "b": "keep"}',
        "keep {'phone': ('5554','5555'), 'b': 'keep'}",
        'keep {\\"phone\\": {\\"n\\": {}, \\"m\\": \\"5551a\\"}, \\"b\\": \\"keep\\"}',
        "keep {phone: [O'Neill (x], 55), 55], b: keep}",
        "keep {'phone': Phone(cc=34, number='5551'), 'b': 'keep'}",
        "keep {'phone': <Phone number 5551>, 'b': 'keep'}",
        'keep "phone": {"a": [1, "5551"',
        # Strings: of bytes, with quotes, with backslashes at the end.
        "keep {'phone': b'55 5559', 'b': 'keep'}",
        "keep {'phone': 'it\\'s 5550', 'b': 'keep'}",
        'keep {"phone": {"a": "\\\\", "b": "}5511"}}',
        'keep \'{"phone": "a\\\\" 5511 5512"}\'',
        'keep "phone": "55 55',
        # Names and separators that are escaped.
        'keep {"ph\\u006fne":"55 55", "b": "keep"}',
        'keep {"\\u0070hone":"55 55", "b": "keep"}',
        'keep {\\"ph\\\\u006Fne\\":\\"55 55\\", \\"b\\": \\"keep\\"}',
        'keep {"tel\\u00e9fono":"55 55", "b": "keep"}',
        "keep {b'tel\\xc3\\xa9fono': b'55 55', 'b': 'keep'}",
        "keep ?tel%C3%A9fono%3D55%2055&b=keep",
        'keep {"text": "keep\\nphone=55 55"}',
        "keep phone\\u003d55 55|b=keep",
        "keep \\u0022phone\\u0022:\\u002255 55\\u0022|b=keep",
        "keep &quot;phone&quot;: &quot;55 55&quot;|b=keep",
        "GET /send?phone%3A5555&b=keep",
        "GET /send?a=%7B%22phone%22%3A%2255%2055%22%7D&b=keep",
        "GET /send?a=%257B%2522phone%2522%253A%252255%22&b=keep",
        # XML: with a prefix, with elements and attributes, inside XML.
        "keep <ns2:phone>5555</ns2:phone> keep",
        "keep <phone><cc>55</cc><n>55</n></phone> keep",
        'keep <phone n="55"/><b>keep</b>',
        "keep <phone>55|b=keep",
        "keep &lt;phone&gt;55 55&lt;/phone&gt;|b=keep",
        "keep &lt;phone kind=&quot;55&quot;&gt;55&lt;/phone&gt;|b=keep",
        "keep <phone><phone>55</phone>55</phone> keep",
        "keep \\u003cphone\\u003e55 55\\u003c/phone\\u003e|b=keep",
        # A name that is the value of an attribute, or the text of an element.
        '<p>keep</p><input name="phone" value="55 55">|b=keep',
        "<p>keep</p><input class='55' value='&lt;55&gt;' name='phone'>|b=keep",
        "<i>keep</i> &lt;input value=&quot;55&quot; name=&quot;phone&quot;&gt;|b=keep",
        '<p>keep</p><field name="phone"><a>55</a>55</field>|b=keep',
        "<p>keep</p><key>phone</key><string>55</string>|b=keep",
        "<tr><td>keep</td><th> phone </th><td>55</td></tr>|b=keep",
        # Pairs: mappings of several values, headers.
        "keep OrderedDict([('phone', '55 55'), ('b', 'keep')]) keep",
        "keep ImmutableMultiDict([('b', 'keep'), ('phone', '55'), ('phone', '55 (55)')]) keep",
        "keep MultiDict([('phone', ['55', '5)5']), ('b', 'keep')])",
        "keep dict_items([('phone', '55'), ('b', 'keep')])",
        "keep [(b'phone', b'55'), (b'b', b'keep')]",
        'keep [["phone","55"],["b","keep"]]',
        'keep [[\\"phone\\",\\"55\\"],[\\"b\\",\\"keep\\"]]',
        "keep (&#x27;phone&#x27;, &#x27;55&#x27;)|b=keep",
        "GET /send?a=%5B%22phone%22%2C%20%2255%2055%22%5D&b=keep",
        'keep ["phone", "55|55", 55, Phone(55)], "b": "keep"',
        # Names in brackets.
        "GET /send?user[phone]=55|b=keep",
        "GET /send?user%5Bphone%5D=55&b=keep",
        "GET /send?user%5Bphone%5D%3D55&b=keep",
        "GET /send?phone[]=55&phone[]=55|b=keep",
        "GET /send?phone%5B0%5D%5Bn%5D=55|b=keep",
        "keep d['phone'] = '55'|b=keep",
        "Array ( [b] => keep [phone] => 55 )",
        # HTML, once and again.
        *(
            f"keep {quote}phone{quote}: {quote}55 55{quote}|b=keep"
            for quote in ("&#x27;", "&#39;", "&#039;", "&#X22;", "&#34;", "&apos;", "&amp;quot;")
        ),
        "keep \\u0026#39;phone\\u0026#39;: \\u0026#39;55 55\\u0026#39;|b=keep",
        "keep %26%23x27%3Bphone%26%23x27%3B%3A%20%26%23x27%3B55%26%23x27%3B&b=keep",
        # Forms in several parts, their line ends escaped or not.
        'keep; name="phone"\r\n\r\n55|55\r\n--keep',
        'keep; name="phone"; filename="55"\r\n\r\n55|b=keep',
        'keep; name="phone"\r\nContent-Type: text/plain\n\n55\n--keep',
        "keep; name=phone\r\n\r\n55 55\r\n--keep",
        'keep; name=\\"phone\\"\\r\\n\\r\\n55 55\\r\\n--keep',
        "keep%3B+name%3D%22phone%22%0D%0A%0D%0A55+55%0D%0A--keep",
        # The name comes last: in records, pairs, attributes, elements, and without brackets.
        'keep {"value": "55 55", "name": "phone"} keep',
        "keep [{'value': '55{5', 'name': 'phone'}, {'value': 'keep', 'name': 'b'}]",
        'keep {"a": {"b": "}55"}, "value": ["55"], "name": "phone"} {"b": "keep"}',
        'keep {\\"value\\": \\"55\\", \\"name\\": \\"phone\\"}',
        "it's keep {'value': \"5'5\", 'name': 'phone'}",
        'keep ["55 55", "phone"], "keep"',
        "keep Field(Phone(55, 5), '55', name='phone')|b=keep",
        '<i>keep</i> <field value="55>55" name="phone"> |b=keep',
        "<i>keep</i> &lt;input value=&quot;55&quot; id='5'  name=&quot;phone&quot;&gt;|b=keep",
        '"value": "55|55", "name": "phone"',
        'keep keep|value="55 55" name="phone"|b=keep',
        'keep; filename="55"; name="phone"\r\n\r\n55|55\r\n--keep',
        "keep %7B%22value%22%3A%2255%22%2C%22name%22%3A%22phone%22%7D&b=keep",
        "keep <value>55</value><name>phone</name></r>|b=keep",
        "keep &lt;value&gt;55&lt;/value&gt;&lt;name&gt;phone&lt;/name&gt;|b=keep",
        # Lists below the name, strings of several pieces, arrows, other case.
        "keep\nphone:\n- 55\n- a 55\n|b=keep",
        "keep\\nphone:\\n- \\u002755 55\\u0027|b=keep",
        "keep {'phone': 'a '\n          '55', 'b': 'keep'}",
        "keep Map(phone -> 55, b -> keep)",
        "keep Map(phone -&gt; 55)|b=keep",
        'keep {:phone=>"55"}|b=keep',
        "keep PHONE=55|b=keep",
        "keep {'Phone': '55', 'b': 'keep'}",
    ],
)
def test_no_part_of_a_personal_value_is_shown(text):
    masked = MASKING.text(text)
    assert "55" not in masked
    assert MASK in masked
    assert masked.count("keep") == text.count("keep")


PIECES = st.sampled_from([MARKER, *"{}[]()<>\"'\\|,:;=&% \n\u00e9", "a", "b'", "\\\\", '\\"'])
STRINGS = st.lists(PIECES, max_size=6).map("".join)
BESIDE = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), STRINGS.map(lambda one: one.replace(MARKER, ""))
)


def nested(leaves, *containers: Callable):
    def within(values):
        mappings = st.dictionaries(STRINGS, values, max_size=3)
        lists = st.lists(values, max_size=3)
        return mappings | st.one_of([lists.map(make) for make in containers])

    return st.recursive(leaves | st.just(int(MARKER)) | st.none(), within, max_leaves=8)


def assert_hidden(text):
    """No marker, and what is before the name as it was."""
    masked = MASKING.text(text)
    assert MARKER not in masked
    assert MASK in masked
    assert masked.startswith(text[: text.index("phone")])


@given(nested(STRINGS, list), BESIDE, BESIDE, st.lists(st.sampled_from([json.dumps, repr])))
def test_no_json_value_is_shown_however_often_it_is_in_a_string(value, before, after, wraps):
    """JSON in JSON in JSON, and in what Python prints."""
    text = json.dumps({**before, "phone": value} | {f"z{one}": after[one] for one in after})
    for wrap in wraps[:3]:
        text = wrap(text)
    assert_hidden(text)


@given(
    nested(STRINGS | STRINGS.map(str.encode), list, tuple),
    BESIDE,
    st.lists(st.sampled_from([json.dumps, repr])),
)
def test_no_python_value_is_shown_however_often_it_is_in_a_string(value, before, wraps):
    text = repr({**before, "phone": value, "z": 1})
    for wrap in wraps[:3]:
        text = wrap(text)
    assert_hidden(text)


XML = str.maketrans({"<": "&lt;", "&": "&amp;", '"': "&quot;"})


def _tags(form: str, mapping: Mapping[str, str]) -> str:
    return "".join(form.format(name, html.escape(value)) for name, value in mapping.items())


FORMS: dict[str, Callable[[Mapping[str, str]], str]] = {
    "json": json.dumps,
    "json in lines": lambda one: json.dumps(one, indent=1),
    "repr": repr,
    "ordered": lambda one: f"OrderedDict({list(one.items())!r})",
    "lists": lambda one: f"MultiDict({[(name, [value]) for name, value in one.items()]!r})",
    "items": lambda one: f"dict_items({list(one.items())!r})",
    "header list": lambda one: repr([(k.encode(), v.encode()) for k, v in one.items()]),
    "pairs": lambda one: json.dumps(list(one.items()), separators=(",", ":")),
    "arguments": lambda one: f"Form({', '.join(f'{name}={one[name]!r}' for name in one)})",
    "records": lambda one: json.dumps([{"name": k, "value": v} for k, v in one.items()]),
    "several": lambda one: repr({name: [value, value] for name, value in one.items()}),
    "query": urlencode,
    "nested query": lambda one: urlencode({f"user[{name}]": one[name] for name in one}),
    "query of lists": lambda one: urlencode({f"{name}[]": one[name] for name in one}),
    "query in the clear": lambda one: "&".join(f"u[{k}][0]={quote(v)}" for k, v in one.items()),
    "html": lambda one: html.escape(str(dict(one))),
    "html of pairs": lambda one: html.escape(str(list(one.items()))),
    "multipart": lambda one: _tags('--b\r\nC: form; name="{}"\r\n\r\n{}\r\n', one),
    "multipart with LF": lambda one: _tags('--b\nC: form; name="{}"\n\n{}\n', one),
    "elements": lambda one: _tags("<{0}>{1}</{0}>", one),
    "elements with attributes": lambda one: _tags("<n:{0} id='x'>{1}</n:{0}>", one),
    "attributes": lambda one: "<r " + _tags('{}="{}" ', one) + "/>",
    "inputs": lambda one: _tags('<input name="{}" value="{}">', one),
    "inputs, value first": lambda one: _tags("<input value='{1}' name='{0}'/>", one),
    "named elements": lambda one: _tags('<field name="{}">{}</field>', one),
    "keys and values": lambda one: _tags("<key>{}</key><string>{}</string>", one),
    "yaml": lambda one: "".join(f"{name}: {one[name]!r}\n" for name in one),
    "yaml of lists": lambda one: "".join(f"{name}:\n- {one[name]!r}\n" for name in one),
    "records, name last": lambda one: json.dumps([{"value": v, "name": k} for k, v in one.items()]),
    "records, name in the middle": lambda one: json.dumps(
        [{"value": v, "name": k, "z": 1} for k, v in one.items()]
    ),
    "records in lines": lambda one: json.dumps({"value": one["phone"], "name": "phone"}, indent=1),
    "records in python": lambda one: repr([{"value": v, "name": k} for k, v in one.items()]),
    "records with bytes": lambda one: repr([{"v": v.encode(), b"n": k} for k, v in one.items()]),
    "symbols": lambda one: ", ".join(
        f"{{:value=>{json.dumps(value)}, :name=>{json.dumps(name)}}}" for name, value in one.items()
    ),
    "objects": lambda one: " ".join(f"Form(value={v!r}, name={k!r})" for k, v in one.items()),
    "objects in one": lambda one: f"Form({', '.join(f'v={v!r}, n={k!r}' for k, v in one.items())})",
    "pairs, name last": lambda one: json.dumps([[v, k] for k, v in one.items()]),
    "tuples, name last": lambda one: repr([(v, k) for k, v in one.items()]),
    "items of lists, name last": lambda one: repr([([v, v], k) for k, v in one.items()]),
    "names of files": lambda one: "".join(
        f"--b\r\nC: form; filename={json.dumps(value)}; name={json.dumps(name)}\r\n\r\n1\r\n"
        for name, value in one.items()
    ),
    "logfmt": lambda one: " ".join(f'value={json.dumps(one[name])} field="{name}"' for name in one),
    "fields, value first": lambda one: _tags('<field value="{1}" name="{0}"></field>', one),
    "fields, value first, in XML": lambda one: "".join(
        f"<field value=\"{v.translate(XML)}\" name='{k}'/>" for k, v in one.items()
    ),
    "values and keys": lambda one: _tags("<d><string>{1}</string><key>{0}</key></d>", one),
    "rows": lambda one: _tags("<tr>\n<td>{1}</td>\n<th> {0} </th>\n</tr>", one),
    "arrows": lambda one: ", ".join(f'"{name}" => {json.dumps(one[name])}' for name in one),
}
"""A mapping as it is printed by what logs know."""

WRAPS: dict[str, Callable[[str], str]] = {
    "json": json.dumps,
    "json for html": lambda text: (
        json.dumps(text)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("'", "\\u0027")
    ),
    "repr": repr,
    "bytes": lambda text: repr(text.encode()),
    "html": html.escape,
    "url": quote,
    "form": quote_plus,
}


@given(
    st.sampled_from(sorted(FORMS)),
    st.lists(st.sampled_from(sorted(WRAPS)), max_size=2),
    st.lists(st.sampled_from([MARKER, *"{}[]()<>\"'\\,;&% +\n\u00e9", "O'", "Ann "]), max_size=5),
)
def test_no_value_of_a_mapping_is_shown_in_whatever_form_it_is_printed(form, wraps, pieces):
    value = "".join([*pieces, MARKER])
    text = FORMS[form]({"a": "keep", "phone": value, "z": "'<\"&"})
    for wrap in wraps:
        text = WRAPS[wrap](text)
    masked = MASKING.text(f"AA|body={text}|b=keep")
    assert MARKER not in masked
    assert MASK in masked
    assert masked.startswith("AA|body=")


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        ("phone", "%5C"),
        ("phone", "&amp;"),
        ("phone&", "amp;"),
        ("phone", "[]"),
        ("phone[", "a"),
        ("", "phone["),
        ("", '="phone"'),
        ("", "<a x='"),
        ("", "<a x='1' y='phone'"),
        ("<", "a='phone'"),
        ("", '="phone"\n'),
        ("", '="phone"}'),
        ("", '{"a": "phone"}'),
        ("", ': "phone"}'),
        ("{", ', "a": "phone"}'),
        ('{"', ', "phone"]'),
        ("", '[", "phone"]'),
        ("", "{[(<"),
        ("", '{ "phone"'),
        ("phone", '"'),
        ("", ">phone</a></b>"),
        ("<a>", "phone</a></b>"),
        ("", '="phone"\n--'),
        ("", "=phone\n"),
        ("", "<phone><phone></phone>"),
        ("</phone>", "<phone>"),
        ("", "('phone', "),
        ("", "'phone', ('"),
        ("'phone',", "(["),
        ("'phone',", "o'"),
        ("", ">phone<"),
        ("", "> "),
        ("", "= "),
        ("", '="'),
        ("", "&lt;"),
        ("", "&#0"),
        ("phone: 'a'", " 'a'"),
        ('{\\"phone\\":\\"', "\\"),
        ("", "\\"),
        ("phone", "\\"),
        ("pho", "\\"),
        ("pho", "\\u0070"),
        ("phone", " "),
        ("phone: 5", " 5"),
        ("phone%", "25"),
        ("", "phone "),
        ("", '"phone'),
        ("", "phone="),
        ("", "phone=|"),
        ("", "phone=>|"),
        ("", "phone%3A&"),
        ("", "phone:"),
        ("", "phone: "),
        ("", "phone: ,"),
        ("", "phone: 5,"),
        ("", "phone: '"),
        ("", 'phone: \\"'),
        ("", "phone: 'a',"),
        ("", '"phone": {'),
        ("", '"phone": {},'),
        ("", "phone: [[[[["),
        ("phone: ", "["),
        ("phone: ", "[]"),
        ("phone: {", "o'"),
        ("", "<phone>"),
        ("", "<phone "),
        ("", "</phone><phone>"),
        ("</x><", "a:"),
        ("", "<"),
        ("", "phone&quot;"),
    ],
)
def test_a_long_hostile_line_is_masked(begin, again):
    """Every character is looked at a few times: were it quadratic, this would not end."""
    line = (begin + again * (MIB // len(again)))[:MIB]
    assert len(MASKING.text(line)) <= 2 * MIB


@pytest.mark.parametrize(
    "text",
    [
        "AA|conv=5511|channel=phone|b=1",
        'AA|conv=5511|channel="phone"|b=1',
        'AA|conv=5511|fields: {"channel": "phone"}|b=1',
        'INFO [main] 5511 bad field: "phone" is missing',
        "AA|xphone=5511",
        "AA|phones=5511",
        "AA|phone=|b=5511",
        "the phone rings 5511",
        "phone_id: 1",
    ],
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
