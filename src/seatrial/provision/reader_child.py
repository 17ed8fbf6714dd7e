"""Compiles the files it is given under the Python that runs it, and says what it finds. Runs on CPython 3.6 to 3.14.

A program of its own, of the standard library only: `python -I -S reader_child.py < request > answer`. Nothing that it
is given is executed, only compiled. Each request is one JSON line `[path, size, want_tree]` and then the bytes
of the file; each answer is one JSON line `[path, rejection, unread, tree]`, written before the next file is looked
at, so that a file that brings this process down is known by having no answer.

A tree is nested lists: a node is `[class name, [values of _fields], [lineno, col_offset, end_lineno,
end_col_offset]]`, a list is `["[", items]`, a constant is `["=", type name, text]`. The first node of a class carries
its field names as a fourth item.
"""

import ast
import gc
import json
import sys
import warnings

PLAIN = ("int", "float", "complex", "str", "bytes", "bool", "NoneType", "ellipsis")
PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")
REFUSED = (SyntaxError, ValueError, OverflowError)
TOO_DEEP = (RecursionError, MemoryError)


def main() -> None:
    """Answer every request on standard input."""
    gc.disable()
    warnings.simplefilter("ignore")
    stream, out = sys.stdin.buffer, sys.stdout.buffer
    for header in iter(stream.readline, b""):
        path, size, want_tree = json.loads(header.decode("ascii"))
        answer = answer_for(path, stream.read(size), want_tree)
        out.write(answer.encode("ascii") + b"\n")
        out.flush()


def answer_for(path: str, raw: bytes, want_tree: bool) -> str:
    """One line of the answer, without its end."""
    try:
        return json.dumps([path, *examine(raw, want_tree)])
    except TOO_DEEP:
        return json.dumps([path, None, "nested too deeply to be read", None])


def examine(raw: bytes, want_tree: bool) -> "tuple[object, str, object]":
    """(rejection, why there is no answer, tree) of the bytes of one file; at most one of the first two is set."""
    try:
        compile(raw, "<file>", "exec", 0, True)
    except REFUSED as fault:
        return describe(fault, raw), "", None
    tree = compile(raw, "<file>", "exec", ast.PyCF_ONLY_AST, True) if want_tree else None
    return None, "", dump(tree, set()) if tree is not None else None


def describe(fault: Exception, raw: bytes) -> "list[object]":
    """The attributes of `seatrial.provision.foreign.Rejection`, in its order."""
    if not isinstance(fault, SyntaxError):
        return [type(fault).__name__, str(fault), None, None, None, None, False]
    name = type(fault).__name__ if isinstance(fault, IndentationError) else "SyntaxError"
    end_line, end_offset = getattr(fault, "end_lineno", None), getattr(fault, "end_offset", None)
    return [name, fault.msg, fault.lineno, fault.offset, end_line, end_offset, parses(raw)]


def parses(raw: bytes) -> bool:
    """Whether the grammar takes the bytes, so that only the compiler refuses them and counts columns in bytes."""
    try:
        compile(raw, "<file>", "exec", ast.PyCF_ONLY_AST, True)
        return True
    except REFUSED + TOO_DEEP:
        return False


def dump(value: object, seen: "set[str]") -> "list[object]":
    """The nested lists for a node, a list of nodes or a constant; `seen` holds the classes already described."""
    if isinstance(value, ast.AST):
        return dump_node(value, seen)
    if isinstance(value, list):
        return ["[", [dump(item, seen) for item in value]]
    kind = type(value).__name__
    return ["=", kind, repr(value)] if kind in PLAIN else ["=", "str", repr(str(value))]


def dump_node(node: ast.AST, seen: "set[str]") -> "list[object]":
    """As `dump`, for a node."""
    name = type(node).__name__
    described = [] if name in seen else [list(node._fields)]
    seen.add(name)
    fields = [dump(getattr(node, field, None), seen) for field in node._fields]
    return [name, fields, [getattr(node, key, None) for key in PLACE], *described]


if __name__ == "__main__":
    main()
