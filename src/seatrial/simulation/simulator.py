"""The simulator: one play of a start, with everything that its parts ask one another for.

The parts (`expressions`, `statements`, `calls`, `imports`, ...) are functions; this class is what they share. It is
also the `World` that the files of `libraries` see.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from seatrial.issue import Location
from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.values import (
    ABSENT,
    Class,
    External,
    ExternalInstance,
    Instance,
    LibraryError,
    Module,
    Super,
    TypeForm,
    Undecided,
    Unknown,
    Value,
)
from seatrial.project.modules import Finder, Spec
from seatrial.project.packages.installed import Packages
from seatrial.project.packages.signatures import Signature
from seatrial.simulation import library_calls, outside_modules, paths
from seatrial.simulation.language import annotations as annotating
from seatrial.simulation.language import (
    assignments,
    attribute_errors,
    attributes,
    calls,
    classes,
    contexts,
    import_errors,
    imports,
    iteration,
    kinds,
    loading,
    lookup,
    natively,
    objects,
    operators,
    storing,
    trying,
)
from seatrial.simulation.language.builtin_functions import builtin_namespace
from seatrial.simulation.language.builtin_types import call_type
from seatrial.simulation.language.expressions import EXPRESSIONS
from seatrial.simulation.language.statements import STATEMENTS
from seatrial.simulation.layout import Layout
from seatrial.simulation.player import Player, Raised
from seatrial.simulation.standard import Standard
from seatrial.simulation.std.system import module_type
from seatrial.simulation.timeline import Fault, MissingModule, RaisedByCode


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
        self.asked_services = False  # whether anything hangs on which services answer
        self.statement: ast.AST | None = None
        self.requested = ""
        self.in_annotation = False
        self.crossing: Raised | None = None  # an exception of the program on its way through CPython
        self._builtins = builtin_namespace(self.python)
        for name in layout.preloaded:
            self.modules[name] = Module(name, {"__name__": name}, None, first_party=False, loading=False)
        for alias, name in outside_modules.ALIASES.items():
            if name in self.modules:
                self.modules[alias] = self.modules[name]
        self.finder: Finder = layout.finder
        self.finder_path = list(self.path)
        self.futures: set[int] = set()
        self.standard = Standard(self)

    # -- what its parts do, under the names by which they ask one another; a name saves the frame of a method ------

    call = calls.call
    await_value = calls.await_value
    stream_method = calls.stream_method
    truth = operators.truth
    iterate = iteration.iterate
    get = attributes.get
    special = attributes.special
    put = storing.put
    get_plainly = attributes.plain
    attribute_error = attribute_errors.attribute_error
    protocol = contexts.protocol
    assign_target = assignments.assign_target
    may_be_called = kinds.may_be_called
    class_of = kinds.class_of
    is_instance = kinds.is_instance
    is_subclass = kinds.is_subclass
    call_hook = trying.call_hook
    get_or_catch = trying.get_or_catch
    catching = trying.catching
    tried = trying.tried
    operate = trying.operate
    for_host = trying.for_host
    taken_from_host = trying.taken_from_host
    outcome = trying.outcome
    to_native = trying.to_native
    within = trying.within
    annotations = annotating.evaluated_annotations
    note_future = annotating.note_future
    annotation = annotating.annotation
    has_future = annotating.has_future
    resolve = annotating.resolve
    evaluate_annotation = annotating.evaluate_annotation
    module_attribute_message = import_errors.module_attribute_text
    find = loading.find
    is_own_file = loading.is_own_file
    is_first_party = loading.is_first_party
    tree_of = loading.tree_of
    play_module = loading.play_module
    reload = loading.reload
    replay_module = loading.replay_module
    run_text = loading.run_text
    outside_module = outside_modules.outside_module
    external_attribute = outside_modules.external_attribute
    outside_star = outside_modules.outside_star
    attempt = library_calls.attempt
    read_text = paths.read_text
    file_error = paths.file_error
    lacks_folder = paths.lacks_folder
    folder_of_caller = paths.folder_of_caller
    make_module = module_type
    attribute = get

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

    def maybe_truth(self, value: Value) -> bool | None:
        """`bool(value)`, None where it cannot be known."""
        try:
            return operators.truth(self, value)
        except Undecided:
            return None

    def special_or_attribute(self, value: Value, name: str) -> Value:
        """As `special`; real Python objects and generators answer for themselves."""
        if isinstance(value, Instance | Class | Unknown | External | ExternalInstance):
            return self.special(value, name)
        return self.get(value, name)

    def opaque(self, value: Value) -> bool:
        """Whether the value's class derives from something that was not played."""
        return isinstance(value, Instance) and lookup.derives_from_outside(value.type)

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
        return str(attribute_errors.missing(self, value, name))

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

    def set_variable(self, name: str, value: str) -> None:
        """Set an environment variable of the process."""
        self.player.environment[name] = value

    def silent(self, service: str) -> bool:
        """Whether this is a start to which this service does not answer."""
        self.asked_services = True
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

    def enter(self, manager: Value) -> Value:
        """Enter an asynchronous context manager."""
        enter, _ = contexts.protocol(self, manager, asynchronous=True)
        return Unknown("a context manager") if enter is None else calls.await_value(self, self.call(enter, [], {}))

    # -- attributes and calls --------------------------------------------------------------------------------------

    def set_attribute(self, value: Value, name: str, item: Value) -> None:
        """`value.name = item`, where nobody minds whether that works."""
        storing.put(self, value, name, item)

    def call_native_type(self, kind: type, args: list[Value], kwargs: dict[str, Value], partial: bool) -> Value:
        """Call a built-in type."""
        if partial:
            return Unknown(f"{kind.__name__} of unknown arguments")
        return natively.natively(self, lambda: call_type(self, kind, args, kwargs), "call", kind.__name__)

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
            if type(left) is type(right) and natively.is_native(left) and left == right:
                return left
        except Undecided:
            pass
        hint = left if not isinstance(left, Unknown) and left is not None else getattr(left, "hint", None)
        return Unknown("one of two values", hint if hint is not None else getattr(right, "hint", right))

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
        return lookup.type_name(value)

    def above(self, cls: Class, instance: Instance, name: str) -> Value:
        """`getattr(super(cls, instance), name)`."""
        return attributes.get(self, Super(cls, instance), name)

    def as_search(self, paths: Value) -> tuple[Path, ...]:
        """A `__path__` as places to look for modules."""
        return imports.as_paths(paths)

    def plain_attribute_error(self, value: Value, name: str) -> Value:
        """The AttributeError of `object.__getattribute__`."""
        return self.player.fail(attribute_errors.missing(self, value, name), RaisedByCode("attribute"))

    def parametrised(self, cls: Class, key: Value) -> Value:
        """`cls[key]` of a generic class."""
        return TypeForm(cls, key if isinstance(key, tuple) else (key,))

    # -- classes ---------------------------------------------------------------------------------------------------

    def class_made(self, cls: Class, keywords: dict[str, Value]) -> Value:
        """A class is complete: what the standard library and libraries do with it."""
        return self.standard.class_made(cls, keywords)

    def construct_by_library(self, cls: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """An object of a class that derives from a library's; ABSENT where nothing special is known."""
        return self.standard.construct(cls, args, kwargs)

    # -- names and exceptions --------------------------------------------------------------------------------------

    def builtin(self, name: str) -> Value:
        """A built-in by name, ABSENT where there is none."""
        return self._builtins.get(name, ABSENT)

    def fault_of_raise(self, node: ast.Raise) -> Fault:
        """What is behind a `raise` of the backend: the exception being handled, or the code's own decision."""
        for active in reversed(self.player.stack):
            if active.handling:
                return active.handling[-1].fault
        return RaisedByCode("raise")

    # -- what is outside the backend -------------------------------------------------------------------------------

    def outside_failure(self, name: str) -> tuple[BaseException, Fault] | None:
        """What importing an installed module raises here, if anything."""
        return self.outside.failure(name)

    def find_outside(self, name: str) -> Spec | None:
        """The spec of a module of a distribution."""
        return self.finder.resolve(name)

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
