"""What guards a route: by parameter, alias, router, inclusion and application; and what is not followed."""

from __future__ import annotations

import pytest

from seatrial import pipeline
from seatrial.options import AuditOptions

DEPS = """from typing import Annotated

from fastapi import Depends, Header, HTTPException
from fastapi.security import APIKeyHeader, HTTPBearer, OAuth2PasswordBearer

scheme = OAuth2PasswordBearer(tokenUrl="token")
key = APIKeyHeader(name="X-Key")


def session():
    yield 1


def user(token: Annotated[str, Depends(scheme)], db=Depends(session)):
    return token


def admin(user=Depends(user)):
    return user


def by_hand(authorization: str = Header()):
    return authorization


class Bearer(HTTPBearer):
    def __init__(self):
        super().__init__()


def factory(required: bool):
    def inner(token=Depends(scheme)):
        return token

    return inner if required else user


CurrentUser = Annotated[str, Depends(user)]
"""

ROUTES = """from fastapi import APIRouter, Depends
from app.deps import Bearer, CurrentUser, admin, by_hand, factory, key, session
from app.deps import user as who

router = APIRouter()
locked = APIRouter(dependencies=[Depends(key)])


@router.get("/open")
def open_(db=Depends(session)): ...


@router.get("/alias")
def alias(user: CurrentUser): ...


@router.get("/chain")
def chain(user=Depends(admin)): ...


@router.get("/renamed", dependencies=[Depends(who)])
def renamed(): ...


@router.get("/by-hand")
def hand(user=Depends(by_hand)): ...


@router.get("/bearer")
def bearer(token=Depends(Bearer())): ...


@router.get("/factory")
def made(user=Depends(factory(True))): ...


@locked.get("/locked")
def locked_(): ...
"""

MAIN = """from fastapi import APIRouter, Depends, FastAPI
from app import routes
from app.deps import user
from app.other import router as other

app = FastAPI()
api = APIRouter(prefix="/api")
api.include_router(routes.locked)
app.include_router(routes.router)
app.include_router(api)
app.include_router(other, dependencies=[Depends(user)])
"""

OTHER = """from fastapi import APIRouter

router = APIRouter(prefix="/other")


@router.get("/")
def read(): ...
"""

EXPECTED = {
    "/open": (),
    "/alias": ("OAuth2PasswordBearer by user",),
    "/chain": ("OAuth2PasswordBearer by user",),
    "/renamed": ("OAuth2PasswordBearer by user",),
    "/by-hand": ("the request's credentials by by_hand",),
    "/bearer": ("HTTPBearer by Bearer",),
    "/factory": ("OAuth2PasswordBearer by inner", "OAuth2PasswordBearer by user"),
    "/api/locked": ("APIKeyHeader",),
    "/other/": ("OAuth2PasswordBearer by user",),
}


@pytest.fixture(scope="module")
def guards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, ...]]:
    root = tmp_path_factory.mktemp("guards")
    files = {"deps": DEPS, "routes": ROUTES, "main": MAIN, "other": OTHER, "__init__": ""}
    (root / "app").mkdir()
    for name, text in files.items():
        (root / "app" / f"{name}.py").write_text(text)
    (root / "Procfile").write_text("web: uvicorn app.main:app\n")
    (root / "requirements.txt").write_text("fastapi\nuvicorn\n")
    return {it.route.path: it.guards for it in pipeline.audit(root, AuditOptions()).routes}


@pytest.mark.parametrize("path", EXPECTED)
def test_guards_of_a_route(guards: dict[str, tuple[str, ...]], path: str) -> None:
    assert guards[path] == EXPECTED[path]
