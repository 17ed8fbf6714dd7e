"""Classes that the standard library rewrites: dataclasses, enumerations, named tuples, typed dictionaries."""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING

from seatrial.libraries.values import (
    ABSENT,
    Builtin,
    Class,
    External,
    Function,
    Instance,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.simulation.arguments import bind_arguments
from seatrial.simulation.attributes import class_lookup, derives_from_outside
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


class Field:
    """One field of a dataclass."""

    __slots__ = ("default", "factory", "init", "keyword_only", "name")

    def __init__(self, name: str, value: Value, keyword_only: bool) -> None:
        options = value.attributes if isinstance(value, Builtin) and value.attributes.get("field") else None
        self.name = name
        self.default = value if options is None else options.get("default", ABSENT)
        self.factory = ABSENT if options is None else options.get("default_factory", ABSENT)
        self.init = True if options is None else options.get("init", True) is not False
        self.keyword_only = keyword_only if options is None else bool(options.get("kw_only", keyword_only))

    @property
    def required(self) -> bool:
        """Whether the caller has to give it."""
        return self.default is ABSENT and self.factory is ABSENT


def _annotated(cls: Class) -> list[str]:
    """The annotated names of a class body, in order; ClassVar ones left out."""
    names = []
    for statement in cls.node.body if cls.node is not None else []:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            if "ClassVar" not in ast.dump(statement.annotation):
                names.append(statement.target.id)
    return names


def dataclass_decorator(sim: Simulator, cls: Value, options: dict[str, Value]) -> Value:
    """`@dataclass`: give the class an `__init__` from its annotations."""
    if not isinstance(cls, Class):
        return cls
    if cls.node is None:
        cls.node = _node_being_defined(sim)
    fields: dict[str, Field] = {}
    for base in reversed(cls.mro[1:]):
        if isinstance(base, Class):
            inherited = base.namespace.get("__dataclass_fields__")
            fields.update(inherited if isinstance(inherited, dict) else {})
    keyword_only = options.get("kw_only") is True
    for name in _annotated(cls):
        value = cls.namespace.get(name, ABSENT)
        problem = _mutable_default(sim, name, value)
        if problem:
            return sim.player.fail(ValueError(problem), RaisedByCode("call"))
        fields[name] = Field(name, value, keyword_only)
        if isinstance(value, Builtin) and value.attributes.get("field"):
            if fields[name].default is ABSENT:
                cls.namespace.pop(name, None)
            else:
                cls.namespace[name] = fields[name].default
    cls.namespace["__dataclass_fields__"] = fields
    late = _late_required(fields)
    if late:
        text = f"non-default argument {late!r} follows default argument"
        text += f" {_first_default(fields, late)!r}" if sim.python >= (3, 13) else ""
        return sim.player.fail(TypeError(text), RaisedByCode("call"))
    if "__init__" not in cls.namespace and options.get("init") is not False:
        cls.namespace["__init__"] = _initialiser(sim, cls, fields)
    _equality(sim, cls, fields, options)
    if options.get("frozen") is True:
        cls.traits |= {"frozen"}
    return cls


def _node_being_defined(sim: Simulator) -> ast.ClassDef | None:
    """The class statement whose decorator runs now."""
    tree = sim.tree_of(sim.player.frame.module)
    line = sim.player.frame.line
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef) and any(d.lineno == line for d in node.decorator_list):
            return node
    return None


def _mutable_default(sim: Simulator, name: str, value: Value) -> str:
    if isinstance(value, list | dict | set):
        return f"mutable default {type(value)} for field {name} is not allowed: use default_factory"
    return ""


def _late_required(fields: dict[str, Field]) -> str:
    defaulted = False
    for field in fields.values():
        if field.keyword_only or not field.init:
            continue
        if field.required and defaulted:
            return field.name
        defaulted = defaulted or not field.required
    return ""


def _first_default(fields: dict[str, Field], late: str) -> str:
    previous = ""
    for field in fields.values():
        if field.name == late:
            break
        if not field.required:
            previous = field.name
    return previous


def _initialiser(sim: Simulator, cls: Class, fields: dict[str, Field]) -> Value:
    used = [field for field in fields.values() if field.init]
    plain = [f for f in used if not f.keyword_only]
    keywords = [f for f in used if f.keyword_only]
    args = ast.arguments(
        posonlyargs=[],
        args=[ast.arg("self"), *(ast.arg(f.name) for f in plain)],
        kwonlyargs=[ast.arg(f.name) for f in keywords],
        kw_defaults=[],
        defaults=[],
        vararg=None,
        kwarg=None,
    )
    node = ast.Lambda(args=args, body=ast.Constant(None), lineno=1, col_offset=0)
    qualname = f"{cls.qualname}.__init__"
    defaults = tuple(_Default(f) for f in plain if not f.required)
    home = cls.home if cls.home is not None else sim.player.frame.module
    template = Function(
        node, home, None, "__init__", qualname, defaults, {f.name: _Default(f) for f in keywords if not f.required}
    )

    def run(world: object, given: list[Value], kwargs: dict[str, Value]) -> Value:
        names = bind_arguments(template, given, kwargs, sim.python)
        if isinstance(names, TypeError):
            return sim.player.fail(names, RaisedByCode("call"))
        instance = names.pop("self")
        for name, value in names.items():
            instance.attributes[name] = value.make(sim) if isinstance(value, _Default) else value
        for field in fields.values():
            if not field.init and not field.required:
                instance.attributes[field.name] = _Default(field).make(sim)
        hook = class_lookup(cls, "__post_init__")
        if isinstance(hook, Function):
            sim.call(hook, [instance], {})
        return None

    return Builtin(qualname, run)


