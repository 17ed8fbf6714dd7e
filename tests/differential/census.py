"""Counts what generated packages contain, and reads import cycles off their sources."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .model import Package

REQUIRED = (
    "import_plain import_dotted import_as import_dotted_as from_import from_import_as from_package_submodule "
    "from_dot_sibling relative_1 relative_2 relative_3 relative_4 relative_beyond relative_toplevel star_import "
    "dunder_all all_missing all_submodule all_augmented star_underscore reexport clash_submodule_attribute "
    "module_getattr module_getattr_imports module_dir module_replaced sys_modules_assign sys_modules_get "
    "sys_modules_pop sys_modules_in import_module import_module_relative dunder_import try_import try_except "
    "except_tuple except_bare except_exception try_else finally try_nested reraise raise_from import_error_name "
    "type_checking type_checking_runtime version_info platform main_guard function_import called_at_import "
    "decorator decorator_args wraps class_body default_args metaclass init_subclass init_method property "
    "comprehension generator lambda context_class context_generator context_suppressing suppress undefined_name "
    "undefined_in_function class_scope del_name global_statement nonlocal_statement unbound_local "
    "annotation_function annotation_class annotation_module annotation_undefined annotation_string annotation_later "
    "annotations_future base_undefined late_bound partial_module namespace_package module_vs_package missing_module "
    "missing_submodule submodule_of_module missing_symbol stdlib_missing stdlib_case shadow_stdlib "
    "shadow_loaded_stdlib syntax_error raise_builtin raise_custom assert environ_key int_parse zero_division "
    "indexing unpacking call_none wrong_arity unexpected_keyword dataclass enum namedtuple generic typing_generics "
    "abc loop_for loop_while walrus match fstring star_args closure recursion registry state_across_modules reload "
    "package_path sys_path conditional environ_get target_attribute target_application target_factory target_module "
    "target_path app_function app_class app_framework startup_failure startup_import init_cycle main_cycle "
    "cycle_immediate cycle_deferred cycle_import_at_end cycle_in_function star_chain mutated "
).split()


@dataclass(slots=True)
class Census:
    """How often each feature occurred among so many packages."""

    packages: int = 0
    features: Counter[str] = field(default_factory=Counter)

    def add(self, package: Package) -> None:
        self.packages += 1
        self.features.update(package.features)
        if has_cycle(package.files):
            self.features["cycle"] += 1

    def merge(self, other: Census) -> None:
        self.packages += other.packages
        self.features.update(other.features)

    def share(self, feature: str) -> float:
        return self.features[feature] / self.packages if self.packages else 0.0

    def scarce(self, least: float = 0.05) -> list[str]:
        """Required features in fewer than `least` of the packages."""
        return [feature for feature in REQUIRED if self.share(feature) < least]


def has_cycle(files: Mapping[str, str]) -> bool:
    """Whether modules import one another in a circle when executed: no functions, no TYPE_CHECKING blocks.

    A package counts as importing its submodule only where a statement says so; a submodule that imports a name of
    its own package does import that package.
    """
    modules = {_dotted(path): path for path in files if path.endswith(".py")}
    graph = {name: set(_targets(name, files[path], path, modules)) - {name} for name, path in modules.items()}
    return any(_reaches(graph, target, name) for name in graph for target in graph[name])


def _dotted(path: str) -> str:
    name = path.removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")


def _targets(name: str, text: str, path: str, modules: Mapping[str, str]) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
    for node in _executed(tree.body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            subs = [f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in modules]
            yield from subs
            if base in modules and len(subs) < len(node.names):
                yield base


def _executed(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        for inner in ("body", "orelse", "finalbody"):
            yield from _executed(getattr(node, inner, []))
        for handler in getattr(node, "handlers", []):
            yield from _executed(handler.body)


def _reaches(graph: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, queue = {start}, [start]
    while queue:
        current = queue.pop()
        if current == goal:
            return True
        for following in graph.get(current, ()):
            if following not in seen:
                seen.add(following)
                queue.append(following)
    return False
