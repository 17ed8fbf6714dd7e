"""A real PostgreSQL that shell commands stop and start."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from seatrial.proof.postgres import system_programs
from tests.rules.reality import free_port

_SETTINGS = "-c fsync=off -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=16MB"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Its URL, and what an operator types to stop and start it; `running` asks the server itself."""

    url: str
    stop: str
    start: str
    ask: str

    @property
    def running(self) -> bool:
        return subprocess.run(self.ask, shell=True, stdout=subprocess.DEVNULL).returncode == 0


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster of its own, running; stopped and gone at the end."""
    found = system_programs()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="seatrial-cluster-"))
    data, port, before = folder / "data", free_port(), ""
    if os.geteuid() == 0:  # as which it refuses to run
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        before = "runuser -u nobody -- "
    programs = f"cd / && {before}{shlex.quote(str(found.folder))}"
    control = f"{programs}/pg_ctl -D {data} -w -t 60"
    # As people write it: without a file for its log, so that the server keeps the output of the command.
    made = Cluster(
        f"postgresql://owner@127.0.0.1:{port}/postgres",
        f"{control} -m immediate stop",
        f'{control} -o "-p {port} {_SETTINGS}" start',
        f"{programs}/pg_isready -q -h 127.0.0.1 -p {port}",
    )
    try:
        subprocess.run(
            f"{programs}/initdb -D {data} -U owner -A trust --no-sync",
            shell=True,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        subprocess.run(made.start, shell=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield made
    finally:
        subprocess.run(made.stop, shell=True, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
