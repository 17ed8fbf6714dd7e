"""Chunks of module-level code about one feature each. With `bad` they raise, or may; without, they never do."""

from __future__ import annotations

from collections.abc import Callable

from .model import Module, Symbol, Writer, block

Maker = Callable[[Writer, bool], str]


SNIPPETS: list[tuple[float, Maker]] = []


def snippet(weight: float, *features: str) -> Callable[[Maker], Maker]:
    def register(make: Maker) -> Maker:
        def marked(w: Writer, bad: bool) -> str:
            w.mark(*features)
            return block(make(w, bad))

        SNIPPETS.append((weight, marked))
        return marked

    return register


def choose(w: Writer, bad: bool = False) -> str:
    return w.rng.choices([make for _, make in SNIPPETS], [weight for weight, _ in SNIPPETS])[0](w, bad)


def importable(w: Writer) -> tuple[Module, Symbol] | None:
    """A symbol of a module that this one may import."""
    found = [
        (module, symbol) for module in w.module.imports for symbol in module.exports if "replaced" not in module.traits
    ]
    return w.rng.choice(found) if found else None
