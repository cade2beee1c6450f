"""Which debugger is there and what it does to the main thread: real ones, in a ward."""

import pytest
from support import deadline
from support.waiting import wait_until


def prompt(ward, order):
    ward.tell(order)
    wait_until(lambda: ward.lines.next(deadline.START_S), deadline.START_S, "a prompt")


def test_none(ward):
    ward.do("from treefall import debugger")
    told = "(debugger.kind(), debugger.active(), debugger.suspended(), debugger.linked())"
    assert ward.ask(told) == [None, False, False, None]


def test_looking_imports_nothing(ward):
    ward.do("from treefall import debugger; import sys; before = set(sys.modules)")
    ward.do("debugger.kind(), debugger.suspended(), debugger.active()")
    assert ward.ask("list(set(sys.modules) - before)") == []


@pytest.mark.parametrize(
    "order",
    [
        "import pdb; pdb.set_trace()",
        "breakpoint()",
        "import pdb; pdb.run('1 + 1')",
    ],
)
def test_pdb_s_prompt_is_a_suspension(ward, tmp_path, order):
    """Told by another thread, into a file: at a prompt nobody answers."""
    ward.do("from treefall import debugger")
    ward.do(LOOKING)
    prompt(ward, order)
    wait_until(
        lambda: (tmp_path / "seen").read_text() == "pdb True None", deadline.ANSWER_S, "it is seen"
    )


LOOKING = """
def look():
    while True:
        told = f"{debugger.kind()} {debugger.suspended()} {debugger.linked()}"
        with open("seen.new", "w") as file:
            file.write(told)
        os.replace("seen.new", "seen")
        time.sleep(0.05)
threading.Thread(target=look, daemon=True).start()
while not os.path.exists("seen"):
    time.sleep(0.01)
"""


def test_at_pdb_s_prompt_nothing_falls(ward):
    ward.do("g = treefall.guard(0.3)")
    ward.do("g.beat()")
    prompt(ward, "import pdb; pdb.set_trace()")
    assert not ward.process.wait_gone(1.5)
    ward.popen.stdin.write("continue\n")
    ward.popen.stdin.flush()
    assert ward.falls()  # it goes on, and nobody beats


def test_debugpy_without_an_ide(ward):
    pytest.importorskip("debugpy")
    ward.do("from treefall import debugger; import debugpy")
    assert ward.ask("debugger.linked()") is None
    assert ward.ask("debugger.suspended()") is False


def test_a_debugger_of_another_version_costs_the_answer_alone(ward):
    ward.do("from treefall import debugger; import sys, types")
    ward.do("sys.modules['pydevd'] = types.ModuleType('pydevd')")
    ward.do("sys.modules['_pydevd_bundle.pydevd_constants'] = types.ModuleType('constants')")
    told = "(debugger.kind(), debugger.suspended(), debugger.linked())"
    assert ward.ask(told) == ["pydevd", False, None]
