"""Reads of the environment by `os`, python-decouple, Starlette, environs and click; and the dotenv files that code
loads.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from seatrial.project.settings_facts import EnvRead, Kind
from seatrial.project.settings_values import kind_by_name
from seatrial.project.settings_walk import PythonFile, Site, sites, stops, stops_in

_MAKERS = frozenset({"Config", "AutoConfig", "Env", "FileAwareEnv"})
_CASTS = {"int": Kind.INTEGER, "float": Kind.NUMBER, "bool": Kind.BOOLEAN, "Path": Kind.PATH, "strtobool": Kind.BOOLEAN}
_ENVIRONS = {
    "int": Kind.INTEGER, "float": Kind.NUMBER, "bool": Kind.BOOLEAN, "list": Kind.COMMA_LIST, "json": Kind.JSON_MAPPING,
    "url": Kind.URL, "path": Kind.PATH, "uuid": Kind.UUID, "timedelta": Kind.DURATION, "decimal": Kind.NUMBER,
    **dict.fromkeys(("str", "dict", "enum", "log_level", "date", "datetime"), Kind.TEXT),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Helper:
    """A function of the backend that hands one of its arguments to the environment."""

    name: str
    position: int
    parameter: str
    required: bool


def reads_in(file: PythonFile) -> Iterator[EnvRead]:
    """The environment variables that one file reads, settings classes aside."""
    for site in sites(file, _pattern(file)):
        yield from _reads(file, site)


def _pattern(file: PythonFile) -> re.Pattern[str]:
    """What a line with a read mentions: the usual names, and whatever this file calls its readers."""
    words = ["environ", "getenv", "envvar", "decouple"]
    for name, origin in file.imports.items():
        if origin.startswith(("os.environ", "os.getenv", "decouple.")):
            words.append(rf"\b{re.escape(name)}\b")
    for name, value in file.names.items():
        if isinstance(value, ast.Call) and file.canonical(value.func).rsplit(".", maxsplit=1)[-1] in _MAKERS:
            words.append(rf"\b{re.escape(name)}\b")
    return re.compile("|".join(dict.fromkeys(words)))


def _reads(file: PythonFile, site: Site) -> Iterator[EnvRead]:
    node = site.node
    if isinstance(node, ast.Call):
        yield from _called(file, site, node)
    elif (
        isinstance(node, ast.Subscript)
        and file.canonical(node.value) == "os.environ"
        and isinstance(node.ctx, ast.Load)
    ):
        for name in _names(file, site, node.slice):
            yield _read(file, site, name, "os.environ[]", required=not _caught(site), default=None)
    elif isinstance(node, ast.Compare) and file.canonical(node.comparators[0]) == "os.environ":
        for name in _names(file, site, node.left) if isinstance(node.ops[0], (ast.In, ast.NotIn)) else ():
            yield _read(file, site, name, "os.environ in", required=_guard(file, site) > 0, default=None)


def _called(file: PythonFile, site: Site, call: ast.Call) -> Iterator[EnvRead]:
    callee = file.canonical(call.func)
    if callee in ("os.environ.get", "os.getenv", "os.environ.setdefault", "os.environ.pop"):
        default = argument_of(call, 1, "default")
        for name in _names(file, site, argument_of(call, 0, "key")):
            yield _with_default(file, site, name, callee, default)
        return
    library = _library(file, call)
    if library is not None:
        yield from _by_library(file, site, call, *library)
    for keyword in call.keywords:
        if keyword.arg == "envvar" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            yield _read(file, site, keyword.value.value, "click", required=False, default="")


def _with_default(file: PythonFile, site: Site, name: str, how: str, default: ast.expr | None) -> EnvRead:
    nothing = default is None or (isinstance(default, ast.Constant) and default.value is None)
    fallback = _alternative(site)
    default = fallback if nothing and fallback is not None else default
    nothing = nothing and fallback is None
    guard = _guard(file, site) if nothing or _empty(default) else 0
    text = None if nothing or default is None else file.source(default)
    read = _read(file, site, name, how, required=guard > 0, default=text)
    return replace(read, guard=guard, kind=_kind_of_default(read.kind, default))


def _empty(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""


def _kind_of_default(kind: Kind, default: ast.expr | None) -> Kind:
    return kind if kind is not Kind.TEXT or not isinstance(default, ast.Constant) else {
        bool: Kind.BOOLEAN, int: Kind.INTEGER, float: Kind.NUMBER}.get(type(default.value), kind)  # fmt: skip


def _alternative(site: Site) -> ast.expr | None:
    """The `b` of `os.getenv(x) or b`."""
    parent = site.around[-1] if site.around else None
    if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or) and parent.values[0] is site.node:
        return parent.values[-1]
    return None


def _read(file: PythonFile, site: Site, name: str, how: str, *, required: bool, default: str | None) -> EnvRead:
    kind = _context_kind(file, site)
    kind = kind_by_name(name) if kind is Kind.TEXT else kind
    return EnvRead(name, file.location(site.node), how, required, default, kind, (name,))


def _names(file: PythonFile, site: Site, node: ast.expr | None) -> Iterator[str]:
    """The names that an argument may be: itself, or each of those that a loop around it goes through."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name):
        known = file.names.get(node.id)
        looped = next((list_ for list_ in _loops(site, node.id)), None)
        if looped is not None:
            yield from _texts(file, looped)
        elif isinstance(known, ast.Constant) and isinstance(known.value, str):
            yield known.value


