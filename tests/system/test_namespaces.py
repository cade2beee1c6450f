"""Where the numbers that treefall sees are not those of its own pid namespace."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from support import deadline, leavings, needs, proc
from support.ending import OWN_STATUS
from support.machine import in_pid_namespace, unshared
from support.waiting import wait_until

ROLES = ("daemon", "session", "stubborn", "orphan")


@pytest.fixture
def launch_inside(launch, account, family, tree):
    """A run in a pid namespace; it returns once the ward and its members have reported."""

    def start(*options):
        run = launch(family.command(*ROLES), options, prefix=in_pid_namespace(account))
        heard = {family.hear()[0] for _ in range(len(ROLES) + 1)}
        assert heard == {"ward", *ROLES}
        tree.record()
        return run

    return start


def all_named(tree, name, count):
    """So many processes of this name; a number that is printed inside is not ours."""

    def find():
        """By their names of now: they may have been recorded before they executed their program."""
        rows = [(process, proc.row(process.pid)) for process in tree.record().living()]
        found = [process for process, row in rows if row and row.name == name]
        return found if len(found) >= count else None

    found = wait_until(find, deadline.START_S, f"{count} named {name}")
    assert len(found) == count, found
    return found


def named(tree, name):
    """The one process of this name."""
    return all_named(tree, name, 1)[0]


# ---- /proc of another pid namespace ----------------------------------------------------------


@pytest.mark.parametrize(
    "words", [["kill", "2"], ["watch", "--pid", "2"], ["tree", "2"]], ids=lambda words: words[0]
)
def test_process_is_not_looked_up_in_a_foreign_proc(call, account, tree, words):
    """Outside, 2 is kthreadd, and its children are 3, 4 and on: the numbers of innocents inside."""
    innocents = "for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done"
    check = (
        "count=0; for pid in $(seq 2 9); do kill -0 $pid && count=$((count + 1)); done; echo $count"
    )
    script = f'{innocents}; "$@"; status=$?; {check}; kill $(seq 2 9); exit $status'
    answer = call(*words, prefix=in_pid_namespace(account, script))
    assert (answer.status, answer.out) == (125, "8\n")
    assert "/proc belongs to another pid namespace" in answer.complaint


@pytest.mark.parametrize("without", ["environ", "cgroup", "brand"])
def test_tree_is_killed_with_a_foreign_proc(launch_inside, account, folder, tree, without):
    if without == "brand" and (account.uid != 0 or not leavings.has_cgroups()):
        pytest.skip("without brand and cgroup nothing can be found here, and that is refused")
    report = folder / "fall.json"
    run = launch_inside(f"--without={without}", "--report", report)
    run.tell(f"exit {OWN_STATUS}")
    assert run.status() == OWN_STATUS
    assert not tree.wait_gone()
    assert json.loads(report.read_text())["survivors"] == []


def test_sentinel_kills_by_brand_with_a_foreign_proc(launch_inside, tree):
    run = launch_inside("--without=cgroup")
    wrapper = named(tree, "treefall")
    wrapper.send(signal.SIGKILL)
    run.status()
    assert not tree.wait_gone()


def test_run_is_refused_when_only_a_foreign_proc_could_find_the_tree(call, account):
    answer = call("run", "--without=cgroup,brand", "--", "true", prefix=in_pid_namespace(account))
    assert answer.status == 125
    assert "/proc belongs to another pid namespace" in answer.complaint


def test_doctor_names_a_foreign_proc(call, account):
    answer = call("doctor", "--json", prefix=in_pid_namespace(account))
    told = json.loads(answer.out)
    checks = {check["check"]: check for check in told["checks"]}
    assert "another pid namespace" in checks["procfs"]["advice"]
    routes = {row["route"]: row for row in told["guarantee"]}
    assert "another pid namespace" in routes["lineage"]["why_not"]
    assert "another pid namespace" in routes["parent-link"]["why_not"]


# ---- process events of the first pid namespace -----------------------------------------------

STRANGERS = 60
AHEAD = 300  # of the forker's number: the strangers and treefall take numbers outside as well
FORKER = """
import os, sys
for line in sys.stdin:
    for _ in range(5000):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        if child > int(line):
            break
    print("forked", flush=True)
