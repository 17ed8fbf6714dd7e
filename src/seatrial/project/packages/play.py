"""Plays the program of one library module in one environment: which names it has after its import, and what it imports.

Names are certain, or possible (bound on one way through a condition that cannot be decided). What is possible is
never reported as there or as missing.
"""

from __future__ import annotations

from seatrial.project.packages import steps
from seatrial.project.packages.conditions import Condition
from seatrial.project.packages.space import Bound, Namespace, Raised, TopCall, TopImport
from seatrial.project.packages.steps import Program, Step
from seatrial.project.packages.world import World

IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})
_WIDE = frozenset({"Exception", "BaseException"})


class Player:
    """Plays one module's program into a `Namespace`."""

    def __init__(self, world: World, namespace: Namespace) -> None:
        self.world = world
        self.space = namespace
        self._guards = 0

    def play(self, program: Program) -> Namespace:
        """Run the whole program; the namespace is complete afterwards."""
        self._run(program, certain=True)
        self.space.loading = False
        return self.space

    def _run(self, program: Program, *, certain: bool) -> None:
        for step in program:
            if not self.space.reached:
                return
            getattr(self, _METHODS[step[0]])(step, certain)

    def absolute(self, level: int, module: str) -> str | None:
        """The dotted name of the module that a `from` import means; None beyond the top-level package."""
        if not level:
            return module
        parts = self.space.module.split(".")
        keep = len(parts) - level + (1 if self.space.is_package else 0)
        if keep < 1:
            return None
        return ".".join([*parts[:keep], *([module] if module else [])])

    def _bind(self, step: Step, certain: bool) -> None:
        _, name, kind, line, what = step
        bound = self._alias(what, line, certain) if kind == "alias" else Bound(kind, line, certain, value=what)
        self.space.bind(name, bound)

    def _alias(self, dotted: str, line: int, certain: bool) -> Bound:
        head, _, rest = dotted.partition(".")
        old = self.space.names.get(head)
        if old is not None and not rest:
            return old._replace(line=line, certain=certain and old.certain)
        if old is not None and old.kind in ("module", "import"):
            return Bound("alias", line, certain, module=f"{self.space.module}.{dotted}")
        return Bound("value", line, certain)

    def _delete(self, step: Step, certain: bool) -> None:
        old = self.space.names.get(step[1])
        if old is not None and certain:
            del self.space.names[step[1]]
        elif old is not None:
            self.space.names[step[1]] = old._replace(certain=False)

    def _globals(self, step: Step, _certain: bool) -> None:
        for name in step[1]:
            self.space.bind(name, Bound("value", 0, certain=False))

    def _haze(self, step: Step, _certain: bool) -> None:
        self.space.hazy = self.space.hazy or step[1]

    def _call(self, step: Step, certain: bool) -> None:
        head, _, rest = step[1].partition(".")
        bound = self.space.names.get(head)
        if bound is None or not certain or self._guards:
            return
        if bound.kind == "module" and rest:
            self.space.imports.append(TopCall(bound.module, rest, step[2]))
        elif bound.kind == "import":
            self.space.imports.append(TopCall(bound.module, ".".join(filter(None, (bound.name, rest))), step[2]))
        elif bound.kind in ("def", "value"):
            self.space.imports.append(TopCall(self.space.module, step[1], step[2]))

    def _register(self, step: Step, _certain: bool) -> None:
        if step[1] in ("__name__", self.space.module):
            self.space.replaced = True
            self.space.hazy = self.space.hazy or "it puts something else in its place"
        self.space.registered.add(step[1])

    def _path(self, _step: Step, _certain: bool) -> None:
        self.space.path_changed = True

    def _all(self, step: Step, certain: bool) -> None:
        _, how, what = step
        names = self.world.exported(self._module_of(what))[2] if isinstance(what, str) else what
        space = self.space
        if names is None:
            space.exports_known = False
        if how == "=":
            space.exports, space.exports_known = list(names or ()), names is not None
        else:
            space.exports = [*(space.exports or ()), *(names or ())]
        if not certain:
            space.exports_known = False

    def _module_of(self, dotted: str) -> str:
        """The module that a dotted name stands for here: `submodule`, or `package.submodule` as imported."""
        head, _, rest = dotted.partition(".")
        old = self.space.names.get(head)
        if old is None:
            return dotted
        base = old.module if old.kind == "module" else f"{old.module}.{old.name}"
        return f"{base}.{rest}" if rest else base

    def _import(self, step: Step, certain: bool) -> None:
        _, dotted, alias, line = step
        self._note(dotted, (), line, certain)
        if alias:
            self.space.bind(alias, Bound("module", line, certain, module=dotted))
        else:
            top = dotted.partition(".")[0]
            self.space.bind(top, Bound("module", line, certain, module=top))

    def _from(self, step: Step, certain: bool) -> None:
        _, level, module, names, line = step
        source = self.absolute(level, module)
        if source is None:
            self.space.hazy = self.space.hazy or "a relative import leads beyond the top"
            return
        self._note(source, tuple(name for name, _ in names if name != "*"), line, certain)
        if names[0][0] == "*":
            self._star(source, line, certain)
            return
        for name, alias in names:
            self.space.bind(alias, Bound("import", line, certain, module=source, name=name))

    def _star(self, source: str, line: int, certain: bool) -> None:
        names, haze, _ = self.world.exported(source)
        for name, bound in names.items():
            self.space.bind(name, Bound("import", line, certain and bound.certain, module=source, name=name))
        self.space.hazy = self.space.hazy or haze

    def _note(self, module: str, names: tuple[str, ...], line: int, certain: bool) -> None:
        """An import that is executed; importing a submodule binds it in its package."""
        self.space.imports.append(TopImport(module, names, line, guarded=not certain or self._guards > 0))
        own = self.space.module + "."
        if self.space.is_package and module.startswith(own):
            child = module[len(own) :].partition(".")[0]
            self.space.bind(child, Bound("module", line, certain, module=own + child))

    def _raise(self, step: Step, certain: bool) -> None:
        if certain:
            self.space.raised = Raised(*step[1:])
            self.space.reached = False

    def _branch(self, step: Step, certain: bool) -> None:
        _, condition, then, other = step
        value = self._decide(condition)
        if value is None:
            self._either([then, other])
        else:
            self._run(then if value else other, certain=certain)

    def _lazy(self, step: Step, certain: bool) -> None:
        self._guards += 1
        self._run(step[1], certain=certain)
        self._guards -= 1
        self.space.hazy = self.space.hazy or "its names are made when they are asked for"

    def _apart(self, step: Step, certain: bool) -> None:
        names = dict(self.space.names)
        self._run(step[1], certain=certain)
        self.space.names = names

    def _maybe(self, step: Step, _certain: bool) -> None:
        self._either([step[1], ()])

    def _opaque(self, _step: Step, _certain: bool) -> None:
        """Something that may raise: only `_try` looks at it."""

    def _either(self, ways: list[Program]) -> None:
        """Run each way on a copy; certain is what is certain on every way that does not end in an exception."""
        start = self.space
        ends: list[Namespace] = []
        for way in ways:
            self.space = start.fork()
            self._guards += 1
            self._run(way, certain=True)
            self._guards -= 1
            ends.append(self.space)
        self.space = start
        self._merge([end for end in ends if end.reached] or ends, raising=not any(end.reached for end in ends))
        for end in ends:
            start.imports.extend(end.imports)

    def _merge(self, ends: list[Namespace], *, raising: bool) -> None:
        start = self.space
        if raising:
            start.raised, start.reached = ends[0].raised, False
            return
        every = {name for end in ends for name in end.names}
        start.names = {name: _merged([end.names.get(name) for end in ends]) for name in every}
        start.hazy = start.hazy or next((end.hazy for end in ends if end.hazy), "")
        start.path_changed = any(end.path_changed for end in ends)
        start.replaced = any(end.replaced for end in ends)
        if any(end.exports != ends[0].exports for end in ends):
            start.exports_known = False
        start.exports_known = start.exports_known and all(end.exports_known for end in ends)
        start.exports = ends[0].exports

    def _suppress(self, step: Step, certain: bool) -> None:
        self._try((steps.TRY, step[2], ((step[1], ()),), (), ()), certain)

    def _try(self, step: Step, certain: bool) -> None:
        _, body, handlers, orelse, final = step
        failure = self._failure(body) if handlers else ""
        if failure is None:
            self._either([(*body, *orelse), *(handler for _, handler in handlers)])
        elif failure:
            self._run_failing(body, failure, handlers, certain)
        else:
            self._run_fine(body, handlers, orelse, certain)
        self._run(final, certain=certain)

    def _run_fine(self, body: Program, handlers: tuple[Step, ...], orelse: Program, certain: bool) -> None:
        """The imports of the body succeed: handlers of other exceptions matter where something else may raise."""
        others = [handler for caught, handler in handlers if caught is None or not IMPORT_ERRORS.issuperset(caught)]
        if others and any(_may_raise(step) for step in body):
            self._either([(*body, *orelse), *others])
            return
        self._guards += 1
        self._run((*body, *orelse), certain=certain)
        self._guards -= 1

    def _run_failing(self, body: Program, failure: str, handlers: tuple[Step, ...], certain: bool) -> None:
        """The body raises `failure` at one of its imports: what stands before it is executed, then a handler."""
        self._guards += 1
        for step in body:
            if self._step_fails(step):
                break
            self._run((step,), certain=certain)
        self._guards -= 1
        for caught, handler in handlers:
            if caught is None or catches(caught, failure):
                self._run(handler, certain=certain)
                if self.space.raised is None or self.space.raised.exception:
                    return
                break  # a plain `raise` lets it pass
        self.space.imports.append(self._failing_import(body, certain))

    def _failing_import(self, body: Program, certain: bool) -> TopImport:
        step = next(step for step in body if self._step_fails(step))
        if step[0] == steps.IMPORT:
            return TopImport(step[1], (), step[3], guarded=not certain)
        names = tuple(name for name, _ in step[3] if name != "*") if step[0] == steps.FROM else ()
        source = self.absolute(step[1], step[2]) if step[0] == steps.FROM else self.space.module
        return TopImport(source or "", names, step[-1], guarded=not certain)

    def _failure(self, body: Program) -> str | None:
        """The exception that the imports of a `try` body end with; "" for none, None when that is unknown."""
        answer: str | None = ""
        for step in body:
            failing = self._step_fails(step)
            if failing:
                return failing if answer == "" else None
            if failing is None:
                answer = None
        return answer

    def _step_fails(self, step: Step) -> str | None:
        if step[0] == steps.IMPORT:
            return self.world.fails(step[1])
        if step[0] == steps.FROM:
            return self._from_fails(step)
        if step[0] == steps.RAISE:
            return str(step[1]) or None
        return ""

    def _from_fails(self, step: Step) -> str | None:
        source = self.absolute(step[1], step[2])
        if source is None:
            return "ImportError"
        failing = self.world.fails(source)
        if failing != "":
            return failing
        found = [self.world.has(source, name) for name, _ in step[3] if name != "*"]
        if False in found:
            return "ImportError"
        return None if None in found else ""

    def _decide(self, condition: Condition) -> bool | None:
        kind = condition[0]
        if kind == "=":
            return bool(condition[1])
        if kind == "ref":
            known, value = self._value(condition[1])
            return bool(value) if known else None
        if kind == "not":
            inner = self._decide(condition[1])
            return None if inner is None else not inner
        if kind == "none":
            known, value = self._value(condition[1][1])
            return value is None if known else None
        if kind == "bound":
            return self._is_bound(condition[1])
        if kind == "has":
            module = self._module_of(condition[1])
            return self.world.has(module, condition[2])
        return self._joined(kind == "and", condition[1:]) if kind in ("and", "or") else None

    def _is_bound(self, name: str) -> bool | None:
        bound = self.space.names.get(name)
        if bound is not None:
            return True if bound.certain else None
        return None if self.space.hazy else False

    def _joined(self, conjunction: bool, parts: tuple[Condition, ...]) -> bool | None:
        values = [self._decide(part) for part in parts]
        if (not conjunction) in values:
            return not conjunction
        return None if None in values else conjunction

    def _value(self, dotted: str) -> tuple[bool, object]:
        """The value of a name: a constant, or anything that is known to be neither None nor false."""
        head, _, rest = dotted.partition(".")
        bound = self.space.names.get(head)
        if bound is None or not bound.certain:
            return False, None
        if not rest and bound.kind == "const":
            return True, bound.value
        if not rest and bound.kind in ("def", "class", "module"):
            return True, ...
        if not rest and bound.kind == "import":
            return self.world.constant(bound.module, bound.name)
        owner, _, name = self._module_of(dotted).rpartition(".")
        return (
            self.world.constant(owner, name) if rest and owner and bound.kind in ("module", "import") else (False, None)
        )


