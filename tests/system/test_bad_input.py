"""What is wrong with the words, the files or the machine is said in one line that says what to do.

Either treefall refuses with its documented status, or it guards all the same: then the daemon that
the command leaves falls, and the status is the command's. Nothing is left behind, and nothing is
lost in silence.
"""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from support import deadline, leavings, needs
from support.account import Account
from support.machine import denied, hiding_proc, limited, mounted, redirected
from support.waiting import wait_until

FAILURE = 125
OWN_STATUS = 3
STREAMS = ("", "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-")


@pytest.fixture
def guarded(call, tree, folder):
    """A run whose command leaves a daemon and ends with OWN_STATUS; no process may be left."""
    daemon = "(cd / && exec setsid sleep 1000 >/dev/null 2>&1) & exit 3"

    def start(*options, script="", **settings):
        cgroups = leavings.all_cgroups()
        answer = call("run", *options, "--", "sh", "-c", f"{script}\n{daemon}", **settings)
        assert not tree.wait_gone()
        made = leavings.all_cgroups() - cgroups
        wait_until(lambda: not any(map(leavings.is_empty, made)), deadline.ANSWER_S, "no cgroup")
        return answer

    return start


def assert_guards(answer):
    assert (answer.status, answer.err) == (OWN_STATUS, "")


def assert_refuses(answer, *said, status=FAILURE):
    assert answer.out == ""
    assert answer.complaint.startswith("treefall")
    for part in said:
        assert part in answer.complaint
    assert answer.status == status


# ---- words -----------------------------------------------------------------------------------

VALUES = [
    ("--grace", "needs a value; a duration is"),
    ("--heartbeat", "needs a value; it takes FILE|auto"),
    ("--signal", "needs a value"),
    ("--report", "needs a value"),
    ("--max-procs", "needs a value"),
    ("--timeout=", "is empty; a duration is"),
    ("--timeout=0", "would kill the tree at once"),
    ("--kill-delay=0", "would kill the tree at once"),
    ("--timeout=-3s", "is negative"),
    ("--timeout=3x", "has an unknown unit"),
    ("--timeout=1e99", "--timeout 1e99"),
    ("--timeout=99999999999999999999999d", "is longer than 10 years"),
    ("--grace=11y", "has an unknown unit"),
    ("--keep=", "is empty"),
    ("--max-procs=0", "give a number from 1"),
    ("--max-procs=-1", "give a number from 1"),
    ("--map-signal=TERM", "write INT=TERM"),
    ("--map-status=300=0", "a status is 0 to 255"),
    ("--without=foo", "the routes are"),
    ("--caller=maybe", "--caller maybe"),
    ("--nope", "unknown option --nope"),
]


@pytest.mark.parametrize(("word", "said"), VALUES, ids=lambda value: value[:30])
def test_a_wrong_option(call, word, said):
    after = [] if "needs" in said else ["--", "true"]
    assert_refuses(call("run", word, *after), said, "See treefall run --help.")


@pytest.mark.parametrize("words", [["watch", "--pid"], ["kill"], ["tree"]], ids=lambda w: w[0])
@pytest.mark.parametrize("pid", ["0", "-5", "abc", "2147483648", "9" * 30, "1x", ""])
def test_what_is_no_pid(call, words, pid):
    assert_refuses(call(*words, pid), "See treefall")


@pytest.mark.parametrize("words", [["watch", "--pid"], ["kill"]], ids=lambda w: w[0])
def test_pids_that_are_refused(call, words, account):
    assert_refuses(call(*words, "1"), "pid 1")
    assert_refuses(call(*words, str(os.getpid())), "own ancestor")


@pytest.mark.parametrize("words", [["watch", "--pid"], ["kill"]], ids=lambda w: w[0])
def test_an_ancestor_however_far_is_refused(call, folder, words):
    """Each shell starts the next; the first one is named."""
    deeper = folder / "deeper"
    deeper.write_text(
        'if [ "$1" -gt 0 ]; then n=$1; shift; sh "$0" $((n - 1)) "$@"; else shift; "$@"; fi; exit $?'
    )
    start = 'depth=$1; shift; sh "$0" $depth "$@" $$; exit $?'
    assert_refuses(call(*words, prefix=["sh", "-c", start, deeper, "100"]), "own ancestor")


