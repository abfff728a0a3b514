"""What nobody types by mistake: values and bodies that must be refused by a sentence, or taken as plain words."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from tests.integration.access.forms import Fields

VALUES = (
    "", " ", "\x00", "a\x00b", "x\r\nBcc: all@example.org", "\u202eevil\u2069", "\u2028", "\ufeff", "\uffff",
    "\ud800", "a\udfffb", "\U0001f469\u200d\U0001f467", "<b>&amp;</b>", "%s %(x)s {0}", "'; --", "../../etc/passwd",
    "-1", "0", "-0", "00", "1", "7", "9999", "2147483648", "9223372036854775807", "9" * 19, "9" * 400, "1.5", "1e309",
    "NaN", "-Infinity", "٣", "²", "½", "1_000", "0x10", "+1", " 1 ", "1,2", "44.0,-79.0", "nan,nan", "1e400,0",
    "0000-00-00", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-12-01",
    "2026-12-01T25:00", "9999-12-31T23:59", "0001-01-01T00:00", "2026-03-08T02:30", "2026-12-01T09:00+99:00",
    "24:00", "09:00-08:00", "[]", "[[]]", "{}", "null", "true", '{"a":', '{"type":"Point"}', "[[rule]]\n", "a = ",
    "en", "xx", "__proto__", "on", "a@b", "ann@example.org", "x" * 300, "é" * 5000,
)  # fmt: skip
"""Each has broken some program."""
LONG = "a" * 1_000_000

values = st.one_of(
    st.sampled_from(VALUES),
    st.sampled_from(VALUES),
    st.text(max_size=40),
    st.integers().map(str),
    st.datetimes().map(str),
    st.floats().map(str),
)


def spoiled(fields: Fields, *, more: Sequence[str] = ()) -> st.SearchStrategy[Fields]:
    """The fields of a form with one to three of them gone, doubled or given another value; seldom all of them."""
    places = st.integers(0, max(0, len(fields) - 1))
    change = st.tuples(places, st.sampled_from(("other", "other", "other", "gone", "twice")), values)
    # No lambdas: hypothesis reads the source of each, to name it.
    few = st.lists(change, min_size=1, max_size=3).map(partial(_changed, fields))
    names = [*dict.fromkeys([*(name for name, _value in fields), *more])] or ["act"]
    every = st.fixed_dictionaries(dict.fromkeys(names, values)).map(_as_fields)
    return st.one_of(few, few, few, every) if fields else every


def _as_fields(held: dict[str, str]) -> Fields:
    return list(held.items())


def _changed(fields: Fields, changes: Sequence[tuple[int, str, str]]) -> Fields:
    held: list[tuple[str, str] | None] = list(fields)
    twice: Fields = []
    for place, how, value in changes:
        name = fields[place][0]
        held[place] = None if how == "gone" else (name, value)
        if how == "twice":
            twice.append((name, value))
    return [*(one for one in held if one is not None), *twice]


def encoded(fields: Fields) -> str:
    """The fields as a form sends them, half letters too: a browser cannot, a program can."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields)


def _quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


MULTIPART = "multipart/form-data; boundary=b"
FORM = "application/x-www-form-urlencoded"
BODIES: tuple[tuple[str, bytes], ...] = (
    (MULTIPART, b"--b\r\nContent-Disposition: form-data; name="),
    (MULTIPART, b'--b\r\nContent-Disposition: form-data; name="photo"; filename="\x00.jpg"\r\n\r\n\xff\xd8\r\n--b--'),
    ("multipart/form-data", b"--b--"),
    (FORM, b"act=\xff\xfe&version=%ff%00&%=%&=&&"),
    (FORM, b"&".join(b"a%d=1" % number for number in range(600))),
    (FORM, b"words=" + LONG.encode()),
    ("application/json", b'{"act": "\\ud800", "version": 1e999}'),
    ("text/plain", b"act=comment"),
)
"""Bodies that are no form, with what they claim to be."""
