"""The simulator: one play of a start, with everything that its parts ask one another for.

The parts (`expressions`, `statements`, `calls`, `imports`, ...) are functions; this class is what they share. It is
also
the `World` that the files of `libraries` see.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from seatrial.issue import Location, NotAnalysed
from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.values import (
    ABSENT,
    Builtin,
    Class,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Instance,
    LibraryError,
    Module,
    Stream,
    Super,
    TypeForm,
    Undecided,
    Unknown,
    Value,
)
from seatrial.project.modules import Finder, Spec
from seatrial.project.packages import Packages
from seatrial.project.packages_signatures import Signature
from seatrial.project.syntax import SyntaxFault
from seatrial.simulation import (
    attributes,
    calls,
    classes,
    imports,
    library_calls,
    objects,
    operators,
    statements,
    std_system,
)
from seatrial.simulation.annotations import evaluated_annotations
from seatrial.simulation.builtin_functions import builtin_namespace, call_type
from seatrial.simulation.expressions import EXPRESSIONS, attribute_error
from seatrial.simulation.imports import UNKNOWN_NAMES
from seatrial.simulation.layout import Layout
from seatrial.simulation.outside import IMPLEMENTED_BY
from seatrial.simulation.player import NESTED, Active, OutOfBudget, Player, Raised
from seatrial.simulation.standard import Standard
from seatrial.simulation.statements import STATEMENTS
from seatrial.simulation.std_typing import fits_protocol
from seatrial.simulation.timeline import BrokenSyntax, Fault, LoadedModule, MissingModule, RaisedByCode

CONCRETE = frozenset({  # operators of which CPython itself looks at the result
    "__len__", "__index__", "__int__", "__float__", "__hash__", "__bool__", "__str__", "__repr__", "__format__",
    "__iter__",
    "__contains__", "__complex__", "__bytes__", "__length_hint__", "__fspath__",
})  # fmt: skip


class Simulator:
    """One play of one start."""

    def __init__(self, layout: Layout, environment: Mapping[str, str]) -> None:
        self.layout = layout
        self.python = layout.python
        self.player = Player(layout.root, layout.python, environment, EXPRESSIONS, STATEMENTS)
        self.player.sim = self
        self.outside = layout.outside
        self.environment_known = layout.environment_known
        self.script_directory = layout.script_directory
        self.stdlib_modules = layout.stdlib_modules
        self.modules: dict[str, Value] = {}
        self.path: list[Value] = list(layout.path)
        self.classes: list[Class] = []
        self.traits: frozenset[str] = frozenset()  # what the class being made gets from bases that are not classes
        self.registered: dict[int, list[Value]] = {}  # virtual subclasses by the id of their class
        self.folders: set[Path] = set()  # that the start has made
        self.logging_set_up = False  # by `basicConfig`
        self.statement: ast.AST | None = None
        self.requested = ""
        self.in_annotation = False
        self._crossing: Raised | None = None  # an exception of the program on its way through CPython
        self._builtins = builtin_namespace(self.python)
        for name in layout.preloaded:
            self.modules[name] = Module(name, {"__name__": name}, None, first_party=False, loading=False)
        for alias, name in _ALIASES.items():
            if name in self.modules:
                self.modules[alias] = self.modules[name]
        self._finder: Finder = layout.finder
        self._finder_path = list(self.path)
        self._futures: set[int] = set()
        self.standard = Standard(self)

    # -- the World of libraries ------------------------------------------------------------------------------------

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of the start."""
        return self.player.environment

    def version(self, distribution: str) -> tuple[int, ...] | None:
        """The release of an installed distribution."""
        return self.outside.version(distribution)

    def installed(self, module: str) -> bool | None:
        """Whether `import module` finds something."""
        if self.find(module, None) is not None:
            return True
        return False if self.environment_known else None

    def call(self, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call any value as the program would."""
        return calls.call(self, function, args, kwargs)

    def player_call(self, function: Value, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
        """As `call`, with arguments of which some may be missing because they are unknown."""
        return calls.call(self, function, args, kwargs, partial)

    def truth(self, value: Value) -> bool:
        """`bool(value)`; raises Undecided."""
        return operators.truth(self, value)

    def maybe_truth(self, value: Value) -> bool | None:
        """`bool(value)`, None where it cannot be known."""
        try:
            return operators.truth(self, value)
        except Undecided:
            return None

    def iterate(self, value: Value) -> Iterator[Value]:
        """The items of any iterable; raises Undecided."""
        return operators.iterate(self, value)

    def get(self, value: Value, name: str) -> Value:
        """`value.name`, ABSENT where there is none."""
        return attributes.get(self, value, name)

    attribute = get

    def special(self, value: Value, name: str) -> Value:
        """A special method, looked up on the type and bound."""
        return attributes.special(self, value, name)

    def special_or_attribute(self, value: Value, name: str) -> Value:
        """As `special`; real Python objects and generators answer for themselves."""
        if isinstance(value, Instance | Class | Unknown | External | ExternalInstance):
            return self.special(value, name)
        return self.get(value, name)

    def opaque(self, value: Value) -> bool:
        """Whether the value's class derives from something that was not played."""
        return isinstance(value, Instance) and attributes.derives_from_outside(value.type)

    def annotations(self, owner: Function | Class) -> Mapping[str, Value]:
        """The evaluated annotations of a function or class."""
        return evaluated_annotations(self, owner)

    def sees(self, name: str) -> bool:
        """Whether the code that runs now would find a name."""
        frame = self.player.frame
        return (
            name in frame.namespace
            or name in frame.module.namespace
            or (frame.cell is not None and name in frame.cell.names)
        )

    def called(self, name: str) -> bool:
        """Whether the backend has called a library's function of that canonical name."""
        return any(call.callee == name for call in self.player.record.calls)

    def attribute_text(self, value: Value, name: str) -> str:
        """The text of the AttributeError that `value.name` raises."""
        return str(attributes.missing(self, value, name))

    def is_standard(self, module: str) -> bool:
        """Whether a dotted name is a module of the standard library."""
        return module.partition(".")[0] in self.stdlib_modules

    def refuse(
        self,
        library: str,
        kind: str,
        exception: str | BaseException,
        message: str,
        subject: str = "",
        bases: tuple[object, ...] = (),
        **details: str,
    ) -> Value:
        """A library raises."""
        from seatrial.simulation.timeline import Refusal

        error = LibraryError(exception, message, bases) if isinstance(exception, str) else exception
        return self.player.fail(error, Refusal(library, kind, subject, tuple(sorted(details.items()))), self.statement)

    def raise_(self, error: BaseException) -> Value:
        """Raise a built-in exception at the current place."""
        return self.player.fail(error, RaisedByCode("call"))

    def missing_module(self, name: str, library: str) -> Value:
        """A library imports a module that is not there."""
        importer = next((a.module.name for a in reversed(self.player.stack) if a.module.first_party), "")
        fault = MissingModule(name, name, False, importer, library, (library,))
        return self.player.fail(ModuleNotFoundError(f"No module named {name!r}", name=name), fault, self.statement)

    def read_text(self, path: str) -> str | None:
        """A file as the start would find it: the documented dotenv files first, then the backend's own."""
        place = PurePosixPath(posixpath.normpath(posixpath.join(self.layout.cwd.as_posix(), path)))
        root = self.layout.root.as_posix()
        if not place.is_relative_to(root):
            return None
        relative = place.relative_to(root).as_posix()
        if relative in self.layout.files:
            return self.layout.files[relative]
        if relative in self.layout.withheld:
            return None
        try:
            return Path(place).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def lacks_folder(self, path: str) -> bool:
        """Whether a file of the backend would lie in a folder that is not there."""
        from seatrial.simulation.paths import missing_folder

        return missing_folder(self, path) is not None

    def folder_of_caller(self) -> str:
        """The absolute folder of the backend's file that runs now."""
        for active in reversed(self.player.stack):
            if active.module.origin is not None and active.module.first_party:
                return active.module.origin.parent.as_posix()
        return self.layout.cwd.as_posix()

    def set_variable(self, name: str, value: str) -> None:
        """Set an environment variable of the process."""
        self.player.environment[name] = value

    def silent(self, service: str) -> bool:
        """Whether this is a start to which this service does not answer."""
        return self.layout.alone and service not in self.layout.answering

    @property
    def packages(self) -> Packages | None:
        """The sources of everything installed."""
        return self.outside.packages if self.environment_known else None

    def signature(self, dotted: str) -> Signature | None:
        """The parameters of a library's class, function or `Class.method` by its canonical name."""
        return library_calls.signature(self.packages, dotted)

    def bound(self, call: LibraryCall, *order: str) -> dict[str, Value]:
        """The arguments of a library's call by parameter name."""
        return library_calls.bound(self, call, order)

    def place(self) -> Location:
        """Where the backend stands now."""
        return self.player.place(self.statement)

    def keep(self, kind: str, value: Value) -> None:
        """Remember something that the start makes."""
        self.player.record.made.append((kind, value))

    def await_value(self, value: Value) -> Value:
        """`await value`."""
        return calls.await_value(self, value)

    def enter(self, manager: Value) -> Value:
        """Enter an asynchronous context manager."""
        enter, _ = statements.protocol(self, manager, asynchronous=True)
        return Unknown("a context manager") if enter is None else calls.await_value(self, self.call(enter, [], {}))

    def attempt(self, run: Callable[[], Value], place: Location) -> bool:
        """Play something whose exception does not end the start but meets every request."""
        return library_calls.attempt(self, run, place)

    # -- attributes and calls --------------------------------------------------------------------------------------

    def set_attribute(self, value: Value, name: str, item: Value) -> None:
        """`value.name = item`, where nobody minds whether that works."""
        attributes.put(self, value, name, item)

    def attribute_error(self, value: Value, name: str) -> Value:
        """The AttributeError of `value.name`."""
        return attribute_error(self, value, name)

    def module_attribute_message(self, module: Module, name: str) -> str:
        """The text of a module's AttributeError."""
        return imports.module_attribute_text(self, module, name)

    def call_hook(self, hook: Value, args: list[Value]) -> Value:
        """Call a `__getattr__`: its AttributeError means that there is no such attribute."""
        return self.catching(lambda: self.call(hook, args, {}), AttributeError)

    def get_or_catch(self, value: Value, name: str) -> Value:
        """As `get`, where an AttributeError from a property counts as absent."""
        return self.catching(lambda: self.get(value, name), AttributeError)

    def catching(self, run: Callable[[], Value], kind: type[BaseException]) -> Value:
        """What `run` gives; ABSENT when the program raises an exception of this kind inside."""
        answer = self.tried(run, lambda error: self.is_instance(error, kind) is True)
        return ABSENT if isinstance(answer, Raised) else answer

    def tried(self, run: Callable[[], Value], catches: Callable[[Value], bool] = lambda _: True) -> Value:
        """What `run` gives, or the exception that the program raises inside, where `catches` says so."""
        player = self.player
        depth, guards, maybe = len(player.stack), len(player.guards), player.maybe
        try:
            with player.guarded(catches):
                return run()
        except Raised as raised:
            if not catches(raised.error):
                raise
            del player.stack[depth:], player.guards[guards:]
            player.maybe = maybe
            return raised

    def operate(self, value: Value, name: str, args: tuple[Value, ...]) -> Value:
        """Play an operator for CPython: what the program raises is raised as a Python exception."""
        return self.for_host(lambda: self.call(self.special(value, name), list(args), {}), name)

    def for_host(self, run: Callable[[], Value], name: str) -> Value:
        """Play something that CPython called: what the program raises is raised as a Python exception."""
        answer = self.tried(run)
        if isinstance(answer, Raised):
            if not isinstance(answer.error, BaseException):
                raise Undecided("an exception that nobody knows")
            self._crossing = answer
            raise answer.error
        if isinstance(answer, Unknown) and name in CONCRETE:
            raise Undecided(answer.why)
        return host_iterator(self, answer) if name == "__iter__" else answer

    def taken_from_host(self, error: BaseException) -> Raised | None:
        """The program's own exception that went through CPython, if this is one."""
        crossing = self._crossing
        if crossing is None or crossing.error is not error:
            return None
        self._crossing = None
        return crossing

    def outcome(self, run: Callable[[], Value], kinds: tuple[type[BaseException], ...]) -> tuple[Value, Value | None]:
        """(what `run` gives, None), or (Unknown, the exception) when the program raises one of these kinds in it."""
        depth, guards, maybe = len(self.player.stack), len(self.player.guards), self.player.maybe
        try:
            with self.player.guarded(lambda error: self.is_instance(error, kinds) is True):
                return run(), None
        except Raised as raised:
            if self.is_instance(raised.error, kinds) is not True:
                raise
            del self.player.stack[depth:], self.player.guards[guards:]
            self.player.maybe = maybe
            return Unknown("refused by a validator"), raised.error

    def call_native_type(self, kind: type, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
        """Call a built-in type."""
        if partial:
            return Unknown(f"{kind.__name__} of unknown arguments")
        return operators.natively(self, lambda: call_type(self, kind, args, kwargs), "call", kind.__name__)

    def to_native(self, value: Value) -> Value:
        """A value that CPython can call, for `map`, `sorted` and their kind."""
        if value is None or (isinstance(value, type) and value in (int, str, float, bool, len)):
            return value
        return lambda *args, **kwargs: self.call(value, list(args), kwargs)

    def join(self, left: Value, right: Value) -> Value:
        """A value that is one of two."""
        if left is right:
            return left
        if (
            isinstance(left, ExternalInstance)
            and isinstance(right, ExternalInstance)
            and left.type.name == right.type.name
        ):
            return left
        try:
            if type(left) is type(right) and operators.is_native(left) and left == right:
                return left
        except Undecided:
            pass
        hint = left if not isinstance(left, Unknown) and left is not None else getattr(left, "hint", None)
        return Unknown("one of two values", hint if hint is not None else getattr(right, "hint", right))

    def attribute_of_unknown(self, value: Unknown, name: str) -> Value:
        """An attribute of something unknown."""
        return Unknown(f"{name} of {value.why}")

    def stream_method(self, value: Stream, name: str) -> Value:
        """A method of a generator."""
        return calls.stream_method(self, value, name)

    def type_new(self, metaclass: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """`type.__new__(metaclass, name, bases, namespace, **keywords)`."""
        if len(args) != 3:
            text = f"type.__new__() takes exactly 3 arguments ({len(args)} given)"
            return self.player.fail(TypeError(text), RaisedByCode("call"))
        return classes.type_new(self, metaclass, args[0], args[1], args[2], kwargs)

    def instantiate(self, cls: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """`type.__call__(cls, ...)`."""
        return objects.instantiate(self, cls, args, kwargs, False)

    def type_name(self, value: Value) -> str:
        """The name of a value's type, as messages spell it."""
        return attributes.type_name(value)

    def put(self, value: Value, name: str, item: Value) -> BaseException | None:
        """`value.name = item`; returns the exception of that."""
        return attributes.put(self, value, name, item)

    def may_be_called(self, value: Value) -> bool:
        """Whether `callable(value)`, true where nobody knows."""
        if isinstance(value, Instance):
            return self.special(value, "__call__") is not ABSENT
        uncallable = Module | Stream | Coroutine | Super | LibraryError
        return not isinstance(value, uncallable) and (not operators.is_native(value) or callable(value))

    def protocol(self, manager: Value, *, asynchronous: bool) -> tuple[Value, Value]:
        """How to enter and leave a context manager."""
        return statements.protocol(self, manager, asynchronous)

    def within(self, manager: Value, run: Callable[[], Value]) -> Value:
        """`with manager: return run()`."""
        enter, leave = self.protocol(manager, asynchronous=False)
        self.call(enter, [], {})
        answer = self.tried(run)
        error = answer.error if isinstance(answer, Raised) else None
        swallowed = self.maybe_truth(
            self.call(leave, [None if error is None else self.class_of(error), error, None], {})
        )
        if isinstance(answer, Raised):
            return None if swallowed else self.player.propagate(answer)
        return answer

    def above(self, cls: Class, instance: Instance, name: str) -> Value:
        """`getattr(super(cls, instance), name)`."""
        return attributes.get(self, Super(cls, instance), name)

    def as_search(self, paths: Value) -> tuple[Path, ...]:
        """A `__path__` as places to look for modules."""
        return imports.as_paths(paths)

    def make_module(self, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """`types.ModuleType(...)`."""
        return std_system.module_type(self, args, kwargs)

    def get_plainly(self, value: Value, name: str) -> Value:
        """`object.__getattribute__(value, name)`; ABSENT where there is none."""
        return attributes.plain(self, value, name)

    def plain_attribute_error(self, value: Value, name: str) -> Value:
        """The AttributeError of `object.__getattribute__`."""
        return self.player.fail(attributes.missing(self, value, name), RaisedByCode("attribute"))

    def parametrised(self, cls: Class, key: Value) -> Value:
        """`cls[key]` of a generic class."""
        return TypeForm(cls, key if isinstance(key, tuple) else (key,))

    def assign_target(self, target: ast.expr, value: Value) -> None:
        """Bind an assignment target."""
        statements.assign_target(self, target, value)

    # -- classes ---------------------------------------------------------------------------------------------------

    def class_of(self, value: Value) -> Value:
        """`type(value)`."""
        if isinstance(value, Instance):
            return value.type
        if isinstance(value, Class):
            return value.metaclass
        if isinstance(value, ExternalInstance):
            return value.type
        if isinstance(value, Builtin) and value.kind != "builtin_function_or_method":
            return Unknown(f"the type {value.kind}")
        if isinstance(value, LibraryError):
            return External(value.name, "class")
        if operators.is_native(value):
            return type(value)
        return Unknown("the type of a value")

    def is_instance(self, value: Value, kind: Value) -> bool | None:
        """`isinstance(value, kind)`, None where it cannot be known."""
        if isinstance(kind, tuple):
            return _any(self.is_instance(value, part) for part in kind)
        if isinstance(value, Unknown) or isinstance(kind, Unknown):
            return None
        if isinstance(value, LibraryError):
            return _library_error_matches(value, kind)
        if isinstance(kind, TypeForm):
            union = isinstance(kind.origin, External) and kind.origin.name == "types.UnionType"
            return _any(self.is_instance(value, part) for part in kind.args) if union else None
        if kind is None:
            return value is None
        if kind is type:
            return isinstance(value, Class | type) or (isinstance(value, External) and value.kind == "class")
        if kind is object:
            return True
        own = self.class_of(value)
        if (
            isinstance(kind, Class)
            and kind.traits >= {"runtime", "protocol"}
            and not (isinstance(own, Class) and kind in own.mro)
        ):
            return fits_protocol(self, value, kind)
        return None if isinstance(own, Unknown) and not isinstance(kind, Class) else self.is_subclass(own, kind)

    def is_subclass(self, cls: Value, kind: Value) -> bool | None:
        """`issubclass(cls, kind)`, None where it cannot be known."""
        if isinstance(kind, tuple):
            return _any(self.is_subclass(cls, part) for part in kind)
        if isinstance(cls, Unknown) or isinstance(kind, Unknown):
            return None if not isinstance(kind, Class) else False
        if isinstance(cls, Class):
            if any(base is kind for base in cls.mro):
                return True
            if isinstance(kind, External):
                named = any(isinstance(base, External) and base.name == kind.name for base in cls.mro)
                return True if named else (None if attributes.derives_from_outside(cls) else False)
            return None if isinstance(kind, type) and attributes.derives_from_outside(cls) else False
        if isinstance(cls, External) or isinstance(kind, External):
            return _external_subclass(cls, kind)
        return isinstance(cls, type) and isinstance(kind, type) and issubclass(cls, kind)

    def class_made(self, cls: Class, keywords: dict[str, Value]) -> Value:
        """A class is complete: what the standard library and libraries do with it."""
        return self.standard.class_made(cls, keywords)

    def construct_by_library(self, cls: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """An object of a class that derives from a library's; ABSENT where nothing special is known."""
        return self.standard.construct(cls, args, kwargs)

    # -- names and annotations -------------------------------------------------------------------------------------

    def builtin(self, name: str) -> Value:
        """A built-in by name, ABSENT where there is none."""
        return self._builtins.get(name, ABSENT)

    def note_future(self, module: Module, names: tuple[str, ...]) -> None:
        """`from __future__ import ...`."""
        if "annotations" in names:
            self._futures.add(id(module))

    def annotation(self, node: ast.expr) -> Value:
        """What an annotation leaves behind: its value, or its text where it is not evaluated."""
        if id(self.player.frame.module) in self._futures:
            return ast.unparse(node)
        return self.evaluate_annotation(node)

    def has_future(self, module: Module) -> bool:
        """Whether the module says `from __future__ import annotations`."""
        return id(module) in self._futures

    def resolve(self, module: Module | None, annotation: Value) -> Value:
        """What an annotation that is a text stands for, in its module: the names in it are looked up now."""
        if not isinstance(annotation, str) or module is None:
            return type(None) if annotation is None else annotation
        try:
            node = ast.parse(annotation.strip(), mode="eval").body
        except SyntaxError:
            text = f"Forward reference must be an expression -- got {annotation!r}"
            return self.player.fail(SyntaxError(text), RaisedByCode("call"))
        self.player.stack.append(Active(_anonymous(module), "<module>", module.namespace, None, self.player.maybe))
        try:
            value = self.evaluate_annotation(node)
        finally:
            self.player.stack.pop()
        return self.resolve(module, value) if isinstance(value, str) else value  # a text within a text

    def evaluate_annotation(self, node: ast.expr) -> Value:
        """The value of an annotation."""
        before, self.in_annotation = self.in_annotation, True
        try:
            return self.player.evaluate(node)
        finally:
            self.in_annotation = before

    def fault_of_raise(self, node: ast.Raise) -> Fault:
        """What is behind a `raise` of the backend: the exception being handled, or the code's own decision."""
        for active in reversed(self.player.stack):
            if active.handling:
                return active.handling[-1].fault
        return RaisedByCode("raise")

    # -- modules ---------------------------------------------------------------------------------------------------

    def find(self, name: str, search: tuple[Path, ...] | None) -> Spec | None:
        """Where an import leads, by the path as the program has made it."""
        if search is None and self.path != self._finder_path:
            entries = [Path(entry) for entry in self.path if isinstance(entry, str)]
            self._finder = self.layout.finder_for([self.layout.cwd / entry for entry in entries])
            self._finder_path = list(self.path)
        return self._finder.find(name, search)

    def is_own_file(self, path: Path | None) -> bool:
        """Whether a file belongs to the backend."""
        return self.layout.is_own(path)

    def is_first_party(self, name: str) -> bool:
        """Whether the top-level package of a dotted name is the backend's own."""
        top = name.partition(".")[0]
        loaded = self.modules.get(top)
        if isinstance(loaded, Module):
            return loaded.first_party
        spec = self.find(top, None)
        if spec is None:
            return False
        places = [spec.origin] if spec.origin is not None else list(spec.search)
        return any(self.is_own_file(place) for place in places)

    def tree_of(self, module: Module) -> ast.Module | None:
        """The syntax tree of a module of the backend."""
        tree = self.layout.tree(module.origin) if module.origin is not None else None
        return tree if isinstance(tree, ast.Module) else None

    def play_module(self, name: str, spec: Spec) -> Value:
        """Execute a module of the backend, as `importlib` would."""
        assert spec.origin is not None
        module = imports.new_module(name, spec)
        module.package = self.modules.get(name.rpartition(".")[0])
        if spec.source is None:
            return self._opaque_module(module)
        tree = self.layout.tree(spec.origin)
        if isinstance(tree, NotAnalysed):
            self.player.record.blind = self.player.record.blind or f"{tree.path}: {tree.reason}"
            return self._opaque_module(module)
        self.modules[name] = module
        order = len(self.player.record.loaded) + 1
        self.player.record.loaded.append(LoadedModule(name, self.player.relative(spec.origin), order))
        if isinstance(tree, SyntaxFault):
            self._syntax_error(module, tree)
            module.missing, module.loading = True, False
            return self.modules.get(name, module)
        return self._execute(module, tree)

    def reload(self, module: Module) -> Value:
        """`importlib.reload(module)`."""
        name = module.namespace.get("__name__") if module.first_party else module.name
        if self.modules.get(str(name)) is not module:
            text = f"module {name} not in sys.modules"
            return self.player.fail(ImportError(text, name=str(name)), RaisedByCode("call"))
        if not module.first_party or module.origin is None:
            return module
        return self.replay_module(module)

    def replay_module(self, module: Module) -> Value:
        """`importlib.reload(module)`: the same namespace, played once more."""
        tree = self.tree_of(module)
        if tree is None:
            return module
        active = Active(module, "<module>", module.namespace, None, self.player.maybe)
        self.player.stack.append(active)
        try:
            self.player.execute(tree.body)
        finally:
            self.player.stack.pop()
        return module

    def run_text(self, args: list[Value], mode: str) -> Value:
        """`exec(text)` and `eval(text)` of a text that is known, in the frame that runs now or a namespace given."""
        if not args or not isinstance(args[0], str) or len(args) > 2:
            self.player.frame.module.namespace[UNKNOWN_NAMES] = True
            return Unknown(f"what {mode} makes")
        try:
            tree = ast.parse(args[0].strip(" \t"), "<string>", mode="exec")
        except SyntaxError as error:
            return self.player.fail(SyntaxError(str(error)), RaisedByCode("call"))
        frame = self.player.frame
        namespace = args[1] if len(args) > 1 and isinstance(args[1], dict) else frame.namespace
        active = Active(_anonymous(frame.module), "<module>", namespace, None, self.player.maybe)
        active.module.namespace = namespace if len(args) > 1 else frame.module.namespace
        self.player.stack.append(active)
        try:
            if mode == "eval" and tree.body and isinstance(tree.body[0], ast.Expr):
                return self.player.evaluate(tree.body[0].value)
            self.player.execute(tree.body)
        finally:
            self.player.stack.pop()
        return None

    def _opaque_module(self, module: Module) -> Value:
        module.loading = False
        module.namespace[UNKNOWN_NAMES] = True
        self.modules[module.name] = module
        return module

    def _execute(self, module: Module, tree: ast.Module) -> Value:
        name = module.name
        if sum(frame.function == "<module>" for frame in self.player.stack) > NESTED:
            raise OutOfBudget
        active = Active(module, "<module>", module.namespace, None, self.player.maybe)
        statement, requested = self.statement, self.requested
        module.namespace["__doc__"] = attributes.docstring(self, tree)
        self.player.stack.append(active)
        try:
            self.player.execute(tree.body)
        except Raised:
            self.modules.pop(name, None)
            raise
        finally:
            self.player.stack.pop()
            module.loading = False
            self.statement, self.requested = statement, requested
        if name not in self.modules:
            return self.player.fail(KeyError(name), RaisedByCode("call"))
        return self.modules[name]

    def _syntax_error(self, module: Module, fault: SyntaxFault) -> None:
        kinds: dict[str, type[Exception]] = {"IndentationError": IndentationError, "TabError": TabError}
        kind = kinds.get(fault.exception, ValueError if fault.exception == "ValueError" else SyntaxError)
        error = kind(fault.text(str(module.origin)))
        named = module if "null bytes" not in str(error) else _anonymous(module)  # found before a file name is known
        self.player.stack.append(Active(named, "<module>", module.namespace, None, self.player.maybe, line=fault.line))
        try:
            place = Location(self.player.relative(module.origin), fault.line)
            self.player.propagate(Raised(error, self.player.frames(), BrokenSyntax(module.name), place))
        except Raised:
            self.modules.pop(module.name, None)
            raise
        finally:
            self.player.stack.pop()

    # -- what is outside the backend -------------------------------------------------------------------------------

    def outside_failure(self, name: str) -> tuple[BaseException, Fault] | None:
        """What importing an installed module raises here, if anything."""
        return self.outside.failure(name)

    def outside_module(self, name: str, spec: Spec | None) -> Module:
        """A module of a distribution or of the standard library."""
        self.player.record.external.setdefault(name)
        asked, name = name, _ALIASES.get(name, name)
        if name != asked:
            real: Module = self.modules[name] if name in self.modules else self.outside_module(name, spec)
            self.modules[asked] = real
            return real
        module = Module(name, {"__name__": name}, spec.origin if spec else None, False, loading=False)
        if spec is None or spec.is_package:
            module.namespace["__path__"] = [] if spec is None else [str(path) for path in spec.search]
        if spec is not None and spec.origin is not None:
            module.namespace["__file__"] = str(spec.origin)
        self.modules[name] = module
        return module

    def external_attribute(self, module: Module, name: str) -> Value:
        """`module.name` for a module that is looked up."""
        if name in _OF_SPEC:
            return self._by_spec(module, name)
        found = self.standard.module_value(module.name, name)
        if found is not ABSENT:
            return found
        loaded = self.modules.get(f"{module.name}.{name}", ABSENT)
        if loaded is not ABSENT:
            return loaded
        refusal = self.outside.refusal(module.name, name)
        if refusal is not None:
            return self.player.fail(refusal[0], refusal[1], self.statement)
        if self.outside.has(module.name, name) is False:
            return ABSENT
        canonical, kind = self.outside.definition(module.name, name)
        if kind == "module":
            known = self.modules.get(canonical)
            return known if known is not None else self.outside_module(canonical, self.find_outside(canonical))
        return self.standard.known(canonical) or External(canonical, kind, f"{module.name}.{name}")

    def _by_spec(self, module: Module, name: str) -> Value:
        """What the import system sets on a module that was there before the play."""
        asked = IMPLEMENTED_BY.get(module.name, module.name) if self.python >= (3, 13) else module.name
        spec = self.layout.standard_finder.resolve(asked)
        if spec is None or (name == "__path__" and not spec.is_package) or (name == "__file__" and spec.origin is None):
            return ABSENT
        values: dict[str, Value] = {
            "__path__": [str(path) for path in spec.search],
            "__file__": str(spec.origin),
            "__package__": module.name if spec.is_package else module.name.rpartition(".")[0],
        }
        return values.get(name, Unknown(name))

    def find_outside(self, name: str) -> Spec | None:
        """The spec of a module of a distribution."""
        return self._finder.resolve(name)

    def outside_star(self, module: Module) -> Iterator[tuple[str, Value]] | None:
        """What a star import of such a module binds."""
        names = self.outside.star(module.name)
        if names is None:
            return None
        return ((name, self.external_attribute(module, name)) for name in names)

    def library_attribute(self, value: External | ExternalInstance, name: str) -> Value:
        """`value.name` for something that a library defines."""
        return self.standard.attribute(value, name)

    def call_library(self, value: External, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
        """Call something that a library defines."""
        return self.standard.call(value, args, kwargs, partial)

    def call_library_instance(
        self, value: ExternalInstance, args: list[Value], kwargs: dict[str, Value], partial: bool
    ) -> Value:
        """Call an object of a library's class."""
        return self.standard.call_instance(value, args, kwargs, partial)

    def file_error(self, path: str | Path) -> OSError | None:
        """The error of opening a file of the backend for reading, None where it is there or nobody knows."""
        place = self.layout.cwd / path
        if not place.is_relative_to(self.layout.root) or place.exists():
            return None
        return FileNotFoundError(2, "No such file or directory", str(path))


_OF_SPEC = frozenset({"__path__", "__file__", "__package__", "__spec__", "__loader__", "__cached__"})
_ALIASES = {"os.path": "posixpath"}  # names under which a module of the standard library puts another


def host_iterator(sim: Simulator, value: Value) -> Value:
    """An iterator of the program as one that CPython can use."""
    if isinstance(value, Stream):
        return iter(value)
    return value


def _anonymous(module: Module) -> Module:
    """The place of code that came from a text: no file of the backend."""
    return Module(module.name, module.namespace, None, first_party=False, loading=False)


def _any(answers: Iterator[bool | None]) -> bool | None:
    result: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result


def _library_error_matches(error: LibraryError, kind: Value) -> bool:
    if isinstance(kind, External):
        return kind.name == error.name or kind.name in error.bases
    if isinstance(kind, type):
        return kind in (Exception, BaseException) or any(
            isinstance(b, type) and issubclass(b, kind) for b in error.bases
        )
    return False


def _external_subclass(cls: Value, kind: Value) -> bool | None:
    if isinstance(cls, External) and isinstance(kind, External):
        return True if cls.name == kind.name else None
    if isinstance(cls, type):
        assert isinstance(kind, External)
        return f"{cls.__module__}.{cls.__qualname__}" == kind.name
    return None if kind is not Class else False