@pytest.mark.parametrize("account", ["as_root"], indirect=True)
@pytest.mark.parametrize(
    "words",
    [["kill", "--dry-run"], ["watch", "--heartbeat=missing/beat", "--pid"]],
    ids=lambda w: w[0],
)
def test_a_thread_of_the_kernel_is_refused(call, words):
    """Each is a child of kthreadd; some take SIGKILL, and all that the kernel starts inherit a brand."""
    kernel = "2"
    if not Path("/proc/2/stat").exists() or os.path.exists("/proc/2/exe"):
        pytest.skip("this pid namespace has no threads of the kernel")
    assert_refuses(call(*words, kernel), "a kernel thread")


# Its child leads a session, starts a worker in it and ends. The worker starts a sibling, calls with
# the leader's number and tells the status: 99 if the sibling was killed.
IN_A_SESSION = """
import os, subprocess, sys
go, dead = os.pipe()
told, tell = os.pipe()
leader = os.fork()
if leader == 0:
    os.setsid()
    number = os.getpid()
    if os.fork():
        os._exit(0)
    os.read(go, 1)
    sibling = subprocess.Popen(["sleep", "1000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status = subprocess.call([*sys.argv[1:], str(number)])
    status = status if sibling.poll() is None else 99
    sibling.kill()
    sibling.wait()
    os.write(tell, bytes([status]))
    os._exit(0)
os.waitpid(leader, 0)
os.write(dead, b"1")
os.close(tell)
sys.exit(os.read(told, 1)[0])
"""


@pytest.mark.parametrize("words", [["kill"], ["kill", "--dry-run"]], ids=" ".join)
def test_the_dead_leader_of_ones_own_session_is_refused(call, words):
    """What it left is treefall's own family: the reader of its pipe, say."""
    answer = call(*words, prefix=["/usr/bin/python3", "-ISc", IN_A_SESSION])
    assert_refuses(answer, "own ancestor")


@pytest.mark.parametrize(
    "words", [["watch", "--pid"], ["kill"], ["tree"], ["kill", "--dry-run"]], ids=" ".join
)
def test_a_pid_that_is_dead(call, words):
    child = subprocess.Popen(["true"])
    child.wait()
    assert_refuses(call(*words, str(child.pid)))


@pytest.mark.parametrize("account", ["as_user"], indirect=True)  # all are root's own
@pytest.mark.parametrize("words", [["watch", "--pid"], ["kill"]], ids=lambda w: w[0])
def test_a_pid_of_another_user(call, words, account):
    needs.root()
    stranger = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL)
    try:
        assert_refuses(call(*words, str(stranger.pid)), "another user", "as that user or as root")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


# ---- commands --------------------------------------------------------------------------------


def make(folder, name, text, mode=0o755):
    (folder / name).write_text(text)
    (folder / name).chmod(mode)


def test_commands_that_cannot_be_executed(call, folder, account):
    make(folder, "plain", "exit 4\n", 0o644)
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    for name in ("./plain", "./folder", "./loop", "./plain/below"):
        assert_refuses(call("run", "--", name), f"cannot execute the command {name}", status=126)


def test_commands_that_are_not_there(call, folder, account):
    make(folder, "broken", "#!/nonexistent/interpreter\n")
    path = {"PATH": "/usr/bin:/bin"}
    for name in ("./broken", "./nonexistent", "nonexistent", ""):
        answer = call("run", "--", name, environment=path)
        assert_refuses(answer, f"cannot execute the command {name}: No such file", status=127)


def test_a_script_without_an_interpreter_line_runs(call, folder):
    make(folder, "script", "exit 4\n")
    assert call("run", "--", "./script").status == 4


def test_no_command_at_all(call):
    for words in (["run"], ["run", "--"], ["run", "--grace", "1s", "--"]):
        assert_refuses(call(*words), "no command was given")


