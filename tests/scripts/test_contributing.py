"""CONTRIBUTING.md: the files that it names are there, and what it leaves to the tests to name they do."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
PUBLISH = (ROOT / "src/report/publish.c").read_text()

PAGES_OF_FORMATS = (
    "src/plan/settings.h",
    "man/treefall.1",
    "completions/_treefall",
    "docs/report.md",
    "include/treefall.h",
    "python/treefall/guards.py",
)
PAGES_OF_ROUTES = ("README.md", "man/treefall.1", "docs/report.md", "docs/glossary.md")
PAGES_OF_TRIGGERS = ("docs/report.md", "docs/glossary.md")


def rows(name):
    """The enumeration of src/core/NAME.h, without its count, and the first word of each row."""
    header = (ROOT / f"src/core/{name}.h").read_text()
    values = re.search(rf"enum {name} \{{(.*?)\}}", header, re.S)[1]
    code = (ROOT / f"src/core/{name}.c").read_text()
    named = dict(re.findall(rf'\[({name.upper()}_\w+)\] = \{{\s*"([^"]+)"', code))
    return set(re.findall(rf"^ *({name.upper()}_\w+)", values, re.M)) - {
        f"{name.upper()}_COUNT"
    }, named


def missing(page, words):
    text = (ROOT / page).read_text()
    return [word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]


def test_every_file_that_the_guide_names_is_there():
    linked = re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", GUIDE)
    quoted = re.findall(r"`((?:tests|src|scripts)/[\w./-]+)`", GUIDE)
    assert len(linked) > 20 and len(quoted) > 3
    assert not [name for name in {*linked, *quoted} if not (ROOT / name).exists()]


@pytest.mark.parametrize("name", ["route", "trigger"])
def test_every_route_and_every_trigger_has_a_name(name):
    values, named = rows(name)
    assert values == set(named)


@pytest.mark.parametrize("page", PAGES_OF_ROUTES)
def test_every_route_is_named(page):
    assert not missing(page, rows("route")[1].values())


@pytest.mark.parametrize("page", PAGES_OF_TRIGGERS)
def test_every_trigger_is_named(page):
    assert not missing(page, set(rows("trigger")[1].values()) - {"none"})


@pytest.mark.parametrize("page", PAGES_OF_FORMATS)
def test_every_format_of_the_report_is_named(page):
    formats = re.findall(r'\{"(\.\w+)", report_write_', PUBLISH)
    assert formats and not missing(page, formats)
