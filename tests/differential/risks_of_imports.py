"""Imports that fail."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

import re

from .imports import relative
from .model import Writer
from .risks import IMPORTS, Risk, risk, some_module
from .words import MISSING, NOUNS, misspell


@risk(IMPORTS, 4, "missing_module")
def missing_distribution(w: Writer) -> Risk:
    name = w.rng.choice(MISSING)
    code = w.pick(
        f"import {name}",
        f"from {name} import Client",
        f"import {name}.client",
        f"import {name} as fast",
        f"from {name}.aio import Session",
    )
    return Risk(code, "ModuleNotFoundError")


@risk(IMPORTS, 4, "missing_module")
def missing_first_party(w: Writer) -> Risk:
    other = some_module(w)
    wrong = misspell(other.leaf, w.rng)
    parent = other.name.rpartition(".")[0]
    full = f"{parent}.{wrong}" if parent else wrong
    name = other.exports[0].name if other.exports else "helper"
    return Risk(
        w.pick(f"import {full}", f"from {full} import {name}", f"import {full} as other"), "ModuleNotFoundError"
    )


@risk(IMPORTS, 5, "missing_symbol")
def missing_symbol(w: Writer) -> Risk:
    other = some_module(w)
    name = misspell(w.rng.choice(other.exports).name, w.rng) if other.exports else "helper"
    origin = (relative(w.module, other.name) if w.chance(0.4) else None) or other.name
    extra = f"{other.exports[0].name}, " if other.exports and w.chance(0.3) else ""
    return Risk(f"from {origin} import {extra}{name}", "ImportError")


@risk(IMPORTS, 2.5, "submodule_of_module")
def not_a_package(w: Writer) -> Risk:
    name = some_module(w).name if w.chance(0.75) else w.pick("json.decoder", "string", "os.path", "enum")
    return Risk(
        w.pick(f"import {name}.extra", f"from {name}.extra import thing", f"import {name}.extra as extra"),
        "ModuleNotFoundError",
    )


@risk(IMPORTS, 2, "missing_submodule")
def missing_submodule(w: Writer) -> Risk:
    packages = (
        [m.name for m in w.module.imports if m.is_package]
        + list(w.project.folders)
        + [w.module.package or "collections"]
    )
    package = w.rng.choice(packages)
    word = w.pick("legacy", "internal", "compat", "v2")
    if w.chance(0.5):
        return Risk(f"from {package} import {word}", "ImportError")
    return Risk(w.pick(f"import {package}.{word}", f"from {package}.{word} import old"), "ModuleNotFoundError")


@risk(IMPORTS, 2.5, "relative_beyond")
def beyond_top(w: Writer) -> Risk:
    depth = len(w.module.package.split(".")) if w.module.package else 0
    dots = "." * (depth + w.rng.randint(1, 2))
    return Risk(
        w.pick(f"from {dots} import {w.rng.choice(NOUNS)}", f"from {dots}{w.rng.choice(NOUNS)} import name"),
        "ImportError",
    )


@risk(IMPORTS, 1.5, "missing_relative")
def missing_relative(w: Writer) -> Risk:
    word = w.pick("legacy", "internal", "compat")
    return Risk(w.pick(f"from .{word} import old", f"from . import {word}"), "ImportError")


STANDARD = (
    "from collections import Mapping;ImportError from typing import NotTyped;ImportError import Collections;ModuleNotFoundError "
    "import ConfigParser;ModuleNotFoundError from json import dump_string;ImportError import urllib2;ModuleNotFoundError "
    "from asyncio import coroutine;ImportError from inspect import getargspec;ImportError import imp;ImportError "
    "from typing import override;ImportError from enum import StrEnum;ImportError from datetime import UTC;ImportError "
    "import tomllib;ImportError from warnings import deprecated;ImportError from itertools import batched;ImportError "
    "import telnetlib;ImportError import asynchat;ImportError from os import getcwdu;ImportError import os.paths;ImportError "
    "import json.tools;ImportError from fractions import gcd;ImportError from contextlib import nested;ImportError "
    "from functools import cached_properties;ImportError from collections.abc import Iterables;ImportError "
    "import xml.dom.mini;ImportError from email.mime.txt import MIMEText;ImportError from string import maketrans;ImportError"
).replace(";", "|")


@risk(IMPORTS, 4, "stdlib_missing")
def missing_standard(w: Writer) -> Risk:

    choices = re.findall(r"((?:from|import) [^|]+)\|(\w+)", STANDARD)
    code, exception = w.rng.choice(choices)
    if code[0] == "i" and code[7].isupper():
        w.mark("stdlib_case")
    return Risk(code.strip(), exception)


@risk(IMPORTS, 1, "stdlib_case")
def wrong_case(w: Writer) -> Risk:
    name = w.pick("Json", "OS", "Typing", "Logging", "Datetime", "Asyncio", "Enum", "Pathlib")
    return Risk(w.pick(f"import {name}", f"from {name} import thing"), "ModuleNotFoundError")


@risk(IMPORTS, 1.5, "import_module_missing")
def import_module(w: Writer) -> Risk:
    loader = w.std("importlib.import_module")
    other = some_module(w)
    ways = [
        (f"{loader}({w.rng.choice(MISSING)!r})", "ModuleNotFoundError"), (f"{loader}({misspell(other.name, w.rng)!r})", "ModuleNotFoundError"),
        (f"{loader}({'.' + other.leaf!r})", "TypeError"), (f"{loader}({other.name + '.inner'!r})", "ModuleNotFoundError"),
        (f"__import__({w.rng.choice(MISSING)!r})", "ModuleNotFoundError"),
        (f"{loader}('.missing', package={w.module.package or 'json'!r})", "ModuleNotFoundError"),
    ]  # fmt: skip
    return Risk(*w.rng.choice(ways), expression=True)


@risk(IMPORTS, 1.2, "star_all_missing")
def star_of_stdlib_missing(w: Writer) -> Risk:
    other = w.rng.choice([m for m in w.module.imports if "all_missing" in m.traits] or [None])
    if other is None:
        return missing_symbol(w)
    return Risk(f"from {other.name} import *", "AttributeError", top_level_only=True)
