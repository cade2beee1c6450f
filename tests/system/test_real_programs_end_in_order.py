"""Programs that people run end in order, and leave nothing of theirs behind: npm, celery, bindfs,
Xvfb, sudo and podman, as Debian, PyPI and npm have them."""

import json
import pwd
import random
import shlex
import shutil
import signal
import sys
from pathlib import Path

import pytest
from support import account as accounts
from support import asking, deadline, needs, unpacked
from support.call import call as make_call
from support.machine import laid_over, prepared
from support.process import Process
from support.run import Run
from support.waiting import wait_until

SERVER = Path(__file__).parent / "programs/server.py"
# Longer than a test waits: what ends sooner was not forced at its end.
GRACE = ["--grace", "1000s"]
AT_ONCE = ["--exit-grace", "0"]


def need_program(name):
    lack = accounts.lacks_program(name)
    if lack:
        pytest.skip(lack)


@pytest.fixture
def launch_behind(treefall, account, folder, tree):
    """A run behind words that the suite's own account has to begin with: those of machine.prepared."""
    runs = []

    def start(prefix, command, options=()):
        environment = account.environment(folder)
        runs.append(Run(treefall, accounts.own(), folder, command, options, prefix, environment))
        tree.add(runs[-1].wrapper)
        return runs[-1]

    yield start
    left = tree.end()
    for run in runs:
        run.end()
    assert not left


# ---- npm -------------------------------------------------------------------------------------


@pytest.fixture
def npm():
    words = unpacked.npm()
    if not words:
        need_program("npm")
    return words or ["npm"]


@pytest.fixture
def server(make_family, account, folder):
    """What `npm start` starts here: it reports `server PID` and, if it ends in order, `bye PID`."""
    server = make_family("served")
    command = shlex.join([sys.executable, "-IS", str(SERVER), str(server.roster)])
    package = folder / "package.json"
    package.write_text(
        json.dumps({"name": "shop", "version": "1.0.0", "scripts": {"start": f"{command} && :"}})
    )
    account.take(package)
    return server


def test_server_that_npm_started_ends_in_order_after_a_stop(launch, npm, server):
    run = launch([*npm, "start"], GRACE)
    assert server.hear()[0] == "server"
    run.wrapper.send(signal.SIGTERM)
    assert server.hear()[0] == "bye"
    assert run.status() == 128 + signal.SIGTERM


# ---- celery ----------------------------------------------------------------------------------

TASKS = """
import pathlib, time
from celery import Celery

app = Celery(broker="filesystem://")
app.conf.broker_transport_options = dict.fromkeys(
    ["data_folder_in", "data_folder_out", "control_folder"], "queue")

@app.task
def work():
    pathlib.Path("began").touch()
    time.sleep(1)
    pathlib.Path("done").touch()
"""