def test_a_command_without_dashes_between(guarded, call):
    assert call("run", "sh", "-c", "exit 7").status == 7


def test_a_very_long_command(call, folder):
    """Its report is cut, nothing else is."""
    words = ["x" * 100_000] * 10
    script = '[ $# = 10 ] && [ "${#10}" = 100000 ] && exit 6'
    answer = call("run", "--report", "long.txt", "--", "sh", "-c", script, "sh", *words)
    assert (answer.status, answer.err) == (6, "")
    assert (folder / "long.txt").stat().st_size < 10_000


# ---- heartbeat files -------------------------------------------------------------------------


def test_heartbeat_paths_that_are_no_file(guarded, folder):
    (folder / "beats").mkdir()
    (folder / "link").symlink_to("elsewhere")
    for name, said in (
        ("beats", "give a file in it"),
        ("link", "give the file that it points to"),
        ("missing/beat", "create the folder first"),
        ("/dev/null", "give a regular file"),
        ("x" * 300, "choose a shorter path"),
    ):
        answer = guarded("--heartbeat", name)
        assert_refuses(answer, f"heartbeat file {name}", said)


def test_a_heartbeat_file_of_another_user(guarded, folder, account):
    needs.root()
    needs.becoming(Account("as_owner", 12345, 12345))
    make(folder, "beat", "")
    os.chown(folder / "beat", 12345, 12345)
    if account.uid == 0:
        os.chown(folder / "beat", 0, 0)
        assert_guards(guarded("--heartbeat", "beat"))
        os.chown(folder / "beat", 12345, 12345)
    assert_refuses(guarded("--heartbeat", "beat"), "heartbeat file beat")


def test_a_heartbeat_file_that_can_not_be_made(guarded, folder, account):
    (folder / "beats").mkdir()
    read_only = mounted(account, "mount -t tmpfs -o ro none beats")
    answer = guarded("--heartbeat", "beats/beat", prefix=read_only)
    assert_refuses(answer, "create the heartbeat file beats/beat", "not read-only")


def test_a_heartbeat_on_a_full_disk(guarded, folder, account):
    """Whether there is room shows when the command beats; that it never does is a trigger."""
    (folder / "beats").mkdir()
    full = mounted(account, "mount -t tmpfs -o nr_inodes=1 none beats")
    options = ["--heartbeat", "beats/beat", "--startup-grace", "100ms"]
    script = '! touch "$TREEFALL_HEARTBEAT" 2>/dev/null && sleep 1000'
    answer = guarded(*options, script=script, prefix=full)
    assert (answer.status, answer.out) == (124, "")


@pytest.mark.parametrize("options", [["--heartbeat", "auto"], ["--notify"]], ids=lambda w: w[0])
@pytest.mark.parametrize("mount", ["-o ro", "-o nr_inodes=1,mode=700"])
def test_a_runtime_folder_that_takes_nothing(guarded, folder, account, options, mount):
    """Another place is taken."""
    prefix = mounted(account, f"mount -t tmpfs {mount} none runtime")
    assert_guards(guarded(*options, prefix=prefix))


@pytest.mark.parametrize("path", ["/nonexistent", "relative", "/etc/passwd", ""])
def test_a_runtime_folder_that_is_none(guarded, path):
    assert_guards(guarded("--heartbeat", "auto", environment={"XDG_RUNTIME_DIR": path}))


# ---- reports ---------------------------------------------------------------------------------


def test_report_paths_that_cannot_be_written(guarded, folder):
    (folder / "folder.json").mkdir()
    for name, said in (
        ("folder.json", "give a file, not a folder"),
        ("missing/fall.json", "create the folder first"),
        ("fall.pdf", "file name that ends with .json"),
        ("/proc/fall.json", "/proc/fall.json"),
    ):
        assert_refuses(guarded("--report", name), name, said)


