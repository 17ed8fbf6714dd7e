"""The throwaway PostgreSQL, asked by the clients that backends use: asyncpg, psycopg2, psycopg and SQLAlchemy."""

# ruff: noqa: E501 (backends, written as one line each)

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.boot import Outcome
from seatrial.errors import UsageError
from seatrial.proof import certificate, confinement, observation, postgres, scratch
from seatrial.proof.values import Launch, Limits
from seatrial.provision.interpreter import find_interpreter
from seatrial.provision.problems import InstallProblem
from seatrial.provision.resolution import provide_tool

from .conftest import Harness, Starter, fingerprint, processes_marked

SERVE = "\nfrom fastapi import FastAPI\napp = FastAPI()\n"
NEON = "postgresql://owner:npg_s3cret@ep-cool-1234-pooler.us-east-2.aws.neon.tech/neondb"
WHO = "root" if os.getuid() == 0 else "ordinary"

needs_postgres = pytest.mark.skipif(postgres.system_programs() is None, reason="no PostgreSQL on this system")
ASYNCPG = """
import asyncio, os, ssl, asyncpg
from contextlib import asynccontextmanager
from fastapi import FastAPI
@asynccontextmanager
async def lifespan(app):
    for tls in (False, "require", ssl.create_default_context()):
        connection = await asyncpg.connect(os.environ["DATABASE_URL"], ssl=tls)
        who = await connection.fetchrow("select current_user, current_database()")
        encrypted = connection._transport.get_extra_info("ssl_object") is not None
        print("SAID", *who, encrypted, flush=True)
        await connection.close()
    yield
app = FastAPI(lifespan=lifespan)
"""
LIBPQ = """
import os, psycopg2, psycopg
for driver in (psycopg2, psycopg):
    connection = driver.connect(os.environ["DATABASE_URL"])
    cursor = connection.cursor()
    cursor.execute("select current_user, current_database()")
    print("SAID", *cursor.fetchone(), connection.info.ssl_attribute("protocol") if driver is psycopg2 else "")
    connection.close()
""" + SERVE  # fmt: skip


@needs_postgres
def test_a_documented_url_works_as_it_stands(start: Starter, who: str) -> None:
    seen = start({"main.py": ASYNCPG}, who, variables={"DATABASE_URL": "postgresql://bob:pass%40word@db:5433/the-shop"})
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert [line for line in seen.log.splitlines() if "SAID" in line] == [
        "SAID bob the-shop False", "SAID bob the-shop True", "SAID bob the-shop True"]  # fmt: skip
    assert seen.seconds["stopped"] < 10


@needs_postgres
@pytest.mark.parametrize("query", [
    "sslmode=require", "sslmode=require&channel_binding=require", "sslmode=require&options=endpoint%3Dep-cool-1234", "sslmode=disable",
])  # fmt: skip
def test_urls_of_neon_s_shape_work_with_libpq(start: Starter, who: str, query: str) -> None:
    seen = start({"main.py": LIBPQ}, who, variables={"DATABASE_URL": f"{NEON}?{query}"})
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert seen.log.count("SAID owner neondb") == 2
    assert ("TLSv1.3" in seen.log) == ("disable" not in query)


@needs_postgres
def test_an_address_and_the_parts_of_a_url(start: Starter) -> None:
    code = "import os, psycopg2\nprint('SAID', psycopg2.connect(host=os.environ['DB_HOST'], port=os.environ['DB_PORT'], user='u', password='p', dbname='d'))\n"
    seen = start(
        {"main.py": code + SERVE}, variables={"DB_HOST": "10.20.30.40", "DB_PORT": "6543", "POSTGRES_USER": "u"}
    )
    assert "SAID" in seen.log, seen
    seen = start(
        {"main.py": code + SERVE}, variables={"DB_HOST": "postgres.internal", "DB_PORT": "5432", "POSTGRES_USER": "u"}
    )
    assert "SAID" in seen.log, seen


