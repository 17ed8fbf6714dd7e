"""From facts, the played start and the issues to the one value that reports read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from seatrial.boot import Boot, Outcome
from seatrial.fixes import FixConflict, apply, compatible, unified_diff
from seatrial.issue import Applicability, Fix, Issue, Location, NotAnalysed, Severity
from seatrial.options import AuditOptions
from seatrial.project.files import Source, read
from seatrial.project.manifest.declared import normalise
from seatrial.project.settings_environment import is_apart
from seatrial.project.settings_facts import Settings
from seatrial.report.import_graph import imports_of
from seatrial.report.results import (
    Audit,
    Dependency,
    Endpoint,
    Entry,
    LaunchTarget,
    Setting,
)
from seatrial.rules.build import case_of, contents_of
from seatrial.rules.codebase import Codebase
from seatrial.rules.guards import Guards
from seatrial.rules.judge import check_codes, judge, measured, selected
from seatrial.rules.order import in_order
from seatrial.rules.registry import all_rules
from seatrial.rules.suppression import IDLE, apply_suppressions, override_severities, suppressions
from seatrial.simulation.gather import Facts, texts_of
from seatrial.simulation.timeline import Timeline

HISTORY = "SEC005"  # the rule that looks into earlier commits
NO_TARGET = Boot(Outcome.UNKNOWN, None, "nothing says what starts the server: name it with --target module:app")


def assemble(facts: Facts, timeline: Timeline | None, options: AuditOptions) -> Audit:
    """Judge the case and put everything together."""
    played = timeline if timeline is not None else Timeline(NO_TARGET)
    case = case_of(facts, played)
    codes = codes_judged(options)
    rules = [rule for rule in all_rules() if rule.code in codes]
    issues = judge(case, rules) if case is not None else ()
    code = case.code if case is not None else None
    kept = in_order(_as_wished(issues, facts, options, codes), played)
    sources = sources_of(facts, kept)
    return Audit(
        backend=facts.base,
        target=launch_target(facts),
        python=judged_python(facts),
        predicted=played.boot,
        entries=tuple(Entry(issue, diff_of(facts, issue)) for issue in kept),
        manifest=_manifest(facts, kept),
        imports=imports_of(played, code),
        routes=_guarded(played, code),
        settings=_settings(facts.settings, facts, played),
        measures=measured(case, kept, rules) if case is not None else (),
        not_analysed=_not_analysed(facts, code if HISTORY in codes else None),
        patch=patch_of(facts, kept),
        environment=facts.environment.origin,
        limits=tuple(part for part in (facts.environment.note,) if part),
        files=len(facts.trees.sources),
        fail_level=options.fail_level or Severity.ERROR,
        sources=sources,
    )


def codes_judged(options: AuditOptions) -> frozenset[str]:
    """The codes that are looked for. Raises UsageError for a code that no rule has."""
    known = [*(rule.code for rule in all_rules()), IDLE.code]
    check_codes((*options.select, *options.ignore, *(code for code, _ in options.severities)), known)
    return frozenset(selected(known, options.select, options.ignore))


def _as_wished(
    issues: Sequence[Issue], facts: Facts, options: AuditOptions, codes: frozenset[str]
) -> tuple[Issue, ...]:
    """The issues that no comment silences, with the severities that the project sets."""
    texts = {**sources_of(facts, issues), **texts_of(facts.trees)}
    comments = [comment for path, text in sorted(texts.items()) for comment in suppressions(path, text)]
    return override_severities(apply_suppressions(issues, comments, codes), dict(options.severities))


def judged_python(facts: Facts) -> str:
    """The version that was judged: the interpreter's, in full, or the newer one that the backend asks for."""
    interpreter = facts.environment.interpreter
    return ".".join(map(str, interpreter.version if facts.python == interpreter.minor else facts.python))


def launch_target(facts: Facts) -> LaunchTarget | None:
    """What starts the server, as the reports name it."""
    target = facts.target
    if target is None:
        return None
    value = f"{target.module}:{target.attribute}" if target.attribute else target.module
    location = None if target.location.path == "." else target.location  # a person named it
    return LaunchTarget(value, location, target.resolves)


