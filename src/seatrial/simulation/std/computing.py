"""Which objects of the standard library may be used as they are, because they only compute."""

from __future__ import annotations

import enum
import importlib
import types
from functools import cache
from typing import Any

NATIVE = frozenset({
    "math", "json", "json.decoder", "re", "operator", "string", "textwrap", "base64", "urllib.parse", "decimal",
    "fractions", "datetime", "posixpath", "ipaddress", "html", "binascii", "keyword", "numbers", "cmath", "statistics",
    "hashlib", "itertools", "collections", "collections.abc", "functools", "copy", "uuid", "colorsys", "calendar",
    "struct", "shlex", "unicodedata", "types", "bisect", "heapq", "fnmatch", "graphlib", "zlib", "pprint", "reprlib",
    "http", "difflib", "token", "stat", "errno", "array", "abc", "queue", "asyncio", "socket", "subprocess",
    "contextlib", "zoneinfo", "secrets", "hmac", "enum", "dataclasses", "configparser", "builtins", "io",
    "concurrent.futures",
})  # fmt: skip
# Of these modules only exceptions, or what is named, may stand for themselves.
_ONLY: dict[str, frozenset[str]] = {
    "asyncio": frozenset(), "socket": frozenset(), "subprocess": frozenset({"PIPE", "DEVNULL", "STDOUT"}),
    "contextlib": frozenset(), "secrets": frozenset({"compare_digest"}), "hmac": frozenset({"compare_digest"}),
    "queue": frozenset(), "enum": frozenset(dir(enum)) - {"global_enum", "_simple_enum", "EnumCheck"}, "dataclasses":
    frozenset({"MISSING", "KW_ONLY", "Field"}), "concurrent.futures": frozenset(),
    "configparser": frozenset(), "zoneinfo": frozenset(), "abc": frozenset({"ABCMeta"}),
    "io": frozenset({"StringIO", "BytesIO", "SEEK_SET", "SEEK_CUR", "SEEK_END", "DEFAULT_BUFFER_SIZE"}),
    "posixpath": frozenset({
        "join", "dirname", "basename", "splitext", "split", "normpath", "isabs", "commonpath", "normcase",
        "commonprefix", "sep", "pardir", "curdir", "extsep", "pathsep", "splitdrive",
    }),
    "functools": frozenset({"cmp_to_key", "WRAPPER_ASSIGNMENTS", "WRAPPER_UPDATES"}),
    "copy": frozenset({"Error"}),
    "types": frozenset({
        "MappingProxyType", "NoneType", "EllipsisType", "NotImplementedType", "SimpleNamespace", "ModuleType",
    }),
    "uuid": frozenset({"UUID", "uuid3", "uuid5", "NAMESPACE_DNS", "NAMESPACE_URL", "NAMESPACE_OID", "NAMESPACE_X500"}),
    "statistics": frozenset({"mean", "median", "mode", "fmean", "pstdev", "stdev", "variance", "pvariance"}),
    "json": frozenset({"dumps", "loads", "JSONDecodeError"}),
    "itertools": frozenset({
        "chain", "islice", "zip_longest", "product", "permutations", "combinations", "accumulate", "groupby", "starmap",
        "takewhile", "dropwhile", "compress", "filterfalse", "pairwise", "count", "cycle", "repeat", "tee", "batched",
        "combinations_with_replacement",
    }),
    "operator": frozenset(dir(importlib.import_module("operator"))) - {"methodcaller", "attrgetter", "call"},
}  # fmt: skip
CALLING = frozenset({  # functions and types that call back what they are given
    "functools.cmp_to_key", "itertools.accumulate", "itertools.groupby", "itertools.starmap", "itertools.takewhile",
    "itertools.dropwhile", "itertools.filterfalse", "re.sub", "re.subn", "collections.defaultdict", "bisect.bisect",
    "bisect.bisect_left", "bisect.bisect_right", "bisect.insort", "heapq.nlargest", "heapq.nsmallest", "heapq.merge",
    "json.dumps", "json.loads",
})  # fmt: skip


@cache
def native(module: str, name: str) -> Any:
    """The object behind `module.name` where it may stand for itself; raises LookupError elsewhere."""
    if module not in NATIVE:
        raise LookupError(module)
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        raise LookupError(name) from None
    only = _ONLY.get(module)
    if only is not None and name not in only and not _is_exception(found):
        raise LookupError(name)
    if isinstance(found, types.ModuleType) or name.startswith("__"):
        raise LookupError(name)
    return found


def _is_exception(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, BaseException)