@needs_postgres
def test_ordinary_work_and_many_connections(start: Starter) -> None:
    code = """
import asyncio, os
from contextlib import asynccontextmanager
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=20)
@asynccontextmanager
async def lifespan(app):
    async with engine.begin() as connection:
        await connection.execute(text('create extension if not exists pgcrypto'))
        await connection.execute(text("create table t (id serial primary key, body text)"))
    async def one(number):
        async with engine.begin() as connection:
            await connection.execute(text("insert into t (body) values (repeat('x', 100000))"))
            return len((await connection.execute(text("select body from t limit 1"))).scalar())
    print("LENGTHS", set(await asyncio.gather(*map(one, range(40)))))
    yield
    await engine.dispose()
app = FastAPI(lifespan=lifespan)
@app.get("/health")
async def health():
    async with engine.connect() as connection:
        return (await connection.execute(text("select count(*) from t"))).scalar()
"""
    seen = start({"main.py": code}, variables={"DATABASE_URL": "postgresql+asyncpg://u:p@localhost/app?ssl=require"})
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert "LENGTHS {100000}" in seen.log
    assert [answer.body for answer in seen.answers if answer.path == "/health"] == ["40"]
    assert seen.stopped == "clean"


@needs_postgres
def test_every_start_finds_a_fresh_database(start: Starter) -> None:
    code = (
        "import os, psycopg2\nc = psycopg2.connect(os.environ['DATABASE_URL'])\nc.cursor().execute('create table once (x int)')\nc.commit()\n"
        + SERVE
    )
    for _ in range(2):
        assert (
            start({"main.py": code}, variables={"DATABASE_URL": "postgresql://u:p@h/d"}).boot.outcome is Outcome.SERVES
        )


def test_no_documented_database_is_no_database(start: Starter) -> None:
    code = "import psycopg2\npsycopg2.connect('postgresql://u:p@localhost/x')\n"
    seen = start({"main.py": code})
    assert seen.boot.failure is not None
    assert seen.boot.failure.exception == "psycopg2.OperationalError"
    assert "Connection refused" in seen.boot.failure.message


def test_sqlite_works_in_the_scratch_copy(start: Starter, who: str) -> None:
    code = "import sqlite3\nsqlite3.connect('app.db').execute('create table t (x)')\nprint('MADE')\n" + SERVE
    assert "MADE" in start({"main.py": code}, who, variables={"DATABASE_URL": "sqlite:///./app.db"}).log


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server on this system")
def test_redis_with_a_password(start: Starter, who: str) -> None:
    code = """
import os, socket
sock = socket.create_connection(("cache", 6380))
sock.sendall(b"PING\\r\\nAUTH s3cret\\r\\nSET a 1\\r\\nGET a\\r\\n")
sock.settimeout(2)
said = b""
while said.count(b"\\r\\n") < 5:
    said += sock.recv(1000)
print("SAID", said)
""" + SERVE  # fmt: skip
    seen = start({"main.py": code}, who, variables={"REDIS_URL": "redis://:s3cret@cache:6380/0"})
    assert r"SAID b'-NOAUTH Authentication required.\r\n+OK\r\n+OK\r\n$1\r\n1\r\n'" in seen.log, seen


def test_the_embedded_server(start: Starter, who: str) -> None:
    tool = provide_tool("the embedded PostgreSQL", postgres.TOOL, interpreter=find_interpreter(None))
    if isinstance(tool, InstallProblem):
        pytest.skip(tool.message)
    embedded = next((found for site in tool.site if (found := postgres.embedded_programs(site))), None)
    assert embedded is not None
    if who == "ordinary" and os.getuid() == 0:
        pytest.skip("the cache of root is not an ordinary user's")
    for _ in range(2):  # without and with the ready-made cluster
        seen = start(
            {"main.py": LIBPQ},
            who,
            variables={"DATABASE_URL": f"{NEON}?sslmode=require&channel_binding=require"},
            programs=embedded,
        )
        assert seen.boot.outcome is Outcome.SERVES, seen
        assert seen.log.count("SAID owner neondb") == 2


