# mypy: ignore-errors
"""The oracle's other half: starts one backend after another inside the interpreter that the libraries are installed in.

Run by that interpreter, standard library and what the backend brings only. Each line of input is `{"root",
"target"}`; each
start happens in a fork, so that one never meets what another has left behind. What uvicorn does is done here: import
the target, call it if it is a factory, send it the lifespan messages (`uvicorn.lifespan.on.LifespanOn`).
"""

import asyncio
import importlib
import json
import os
import sys
import traceback
import warnings


def spelt(error):
    kind = type(error)
    plain = kind.__module__ in ("builtins", "__main__")
    return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"


def failed(stage, error, root):
    frames = [
        (os.path.relpath(frame.filename, root), frame.lineno, frame.name)
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(root + os.sep)
    ]
    return {"stage": stage, "exception": spelt(error), "message": str(error), "frames": frames}


async def lifespan(app, root):
    inbox, said = asyncio.Queue(), {}
    done = asyncio.Event()
    await inbox.put({"type": "lifespan.startup"})

    async def send(message):
        said[message["type"]] = message.get("message", "")
        done.set()

    async def run():
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        try:
            await app(scope, inbox.get, send)
        except BaseException as error:  # noqa: BLE001 - it is reported
            said["error"] = error
        done.set()

    task = asyncio.ensure_future(run())
    await done.wait()
    if "lifespan.startup.failed" in said:
        await task
        return failed("startup", said["error"], root)
    task.cancel()
    return {"stage": None, "unsupported": spelt(said["error"]) if "error" in said else ""}


def start(root, target):
    os.chdir(root)
    sys.path.insert(0, root)
    module, _, attribute = target.partition(":")
    try:
        app = getattr(importlib.import_module(module), attribute)
    except BaseException as error:  # noqa: BLE001 - it is reported
        return failed("import", error, root)
    return asyncio.run(lifespan(app, root))


def answer(root, target):
    """The result of one start, made in a fork."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        with os.fdopen(writing, "w") as stream:
            json.dump(start(root, target), stream)
            stream.flush()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.wait()
    return json.loads(text) if text else {"stage": "crash"}


def main():
    warnings.simplefilter("ignore")
    for name in sys.argv[1:]:
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(answer(asked["root"], asked["target"])), flush=True)  # noqa: T201


main()