class _Default:
    """The default of a field, made anew for each object where it has a factory."""

    __slots__ = ("field",)

    def __init__(self, field: Field) -> None:
        self.field = field

    def make(self, sim: Simulator) -> Value:
        """The value for one object."""
        return self.field.default if self.field.factory is ABSENT else sim.call(self.field.factory, [], {})


def _equality(sim: Simulator, cls: Class, fields: dict[str, Field], options: dict[str, Value]) -> None:
    if "__eq__" in cls.namespace or options.get("eq") is False:
        return

    def equal(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        left, right = args
        if not isinstance(right, Instance) or right.type is not cls:
            return NotImplemented
        return all(left.attributes.get(name) == right.attributes.get(name) for name in fields)

    cls.namespace["__eq__"] = Builtin("__eq__", equal)
    if options.get("frozen") is not True and "__hash__" not in cls.namespace:
        cls.namespace["__hash__"] = None


# -- enumerations --------------------------------------------------------------------------------------------------


def _enum_made(sim: Simulator, cls: Class, keywords: dict[str, Value]) -> Value:
    if "enum" not in cls.traits:
        return ABSENT
    if not any(isinstance(base, type) and issubclass(base, enum.Enum) for base in cls.mro):
        return ABSENT
    members: dict[str, Value] = {}
    by_value: list[tuple[Value, Value]] = []
    for name, value in list(cls.namespace.items()):
        if name.startswith("_") or isinstance(value, Function | Wrapped | Class):
            continue
        value = _auto(value, len(members), name, cls)
        existing = next(
            (m for v, m in by_value if type(v) is type(value) and not isinstance(v, Unknown) and v == value), None
        )
        member = existing or Instance(
            cls, sim, {"name": name, "value": value, "_value_": value, "_name_": name}, native=_native(cls, value)
        )
        members[name] = cls.namespace[name] = member
        by_value.append((value, member))
    cls.namespace["__members__"] = members
    cls.metaclass = _enum_type(sim, cls, members, by_value)
    return cls


def _auto(value: Value, index: int, name: str, cls: Class) -> Value:
    automatic = isinstance(value, Unknown) and "enum.auto" in value.why
    automatic = automatic or (getattr(getattr(value, "type", None), "name", "") == "enum.auto")
    if not automatic:
        return value
    textual = any(isinstance(base, type) and issubclass(base, str) for base in cls.mro)
    return name.lower() if textual else index + 1


def _native(cls: Class, value: Value) -> Value:
    plain = next((b for b in cls.mro if b in (int, str, float)), None)
    return value if plain is not None and isinstance(value, int | str | float) else None


def _enum_type(sim: Simulator, cls: Class, members: dict[str, Value], by_value: list[tuple[Value, Value]]) -> Class:
    """A metaclass with what code asks of an enumeration: iteration, length, membership, lookup by name and value."""
    unique = list(dict.fromkeys(members.values()))

    def by_name(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        key = args[1]
        return members[key] if key in members else sim.player.fail(KeyError(key), RaisedByCode("subscript"))

    def by_call(world: object, args: list[Value], kwargs: dict[str, Value]) -> Value:
        wanted = args[1] if len(args) > 1 else None
        for value, member in by_value:
            if value is wanted or member is wanted or value == wanted:
                return member
        missing = class_lookup(cls, "_missing_")
        if isinstance(missing, Wrapped | Function) or "generic" in cls.traits:
            return Unknown("what _missing_ gives")
        text = f"{wanted!r} is not a valid {cls.qualname}"
        return sim.player.fail(ValueError(text), RaisedByCode("call"))

    methods: dict[str, Value] = {
        "__getitem__": Builtin("__getitem__", by_name),
        "__iter__": Builtin("__iter__", lambda w, a, k: iter(unique)),
        "__len__": Builtin("__len__", lambda w, a, k: len(unique)),
        "__contains__": Builtin(
            "__contains__", lambda w, a, k: any(a[1] is m or (sim.python >= (3, 12) and a[1] == v) for v, m in by_value)
        ),
    }
    meta = Class("EnumType" if sim.python >= (3, 11) else "EnumMeta", "EnumType", "enum", (type,), methods, mro=())
    meta.mro = (meta, type, object)
    methods["__call__"] = Builtin("__call__", by_call)
    return meta


# -- tuples and dictionaries ---------------------------------------------------------------------------------------


def _tuple_made(sim: Simulator, cls: Class, keywords: dict[str, Value]) -> Value:
    """`class X(NamedTuple)` and `class X(TypedDict)`."""
    base = next((b for b in cls.bases if isinstance(b, External)), None)
    if base is None or base.name not in ("typing.NamedTuple", "typing.TypedDict", "typing_extensions.TypedDict"):
        return ABSENT
    return Unknown(f"an object of {cls.name}", cls) if derives_from_outside(cls) and cls.node is None else cls


def named_tuple(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`namedtuple("Name", fields)`: CPython's own, over real tuples."""
    import collections

    name, fields = args[0], args[1] if len(args) > 1 else kwargs.get("field_names", ())
    if isinstance(fields, list | tuple) and fields and isinstance(fields[0], tuple):
        fields = [field[0] for field in fields]
    made = collections.namedtuple(name, fields, defaults=kwargs.get("defaults"))  # type: ignore[misc]  # noqa: PYI024
    made.__module__ = "__main__"

    def make(world: object, inner: list[Value], more: dict[str, Value]) -> Value:
        return made(*inner, **more)

    return Builtin(name, make, {"_fields": made._fields, "__name__": name})


def new_type(sim: Simulator, args: list[Value]) -> Value:
    """`NewType("Name", base)`: a function that gives back what it is given."""
    return Builtin(f"typing.NewType.{args[0]}", lambda w, inner, k: inner[0], {"__supertype__": args[1]})


CLASS_HOOKS = (_enum_made, _tuple_made)
