"""The sentinel that treefall began as, written anew from its description: it polls a heartbeat file's
age, and kills what a snapshot shows below its ward. A baseline for bench/windows/figures.py, no part
of treefall.

    python seed_sentinel.py PID HEARTBEAT KILL_DELAY_S
"""

import ctypes
import os
import sys
import time
from ctypes import wintypes

STARTUP_GRACE_S, POLL_S = 2.0, 0.5
TERMINATE, QUERY_LIMITED, SNAPSHOT_PROCESSES = 1, 0x1000, 2

kernel32 = ctypes.WinDLL("kernel32")
kernel32.OpenProcess.restype = kernel32.CreateToolhelp32Snapshot.restype = wintypes.HANDLE


class Entry(ctypes.Structure):
    _fields_ = [
        ("size", wintypes.DWORD),
        ("usage", wintypes.DWORD),
        ("pid", wintypes.DWORD),
        ("heap", ctypes.c_size_t),
        ("module", wintypes.DWORD),
        ("threads", wintypes.DWORD),
        ("parent", wintypes.DWORD),
        ("priority", wintypes.LONG),
        ("flags", wintypes.DWORD),
        ("file", wintypes.CHAR * 260),
    ]


def is_alive(pid):
    handle = kernel32.OpenProcess(QUERY_LIMITED, False, pid)
    if handle:
        kernel32.CloseHandle(wintypes.HANDLE(handle))
    return bool(handle)


def children_by_parent():
    entry, children = Entry(size=ctypes.sizeof(Entry)), {}
    snapshot = wintypes.HANDLE(kernel32.CreateToolhelp32Snapshot(SNAPSHOT_PROCESSES, 0))
    more = kernel32.Process32First(snapshot, ctypes.byref(entry))
    while more:
        children.setdefault(entry.parent, []).append(entry.pid)
        more = kernel32.Process32Next(snapshot, ctypes.byref(entry))
    kernel32.CloseHandle(snapshot)
    return children


def kill_subtree(root):
    children, found = children_by_parent(), [root]
    for pid in found:
        found += [child for child in children.get(pid, ()) if child not in found]
    # The original was a child of the management service; here it is the ward's, and spares itself.
    for pid in [*(pid for pid in found[1:] if pid != os.getpid()), root]:
        handle = kernel32.OpenProcess(TERMINATE, False, pid)
        if handle:
            kernel32.TerminateProcess(wintypes.HANDLE(handle), 1)
            kernel32.CloseHandle(wintypes.HANDLE(handle))


def main(pid, heartbeat, kill_delay_s):
    print("armed", flush=True)
    time.sleep(STARTUP_GRACE_S)
    while True:
        try:
            stale = time.time() - os.path.getmtime(heartbeat) > kill_delay_s
        except OSError:
            stale = True
        if stale or not is_alive(pid):
            kill_subtree(pid)
            return
        time.sleep(POLL_S)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
