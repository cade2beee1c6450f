"""Root starts the tree, and its worker becomes another user: its beats count, and only its."""

import json
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from support import account as accounts
from support import deadline, leavings, needs
from support.account import Account
from support.waiting import wait_until

DELAY = "--kill-delay=600ms", "--startup-grace=600ms"
WORKER = Account("worker", 1000, 1000)
OTHER = Account("as_other", 1001, 1001)
DROP = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "--"]
LIVES_S = 1.5  # two and a half times the delay
PROOFS = [
    (),
    ("--without=events",),
    ("--without=cgroup",),
    ("--without=brand",),
    ("--without=brand,cgroup",),
]
TOUCHES = 'while touch "$TREEFALL_HEARTBEAT" || [ $((failed += 1)) -lt 3 ]; do sleep 0.1; done'
PINGS = "while systemd-notify WATCHDOG=1; do sleep 0.1; done"
BEATS = {"heartbeat": ("--heartbeat=auto", TOUCHES), "notify": ("--notify", PINGS)}

# Root makes the connection, and the worker uses it. It drops when it is told to.
CONNECTS = """
import os, socket, sys, time
out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
out.connect(os.environ["NOTIFY_SOCKET"])
out.send(b"READY=1")
os.setgroups([]), os.setgid(1000), os.setuid(1000)
while True:
    out.send(b"WATCHDOG=1")
    time.sleep(0.1)
"""

# Beats as root at first, and as a user once a line comes.
DROPS_LATE = """
import os, select, sys, time
path = os.environ["TREEFALL_HEARTBEAT"]
print("ready", flush=True)
while True:
    try:
        os.utime(path)
    except PermissionError:
        pass
    if select.select([0], [], [], 0.1)[0] and os.getuid() == 0:
        os.setgroups([]), os.setgid(1000), os.setuid(1000)
        print("dropped", flush=True)
"""

GUNICORN = """
import os, threading, time

def application(environ, start_response):
    start_response("200 OK", [])
    return [str(os.getuid()).encode()]

def beat():
    while True:
        try:
            os.utime(os.environ["TREEFALL_HEARTBEAT"])
        except PermissionError:
            pass  # no guard has seen yet that the worker is another user's
        time.sleep(0.1)

threading.Thread(target=beat, daemon=True).start()
"""


@pytest.fixture(params=["as_root"])
def account(request):
    """Root, which can become each of the others: not in every user namespace."""
    root = needs.account(request.param)
    needs.becoming(WORKER), needs.becoming(OTHER)
    return root


@pytest.fixture
def report(folder):
    return folder / "report.json"


@pytest.fixture
def start(launch):
    """As `launch`; what still runs at the end is asked to stop."""
    runs = []

    def begin(*words, **settings):
        runs.append(launch(*words, **settings))
        return runs[-1]

    yield begin
    for run in runs:
        if not run.wrapper.wait_gone(0):
            run.wrapper.send(signal.SIGTERM)
            assert run.status() in (0, 128 + signal.SIGTERM)


def need_client(kind):
    lack = accounts.lacks_program("systemd-notify") if kind == "notify" else None
    if lack:
        pytest.skip(lack)


def made(folder, name):
    """What the guards of this test made, as soon as it is there."""

    def find():
        return next(
            (path for path in leavings.runtime_files(folder) if Path(path).name == name), None
        )

    return wait_until(find, deadline.ANSWER_S, f"a {name} in the runtime folder")


@pytest.mark.parametrize("proofs", PROOFS, ids=lambda words: " ".join(words) or "all")
@pytest.mark.parametrize("kind", BEATS)
def test_worker_that_drops_privileges_beats(start, kind, proofs):
    need_client(kind)
    option, script = BEATS[kind]
    run = start([*DROP, "sh", "-c", script], [option, *DELAY, *proofs])
    assert not run.wrapper.wait_gone(LIVES_S), run.stderr()


def test_worker_beats_over_a_socket_that_root_connected(start):
    run = start(["/usr/bin/python3", "-c", CONNECTS], ["--notify", *DELAY])
    assert not run.wrapper.wait_gone(LIVES_S), run.stderr()


@pytest.mark.parametrize("proofs", PROOFS[:2], ids=lambda words: " ".join(words) or "all")
def test_worker_that_drops_late_is_given_its_time(start, proofs):
    run = start(["/usr/bin/python3", "-c", DROPS_LATE], ["--heartbeat=auto", *DELAY, *proofs])
    assert run.hear() == "ready"
    assert not run.wrapper.wait_gone(LIVES_S), run.stderr()
    run.tell("drop")
    assert run.hear() == "dropped"
    assert not run.wrapper.wait_gone(LIVES_S), run.stderr()