@pytest.mark.parametrize(
    ("mount", "said"), [("-o ro", "not read-only"), ("-o nr_inodes=1", "free space on that disk")]
)
def test_a_report_where_there_is_no_room(guarded, folder, account, mount, said):
    (folder / "reports").mkdir()
    prefix = mounted(account, f"mount -t tmpfs {mount} none reports")
    assert_refuses(guarded("--report", "reports/fall.json", prefix=prefix), said)


def test_a_report_that_fails_at_the_end_is_said(guarded, folder):
    (folder / "full.json").symlink_to("/dev/full")
    answer = guarded("--report", "full.json")
    assert "full.json" in answer.complaint and "No space left on device" in answer.complaint
    assert answer.status == OWN_STATUS


def test_a_report_under_a_limit_of_file_sizes(guarded, account):
    """SIGXFSZ ends nobody unheard."""
    answer = guarded("--report", "fall.json", prefix=limited(fsize=0))
    assert_refuses(answer, "fall.json", "File too large")


# ---- a machine that denies -------------------------------------------------------------------


@pytest.mark.parametrize("error", ["EPERM", "ENOSYS"])
@pytest.mark.parametrize("name", ["pidfd_open", "pidfd_send_signal"])
def test_without_pidfds_it_refuses(guarded, programs, name, error):
    answer = guarded(prefix=denied(programs, f"{name}={error}"))
    assert_refuses(answer, "by pidfd", "allow pidfd_open")


@pytest.mark.parametrize("name", ["pidfd_open", "pidfd_send_signal"])
@pytest.mark.parametrize("words", [["watch", "--pid"], ["kill"]], ids=lambda w: w[0])
def test_without_pidfds_nobody_is_touched(call, programs, account, folder, tree, words, name):
    victim = subprocess.Popen(account.command(["sleep", "1000"]), stdin=subprocess.DEVNULL)
    try:
        answer = call(*words, str(victim.pid), prefix=denied(programs, f"{name}=ENOSYS"))
        assert_refuses(answer, "allow pidfd_open")
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


@pytest.mark.parametrize("error", ["EPERM", "ENOSYS"])
@pytest.mark.parametrize("name", ["clone3", "prlimit64", "inotify_init1", "socket", "prctl"])
def test_what_can_be_done_without(guarded, programs, name, error):
    """clone3 is what Docker denies; the others take a rung away each."""
    assert_guards(guarded(prefix=denied(programs, f"{name}={error}")))


def test_with_all_that_taken_away_at_once(guarded, programs):
    calls = [f"{name}=EPERM" for name in ("clone3", "prlimit64", "inotify_init1", "socket")]
    assert_guards(guarded(prefix=denied(programs, *calls)))


@pytest.mark.parametrize("name", ["signalfd4", "eventfd2", "socketpair"])
def test_what_cannot_be_done_without(guarded, programs, name):
    assert_refuses(guarded(prefix=denied(programs, f"{name}=EPERM")), "allow this system call")


def test_a_lower_limit_of_locks_disarms_the_brand(guarded, folder):
    """ulimit -x 1: the daemon falls by another rung, and the report says why."""
    answer = guarded("--report", "fall.txt", prefix=limited(locks=1))
    assert_guards(answer)
    assert "ulimit -x" in (folder / "fall.txt").read_text()


@pytest.mark.parametrize("count", [4, 5, 6, 7, 8, 12, 16, 20, 21, 22, 23, 24, 32])
def test_few_open_files(guarded, count):
    """It refuses and says which limit, or it guards; never half."""
    answer = guarded(prefix=limited(nofile=count))
    if answer.status == OWN_STATUS:
        assert_guards(answer)
    else:
        assert_refuses(answer, "Too many open files", "ulimit -n")


@pytest.mark.parametrize("count", [1, 2])
def test_few_processes(guarded, account, count):
    answer = guarded(prefix=limited(nproc=count))
    if account.uid == 0 and needs.in_first_user_namespace():
        assert_guards(answer)  # the limit is not for root
    else:
        assert_refuses(answer, "ulimit -u")


