"""The process that started treefall is gone: so is the tree, if nobody said otherwise."""

import fcntl
import os
import shutil
import signal
import struct
import subprocess

import pytest
from support import deadline, port, proc
from support.machine import in_pid_namespace
from support.process import Process
from support.waiting import wait_until

SHELLS = ("dash", "bash")
FRESH = ["env", "--default-signal=HUP,INT,QUIT"]  # however the suite itself was started
STAND_IN_S = 2.5  # twice the second after which other guards act
GONE = "the caller is gone"
IN_BACKGROUND = 'echo $$; "$@" & '
IN_FOREGROUND = 'echo $$; "$@"; echo done'
SHELL_LIVES_S = (0, 0.001, 0.005, 0.02, 0.05, 0.2)
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/usr/local/sbin")

# What sshd and cron do: a session without a terminal for a shell, which is waited for.
SERVER = """
import os, sys
child = os.fork()
if child == 0:
    os.setsid()
    os.execvp(sys.argv[1], sys.argv[1:])
os.waitpid(child, 0)
"""

PIDFD_GET_INFO = 3 << 30 | 64 << 16 | 0xFF << 8 | 11
PIDFD_INFO_EXIT = 1 << 3


@pytest.fixture
def need_exit_status():
    """The kernel tells a process that is no parent how another one ended (Linux 6.15)."""
    ended = subprocess.Popen(["true"])
    pidfd = os.pidfd_open(ended.pid)
    ended.wait()
    info = bytearray(64)
    struct.pack_into("Q", info, 0, PIDFD_INFO_EXIT)
    try:
        fcntl.ioctl(pidfd, PIDFD_GET_INFO, info)
    except OSError as error:
        pytest.skip(f"this kernel does not tell how a caller ended: {error}")
    finally:
        os.close(pidfd)


class Script:
    """A shell that runs a line about treefall's words, which are its "$@"."""

    def __init__(self, account, folder, words):
        self.stderr = folder / "stderr"
        self._out = (folder / "stdout").open("w+b")
        with self.stderr.open("wb") as stderr:
            self.popen = subprocess.Popen(
                account.command([*FRESH, *words]),
                stdin=subprocess.DEVNULL,
                stdout=self._out,
                stderr=stderr,
                cwd=folder,
                env=account.environment(folder),
            )
        self.process = Process.of_child(self.popen.pid)

    def end(self):
        self.popen.wait()
        self._out.close()


@pytest.fixture
def script(treefall, account, folder, tree):
    """Starts a shell with a line; `words` go in front of the shell."""
    scripts = []

    def start(line, command, options=(), shell="sh", words=()):
        run = [treefall, "run", *options, "--", *command]
        scripts.append(Script(account, folder, [*words, shell, "-c", line, shell, *run]))
        tree.add(scripts[-1].process)
        return scripts[-1]

    yield start
    tree.end()
    for each in scripts:
        each.end()


def wrapper_of(listener, tree):
    wrapper = Process.open(proc.row(listener.ward.pid).parent_pid)
    tree.add(wrapper)
    return wrapper


def assert_lives(wrapper, listener):
    """Each answer is a turn of the wrapper's loop."""
    for _ in range(2):
        wrapper.send(signal.SIGUSR1)
        assert listener.hear() == ("got", signal.SIGUSR1)


def test_the_tree_falls(caller, family, tree):
    shell, wrapper = caller(family.command("daemon", "plain", "session"))
    family.gather("daemon", "plain", "session")
    shell.send(signal.SIGKILL)
    assert not family.left()
    assert wrapper.wait_gone(deadline.FALL_S)
    assert not tree.wait_gone()


def test_it_is_asked_first_and_then_forced(caller, listener):
    shell, wrapper = caller(listener.command(), "--grace", "200ms", "--signal", "HUP")
    listener.gather()
    shell.send(signal.SIGKILL)
    assert listener.hear() == ("got", signal.SIGHUP)
    assert listener.ward.wait_gone(deadline.FALL_S)
    assert wrapper.wait_gone(deadline.FALL_S)


