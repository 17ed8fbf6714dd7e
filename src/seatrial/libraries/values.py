"""The values that a simulated program handles, shared by the player and by what it knows of libraries.

Where a real Python object can stand for itself it does: numbers, strings, tuples, lists, dicts, built-in
types and built-in exceptions are CPython's own, so that their behaviour and their error messages are
CPython's too. Only what the backend defines, and what cannot be known, needs a class of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


@dataclass(eq=False, slots=True)
class Module:
    """A module of the backend (played) or of a distribution (looked up by name)."""

    name: str
    namespace: dict[str, Value]
    origin: Path | None
    first_party: bool
    loading: bool = True
    missing: bool = False  # stands in for a module that is not there, so that the play can go on

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
    owner: Class | None = None

    def __repr__(self) -> str:
        raise Undecided("the address in a function's text")


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
    traits: frozenset[str] = frozenset()  # "generic", "abstract", "enum", "typed dict", "protocol"

    def __repr__(self) -> str:
        return f"<class '{self.module}.{self.qualname}'>"


@dataclass(eq=False, slots=True)
class Instance:
    """An object of a class of the backend. `world` lets CPython's operators reach its special methods."""

    type: Class
    world: World
    attributes: dict[str, Value] = field(default_factory=dict)
    native: Value = None  # the value of a subclass of int, str, ... ; `args` of an exception

    def _special(self, name: str, *args: Value) -> Value:
        method = self.world.special(self, name)
        if method is ABSENT:
            return ABSENT
        return self.world.call(method, list(args), {})

    def __repr__(self) -> str:
        text = self._special("__repr__")
        if isinstance(text, str):
            return text
        raise Undecided("the address in an object's text")

    def __str__(self) -> str:
        text = self._special("__str__")
        return text if isinstance(text, str) else repr(self)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        answer = self._special("__eq__", other)
        if answer is ABSENT or answer is NotImplemented:
            if self.world.opaque(self):
                raise Undecided("comparison of an object of an external class")
            return False
        return self.world.truth(answer)

    def __hash__(self) -> int:
        answer = self._special("__hash__")
        return answer if isinstance(answer, int) else id(self)

    def __bool__(self) -> bool:
        return self.world.truth(self)

    def __len__(self) -> int:
        return self._required("__len__")

    def __lt__(self, other: object) -> bool:
        return bool(self._required("__lt__", other))

    def __iter__(self) -> Iterator[Value]:
        return self.world.iterate(self)

    def __contains__(self, item: object) -> bool:
        return bool(self._required("__contains__", item))

    def __getitem__(self, key: Value) -> Value:
        return self._required("__getitem__", key)

    def __index__(self) -> int:
        return int(self._required("__index__"))

    def _required(self, name: str, *args: Value) -> Any:
        answer = self._special(name, *args)
        if answer is ABSENT or answer is NotImplemented or isinstance(answer, Unknown):
            raise Undecided(f"{name} of {self.type.name}")
        return answer


@dataclass(eq=False, slots=True)
class Bound:
    """A function bound to its first argument."""

    function: Value
    subject: Value

    def __repr__(self) -> str:
        raise Undecided("the address in a method's text")


@dataclass(eq=False, slots=True)
class Wrapped:
    """`staticmethod`, `classmethod` or `property` around a function."""

    kind: str
    function: Value
    setter: Value = None
    deleter: Value = None


@dataclass(eq=False, slots=True)
class Builtin:
    """A function that the player itself provides."""

    name: str
    run: Callable[[World, list[Value], dict[str, Value]], Value]
    attributes: dict[str, Value] = field(default_factory=dict)

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

    owner: Class
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


NATIVE_TYPES: tuple[type, ...] = (
    type(None), bool, int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset,
    slice, range, type(Ellipsis), type(NotImplemented),
)  # fmt: skip
