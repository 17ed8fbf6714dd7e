"""Runs with pip on its path: print, as JSON, what pip's own parser makes of each requirements file named."""

from __future__ import annotations

import json
import sys
from importlib import import_module

# pip is in no environment of ours: the test puts the wheel of ensurepip on this script's path
session = import_module("pip._internal.network.session").PipSession()
parse_requirements = import_module("pip._internal.req.req_file").parse_requirements


def read(path: str) -> object:
    try:
        parsed = list(parse_requirements(path, session=session))
    except Exception as error:  # noqa: BLE001 - whatever pip refuses is an answer
        return type(error).__name__
    return [[found.requirement, found.is_editable, found.constraint] for found in parsed]


sys.stdout.write(json.dumps([read(path) for path in sys.argv[1:]]))