class Celery:
    """A worker with a pool of two, and one task in its queue."""

    def __init__(self, account, folder):
        self.folder = folder
        (folder / "tasks.py").write_text(TASKS)
        account.make_folder(folder / "queue")
        asked = make_call(
            account, folder, [unpacked.python(), "-c", "import tasks; tasks.work.delay()"]
        )
        assert asked.status == 0, asked.err
        words = [
            "-m",
            "celery",
            "--app",
            "tasks",
            "worker",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        self.command = [unpacked.python(), *words]

    def await_task(self):
        wait_until((self.folder / "began").exists, deadline.START_S, "a task that has begun")
        assert not self.has_finished()

    def has_finished(self):
        return (self.folder / "done").exists()


@pytest.fixture
def celery(account, folder):
    lack = unpacked.lacks_module("celery")
    if lack:
        pytest.skip(lack)
    return Celery(account, folder)


def test_task_of_celery_is_finished_after_a_stop(launch, celery):
    run = launch(celery.command, GRACE)
    celery.await_task()
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 0
    assert celery.has_finished()


@pytest.mark.parametrize("options", [[], ["--isolate"]], ids=["plain", "isolated"])
def test_task_of_celery_is_finished_when_a_script_started_the_worker(
    launch, treefall, account, celery, options
):
    """The script ends at once; its pool is not asked beside the worker, which waits for it."""
    needs.options(treefall, account, options)
    run = launch(["sh", "-c", shlex.join(map(str, celery.command)) + "; :"], [*GRACE, *options])
    celery.await_task()
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGTERM
    assert celery.has_finished()


def test_task_of_celery_is_finished_when_the_worker_is_killed_by_treefall_kill(
    call, start_ward, celery
):
    ward = start_ward(celery.command)
    celery.await_task()
    assert call("kill", str(ward.pid), *GRACE).status == 0
    assert celery.has_finished()


# ---- bindfs ----------------------------------------------------------------------------------

# Debian's udev opens it to all; elsewhere the namespace gets another one, where it can be made.
FUSE = """
[ "$(stat -c %a /dev/fuse)" = 666 ] || {{
    mount -t tmpfs none {place} && mknod -m 666 {place}/fuse c 10 229 && mount --bind {place}/fuse /dev/fuse
}}"""
# It serves, and its mount goes away with it, or the words behind this are not run.
TRIAL = """
bindfs --no-allow-other {place} {place} && fusermount -u {place} && exec "$@"
"""


class Bindfs:
    """A mount that the command makes in the background and leaves, in a namespace of the test's."""

    def __init__(self, treefall, account, folder):
        self.treefall, self.account, self.folder = treefall, account, folder
        source, device = folder / "source", folder / "device"
        self.mounted = folder / "mounted"
        for path in (source, device, self.mounted):
            account.make_folder(path)
        (source / "file").write_text("served\n")
        self.start = f"bindfs --no-allow-other {source} {self.mounted} && cat {self.mounted}/file"
        path = f"PATH={accounts.search_path()}"
        trial = ["env", path, "sh", "-c", TRIAL.format(place=source), "sh"]
        self.prefix = needs.words(
            accounts.own(), [*prepared(account, FUSE.format(place=device)), *trial[:2]]
        )
        needs.words(accounts.own(), [*self.prefix, *trial[2:]])

    def run(self, *options, then):
        """The status of a run whose command starts it, and whether the mount is there after that."""
        script = '"$@"; echo $?; exec cat /proc/self/mountinfo'
        words = [self.treefall, "run", *options, "--", "sh", "-c", f"{self.start} && {then}"]
        answer = make_call(
            accounts.own(),
            self.folder,
            ["sh", "-c", script, "sh", *words],
            prefix=self.prefix,
            environment=self.account.environment(self.folder),
        )
        served, status, *mounts = answer.out.splitlines()
        assert served == "served", answer.err
        return int(status), any(line.split()[4] == str(self.mounted) for line in mounts)


@pytest.fixture
def bindfs(treefall, account, folder, tree):
    need_program("bindfs")
    if not Path("/dev/fuse").exists():
        pytest.skip("no /dev/fuse here")
    return Bindfs(treefall, account, folder)


def test_mount_of_bindfs_is_gone_when_its_command_has_ended(bindfs):
    assert bindfs.run(then="exit 3") == (3, False)


def test_mount_of_bindfs_is_gone_when_time_has_run_out(bindfs):
    assert bindfs.run("--timeout", "1s", then="sleep 1000") == (124, False)


def test_dead_mount_of_bindfs_stays_without_an_exit_grace(bindfs):
    assert bindfs.run(*AT_ONCE, then="exit 3") == (3, True)


# ---- Xvfb ------------------------------------------------------------------------------------

# A client of X11 that has no key: the answer says yes or no.
HELLO = b"l\0\x0b\0\0\0\0\0\0\0\0\0"


@pytest.fixture
def launch_xvfb(launch_behind, account):
    """A command that starts Xvfb and ends when it is told to; and the lock that Xvfb has made."""
    need_program("Xvfb")
    root = unpacked.root()
    prefix = prepared(account, laid_over(root) if root else "true")
    sockets = Path("/tmp/.X11-unix")
    had_sockets = sockets.exists()
    files = []

    def start(*options):
        display = random.randrange(10_000, 60_000)
        lock, socket = Path(f"/tmp/.X{display}-lock"), sockets / f"X{display}"
        files.extend([lock, socket])
        script = f"Xvfb :{display} -nolisten tcp & read word; exit 3"
        run = launch_behind(prefix, ["sh", "-c", script], options)
        wait_until(lambda: asking.unix(socket, HELLO), deadline.START_S, "an answer of Xvfb")
        assert lock.exists()
        return run, lock

    yield start
    for path in files:
        path.unlink(missing_ok=True)
    if not had_sockets and sockets.exists():
        sockets.rmdir()


def test_lock_of_xvfb_is_removed_when_its_command_has_ended(launch_xvfb):
    run, lock = launch_xvfb()
    run.tell("end")
    assert run.status() == 3
    assert not lock.exists()


def test_lock_of_xvfb_is_removed_after_a_stop(launch_xvfb):
    run, lock = launch_xvfb(*GRACE)
    run.wrapper.send(signal.SIGTERM)
    assert run.status() == 128 + signal.SIGTERM
    assert not lock.exists()


def test_lock_of_xvfb_stays_without_an_exit_grace(launch_xvfb):
    run, lock = launch_xvfb(*AT_ONCE)
    run.tell("end")
    assert run.status() == 3
    assert lock.exists()


# ---- sudo ------------------------------------------------------------------------------------


@pytest.fixture(params=["", "use_pty"], ids=["pipes", "pty"])
def sudo(request, account, folder):
    """Words behind which the account may become root by sudo, in a namespace with files of the test's."""
    needs.root()
    need_program("sudo")
    files = folder / "files/etc"
    files.mkdir(parents=True)
    (files / "passwd").write_text(Path("/etc/passwd").read_text() + passwd_entry(account))
    (files / "sudoers").write_text(
        f"Defaults {request.param or '!use_pty'}\n#{account.uid} ALL=(ALL) NOPASSWD: ALL\n"
    )
    (files / "sudoers").chmod(0o440)
    root = unpacked.root()
    prefix = prepared(account, laid_over(files.parent, *([root] if root else [])))
    needs.words(accounts.own(), [*prefix, "sudo", "-n"])
    return prefix


def passwd_entry(account):
    try:
        pwd.getpwuid(account.uid)
        return ""
    except KeyError:
        return f"guest:*:{account.uid}:{account.gid}::/:/bin/sh\n"


@pytest.mark.parametrize("stop", ["time_runs_out", "asked"])
def test_what_sudo_started_for_a_user_ends_with_it(launch_behind, sudo, tree, stop):
    """Root's process, which only sudo can reach."""
    options = ["--timeout", "1s"] if stop == "time_runs_out" else []
    run = launch_behind(
        sudo, ["sh", "-c", "sudo -n sh -c 'echo $$; exec sleep 1000'; :"], [*GRACE, *options]
    )
    process = tree.add(Process.open(int(run.hear())))
    if stop == "asked":
        run.wrapper.send(signal.SIGTERM)
    assert run.status() == (124 if stop == "time_runs_out" else 128 + signal.SIGTERM)
    assert not process.is_alive()


# ---- podman ----------------------------------------------------------------------------------

# crun takes no machine that has controllers of both versions of cgroups.
CGROUP_V2_ALONE = "umount -lR /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup"
# A suite's root may not raise its limits: the container keeps those that it has.
RUNTIME = """#!/usr/bin/python3
import json, os, sys
words = sys.argv[1:]
if "create" in words:
    path = os.path.join(words[words.index("--bundle") + 1], "config.json")
    with open(path) as file:
        config = json.load(file)
    for name in ("rlimits", "oomScoreAdj"):
        config["process"].pop(name, None)
    config["linux"].pop("resources", None)
    with open(path, "w") as file:
        json.dump(config, file)
os.execv({crun!r}, ["crun", *words])
"""


class Podman:
    """Containers of the test's own store, from a root with one static program that ends in order."""

    def __init__(self, folder, programs):
        self.folder = folder
        self.root, runtime = folder / "root", folder / "runtime-of-containers/crun"
        for name in ("proc", "dev", "sys", "etc", "run", "tmp"):
            (self.root / name).mkdir(parents=True)
        shutil.copy(
            programs.make("listener", ["-static"], called="listener-static"), self.root / "listener"
        )
        (self.root / "roster").touch()
        runtime.parent.mkdir()
        runtime.write_text(RUNTIME.format(crun=shutil.which("crun", path=accounts.search_path())))
        runtime.chmod(0o755)
        store = folder / "store"
        self.words = [
            "podman",
            "--root",
            store / "root",
            "--runroot",
            store / "run",
            "--tmpdir",
            store / "tmp",
            "--storage-driver",
            "vfs",
            "--cgroup-manager",
            "cgroupfs",
            "--runtime",
            runtime,
        ]
        self.prefix = prepared(accounts.own(), CGROUP_V2_ALONE)

    def start(self, *words):
        return [
            *self.words,
            "run",
            "--name",
            "box",
            "--network",
            "none",
            "--cgroups",
            "disabled",
            *words,
            "--rootfs",
            self.root,
            "/listener",
            "/roster",
            "15=0",
        ]

    def ask(self, *words):
        return make_call(accounts.own(), self.folder, [*self.words, *words], prefix=self.prefix)

    def await_container(self):
        wait_until((self.root / "roster").read_text, deadline.START_S, "a container that runs")
        wait_until(lambda: self.says("Up"), deadline.START_S, "a container that is up")

    def says(self, word):
        return self.ask("ps", "--all", "--format", "{{.Status}}").out.startswith(word)


@pytest.fixture
def podman(account, folder, programs):
    for name in ("podman", "crun", "conmon"):
        need_program(name)
    podman = Podman(folder, programs)
    tried = make_call(account, folder, podman.start("--detach"), prefix=podman.prefix)
    if tried.status != 0:
        pytest.skip(f"podman starts no container here: {tried.err.strip()}")
    podman.await_container()
    podman.ask("rm", "--force", "--time", "0", "box")
    (podman.root / "roster").write_text("")
    yield podman
    podman.ask("rm", "--force", "--time", "0", "box")


@pytest.fixture(params=["--detach", "--attach=stdout"])
def end_command(request, launch_behind, podman):
    """Run a command that starts a container and ends; conmon is there to write down the container's end."""

    def run(*options):
        command = f"{shlex.join(map(str, podman.start(request.param)))} & read word; exit 3"
        run = launch_behind(podman.prefix, ["sh", "-c", command], options)
        podman.await_container()
        run.tell("end")
        assert run.status() == 3

    return run


# A user's containers take ids of the machine's.
@pytest.mark.parametrize("account", ["as_root"], indirect=True)
def test_container_of_podman_has_exited_when_its_command_has_ended(end_command, podman):
    end_command()
    assert podman.says("Exited")


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
def test_container_of_podman_says_up_for_ever_without_an_exit_grace(end_command, podman):
    end_command(*AT_ONCE)
    assert podman.says("Up")
