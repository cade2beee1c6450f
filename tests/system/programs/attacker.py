"""An unprivileged user's attempts on another user's guard: `attacker.py ATTEMPT`, facts as JSON on stdin.

Prints one line: `refused WORD` with the errno that the kernel gave, or `done WHAT` if it got through.
"""

import ctypes
import errno
import fcntl
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path

PTRACE_SEIZE = 0x4206
SYS_PIDFD_GETFD = 438
RLIMIT_LOCKS = 10
libc = ctypes.CDLL(None, use_errno=True)


def call(result):
    """Raise the errno of a libc call that failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), "libc")
    return result


# ---- disarm --------------------------------------------------------------------------------


def signal_guards(facts, number):
    for pid in facts["guards"]:
        os.kill(pid, number)


def stop_guards(facts):
    signal_guards(facts, signal.SIGSTOP)


def kill_guards(facts):
    signal_guards(facts, signal.SIGKILL)


def ask_guards_to_end(facts):
    signal_guards(facts, signal.SIGTERM)


def trace_a_guard(facts):
    call(libc.ptrace(PTRACE_SEIZE, facts["guards"][1], None, None))


def trace_the_ward(facts):
    call(libc.ptrace(PTRACE_SEIZE, facts["ward"], None, None))


def take_a_descriptor_of_a_guard(facts):
    pidfd = os.pidfd_open(facts["guards"][1])
    for number in range(3, 64):
        call(libc.syscall(SYS_PIDFD_GETFD, pidfd, number, 0))


def open_the_wire(facts):
    os.listdir(f"/proc/{facts['guards'][1]}/fd")


def rebrand_a_member(facts):
    for member in facts["members"]:
        resource.prlimit(member, RLIMIT_LOCKS, (1, 1))


def move_a_member_out_of_its_cgroup(facts):
    Path(facts["cgroup"], "cgroup.procs").write_text(str(os.getpid()))


def freeze_the_tree(facts):
    Path(facts["cgroup"], "cgroup.freeze").write_text("1")


def lock_the_cgroup(facts):
    folder = os.open(facts["cgroup"], os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_SH | fcntl.LOCK_NB)


def remove_the_cgroup(facts):
    os.rmdir(facts["cgroup"])


def touch_the_heartbeat(facts):
    os.utime(facts["heartbeat"])


# ---- trigger -------------------------------------------------------------------------------


def delete_the_heartbeat(facts):
    os.unlink(facts["heartbeat"])


def kill_the_cgroup(facts):
    Path(facts["cgroup"], "cgroup.kill").write_text("1")


def kill_members(facts):
    for member in reversed(facts["members"]):  # the ward last: its end is the end of all
        os.kill(member, signal.SIGKILL)


def send_a_trigger(facts):
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.sendto(b"WATCHDOG=trigger", facts["notify"])


def send_a_beat(facts):
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.sendto(b"WATCHDOG=1", facts["notify"])


# ---- redirect ------------------------------------------------------------------------------


def replace_the_heartbeat(facts):
    os.symlink("/etc/passwd", facts["heartbeat"] + ".new")


def replace_the_runtime_folder(facts):
    folder = os.path.dirname(facts["heartbeat"])
    os.rename(folder, folder + ".old")


def replace_the_report(facts):
    os.symlink("/etc/passwd", facts["report"])


# ---- read ----------------------------------------------------------------------------------


def list_the_runtime_folder(facts):
    os.listdir(os.path.dirname(facts["heartbeat"]))


def read_the_environment(facts):
    Path(f"/proc/{facts['ward']}/environ").read_bytes()


def read_the_memory_of_a_guard(facts):
    Path(f"/proc/{facts['guards'][1]}/mem").open("rb").read(1)


def main():
    facts = json.load(sys.stdin)
    try:
        globals()[sys.argv[1]](facts)
    except OSError as error:
        print("refused", errno.errorcode.get(error.errno, error.errno))
    else:
        print("done", sys.argv[1])


main()
