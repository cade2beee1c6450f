"""Fixtures of all system tests. What they hand out lives in support/."""

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from support import binary, leavings, needs
from support.call import call as make_call
from support.compiler import Programs, linked_with
from support.family import Family
from support.process import listed
from support.run import Run, start_from_shell
from support.stage import Stage
from support.tree import Tree
from support.ward import Ward

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def place():
    """A folder of random name that every account can enter; all that tests write is below it."""
    path = Path(tempfile.mkdtemp(prefix="tf-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def treefall(place):
    """The path of a copy of the built program that any account can run."""
    if not (binary.build_folder() / "treefall").exists():
        pytest.fail(f"no treefall in {binary.build_folder()}: `make build` makes it", pytrace=False)
    return binary.copy_into(place / "bin")


@pytest.fixture(params=["as_root", "as_user"])
def account(request):
    """The account that the test's programs run as: once root, once an unprivileged user."""
    return needs.account(request.param)


@pytest.fixture
def folder(place, account):
    """The test's own folder, owned by its account. It marks the test's processes: see kin.py."""
    return account.make_folder(place / f"t{next(_numbers)}")


@pytest.fixture
def tree(folder):
    """The test's processes. What has to be ended here should have fallen before."""
    tree = Tree(folder)
    yield tree
    left = tree.end()
    assert not left, f"left by the test, now ended:\n{listed(left)}"


@pytest.fixture
def launch(treefall, account, folder, tree):
    """Start `treefall run [options] -- command...`; the wrapper becomes part of `tree`."""
    runs = []

    def start(command, options=(), **settings):
        run = Run(treefall, account, folder, command, options, **settings)
        runs.append(run)
        tree.add(run.wrapper)
        return run

    yield start
    left = tree.end()
    for run in runs:
        run.end()
    assert not left, f"left by the test, now ended:\n{listed(left)}"


@pytest.fixture
def call(treefall, account, folder, tree):
    """Call treefall with these words and wait for its end; nothing may be left behind."""

    def start(*words, **settings):
        return make_call(account, folder, [treefall, *words], **settings)

    yield start
    assert not leavings.runtime_files(folder)


@pytest.fixture(scope="session")
def programs(place):
    """The C programs of the tests, by name: programs/*.c."""
    return Programs(place)


@pytest.fixture
def make_family(programs, account, folder):
    """A ward whose members report to the test, of a name of its own: see support/family.py."""
    families = []

    def make(name="roster", program="family"):
        families.append(Family(programs[program], account, folder, name))
        return families[-1]

    yield make
    for family in families:
        family.close()


@pytest.fixture
def family(make_family):
    return make_family()


@pytest.fixture
def listener(make_family):
    """A ward that reports every signal: programs/listener.c."""
    return make_family("signals", "listener")


@pytest.fixture
def start_ward(account, folder, tree):
    """Start a command that runs by itself; it becomes part of `tree`."""
    wards = []

    def start(command, as_account=None, **settings):
        ward = Ward(as_account or account, folder, command, **settings)
        wards.append(ward)
        tree.add(ward.process)
        return ward

    yield start
    tree.end()
    for ward in wards:
        ward.end()


@pytest.fixture
def ward(request, start_ward, family):
    """A family that runs already, with the MEMBERS that the test's file names."""
    members = request.module.MEMBERS
    ward = start_ward(family.command(*members))
    family.gather(*members)
    return ward


@pytest.fixture(scope="session")
def guarded_program(programs, treefall):
    """A program that guards itself, as it is told: programs/guarded.c."""
    return programs.make("guarded", linked_with(treefall.parent))


@pytest.fixture
def need_events(treefall, account):
    """For a tree that is found by lineage alone: without events it misses what two looks do not see."""
    return lambda: needs.route(treefall, account, "events")


@pytest.fixture
def caller(treefall, account, folder, tree):
    """A shell that starts `treefall run` as its child and waits for it."""
    callers = []

    def start(command, *options):
        words = [treefall, "run", *options, "--", *command]
        shell, process, wrapper = start_from_shell(account, folder, words)
        callers.append(shell)
        tree.add(wrapper)
        return process, wrapper

    yield start
    tree.end()
    for shell in callers:
        shell.communicate()


@pytest.fixture(scope="module")
def stage(request, treefall, programs, place):
    """Where the tests of a module are played side by side: those that were selected."""
    items = [
        item
        for item in request.session.items
        if item.module is request.module and hasattr(item.function, "scenario")
    ]
    stage = Stage(treefall, programs, place, items)
    yield stage
    stage.end()
