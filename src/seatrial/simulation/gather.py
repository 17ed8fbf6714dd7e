"""All facts of one backend: its files, what is declared, what starts it, its environment, and the stage to play on."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from seatrial.errors import UsageError
from seatrial.issue import NotAnalysed
from seatrial.options import StartOptions
from seatrial.progress import Progress
from seatrial.project.documents import Documents
from seatrial.project.files import Source, Tree, Undecodable, read
from seatrial.project.launch.targets import Target, explicit_target, find_targets
from seatrial.project.manifest.compare import out_of_step
from seatrial.project.manifest.declared import Manifest, read_manifest
from seatrial.project.settings import read_settings
from seatrial.project.settings_environment import documented_environment
from seatrial.project.settings_facts import DocumentedEnvironment, Overrides, Settings
from seatrial.project.settings_walk import PythonFile
from seatrial.project.syntax.trees import Trees
from seatrial.provision.cache import cache_directory
from seatrial.provision.environment import Environment
from seatrial.provision.equip import Order, equip
from seatrial.provision.reader import reader
from seatrial.provision.versions import first_minor, satisfies
from seatrial.simulation.ashore import ashore
from seatrial.simulation.stage import Scene, set_scene


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one backend before anything is played or judged."""

    tree: Tree
    base: str
    manifest: Manifest
    targets: tuple[Target, ...]
    environment: Environment
    trees: Trees
    settings: Settings
    documented: DocumentedEnvironment
    scene: Scene | None
    python: tuple[int, int]
    order: Order
    not_analysed: tuple[NotAnalysed, ...]
    ashore: Environment | None = None  # where no image is built; None if it is no other

    @property
    def target(self) -> Target | None:
        """The target that is played."""
        return self.targets[0] if self.targets else None


def gather(tree: Tree, base: str, options: StartOptions, progress: Progress, *, lock_anew: bool = False) -> Facts:
    """Read everything. With `lock_anew` the lock file is taken to be made anew from its manifest, which has changed.

    Raises UsageError for options that cannot be met.
    """
    documents = Documents.of(tree.root)
    progress.step("reading what is declared")
    manifest = read_manifest(tree, base)
    targets = _targets(tree, base, options, documents)
    progress.step("looking at the environment")
    order = order_of(tree, manifest, options, lock_anew=lock_anew)
    environment = equip(order)
    python = judged_python(environment, manifest, options)
    progress.step(f"reading {len(tree.python)} files")
    trees, skipped = _trees(tree, python, environment)
    settings = read_settings(python_files(trees))
    overrides = overrides_of(options)
    target = targets[0] if targets else None
    documented = documented_environment(tree, base, target, settings, overrides=overrides, documents=documents)
    scene = None
    if target is not None:
        cache = cache_directory()
        files = dict(documented.dotenv)
        withheld = documented.withheld
        bare = not manifest.requirements and manifest.lock is None and environment.origin == "none"
        scene = set_scene(tree, target, environment, trees, documented.process, files, withheld, settings, cache, bare)
        scene = replace(scene, unread=documented.unread)
    return Facts(
        tree,
        base,
        manifest,
        targets,
        environment,
        trees,
        settings,
        documented,
        scene,
        python,
        order,
        (*tree.not_analysed, *skipped),
        ashore(order, environment, manifest) if scene is not None else None,
    )


def _targets(tree: Tree, base: str, options: StartOptions, documents: Documents) -> tuple[Target, ...]:
    found = find_targets(tree, base, documents)
    if options.target is None:
        return found
    if ":" not in options.target:
        raise UsageError(
            f"--target {options.target} names no application: write it as module:attribute, such as main:app"
        )
    return (explicit_target(tree, base, options.target, documents), *found)


