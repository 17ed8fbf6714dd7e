"""What code reads from its environment: settings classes against pydantic-settings itself, the rest by example."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from seatrial.project.settings import EnvRead, Kind
from tests.project.reads import read
from tests.project.tools import run_python

HEAD = """
from enum import Enum
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Optional, Union
from pydantic import AliasChoices, AnyUrl, BaseModel, EmailStr, Field, PostgresDsn, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

class Mode(str, Enum):
    FAST = "fast"
    SLOW = "slow"

class Database(BaseModel):
    host: str
    port: int = 5432
"""
CLASSES = {
    "plain": """
class S(BaseSettings):
    a: str
    b: int = 1
    C: Optional[str]
    d: str | None = None
""",
    "field": """
class S(BaseSettings):
    a: str = Field(...)
    b: str = Field(default='x')
    c: str = Field('y')
    d: list[str] = Field(default_factory=list)
    e: str = Field(min_length=32)
    f: str = ...
""",
    "alias": """
class S(BaseSettings):
    a: str = Field(alias='OTHER')
    b: str = Field(validation_alias='B_TWO')
    c: str = Field(validation_alias=AliasChoices('C_ONE', 'C_TWO'))
""",
    "prefix": """
class S(BaseSettings):
    model_config = SettingsConfigDict(env_prefix='APP_')
    a: str
    b: str = Field(alias='RAW')
""",
    "case": """
class S(BaseSettings):
    model_config = SettingsConfigDict(case_sensitive=True)
    lower: str
    UPPER: str
""",
    "old config": """
class S(BaseSettings):
    a: str
    class Config:
        env_prefix = 'OLD_'
""",
    "inherited": """
class Base(BaseSettings):
    model_config = SettingsConfigDict(env_prefix='P_')
    a: str
    b: str
class S(Base):
    b: str = 'x'
    c: int
""",
    "annotated": """
class S(BaseSettings):
    a: Annotated[str, Field(alias='ANNOTATED')]
    b: Annotated[int, Field(gt=1)] = 2
    c: ClassVar[str] = 'no'
    _d: str = 'no'
""",
    "types": """
class S(BaseSettings):
    i: int
    f: float
    b: bool
    l: list[str]
    m: dict[str, int]
    p: Path
    u: AnyUrl
    db: PostgresDsn
    e: EmailStr
    s: SecretStr
    c: Literal['x', 'y']
    n: Mode
    o: Optional[int]
""",
    "mapping": """
class S(BaseSettings):
    model_config = {'env_prefix': 'D_'}
    a: str
    @property
    def b(self) -> str:
        return self.a
    @field_validator('a')
    @classmethod
    def check(cls, v): return v
""",
}
REAL = """
import os
out = []
for source, env in order:
    for name in [n for n in os.environ if n not in ("PATH",)]:
        del os.environ[name]
    os.environ.update(env)
    space = {"__name__": "settings"}
    exec(source, space)
    try:
        space["S"]()
        out.append([])
    except Exception as error:
        out.append([[str(e["loc"][0]), e["type"]] for e in error.errors()])
print(json.dumps(out))
"""


def of_class(name: str) -> list[EnvRead]:
    return [item for item in read(HEAD + CLASSES[name]).reads if item.owner == "S"]


def sample(item: EnvRead) -> str:
    from seatrial.project.settings_values import placeholder

    return placeholder(item.name, item.kind, [item])


def test_required_fields_are_those_that_pydantic_misses() -> None:
    found: list[Any] = run_python(REAL, [[HEAD + source, {}] for source in CLASSES.values()])
    for name, errors in zip(CLASSES, found, strict=True):
        missing = {loc.upper() for loc, kind in errors if kind == "missing"}
        ours = {item.name.upper() for item in of_class(name) if item.required}
        prefixed = {item.field.upper() for item in of_class(name) if item.required}
        assert missing in (ours, prefixed) or missing == {
            item.name.upper() if item.name.upper() in missing else item.field.upper()
            for item in of_class(name)
            if item.required
        }, name


def test_placeholders_satisfy_every_field_under_every_name() -> None:
    order, labels = [], []
    for name, source in CLASSES.items():
        reads = of_class(name)
        for turn in range(max(len(item.names) for item in reads)):
            env = {item.names[min(turn, len(item.names) - 1)]: sample(item) for item in reads if item.required}
            order.append([HEAD + source, env])
            labels.append((name, turn, env))
    for label, errors in zip(labels, run_python(REAL, order), strict=True):
        assert errors == [], label


def test_nested_models_take_the_delimiter() -> None:
    source = HEAD + textwrap.dedent("""
        class S(BaseSettings):
            model_config = SettingsConfigDict(env_nested_delimiter="__", env_prefix="X_")
            db: Database
    """)
    names = {item.name: item.required for item in read(source).reads}
    assert names == {"X_DB": False, "X_DB__HOST": True, "X_DB__PORT": False}
    assert run_python(REAL, [[source, {"X_DB__HOST": "h"}]]) == [[]]


def test_optional_is_not_required_by_the_old_rules() -> None:
    found = read("""
        from typing import Optional
        from pydantic import BaseSettings, Field
        class S(BaseSettings):
            a: Optional[str]
            b: str = Field(..., env="B_NAME")
            c: str = Field(..., env=["C1", "C2"])
            d: str
            class Config:
                fields = {"d": {"env": "D_NAME"}}
                env_file = ".env"
    """)
    assert [(item.names, item.required, item.how) for item in found.reads] == [
        (("A",), False, "pydantic v1"),
        (("B_NAME",), True, "pydantic v1"),
        (("C1", "C2"), True, "pydantic v1"),
        (("D_NAME",), True, "pydantic v1"),
    ]
    assert [use.from_cwd for use in found.dotenv] == [(".env",)]


READS = {
    """
