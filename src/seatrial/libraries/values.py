"""The values that a simulated program handles, shared by the player and by what it knows of libraries.

Where a real Python object can stand for itself it does: numbers, strings, tuples, lists, dicts, built-in
types and built-in exceptions are CPython's own, so that their behaviour and their error messages are
CPython's too. Only what the backend defines, and what cannot be known, needs a class of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from seatrial.libraries.world import World

Value = Any


class Undecided(Exception):
    """Raised inside CPython's own operators when they meet a value that the simulation does not know."""


class Unknown:
    """A value that cannot be known. `why` says so in words; `hint` is what it most probably is."""

    __slots__ = ("hint", "why")

    def __init__(self, why: str = "", hint: Value = None) -> None:
        self.why = why
        self.hint = hint

    def _refuse(self, *_: object) -> Any:
        raise Undecided(self.why)

    __bool__ = __eq__ = __ne__ = __hash__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __len__ = __iter__ = __contains__ = __getitem__ = __index__ = __int__ = __float__ = _refuse
    __str__ = __format__ = _refuse

    def __repr__(self) -> str:
        raise Undecided(self.why)


class Absent:
    """The marker for "no such name"; never visible to the program."""


ABSENT = Absent()


class Unresolved(str):
    """The text of an annotation that names something not there: `missing`, "" for a text that is no expression."""

    missing: str

    def __new__(cls, text: str, missing: str = "") -> Self:
        """The text and the name that it lacks."""
        made = super().__new__(cls, text)
        made.missing = missing
        return made


UNKNOWN_NAMES = "*"  # a namespace with this key holds names that nobody can list


@dataclass(eq=False, slots=True)
class Module:
    """A module of the backend (played) or of a distribution (looked up by name)."""

    name: str
    namespace: dict[str, Value]
    origin: Path | None
    first_party: bool
    loading: bool = True
    kind: Class | None = None  # where the program gives it a class of its own
    missing: bool = False  # stands in for a module that is not there, so that the play can go on
    package: Any = None  # what stood in `sys.modules` for its package when its import began

    def __repr__(self) -> str:
        if self.origin is None:
            raise Undecided("the text of a module without a file")
        return f"<module {self.name!r} from {str(self.origin)!r}>"


@dataclass(eq=False, slots=True)
class External:
    """Something that a distribution or the standard library defines, by its canonical dotted name."""

    name: str
    kind: str = ""  # "class", "def", "value" where its source says so
    alias: str = ""  # the name it was asked for by

    def __repr__(self) -> str:
        if self.kind == "class":
            return f"<class {self.name!r}>"
        raise Undecided(self.name)


TEXT = "<text>"  # under which key of its attributes an object of a library keeps what `str` gives


@dataclass(eq=False, slots=True)
class ExternalInstance:
    """What calling an external class gives."""

    type: External
    args: tuple[Value, ...] = ()
    kwargs: dict[str, Value] = field(default_factory=dict)
    attributes: dict[str, Value] = field(default_factory=dict)

    def __repr__(self) -> str:
        raise Undecided(self.type.name)

    def __str__(self) -> str:
        text = self.attributes.get(TEXT)
        if isinstance(text, str):
            return text
        raise Undecided(self.type.name)

    def _refuse(self, *_: object) -> Any:
        raise Undecided(self.type.name)

    __len__ = __iter__ = __contains__ = __getitem__ = __index__ = __lt__ = __gt__ = _refuse


@dataclass(eq=False, slots=True)
class Cell:
    """The names of one running function or comprehension, shared with the functions defined in it."""

    names: dict[str, Value]
    locals: frozenset[str]
    parent: Cell | None


class Owner:
    """The class that a function is defined in, once it is made: the `__class__` cell."""

    __slots__ = ("cls", "name")

    def __init__(self, name: str = "") -> None:
        self.cls: Value = None
        self.name = name


