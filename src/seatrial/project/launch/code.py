"""What the text of a Python file shows of the application in it, read without parsing: fast, and only to choose by."""

from __future__ import annotations

import re
from dataclasses import dataclass

_APPLICATION = re.compile(
    r"^(?:    |\t)?([A-Za-z_]\w*)(?:\s*:\s*[\w.\"']+)?\s*=\s*(?:\w+\.)*(?:FastAPI|Starlette)\s*\(", re.M
)
_MADE = re.compile(
    r"^([A-Za-z_]\w*)(?:\s*:\s*[\w.\"']+)?\s*=\s*(?:\w+\.)*"
    r"(?:\w*(?:create|make|build|get|init|initiali[sz]e|setup|start|bootstrap|configure)\w*app\w*)\s*\(",
    re.M | re.I,
)
_TYPED = re.compile(r"^([A-Za-z_]\w*)\s*:\s*(?:\w+\.)*(?:FastAPI|Starlette)\s*=", re.M)
_FACTORY = re.compile(r"^(?:async\s+)?def\s+(\w*(?:create|make|build|get|init)\w*app\w*)\s*\(", re.M | re.I)
_FACTORY_TYPED = re.compile(r"^def\s+(\w+)\s*\([^)]*\)\s*->\s*[\"']?(?:\w+\.)*(?:FastAPI|Starlette)\b", re.M)
_SERVE = re.compile(r"(?:uvicorn\.(?:run|Config)|granian\.Granian|Granian)\s*\(\s*(?:app\s*=\s*|target\s*=\s*)?", re.M)
_RUN_IMPORTED = re.compile(r"^\s*from\s+uvicorn\s+import\s+[^\n]*\brun\b", re.M)
_STRING = re.compile(r"[rbuf]?(['\"])([^'\"\n]*)\1", re.I)
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_IMPORTS = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w.]+))", re.M)


@dataclass(frozen=True, slots=True)
class Serve:
    """A call that starts a server: with an import string, or with an object of the calling module."""

    text: str
    is_string: bool
    factory: bool
    line: int
    options: tuple[tuple[str, str], ...] = ()


def applications(text: str) -> list[str]:
    """Names that are bound to an application at module level, the surest first."""
    if "FastAPI" not in text and "app" not in text and "Starlette" not in text:
        return []
    names = [match[1] for pattern in (_APPLICATION, _TYPED, _MADE) for match in pattern.finditer(text)]
    return list(dict.fromkeys(name for name in names if not _indented_in_function(text, name)))


def factories(text: str) -> list[str]:
    """Functions that look as if they make the application."""
    if "FastAPI" not in text:
        return []
    return list(dict.fromkeys(match[1] for pattern in (_FACTORY_TYPED, _FACTORY) for match in pattern.finditer(text)))


def _indented_in_function(text: str, name: str) -> bool:
    """Whether the name is only bound below a `def` (`if` and `try` blocks of the module count as module level)."""
    if re.search(rf"^{name}\b", text, re.M):
        return False
    match = re.search(rf"^[ \t]+{name}\b", text, re.M)
    above = text[: match.start()] if match else ""
    headers = re.findall(r"^(\w+)[^\n]*", above, re.M)
    return bool(headers) and headers[-1] in ("def", "class", "async")


def binds(text: str, attribute: str) -> bool:
    """Whether a module seems to bind a name. A star import or `__getattr__` may bind any."""
    name = re.escape(attribute.split(".", maxsplit=1)[0])
    bound = rf"(?:\b{name}\b\s*(?:[:=](?!=)|,)|\bdef\s+{name}\b|\bclass\s+{name}\b|import\b[^\n#]*\b{name}\b)"
    if re.search(bound, text) or re.search(r"^\s*from\s+\S+\s+import\s+\*|def\s+__getattr__", text, re.M):
        return True
    return re.search(rf"import\s*\([^)]*\b{name}\b", text) is not None


def serve_call(text: str, stem: str) -> Serve | None:
    """The first call that starts a server in a file; `stem` stands for `{Path(__file__).stem}`."""
    match = next((match for match in _SERVE.finditer(text) if not _commented(text, match.start())), None)
    if match is None and _RUN_IMPORTED.search(text):
        match = re.search(r"^\s*run\s*\(\s*(?:app\s*=\s*)?", text, re.M)
    if match is None:
        return None
    rest = text[match.end() : match.end() + 600]
    line = text.count("\n", 0, match.end()) + 1
    factory = re.search(r"\bfactory\s*=\s*True", _arguments(rest)) is not None
    options = tuple(re.findall(r"\b(host|port|app_dir|reload|workers)\s*=\s*([^,\n)]+)", _arguments(rest)))
    return _serve(rest, text, stem, factory, line, options)


def _serve(
    rest: str, text: str, stem: str, factory: bool, line: int, options: tuple[tuple[str, str], ...]
) -> Serve | None:
    if string := _STRING.match(rest):
        filled = re.sub(r"\{[^{}]*(?:stem|__name__)[^{}]*\}", stem, string[2])
        return Serve(filled, True, factory, line, options)
    name = _NAME.match(rest)
    if name is None:
        return None
    if constant := re.search(rf"^[ \t]*{re.escape(name[0])}\s*(?::\s*str\s*)?=\s*(['\"])([\w.]+:[\w.]+)\1", text, re.M):
        return Serve(constant[2], True, factory, line, options)
    called = rest[name.end() : name.end() + 1] == "("
    return Serve(name[0], False, factory or called, line, options)


def _arguments(rest: str) -> str:
    depth = 1
    for index, character in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            return rest[:index]
    return rest


def _commented(text: str, index: int) -> bool:
    start = text.rfind("\n", 0, index) + 1
    return text[start:index].lstrip().startswith("#")


def imported_roots(text: str) -> set[str]:
    """The top-level names that a file imports absolutely."""
    names = (match[1] or match[2] for match in _IMPORTS.finditer(text))
    return {name.split(".", maxsplit=1)[0] for name in names if not name.startswith(".")}
