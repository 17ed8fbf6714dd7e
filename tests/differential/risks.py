"""Code that raises: each risk is an expression or a statement together with the exception it raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .model import Module, Writer, block


@dataclass(frozen=True, slots=True)
class Risk:
    """`code` raises `exception` when executed; `before` must stand at module level ahead of it."""

    code: str
    exception: str
    expression: bool = False
    before: str = ""
    top_level_only: bool = False


Maker = Callable[[Writer], Risk]


IMPORTS: list[tuple[float, Maker]] = []


VALUES: list[tuple[float, Maker]] = []


def risk(group: list[tuple[float, Maker]], weight: float, *features: str) -> Callable[[Maker], Maker]:
    """Registers a maker of risks."""

    def register(make: Maker) -> Maker:
        def marked(w: Writer) -> Risk:
            w.mark(*features)
            return make(w)

        group.append((weight, marked))
        return marked

    return register


def choose(w: Writer, group: list[tuple[float, Maker]]) -> Risk:
    return w.rng.choices([make for _, make in group], [weight for weight, _ in group])[0](w)


def some_module(w: Writer) -> Module:
    """A module that may be imported here without closing a cycle, where there is one; else this one."""
    others = [module for module in w.module.imports if "replaced" not in module.traits]
    return w.rng.choice(others) if others else w.module


def as_statement(w: Writer, risk: Risk) -> str:
    """The risk as statements."""
    if not risk.expression:
        return block(risk.code)
    return w.pick(
        risk.code,
        f"{w.fresh('value', 'found', 'answer')} = {risk.code}",
        f"{w.fresh('value', 'found')} = [{risk.code}]",
    )
