"""docs/architecture.svg: the picture of the house is made from the includes, so it cannot drift."""

import runpy
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAWING = ROOT / "docs/architecture.svg"


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "scripts/draw-architecture"))


def drawn(script, *arrows):
    """The classes of what is drawn for two rooms and these includes."""
    rooms = [script["Room"](name, 3, 200) for name in ("src/below", "src/above")]
    picture = ElementTree.fromstring(script["drawing"](rooms, Counter(arrows)))
    return Counter(node.get("class") for node in picture)


def test_the_drawing_is_that_of_the_sources(script):
    made = script["drawing"](*script["survey"](script["folders"]()))
    assert made == DRAWING.read_text(), "the house has changed: run scripts/draw-architecture"


def test_every_folder_of_the_sources_is_a_room(script):
    folders = {str(path.parent.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.c")}
    assert folders <= set(script["folders"]())


def test_an_include_is_an_arrow(script):
    classes = drawn(script, ("src/above", "src/below"))
    assert classes["head"] == 1 and classes["count"] == 1 and "wrong" not in classes


def test_an_include_of_a_folder_further_down_is_drawn_in_red(script):
    classes = drawn(script, ("src/below", "src/above"))
    assert classes["wrong"] == 1 and "head" not in classes


def test_the_architecture_shows_the_drawing():
    assert "](architecture.svg)" in (ROOT / "docs/architecture.md").read_text()
