"""Settings classes of pydantic -> the variables that their fields are read from.

By the rules of pydantic-settings 2: the name is the validation alias, else the alias, else prefix and field name;
without `case_sensitive` the case does not matter; nested models take `FIELD<delimiter>SUBFIELD`. The v1 rules (`env=`
of Field and of Config.fields, Optional without a default is not required) apply to classes that take BaseSettings
from pydantic itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from seatrial.project.settings_facts import DotenvUse, EnvRead, Kind, SettingsClass
from seatrial.project.settings_loading import placed_use
from seatrial.project.settings_paths import PathReader
from seatrial.project.settings_types import ClassFound, ClassIndex, annotated, kind_of, last_name
from seatrial.project.settings_values import kind_by_name
from seatrial.project.settings_walk import PythonFile

_ROOTS = {
    "pydantic_settings.BaseSettings": "pydantic-settings",
    "pydantic.BaseSettings": "pydantic v1",
    "pydantic.v1.BaseSettings": "pydantic v1",
    "pydantic.env_settings.BaseSettings": "pydantic v1",
    "fastapi_settings.BaseSettings": "pydantic-settings",
}


@dataclass(slots=True)
class _Config:
    prefix: str = ""
    case_sensitive: bool = False
    extra: str = ""
    delimiter: str = ""
    env_files: list[ast.expr] = field(default_factory=list)
    owner: PythonFile | None = None
    owner_body: Sequence[ast.stmt] = ()
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignores: bool = False


def settings_in(files: Sequence[PythonFile]) -> tuple[list[EnvRead], list[DotenvUse], list[SettingsClass]]:
    """The reads of every settings class in these files, the dotenv files that they take, and the classes."""
    classes = ClassIndex(files)
    reads: list[EnvRead] = []
    uses: list[DotenvUse] = []
    described: list[SettingsClass] = []
    for found in classes.all:
        version = _version(found, classes, ())
        if version:
            _describe(found, classes, version, reads, uses, described)
    return reads, uses, described


def _version(found: ClassFound, classes: ClassIndex, seen: tuple[str, ...]) -> str:
    for base, last in zip(found.bases, found.last_names, strict=True):
        if base in _ROOTS:
            return _ROOTS[base]
        parent = classes.get(last, found)
        if parent is not None and last not in seen:
            version = _version(parent, classes, (*seen, last))
            if version:
                return version
        elif last == "BaseSettings" and parent is None:
            return "pydantic-settings"
    return ""


def _lineage(found: ClassFound, classes: ClassIndex) -> list[ClassFound]:
    """The class and its first-party bases, nearest first."""
    lineage: list[ClassFound] = []

    def visit(one: ClassFound) -> None:
        if one in lineage or len(lineage) > 20:
            return
        lineage.append(one)
        for last in one.last_names:
            parent = classes.get(last, one)
            if parent is not None:
                visit(parent)

    visit(found)
    return lineage


def _describe(
    found: ClassFound,
    classes: ClassIndex,
    version: str,
    reads: list[EnvRead],
    uses: list[DotenvUse],
    described: list[SettingsClass],
) -> None:
    lineage = _lineage(found, classes)
    config = _Config(extra="forbid")
    for one in reversed(lineage):
        _read_config(one, config)
    own: dict[str, EnvRead] = {}
    for one in reversed(lineage):
        for item in _fields(one, config, version, classes, found.node.name):
            own[f"{item.field}/{item.name}"] = item
    reads.extend(own.values())
    use = _env_files(found, config)
    if use is not None:
        uses.append(use)
    files = (*use.from_cwd, *use.paths) if use else ()
    fields = tuple(item.name for item in own.values())
    described.append(
        SettingsClass(
            found.node.name,
            found.file.location(found.node),
            config.prefix,
            config.case_sensitive,
            config.extra,
            config.delimiter,
            files,
            fields,
            version,
        )
    )


# --- configuration


def _read_config(found: ClassFound, config: _Config) -> None:
    before = config.env_files
    _read_options(found, config)
    if config.env_files is not before:
        config.owner_body = found.node.body


def _read_options(found: ClassFound, config: _Config) -> None:
    for keyword in found.node.keywords:
        _set(config, keyword.arg or "", keyword.value, found.file)
    for statement in found.node.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Config":
            for inner in statement.body:
                if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
                    _set(config, inner.targets[0].id, inner.value, found.file)
        elif _assigns(statement) == "model_config":
            for name, value in _pairs(getattr(statement, "value", None)):
                _set(config, name, value, found.file)


def _assigns(statement: ast.stmt) -> str:
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return targets[0].id if isinstance(targets[0], ast.Name) else ""


def _pairs(node: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            yield keyword.arg or "", keyword.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), value


def _set(config: _Config, name: str, value: ast.expr, file: PythonFile) -> None:
    constant = value.value if isinstance(value, ast.Constant) else None
    if name == "env_prefix" and isinstance(constant, str):
        config.prefix = constant
    elif name == "case_sensitive":
        config.case_sensitive = constant is True
    elif name == "extra":
        config.extra = str(constant if constant is not None else getattr(value, "attr", "ignore"))
    elif name == "env_nested_delimiter" and isinstance(constant, str):
        config.delimiter = constant
    elif name == "env_file":
        none = isinstance(value, ast.Constant) and constant is None
        config.env_files = [] if none else list(value.elts) if isinstance(value, (ast.Tuple, ast.List)) else [value]
        config.owner = file
    elif name == "fields":
        for key, options in _pairs(value):
            for option, names in _pairs(options):
                if option == "env":
                    config.aliases[key] = tuple(_strings(names))


def _strings(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for item in node.elts:
            yield from _strings(item)
    elif isinstance(node, ast.Call):  # AliasChoices("a", "b"), AliasPath("a", 0)
        for item in node.args:
            yield from _strings(item)


def _env_files(found: ClassFound, config: _Config) -> DotenvUse | None:
    if not config.env_files or config.owner is None:
        return None
    use = DotenvUse("pydantic-settings", found.file.location(found.node), owner=found.node.name)
    own = {name: value for statement in config.owner_body for name, value in _bindings(statement)}
    reader = PathReader(config.owner.path, {**config.owner.names, **own})
    return placed_use(use, [reader.read(item) for item in config.env_files])


def _bindings(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    value = getattr(statement, "value", None)
    if isinstance(statement, (ast.Assign, ast.AnnAssign)) and value is not None and _assigns(statement):
        yield _assigns(statement), value


# --- fields


def _fields(found: ClassFound, config: _Config, version: str, classes: ClassIndex, owner: str) -> Iterator[EnvRead]:
    for statement in found.node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            if name.startswith("_") or name == "model_config" or "ClassVar" in ast.unparse(statement.annotation):
                continue
            yield from _field(found, statement, name, config, version, classes, owner)


def _field(
    found: ClassFound,
    statement: ast.AnnAssign,
    name: str,
    config: _Config,
    version: str,
    classes: ClassIndex,
    owner: str,
) -> Iterator[EnvRead]:
    annotation, extra = annotated(statement.annotation)
    options = dict(item for call in extra for item in _field_options(found.file, call))
    options.update(_field_options(found.file, statement.value))
    default = _default(found.file, statement.value, options)
    if default is None and version == "pydantic v1" and _optional(annotation):
        default = ast.Constant(None)
    names = _variable_names(name, options, config, version)
    kind, choices = kind_of(annotation, classes)
    shown = tuple(one if config.case_sensitive else one.upper() for one in names)
    kind = kind_by_name(shown[0]) if kind is Kind.TEXT else kind
    read = EnvRead(
        shown[0], found.file.location(statement), version, default is None, None if default is None else
        found.file.source(default), kind, shown, owner, name, config.case_sensitive, bool(config.env_files), choices,
        _minimum(options),
    )  # fmt: skip
    below = list(_nested(read, annotation, config, classes, 0))
    # Where its parts are asked for one by one, nobody writes the whole as JSON as well.
    yield replace(read, required=False) if any(part.required for part in below) else read
    yield from below


def _field_options(file: PythonFile, value: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, ast.Call) and file.canonical(value.func).rsplit(".", maxsplit=1)[-1] == "Field":
        if value.args:
            yield "default", value.args[0]
        for keyword in value.keywords:
            if keyword.arg:
                yield keyword.arg, keyword.value


def _default(file: PythonFile, value: ast.expr | None, options: Mapping[str, ast.expr]) -> ast.expr | None:
    is_field = isinstance(value, ast.Call) and file.canonical(value.func).rsplit(".", maxsplit=1)[-1] == "Field"
    given = options.get("default_factory") or options.get("default") or (None if is_field else value)
    return None if isinstance(given, ast.Constant) and given.value is ... else given


def _optional(annotation: ast.expr) -> bool:
    text = ast.unparse(annotation)
    return text.startswith(("Optional[", "typing.Optional[")) or "None" in text.split(" | ")


def _variable_names(name: str, options: Mapping[str, ast.expr], config: _Config, version: str) -> tuple[str, ...]:
    order = ("env",) if version == "pydantic v1" else ("validation_alias", "alias")
    for option in order:
        named = tuple(_strings(options.get(option)))
        if named:
            return named
    if version == "pydantic v1" and name in config.aliases:
        return config.aliases[name]
    return (config.prefix + name,)


def _minimum(options: Mapping[str, ast.expr]) -> int:
    value = options.get("min_length")
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, int) else 0


def _nested(
    outer: EnvRead, annotation: ast.expr, config: _Config, classes: ClassIndex, depth: int
) -> Iterator[EnvRead]:
    """`DB__HOST` of `db: Database` with a nested delimiter."""
    inner = classes.get(last_name(annotation))
    if inner is None or not config.delimiter or depth > 3 or not _is_model(inner, classes):
        return
    for statement in inner.node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = outer.name + config.delimiter + statement.target.id
            name = name if config.case_sensitive else name.upper()
            kind, choices = kind_of(statement.annotation, classes)
            kind = kind_by_name(name) if kind is Kind.TEXT else kind
            default = None if statement.value is None else inner.file.source(statement.value)
            read = replace(
                outer, name=name, names=(name,), location=inner.file.location(statement), kind=kind, choices=choices,
                required=outer.required and default is None, default=default,
                field=f"{outer.field}.{statement.target.id}",
            )  # fmt: skip
            yield read
            yield from _nested(read, statement.annotation, config, classes, depth + 1)


def _is_model(found: ClassFound, classes: ClassIndex) -> bool:
    parents = (classes.get(last, found) for last in found.last_names)
    return "BaseModel" in found.last_names or any(
        parent is not None and _is_model(parent, classes) for parent in parents
    )
