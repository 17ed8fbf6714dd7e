"""`logging` and `logging.config`: what they refuse, and the files and folders that they need.

Source: Lib/logging/__init__.py (`basicConfig`, `_checkLevel`, `Formatter`, `FileHandler`), Lib/logging/config.py
(`DictConfigurator`) of CPython 3.8 to 3.14.
"""

from __future__ import annotations

import logging
import os
import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from seatrial.libraries.values import External, ExternalInstance, Unknown, Value
from seatrial.simulation import paths
from seatrial.simulation.language.natively import is_native
from seatrial.simulation.std.table import argument, function
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_OPTIONS = frozenset({
    "filename", "filemode", "format", "datefmt", "style", "level", "stream", "handlers", "force", "encoding", "errors",
})  # fmt: skip
_STYLES = ("%", "{", "$")


@function("logging.basicConfig")
def _basic_config(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """It looks at its arguments only where the root logger has no handler yet."""
    if sim.logging_set_up and not kwargs.get("force"):
        return None
    sim.logging_set_up = True
    problem = _bad_style(kwargs) or _bad_file(sim, kwargs.get("filename")) or bad_level(sim, kwargs.get("level"))
    odd = [key for key in kwargs if key not in _OPTIONS]
    if problem is None and odd:
        problem = ValueError(f"Unrecognised argument(s): {', '.join(odd)}")
    return None if problem is None else sim.player.fail(problem, RaisedByCode("call"))


def _bad_style(given: dict[str, Value]) -> BaseException | None:
    style = given.get("style", "%")
    if not is_native(style) or style in _STYLES:
        return None
    return ValueError(f"Style must be one of: {','.join(_STYLES)}")


def _bad_file(sim: Simulator, path: Value) -> BaseException | None:
    """A log file is opened at once, and its folder is not made."""
    if not isinstance(path, str | PurePosixPath):
        return None
    whole = posixpath.normpath((PurePosixPath(sim.layout.cwd.as_posix()) / path).as_posix())
    return paths.missing_folder(sim, whole)


def bad_level(sim: Simulator, level: Value) -> BaseException | None:
    """The ValueError of a level that nobody has named, or the TypeError of something that is no level at all."""
    if level is None or not is_native(level) or isinstance(level, int):
        return None
    if not isinstance(level, str):
        return TypeError(f"Level not an integer or a valid string: {level!r}")
    known = level in logging.getLevelNamesMapping() or sim.called("logging.addLevelName")
    return None if known else ValueError(f"Unknown level: {level!r}")


@function("logging.getLogger")
def _get_logger(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    name = argument(args, kwargs, 0, "name")
    if name and is_native(name) and not isinstance(name, str):
        return sim.player.fail(TypeError("A logger name must be a string"), RaisedByCode("call"))
    return Unknown("a logger")


@function("logging.Formatter")
def _formatter(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    problem = _bad_style({"style": argument(args, kwargs, 2, "style", "%")})
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("call"))
    return ExternalInstance(External("logging.Formatter", "class"), tuple(args), kwargs)


@function("logging.FileHandler", "logging.handlers.RotatingFileHandler", "logging.handlers.TimedRotatingFileHandler")
def _file_handler(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    problem = None if kwargs.get("delay") else _bad_file(sim, argument(args, kwargs, 0, "filename"))
    if problem is not None:
        return sim.player.fail(problem, RaisedByCode("call"))
    return ExternalInstance(External("logging.FileHandler", "class"), tuple(args), kwargs)


@function("logging.config.dictConfig")
def _dict_config(sim: Simulator, args: list[Value], kwargs: dict[str, Value]) -> Value:
    config = argument(args, kwargs, 0, "config")
    if not isinstance(config, dict):
        return None
    sim.logging_set_up = sim.logging_set_up or "root" in config
    problem = _bad_config(sim, config)
    return None if problem is None else sim.player.fail(problem, RaisedByCode("call"))


def _bad_config(sim: Simulator, config: dict[Value, Value]) -> BaseException | None:
    if "version" not in config:
        return ValueError("dictionary doesn't specify a version")
    version = config["version"]
    if is_native(version) and version != 1:
        return ValueError(f"Unsupported version: {version}")
    if config.get("incremental"):
        return None
    formatters, handlers = config.get("formatters", {}), config.get("handlers", {})
    if not isinstance(formatters, dict) or not isinstance(handlers, dict):
        return None
    for name, handler in handlers.items():
        if isinstance(handler, dict) and _is_bad_handler(sim, handler, formatters):
            return ValueError(f"Unable to configure handler {name!r}")
    return _bad_loggers(sim, config, handlers)


def _is_bad_handler(sim: Simulator, handler: dict[Value, Value], formatters: dict[Value, Value]) -> bool:
    formatter = handler.get("formatter")
    if isinstance(formatter, str) and formatter not in formatters:
        return True
    if bad_level(sim, handler.get("level")) is not None:
        return True
    place, delayed = handler.get("filename"), handler.get("delay")
    if isinstance(place, str) and not delayed and "FileHandler" in str(handler.get("class")):
        return _bad_file(sim, os.fspath(place)) is not None
    return False


def _bad_loggers(sim: Simulator, config: dict[Value, Value], handlers: dict[Value, Value]) -> BaseException | None:
    loggers = config.get("loggers", {})
    named = list(loggers.items()) if isinstance(loggers, dict) else []
    for name, logger in named:
        if isinstance(logger, dict) and _is_bad_logger(sim, logger, handlers):
            return ValueError(f"Unable to configure logger {name!r}")
    root = config.get("root")
    if isinstance(root, dict) and _is_bad_logger(sim, root, handlers):
        return ValueError("Unable to configure root logger")
    return None


def _is_bad_logger(sim: Simulator, logger: dict[Value, Value], handlers: dict[Value, Value]) -> bool:
    if bad_level(sim, logger.get("level")) is not None:
        return True
    used = logger.get("handlers")
    listed = [name for name in used if isinstance(name, str)] if isinstance(used, list | tuple) else []
    return any(name not in handlers for name in listed)
