"""The README's recipes, run word for word: they print what the page shows and leave nothing.

A recipe is a heading, a block of sh and the text that it prints, on stdout and stderr together. In
that text `...` stands for what differs from run to run; all else is compared letter for letter.
"""

import json
import re
import subprocess
from dataclasses import dataclass

import pytest
from support import deadline, leavings
from support.account import SYSTEM_PATH
from support.binary import REPOSITORY

README = (REPOSITORY / "README.md").read_text()
RECIPE = re.compile(r"^```sh\n(.*?)^```\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What bash says of a job that a recipe killed; dash says nothing.
JOB_NOTICE = re.compile(r"^.*: line \d+: +\d+ Killed .*\n", re.MULTILINE)


@dataclass(frozen=True)
class Recipe:
    title: str
    script: str
    shown: str

    def prints(self, text):
        parts = [re.escape(part) for part in self.shown.split("...")]
        return re.fullmatch(".+".join(parts), text) is not None


def section(title):
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def recipes():
    for part in section("Recipes").split("\n### ")[1:]:
        blocks = RECIPE.findall(part)
        assert len(blocks) == 1 and part.count("```") == 4, f"not a block and its output: {part}"
        yield Recipe(part.splitlines()[0], *blocks[0])


def run(recipe, shell, account, folder, path):
    """What the recipe printed. Its output goes to a file: nobody waits for who holds a pipe."""
    output = folder / "output"
    with open(output, "w") as file:
        done = subprocess.run(
            account.command([shell, "-c", recipe.script]),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=folder,
            env={**account.environment(folder), "PATH": f"{path}:{SYSTEM_PATH}"},
            timeout=deadline.FALL_S,
        )
    return done.returncode, JOB_NOTICE.sub("", output.read_text(errors="replace"))


@pytest.mark.parametrize("shell", ("sh", "bash"))
@pytest.mark.parametrize("recipe", list(recipes()), ids=lambda recipe: recipe.title)
def test_a_recipe_does_what_it_shows(recipe, shell, treefall, account, folder, tree):
    status, text = run(recipe, shell, account, folder, treefall.parent)
    assert recipe.prints(text), f"shown:\n{recipe.shown}\nprinted:\n{text}"
    assert status == 0
    left = tree.wait_gone()
    assert not left, f"left by the recipe: {left}"
    assert not leavings.runtime_files(folder)


def test_there_are_five_recipes():
    assert len(list(recipes())) == 5


def test_every_route_has_its_row(treefall):
    told = json.loads(subprocess.check_output([treefall, "doctor", "--json"]))
    rows = re.findall(
        r"^\| ([a-z-]+) \|",
        section("What is guaranteed, and what treefall cannot see"),
        re.MULTILINE,
    )
    assert rows[1:] == [row["route"] for row in told["guarantee"]]


def test_what_the_pages_point_to_is_there():
    for page in (REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")):
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        assert not [link for link in links if not (page.parent / link).exists()]
