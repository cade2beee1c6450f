"""--keep spares what it names, and what that started."""

import json
import signal
import subprocess
import sys

import pytest
from support import account as accounts
from support import deadline, ending, kin, proc
from support.waiting import wait_until

JAR = "server.jar"
PROGRAM = "import subprocess; subprocess.run(['sleep', '991'])  # {}"
TMUX = "tmux -f /dev/null -S {folder}/sock new-session -d 'exec sleep 991'; "
SCREEN = "SCREENDIR={folder}/sockets screen -c /dev/null -dmS keep sh -c 'sleep 991; :'; "
# What starts the server from a shell, what --keep says, and what its command line shows.
SERVERS = {
    "command_line": ('"{python}" -c "$PROGRAM" & ', f"*/{JAR}*", JAR),
    "tmux": (TMUX, "tmux*", "tmux -f"),
    "screen": (SCREEN, "SCREEN*", "SCREEN -c"),
}
CHILD = "sleep 991"


class Server:
    """A program to keep, with a child that it needs."""

    def __init__(self, name, account, folder, tree):
        start, self.pattern, self.shows = SERVERS[name]
        self.tree = tree
        self.start = start.format(folder=folder, python=sys.executable)
        self.environment = {"PROGRAM": PROGRAM.format(folder / JAR)}
        account.make_folder(folder / "sockets", 0o700)

    def command(self, command):
        return ["sh", "-c", f'{self.start}exec "$@"', "sh", *command]

    def gather(self):
        self.main = wait_until(lambda: self._find(self.shows), deadline.START_S, self.shows)
        self.child = wait_until(lambda: self._find(CHILD), deadline.START_S, CHILD)

    def assert_alone(self):
        """It lives with what it started, and nothing else does; then all of that ends."""
        assert self.main.is_alive() and self.child.is_alive()
        expected = kin.with_descendants([self.main.pid], proc.rows())
        assert {process.pid for process in self.tree.end()} == expected

    def _find(self, text):
        for process in self.tree.record().living():
            line = proc.command_line(process.pid)
            if line.startswith(text) or line.endswith(f"/{text}"):
                return process
        return None


@pytest.fixture
def serve(account, folder, tree):
    def start(name):
        lack = name != "command_line" and accounts.lacks_program(name)
        if not lack and name == "screen" and accounts.with_passwd_entry(account) != account:
            lack = f"screen needs a passwd entry for uid {account.uid}"
        if lack:
            pytest.skip(lack)
        return Server(name, account, folder, tree)

    return start


def kept_in(report):
    return {line["pid"]: line["reason"] for line in json.loads(report)["kept"]}


def assert_told(report, server):
    told = kept_in(report)
    assert told[server.main.pid] == "it matches --keep"
    assert told[server.child.pid] == f"process {server.main.pid}, which --keep matches, started it"


@pytest.mark.parametrize("routes", ["", "cgroup", "cgroup,brand"])
@pytest.mark.parametrize("end", ending.BY_GUARDS, ids=lambda end: end.__name__)
def test_what_a_kept_one_started_lives_on(launch, family, serve, end, routes, need_events):
    if "brand" in routes:
        need_events()
    server = serve("command_line")
    options = ["--keep", server.pattern, *(["--without", routes] if routes else [])]
    command = server.command(family.command("daemon", "plain"))
    run = launch(command, options, environment=server.environment)
    family.gather("daemon", "plain")
    server.gather()
    end(run, family)
    assert not family.left()
    server.assert_alone()


@pytest.mark.parametrize("name", ["tmux", "screen"])
@pytest.mark.parametrize(
    "end", [ending.ward_exits, ending.wrapper_is_killed], ids=lambda end: end.__name__
)
def test_a_kept_server_keeps_its_windows(launch, family, serve, folder, name, end):
    server = serve(name)
    options = ["--keep", server.pattern, "--report", "fall.json"]
    run = launch(server.command(family.command("plain")), options)
    family.gather("plain")
    server.gather()
    end(run, family)
    assert not family.left()
    report = folder / "fall.json"
    wait_until(lambda: report.exists() and report.read_text(), deadline.FALL_S, "a report")
    assert_told(report.read_text(), server)
    server.assert_alone()


@pytest.fixture
def shell(account, folder, tree):
    """A tree that ran before treefall came: a shell with a server and a child of its own."""
    started = []

    def start(server):
        started.append(
            subprocess.Popen(
                account.command(server.command(["sleep", "992"])),
                stdin=subprocess.DEVNULL,
                cwd=folder,
                env={**account.environment(folder), **server.environment},
            )
        )
        server.gather()
        return started[0]

    yield start
    tree.end()
    for process in started:
        process.wait()


def test_kill_spares_what_a_kept_one_started(shell, serve, call):
    server = serve("command_line")
    ward = shell(server)
    answer = call("kill", "--grace=0", "--keep", server.pattern, "--json", str(ward.pid))
    assert answer.status == 0
    assert_told(answer.out, server)
    assert ward.wait(deadline.FALL_S) == -signal.SIGKILL
    server.assert_alone()


def test_watch_spares_what_a_kept_one_started(shell, serve, call, folder):
    server = serve("command_line")
    ward = shell(server)
    words = ["--detach", "--keep", server.pattern, "--report", "fall.json"]
    assert call("watch", "--pid", str(ward.pid), *words).status == 0
    ward.terminate()
    ward.wait(deadline.FALL_S)
    report = folder / "fall.json"
    wait_until(lambda: report.exists() and report.read_text(), deadline.FALL_S, "a report")
    assert_told(report.read_text(), server)
    server.assert_alone()


def test_a_stop_signal_for_the_group_spares_the_kept_in_it(launch, family, serve):
    server = serve("command_line")
    options = ["--group", "--keep", server.pattern]
    run = launch(server.command(family.command("plain")), options, environment=server.environment)
    family.gather("plain")
    server.gather()
    ending.wrapper_is_asked(run, family)
    assert not family.left()
    server.assert_alone()


def test_a_kept_command_is_not_asked_when_time_runs_out(launch, serve, folder):
    server = serve("command_line")
    program = ["sh", "-c", 'exec "$0" -c "$PROGRAM"', sys.executable]
    options = [
        "--keep",
        server.pattern,
        "--timeout",
        "2s",
        "--grace",
        "300ms",
        "--report",
        "fall.json",
    ]
    run = launch(program, options, environment=server.environment)
    server.gather()
    assert run.status() == 124
    report = (folder / "fall.json").read_text()
    assert json.loads(report)["exit_status"] == 124
    assert_told(report, server)
    server.assert_alone()
