"""Which tests stay together where they are shared out among processes (`-n`).

pytest-xdist's own groups do not reach pytest 9.2: it asks `nodeid`, which no longer follows `_nodeid`. This stands on
the hook that xdist has for schedulers.
"""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

_OF_A_RULE = re.compile(r"^tests/rules/test_harness\.py::.*\[([A-Z]+\d{3})\]$")
_IMAGES = frozenset({"DPL007", "DPL008", "DPL009"})  # rules whose examples are built as images
_ENGINE = re.compile(r"^tests/(building/|artifacts/test_(used|small_machine)|test_base_image)")


class Sharing(LoadScopeScheduling):
    """Tests of a file stay together, as what they stand on is made once a file; of the rule harness those of a rule;
    and all that use the Docker engine, as they look for what others have left there.
    """

    def _split_scope(self, nodeid: str) -> str:
        rule = _OF_A_RULE.match(nodeid)
        if _ENGINE.match(nodeid) or (rule is not None and rule[1] in _IMAGES):
            return "the Docker engine"
        return rule[1] if rule is not None else nodeid.partition("::")[0]
