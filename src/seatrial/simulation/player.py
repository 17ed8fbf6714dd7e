"""The state of one play: the stack, who would catch what, what went wrong so far.

An exception that some active handler of the program may catch is raised as `Raised` and travels as in CPython.
One that nothing would catch is the end of a real start: it is recorded as a `Mishap`, and the play goes on as if
the place were mended, so that the faults behind it are found in the same run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seatrial.boot import Failure, Frame
from seatrial.issue import Location, Stage
from seatrial.libraries.values import Cell, Instance, LibraryError, Module, Unknown, Value
from seatrial.simulation.timeline import Call, Fault, ImportEdge, LoadedModule, Mishap, RaisedByCode, Reach

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

STEPS = 1_500_000  # nodes played in one start before it is given up as too long to follow
DEPTH = 950  # calls of the backend on the stack; CPython gives up at 1000, of which the server has some
NESTED = 130  # imports within one another, of some seven frames each; where exactly CPython gives up nobody can tell
FRAMES = 60_000  # frames of our own that this may take
MISHAPS = 300


class OutOfBudget(Exception):
    """The play takes longer than is worth following; the outcome is unknown."""


class Raised(Exception):
    """An exception of the program on its way to a handler. `place` is where it was raised, if that is known."""

    def __init__(self, error: Value, frames: tuple[Frame, ...], fault: Fault, place: Location | None = None) -> None:
        super().__init__()
        self.error = error
        self.frames = frames
        self.fault = fault
        self.place = place


class Suspended(Exception):
    """The program waits for something that a start never delivers (the server's next message)."""


@dataclass(slots=True)
class Active:
    """One frame of the program. `maybe` is how many undecided branches it was entered under."""

    module: Module
    function: str
    namespace: dict[str, Value]
    cell: Cell | None
    maybe: int
    line: int = 1
    handling: list[Raised] = field(default_factory=list)
    returns: list[Value] = field(default_factory=list)
    is_class: bool = False
    owner: Value = None
    qualname: str = ""
    behind: Active | None = None  # of a scope of type parameters, the frame in which the definition stands
    node: ast.AST | None = None
    subject: Value = None
    run: Value = None
    is_async: bool = False


@dataclass(slots=True)
class Guard:
    """A `try` or `with` that is active. `catches` answers whether it may catch an exception."""

    catches: Callable[[Value], bool]
    maybe: int


@dataclass(slots=True)
class Record:
    """What was seen so far; it becomes the Timeline."""

    mishaps: list[Mishap] = field(default_factory=list)
    loaded: list[LoadedModule] = field(default_factory=list)
    edges: list[ImportEdge] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    external: dict[str, None] = field(default_factory=dict)
    doubts: list[tuple[Location, str]] = field(default_factory=list)
    made: list[tuple[str, Value]] = field(default_factory=list)  # what libraries keep for the timeline, by kind
    blind: str = ""  # why the outcome cannot be told, where that is so


class Player:
    """Plays one start. The legs of the play are functions over it, in the modules beside this one."""

    sim: Simulator  # the play that this is the state of

    def __init__(
        self,
        root: Path,
        python: tuple[int, int],
        environment: Mapping[str, str],
        evaluate: Mapping[type, Callable[[Player, Any], Value]],
        execute: Mapping[type | str, Callable[[Player, Any], Value]],
    ) -> None:
        self.root = root
        self.python = python
        self.environment: dict[str, Value] = dict(environment)
        self.stack: list[Active] = []
        self.guards: list[Guard] = []
        self.maybe = 0
        self.steps = 0
        self.stage = Stage.IMPORT
        self.latent: Reach | None = None  # set once the start itself is over
        self.record = Record()
        self._evaluate = evaluate
        self._execute = execute
        self._relative: dict[Path, str] = {}
        self._ended: Value = None  # what the last mishap was
        self._mended: set[tuple[Location | None, Fault]] = set()
        self._caught: dict[int, Raised] = {}  # by the exception's identity; of its frames those from the handler on

    # -- playing ---------------------------------------------------------------------------------------------------

    @property
    def frame(self) -> Active:
        """The frame that runs now."""
        return self.stack[-1]

    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression in the frame that runs now."""
        self.steps += 1
        if self.steps > STEPS:
            raise OutOfBudget
        play = self._evaluate.get(type(node))
        return play(self, node) if play else Unknown(f"{type(node).__name__} is not played")

    def execute(self, body: list[ast.stmt]) -> Value:
        """Play statements. Returns None when they run to their end, else how they left (see `signals`)."""
        frame = self.stack[-1]
        table = self._execute
        for node in body:
            self.steps += 1
            frame.line = node.lineno
            play = table.get(type(node)) or table.get(type(node).__name__)
            if play is None:
                self.doubt(f"{type(node).__name__} is not played")
                continue
            signal = play(self, node)
            if signal is not None:
                return signal
        if self.steps > STEPS:
            raise OutOfBudget
        return None

    def undecided(self) -> Maybe:
        """A branch of which nobody knows whether it is taken."""
        return Maybe(self)

    def guarded(self, catches: Callable[[Value], bool]) -> Guarded:
        """A `try` or `with` that may catch what is raised inside."""
        return Guarded(self, catches)

    # -- places ----------------------------------------------------------------------------------------------------

    def relative(self, path: Path | None) -> str:
        """A path as the reports spell it: relative to the audited PATH, with forward slashes."""
        if path is None:
            return ""
        known = self._relative.get(path)
        if known is None:
            inside = path.is_relative_to(self.root)
            known = self._relative[path] = (path.relative_to(self.root) if inside else path).as_posix()
        return known

    def frames(self) -> tuple[Frame, ...]:
        """The backend's own frames, outermost first."""
        return tuple(
            Frame(self.relative(active.module.origin), active.line, active.function)
            for active in self.stack
            if active.module.first_party and active.module.origin is not None
        )

    def place(self, node: ast.AST | None = None) -> Location:
        """Where the play stands now."""
        if not self.stack:
            return Location("", 1)
        frame = self.frame
        path = self.relative(frame.module.origin)
        if node is None or not hasattr(node, "lineno"):
            return Location(path, frame.line)
        end_column = getattr(node, "end_col_offset", None)
        end = None if end_column is None else end_column + 1
        column = getattr(node, "col_offset", 0) + 1
        return Location(path, node.lineno, column, getattr(node, "end_lineno", None), end)

    @property
    def reach(self) -> Reach:
        """From where the present statement is reached."""
        if self.latent is not None:
            return self.latent
        return Reach.BOOT if self.stage == Stage.IMPORT else Reach.STARTUP

    def doubt(self, why: str) -> None:
        """Something that the play could not follow, with its place."""
        if len(self.record.doubts) < 200:
            self.record.doubts.append((self.place(), why))

    # -- exceptions ------------------------------------------------------------------------------------------------

    def fail(self, error: Value, fault: Fault | None = None, node: ast.AST | None = None) -> Unknown:
        """The program raises here. Returns only where nothing would catch it: then the play goes on."""
        self._chain(error)
        before = self._caught.get(id(error))
        frames, place = self.frames(), self.place(node)
        if before is not None:
            frames, place = frames + before.frames, before.place or place
        if fault is None:
            fault = self.fault_being_handled() or RaisedByCode("operation")
        return self.propagate(Raised(error, frames, fault, place))

    def caught(self, raised: Raised) -> None:
        """A handler of the present frame has an exception: its traceback stays with it, should it be raised again."""
        if not isinstance(raised.error, Unknown):
            above = len(self.frames()) - bool(self.frame.module.first_party)
            self._caught[id(raised.error)] = Raised(raised.error, raised.frames[above:], raised.fault, raised.place)

    def _chain(self, error: Value) -> None:
        """What is raised while another exception is handled has that one as its context."""
        active = self.being_handled()
        if active is None or not isinstance(error, BaseException) or error is active.error:
            return
        if isinstance(active.error, BaseException) and error.__context__ is None:
            error.__context__ = active.error

    def fault_being_handled(self) -> Fault | None:
        """An exception raised while another is handled has that one's fault as its root cause."""
        active = self.being_handled()
        return None if active is None else active.fault

    def being_handled(self) -> Raised | None:
        """The exception that the innermost active `except` handles."""
        for active in reversed(self.stack):
            if active.handling:
                return active.handling[-1]
        return None

    def propagate(self, raised: Raised) -> Unknown:
        """Send an exception on its way, or record it where nothing is there to catch it."""
        if raised.place is not None and (raised.place, raised.fault) in self._mended:
            return Unknown("mended: " + describe(raised.error)[1])
        for guard in reversed(self.guards):
            if guard.catches(raised.error):
                if self.maybe > guard.maybe:
                    # Nobody knows whether this branch is taken, and what follows the handler would hide the rest.
                    self.doubt("an exception that may be raised, and would be caught")
                    return Unknown("after an exception in an undecided branch")
                raise raised
        self.note(raised, raised.place or self.place())
        return Unknown("mended: " + describe(raised.error)[1])

    def has_mended(self, raised: Raised, noted: int) -> bool:
        """Whether a handler let a caught exception end the start; what was raised there counts as mended from now on.

        `noted` is how many mishaps there were before it. The play goes on past each failure, and so has to go back to
        where this one came from.
        """
        key = (raised.place, raised.fault)
        if len(self.record.mishaps) == noted or self._ended is not raised.error or key in self._mended:
            return False
        self._mended.add(key)
        return raised.place is not None

    def note(self, raised: Raised, place: Location) -> None:
        """Record what would have ended the start."""
        if len(self.record.mishaps) >= MISHAPS:
            raise OutOfBudget
        self._ended = raised.error
        exception, message = describe(raised.error)
        failure = Failure(self.stage, exception, message, raised.frames)
        self.record.mishaps.append(Mishap(failure, raised.fault, self.reach, place, certain=self.maybe == 0))


class Maybe:
    """What is played inside may not happen. A class, as it is entered tens of thousands of times in one play."""

    __slots__ = ("_player",)

    def __init__(self, player: Player) -> None:
        self._player = player

    def __enter__(self) -> None:
        self._player.maybe += 1

    def __exit__(self, *_: object) -> None:
        self._player.maybe -= 1


class Guarded:
    """What is raised inside may be caught."""

    __slots__ = ("_catches", "_depth", "_player")

    def __init__(self, player: Player, catches: Callable[[Value], bool]) -> None:
        self._player = player
        self._catches = catches
        self._depth = 0

    def __enter__(self) -> None:
        self._depth = len(self._player.guards)
        self._player.guards.append(Guard(self._catches, self._player.maybe))

    def __exit__(self, *_: object) -> None:
        del self._player.guards[self._depth :]


def describe(error: Value) -> tuple[str, str]:
    """An exception's class as a traceback spells it, and its text."""
    if isinstance(error, LibraryError):
        return error.name, error.message
    if isinstance(error, Instance):
        module = error.type.module
        name = error.type.qualname if module in ("builtins", "__main__") else f"{module}.{error.type.qualname}"
        return name, safe_text(error)
    if isinstance(error, BaseException):
        kind = type(error)
        plain = kind.__module__ in ("builtins", "__main__")
        return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}", safe_text(error)
    return "Exception", ""


def safe_text(value: Value) -> str:
    """`str(value)` where it can be known, else an empty text."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - whatever it is, it is what the program sees
        return ""
