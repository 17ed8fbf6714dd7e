"""Where the backend signs and reads tokens, by PyJWT or python-jose, and what a key comes to in the text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile
from seatrial.rules.resolving import meaning_of

_MAX_HOPS = 5


@dataclass(frozen=True, slots=True)
class TokenCall:
    """A call of `jwt.encode` or `jwt.decode` of `library` (`jwt` for PyJWT, or `jose`)."""

    file: CodeFile
    node: ast.Call
    library: str

    @property
    def key(self) -> ast.expr | None:
        """What it signs or verifies with."""
        return self.argument(1, "key")

    def argument(self, position: int, name: str) -> ast.expr | None:
        """An argument by its place or name."""
        if len(self.node.args) > position:
            return self.node.args[position]
        return next((keyword.value for keyword in self.node.keywords if keyword.arg == name), None)

    @property
    def expands(self) -> bool:
        """Whether some of its arguments are not written out (`**options`)."""
        starred = any(isinstance(part, ast.Starred) for part in self.node.args)
        return starred or any(keyword.arg is None for keyword in self.node.keywords)


def token_calls(case: Case, name: str) -> Iterator[TokenCall]:
    """The calls of `encode`, `decode` or another function of a library for tokens."""
    for file in case.code.holding("jwt", "jose"):
        for node in file.sites.calls.get(name, ()):
            full = file.full_name(node.func)
            if full in (f"jwt.{name}", f"jwt.api_jwt.{name}"):
                yield TokenCall(file, node, "jwt")
            elif full in (f"jose.jwt.{name}", f"jose.jws.{name}"):
                yield TokenCall(file, node, "jose")


def literal_of(case: Case, file: CodeFile, node: ast.expr, hops: int = 0) -> tuple[CodeFile, ast.Constant] | None:
    """The text that a name or `Config.NAME` is bound to in the backend's own code; None where it is anything else."""
    if isinstance(node, ast.Constant):
        return (file, node) if isinstance(node.value, str) else None
    if hops > _MAX_HOPS:
        return None
    if isinstance(node, ast.Attribute):
        found = _in_class(case, file, node)
        if found is not None:
            return found
    meaning = meaning_of(case.code, file, node)
    home = case.code.module(meaning.module) if meaning is not None else None
    if meaning is None or meaning.symbol is None or home is None:
        return None
    values = list(assigned(home.tree.body, meaning.symbol))
    return literal_of(case, home, values[0], hops + 1) if len(values) == 1 else None


def _in_class(case: Case, file: CodeFile, node: ast.Attribute) -> tuple[CodeFile, ast.Constant] | None:
    """`Config.NAME` of a class without a base; what a settings class has may come from the environment."""
    meaning = meaning_of(case.code, file, node.value)
    home = case.code.module(meaning.module) if meaning is not None else None
    for statement in home.tree.body if home is not None else ():
        if isinstance(statement, ast.ClassDef) and meaning is not None and statement.name == meaning.symbol:
            values = list(assigned(statement.body, node.attr)) if not statement.bases else []
            if len(values) == 1 and isinstance(values[0], ast.Constant) and isinstance(values[0].value, str):
                return (home, values[0]) if home is not None else None
    return None


def assigned(body: list[ast.stmt], name: str) -> Iterator[ast.expr]:
    """What a block binds a name to."""
    for statement in body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if value is not None and any(isinstance(target, ast.Name) and target.id == name for target in targets):
            yield value


def keys(case: Case) -> Iterator[tuple[CodeFile, ast.Call, ast.expr]]:
    """Every place where something is signed or verified, with the expression of its key."""
    for name in ("encode", "decode"):
        for call in token_calls(case, name):
            if call.key is not None:
                yield call.file, call.node, call.key
    for file in case.code.holding("SessionMiddleware"):
        for node in file.sites.calls.get("add_middleware", ()):
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            if node.args and ast.unparse(node.args[0]).endswith("SessionMiddleware") and "secret_key" in named:
                yield file, node, named["secret_key"]
