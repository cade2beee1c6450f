"""`treefall watch` of a ward that another process succeeds: upgrades by USR2 end with the old master."""

import json
import os
import shutil
import signal

import pytest
from support import account as accounts
from support import deadline, proc
from support.process import Process
from support.waiting import wait_until
from support.ward import Ward, Watch, partner_of
from zoo.gunicorn import Gunicorn
from zoo.nginx import Nginx
from zoo.specimen import Specimen

# Longer than gunicorn's new master takes to see that the old one has ended, and to rename its file.
PATIENT = "--kill-delay=8s"
SHORT = "--kill-delay=700ms"
PATIENCE_S = 0.7
DEAF_ROUTES = ("", "brand", "events", "brand,events")

# `word` comes on stdin: "heir" forks a successor, which writes the pid file; "exit" ends the caller alone.
MASTER = """
import os, signal, sys, time
print(os.getpid(), flush=True)
for word in sys.stdin:
    if word.strip() == "exit":
        os._exit(0)
    if word.strip() == "heir" and os.fork() == 0:
        os.setsid()
        with open("master.pid.new", "w") as file:
            file.write(f"{os.getpid()}\\n")
        os.rename("master.pid.new", "master.pid")
        print(os.getpid(), flush=True)
        time.sleep(1000)
    if word.strip() == "member" and os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(1000)
"""


@pytest.fixture
def watch(treefall, account, folder, tree):
    """Start `treefall watch` of a pid; it is armed when this returns."""
    watches = []

    def start(pid, *options):
        watches.append(
            Watch(
                treefall, account, folder, pid, ["--report", str(folder / "report.json"), *options]
            )
        )
        tree.add(watches[-1].primary)
        return watches[-1]

    yield start
    tree.end()
    for each in watches:
        each.end()


@pytest.fixture
def master(account, folder, tree):
    """A master that forks its successor, and members, when it is told to."""
    ward = Master(account, folder, tree)
    yield ward
    tree.end()
    ward.ward.end()
    os.close(ward.read)


class Master:
    def __init__(self, account, folder, tree):
        self.tree = tree
        self.read, write = os.pipe()
        self.lines = os.fdopen(os.dup(self.read))
        self.ward = Ward(account, folder, ["/usr/bin/python3", "-c", MASTER], stdout=write)
        os.close(write)
        self.process = tree.add(self.ward.process)
        assert int(self.lines.readline()) == self.ward.pid

    def make(self, word):
        self.ward.tell(word)
        return self.tree.add(Process.open(int(self.lines.readline())))

    def exit(self):
        self.ward.tell("exit")
        assert self.process.wait_gone(deadline.ANSWER_S)


def reported(folder):
    return json.loads((folder / "report.json").read_text())


# ---- real programs ---------------------------------------------------------------------------


class UpgradableNginx(Nginx):
    """It executes its first word again, which has to be a path."""

    def start(self):
        return (
            super().start().replace("nginx", shutil.which("nginx", path=accounts.search_path()), 1)
        )


@pytest.fixture(params=[UpgradableNginx, Gunicorn], ids=lambda kind: kind.name())
def server(request, account, folder):
    """One that runs already, with a pid file."""
    lack = request.param.lack(account)
    if lack:
        pytest.skip(lack)
    specimen = Specimen.make(request.param, account, folder)
    specimen.start_unguarded()
    specimen.wait_ready()
    yield Server(specimen, folder)
    specimen.tree.end()


class Server:
    def __init__(self, specimen, folder):
        self.specimen = specimen
        self.pid_file = next(folder.glob("*.pid"))
        self.old = specimen.tree.add(Process.open(self.named()))

    def named(self):
        return int(self.pid_file.read_text().strip() or 0)

    def upgrade(self):
        """As their manuals say: USR2 starts a new master, QUIT ends the old one."""
        before = set(self._masters())
        self.old.send(signal.SIGUSR2)
        found = wait_until(lambda: self._masters() - before, deadline.START_S, "a new master")
        wait_until(self._is_ready, deadline.START_S, "a new master with workers")
        self.old.send(signal.SIGQUIT)
        assert self.old.wait_gone(deadline.FALL_S)
        return self.specimen.tree.add(Process.open(found.pop()))

    def _masters(self):
        """Children of the old master that have children of their own, or none yet but its program."""
        rows = proc.rows().values()
        parents = {row.parent_pid for row in rows}
        return {row.pid for row in rows if row.parent_pid == self.old.pid and row.pid in parents}

    def _is_ready(self):
        return (
            self.specimen.program.serves()
            and len(self.specimen.tree.record().living()) >= 2 * self.specimen.program.least
        )


