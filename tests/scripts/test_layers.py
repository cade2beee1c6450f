"""The house: which folder of src may use which. docs/architecture.md has the same order in its table."""

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