def order_of(tree: Tree, manifest: Manifest, options: StartOptions, *, lock_anew: bool = False) -> Order:
    """What `provision` has to know of a backend.

    A lock file that is older than its manifest decides nothing: whoever installs has it brought up to date first, by
    hand or by the tool itself, which then keeps what it can of it.
    """
    chosen = manifest.installation
    files = [tree.root / path for path in chosen.files] if chosen is not None else []
    kinds = {tree.root / document.path: document.kind for document in manifest.documents}
    lock = tree.root / manifest.lock.path if manifest.lock is not None else None
    preferred = None
    if lock is not None and (lock_anew or (out_of_step(manifest) and not _is_frozen(manifest))):
        lock, preferred = None, lock
    pyproject = next((file for file in files if file.name == "pyproject.toml"), None)
    poetry = (
        lock is None and pyproject is not None and kinds.get(pyproject) == "poetry"
    )  # whose own syntax uv does not read
    if pyproject is None and lock is not None and (lock.parent / "pyproject.toml").is_file():
        pyproject = lock.parent / "pyproject.toml"
    listed = tuple(file for file in files if kinds.get(file) == "requirements")
    rest = () if not poetry and (listed or pyproject or lock) else tuple(_lines(manifest))
    return Order(
        root=tree.root,
        backend=tree.root / manifest.base,
        python=options.python,
        wishes=tuple(asked.wish for asked in manifest.python),
        requirement_files=listed,
        requirements=rest,
        pyproject=pyproject if not listed else None,
        pyproject_settings_only=poetry,
        extras=chosen.extras if chosen is not None else (),
        groups=chosen.groups if chosen is not None else (),
        lock=lock,
        preferred=preferred,
        as_of=options.as_of,
        offline=options.offline,
    )


def _is_frozen(manifest: Manifest) -> bool:
    """Whether the command that installs takes the lock file as it is, however old."""
    return manifest.installation is not None and "--frozen" in manifest.installation.reason


def _lines(manifest: Manifest) -> list[str]:
    """Requirements of manifests that uv does not read itself (Pipfile, setup.cfg, conda), as PEP 508 lines."""
    lines = []
    for requirement in manifest.requirements:
        if not requirement.name or requirement.url is not None:
            continue
        extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
        marker = f" ; {requirement.marker}" if requirement.marker else ""
        lines.append(f"{requirement.name}{extras}{requirement.specifier}{marker}")
    return lines


def _trees(tree: Tree, python: tuple[int, int], environment: Environment) -> tuple[Trees, tuple[NotAnalysed, ...]]:
    sources: dict[str, Source | Undecodable] = {}
    skipped: list[NotAnalysed] = []
    for path in tree.python:
        source = read(tree.root, path)
        if isinstance(source, NotAnalysed):
            skipped.append(source)
        else:
            sources[path] = source
    interpreter = environment.interpreter
    ask = reader(interpreter.executable) if python == interpreter.minor else None
    return Trees(sources, python, ask), tuple(skipped)


def judged_python(environment: Environment, manifest: Manifest, options: StartOptions) -> tuple[int, int]:
    """The minor version that the backend is judged for.

    It is the interpreter's, but where the backend asks for a newer one than is at hand: then what only that one can
    read is not analysed, rather than called broken.
    """
    interpreter = environment.interpreter
    if options.python is not None or environment.origin == "own" or not manifest.python:
        return interpreter.minor
    asked = manifest.python[0].specifier
    first = first_minor(asked)
    newer = first is not None and first > interpreter.minor and satisfies(interpreter.version, asked) is False
    return first if first is not None and newer else interpreter.minor


def python_files(trees: Trees) -> list[PythonFile]:
    """The files that can be parsed, with their trees made when they are asked for."""
    return [_python_file(trees, path, source) for path, source in trees.sources.items() if isinstance(source, Source)]


def _python_file(trees: Trees, path: str, source: Source) -> PythonFile:
    def tree() -> ast.Module:
        parsed = trees.tree(path)
        return parsed if isinstance(parsed, ast.Module) else ast.Module(body=[], type_ignores=[])

    return PythonFile(path, source.text, tree)


def overrides_of(options: StartOptions) -> Overrides:
    """What a person sets instead of what is documented. Raises UsageError for a file that cannot be read."""
    env_file = None
    if options.env_file is not None:
        try:
            env_file = (options.env_file.read_text(encoding="utf-8"), options.env_file.as_posix())
        except (OSError, ValueError) as error:
            why = (getattr(error, "strerror", None) or "it is no UTF-8 text").lower()
            raise UsageError(f"--env-file {options.env_file} cannot be read: {why}") from None
    return Overrides(env_file=env_file, values=options.env, nothing=options.bare)


def texts_of(trees: Trees) -> Mapping[str, str]:
    """The text of every file that has one."""
    return {path: source.text for path, source in trees.sources.items() if isinstance(source, Source)}