@pytest.mark.parametrize(
    "limits", [{"core": 0}, {"as": 9_000_000}, {"stack": 65536}, {"memlock": 0}]
)
def test_small_limits_that_do_not_matter(guarded, limits):
    assert_guards(guarded(prefix=limited(**limits)))


# ---- /proc -----------------------------------------------------------------------------------

NO_PROC = "mount -t tmpfs none /proc"


@pytest.mark.parametrize("options", [[], ["--report", "fall.txt"]], ids=lambda o: o[0] if o else "")
def test_without_procfs_the_brand_guards(guarded, account, options):
    assert_guards(guarded(*options, prefix=mounted(account, NO_PROC)))


def test_without_procfs_and_brand_it_refuses(guarded, account):
    answer = guarded("--without=brand,cgroup", prefix=mounted(account, NO_PROC))
    assert_refuses(answer, "mount procfs on /proc")


@pytest.mark.parametrize("words", [["kill"], ["tree"], ["watch", "--pid"]], ids=lambda w: w[0])
def test_without_procfs_a_living_one_is_not_called_dead(call, account, words):
    child = subprocess.Popen(account.command(["sleep", "1000"]), stdin=subprocess.DEVNULL)
    try:
        answer = call(*words, str(child.pid), prefix=mounted(account, NO_PROC))
        assert_refuses(answer, "mount procfs on /proc")
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


@pytest.fixture
def hidden(account):
    """/proc hides what is not one's own."""
    return hiding_proc(account)


@pytest.fixture
def hidden_call(treefall, account, folder, hidden):
    def start(*words):
        return subprocess.run(
            [*hidden, treefall, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=folder,
            env=account.environment(folder),
            timeout=60,
        )

    return start


@pytest.mark.parametrize("account", ["as_user"], indirect=True)  # it hides nothing from root
def test_with_hidepid_it_guards(hidden_call, tree):
    done = hidden_call("run", "--", "sh", "-c", "(cd /; setsid sleep 1000 >&- 2>&-) & exit 3")
    assert (done.returncode, done.stderr) == (OWN_STATUS, "")
    assert not tree.wait_gone()


@pytest.mark.parametrize("account", ["as_user"], indirect=True)
@pytest.mark.parametrize("words", [["kill"], ["tree"], ["watch", "--pid"]], ids=lambda w: w[0])
def test_with_hidepid_a_hidden_one_is_not_called_dead(hidden_call, words):
    stranger = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL)
    try:
        done = hidden_call(*words, str(stranger.pid))
        assert done.returncode == FAILURE
        assert done.stderr.count("\n") == 1 and "without hidepid" in done.stderr
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


# ---- streams and environment -----------------------------------------------------------------


@pytest.mark.parametrize("redirections", STREAMS)
def test_closed_streams(guarded, folder, redirections):
    """Their numbers go to no file of treefall's that the command could write into."""
    answer = guarded("--report", "fall.txt", "--heartbeat", "auto", prefix=redirected(redirections))
    assert_guards(answer)
    assert "exited with status 3" in (folder / "fall.txt").read_text()


@pytest.mark.parametrize("redirections", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["doctor"], ["tree"]], ids=" ".join
)
def test_output_that_cannot_be_written(call, tree, folder, words, redirections):
    pid = [str(os.getpid())] if words == ["tree"] else []
    answer = call(*words, *pid, prefix=redirected(redirections))
    assert_refuses(answer, "cannot write to standard output")


def test_an_empty_environment(guarded):
    """PATH, HOME and XDG_RUNTIME_DIR are all unset; the C library has a path of its own."""
    assert_guards(guarded("--heartbeat", "auto", prefix=["env", "-i"]))


@pytest.mark.parametrize("name", ["PATH", "HOME", "XDG_RUNTIME_DIR"])
def test_a_variable_that_is_unset(guarded, name):
    assert_guards(guarded("--heartbeat", "auto", prefix=["env", "-u", name]))


def test_a_wrapper_that_a_fault_ends(guarded):
    """The sentinel fells."""
    answer = guarded(script="ulimit -c 0; kill -SEGV $PPID; sleep 1000")
    assert answer.status == 128 + signal.SIGSEGV