def test_worker_may_make_the_named_file_itself(start, folder):
    own = WORKER.make_folder(folder / "own")
    script = f"while touch {own}/beat; do sleep 0.1; done"
    run = start([*DROP, "sh", "-c", script], ["--heartbeat", own / "beat", *DELAY])
    assert not run.wrapper.wait_gone(LIVES_S), run.stderr()


def test_worker_beats_where_files_have_no_access_lists(start, account):
    prefix = needs.words(account, ["unshare", "--mount"])
    mount = [*prefix, "sh", "-c", 'mount -t ramfs -o mode=711 none runtime && exec "$@"', "sh"]
    option, script = BEATS["heartbeat"]
    run = start([*DROP, "sh", "-c", script], [option, *DELAY], prefix=mount)
    assert not run.wrapper.wait_gone(LIVES_S), run.stderr()


def test_gunicorn_s_workers_of_another_user_beat(start, folder):
    lack = accounts.lacks_program("gunicorn")
    if lack:
        pytest.skip(lack)
    (folder / "beating.py").write_text(GUNICORN)
    command = [
        "gunicorn",
        "--user",
        "1000",
        "--group",
        "1000",
        "--workers",
        "2",
        "--bind",
        f"unix:{folder}/gunicorn",
        "--chdir",
        folder,
        "beating:application",
    ]
    run = start(
        command, ["--heartbeat=auto", "--kill-delay=1s", "--startup-grace", f"{deadline.START_S}s"]
    )
    assert b"1000" in wait_until(
        lambda: asked(folder / "gunicorn"), deadline.START_S, "an answer of gunicorn"
    )
    wait_until(
        lambda: Path(made(folder, "beat")).stat().st_mtime > 0,
        deadline.ANSWER_S,
        "a beat of gunicorn",
    )
    assert not run.wrapper.wait_gone(2), run.stderr()


def asked(path):
    with socket.socket(socket.AF_UNIX) as link:
        try:
            link.connect(str(path))
        except OSError:
            return None
        link.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return b"".join(iter(lambda: link.recv(4096), b"")).rpartition(b"\r\n")[2] or None


# ---- and nobody else -------------------------------------------------------------------------


TRIES = """
import os, socket, sys
path = sys.argv[1]
try:
    {}
except OSError as error:
    print(type(error).__name__)
"""


def tries(user, code, path):
    """What Python says when this user tries it: the name of an error, or nothing."""
    command = user.command(["/usr/bin/python3", "-ISc", TRIES.format(code), path])
    return subprocess.run(
        command, capture_output=True, text=True, check=True, cwd="/"
    ).stdout.strip()


TOUCH, DELETE = "os.utime(path)", "os.unlink(path)"
LIST = "os.listdir(os.path.dirname(path))"


def test_only_the_tree_s_users_reach_the_file(start, folder):
    option, script = BEATS["heartbeat"]
    run = start([*DROP, "sh", "-c", f"echo ready; {script}"], [option, *DELAY])
    assert run.hear() == "ready"
    path = made(folder, "beat")
    wait_until(lambda: tries(WORKER, TOUCH, path) == "", deadline.ANSWER_S, "the worker's access")
    for attempt in (TOUCH, DELETE, LIST):
        assert tries(OTHER, attempt, path) == "PermissionError"
    for attempt in (DELETE, LIST):
        assert tries(WORKER, attempt, path) == "PermissionError"
    assert tries(OTHER, "open(path)", path) == "PermissionError"
    assert not run.wrapper.wait_gone(0)


SENDS = "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto({!r}, path); {}"
STAYS = "import time; time.sleep(0.3)"


@pytest.mark.parametrize("then", ["pass", STAYS], ids=["ends", "stays"])
def test_beats_and_triggers_of_a_third_user_do_not_count(start, folder, report, then):
    options = ["--notify", "--kill-delay=1h", "--startup-grace=2s", "--report", report]
    run = start([*DROP, "sh", "-c", "echo ready; exec sleep 1000"], options)
    assert run.hear() == "ready"
    path = made(folder, "notify")
    for text in (b"WATCHDOG=1", b"READY=1", b"WATCHDOG=trigger", b"STOPPING=1"):
        assert tries(OTHER, SENDS.format(text, then), path) == ""
    assert run.status() == 124
    assert json.loads(report.read_text())["trigger"] == "heartbeat-missing"


def test_a_third_user_does_not_learn_the_socket_s_name(start, folder):
    run = start(
        [*DROP, "sh", "-c", "echo ready; exec sleep 1000"], ["--notify", "--startup-grace=1h"]
    )
    assert run.hear() == "ready"
    path = made(folder, "notify")
    assert Path(path).parent.name not in Path("/proc/net/unix").read_text()
    assert tries(OTHER, LIST, path) == "PermissionError"
    assert run.wrapper.wait_gone(0) is False
