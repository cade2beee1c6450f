"""src/messages.txt has every text that treefall says, with its cause and its cure; docs/messages.md is
made from it."""

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/messages"


@pytest.fixture(scope="module")
def messages():
    loader = SourceFileLoader("messages", str(SCRIPT))
    module = module_from_spec(spec_from_loader("messages", loader))
    sys.modules["messages"] = module  # its dataclasses look themselves up there
    loader.exec_module(module)
    return module


def test_every_message_of_the_code_has_a_cause_and_a_cure_and_the_page_is_up_to_date():
    done = subprocess.run([sys.executable, SCRIPT, "check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_text_is_listed_twice(messages):
    listed = [
        text for section in messages.table() for entry in section.entries for _, text in entry.texts
    ]
    assert len(listed) > 400
    assert not {text for text in listed if listed.count(text) > 1}


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('error_make(ERROR_X, 0, "open a file", NULL)', ["open a file"]),
        ('say("in two "\n    "parts");', ["in two parts"]),
        ('/* "in a comment" */ f("a \\"quoted\\" word\\n")', ['a "quoted" word']),
        ('#include "cli/some help.h"\n_Static_assert(a == b, "as many rows");', []),
        ('c = \'"\'; f("after a quote");', ["after a quote"]),
        ('f("word"); g("<td class=x>two words"); h("%5 %6");', []),
    ],
)
def test_the_texts_of_a_source_are_found(messages, source, texts):
    assert list(messages.texts_of(source)) == texts


def test_a_text_that_a_macro_completes_is_whole(messages):
    source = messages.with_macros('say("use " KINDS);\nsay(KINDS " only");', {"KINDS": '"a or b"'})
    assert list(messages.texts_of(source)) == ["use a or b", "a or b only"]


def test_the_texts_that_python_raises_are_found(messages):
    source = 'raise Wrong(f"{name}={value!r}: use a number")\nlog("not raised at all")'
    assert list(messages.texts_of_errors(source)) == ["use a number"]


def test_a_new_message_in_the_code_is_missed_in_the_table(messages, monkeypatch):
    code = messages.texts_in_code()
    monkeypatch.setattr(messages, "texts_in_code", lambda: {**code, "say what is new": "src/new.c"})
    assert list(messages.faults()) == ["src/new.c: not in messages.txt: say what is new"]


def test_a_message_that_is_gone_from_the_code_is_found_in_the_table(messages, monkeypatch):
    code = messages.texts_in_code()
    code.pop("the heartbeat stopped")
    monkeypatch.setattr(messages, "texts_in_code", lambda: code)
    assert list(messages.faults()) == ["messages.txt: no longer in the code: the heartbeat stopped"]
