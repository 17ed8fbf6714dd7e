"""What Docker does with a start command and a build context."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.platforms.docker import ContainerStart, Ignore, container_start, user_of
from seatrial.project.dockerfile import build_image, read_dockerfile
from seatrial.project.documents import Documents


def start(text: str) -> ContainerStart:
    found = container_start(
        build_image(read_dockerfile("FROM python:3.12-slim\n" + text), Documents(Path("/nowhere")), ".")
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("command", "shell", "first", "literal", "fixed"),
    [
        ('CMD ["uvicorn", "main:app", "--port", "$PORT"]', False, True, True, None),
        ('CMD ["uvicorn", "main:app", "--port", "8000"]', False, True, False, 8000),
        ("CMD uvicorn main:app --port $PORT", True, False, False, None),
        ("CMD exec uvicorn main:app --port ${PORT:-8000}", True, True, False, None),
        ('CMD ["sh", "-c", "exec uvicorn main:app --port $PORT"]', True, True, False, None),
        ('CMD ["sh", "-c", "alembic upgrade head && uvicorn main:app"]', True, False, False, None),
        ('CMD ["bash", "-c", "alembic upgrade head && uvicorn main:app"]', True, True, False, None),
        ('ENTRYPOINT ["uvicorn"]\nCMD ["main:app", "--port=80"]', False, True, False, 80),
        ("CMD gunicorn main:app -b 0.0.0.0:9000", True, False, False, 9000),
    ],
)
def test_start(command: str, shell: bool, first: bool, literal: bool, fixed: int | None) -> None:
    found = start(command)
    assert (found.shell, found.server_is_first, found.literal_port, found.fixed_port) == (shell, first, literal, fixed)


def test_an_image_without_a_command_is_its_bases_affair() -> None:
    assert container_start(build_image(read_dockerfile("FROM x\n"), Documents(Path("/nowhere")), ".")) is None


def test_user_of_the_last_stage() -> None:
    text = "FROM a\nUSER app\nFROM b\nEXPOSE 8000 9000/udp $PORT\n"
    assert user_of(read_dockerfile(text)) == "root"
    assert user_of(read_dockerfile(text + "USER app:app\n")) == "app"
    assert user_of(read_dockerfile(text + "USER 0\n")) == "root"


@pytest.mark.parametrize(
    ("text", "out", "kept"),
    [
        ("*.pyc\n", "a.pyc", "b/a.pyc"),
        ("**/*.pyc\n", "b/a.pyc", "a.py"),
        (".env*\n!.env.example\n", ".env.local", ".env.example"),
        ("/dist\n", "dist/x/y", "src/dist"),
        ("# *\n\ntests/\n", "tests/a.py", "a.py"),
        ("**\n!app/**\n", "main.py", "app/main.py"),
        ("a?c\n", "abc", "abbc"),
    ],
)
def test_ignored_files(text: str, out: str, kept: str) -> None:
    ignore = Ignore.of(text)
    assert ignore.leaves_out(out)
    assert not ignore.leaves_out(kept)
