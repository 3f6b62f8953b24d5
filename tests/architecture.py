"""Reads a tree of Pulse's code and says, one line each, where it breaks the rules of docs/architecture.md."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Low to high. Of what stands on the ground, pulse.lib knows only itself.
GROUND = ("pulse.lib", "pulse.realtime")
APPS = ("media", "accounts", "chat", "groups", "pulse.office")
LADDER = (*GROUND, *APPS)
PACKAGES = ("accounts", "chat", "groups", "media", "pulse")

# What an app shows to those above it. Its doors and the rest of its inside are its own.
OPEN = {"models", "actions", "events", "errors", "serializers"}
# Doors parse, call one action or queryset, and render. Nothing behind them knows them.
DOORS = {"admin", "api", "consumers", "management", "pages", "urls"}

NAMELESS = {"common", "helpers", "misc", "shared", "util", "utils"}
# Ways to import what `import` would show.
DISGUISES = {"__import__", "get_model", "import_module", "import_string"}
MAX_LINES = 300


@dataclass(frozen=True)
class Rules:
    """What is particular to Pulse, each with its reason."""

    wiring: Mapping[str, str] = field(default_factory=dict)
    """{module that may see everything: why}."""
    opened: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """{(who imports, what beside OPEN): why}, for both by prefix."""
    disguises: Mapping[str, str] = field(default_factory=dict)
    """{module that imports by name: why}."""


@dataclass(frozen=True)
class Import:
    """One imported module, by its whole name; of ``from chat import models`` that is ``chat.models``."""

    importer: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer} (line {self.line}) imports {self.target}"


def within(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def place_of(module: str) -> str | None:
    """The rung a module stands on."""
    return next((place for place in LADDER if within(module, place)), None)


def modules(root: Path) -> Iterator[tuple[str, Path]]:
    """Every module of the project's packages, migrations left out: they depend upward."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if "migrations" not in parts:
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def violations(root: Path, rules: Rules) -> list[str]:
    """Everything in the tree under ``root`` that breaks a rule, or []."""
    known = dict(modules(root))
    found: list[str] = []
    for module, path in known.items():
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        if place_of(module) is None and not _is_wiring(module, rules) and module not in PACKAGES:
            found.append(f"{module} has no place on the ladder")
        if set(module.split(".")) & NAMELESS:
            found.append(f"{module} is named after nothing")
        if (lines := text.count("\n")) > MAX_LINES:
            found.append(f"{module} has {lines} lines")
        found += _hidden_imports(module, tree, rules)
        for one in _imports(module, tree, set(known)):
            found += [f"{one}: {fault}" for fault in _faults(one, rules)]
    return found


def _is_wiring(module: str, rules: Rules) -> bool:
    return any(within(module, place) for place in rules.wiring)


def _imports(module: str, tree: ast.Module, known: set[str]) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(module, name.name, node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                # Of ours, a name that is no module is something inside one. A library's names stay whole.
                is_ours = node.module.split(".")[0] in PACKAGES
                yield Import(module, node.module if is_ours and whole not in known else whole, node.lineno)


def _hidden_imports(module: str, tree: ast.Module, rules: Rules) -> Iterator[str]:
    """Imports that a reader of the file's head would miss, and relative ones."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Import, ast.ImportFrom)):
                    yield f"{module} (line {inner.lineno}) imports inside {node.name}"
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield f"{module} (line {node.lineno}) imports relatively"
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in DISGUISES and module not in rules.disguises:
                yield f"{module} (line {node.lineno}) imports by {name}()"


def _faults(one: Import, rules: Rules) -> Iterator[str]:
    here = place_of(one.importer)
    if one.target.split(".")[0] not in PACKAGES:
        if here == "pulse.realtime" and "models" in one.target.split("."):
            yield "realtime knows no models"
        return
    if here is None:
        return
    there = place_of(one.target)
    if here == there:
        if _is_door(one.target, here) and not _is_door(one.importer, here):
            yield "only doors know doors"
    elif there is None:
        yield "wiring is above everything"
    elif LADDER.index(there) > LADDER.index(here):
        yield f"{there} stands above {here}"
    elif there in APPS and not _is_open(one, there, rules):
        yield f"{there} keeps that to itself"


def _is_door(module: str, app: str) -> bool:
    # By its last word: accounts.api_urls is a door too.
    return app in APPS and any(part.split("_")[-1] in DOORS for part in _inside(module, app)[:2])


def _is_open(one: Import, app: str, rules: Rules) -> bool:
    """Whether an app shows a module: by its name, or as a part of a capability (chat.location.actions)."""
    inside = _inside(one.target, app)
    if inside and (inside[0] in OPEN or (len(inside) > 1 and inside[1] in OPEN and inside[0] not in DOORS)):
        return True
    return any(within(one.importer, who) and within(one.target, what) for who, what in rules.opened)


def _inside(module: str, app: str) -> list[str]:
    return module.removeprefix(app).strip(".").split(".") if module != app else []