def _loops(site: Site, name: str) -> Iterator[ast.expr]:
    for block in (*site.blocks, site.statement):
        if isinstance(block, ast.For) and isinstance(block.target, ast.Name) and block.target.id == name:
            yield block.iter
    for outer in site.around:
        for generator in getattr(outer, "generators", []):
            if isinstance(generator.target, ast.Name) and generator.target.id == name:
                yield generator.iter


def _texts(file: PythonFile, node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        known = file.names.get(node.id)
        node = known if known is not None else node
    if isinstance(node, ast.Dict):
        keys: list[ast.expr | None] = list(node.keys)
    else:
        keys = list(node.elts) if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else []
    for item in keys:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield item.value


def argument_of(call: ast.Call, index: int, keyword: str) -> ast.expr | None:
    """An argument by its place or name."""
    if index < len(call.args):
        return call.args[index]
    return next((item.value for item in call.keywords if item.arg == keyword), None)


# --- what is done with the value


def _context_kind(file: PythonFile, site: Site) -> Kind:
    for index in range(len(site.around) - 1, max(-1, len(site.around) - 5), -1):
        outer = site.around[index]
        if isinstance(outer, ast.Call):
            name = file.canonical(outer.func).rsplit(".", maxsplit=1)[-1]
            if name in _CASTS:
                return _CASTS[name]
            if file.canonical(outer.func) == "json.loads":
                return Kind.JSON_MAPPING
        elif isinstance(outer, ast.Attribute) and outer.attr in ("split", "rsplit"):
            return Kind.COMMA_LIST
        elif isinstance(outer, ast.Compare) and _compares_to_truth(outer):
            return Kind.BOOLEAN
    return Kind.TEXT


def _compares_to_truth(node: ast.Compare) -> bool:
    values = [part for comparator in node.comparators for part in (getattr(comparator, "elts", None) or [comparator])]
    return any(
        isinstance(part, ast.Constant) and str(part.value).lower() in ("true", "1", "yes", "on") for part in values
    )


def _guard(file: PythonFile, site: Site) -> int:
    """The line of a check that raises (or exits) without the value; 0 without one."""
    for block in (site.statement, *reversed(site.blocks)):
        if isinstance(block, (ast.If, ast.Assert)) and _negative(block.test, site.node):
            if stops(block):
                return block.lineno
            return _noted(file, block)
        if isinstance(block, ast.For) and stops_in(block.body):
            return block.lineno
        if isinstance(block, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            break
    assigned = _assigned(site.statement)
    for guard in file.guards if assigned else ():
        if guard.line > site.statement.lineno and guard.names & assigned and _asks_for_absence(guard.test):
            return guard.line
    return 0


def _noted(file: PythonFile, block: ast.stmt) -> int:
    """`if not os.getenv(x): missing.append(x)`, and later `if missing: raise`."""
    for statement in getattr(block, "body", []):
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "add"):
            kept = getattr(call.func.value, "id", "")
            return next((guard.line for guard in file.guards if kept in guard.names), 0)
    return 0


def _assigned(statement: ast.stmt) -> set[str]:
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    names: set[str] = set()
    for target in targets:
        if isinstance(target, ast.Name):
            names.add(target.id)
        elif isinstance(target, ast.Attribute):
            names.add(target.attr)
    return names


def _asks_for_absence(test: ast.expr) -> bool:
    """Whether a condition asks for absence: `not X`, `X is None`, `X == ""`, or just `missing`."""
    return isinstance(test, ast.Name) or any(isinstance(node, (ast.Not, ast.Is, ast.Eq)) for node in ast.walk(test))


def _negative(test: ast.expr, node: ast.expr) -> bool:
    if not any(part is node for part in ast.walk(test)):
        return False
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.In):
        return False
    return any(isinstance(part, (ast.Not, ast.Is, ast.Eq, ast.NotIn)) for part in ast.walk(test)) or test is node


def _caught(site: Site) -> bool:
    """Whether a KeyError here is caught and not raised again, or the subscript stands behind a check."""
    for block in site.blocks:
        if isinstance(block, ast.Try) and any(_catches(handler) for handler in block.handlers):
            return True
        if isinstance(block, ast.If) and "environ" in ast.dump(block.test):
            return True
    return any(isinstance(outer, ast.IfExp) and "environ" in ast.dump(outer.test) for outer in site.around)