"""


@pytest.fixture
def forker(tree):
    """A process outside that forks on order. The numbers of its children follow its own."""
    with subprocess.Popen(
        [sys.executable, "-c", FORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()


def test_event_of_another_namespace_is_not_believed(call, launch, account, forker, folder, tree):
    """Inside, the ward has the forker's number, and strangers have its children's."""
    needs_first_namespaces()
    shutil.copy("/bin/sleep", folder / "stranger")
    (folder / "stranger").chmod(0o755)
    last = "/proc/sys/kernel/ns_last_pid"
    strangers = (
        f"echo {forker.pid + AHEAD} >{last}; for i in $(seq {STRANGERS}); do ./stranger 1000 & done"
    )
    begin = f"{strangers}; echo {forker.pid - 2} >{last}"
    prefix = in_pid_namespace(account, f'{begin}; "$@"; wait', "--mount-proc")
    report = folder / "fall.json"
    listener = launch(["sh", "-c", "echo here; read -r end"], ["--without=brand,cgroup"])
    assert listener.hear() == "here"
    ward = "echo $$; read -r go; kill -9 $PPID"
    run = launch(["sh", "-c", ward], ["--without=brand,cgroup", "--report", report], prefix=prefix)
    assert int(run.hear()) == forker.pid
    strangers = all_named(tree, "stranger", STRANGERS)
    forker.stdin.write(f"{forker.pid + AHEAD + STRANGERS}\n")
    forker.stdin.flush()
    assert forker.stdout.readline() == "forked\n"
    run.tell("go")
    wait_until(report.exists, deadline.FALL_S, "a report")
    assert all(stranger.is_alive() for stranger in strangers)
    for stranger in strangers:
        stranger.send(signal.SIGKILL)
    listener.tell("end")
    listener.status()


def needs_first_namespaces():
    if os.readlink("/proc/self/ns/pid") != "pid:[4026531836]":
        pytest.skip("the kernel tells events only to the first pid namespace")


def test_events_are_armed_only_where_they_tell_of_us(call, account, folder):
    needs_first_namespaces()
    report = folder / "fall.json"
    prefix = in_pid_namespace(account, '"$@"; exit $?', "--mount-proc")
    for before, armed in (([], True), (prefix, False)):
        assert call("run", "--report", report, "--", "true", prefix=before).status == 0
        routes = {row["route"]: row["armed"] for row in json.loads(report.read_text())["guarantee"]}
        assert routes["events"] is armed
        answer = call("doctor", "--json", prefix=before)
        routes = {row["route"]: row["armed"] for row in json.loads(answer.out)["guarantee"]}
        assert routes["events"] is armed


def test_events_inside_isolate_are_not_armed(call, treefall, account):
    needs.options(treefall, account, ["--isolate"])
    answer = call("run", "--isolate", "--", treefall, "doctor", "--json")
    routes = {row["route"]: row["armed"] for row in json.loads(answer.out)["guarantee"]}
    assert routes["events"] is False


# ---- a member in another pid namespace -------------------------------------------------------


@pytest.fixture
def other_namespace(account, folder, tree):
    """The words that enter a pid namespace which the tree did not make, and its init."""
    shutil.copy("/bin/sleep", folder / "innocent")
    (folder / "innocent").chmod(0o755)
    words = [*unshared(account, "--pid", "--fork", "--kill-child"), folder / "innocent", "1000"]
    with subprocess.Popen(account.command(words), cwd=folder) as maker:
        init = named(tree, "innocent")
        enter = [] if account.uid == 0 else ["--user", "--preserve-credentials"]
        yield ["nsenter", *enter, "--pid", "--target", str(init.pid)], init
        maker.kill()
    init.wait_gone(deadline.FALL_S)


@pytest.mark.parametrize("without", ["environ", "cgroup", "brand"])
@pytest.mark.parametrize("killed", ["nothing", "wrapper"])
def test_member_that_entered_another_namespace_is_killed(
    launch, account, folder, tree, other_namespace, without, killed
):
    """Its parent there is that namespace's init: it is no child of treefall's when it is orphaned."""
    if without == "brand" and (account.uid != 0 or not leavings.has_cgroups()):
        pytest.skip("without brand and cgroup no rung finds it")
    enter, init = other_namespace
    shutil.copy("/bin/sleep", folder / "member")
    (folder / "member").chmod(0o755)
    report = folder / "fall.json"
    move = [*enter, "sh", "-c", "(setsid ./member 1000 <&- >&- 2>&- &)"]
    ward = '"$@"; echo moved; read -r go; exit 7'
    run = launch(["sh", "-c", ward, "sh", *move], [f"--without={without}", "--report", report])
    assert run.hear() == "moved"
    member = named(tree, "member")
    if killed == "wrapper":
        run.wrapper.send(signal.SIGKILL)
    else:
        run.tell("go")
        assert run.status() == OWN_STATUS
    assert member.wait_gone(deadline.FALL_S)
    assert init.is_alive()
    told = json.loads(wait_until(report.read_text, deadline.FALL_S, "a report"))
    assert (told["survivors"], told.get("unseen")) == ([], [])
    assert "member" in [line["name"] for line in told["fallen"]]


@pytest.mark.parametrize("words", [["kill"], ["watch", "--pid"]], ids=lambda words: words[0])
def test_kill_and_watch_find_a_member_in_another_namespace(
    launch, call, account, folder, tree, other_namespace, words
):
    enter, init = other_namespace
    shutil.copy("/bin/sleep", folder / "member")
    (folder / "member").chmod(0o755)
    move = [*enter, "sh", "-c", "(setsid ./member 1000 <&- >&- 2>&- &)"]
    script = 'echo $$; read -r go; "$@"; echo moved; read -r go'
    with subprocess.Popen(
        account.command(["sh", "-c", script, "sh", *move]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    ) as ward:
        pid = ward.stdout.readline().strip()
        assert call("watch", "--detach", "--pid", pid).status == 0
        ward.stdin.write("go\n")
        ward.stdin.flush()
        assert ward.stdout.readline() == "moved\n"
        member = named(tree, "member")
        if words == ["kill"]:
            assert call("kill", pid).status == 0
        else:
            ward.kill()
        assert member.wait_gone(deadline.FALL_S)
    assert init.is_alive()