def test_none_goes_on(caller, listener):
    shell, wrapper = caller(listener.command("15=0"), "--caller=none")
    listener.gather()
    shell.send(signal.SIGKILL)
    assert shell.wait_gone(deadline.FALL_S)
    assert_lives(wrapper, listener)
    wrapper.send(signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)


def test_a_caller_that_is_an_init_is_no_orphan_s_mark(call, account):
    """Hard case 35: the parent is pid 1 of its namespace from the start."""
    prefix = in_pid_namespace(account, '"$@"; exit $?', "--mount-proc")
    answer = call("run", "--", "sh", "-c", "exit 3", prefix=prefix)
    assert (answer.status, answer.err) == (3, "")


# ---- a background job ------------------------------------------------------------------------


@pytest.mark.parametrize("lives_s", SHELL_LIVES_S)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_background_job_outlives_a_script_that_succeeds(
    need_exit_status, script, listener, tree, shell, lives_s
):
    line = IN_BACKGROUND + (f"sleep {lives_s}" if lives_s else ":")
    started = script(line, listener.command("15=0"), shell=shell)
    listener.gather()
    wrapper = wrapper_of(listener, tree)
    assert started.popen.wait(deadline.START_S) == 0
    assert_lives(wrapper, listener)
    wrapper.send(signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)
    assert started.stderr.read_text() == ""


def test_guards_that_stand_in_for_a_stopped_wrapper_let_it_live(
    need_exit_status, script, folder, listener, tree
):
    line = IN_BACKGROUND + "while [ ! -e end ]; do sleep 0.02; done"
    started = script(line, listener.command("15=0"))
    listener.gather()
    wrapper = wrapper_of(listener, tree)
    wrapper.send(signal.SIGSTOP)
    (folder / "end").touch()
    assert started.popen.wait(deadline.START_S) == 0
    assert not listener.ward.wait_gone(STAND_IN_S)
    wrapper.send(signal.SIGCONT)
    assert listener.hear() == ("got", signal.SIGCONT)
    assert_lives(wrapper, listener)
    wrapper.send(signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)


@pytest.mark.parametrize("end", ["fails", "is_killed"])
@pytest.mark.parametrize("shell", SHELLS)
def test_a_background_job_is_ended_with_a_script_that(script, folder, listener, tree, shell, end):
    line = IN_BACKGROUND + (
        "while [ ! -e end ]; do sleep 0.02; done; exit 3" if end == "fails" else "wait"
    )
    started = script(line, listener.command("15=0"), shell=shell)
    listener.gather()
    wrapper = wrapper_of(listener, tree)
    if end == "fails":
        (folder / "end").touch()
    else:
        started.process.send(signal.SIGKILL)
    assert listener.hear() == ("got", signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)
    assert GONE in started.stderr.read_text()


def test_under_nohup_the_caller_is_not_followed(script, listener, tree):
    started = script(IN_FOREGROUND, listener.command("15=0"), words=["env", "--ignore-signal=HUP"])
    listener.gather()
    wrapper = wrapper_of(listener, tree)
    started.process.send(signal.SIGKILL)
    assert started.process.wait_gone(deadline.FALL_S)
    assert_lives(wrapper, listener)
    wrapper.send(signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)


# ---- the process that started the session ----------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_that_only_waits_does_not_hide_the_server_that_died(script, listener, tree, shell):
    server = ["python3", "-c", SERVER]
    started = script(IN_FOREGROUND, listener.command("15=0"), shell=shell, words=server)
    listener.gather()
    wrapper = wrapper_of(listener, tree)
    tree.add(Process.open(proc.row(wrapper.pid).parent_pid))
    started.process.send(signal.SIGKILL)
    assert listener.hear() == ("got", signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)
    assert GONE in started.stderr.read_text()


