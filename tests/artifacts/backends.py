"""Small backends whose papers are written and then used."""

from __future__ import annotations

from pathlib import Path

# Keeps nothing: the least that has papers.
PLAIN = {
    "requirements.txt": "fastapi==0.115.12\nuvicorn==0.34.2\n",
    "app/__init__.py": "",
    "app/main.py": """\
import os

from fastapi import FastAPI

app = FastAPI()
JWT_SECRET = os.environ["JWT_SECRET"]


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "up"}
""",
}

# Talks to PostgreSQL and Redis, and has migrations.
TASKS = {
    "requirements.txt": (
        "alembic\nasyncpg\nfastapi\npydantic-settings\nredis\nsqlalchemy[asyncio]>=2.0,<2.1\nuvicorn\n"
    ),
    "app/__init__.py": "",
    "app/settings.py": """\
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str
    redis_url: str
    jwt_secret: str
    openai_api_key: str = ""
    page_size: int = 20


def load() -> Settings:
    return Settings()
""",
    "app/main.py": """\
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.settings import load


@asynccontextmanager
async def lifespan(app: FastAPI):
    settings = load()
    app.state.engine = create_async_engine(
        settings.database_url, pool_pre_ping=True, pool_recycle=240, connect_args={"statement_cache_size": 0}
    )
    app.state.redis = Redis.from_url(settings.redis_url)
    yield
    await app.state.redis.aclose()
    await app.state.engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/tasks")
async def tasks(request: Request) -> list[str]:
    async with request.app.state.engine.connect() as connection:
        return list((await connection.execute(text("select title from task"))).scalars())


@app.get("/health")
async def health(request: Request) -> dict[str, str]:
    async with request.app.state.engine.connect() as connection:
        await connection.execute(text("select 1"))
    await request.app.state.redis.ping()
    return {"status": "up"}
""",
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": """\
import asyncio
import os

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine


def work(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def migrate():
    engine = create_async_engine(os.environ["DATABASE_URL"])
    async with engine.connect() as connection:
        await connection.run_sync(work)
        await connection.commit()
    await engine.dispose()


asyncio.run(migrate())
""",
    "migrations/versions/0001_task.py": """\
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("task", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.Text))
""",
}

# Talks to MySQL by the parts of its address, and to MongoDB.
SHELVES = {
    "requirements.txt": "aiomysql\nfastapi\npymongo\npymysql\nsqlalchemy[asyncio]>=2.0,<2.1\nuvicorn\n",
    "main.py": """\
import os

from fastapi import FastAPI
from pymongo import MongoClient
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine

app = FastAPI()
place = URL.create(
    "mysql+aiomysql",
    username=os.environ["DB_USER"],
    password=os.environ["DB_PASSWORD"],
    host=os.environ["DB_HOST"],
    port=int(os.getenv("DB_PORT", "3306")),
    database=os.environ["DB_NAME"],
)
engine = create_async_engine(place, pool_pre_ping=True)
documents = MongoClient(os.environ["MONGO_URL"], connect=False)


@app.get("/health")
async def health() -> dict[str, str]:
    async with engine.connect() as connection:
        await connection.execute(text("select 1"))
    return {"status": "up"}
""",
}


def lay(root: Path, files: dict[str, str]) -> Path:
    """Write a backend into a folder, and return that."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
