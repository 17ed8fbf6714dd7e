"""Executing a module of the backend, as `importlib`'s loader does, and a text, as `exec` does."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.issue import Location, NotAnalysed
from seatrial.libraries.values import UNKNOWN_NAMES, Module, Unknown, Value
from seatrial.project.modules import Spec
from seatrial.project.syntax.parsing import SyntaxFault
from seatrial.simulation.language import attributes, imports
from seatrial.simulation.language.lookup import type_name
from seatrial.simulation.player import NESTED, Active, OutOfBudget, Raised
from seatrial.simulation.timeline import BrokenSyntax, LoadedModule, RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_NO_NAMESPACE = (int, float, str, bytes, list, tuple, set)
_NO_TEXT = (int, float, list, tuple, dict, set)


def find(sim: Simulator, name: str, search: tuple[Path, ...] | None) -> Spec | None:
    """Where an import leads, by the path as the program has made it."""
    if search is None and sim.path != sim.finder_path:
        entries = [Path(entry) for entry in sim.path if isinstance(entry, str)]
        sim.finder = sim.layout.finder_for([sim.layout.cwd / entry for entry in entries])
        sim.finder_path = list(sim.path)
    return sim.finder.find(name, search)


def is_own_file(sim: Simulator, path: Path | None) -> bool:
    """Whether a file belongs to the backend."""
    return sim.layout.is_own(path)


def is_first_party(sim: Simulator, name: str) -> bool:
    """Whether the top-level package of a dotted name is the backend's own."""
    top = name.partition(".")[0]
    loaded = sim.modules.get(top)
    if isinstance(loaded, Module):
        return loaded.first_party
    spec = sim.find(top, None)
    if spec is None:
        return False
    places = [spec.origin] if spec.origin is not None else list(spec.search)
    return any(sim.is_own_file(place) for place in places)


def tree_of(sim: Simulator, module: Module) -> ast.Module | None:
    """The syntax tree of a module of the backend."""
    tree = sim.layout.tree(module.origin) if module.origin is not None else None
    return tree if isinstance(tree, ast.Module) else None


def play_module(sim: Simulator, name: str, spec: Spec) -> Value:
    """Execute a module of the backend, as `importlib` would."""
    assert spec.origin is not None
    module = imports.new_module(name, spec)
    module.package = sim.modules.get(name.rpartition(".")[0])
    if spec.source is None:
        return _opaque_module(sim, module)
    tree = sim.layout.tree(spec.origin)
    if isinstance(tree, NotAnalysed):
        sim.player.record.blind = sim.player.record.blind or f"{tree.path}: {tree.reason}"
        return _opaque_module(sim, module)
    sim.modules[name] = module
    order = len(sim.player.record.loaded) + 1
    sim.player.record.loaded.append(LoadedModule(name, sim.player.relative(spec.origin), order))
    if isinstance(tree, SyntaxFault):
        _syntax_error(sim, module, tree)
        module.missing, module.loading = True, False
        return sim.modules.get(name, module)
    return _execute(sim, module, tree)


def reload(sim: Simulator, module: Module) -> Value:
    """`importlib.reload(module)`."""
    name = module.namespace.get("__name__") if module.first_party else module.name
    if sim.modules.get(str(name)) is not module:
        text = f"module {name} not in sys.modules"
        return sim.player.fail(ImportError(text, name=str(name)), RaisedByCode("call"))
    if not module.first_party or module.origin is None:
        return module
    return sim.replay_module(module)


def replay_module(sim: Simulator, module: Module) -> Value:
    """`importlib.reload(module)`: the same namespace, played once more."""
    tree = sim.tree_of(module)
    if tree is None:
        return module
    active = Active(module, "<module>", module.namespace, None, sim.player.maybe)
    sim.player.stack.append(active)
    try:
        sim.player.execute(tree.body)
    finally:
        sim.player.stack.pop()
    return module


def run_text(sim: Simulator, args: list[Value], mode: str) -> Value:
    """`exec(text)` and `eval(text)` of a text that is known, in the frame that runs now or a namespace given."""
    refused = _refused(args, mode)
    if refused:
        return sim.player.fail(TypeError(refused), RaisedByCode("call"))
    if not args or not isinstance(args[0], str) or len(args) > 2:
        sim.player.frame.module.namespace[UNKNOWN_NAMES] = True
        return Unknown(f"what {mode} makes")
    try:
        tree = ast.parse(args[0].strip(" \t"), "<string>", mode="exec")
    except SyntaxError as error:
        return sim.player.fail(SyntaxError(str(error)), RaisedByCode("call"))
    frame = sim.player.frame
    namespace = args[1] if len(args) > 1 and isinstance(args[1], dict) else frame.namespace
    active = Active(anonymous(frame.module), "<module>", namespace, None, sim.player.maybe)
    active.module.namespace = namespace if len(args) > 1 else frame.module.namespace
    sim.player.stack.append(active)
    try:
        if mode == "eval" and tree.body and isinstance(tree.body[0], ast.Expr):
            return sim.player.evaluate(tree.body[0].value)
        sim.player.execute(tree.body)
    finally:
        sim.player.stack.pop()
    return None


def _refused(args: list[Value], mode: str) -> str:
    """What CPython says to something that is no text, or no namespace (Python/bltinmodule.c, `builtin_exec_impl`)."""
    if len(args) > 1 and isinstance(args[1], _NO_NAMESPACE):
        said = f"exec() globals must be a dict, not {type_name(args[1])}"
        return said if mode == "exec" else "globals must be a dict"
    if args and (args[0] is None or isinstance(args[0], _NO_TEXT)):
        return f"{mode}() arg 1 must be a string, bytes or code object"
    return ""


def _opaque_module(sim: Simulator, module: Module) -> Value:
    module.loading = False
    module.namespace[UNKNOWN_NAMES] = True
    sim.modules[module.name] = module
    return module


def _execute(sim: Simulator, module: Module, tree: ast.Module) -> Value:
    name = module.name
    if sum(frame.function == "<module>" for frame in sim.player.stack) > NESTED:
        raise OutOfBudget
    active = Active(module, "<module>", module.namespace, None, sim.player.maybe)
    statement, requested = sim.statement, sim.requested
    module.namespace["__doc__"] = attributes.docstring(sim, tree)
    sim.player.stack.append(active)
    try:
        sim.player.execute(tree.body)
    except Raised:
        sim.modules.pop(name, None)
        raise
    finally:
        sim.player.stack.pop()
        module.loading = False
        sim.statement, sim.requested = statement, requested
    if name not in sim.modules:
        return sim.player.fail(KeyError(name), RaisedByCode("call"))
    return sim.modules[name]


def _syntax_error(sim: Simulator, module: Module, fault: SyntaxFault) -> None:
    kinds: dict[str, type[Exception]] = {"IndentationError": IndentationError, "TabError": TabError}
    kind = kinds.get(fault.exception, ValueError if fault.exception == "ValueError" else SyntaxError)
    error = kind(fault.text(str(module.origin)))
    named = module if "null bytes" not in str(error) else anonymous(module)  # found before a file name is known
    sim.player.stack.append(Active(named, "<module>", module.namespace, None, sim.player.maybe, line=fault.line))
    try:
        place = Location(sim.player.relative(module.origin), fault.line)
        sim.player.propagate(Raised(error, sim.player.frames(), BrokenSyntax(module.name), place))
    except Raised:
        sim.modules.pop(module.name, None)
        raise
    finally:
        sim.player.stack.pop()


def anonymous(module: Module) -> Module:
    """The place of code that came from a text: no file of the backend."""
    return Module(module.name, module.namespace, None, first_party=False, loading=False)