def test_watch_follows_an_upgrade(watch, server):
    guard = watch(server.old.pid, "--pid-file", server.pid_file, PATIENT)
    new = server.upgrade()
    wait_until(
        lambda: server.named() == new.pid, deadline.START_S, "the new master in the pid file"
    )
    assert not guard.primary.wait_gone(9), guard.stderr()
    assert new.is_alive() and server.specimen.program.serves()
    new.send(signal.SIGKILL)
    assert guard.status() == 0
    assert not server.specimen.members()


def test_upgrade_kills_the_server_without_the_option(watch, server):
    guard = watch(server.old.pid, PATIENT)
    server.upgrade()
    assert guard.status() == 0
    assert not server.specimen.members()


# ---- whom it takes ---------------------------------------------------------------------------


@pytest.mark.parametrize("without", DEAF_ROUTES)
def test_successor_is_taken_and_its_end_is_a_trigger(watch, master, folder, without):
    options = ["--without", without] if without else []
    heir, member = master.make("heir"), master.make("member")
    guard = watch(master.ward.pid, "--pid-file", folder / "master.pid", SHORT, *options)
    master.exit()
    assert not guard.primary.wait_gone(2 * PATIENCE_S), guard.stderr()
    assert heir.is_alive() and member.is_alive()
    heir.send(signal.SIGKILL)
    assert guard.status() == 0
    assert not member.is_alive()
    report = reported(folder)
    assert report["trigger"] == "ward-dead"
    assert report["ward"]["pid"] == heir.pid


def test_partner_knows_the_successor(watch, master, folder, tree):
    guard = watch(master.ward.pid, "--pid-file", folder / "master.pid", SHORT)
    first = partner_of(guard.primary)
    heir, member = master.make("heir"), master.make("member")
    master.exit()
    assert first.wait_gone(deadline.ANSWER_S)
    partner = tree.add(partner_of(guard.primary))
    guard.primary.send(signal.SIGKILL)
    assert not partner.wait_gone(2 * PATIENCE_S)
    assert heir.is_alive()
    heir.send(signal.SIGKILL)
    assert not tree.wait_gone()
    assert not member.is_alive()


def stranger_file(folder, account, tree):
    other = Ward(account, folder, ["sleep", "1000"])
    tree.add(other.process)
    (folder / "master.pid").write_text(f"{other.pid}\n")
    return other


def test_stranger_that_the_file_names_is_not_taken(watch, master, folder, account, tree):
    other = stranger_file(folder, account, tree)
    guard = watch(master.ward.pid, "--pid-file", folder / "master.pid", SHORT)
    member = master.make("member")
    master.exit()
    assert guard.status() == 0
    assert not member.is_alive() and other.process.is_alive()
    tree.end()
    other.end()


@pytest.mark.parametrize(
    "content", ["", "1\n", "0", "-5", "99999999999999999999\n", "17 is it\n", None, "fifo"]
)
def test_file_that_names_no_member_means_a_fall(watch, master, folder, content):
    path = folder / "master.pid"
    if content == "fifo":
        os.mkfifo(path)
    elif content is not None:
        path.write_text(content)
    guard = watch(master.ward.pid, "--pid-file", path, SHORT)
    member = master.make("member")
    master.exit()
    assert guard.status() == 0
    assert not member.is_alive()


# ---- no successor ----------------------------------------------------------------------------


def test_tree_goes_on_without_its_ward_until_it_is_empty(watch, master, folder):
    guard = watch(master.ward.pid, "--no-fall-on-exit", SHORT)
    member = master.make("member")
    master.exit()
    assert not guard.primary.wait_gone(2 * PATIENCE_S), guard.stderr()
    assert member.is_alive()
    member.send(signal.SIGTERM)
    assert guard.status() == 0
    assert reported(folder)["counts"]["fell"] == 0


def test_heartbeat_still_counts_when_the_ward_is_gone(watch, master, folder, account):
    beat = folder / "beat"
    beat.touch()
    account.take(beat)
    guard = watch(master.ward.pid, "--no-fall-on-exit", "--heartbeat", beat, SHORT)
    member = master.make("member")
    beat.touch()
    master.exit()
    assert guard.status() == 0
    assert not member.is_alive()
    assert reported(folder)["trigger"] == "stale"


def test_tree_without_its_ward_takes_a_late_successor(watch, master, folder):
    guard = watch(master.ward.pid, "--no-fall-on-exit", "--pid-file", folder / "master.pid", SHORT)
    heir, member = master.make("heir"), master.make("member")
    (folder / "master.pid").unlink()
    master.exit()
    assert not guard.primary.wait_gone(2 * PATIENCE_S), guard.stderr()
    (folder / "master.pid").write_text(str(heir.pid))
    assert not guard.primary.wait_gone(2 * PATIENCE_S), guard.stderr()
    heir.send(signal.SIGKILL)
    member.send(signal.SIGTERM)
    assert guard.status() == 0
