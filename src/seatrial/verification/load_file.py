"""What locust runs, in a process of its own: users who read, one request after another. Told by the environment.

At its end it leaves what it measured in a file, since locust's own tables are written before the last answers.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

from locust import HttpUser, constant, events, task


class Reader(HttpUser):
    """Reads each of the paths in turn."""

    wait_time = constant(0.05)
    told: dict[str, Any] = json.loads(os.environ["SEATRIAL_LOAD"])

    @task
    def read(self) -> None:
        """One round."""
        for path in self.told["paths"]:
            # A redirect might lead to a host that nobody named.
            with self.client.get(
                path, headers=self.told["headers"], name=path, allow_redirects=False, catch_response=True
            ) as answer:
                if answer.status_code >= 400 or answer.status_code == 0:
                    answer.failure(str(answer.status_code))
                else:
                    answer.success()


def tell(environment: Any, **_: object) -> None:
    """Leave what was measured."""
    total = environment.stats.total
    errors: dict[str, int] = {}
    for error in environment.stats.errors.values():
        errors[str(error.error)] = errors.get(str(error.error), 0) + error.occurrences
    measured = {
        "requests": total.num_requests,
        "per_second": total.total_rps,
        "percentiles": [total.get_response_time_percentile(it) or 0 for it in (0.5, 0.95, 0.99)],
        "errors": errors,
    }
    Path(os.environ["SEATRIAL_LOAD_RESULT"]).write_text(json.dumps(measured), "utf-8")


def begin(environment: Any, **_: object) -> None:
    """Set the end when the first answer is there: locust's own clock runs already while it loads."""
    clock: list[Any] = []

    def answered(**_: object) -> None:
        if not clock:
            gevent: Any = import_module("gevent")
            clock.append(gevent.spawn_later(float(Reader.told["seconds"]), environment.runner.quit))

    environment.events.request.add_listener(answered)


listen: Any = events
listen.init.add_listener(begin)
listen.quitting.add_listener(tell)
