"""Dependency entries against `packaging`, on strings that are nearly right."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.specifiers import SpecifierSet

from seatrial.issue import Location
from seatrial.project.manifest.entry import Entry, parse_entry, reference
from seatrial.project.manifest.values import Requirement

names = st.sampled_from(["fastapi", "Flask_SQLAlchemy", "a", "zope.interface", "x-", "-x", "1a", "ä", "", "a b"])
extras = st.sampled_from(["", "[standard]", "[ standard , dev ]", "[]", "[a", "[a,]", "[a_b.c]", " [x]"])
versions = st.sampled_from(
    ["1", "1.2", "1.2.3", "1.*", "1.2.*", "1.2rc1", "1.0.post1", "2a", "1.x", "v1", "1!2.0", "1+local", ""]
)
clauses = st.tuples(st.sampled_from(["==", ">=", "<=", "~=", "!=", "<", ">", "=", "===", "^", ""]), versions).map(
    "".join
)
specifiers = st.lists(clauses, max_size=3).flatmap(
    lambda parts: st.sampled_from([",".join(parts), " , ".join(parts), f"({','.join(parts)})", " ".join(parts)])
)
markers = st.sampled_from(
    ["", "; python_version < '3.12'", ';sys_platform=="win32"', "; python_version>='3' and os_name == 'nt'", ";"]
    + [
        "; nonsense == '1'",
        "; python_version in '3.8 3.9'",
        "; extra == 'x' or (os_name == 'a')",
        "; python_version < 3",
    ]
    + ["; '3.8' < python_version", " @ https://example.org/x-1.0.zip", " @ git+https://example.org/x.git@main"]
)
entries = st.tuples(names, extras, st.sampled_from(["", " "]), specifiers, markers).map("".join)


@settings(max_examples=2000, derandomize=True, deadline=None)
@given(entries)
@example("uvicorn[standard]>=0.30 ; python_version >= '3.8' and sys_platform != 'win32'")
@example("psycopg (>=3,<4)")
def test_takes_entries_apart_as_packaging_does(text: str) -> None:
    entry = parse_entry(text)
    try:
        parsed = Parsed(text)
    except InvalidRequirement:
        assert isinstance(entry, str) and entry
        return
    assert isinstance(entry, Entry)
    assert (entry.name, set(entry.extras), entry.url) == (parsed.name, parsed.extras, parsed.url)
    assert SpecifierSet(entry.specifier) == parsed.specifier
    assert (Marker(entry.marker) if entry.marker else None) == parsed.marker


def test_keeps_the_order_in_which_a_specifier_is_written() -> None:
    entry = parse_entry("fastapi >= 0.110, < 0.120, != 0.115")
    assert isinstance(entry, Entry)
    assert entry.specifier == ">=0.110,<0.120,!=0.115"


def test_says_what_is_wrong_in_one_line() -> None:
    message = parse_entry("fastapi=0.110")
    assert isinstance(message, str) and "\n" not in message and "version" in message


def refer(url: str) -> Requirement:
    found = reference(url, Location("r.txt", 1), editable=False, written=url)
    assert isinstance(found, Requirement)
    return found


def test_names_what_a_reference_says_the_name_of() -> None:
    found = refer("git+https://example.org/x/y.git@abc#egg=my_pkg[async]&subdirectory=z")
    assert (found.name, found.extras, found.source) == ("my_pkg", ("async",), "vcs")
    assert (refer("./libs/shared").name, refer("./libs/shared").source) == ("", "path")
    assert (refer(".[dev]").url, refer(".[dev]").extras) == (".", ("dev",))
    wheel = refer("https://example.org/dist/demo_pkg-1.0-py3-none-any.whl")
    assert (wheel.name, wheel.source) == ("demo-pkg", "url")
    assert refer("./dist/demo-1.0.tar.gz").name == "demo"
    assert refer("demo @ file:///tmp/demo").name == "demo"
