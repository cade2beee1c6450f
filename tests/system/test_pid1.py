"""`treefall run` as the init of a pid namespace: what the entry point of a container is."""

import json
import re
import signal

import pytest
from support import deadline, proc
from support.call import call as call_once
from support.machine import as_pid_1
from support.process import Process
from support.waiting import wait_until

OWN_STATUS = 9
SHOW_ZOMBIES = """
for i in $(seq 30); do (sh -c : &); done
for i in $(seq 1000); do
    grep -qs '^State:.Z' /proc/[0-9]*/status || exit 0
done
exit 1
"""
# A root with programs, a /proc and nothing else: no /tmp, /run, /dev, /etc, /sys.
BARE_ROOT = """
mount -t tmpfs none root &&
mkdir root/usr root/proc root/place &&
ln -s usr/bin usr/lib usr/lib64 root/ &&
mount --rbind /usr root/usr &&
mount --rbind /proc root/proc &&
mount --bind {place} root/place &&
set -- chroot root "$@"
"""


def init_of(run):
    """The namespace's pid 1, which is treefall: the child of unshare."""

    def find():
        for row in proc.rows().values():
            if row.parent_pid == run.wrapper.pid and row.name == "treefall":
                return Process.open(row.pid)
        return None

    return wait_until(find, deadline.ANSWER_S, "treefall as pid 1")


@pytest.fixture
def launch_init(launch, account):
    return lambda command, options=(): launch(command, options, prefix=as_pid_1(account))


def test_it_is_pid_1_and_the_command_is_not(call, account):
    script = "read -r name </proc/1/comm; echo $name $PPID $$"
    answer = call("run", "--", "sh", "-c", script, prefix=as_pid_1(account))
    name, parent, pid = answer.out.split()
    assert (name, parent) == ("treefall", "1")
    assert int(pid) > 1
    assert (answer.status, answer.err) == (0, "")


@pytest.mark.parametrize("status", [0, 7, 255])
def test_the_status_is_passed_on(call, account, status):
    answer = call("run", "--", "sh", "-c", f"exit {status}", prefix=as_pid_1(account))
    assert (answer.status, answer.err) == (status, "")


def test_a_signal_s_status_is_passed_on(call, account):
    answer = call("run", "--", "sh", "-c", "kill -USR1 $$", prefix=as_pid_1(account))
    assert (answer.status, answer.err) == (128 + signal.SIGUSR1, "")


def test_treefall_s_own_statuses(call, account):
    prefix = as_pid_1(account)
    assert call("run", "--", "/nonexistent", prefix=prefix).status == 127
    assert call("run", "--", "/", prefix=prefix).status == 126
    assert call("run", "--timeout=50ms", "--", "sleep", "1000", prefix=prefix).status == 124


def test_orphans_are_reaped(call, account):
    answer = call("run", "--", "sh", "-c", SHOW_ZOMBIES, prefix=as_pid_1(account))
    assert (answer.status, answer.err) == (0, "")


def test_signals_are_passed_on(launch_init, listener):
    """An init has no default actions: what it does not handle is lost."""
    run = launch_init(listener.command("15=5"))
    listener.await_report("ward")
    init = init_of(run)
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM):
        init.send(number)
        assert listener.hear() == ("got", number)
    assert run.status() == 5


def test_term_ends_it(launch_init, family):
    run = launch_init(family.command("daemon", "session"))
    for _ in range(3):
        family.hear()
    init_of(run).send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGTERM


def test_a_second_term_forces(launch_init, listener):
    run = launch_init(listener.command())
    listener.await_report("ward")
    init = init_of(run)
    init.send(signal.SIGTERM)
    assert listener.hear() == ("got", signal.SIGTERM)
    init.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGKILL


def test_it_fells_the_tree_itself(launch_init, family, tree, folder):
    """That the kernel would do it once the init has ended is no excuse: the report tells."""
    roles = ("daemon", "session", "stubborn", "orphan")
    run = launch_init(family.command(*roles), ["--report", folder / "fall.json"])
    heard = {family.hear()[0] for _ in range(5)}
    assert heard == {"ward", *roles}
    tree.record()
    run.tell(f"exit {OWN_STATUS}")
    assert run.status() == OWN_STATUS
    assert not tree.wait_gone()
    report = json.loads((folder / "fall.json").read_text())
    assert len(report["fallen"]) == len(roles)
    assert report["survivors"] == []


def test_no_fall_on_exit(call, account):
    script = "(sleep 0.2; echo last) & exit 6"
    answer = call("run", "--no-fall-on-exit", "--", "sh", "-c", script, prefix=as_pid_1(account))
    assert (answer.status, answer.out) == (6, "last\n")


def test_the_init_is_killed(launch_init, family, tree):
    run = launch_init(family.command("daemon", "session"))
    for _ in range(3):
        family.hear()
    tree.record()
    init_of(run).send(signal.SIGKILL)
    run.status()
    assert not tree.wait_gone()


def test_isolate_inside(call, account):
    script = "read -r name </proc/1/comm; echo $name; (setsid sleep 1000 &) ; exit 4"
    answer = call("run", "--isolate", "--", "sh", "-c", script, prefix=as_pid_1(account))
    assert (answer.status, answer.out, answer.err) == (4, "treefall-init\n", "")


def test_a_run_inside_the_run(call, account, treefall):
    command = ["run", "--", treefall, "run", "--", "sh", "-c", "(setsid sleep 1000 &) ; exit 4"]
    answer = call(*command, prefix=as_pid_1(account))
    assert (answer.status, answer.err) == (4, "")


def test_doctor_inside(call, account):
    answer = call("doctor", "--json", prefix=as_pid_1(account))
    assert json.loads(answer.out)["can_guard"] is True
    assert (answer.status, answer.err) == (0, "")


@pytest.fixture
def call_bare(call_words, account, place, folder, treefall):
    """treefall as the init of a root in which there is next to nothing."""
    account.make_folder(folder / "root")

    def start(*words, then="true"):
        script = f"{BARE_ROOT.format(place=place).strip()} && {then}"
        inside = f"/place/{treefall.relative_to(place)}"
        return call_words(*as_pid_1(account, script=script), "env", "-i", inside, *words)

    return start


@pytest.fixture
def call_words(account, folder, tree):
    return lambda *words: call_once(account, folder, words)


def test_a_bare_root(call_bare, tree):
    script = "setsid --fork sleep 1000; test ! -e /tmp -a ! -e /sys -a ! -e /dev && exit 3"
    answer = call_bare("run", "--", "sh", "-c", script)
    assert (answer.status, answer.err) == (3, "")
    assert not tree.wait_gone()


def test_a_bare_root_has_no_place_for_a_heartbeat_file(call_bare):
    read_only = "mount -o remount,bind,ro root"
    answer = call_bare("run", "--heartbeat=auto", "--", "true", then=read_only)
    assert re.match("treefall: cannot .*", answer.complaint)
    assert answer.status == 125
