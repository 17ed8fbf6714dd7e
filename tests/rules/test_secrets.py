"""Which names are those of secrets: of a nested name, its own part."""

from __future__ import annotations

import pytest

from seatrial.project.settings_facts import Kind
from seatrial.project.settings_values import kind_by_name
from seatrial.rules.secrets import is_signing


@pytest.mark.parametrize(
    "name",
    ["AUTH_SERVICE__RUN__HOST", "AUTH_SERVICE__API__V1__AUTH", "SECRET_SERVICE__RUN__HOST", "JWT_TOKEN__DB__ECHO"],
)
def test_a_prefix_makes_no_secret(name: str) -> None:
    assert not is_signing(name)
    assert kind_by_name(name) is not Kind.SECRET


@pytest.mark.parametrize(
    "name", ["AUTH_SERVICE__SECRET_KEY", "APP__JWT__SECRET", "APP__JWT__KEY", "JWT_SECRET", "__JWT_KEY"]
)
def test_the_own_part_does(name: str) -> None:
    assert is_signing(name)
    assert kind_by_name(name) is Kind.SECRET
