"""The house: which folder of src may use which, and which module of the Python package. The table of
docs/architecture.md has the same order."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src"
# Each may include itself and those before it.
LAYERS = ("base", "core", "os", "plan", "report", "tree", "sentinel", "watch", "run", "cli", "lib")
# No subcommand needs the library, and the library no subcommand.
APART = {"lib": ("watch", "run", "cli"), "run": ("watch",)}
INCLUDE = re.compile(r'^#include "([\w./]+)"', re.M)


def files():
    return sorted(path for path in SOURCES.rglob("*.[ch]"))


def folder(path):
    return path.relative_to(SOURCES).parts[0]


def included(path):
    """The files of ours that it includes."""
    found = (SOURCES / name for name in INCLUDE.findall(path.read_text()))
    return [other for other in found if other.exists()]


def allowed(layer):
    below = LAYERS[: LAYERS.index(layer) + 1]
    return {name for name in below if name not in APART.get(layer, ())}


def test_every_folder_is_a_layer():
    assert {folder(path) for path in files()} == set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_no_folder_uses_one_above_it(layer):
    mine = [path for path in files() if folder(path) == layer]
    assert mine
    wrong = [
        f"{path.relative_to(ROOT)} includes {other.relative_to(SOURCES)}"
        for path in mine
        for other in included(path)
        if folder(other) not in allowed(layer)
    ]
    assert not wrong


def test_no_headers_include_each_other_in_a_circle():
    graph = {path: included(path) for path in files()}
    done, way = set(), []

    def visit(path):
        assert path not in way, " -> ".join(one.name for one in [*way, path])
        if path in done:
            return
        way.append(path)
        for other in graph[path]:
            visit(other)
        way.pop()
        done.add(path)

    for path in graph:
        visit(path)


def test_the_table_of_the_architecture_has_the_same_order():
    text = (ROOT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| \[src/(\w+)\]", text, re.M)
    assert tuple(rows) == LAYERS


NO_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)


def test_exit_statuses_are_named_once():
    named = SOURCES / "base/status.h"
    literal = re.compile(r"\b(12[4-7]|137)\b|\b128 \+|[-+>] 128\b")
    assert literal.search(named.read_text())
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files()
        if path != named
        for line in NO_CODE.sub("", path.read_text()).splitlines()
        if literal.search(line)
    ]
    assert not found


# ---- the Python package --------------------------------------------------------------------

PACKAGE = ROOT / "python/treefall"
# Each may import itself and those before it. `treefall` is the package itself, __init__.py.
MODULES = (
    "_native",
    "debugger",
    "errors",
    "handle",
    "beats",
    "suspension",
    "guards",
    "litserve",
    "treefall",
    "__main__",
)


def modules():
    """The file of each module, by its name; of one that is C the file that tells its types."""
    files = [*PACKAGE.glob("*.py"), *PACKAGE.glob("*.pyi")]
    return {"treefall" if path.stem == "__init__" else path.stem: path for path in files}


def named_by(node):
    """The modules that a node of the syntax imports, in full."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    package = ".".join(filter(None, ["treefall" if node.level else "", node.module]))
    return [f"{package}.{name.name}" for name in node.names]


def imported(path):
    """The modules of ours that it imports: anywhere, so in a function or for its types alone too."""
    named = [name for node in ast.walk(ast.parse(path.read_text())) for name in named_by(node)]
    ours = [name.split(".") for name in named if name.split(".")[0] == "treefall"]
    return {parts[1] if parts[1:] and parts[1] in modules() else parts[0] for parts in ours}


def test_every_module_of_the_package_has_its_place():
    assert set(modules()) == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_one_above_it(module):
    below = MODULES[: MODULES.index(module) + 1]
    assert imported(modules()[module]) <= set(below)


def test_the_package_in_c_uses_only_what_is_public_and_the_headers_of_the_os():
    for path in (ROOT / "python/native").iterdir():
        named = re.findall(r'^#include "([\w./]+)"', path.read_text(), re.M)
        own = {other.name for other in path.parent.iterdir()} | {"treefall.h", "version.h"}
        assert all(name in own or name.startswith("os/") for name in named), path.name


def test_the_architecture_names_the_modules_in_the_same_order():
    row = re.search(r"^\| \[python\].*$", (ROOT / "docs/architecture.md").read_text(), re.M)[0]
    assert ", ".join(f"`{name}`" for name in MODULES if name.islower() and name[0] != "_") in row
