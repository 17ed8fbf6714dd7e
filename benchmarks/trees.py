"""Backends made to measure: as many files as wanted, all of them reached by the start, each like those people write."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = 25  # files of one package

_MODULE = '''"""Endpoints of {name}, {mark}."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, Field
{imports}

router = APIRouter(prefix="/{name}", tags=["{name}"])


class {title}Base(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    done: bool = False


class {title}Read({title}Base):
    id: int
    created_at: datetime


def find_{name}(item_id: int) -> {title}Read:
    if item_id < 1:
        raise HTTPException(status_code=404, detail="not found")
    return {title}Read(id=item_id, title="one", created_at=datetime.now())


@router.get("/", response_model=list[{title}Read])
async def list_{name}(limit: int = 50, offset: int = 0) -> list[{title}Read]:
    return [find_{name}(number) for number in range(offset + 1, offset + limit)]


@router.get("/{{item_id}}", response_model={title}Read)
async def read_{name}(item: Annotated[{title}Read, Depends(find_{name})]) -> {title}Read:
    return item


@router.post("/", response_model={title}Read, status_code=201)
async def create_{name}(item: {title}Base) -> {title}Read:
    return {title}Read(id=1, created_at=datetime.now(), **item.model_dump())
'''


def write(folder: Path, files: int, mark: str = "") -> Path:
    """A backend of `files` Python files below `folder`: packages of modules that import their predecessors.

    `mark` stands in each of them, so that two trees have no file in common.
    """
    names = [(f"part{index // _PACKAGE}", f"item{index}") for index in range(files - 2 - -(-files // _PACKAGE))]
    for index, (package, name) in enumerate(names):
        path = folder / "app" / package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        earlier = [names[other] for other in {index - 1, index // 2} if 0 <= other < index]
        imports = "\n".join(f"from app.{part}.{other} import find_{other}" for part, other in sorted(earlier))
        path.write_text(
            _MODULE.format(name=name, mark=mark, title=name.title(), imports=f"\n{imports}" if imports else "")
        )
    imports = "\n".join(f"from app.{package} import {name}" for package, name in names)
    includes = "\n".join(f"app.include_router({name}.router)" for _, name in names)
    (folder / "app" / "__init__.py").touch()
    (folder / "app" / "main.py").write_text(
        f"from fastapi import FastAPI\n\n{imports}\n\napp = FastAPI()\n{includes}\n"
    )
    (folder / "requirements.txt").write_text("fastapi\nuvicorn\n")
    (folder / "Procfile").write_text("web: uvicorn app.main:app --host 0.0.0.0 --port $PORT\n")
    return folder
