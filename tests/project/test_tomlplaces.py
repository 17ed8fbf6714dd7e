"""Places of TOML values: the text at each place must be that value again, for `tomllib`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.project.tomlplaces import Key, locate, toml_places

keys = st.text("ab-_.\"' é\\", min_size=1, max_size=4) | st.sampled_from(["name", "fastapi", "python"])
strings = st.text("ab\"'\\#[]{}=,. é\n\t", max_size=8)
scalars = strings | st.integers(-5, 5) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False, width=16)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))
tables = st.dictionaries(keys, values, max_size=4)
documents = st.lists(
    st.tuples(st.lists(keys, min_size=1, max_size=3), st.booleans(), tables, st.booleans()), max_size=4
)


def quoted(text: str, literal: bool = False) -> str:
    if literal and not set(text) & set("'\n\t"):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def written(value: Any, spread: bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"""\n' + quoted(value)[1:-1] + '"""' if spread else quoted(value, literal=True)
    if isinstance(value, list):
        gap = "\n  # a comment, [with] {signs}\n" if spread else " "
        return (
            "["
            + gap
            + ("," + gap).join(written(item, spread) for item in value)
            + ("," if spread and value else "")
            + "]"
        )
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(item, False)}" for key, item in value.items()) + " }"
    return repr(value)


def render(document: list[tuple[list[str], bool, dict[str, Any], bool]]) -> str:
    lines = []
    for header, is_item, table, spread in document:
        name = ".".join(quoted(key) for key in header)
        lines.append(f"  [[{name}]] # here" if is_item else f"[ {name} ]")
        lines += [f"{quoted(key)}={written(value, spread)} # why" for key, value in table.items()]
    return "\n".join(lines)


def leaves(value: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


@settings(max_examples=400, derandomize=True, deadline=None)
@given(documents)
def test_the_text_at_each_place_is_the_value(document: list[tuple[list[str], bool, dict[str, Any], bool]]) -> None:
    text = render(document)
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # tables declared twice
    places = toml_places(text)
    for path, value in leaves(parsed):
        start, end = places[path]
        assert tomllib.loads(f"x = {text[start:end]}")["x"] == value, path


def test_dotted_keys_bare_keys_and_dates() -> None:
    text = 'a.b = 1\na."c d".e = 2021-01-01 # x\n[t]\nlist = [1, "two",\n  {k = "v"}]\n'
    places = {path: text[slice(*span)] for path, span in toml_places(text).items()}
    assert places["a", "b"] == "1"
    assert places["a", "c d", "e"] == "2021-01-01"
    assert places["t", "list", 2, "k"] == '"v"'
    span = toml_places(text)["t", "list", 1]
    assert (locate("x", text, span).line, locate("x", text, span).column) == (4, 12)