import os
A = os.environ['A']
""": ("A", "os.environ[]", True, None),
    """
from os import environ as e
A = e['A']
""": ("A", "os.environ[]", True, None),
    """
import os as o
A = o.getenv('A', 'x')
""": ("A", "os.getenv", False, "'x'"),
    """
from os import getenv
A = getenv('A')
""": ("A", "os.getenv", False, None),
    """
import os
A = os.getenv('A') or 'x'
""": ("A", "os.getenv", False, "'x'"),
    """
import os
A = os.getenv('A')
if not A:
    raise ValueError('A')
""": ("A", "os.getenv", True, None),
    """
import os
if os.getenv('A') is None:
    raise SystemExit
""": ("A", "os.getenv", True, None),
    """
import os, sys
A = os.getenv('A', '')
if A == '':
    sys.exit(1)
""": ("A", "os.getenv", True, "''"),
    """
import os
assert os.environ.get('A')
""": ("A", "os.environ.get", True, None),
    """
import os
if 'A' not in os.environ:
    raise KeyError
""": ("A", "os.environ in", True, None),
    """
import os
x = 'A' in os.environ
""": ("A", "os.environ in", False, None),
    """
import os
try:
    x = os.environ['A']
except KeyError:
    x = 1
""": ("A", "os.environ[]", False, None),
    """
import os
os.environ.setdefault('A', '1')
""": ("A", "os.environ.setdefault", False, "'1'"),
    """
import os
K = 'A'
x = os.environ[K]
""": ("A", "os.environ[]", True, None),
    """
import os
A = os.getenv('A')
def f():
    if not A:
        raise HTTPException(500)
""": ("A", "os.getenv", False, None),
    """
import os
class C:
    def __init__(self):
        self.a = os.getenv('A')
    def check(self):
        if not self.a:
            raise ValueError
""": ("A", "os.getenv", True, None),
    """
from decouple import config
A = config('A')
""": ("A", "decouple", True, None),
    """
from decouple import config as c
A = c('A', default=1, cast=int)
""": ("A", "decouple", False, "1"),
    """
import decouple
A = decouple.config('A')
""": ("A", "decouple", True, None),
    """
from starlette.config import Config
c = Config('.env')
A = c('A', cast=bool)
""": ("A", "starlette", True, None),
    """
from environs import Env
env = Env()
A = env.int('A')
""": ("A", "environs", True, None),
    """
from environs import Env
env = Env()
with env.prefixed('P_'):
    A = env('A', 'x')
""": ("P_A", "environs", False, "'x'"),
    """
import os
def need(name):
    return os.environ[name]
A = need('A')
""": ("A", "need()", True, None),
    """
import typer
x = typer.Option(None, envvar='A')
""": ("A", "click", False, ""),
}


@pytest.mark.parametrize(("code", "expected"), READS.items())
def test_reads(code: str, expected: tuple[str, str, bool, str | None]) -> None:
    found = read(code).reads
    assert [(item.name, item.how, item.required, item.default) for item in found] == [expected]


def test_lists_of_required_names_are_followed() -> None:
    looped = read("""
        import os
        REQUIRED = ["A", "B"]
        missing = [name for name in REQUIRED if not os.getenv(name)]
        if missing:
            raise RuntimeError(missing)
        for name in ("C", "D"):
            if not os.environ.get(name):
                raise RuntimeError(name)
    """)
    assert [(item.name, item.required) for item in looped.reads] == [("A", True), ("B", True), ("C", True), ("D", True)]


def test_writing_is_not_reading() -> None:
    assert read("import os\nos.environ['A'] = '1'\ndel os.environ['B']").reads == ()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("int(os.getenv('A', '1'))", Kind.INTEGER),
        ("os.getenv('A', 'false').lower() == 'true'", Kind.BOOLEAN),
        ("os.getenv('A', '').split(',')", Kind.COMMA_LIST),
        ("json.loads(os.environ['A'])", Kind.JSON_MAPPING),
        ("os.getenv('JWT_SECRET')", Kind.SECRET),
        ("os.getenv('DATABASE_URL')", Kind.DATABASE_URL),
        ("os.getenv('ACCESS_TOKEN_EXPIRE_MINUTES')", Kind.INTEGER),
        ("os.getenv('REDIS_URL')", Kind.URL),
        ("os.getenv('APP_NAME', 'x')", Kind.TEXT),
    ],
)
def test_kinds(code: str, kind: Kind) -> None:
    assert read(f"import os, json\nx = {code}").reads[0].kind is kind


def test_places_count_characters() -> None:
    found = read("import os\nname = 'é€𝄞'; a = os.environ['A']\n").reads[0].location
    assert (found.line, found.column, found.end_column) == (2, 19, 34)
