"""What one look at a debugger after the other amounts to."""

import pytest

RUNNING, SUSPENDED, ABANDONED = 0, 1, 2
LINKED, CUT, NEVER = True, False, None

# (linked, suspended, orphaned, seconds) of each look, and what the last amounts to.
STORIES = {
    "nothing": ([(NEVER, False, False, 0)], RUNNING),
    "a breakpoint": ([(LINKED, True, False, 0)], SUSPENDED),
    "a breakpoint for an hour": (
        [(LINKED, True, False, 0), (LINKED, True, False, 3600)],
        SUSPENDED,
    ),
    "it goes on": ([(LINKED, True, False, 0), (LINKED, False, False, 1)], RUNNING),
    "a prompt, without an IDE": ([(NEVER, True, False, 0), (NEVER, True, False, 9)], SUSPENDED),
    "orphaned without a debugger": ([(NEVER, False, False, 0), (NEVER, False, True, 9)], RUNNING),
    "orphaned at a prompt": ([(NEVER, True, False, 0), (NEVER, True, True, 9)], SUSPENDED),
    "the IDE goes while it runs": ([(LINKED, False, False, 0), (CUT, False, True, 1)], RUNNING),
    "the IDE is cut, and it has a moment": (
        [(LINKED, True, False, 0), (CUT, True, False, 1)],
        SUSPENDED,
    ),
    "the IDE is cut, and it stays suspended": (
        [(LINKED, True, False, 0), (CUT, True, False, 1), (CUT, True, False, 2)],
        ABANDONED,
    ),
    "the IDE disconnects, and lets it go": (
        [(LINKED, True, False, 0), (CUT, False, False, 1), (CUT, False, False, 9)],
        RUNNING,
    ),
    "the IDE that started it dies": ([(LINKED, True, False, 0), (CUT, False, True, 1)], ABANDONED),
    "its death is seen a little later": (
        [(LINKED, True, False, 0), (CUT, False, False, 1), (CUT, False, True, 1.5)],
        ABANDONED,
    ),
    "its death is seen a little later, and looks are a second apart": (
        [(LINKED, True, False, 0), (CUT, False, False, 1), (CUT, False, True, 2.2)],
        ABANDONED,
    ),
    "the IDE disconnects, and dies a while later": (
        [
            (LINKED, True, False, 0),
            (CUT, False, False, 1),
            (CUT, False, False, 2.2),
            (CUT, False, True, 9),
        ],
        RUNNING,
    ),
    "abandoned it stays": (
        [(LINKED, True, False, 0), (CUT, False, True, 1), (LINKED, False, True, 2)],
        ABANDONED,
    ),
    "another IDE comes": (
        [
            (LINKED, True, False, 0),
            (CUT, True, False, 1),
            (LINKED, True, False, 1.5),
            (LINKED, True, False, 9),
        ],
        SUSPENDED,
    ),
}


@pytest.fixture
def judge(ward):
    """Tells a whole story to a new judge."""
    ward.do("from treefall.suspension import Judge")

    def tell(looks):
        ward.do("judge = Judge()")
        return [ward.ask(f"judge.judge{look!r}") for look in looks][-1]

    return tell


def test_the_stories(judge):
    told = {name: judge(looks) for name, (looks, _) in STORIES.items()}
    assert told == {name: verdict for name, (_, verdict) in STORIES.items()}


def test_the_words_are_the_library_s(ward):
    ward.do("from treefall import _native as n")
    assert ward.ask("(n.RUNNING, n.SUSPENDED, n.ABANDONED)") == [RUNNING, SUSPENDED, ABANDONED]


def test_one_thread_for_all_guards_and_none_after_the_last(ward):
    """Also one that is added just when the thread ends."""
    names = "[t.name for t in threading.enumerate() if t.name.startswith('treefall')]"
    ward.do("a = treefall.guard(60); b = treefall.guard(60)")
    assert ward.ask(names) == ["treefall-debugger"]
    ward.do("a.stop()")
    assert ward.ask(names) == ["treefall-debugger"]
    ward.do("b.stop()")
    assert ward.ask(names) == []
    ward.do("c = treefall.guard(60)")
    assert ward.ask(names) == ["treefall-debugger"]


def test_no_debugger_traces_the_thread(ward):
    ward.do("g = treefall.guard(60)")
    ward.do("(t,) = [t for t in threading.enumerate() if t.name == 'treefall-debugger']")
    assert ward.ask("(t.daemon, t.pydev_do_not_trace, t.is_pydev_daemon_thread)") == [True] * 3


ENDS_AT = """
def ends_at(step):
    asked = 0

    def is_there():
        nonlocal asked
        asked += 1
        return asked <= step

    treefall.debugger.linked = treefall.debugger.suspended = is_there
    suspension._parent = lambda: asked > step
    judge = suspension.Judge()
    return [judge.look() for _ in range(4)][-1]
"""


def test_an_ide_that_dies_between_two_questions(ward):
    """Whichever is asked last before its end, no look is so unlucky that it is missed."""
    ward.do("from treefall import suspension")
    ward.do(ENDS_AT)
    assert ward.ask("[ends_at(step) for step in range(2, 7)]") == [ABANDONED] * 5
