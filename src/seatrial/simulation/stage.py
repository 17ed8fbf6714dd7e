"""From facts to a stage on which a start can be played: the path, the finder, the trees, the packages."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.issue import NotAnalysed
from seatrial.project.files import Tree
from seatrial.project.launch.targets import Target
from seatrial.project.modules import Finder
from seatrial.project.packages.installed import Packages
from seatrial.project.settings_facts import Settings
from seatrial.project.syntax.trees import Trees
from seatrial.provision.environment import Environment
from seatrial.provision.reader import reader
from seatrial.simulation.layout import Layout
from seatrial.simulation.layout import Tree as SyntaxTree
from seatrial.simulation.outside import NothingKnown, PackagesOutside
from seatrial.simulation.simulator import Simulator
from seatrial.simulation.start import Server, play_start
from seatrial.simulation.timeline import Timeline

# Measured: the standard library modules in `sys.modules` when uvicorn 0.54 on CPython 3.12 imports the application.
LOADED_BY_SERVER = frozenset(
    """abc array ast asyncio atexit base64 binascii bisect builtins bz2 calendar codecs collections concurrent
    configparser contextlib contextvars copy copyreg dataclasses datetime dis email encodings enum errno fcntl fnmatch
    functools genericpath gettext heapq http importlib inspect io ipaddress itertools json keyword linecache locale
    logging lzma marshal math multiprocessing ntpath opcode operator os os.path pathlib pickle platform posix posixpath
    queue quopri random re reprlib select selectors shutil signal site socket socketserver ssl stat string struct
    subprocess sys tempfile textwrap threading time token tokenize traceback types typing urllib urllib.parse uuid
    warnings weakref zipimport zlib""".split()
)
LOADED_BY_PYTHON = frozenset(
    """abc builtins codecs encodings genericpath io marshal os os.path posix posixpath site stat sys time
    zipimport""".split()
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that plays of one target share: made once, played as often as a fix has to be tried."""

    tree: Tree
    target: Target
    environment: Environment
    finder: Finder
    packages: Packages
    trees: Trees
    variables: Mapping[str, str]
    files: Mapping[str, str]
    withheld: tuple[str, ...]
    settings: Settings = field(default_factory=Settings)
    alone: bool = False  # no service answers
    answering: frozenset[str] = frozenset()  # but for these
    bare: bool = False  # nothing is declared: the standard library is all there is
    unread: frozenset[str] = frozenset()  # dotenv files that lie there for some other purpose

    def play(self, changed: Mapping[str, bytes | None] | None = None) -> tuple[Simulator, Timeline]:
        """Play the start, with some files as they would be after a fix (None: removed)."""
        trees = self.trees if not changed else self._patched(changed)
        layout = self._layout(trees)
        server = Server(f"{self.target.module}:{self.target.attribute}", self.target.factory, self.target.server)
        return play_start(layout, server, dict(self.variables))

    def _patched(self, changed: Mapping[str, bytes | None]) -> Trees:
        from seatrial.project.files import decode

        sources = dict(self.trees.sources)
        for path, raw in changed.items():
            sources.pop(path, None)
            if raw is not None:
                sources[path] = decode(path, raw)
        return Trees(sources, self.trees.version, None)

    def _layout(self, trees: Trees) -> Layout:
        root = self.tree.root
        interpreter = self.environment.interpreter
        known = self.environment.origin != "none" or self.bare
        packages: NothingKnown | PackagesOutside = PackagesOutside(self.packages, self.environment)
        return Layout(
            root=root,
            cwd=_absolute(root, self.target.cwd),
            path=search_path(self.tree, self.target, self.environment),
            python=self.trees.version,
            platform=interpreter.platform,
            finder=self.finder,
            standard_finder=finder_of(interpreter.stdlib, self.environment),
            finder_for=lambda entries: finder_of(entries, self.environment),
            tree=lambda place: _tree_at(trees, root, place),
            is_own=_Ownership(self.tree, self.environment),
            outside=packages,
            environment_known=known,
            stdlib_modules=interpreter.stdlib_modules,
            preloaded=LOADED_BY_SERVER if not self.target.script else LOADED_BY_PYTHON,
            script_directory=_absolute(root, self.target.cwd) if self.target.via_module else None,
            micro=interpreter.version[2],
            files=self.files,
            withheld=self.withheld,
            alone=self.alone,
            answering=self.answering,
        )


class _Ownership:
    """Whether a file is the backend's: below the root, and in no environment."""

    def __init__(self, tree: Tree, environment: Environment) -> None:
        self._root = tree.root
        self._site = tuple(
            place for place in environment.site if place.is_relative_to(tree.root) and place != tree.root
        )
        self._known: dict[Path, bool] = {}

    def __call__(self, path: Path | None) -> bool:
        if path is None:
            return False
        known = self._known.get(path)
        if known is None:
            known = path.is_relative_to(self._root) and not self._installed(path) and not self._in_environment(path)
            self._known[path] = known
        return known

    def _in_environment(self, path: Path) -> bool:
        return any(path.is_relative_to(place) for place in self._site if self._installed(place))

    def _installed(self, path: Path) -> bool:
        """Whether it lies among installed packages, seen from the root: the backend may lie there itself."""
        return "site-packages" in path.relative_to(self._root).parts


def _tree_at(trees: Trees, root: Path, place: Path) -> SyntaxTree:
    relative = place.relative_to(root).as_posix()
    if relative not in trees.sources:
        return NotAnalysed(relative, "it cannot be read")
    return trees.tree(relative)


def _absolute(root: Path, relative: str) -> Path:
    return Path(posixpath.normpath((root / relative).as_posix()))


def search_path(tree: Tree, target: Target, environment: Environment) -> tuple[str, ...]:
    """`sys.path` as the server has it when it imports the target."""
    front = [str(_absolute(tree.root, entry)) for entry in target.path_entries]
    if front and not target.script and front[0] == str(_absolute(tree.root, target.cwd)):
        front[0] = ""
    last = [str(_absolute(tree.root, entry)) for entry in target.installed]
    stdlib = [str(place) for place in environment.interpreter.stdlib]
    return (*front, *stdlib, *map(str, environment.site), *last)


def finder_of(entries: Sequence[Path], environment: Environment) -> Finder:
    """A finder for the backend's Python."""
    interpreter = environment.interpreter
    return Finder(
        entries,
        interpreter.builtin_modules,
        version=interpreter.version,
        platform=interpreter.platform,
        stdlib=interpreter.stdlib,
    )


def set_scene(
    tree: Tree,
    target: Target,
    environment: Environment,
    trees: Trees,
    variables: Mapping[str, str],
    files: Mapping[str, str],
    withheld: tuple[str, ...],
    settings: Settings,
    cache: Path | None,
    bare: bool = False,
) -> Scene:
    """Gather what a play needs."""
    cwd = _absolute(tree.root, target.cwd)
    entries = [cwd / entry for entry in search_path(tree, target, environment)]
    finder = finder_of(entries, environment)
    interpreter = environment.interpreter
    packages = Packages(
        finder, interpreter.opaque, interpreter.version, interpreter.platform, cache, reader(interpreter.executable)
    )
    return Scene(tree, target, environment, finder, packages, trees, variables, files, withheld, settings, bare=bare)
