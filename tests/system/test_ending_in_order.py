"""People's programs are asked, and given their time, before they are killed: all of the tree, not its
main process alone, whatever ends it."""

import signal
import sys
from pathlib import Path

import pytest
from support import deadline, needs
from support.run import start_from_shell
from support.ward import Watch

SERVER = Path(__file__).parent / "programs/server.py"
NEVER = "1000s"


@pytest.fixture
def server(make_family):
    """Reports `server PID` and, if it ends in order, `bye PID`."""
    return make_family("served", "family")


def command(server, seconds=0.3):
    return f"{sys.executable} -IS {SERVER} {server.roster} {seconds}"


def script(server, then="echo end"):
    """As a start script has it: a shell that runs a server and would go on after it."""
    return ["sh", "-c", f"{command(server)}; {then}"]


def ended_in_order(server):
    return server.hear()[0] == "bye"


@pytest.fixture(params=[[], ["--isolate"]], ids=["plain", "isolated"])
def kind(request, treefall, account):
    """Options of a run: in a pid namespace, the kernel kills what its init leaves."""
    if request.param:
        needs.options(treefall, account, request.param)
    return request.param


def test_a_server_below_a_shell_ends_in_order_after_a_stop(launch, server, kind):
    run = launch(script(server), kind)
    assert server.hear()[0] == "server"
    run.wrapper.send(signal.SIGTERM)
    assert ended_in_order(server)
    assert run.status() == 128 + signal.SIGTERM


def test_it_does_when_the_time_runs_out(launch, server, kind):
    run = launch(script(server), ["--timeout", "1s", *kind])
    assert server.hear()[0] == "server"
    assert ended_in_order(server)
    assert run.status() == 124


def test_it_does_when_the_wrapper_is_stopped_and_the_time_runs_out(launch, server):
    run = launch(script(server), ["--timeout", "1s"])
    assert server.hear()[0] == "server"
    run.wrapper.send(signal.SIGSTOP)
    assert ended_in_order(server)
    run.wrapper.send(signal.SIGCONT)
    assert run.status() == 124


def test_it_does_when_the_caller_dies(treefall, account, folder, tree, server):
    words = [str(treefall), "run", "--", *script(server)]
    popen, caller, wrapper = start_from_shell(account, folder, words)
    tree.add(caller)
    tree.add(wrapper)
    assert server.hear()[0] == "server"
    caller.send(signal.SIGKILL)
    popen.wait()
    assert ended_in_order(server)
    assert wrapper.wait_gone(deadline.FALL_S)


def test_it_does_when_a_script_ends(launch, server, kind):
    run = launch(["sh", "-c", f"{command(server)} & read word; exit 3"], kind)
    assert server.hear()[0] == "server"
    run.tell("end")
    assert ended_in_order(server)
    assert run.status() == 3


def test_what_goes_on_without_its_command_ends_in_order_after_a_stop(launch, server, kind):
    run = launch(
        ["sh", "-c", f"trap 'exit 3' TERM; {command(server)} & read word; echo end; exit 3"],
        ["--no-fall-on-exit", *kind],
    )
    assert server.hear()[0] == "server"
    run.tell("end")
    assert run.hear() == "end"
    run.wrapper.send(signal.SIGTERM)
    assert ended_in_order(server)
    assert run.status() == 3


@pytest.mark.parametrize("end", ["exits", "is_killed"])
def test_it_does_when_the_command_is_gone(launch, family, server, end):
    words = f"{command(server)} & exec {family.program} {family.roster}"
    run = launch(["sh", "-c", words])
    family.gather()
    assert server.hear()[0] == "server"
    if end == "exits":
        run.tell("exit 3")
    else:
        family.ward.send(signal.SIGKILL)
    assert ended_in_order(server)
    assert run.status() == (3 if end == "exits" else 128 + signal.SIGKILL)


def test_it_does_when_the_command_hangs(launch, server):
    """The command is killed; what it started is not hung."""
    words = f"{command(server)} & touch beat; exec sleep 1000"
    options = ["--heartbeat", "beat", "--kill-delay", "300ms"]
    run = launch(["sh", "-c", words], options)
    assert server.hear()[0] == "server"
    assert ended_in_order(server)
    assert run.status() == 124


@pytest.mark.parametrize("end", ["is_killed", "hangs"])
def test_it_does_when_a_watched_process_is_gone(
    treefall, account, folder, tree, start_ward, server, end
):
    beat = folder / "beat"
    beat.touch()
    account.take(beat)
    ward = start_ward(["sh", "-c", f"{command(server)} & exec sleep 1000"])
    account.await_process(ward.pid)
    assert server.hear()[0] == "server"
    options = ["--heartbeat", str(beat), "--kill-delay", "300ms"] if end == "hangs" else []
    watch = Watch(treefall, account, folder, ward.pid, options)
    tree.add(watch.primary)
    if end == "is_killed":
        ward.process.send(signal.SIGKILL)
    assert ended_in_order(server)
    assert watch.status() == 0
    watch.end()


def test_a_lost_guard_forces_at_once(launch, server):
    run = launch(script(server))
    assert server.hear()[0] == "server"
    run.sentinel().send(signal.SIGKILL)
    assert run.status() == 128 + signal.SIGKILL
    assert server.lines.next(0.5) is None


def test_an_exit_grace_of_zero_forces_at_once(launch, server, kind):
    run = launch(
        ["sh", "-c", f"{command(server)} & read word; exit 3"], ["--exit-grace", "0", *kind]
    )
    assert server.hear()[0] == "server"
    run.tell("end")
    assert run.status() == 3
    assert server.lines.next(0.5) is None