def sources_of(facts: Facts, issues: Iterable[Issue]) -> Mapping[str, str]:
    """The text of every file that the issues lie in, by path."""
    paths = {place.path for issue in issues for place in _places(issue)}
    found: dict[str, str] = {}
    for path in sorted(paths):
        source = facts.trees.sources.get(path) or read(facts.tree.root, path)
        if isinstance(source, Source):
            found[path] = source.text
    return found


def _places(issue: Issue) -> Iterable[Location]:
    yield issue.location
    for related in issue.related:
        yield related.location
    for edit in issue.fix.edits if issue.fix is not None else ():
        yield Location(edit.path, edit.start.line)


def diff_of(facts: Facts, issue: Issue) -> str:
    """The unified diff of one issue's fix."""
    return _diff(facts, [issue.fix]) if issue.fix is not None else ""


def patch_of(facts: Facts, issues: Sequence[Issue]) -> str:
    """The one diff of all fixes that may be applied as they stand."""
    safe = [issue.fix for issue in issues if issue.fix is not None and issue.fix.applicability is Applicability.SAFE]
    return _diff(facts, safe) if safe else ""


def _diff(facts: Facts, fixes: Sequence[Fix]) -> str:
    assert facts.scene is not None
    before = contents_of(facts.scene, fixes)
    try:
        after = apply(before, compatible(before, fixes))
    except FixConflict:
        return ""
    return unified_diff(before, after)


def _manifest(facts: Facts, issues: Iterable[Issue]) -> tuple[Dependency, ...]:
    environment = facts.environment
    own = environment.origin == "own"
    found = []
    for requirement in facts.manifest.requirements:
        if not requirement.name:
            continue
        installed = environment.distribution(requirement.name)
        version = installed.version if installed is not None else None
        locked = facts.manifest.locked(requirement.name)
        found.append(
            Dependency(
                name=requirement.name,
                declared=requirement.specifier,
                locked=locked[0] if locked else None,
                installed=version if own else None,
                resolved=None if own else environment.versions.get(requirement.key, version),
            )
        )
    rows = {normalise(dependency.name): dependency for dependency in found}
    bearing = [issue for issue in issues if issue.severity is not Severity.NOTE]
    for name, specifier in (need for issue in bearing for need in issue.needs):
        row = rows.get(normalise(name)) or _brought_along(facts, name)
        rows[normalise(name)] = replace(row, required=specifier)
    return tuple(rows.values())


def _brought_along(facts: Facts, name: str) -> Dependency:
    """A distribution that the manifest does not name."""
    version = facts.environment.versions.get(normalise(name))
    own = facts.environment.origin == "own"
    return Dependency(name, installed=version if own else None, resolved=None if own else version)


def _guarded(timeline: Timeline, code: Codebase | None) -> tuple[Endpoint, ...]:
    """The routes with what guards each of them, as far as the text tells."""
    guards = Guards(code) if code is not None else None
    return tuple(Endpoint(route, guards.of(route) if guards is not None else ()) for route in timeline.routes)


def _settings(settings: Settings, facts: Facts, played: Timeline) -> tuple[Setting, ...]:
    """The variables of what is served. A file that the start loads says more of one than any other; what only tests and
    scripts read is no concern of a deployment.
    """
    documented = {variable.name: variable.location for variable in reversed(facts.documented.documented)}
    loaded = {module.path for module in played.loaded}
    found: dict[str, tuple[bool, Setting]] = {}
    for read_ in (it for it in settings.reads if not is_apart(it.location.path)):
        weight = read_.location.path in loaded
        known = Setting(read_.name, read_.location, read_.required, read_.default, documented.get(read_.name))
        before = found.get(read_.name)
        if before is None or (weight, known.required) > (before[0], before[1].required):
            found[read_.name] = weight, known
    return tuple(found[name][1] for name in sorted(found))


def _not_analysed(facts: Facts, searched: Codebase | None) -> tuple[NotAnalysed, ...]:
    """Files that could not be judged, and the history of a codebase whose history was searched."""
    loaded = [tree for path in facts.trees.sources if isinstance(tree := facts.trees.tree(path), NotAnalysed)]
    problem = searched.history.problem if searched is not None else ""
    history = [NotAnalysed(".git", f"the history was not searched for secrets: {problem}")] if problem else []
    return (*facts.not_analysed, *loaded, *history)
