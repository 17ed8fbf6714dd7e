"""Environment variables: what the code reads, what the papers document, and what is set when the backend is tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seatrial.project.settings_classes import settings_in
from seatrial.project.settings_documented import documented_variables
from seatrial.project.settings_environment import documented_environment
from seatrial.project.settings_facts import (
    Channel,
    DocumentedEnvironment,
    DocumentedValue,
    DotenvUse,
    EnvDocumented,
    EnvRead,
    Kind,
    Origin,
    Overrides,
    Settings,
    SettingsClass,
    Source,
    StandIn,
)
from seatrial.project.settings_loading import dotenv_in
from seatrial.project.settings_reads import helped_reads, helpers_in, reads_in
from seatrial.project.settings_walk import MENTIONS, PythonFile


def mentions_environment(text: str) -> bool:
    """Whether a file is worth parsing for `read_settings`."""
    return any(word in text for word in MENTIONS)


def read_settings(files: Iterable[PythonFile]) -> Settings:
    """Everything that these files read from the environment, in their order. Files without a mention are passed over.

    Helper functions of the backend (`def get_env(name): return os.environ[name]`) are seen through.
    """
    everything = tuple(files)
    mentioning = [file for file in everything if mentions_environment(file.text)]
    reads, uses, classes = settings_in(_with_bases(everything, mentioning))
    for file in mentioning:
        reads.extend(reads_in(file))
        uses.extend(dotenv_in(file))
    helpers = [helper for file in mentioning for helper in helpers_in(file)]
    reads.extend(helped_reads(everything, helpers))
    unique = {(read.name, read.location, read.how): read for read in reads}
    return Settings(tuple(unique.values()), tuple(uses), tuple(classes))


def _with_bases(files: Sequence[PythonFile], mentioning: Sequence[PythonFile]) -> list[PythonFile]:
    """The files that can hold settings classes, and those with the enums and models that their fields may be of."""
    if not any("Settings" in file.text for file in mentioning):
        return []
    return [file for file in files if "Settings" in file.text or "Enum" in file.text or "BaseModel" in file.text]


__all__ = [
    "Channel",
    "DocumentedEnvironment",
    "DocumentedValue",
    "DotenvUse",
    "EnvDocumented",
    "EnvRead",
    "Kind",
    "Origin",
    "Overrides",
    "PythonFile",
    "Settings",
    "SettingsClass",
    "Source",
    "StandIn",
    "documented_environment",
    "documented_variables",
    "mentions_environment",
    "read_settings",
]
