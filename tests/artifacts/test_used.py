"""The papers are used, not compared: the image is built and run, the scripts run, the guides followed to the letter."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.artifacts.backends import PLAIN, SHELVES, TASKS, lay
from tests.artifacts.scanning import findings
from tests.artifacts.writing import look, prepared

REPOSITORY = Path(__file__).parents[2]
BACKEND = REPOSITORY / "backend"
TOOLS = Path(sys.executable).parent
PATIENCE_S = 120
CONTENT = shutil.ignore_patterns(".venv*", ".development", "__pycache__", ".*_cache", ".env")


def run(*words: str, where: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program with a clean environment, but for what is needed to find programs and the index."""
    environment = {name: value for name, value in os.environ.items() if name not in ("JWT_SECRET", "DATABASE_URL")}
    return subprocess.run(words, cwd=where, env={**environment, **environ}, capture_output=True, text=True, timeout=900)


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def answer(url: str) -> int:
    """The status of a GET, asked for until there is one."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return int(response.status)
        except OSError as error:
            if time.monotonic() > until:
                raise AssertionError(f"{url} does not answer: {error}") from None
            time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def image_of(root: Path, name: str) -> Iterator[str]:
    tag = f"{name}-{os.getpid()}"
    try:
        docker("build", "--quiet", "--tag", tag, str(root))
        yield tag
    finally:
        subprocess.run(["docker", "rmi", "--force", tag], capture_output=True)


def bytes_of(image: str) -> int:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image))


def wait_for_health(container: str) -> str:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        state = docker("inspect", "--format", "{{.State.Health.Status}}", container)
        if state in ("healthy", "unhealthy"):
            return state
        time.sleep(0.5)
    return "starting"


def test_the_papers_of_the_reference_backend_are_what_prepare_writes() -> None:
    result = look(BACKEND)
    assert result.patch == ""
    assert result.yours == ()


@pytest.mark.needs("docker")
def test_the_image_of_the_plain_backend_runs_read_only_and_stops_when_told(tmp_path: Path, base_image: str) -> None:
    root = prepared(tmp_path, {**PLAIN, ".python-version": "3.11\n"}, "docker")
    with image_of(root, "seatrial-plain") as image:
        run_of_image(image, base_image, "--env", "JWT_SECRET=" + "s" * 32)


@pytest.mark.needs("docker")
def test_the_image_of_the_reference_backend_is_small_and_refuses_what_is_missing(
    tmp_path: Path, base_image: str
) -> None:
    """On the Python that the other tests have an image of. A nightly test has it serve, in its stack."""
    root = tmp_path / "backend"
    shutil.copytree(BACKEND, root, ignore=CONTENT)
    dockerfile = root / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("python:3.13-slim", base_image))
    with image_of(root, "seatrial-backend") as image:
        assert bytes_of(image) - bytes_of(base_image) <= 250_000_000
        inside = json.loads(docker("image", "inspect", "--format", "{{json .Config}}", image))
        assert inside["User"] == "10001"
        listed = docker("run", "--rm", image, "sh", "-c", "id -u; ls -a /app; command -v gcc || echo no compiler")
        assert listed.startswith("10001\n")
        assert ".env\n" not in listed
        assert "no compiler" in listed
        assert {"src", "migrations", "alembic.ini"} <= set(listed.splitlines())
        assert not {"tests", "benchmarks", "requirements-dev.txt"} & set(listed.splitlines())
        refused = subprocess.run(
            ["docker", "run", "--rm", "--read-only", "--env", "ENVIRONMENT=production", image],
            capture_output=True,
            text=True,
        )
        assert refused.returncode != 0
        assert "JWT_SECRET is not set" in refused.stdout + refused.stderr
        files, found = findings(image, tmp_path)
        assert files > 100
        assert found == {}


@pytest.mark.needs("docker")
def test_a_secret_in_a_layer_is_found_though_a_later_one_hides_it(tmp_path: Path, base_image: str) -> None:
    root = lay(tmp_path / "leaking", {"keys.py": f'KEY = "AKIA{"Q7" * 8}"\n'})
    (root / "Dockerfile").write_text(f"FROM {base_image}\nCOPY keys.py /app/keys.py\nRUN rm /app/keys.py\n")
    with image_of(root, "seatrial-leaking") as image:
        assert findings(image, tmp_path) == (1, {"app/keys.py": ["AWS Access Key, line 1"]})


def run_of_image(image: str, base: str, *options: str) -> None:
    """Read-only, without rights, on the port that it is given: healthy, not root, small, and ended by SIGTERM."""
    assert bytes_of(image) - bytes_of(base) <= 250_000_000
    guard = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    container = docker("run", "--detach", *guard, "--env", "PORT=9123", *options, image)
    try:
        assert wait_for_health(container) == "healthy", docker("logs", container)
        assert docker("exec", container, "id", "-u") == "10001"
        assert "9123" in subprocess.run(["docker", "logs", container], capture_output=True, text=True).stderr
        docker("stop", "--time", "60", container)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", container) == "0"
    finally:
        subprocess.run(["docker", "rm", "--force", container], capture_output=True)


@pytest.mark.needs("docker", "compose")
@pytest.mark.parametrize(
    "which", [*(pytest.param(it, marks=pytest.mark.nightly) for it in ("tasks", "shelves")), "reference"]
)
def test_the_stack_comes_up_healthy_and_goes_down(tmp_path: Path, which: str) -> None:
    images = {"shelves": ["mariadb:11.8"]}.get(which, ["postgres:17", "redis:8"])
    subprocess.run([str(REPOSITORY / "tools/service-images"), *images], check=True)
    subprocess.run([str(REPOSITORY / "tools/base-image"), "3.13" if which == "reference" else "3.11"], check=True)
    root = tmp_path / which
    if which == "reference":
        shutil.copytree(BACKEND, root, ignore=CONTENT)
    else:
        prepared(root, {**(TASKS if which == "tasks" else SHELVES), ".python-version": "3.11\n"})
    assert run("scripts/prepare-deployment.sh", "init", where=root).returncode == 0
    port, project = str(free_port()), f"papers{os.getpid()}{which}"
    compose = ["docker-compose", "--project-name", project]
    if which == "shelves":  # no image of MongoDB can be had here: the stack is tried without it
        stack = root / "docker-compose.yml"
        whole = yaml.safe_load(stack.read_text())
        del whole["services"]["mongo"], whole["services"]["app"]["depends_on"]["mongo"]
        stack.write_text(yaml.safe_dump(whole))
    try:
        up = run(*compose, "up", "--detach", "--build", where=root, APP_PORT=port)
        assert up.returncode == 0, up.stdout + up.stderr
        assert answer(f"http://127.0.0.1:{port}/health") == 200
        assert wait_for_health(f"{project}_app_1") == "healthy"
    finally:
        down = run(*compose, "down", "--volumes", "--rmi", "local", where=root, APP_PORT=port)
    assert down.returncode == 0, down.stderr
    assert docker("ps", "--all", "--quiet", "--filter", f"name={project}") == ""


def test_the_procfile_starts_under_honcho_on_the_port_that_is_given(tmp_path: Path, backend_python: str) -> None:
    root = prepared(tmp_path, PLAIN, "railway")
    port = free_port()
    path = f"{Path(backend_python).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PORT": str(port), "PATH": path, "JWT_SECRET": "s" * 32}
    server = subprocess.Popen([str(TOOLS / "honcho"), "start"], cwd=root, env=environment, stdout=subprocess.DEVNULL)
    try:
        assert answer(f"http://127.0.0.1:{port}/health") == 200
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def test_the_script_says_what_is_missing_and_then_that_all_is_well(tmp_path: Path) -> None:
    root = prepared(tmp_path, PLAIN)
    script = str(root / "scripts/prepare-deployment.sh")
    refused = run(script, where=root, PYTHON=sys.executable)
    assert refused.returncode == 1
    assert "JWT_SECRET is not set" in refused.stderr
    weak = run(script, "--quick", where=root, JWT_SECRET="short")
    assert weak.returncode == 1
    assert "shorter than 32" in weak.stderr
    assert run(script, "init", where=root).returncode == 0
    assert run(script, "init", where=root).returncode == 1
    assert (root / ".env").stat().st_mode & 0o777 == 0o600
    passed = run(script, where=root, PYTHON=sys.executable)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "it starts and answers /health" in passed.stdout
    assert passed.stdout.endswith("Ready to be deployed.\n")


def test_a_command_runs_with_the_values_of_the_file_as_they_stand(tmp_path: Path) -> None:
    """Such as a shell would split, unquote or run."""
    root = prepared(tmp_path, PLAIN)
    script = "scripts/prepare-deployment.sh"
    (root / ".env").write_text('S3_ORIGINS=["http://a", "b c"]\nJWT_SECRET=$(id)&\';\nGIVEN=file\n')
    show = "import os; print([os.environ[it] for it in ('S3_ORIGINS', 'JWT_SECRET', 'GIVEN')])"
    done = run(script, "with", sys.executable, "-c", show, where=root, GIVEN="shell")
    assert done.stdout == repr(['["http://a", "b c"]', "$(id)&';", "shell"]) + "\n", done.stderr
    assert run(script, "with", "false", where=root).returncode == 1
    assert run(script, "with", where=root).returncode == 2


def test_the_script_finds_what_was_committed(tmp_path: Path) -> None:
    root = prepared(tmp_path, PLAIN)
    (root / ".env").write_text(f"JWT_SECRET={'s' * 40}\n")
    (root / "app/keys.py").write_text(f'KEY = "AKIA{"Q" * 16}"\n')
    address = "URL=postgresql://owner:{}@ep-xxx.us-east-1.aws.neon.tech/tasks\n"
    (root / "blank.env").write_text(address.format("password") + address.format("<your password>"))
    (root / "real.env").write_text(address.format("password") + address.format("npg_Tr4nsp0rt"))
    subprocess.run(["git", "add", "--all", "--force"], cwd=root, check=True)
    found = run("scripts/prepare-deployment.sh", "--quick", where=root)
    assert found.returncode == 1
    assert "committed: .env" in found.stderr
    assert "app/keys.py:1" in found.stderr
    assert "real.env:2" in found.stderr
    assert "real.env:1" not in found.stderr
    assert "blank.env" not in found.stderr
    assert "Q" * 16 not in found.stdout + found.stderr


def blocks(text: str) -> list[str]:
    """What a guide says to run."""
    return re.findall(r"^```bash\n(.*?)^```$", text, re.M | re.S)


def test_the_guides_followed_to_the_letter(tmp_path: Path) -> None:
    """Tests of the backend are run on the way, by the script for them."""
    test = "import os\n\n\ndef test_secret() -> None:\n    assert len(os.environ['JWT_SECRET']) >= 32\n"
    root = prepared(tmp_path, {**PLAIN, "tests/test_secret.py": test})
    for guide in ("QUICKSTART.md", "deployment/DEPLOYMENT.md"):
        commands = blocks((root / guide).read_text())
        assert commands
        for command in commands:
            done = run("bash", "-euc", command, where=root)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert (root / ".venv/bin/uvicorn").exists()


def test_a_failing_test_fails_the_script(tmp_path: Path) -> None:
    root = prepared(tmp_path, {**PLAIN, "tests/test_bad.py": "def test_bad() -> None:\n    raise AssertionError\n"})
    done = run(sys.executable, "scripts/run_tests.py", "-q", where=root, RUN_TESTS_PYTHON=sys.executable)
    assert done.returncode == 1
    assert "1 failed" in done.stdout


def test_the_gate_and_the_audit_of_the_workflow_run(tmp_path: Path) -> None:
    """The steps that need no runner of GitHub: audit, papers, and the gate with and without its settings."""
    root = prepared(tmp_path, PLAIN)
    jobs = yaml.safe_load((root / ".github/workflows/seatrial.yml").read_text())["jobs"]
    steps = {step["name"]: step["run"] for job in jobs.values() for step in job["steps"] if "run" in step}
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    for name in ("Audit", "Papers in step with the code"):
        done = run("bash", "-euc", steps[name], where=root, PATH=path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert run("bash", "-euc", steps["Gate"], where=root).returncode == 1
    assert run("bash", "-euc", steps["Gate"], where=root, RAILWAY_TOKEN="t", RAILWAY_SERVICE="s").returncode == 0


@pytest.mark.nightly
def test_railways_own_types_take_the_configuration(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    root = prepared(tmp_path, TASKS, "railway")
    installed = run("npm", "install", "--no-save", "--ignore-scripts", "railway@3", "typescript@5", where=root)
    assert installed.returncode == 0, installed.stderr
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext"]
    done = run("npx", "tsc", *options, ".railway/railway.ts", where=root)
    assert done.returncode == 0, done.stdout