@dataclass(eq=False, slots=True)
class Function:
    """A function, lambda or method that the backend defines."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    module: Module
    cell: Cell | None
    name: str
    qualname: str
    defaults: tuple[Value, ...]
    keyword_defaults: dict[str, Value]
    attributes: dict[str, Value] = field(default_factory=dict)
    owner: Owner | None = None

    def __get__(self, instance: Value, owner: Value = None) -> Value:
        """Bind as a function does, for the real classes that hold functions of the backend (`hosts`)."""
        return self if instance is None else Bound(self, instance)

    def __repr__(self) -> str:
        return f"<function {self.qualname} at 0x7f0000000000>"


@dataclass(eq=False, slots=True)
class Class:
    """A class that the backend defines. Bases may be built-in types or external ones."""

    name: str
    qualname: str
    module: str
    bases: tuple[Value, ...]
    namespace: dict[str, Value]
    mro: tuple[Value, ...] = ()
    metaclass: Value = type
    node: ast.ClassDef | None = None
    home: Module | None = None
    traits: frozenset[str] = frozenset()  # "generic", "abstract", "enum", "frozen", "protocol"
    shadow: type | None = None  # the Python class of its objects, made with the first of them
    host: type | None = None  # the Python class that stands for it among the bases of a real class
    fields: tuple[object, ...] | None = None  # what a library has made of its annotations, once all of them are there

    def __repr__(self) -> str:
        return f"<class '{self.module}.{self.qualname}'>"


class Instance:
    """An object of a class of the backend.

    Its Python class is made for the played class (see `shadows`): it derives from the built-in type that the played
    class
    derives from, and has the operators that the played class defines, so that CPython's own operators and functions can
    work with it. `world` plays what they ask for.
    """

    type: Class
    world: World
    attributes: dict[str, Value]

    def __new__(cls, kind: Class, world: World, attributes: dict[str, Value] | None = None, *given: Value) -> Self:
        """Make an object of the played class `kind`; `given` goes to its built-in base, if it has one."""
        from seatrial.libraries.shadows import make

        made: Self = make(kind, given)
        made.type, made.world = kind, world
        made.attributes = {} if attributes is None else attributes
        return made

    def __init__(self, *_: object) -> None:
        """Nothing: a built-in base would take our arguments for its own."""


@dataclass(eq=False, slots=True)
class Bound:
    """A function bound to its first argument."""

    function: Value
    subject: Value

    def __repr__(self) -> str:
        name = getattr(self.function, "qualname", None) or getattr(self.function, "name", "?")
        return f"<bound method {name} of {self.subject!r}>"


@dataclass(eq=False, slots=True)
class Wrapped:
    """`staticmethod`, `classmethod` or `property` around a function."""

    kind: str
    function: Value
    setter: Value = None
    deleter: Value = None

    def __post_init__(self) -> None:
        _spell(self, self.kind)

    def __get__(self, instance: Value, owner: Value = None) -> Value:
        """Never asked; being there tells an enumeration that this is no member."""
        return self


@dataclass(eq=False, slots=True)
class Builtin:
    """A function that the player itself provides."""

    name: str
    run: Callable[[World, list[Value], dict[str, Value]], Value]
    attributes: dict[str, Value] = field(default_factory=dict)
    kind: str = "builtin_function_or_method"  # the name of its type, in messages
    binds: bool = False  # whether it takes the object first, as an attribute of a class

    def __post_init__(self) -> None:
        if self.kind != "builtin_function_or_method":
            _spell(self, self.kind)

    def __repr__(self) -> str:
        return f"<built-in function {self.name}>"


@dataclass(eq=False, slots=True)
class NativeMethod:
    """A method of a real Python object, such as `"a".upper`."""

    subject: Value
    name: str


@dataclass(eq=False, slots=True)
class Super:
    """What `super()` gives."""

    owner: Value
    subject: Value


@dataclass(eq=False, slots=True)
class Coroutine:
    """A coroutine that was made and not yet awaited."""

    start: Callable[[], Value]
    name: str
    done: bool = False


@dataclass(eq=False, slots=True)
class Stream:
    """A running generator: `advance(value, error)` plays on to the next `yield`."""

    advance: Callable[[Value, BaseException | None], Value]
    name: str
    asynchronous: bool = False
    finished: bool = False
    result: Value = None
    begun: bool = False  # whether it was asked for a first item

    def __post_init__(self) -> None:
        if self.asynchronous:
            _spell(self, "async_generator")

    def __iter__(self) -> Iterator[Value]:
        while True:
            item = self.advance(None, None)
            if item is ABSENT:
                return
            yield item


@dataclass(frozen=True, slots=True)
class TypeForm:
    """A parametrised type such as `list[int]`, `Annotated[X, ...]` or `A | None` (origin `types.UnionType`)."""

    origin: Value
    args: tuple[Value, ...]

    def __post_init__(self) -> None:
        name = _form_type(self.origin)
        if name:
            _spell(self, name)

    def __repr__(self) -> str:
        raise Undecided("the text of a parametrised type")


class LibraryError(Exception):
    """An exception of a library's own class, which the simulation names without importing it.

    `name` is the class as a traceback spells it; `bases` are the canonical names and built-in types it derives from.
    """

    def __init__(self, name: str, message: str, bases: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.bases = bases


def _spell(value: Value, name: str) -> None:
    """Give a value's Python type the name that CPython's own messages are to call it."""
    kind: Any = type(value)
    object.__setattr__(value, "__class__", _spelt(kind, name))


def _form_type(origin: Value) -> str:
    """The name of the type of a parametrised type; "" where that depends on more than its origin."""
    if isinstance(origin, type):
        return "types.GenericAlias"
    if isinstance(origin, Class):
        return "_GenericAlias"
    return "types.UnionType" if isinstance(origin, External) and origin.name == "types.UnionType" else ""


@cache
def _spelt(kind: Any, name: str) -> type:
    return type(name, (kind,), {"__slots__": (), "__module__": kind.__module__})


# CPython's own messages name the type of what they refuse.
for _kind, _name in (
    (Function, "function"), (Bound, "method"), (Class, "type"), (Module, "module"), (Stream, "generator"),
    (Coroutine, "coroutine"), (Builtin, "builtin_function_or_method"), (NativeMethod, "builtin_function_or_method"),
    (Super, "super"),
):  # fmt: skip
    _kind.__name__ = _name