def test_what_does_not_heed_is_forced_at_the_end_of_the_same_grace(launch, listener, kind):
    run = launch(["sh", "-c", f"{listener.program} {listener.roster}; :"], ["--grace", "1s", *kind])
    assert listener.hear()[0] == "ward"
    run.wrapper.send(signal.SIGTERM)
    assert listener.hear() == ("got", int(signal.SIGTERM))
    assert run.status() == 128 + signal.SIGTERM
    assert not listener.left()


@pytest.mark.parametrize(
    "without", [[], ["--without", "cgroup"], ["--without", "cgroup,brand"]], ids=" ".join
)
def test_workers_of_a_supervisor_in_the_rest_are_asked_when_it_is_gone(
    launch, listener, make_family, without
):
    """A start script ends at once; celery, below it, awaits what its pool does."""
    supervisor = make_family("supervisor", "listener")
    inner = (
        f"{listener.program} {listener.roster} 15=0 & exec {supervisor.program} {supervisor.roster}"
    )
    run = launch(["sh", "-c", f"sh -c '{inner}'; :"], ["--grace", NEVER, *without])
    supervisor.gather()
    listener.gather()
    run.wrapper.send(signal.SIGTERM)
    assert supervisor.hear() == ("got", int(signal.SIGTERM))
    assert listener.lines.next(0.5) is None
    supervisor.ward.send(signal.SIGKILL)
    assert listener.hear() == ("got", int(signal.SIGTERM))
    assert run.status() == 128 + signal.SIGTERM
    assert supervisor.lines.next(0) is None


def test_what_a_shell_in_the_rest_waits_for_is_asked_after_half_of_the_grace(launch, server):
    """A shell runs its trap when the program in its foreground has ended, and not before."""
    inner = f'trap "exit 4" TERM; {command(server)}; :'
    run = launch(["sh", "-c", f"bash -c '{inner}'; :"], ["--grace", "2s"])
    assert server.hear()[0] == "server"
    run.wrapper.send(signal.SIGTERM)
    assert ended_in_order(server)
    assert run.status() == 128 + signal.SIGTERM


def test_the_last_lines_of_a_log_filter_arrive(launch, folder):
    """The lines that say why a job failed: a process substitution outlives its script."""
    words = 'exec > >(while read -r line; do echo "$line"; done > log); seq 2000'
    run = launch(["bash", "-c", words])
    assert run.status() == 0
    assert (folder / "log").read_text().split() == [str(n) for n in range(1, 2001)]


def test_shared_memory_of_a_killed_python_is_removed(launch, tree):
    """Its resource tracker, another process, removes it as soon as the main one is gone."""
    words = (
        "from multiprocessing import shared_memory as s; import os, time;"
        "m = s.SharedMemory(create=True, size=4096); print(os.getpid(), m.name, flush=True);"
        "time.sleep(1000)"
    )
    run = launch([sys.executable, "-c", words])
    pid, name = run.hear().split()
    block = Path("/dev/shm") / name.lstrip("/")
    assert block.exists()
    tree.record().member(int(pid)).send(signal.SIGKILL)
    assert run.status() == 128 + signal.SIGKILL
    assert not block.exists()


def test_the_heartbeat_rests_once_a_stop_was_asked_for(launch):
    """A clean-up that is longer than the kill delay, and silent."""
    words = "touch beat; trap 'sleep 1.5; exit 5' TERM; echo up; while :; do sleep 0.05; touch beat; done"
    run = launch(
        ["bash", "-c", words],
        ["--heartbeat", "beat", "--kill-delay", "400ms", "--report", "r.json"],
    )
    assert run.hear() == "up"
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 5


def test_kill_asks_the_main_process_first(call, start_ward, listener, make_family):
    """celery's pool would lose the task that its main process awaits."""
    main = make_family("main", "listener")
    child = f"{listener.program} {listener.roster} 15=0"
    ward = start_ward(["sh", "-c", f"{child} & exec {main.program} {main.roster} 15=0"])
    main.gather()
    listener.gather()
    assert call("kill", str(ward.pid), "--grace", NEVER).status == 0
    assert main.hear() == ("got", int(signal.SIGTERM))
    assert listener.hear() == ("got", int(signal.SIGTERM))


@pytest.mark.parametrize("whom, heard", [("leader", False), ("group", True), ("all", True)])
def test_kill_asks_whom_it_is_told_to(call, start_ward, listener, make_family, whom, heard):
    """The main process does not heed: within its grace the rest is asked only if that was said."""
    main = make_family("main", "listener")
    child = f"{listener.program} {listener.roster}"
    ward = start_ward(["setsid", "sh", "-c", f"{child} & exec {main.program} {main.roster}"])
    main.gather()
    listener.gather()
    assert call("kill", str(ward.pid), "--grace", "500ms", "--ask", whom).status == 0
    assert main.hear() == ("got", int(signal.SIGTERM))
    assert (listener.lines.next(0.2) is not None) is heard


@pytest.fixture
def sudo(programs, make_family, account):
    """A set-uid program that only passes signals on to a process of root's."""
    needs.root()
    path = programs.make("sudo", [], called="sudo")
    path.chmod(0o4755)
    return make_family("behind", "sudo")


@pytest.mark.parametrize("account", ["as_user"], indirect=True)
@pytest.mark.parametrize("grace", ["10s", "300ms"])
def test_what_only_a_relay_reaches_ends_with_it(launch, sudo, grace):
    run = launch(
        ["sh", "-c", f"{sudo.program} {sudo.roster}; :"], ["--timeout", "300ms", "--grace", grace]
    )
    assert sudo.hear()[0] == "root"
    assert run.status() == 124
