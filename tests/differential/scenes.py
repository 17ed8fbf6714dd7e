"""Features that take more than one module: each scene adds code to several writers, or whole new modules."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .model import Module, Project, Writer, block
from .words import MODULES

Scene = Callable[["Stage", bool], None]


SCENES: list[tuple[float, Scene]] = []


class Stage:
    """The writers of a project, and a way to add modules to it."""

    def __init__(self, rng: Random, project: Project, writers: dict[str, Writer], features: set[str]) -> None:
        self.rng = rng
        self.project = project
        self.writers = writers
        self.features = features
        self.extra: dict[str, str] = {}  # files beside the modules

    def user(self, *others: Writer) -> Writer:
        """A module that is surely imported: the main one, or one that it imports itself."""
        candidates = [self.project.main, self.project.main, *self.project.main.imports]
        writers = [self.writers[module.name] for module in candidates]
        fitting = [writer for writer in writers if writer not in others and "replaced" not in writer.module.traits]
        return self.rng.choice(fitting) if fitting else self.writers[self.project.main.name]

    def home(self) -> str:
        """A package to put a new module in, with its dot; empty for the root."""
        packages = [
            module.name for module in self.project.modules if module.is_package and module is not self.project.main
        ]
        return self.rng.choice([*(name + "." for name in packages), ""])

    def leaf(self) -> str:
        taken = {module.name.rpartition(".")[2] for module in self.project.modules}
        taken |= {name for module in self.project.modules for name in module.name.split(".")}
        return self.rng.choice([name for name in MODULES if name not in taken])

    def new(self, text: str, name: str = "", is_package: bool = False) -> Module:
        """A further module with the given text, imported by nobody yet."""
        module = Module(name or self.home() + self.leaf(), is_package)
        writer = Writer(self.rng, self.project, module, self.features)
        writer.add(block(text))
        self.project.modules.append(module)
        self.writers[module.name] = writer
        return module

    def insert(self, writer: Writer, code: str) -> None:
        """Code among the chunks of a module."""
        writer.chunks.insert(self.rng.randint(0, len(writer.chunks)), block(code))

    def pick(self, *options: str) -> str:
        return self.rng.choice(options)


def scene(weight: float, *features: str) -> Callable[[Scene], Scene]:
    def register(make: Scene) -> Scene:
        def marked(stage: Stage, bad: bool) -> None:
            stage.features.update(features)
            make(stage, bad)

        SCENES.append((weight, marked))
        return marked

    return register


def play(stage: Stage, bad: bool = False) -> None:
    stage.rng.choices([make for _, make in SCENES], [weight for weight, _ in SCENES])[0](stage, bad)