_METHODS = {
    steps.BIND: "_bind",
    steps.IMPORT: "_import",
    steps.FROM: "_from",
    steps.DELETE: "_delete",
    steps.BRANCH: "_branch",
    steps.TRY: "_try",
    steps.MAYBE: "_maybe",
    steps.SUPPRESS: "_suppress",
    steps.RAISE: "_raise",
    steps.HAZE: "_haze",
    steps.ALL: "_all",
    steps.GLOBALS: "_globals",
    steps.PATH: "_path",
    steps.CALL: "_call",
    steps.APART: "_apart",
    steps.LAZY: "_lazy",
    steps.REGISTER: "_register",
    steps.OPAQUE: "_opaque",
}


def catches(caught: tuple[str, ...], exception: str) -> bool:
    """Whether a handler of these exceptions takes one of that name."""
    if exception in caught or not _WIDE.isdisjoint(caught):
        return True
    return exception == "ModuleNotFoundError" and "ImportError" in caught


def _may_raise(step: Step) -> bool:
    if step[0] == steps.BIND:
        return step[2] in ("value", "alias")
    return step[0] not in (steps.IMPORT, steps.FROM, steps.ALL, steps.GLOBALS)


def _merged(found: list[Bound | None]) -> Bound:
    """One binding for what several ways bind; certain when each does, constant when they agree."""
    bound = [one for one in found if one is not None]
    certain = len(bound) == len(found) and all(one.certain for one in bound)
    first = bound[0]
    if all(one._replace(line=0, certain=True) == first._replace(line=0, certain=True) for one in bound):
        return first._replace(certain=certain)
    kind = first.kind if len({one.kind for one in bound}) == 1 and first.kind in ("def", "class") else "value"
    return Bound(kind, first.line, certain)