def test_the_certificate_is_one_that_openssl_takes(tmp_path: Path) -> None:
    openssl = shutil.which("openssl") or pytest.skip("no openssl on this system")
    made = certificate.make(["localhost", "127.0.0.1", "ep-cool-1234.aws.neon.tech"])
    (tmp_path / "c.pem").write_text(made.certificate)
    (tmp_path / "k.pem").write_text(made.key)
    for command in (
        ["verify", "-x509_strict", "-CAfile", "c.pem", "c.pem"],
        ["pkey", "-in", "k.pem", "-check", "-noout"],
    ):
        subprocess.run([openssl, *command], cwd=tmp_path, check=True, capture_output=True)
    told = subprocess.check_output(
        [openssl, "x509", "-in", "c.pem", "-noout", "-hash", "-fingerprint", "-sha256"], cwd=tmp_path, text=True
    )
    assert told.splitlines()[0] + ".0" == certificate.subject_hash()
    assert told.splitlines()[1].rpartition("=")[2].replace(":", "").lower() == made.digest.hex()


@needs_postgres
def test_without_namespaces_on_the_explicit_wish(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a Mac: the weaker guard, the same answers."""
    monkeypatch.setattr(confinement, "available", lambda: confinement.Unavailable("this is a test"))
    attempt = "import socket\ntry:\n    socket.create_connection(('1.1.1.1', 53), 2)\nexcept OSError as e:\n    print('REFUSED', e)\n"
    root = harness.folder(
        {"main.py": attempt + ASGI_OF_HERE, ".env": "DATABASE_URL=postgresql://production", "x.txt": "kept"}
    )
    before, mark = fingerprint(root), "mark-of-the-unconfined"
    variables = {"DATABASE_URL": f"{NEON}?sslmode=require", "MARK": mark}
    arguments = (scratch.look(root), Launch("asgi", "main:app"), harness.environment(WHO), variables)
    with pytest.raises(UsageError, match="this is a test"):
        observation.observe(*arguments)
    seen = observation.observe(*arguments, limits=Limits(start=20), allow_unconfined=True)
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert not seen.confined
    assert "SAID owner neondb" in seen.log
    assert "REFUSED" in seen.log
    assert (fingerprint(root), processes_marked(mark)) == (before, [])
    shutil.rmtree(root)


ASGI_OF_HERE = LIBPQ.replace("import os,", "import os, pathlib,") + "pathlib.Path('x.txt').write_text('changed')\n"


def test_failures_without_namespaces_have_the_folder_s_own_paths(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "available", lambda: confinement.Unavailable("this is a test"))
    root = harness.folder({"main.py": "import helpers\nfrom helpers import nothing\n", "helpers.py": ""})
    seen = observation.observe(
        scratch.look(root), Launch("asgi", "main:app"), harness.environment(WHO), {}, allow_unconfined=True
    )
    assert seen.boot.failure is not None
    assert seen.boot.failure.message == f"cannot import name 'nothing' from 'helpers' ({root}/helpers.py)"
    assert [(f.path, f.line) for f in seen.boot.failure.frames] == [("main.py", 2)]
    shutil.rmtree(root)


def test_daemons_without_namespaces_die_as_well(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux lets us adopt orphans")
    monkeypatch.setattr(confinement, "available", lambda: confinement.Unavailable("this is a test"))
    code = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)\n"
        + SERVE
    )
    root, mark = harness.folder({"main.py": code}), "mark-of-the-unconfined-daemon"
    seen = observation.observe(
        scratch.look(root), Launch("asgi", "main:app"), harness.environment(WHO), {"MARK": mark}, allow_unconfined=True)  # fmt: skip
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert processes_marked(mark) == []
    shutil.rmtree(root)