class Sshd:
    """OpenSSH's server on the loopback address, for the suite's own account."""

    def __init__(self, folder):
        self.folder = folder
        self.port = port.free()
        for name in ("host", "user"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True
            )
        settings = [
            f"Port={self.port}",
            f"ListenAddress={port.HOST}",
            f"HostKey={folder}/host",
            f"AuthorizedKeysFile={folder}/user.pub",
            "StrictModes=no",
            "PidFile=none",
            "UsePAM=no",
            "PermitRootLogin=yes",
        ]
        os.makedirs("/run/sshd", exist_ok=True)
        words = [SSHD, "-D", "-E", folder / "sshd.log", "-f", "/dev/null"]
        for setting in settings:
            words += ["-o", setting]
        self.popen = subprocess.Popen([*FRESH, *words], stdin=subprocess.DEVNULL)

    def connect(self, line):
        words = [
            "ssh",
            "-F",
            "/dev/null",
            "-p",
            str(self.port),
            "-i",
            self.folder / "user",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
            "-o",
            "ConnectionAttempts=20",
            port.HOST,
            line,
        ]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def end(self):
        self.popen.kill()
        self.popen.wait()


@pytest.fixture
def sshd(account, folder, tree):
    if account.uid != 0 or not SSHD or not shutil.which("ssh"):
        pytest.skip("takes openssh's sshd, and root, which it logs in")
    server = Sshd(folder)
    yield server
    server.end()


def test_an_ssh_client_that_dies_takes_the_tree_with_it(sshd, treefall, folder, listener, tree):
    wait_until(lambda: not port.is_free(sshd.port), deadline.START_S, "sshd listens")
    run = " ".join(map(str, [treefall, "run", "--", *listener.command("15=0")]))
    client = sshd.connect(f"cd {folder} && {run}; echo done")
    listener.gather()
    wrapper = wrapper_of(listener, tree)
    client.kill()
    client.communicate()
    assert listener.hear() == ("got", signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)


# ---- --caller --------------------------------------------------------------------------------


@pytest.fixture
def other(tree):
    """A process that started nothing."""
    popen = subprocess.Popen(["sleep", "1000"])
    tree.add(Process.open(popen.pid))
    yield popen
    popen.kill()
    popen.wait()


def test_the_end_of_the_process_that_was_named_ends_the_tree(launch, listener, other):
    run = launch(listener.command("15=0"), ["--caller", str(other.pid)])
    listener.gather()
    other.kill()
    assert listener.hear() == ("got", signal.SIGTERM)
    run.status()
    assert GONE in run.stderr()


def test_a_process_that_was_named_is_followed_in_place_of_the_caller(script, listener, tree, other):
    started = script(IN_FOREGROUND, listener.command("15=0"), ["--caller", str(other.pid)])
    listener.gather()
    wrapper = wrapper_of(listener, tree)
    started.process.send(signal.SIGKILL)
    assert started.process.wait_gone(deadline.FALL_S)
    assert_lives(wrapper, listener)
    other.kill()
    assert listener.hear() == ("got", signal.SIGTERM)
    assert wrapper.wait_gone(deadline.FALL_S)


def test_a_process_that_does_not_exist_is_refused_in_one_line(call, other):
    other.kill()
    other.wait()
    answer = call("run", "--caller", str(other.pid), "--", "true")
    assert answer.status == 125
    assert answer.err.count("\n") == 1
    assert f"{other.pid}: " in answer.err


def test_the_leader_of_the_session_is_followed(script, listener, tree):
    """A shell that waits in the middle of the session; its own end is not followed."""
    line = 'echo $$; sh -c \'"$@"; :\' sh "$@"; :'
    started = script(line, listener.command("15=0"), ["--caller=session"], words=["setsid"])
    listener.gather()
    wrapper = wrapper_of(listener, tree)
    middle = Process.open(proc.row(wrapper.pid).parent_pid)
    middle.send(signal.SIGSTOP)
    started.process.send(signal.SIGKILL)
    assert listener.hear() == ("got", signal.SIGTERM)
    middle.send(signal.SIGCONT)
    assert wrapper.wait_gone(deadline.FALL_S)
