"""What is outside the backend and yet has to be played: the standard library, and what `libraries` knows.

A name is looked for in three places: functions that the play itself provides (`STANDARD`), pure modules whose real
objects may be used as they are (`NATIVE`), and the libraries' own files. Everything else is an `External`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seatrial.libraries.behaviour import NO_ATTRIBUTE, Library, LibraryCall
from seatrial.libraries.registry import libraries
from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    External,
    ExternalInstance,
    Function,
    Undecided,
    Unknown,
    Value,
)
from seatrial.simulation.language.natives import hosted
from seatrial.simulation.language.typing_forms import call_problem
from seatrial.simulation.library_calls import check_call
from seatrial.simulation.player import OutOfBudget, Raised, Suspended
from seatrial.simulation.std import asynchronous, dataclass, decorators, discovery, logs
from seatrial.simulation.std.computing import CALLING, NATIVE, native
from seatrial.simulation.std.fitting import misfit
from seatrial.simulation.std.system import CONSTANTS, constants_of_start
from seatrial.simulation.std.table import FUNCTIONS
from seatrial.simulation.timeline import Call, RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

SLIP = "a slip of ours in the file"
_ALIASES = {"os.path": "posixpath"}
_LOWER_CLASSES = {
    "partial",
    "partialmethod",
    "cached_property",
    "suppress",
    "nullcontext",
    "closing",
    "singledispatchmethod",
}
_TABLES = (asynchronous, dataclass, decorators, discovery, logs)  # they fill FUNCTIONS


class Standard:
    """The names of the outside that behave in a known way."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self._constants = {**CONSTANTS, **constants_of_start(sim)}
        self._calls: dict[str, Any] = {}
        self._classes: dict[str, Any] = {}
        self._objects: dict[str, Any] = {}
        self._attributes: dict[str, Any] = {}
        self._decorators: set[str] = set()
        self._lenient: set[str] = set()
        self._joined: set[str] = set()

    # -- names -----------------------------------------------------------------------------------------------------

    def module_value(self, module: str, name: str) -> Value:
        """`module.name` where the play knows it; ABSENT otherwise."""
        module = _ALIASES.get(module, module)
        dotted = f"{module}.{name}"
        if dotted in self._constants:
            return self._constants[dotted]
        if dotted in FUNCTIONS and self.sim.outside.has(module, name) is not False:
            is_class = name[0].isupper() or name in _LOWER_CLASSES
            return Builtin(
                dotted,
                _fitting(dotted, self.sim.outside.definition(module, name)[1] == "class"),
                kind="type" if is_class else "function",
            )
        return self._native(module, name)

    def known(self, canonical: str) -> Value:
        """A definition under its own name, reached through a re-export; None where the play does not know it."""
        module, _, name = canonical.rpartition(".")
        found = self.module_value(module, name)
        return None if found is ABSENT else found

    def _native(self, module: str, name: str) -> Value:
        if module not in NATIVE or self.sim.outside.has(module, name) is False:
            return ABSENT
        try:
            found = native(module, name)
        except LookupError:
            return ABSENT
        if isinstance(found, type) or not callable(found):
            return found
        return Builtin(f"{module}.{name}", _call_native(found, f"{module}.{name}" in CALLING), kind="function")

    # -- libraries -------------------------------------------------------------------------------------------------

    def join_library(self, top: str) -> None:
        """The first use of a distribution: resolve what is known of it to where its environment defines it."""
        if top in self._joined:
            return
        self._joined.add(top)
        for library in libraries():
            if library.module == top:
                self._take(library)

    def _take(self, library: Library) -> None:
        for table, into in (
            (library.calls, self._calls),
            (library.classes, self._classes),
            (library.objects, self._objects),
            (library.attributes, self._attributes),
        ):
            for public, behaviour in table.items():
                into[public] = into[self._canonical(public)] = behaviour
        for names, kept in ((library.decorators, self._decorators), (library.lenient, self._lenient)):
            for public in names:
                kept |= {public, self._canonical(public)}

    def _canonical(self, public: str) -> str:
        """`fastapi.FastAPI.get` to `fastapi.applications.FastAPI.get`."""
        parts = public.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:cut])
            if self.sim.find_outside(module) is not None:
                definition = self.sim.outside.definition(module, parts[cut])[0]
                return ".".join([definition, *parts[cut + 1 :]])
        return public

    def attribute(self, value: External | ExternalInstance, name: str) -> Value:
        """`value.name` for something that a library defines."""
        owner = value.type if isinstance(value, ExternalInstance) else value
        dotted = f"{owner.name}.{name}"
        self.join_library(dotted.partition(".")[0])
        hook = self._attributes.get(owner.name) if isinstance(value, ExternalInstance) else None
        found = hook(self.sim, value, name) if hook is not None else ABSENT
        if found is NO_ATTRIBUTE:
            return ABSENT
        if dotted in self._calls or dotted in self._decorators:  # also where an argument has the name of a method
            method = External(dotted, "def")
            return Bound(method, value) if isinstance(value, ExternalInstance) else method
        if found is not ABSENT:
            return found
        if isinstance(value, External) and value.kind in ("", "value"):
            return External(dotted)
        return Unknown(dotted)

    def has_behaviour(self, value: ExternalInstance, name: str) -> bool:
        """Whether a library's file says what this method of its object does."""
        self.join_library(value.type.name.partition(".")[0])
        return f"{value.type.name}.{name}" in self._calls

    def call(self, value: External, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
        """Call something that a library defines."""
        sim = self.sim
        self.join_library(value.name.partition(".")[0])
        self._record(value, args, kwargs)
        problem = call_problem(value)
        if problem is not None:
            return sim.player.fail(problem, RaisedByCode("call"))
        behaviour = self._calls.get(value.name)
        if behaviour is not None and (not partial or value.name in self._lenient):
            made_call = LibraryCall(value, args, kwargs, partial)
            answer = self._behave(value.name, lambda: behaviour(sim, made_call))
            if answer is not ABSENT:
                return answer
        elif behaviour is None and not partial and not self._is_standard(value):
            check_call(sim, LibraryCall(value, args, kwargs))
        if value.kind in ("class", "def") and not partial and self._is_standard(value):
            problem = misfit(sim, value.name, value.kind == "class", args, kwargs)
            if problem is not None:
                return sim.player.fail(problem, RaisedByCode("call"))
        if value.name in self._decorators:
            return Builtin(value.name, lambda world, inner, _: inner[0])
        if value.kind == "class":
            return ExternalInstance(value, tuple(args), dict(kwargs))
        hint = args[0] if len(args) == 1 and not kwargs and isinstance(args[0], Function | Class) else None
        return Unknown(f"{value.name}()", hint)

    def _is_standard(self, value: External) -> bool:
        return value.name.partition(".")[0] in self.sim.stdlib_modules

    def _behave(self, name: str, run: Callable[[], Value]) -> Value:
        """What a library's file says; a slip in that file is a thing not known, never the backend's fault."""
        try:
            return run()
        except Undecided as why:
            return Unknown(str(why) or name)
        except (Raised, OutOfBudget, Suspended):
            raise
        except Exception as slip:  # noqa: BLE001 - whatever it is, it is what the program sees
            self.sim.player.doubt(f"{SLIP} of {name}: {type(slip).__name__}: {slip}")
            return Unknown(name)

    def _record(self, value: External, args: list[Value], kwargs: dict[str, Value]) -> None:
        player = self.sim.player
        place = player.place(self.sim.statement)
        call = Call(value.name, tuple(args), tuple(kwargs.items()), place, player.reach, player.maybe == 0)
        player.record.calls.append(call)

    def call_instance(
        self, value: ExternalInstance, args: list[Value], kwargs: dict[str, Value], partial: bool
    ) -> Value:
        """Call an object of a library's class."""
        behaviour = self._calls.get(f"{value.type.name}.__call__")
        if behaviour is not None:
            made_call = LibraryCall(value.type, [value, *args], kwargs)
            answer = self._behave(value.type.name, lambda: behaviour(self.sim, made_call))
            if answer is not ABSENT:
                return answer
        hint = args[0] if len(args) == 1 and not kwargs and isinstance(args[0], Function | Class) else None
        return Unknown(f"{value.type.name}()()", hint)

    def startup(self, app: ExternalInstance) -> None:
        """The startup of an application that a library's class makes."""
        self.join_library(app.type.name.partition(".")[0])
        behaviour = self._calls.get(f"{app.type.name}.__startup__")
        if behaviour is not None:
            self._behave(app.type.name, lambda: behaviour(self.sim, LibraryCall(app.type, [app], {})))

    # -- classes of the backend that derive from the outside -------------------------------------------------------

    def class_made(self, cls: Class, keywords: dict[str, Value]) -> Value:
        """A class is complete: what its bases' own machinery makes of it."""
        for base in cls.mro[1:]:
            behaviour = self._behaviour_of(base, self._classes)
            if behaviour is not None:
                answer = self._behave(cls.name, lambda b=behaviour: b(self.sim, cls, keywords))  # type: ignore[misc]
                if answer is not ABSENT:
                    return answer
        return cls

    def construct(self, cls: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """An object of such a class; ABSENT where nothing special is known."""
        for base in cls.mro[1:]:
            behaviour = self._behaviour_of(base, self._objects)
            if behaviour is not None:
                answer = self._behave(cls.name, lambda b=behaviour: b(self.sim, cls, args, kwargs))  # type: ignore[misc]
                if answer is not ABSENT:
                    return answer
        return ABSENT

    def _behaviour_of(self, base: Value, table: dict[str, Any]) -> Any:
        if not isinstance(base, External):
            return None
        self.join_library(base.name.partition(".")[0])
        return table.get(base.name)


def _call_native(function: Any, calls_back: bool) -> Any:
    def run(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
        _refuse_opaque([*args, *kwargs.values()])
        if calls_back:
            args = [hosted(sim, arg) for arg in args]
            kwargs = {key: hosted(sim, arg) for key, arg in kwargs.items()}
        return function(*args, **kwargs)

    return run


def _fitting(dotted: str, is_class: bool) -> Any:
    """What plays a function, with the TypeError of a call that does not fit its parameters."""
    play = FUNCTIONS[dotted]

    def run(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
        problem = misfit(sim, dotted, is_class, args, kwargs)
        return play(sim, args, kwargs) if problem is None else sim.player.fail(problem, RaisedByCode("call"))

    return run


def _refuse_opaque(values: list[Value]) -> None:
    """CPython's own function cannot tell what it would do with a value that is not known."""
    for value in values:
        if isinstance(value, Unknown | External | ExternalInstance):
            raise Undecided("a function of an unknown value")
