"""docs/promises.md: every promise has a limit that is stated and tests that hold it.

A row names its tests as `file::function`, below tests/. A test that is renamed, removed or always
skipped for want of a fixture would leave a promise without proof, so the names are looked up here.
"""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/promises.md"
ROW = re.compile(r"^\| (\d+[a-z]?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NAME = re.compile(r"`([\w/]+\.(?:py|c))::(\w+)`")
PROMISES_OF_THE_DESIGN = 7


@dataclass(frozen=True)
class Promise:
    number: str
    sentence: str
    limit: str
    tests: tuple


def promises():
    return [
        Promise(number, sentence, limit, tuple(NAME.findall(tests)))
        for number, sentence, limit, tests in ROW.findall(PAGE.read_text())
    ]


@lru_cache
def functions_of(file):
    """The functions that a test file defines."""
    text = (ROOT / "tests" / file).read_text()
    if file.endswith(".c"):
        return set(re.findall(r"(?:cmocka_unit_test\w*|TEST\w*)\((\w+)", text))
    return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise.number)
def test_each_promise_has_a_limit_and_a_test(promise):
    assert len(promise.limit) > 10
    assert promise.tests, f"no test holds: {promise.sentence}"
    missing = [
        f"{file}::{name}"
        for file, name in promise.tests
        if not (ROOT / "tests" / file).exists() or name not in functions_of(file)
    ]
    assert not missing, f"named as the proof of {promise.number}, but not there: {missing}"


def test_each_promise_is_one_sentence():
    for promise in promises():
        assert promise.sentence.endswith("."), promise.sentence
        assert not re.search(r"\. [A-Z]", promise.sentence), promise.sentence


def test_every_promise_is_numbered_and_none_is_missing():
    numbers = [promise.number for promise in promises()]
    assert len(numbers) == len(set(numbers))
    assert {int(re.match(r"\d+", number)[0]) for number in numbers} == set(
        range(1, PROMISES_OF_THE_DESIGN + 1)
    )


def test_every_row_of_the_page_is_read():
    """A row that the pattern above does not match would be a promise without a check."""
    rows = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == len(promises())