def _catches(handler: ast.ExceptHandler) -> bool:
    caught = "BaseException" if handler.type is None else ast.unparse(handler.type)
    return ("KeyError" in caught or "Exception" in caught) and not stops_in(handler.body)


# --- libraries


def _library(file: PythonFile, call: ast.Call) -> tuple[str, str] | None:
    """Which library's reader a call is, and which of its methods: ("decouple", ""), ("environs", "int")."""
    function = call.func
    method = ""
    if isinstance(function, ast.Attribute):
        method, function = function.attr, function.value
    if not isinstance(function, ast.Name):
        return None
    origin = file.imports.get(function.id, "")
    if origin == "decouple.config" or (origin == "decouple" and method == "config"):
        return ("decouple", "")
    if origin and not method and origin.endswith((".config", ".env")) and function.id in ("config", "env"):
        return None  # imported from another file of the backend: found as a helper
    made = file.names.get(function.id)
    maker = file.canonical(made.func) if isinstance(made, ast.Call) else ""
    if maker in ("decouple.Config", "decouple.AutoConfig"):
        return ("decouple", "")
    if maker in ("starlette.config.Config", "starlette.config"):
        return ("starlette", "") if method in ("", "get") else None
    if maker in ("environs.Env", "environs.FileAwareEnv", "environ.Env"):
        return ("environs", method) if method in ("", *_ENVIRONS) else None
    return None


def _by_library(file: PythonFile, site: Site, call: ast.Call, library: str, method: str) -> Iterator[EnvRead]:
    first = argument_of(call, 0, "key") or argument_of(call, 0, "name")
    default = argument_of(call, {"decouple": 1, "starlette": 2, "environs": 1}[library], "default")
    cast = argument_of(call, 1, "cast") if library == "starlette" else argument_of(call, 9, "cast")
    for name in _names(file, site, first):
        text = None if default is None else file.source(default)
        read = _read(file, site, _prefix(site) + name, library, required=default is None, default=text)
        kind = _cast_kind(file, cast) or _ENVIRONS.get(method) or read.kind
        kind = kind_by_name(read.name) if kind is Kind.TEXT else kind
        yield replace(read, kind=kind, dotenv=library != "environs")


def _cast_kind(file: PythonFile, cast: ast.expr | None) -> Kind | None:
    if cast is None:
        return None
    callee = cast.func if isinstance(cast, ast.Call) else cast
    last = file.canonical(callee).rsplit(".", maxsplit=1)[-1]
    known = {
        **_CASTS,
        "Csv": Kind.COMMA_LIST,
        "CommaSeparatedStrings": Kind.COMMA_LIST,
        "Secret": Kind.SECRET,
        "loads": Kind.JSON_MAPPING,
    }
    return known.get(last)


def _prefix(site: Site) -> str:
    """The text of `with env.prefixed("X_"):` blocks around."""
    prefix = ""
    for block in site.blocks:
        for item in getattr(block, "items", []):
            call = item.context_expr
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "prefixed":
                prefix += str(getattr(call.args[0], "value", "")) if call.args else ""
    return prefix


# --- helpers of the backend's own


def helpers_in(file: PythonFile) -> Iterator[Helper]:
    """Functions that read the variable whose name they are given."""
    for site in sites(file, _pattern(file)):
        key: ast.expr | None = None
        if isinstance(site.node, ast.Subscript) and file.canonical(site.node.value) == "os.environ":
            key = site.node.slice
        elif isinstance(site.node, ast.Call) and file.canonical(site.node.func) in ("os.getenv", "os.environ.get"):
            key = argument_of(site.node, 0, "key")
        if not isinstance(key, ast.Name) or not site.functions:
            continue
        function = site.functions[-1]
        parameters = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
        if key.id in parameters:
            subscript = isinstance(site.node, ast.Subscript) and not _caught(site)
            required = subscript or (_guard(file, site) > 0 and len(parameters) == 1)
            yield Helper(function.name, parameters.index(key.id), key.id, required)


def helped_reads(files: Iterable[PythonFile], helpers: Iterable[Helper]) -> Iterator[EnvRead]:
    """The variables named in calls of such functions."""
    by_name = {helper.name: helper for helper in helpers}
    if not by_name:
        return
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, by_name)) + r")\s*\(")
    for file in files:
        for site in sites(file, pattern):
            if isinstance(site.node, ast.Call):
                name = file.canonical(site.node.func).rsplit(".", maxsplit=1)[-1]
                if name in by_name:
                    yield from _helped(file, site, site.node, by_name[name])


def _helped(file: PythonFile, site: Site, call: ast.Call, helper: Helper) -> Iterator[EnvRead]:
    default = argument_of(call, helper.position + 1, "default")
    for name in _names(file, site, argument_of(call, helper.position, helper.parameter)):
        if re.fullmatch(r"[A-Za-z_]\w*", name):
            text = None if default is None else file.source(default)
            yield _read(
                file, site, name, f"{helper.name}()", required=helper.required and default is None, default=text
            )
