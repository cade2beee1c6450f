"""A fork bomb falls. Each is bounded by a cap that it reads back before its first fork."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from support import deadline, ending, needs, proc
from support.account import Account
from support.waiting import wait_until

CAP = 300  # beside what the user runs already
GUARDS = 3  # of a user, the kernel counts these too; they may come after the count was taken
PIDS = Path("/sys/fs/cgroup/pids")
LONELY_UID = 61000  # runs nothing else, so that a cap on its processes counts the bomb's alone
FULL = "full"


@pytest.fixture(params=["as_root", "as_lonely"])
def account(request):
    """Root, and a user without any other process where the suite can be one."""
    if request.param == "as_root":
        return needs.account("as_root")
    if os.getuid() != 0:
        return needs.account("as_user")
    wait_until(lambda: not proc.of_user(LONELY_UID), deadline.FALL_S, "its last ones are reaped")
    return needs.becoming(Account("as_lonely", LONELY_UID, LONELY_UID))


@pytest.fixture
def pids_cgroup():
    """A cgroup with a cap on its processes."""
    needs.writable(PIDS / "cgroup.procs", "nothing else caps a bomb of root's")
    folder = PIDS / f"tf-bomb-{os.getpid()}"
    folder.mkdir()
    (folder / "pids.max").write_text(str(CAP))
    yield folder
    wait_until(lambda: not (folder / "cgroup.procs").read_text(), deadline.FALL_S, "it is empty")
    folder.rmdir()


@pytest.fixture
def nproc(account):
    """A limit of processes that leaves the bomb its CAP: the kernel counts all that the user runs."""
    return CAP + proc.tasks_of_user(account.uid)


@pytest.fixture
def bomb(account, launch, programs, family, nproc, request):
    """Start a capped bomb; return once it has hit the cap."""

    def capped_by_cgroup(options):
        cgroup = request.getfixturevalue("pids_cgroup")
        enter = ["sh", "-c", f'echo 0 >{cgroup}/cgroup.procs && exec "$@"', "sh"]
        command = [programs["bomb"], family.roster, cgroup / "pids.max"]
        return launch(command, options, prefix=enter)

    def capped_by_limit(options):
        command = [programs["bomb"], family.roster, "nproc", str(nproc - CAP)]
        return launch(command, options, prefix=["prlimit", f"--nproc={nproc}:{nproc}", "--"])

    def start(*options):
        run = capped_by_cgroup(options) if account.uid == 0 else capped_by_limit(options)
        assert family.hear()[0] == FULL
        return run

    return start


@pytest.mark.parametrize("routes", ["", "cgroup"], ids=["every_route", "without_cgroup"])
@pytest.mark.parametrize("end", ["wrapper_is_asked", "wrapper_is_killed", "both_are_killed"])
def test_a_bomb_falls(bomb, tree, end, routes):
    run = bomb("--grace", "0", *(["--without", routes] if routes else []))
    if end == "wrapper_is_asked":
        run.wrapper.send(signal.SIGTERM)
        assert run.status(deadline.START_S) in (128 + signal.SIGTERM, 128 + signal.SIGKILL)
    else:
        getattr(ending, end)(run, None)
    assert not tree.wait_gone(deadline.START_S)


# Root is exempt from the limit on a user's processes: there --max-procs makes a cgroup of its own.
OWN_PIDS_MAX = f'{PIDS}$(sed -n "s/^[0-9]*:pids://p" /proc/self/cgroup)/pids.max'


BUSY = """
import sys, threading
end = threading.Event()
for _ in range(int(sys.argv[1])):
    threading.Thread(target=end.wait).start()
print("started", flush=True)
sys.stdin.read()
end.set()
"""


@pytest.fixture
def busy(account):
    """A program of the account's that has as many threads as the bomb may have processes."""
    command = account.command(["/usr/bin/python3", "-Ic", BUSY, str(CAP)])
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/"
    ) as program:
        assert program.stdout.readline() == b"started\n"
        yield program


def test_max_procs_holds_a_bomb(account, launch, programs, family, nproc, busy, tree):
    """And what the user runs already leaves it its number."""
    cap = CAP if account.uid == 0 else nproc
    if account.uid == 0:
        needs.writable(PIDS / "cgroup.procs", "nothing else caps a bomb of root's")
    where = f'"{OWN_PIDS_MAX}"' if account.uid == 0 else f"nproc {nproc - CAP}"
    command = ["sh", "-c", f'exec "$0" "$1" {where}', programs["bomb"], family.roster]
    run = launch(command, ["--max-procs", str(CAP), "--grace", "0"])
    assert family.hear()[0] == FULL, run.stderr()
    members = [process for process in tree.record().living() if process.name == "bomb"]
    assert CAP // 2 < len(members) <= cap + GUARDS
    run.wrapper.send(signal.SIGTERM)
    assert run.status(deadline.START_S) in (128 + signal.SIGTERM, 128 + signal.SIGKILL)
    assert not tree.wait_gone(deadline.START_S)
