"""The names of one library module, as far as they are known, and what its import does besides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Bound(NamedTuple):
    """What a name stands for. `kind` is def, class, value, const, alias, module or import.

    `module` is the dotted module of a `module` or `import` binding, and of an `alias` the dotted name it copies;
    `name` is the name in that module; `value` is the value of a `const`.
    """

    kind: str
    line: int
    certain: bool = True
    module: str = ""
    name: str = ""
    value: object = None


class TopImport(NamedTuple):
    """An import that the module's own import executes. `module` is absolute; `names` is empty for `import module`."""

    module: str
    names: tuple[str, ...]
    line: int
    guarded: bool


class TopCall(NamedTuple):
    """A function that the module's own import calls for certain, for what it does: `name`, dotted, of `module`."""

    module: str
    name: str
    line: int


class Raised(NamedTuple):
    """An exception that the top level raises for certain. `message` is None where it is not a constant."""

    exception: str
    message: str | None
    line: int


@dataclass(slots=True)
class Namespace:
    """A module after (or, in a cycle, during) its import."""

    module: str
    is_package: bool
    names: dict[str, Bound] = field(default_factory=dict)
    hazy: str = ""
    exports: list[str] | None = None
    exports_known: bool = True
    imports: list[TopImport | TopCall] = field(default_factory=list)
    raised: Raised | None = None
    path_changed: bool = False
    registered: set[str] = field(default_factory=set)  # what it puts into `sys.modules`
    replaced: bool = False  # by something else, in `sys.modules`
    loading: bool = True
    reached: bool = True  # false once an exception is certain

    def fork(self) -> Namespace:
        """A copy to try one way of a condition on; imports are collected apart."""
        exports = None if self.exports is None else list(self.exports)
        return Namespace(
            self.module, self.is_package, dict(self.names), self.hazy, exports, self.exports_known,
            [], None, self.path_changed,
        )  # fmt: skip

    def bind(self, name: str, bound: Bound) -> None:
        """Bind a name; a possible binding does not make a certain one less certain."""
        old = self.names.get(name)
        if not bound.certain and old is not None and old.certain:
            return
        self.names[name] = bound
