"""The environment under which a start is predicted and observed.

It is what a newcomer would have who follows the papers: the example copied to the dotenv file that the code reads, the
variables of compose, Dockerfile and README set, every blank filled in with a value of the right form, and a
PostgreSQL of our own where the papers name one. What is documented stays as it is even where it breaks something, for
that is a fault to be found. Nothing that no paper names is set, and nothing of a developer's own `.env` is.

A name goes to the process when nothing that reads the dotenv file would hand it on: a platform sets it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from seatrial.issue import Location
from seatrial.project import dotenv
from seatrial.project.documents import Documents
from seatrial.project.files import Tree
from seatrial.project.launch.targets import Target
from seatrial.project.settings_documented import documented_variables
from seatrial.project.settings_facts import (
    Channel,
    DocumentedEnvironment,
    DocumentedValue,
    EnvDocumented,
    EnvRead,
    Kind,
    Origin,
    Overrides,
    Settings,
    Source,
    StandIn,
)
from seatrial.project.settings_places import Places, Template, choose_places, choose_template, is_apart
from seatrial.project.settings_templates import find_env_files
from seatrial.project.settings_values import (
    database_part,
    engine_named,
    is_postgres_url,
    kind_by_name,
    on_stand_in,
    part_of_stand_in,
    placeholder,
    stands_for,
    without_credentials,
)


def documented_environment(
    tree: Tree,
    base: str,
    target: Target | None,
    settings: Settings,
    *,
    database: StandIn | None = None,
    overrides: Overrides | None = None,
    documents: Documents | None = None,
) -> DocumentedEnvironment:
    """The environment for the backend in `base`, started as `target` says.

    `database` is the PostgreSQL that documented database URLs are pointed at; None stands for one that prediction makes
    up, of the same shape. `overrides` are the command line's.
    """
    documents = documents or Documents.of(tree.root)
    overrides = overrides or Overrides()
    documented = documented_variables(tree, base, settings, documents)
    files = find_env_files(documents, tree.files, base)
    planner = _Planner(settings, database or StandIn(), overrides, documented, documents)
    undocumented = _undocumented(settings, documented)
    if overrides.nothing:
        withheld = tuple(file.path for file in files)
        values = tuple(_given(name, value) for name, value in overrides.values)
        return DocumentedEnvironment(values, dict(overrides.values), (), withheld, documented, "", undocumented)
    template = choose_template(documents, base, overrides)
    places = choose_places(documents, base, target, settings, template, files, overrides)
    plan = planner.plan(template, places, target)
    withheld = tuple(file.path for file in files if file.path not in dict(plan.dotenv))
    return DocumentedEnvironment(
        tuple(plan.values.values()),
        plan.process,
        tuple(plan.dotenv),
        withheld,
        documented,
        template.path,
        undocumented,
        frozenset(path for path, _ in plan.dotenv if not places.is_read(path)),
    )


def _undocumented(settings: Settings, documented: Sequence[EnvDocumented]) -> tuple[EnvRead, ...]:
    names = {item.name for item in documented}
    return tuple(
        read
        for read in settings.reads
        if read.required and not is_apart(read.location.path) and not any(read.accepts(name) for name in names)
    )


def _given(name: str, value: str) -> DocumentedValue:
    return DocumentedValue(name, value, Location("command line", 1), Origin.GIVEN, None, Channel.PROCESS, Source.GIVEN)


# --- which values


@dataclass(slots=True)
class _Plan:
    values: dict[str, DocumentedValue] = field(default_factory=dict)
    process: dict[str, str] = field(default_factory=dict)
    dotenv: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Planner:
    settings: Settings
    database: StandIn
    overrides: Overrides
    documented: tuple[EnvDocumented, ...]
    documents: Documents

    def plan(self, template: Template, places: Places, target: Target | None) -> _Plan:
        """Put values into dotenv files and process."""
        plan = _Plan()
        primary = self._from_template(template)
        if not template.given:
            primary = {**primary, **self._from_committed(places)}
        plan.values.update(primary)
        self._write_files(plan, primary, template, places)
        in_files = {name for path, text in plan.dotenv if places.is_read(path) for name in dotenv.values(text)}
        self._set_process(plan, primary, template, places, in_files)
        self._set_others(plan, primary, in_files)
        for name, value in self.overrides.values:
            plan.process[name] = value
            plan.values[name] = _given(name, value)
        return plan

    def _from_template(self, template: Template) -> dict[str, DocumentedValue]:
        source = Source.GIVEN if template.given else Source.TEMPLATE
        items = {
            binding.name: EnvDocumented(
                binding.name, binding.value, Location(template.path, binding.line), source, binding.comment
            )
            for binding in dotenv.parse(template.text)
        }
        return self._decided(items.values())

    def _from_committed(self, places: Places) -> dict[str, DocumentedValue]:
        """What stands in the committed files that the template would be copied over, or that are read as they are."""
        found: dict[str, DocumentedValue] = {}
        for path in places.read:
            found.update(self._of_file(path, places.texts.get(path, "")))
        return found

    def _of_file(self, path: str, text: str) -> dict[str, DocumentedValue]:
        return self._decided(
            EnvDocumented(binding.name, binding.value, Location(path, binding.line), Source.COMMITTED, binding.comment)
            for binding in dotenv.parse(text)
        )

    def _decided(self, items: Iterable[EnvDocumented]) -> dict[str, DocumentedValue]:
        items = tuple(items)
        engine = _engine(items)
        decided = ((item.name, self._decide(item, engine)) for item in items)
        return {name: value for name, value in decided if value is not None}

    def _write_files(
        self, plan: _Plan, primary: Mapping[str, DocumentedValue], template: Template, places: Places
    ) -> None:
        for path, text in places.texts.items():
            own = self._of_file(path, text)
            written = self._filled(text, own)
            if path in places.copies and template.given:
                written = self._filled(template.text, primary)
            elif path in places.copies:
                further = {name: value.value for name, value in primary.items() if name not in own}
                written = dotenv.appended(written, further)
            plan.dotenv.append((path, written))
        for path in places.copies:
            if path not in places.texts:
                plan.dotenv.append((path, self._filled(template.text, primary)))

    def _filled(self, text: str, values: Mapping[str, DocumentedValue]) -> str:
        replacements = {name: self._overridden(name, value.value) for name, value in values.items()}
        return dotenv.rewritten(text, _changed(replacements, values))

    def _overridden(self, name: str, value: str) -> str:
        return dict(self.overrides.values).get(name, value)

    def _set_process(
        self,
        plan: _Plan,
        primary: Mapping[str, DocumentedValue],
        template: Template,
        places: Places,
        in_files: set[str],
    ) -> None:
        """Names of the files that no reader of a dotenv file hands on."""
        texts = {name: text for _, written in plan.dotenv for name, text in dotenv.values(written).items()}
        texts.update(dotenv.values(self._filled(template.text, primary)))
        for name, value in primary.items():
            channel = self._channel(name, places) if name in in_files else Channel.PROCESS
            if channel is not Channel.DOTENV:
                plan.process[name] = texts.get(name) or value.value
            plan.values[name] = _through(plan.values.get(name, value), channel)

    def _channel(self, name: str, places: Places) -> Channel:
        if places.into_environ:
            return Channel.DOTENV
        reads = self.settings.of(name)
        by_file = any(read.dotenv for read in reads)
        by_process = any(not read.dotenv for read in reads)
        if by_file:
            return Channel.BOTH if by_process else Channel.DOTENV
        return Channel.BOTH

    def _set_others(self, plan: _Plan, primary: Mapping[str, DocumentedValue], in_files: set[str]) -> None:
        """What the other papers say, for names that are not settled yet. Case does not tell names apart here."""
        settled = {name.lower() for name in (*primary, *in_files)}
        chosen: dict[str, EnvDocumented] = {}
        for item in self.documented:
            if item.name.lower() not in settled and item.source is not Source.COMMITTED and self._matters(item):
                known = chosen.get(item.name)
                if known is None or (known.value is None and item.value is not None):
                    chosen[item.name] = item
        for name, value in self._decided(chosen.values()).items():
            plan.values[name] = value
            plan.process[name] = value.value

    def _matters(self, item: EnvDocumented) -> bool:
        """What is only said in passing counts for what the code cannot do without."""
        reads = self.settings.of(item.name)
        if not item.active:
            return any(read.required for read in reads)
        if item.source in (Source.README, Source.WORKFLOW):
            return any(read.required or read.default is None for read in reads)
        return bool(reads) or item.source in (Source.COMPOSE, Source.DOCKERFILE, Source.PLATFORM)

    def _decide(self, item: EnvDocumented, engine: str) -> DocumentedValue | None:
        """The value that a documented variable gets; None where none is set."""
        value, origin = self._value(item, engine)
        if value is None:
            return None
        return DocumentedValue(item.name, value, item.location, origin, item.value, Channel.PROCESS, item.source)

    def _value(self, item: EnvDocumented, engine: str) -> tuple[str | None, Origin]:
        name, value = item.name, item.value
        reads = self.settings.of(name)
        kind = next((read.kind for read in reads if read.kind is not Kind.TEXT), kind_by_name(name))
        if value is not None and is_postgres_url(value) and "${" not in value:
            return on_stand_in(value, self.database), Origin.GENERATED_DATABASE
        part = database_part(name)
        if part and engine in ("", "postgres") and (value is not None or any(read.required for read in reads)):
            return part_of_stand_in(part, self.database), Origin.GENERATED_DATABASE
        if value is None or not value.strip():
            return self._blank(item, kind, reads)
        if kind is Kind.DATABASE_URL and "://" not in value:
            return (
                (self._database_url(item), Origin.GENERATED_DATABASE)
                if stands_for(value, kind)
                else (value, Origin.DOCUMENTED)
            )
        if item.source is Source.COMMITTED:
            return self._disarmed(item, value, kind, reads)
        if item.source is not Source.GIVEN and stands_for(value, kind):
            return placeholder(name, kind, reads, item.comment), Origin.PLACEHOLDER
        return value, Origin.DOCUMENTED

    def _blank(self, item: EnvDocumented, kind: Kind, reads: Sequence[EnvRead]) -> tuple[str | None, Origin]:
        """A name without a value: filled in where the code cannot do without, else left as it is."""
        required = any(read.required for read in reads)
        bare = bool(reads) and all(read.default is None for read in reads) and kind in (Kind.SECRET, Kind.DATABASE_URL)
        if not required and not bare:
            return item.value, Origin.DOCUMENTED
        if kind is Kind.DATABASE_URL:
            return self._database_url(item), Origin.GENERATED_DATABASE
        return placeholder(item.name, kind, reads, item.comment), Origin.PLACEHOLDER

    def _disarmed(self, item: EnvDocumented, value: str, kind: Kind, reads: Sequence[EnvRead]) -> tuple[str, Origin]:
        """A committed value without anybody's credentials."""
        if kind is Kind.SECRET:
            return placeholder(item.name, kind, reads, item.comment), Origin.PLACEHOLDER
        harmless = without_credentials(value) if "://" in value else value
        return harmless, Origin.DOCUMENTED if harmless == value else Origin.PLACEHOLDER

    def _database_url(self, item: EnvDocumented) -> str:
        """A database URL where none is given, with the scheme that the papers or the code's default show."""
        said = [item.comment, *(read.default or "" for read in self.settings.of(item.name))]
        said += [other.value or "" for other in self.documented if other.name.lower() == item.name.lower()]
        said += [self.documents.text(item.location.path) or ""]
        for text in said:
            match = re.search(r"(postgres(?:ql)?(?:\+\w+)?)://", text)
            if match:
                return on_stand_in(f"{match[1]}://", self.database)
        return on_stand_in("postgresql://", self.database)


def _through(value: DocumentedValue, channel: Channel) -> DocumentedValue:
    return DocumentedValue(
        value.name, value.value, value.location, value.origin, value.documented_value, channel, value.source
    )


def _changed(replacements: Mapping[str, str], values: Mapping[str, DocumentedValue]) -> dict[str, str]:
    """Only what differs from what is written, so that the rest of the text stays untouched."""
    return {name: text for name, text in replacements.items() if text != values[name].documented_value}


def _engine(items: Iterable[EnvDocumented]) -> str:
    pairs = [(item.name, item.value) for item in items if item.value]
    engine = engine_named(pairs)
    if not engine and any(database_part(name) == "port" and value == "3306" for name, value in pairs):
        return "mysql"
    return engine


__all__ = ["documented_environment", "is_apart"]
