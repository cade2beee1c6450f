"""What treefall makes beside processes, and must take away again: cgroups and runtime files."""

import os
from pathlib import Path

NAME = "treefall-"


def cgroup_of(pid):
    """The folder of the cgroup that treefall made for this process; None if it is in no such one."""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, _, path = line.partition("0::")
        if line.startswith("0::") and NAME in path:
            return cgroup_mount() / path.lstrip("/")
    return None


def runtime_files(folder):
    """All below the runtime folder of a test's environment."""
    return sorted(str(path) for path in (folder / "runtime").glob("**/*"))


def has_cgroups():
    """Whether the suite is in a cgroup v2 in which it can make another: root of a user namespace may
    not, where that is another user's."""
    return cgroup_mount() is not None and os.access(own_cgroup(), os.W_OK)


def own_cgroup():
    """The folder of the cgroup that we are in."""
    own = Path("/proc/self/cgroup").read_text().rpartition("0::")[2].strip()
    return cgroup_mount() / own.lstrip("/")


def cgroup_mount():
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, mounted_at, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(mounted_at)
    return None


def all_cgroups():
    """Every cgroup that some treefall made and that is still there."""
    walk = os.walk(cgroup_mount()) if has_cgroups() else ()
    return {Path(folder) for folder, *_ in walk if Path(folder).name.startswith(NAME)}


def own_cgroups(account):
    """Those that this account's treefalls made that were started in the cgroup that we are in."""
    return {
        path
        for path in all_cgroups()
        if path.parent == own_cgroup() and _owner_of(path) == account.uid
    }


def _owner_of(path):
    """None if it has gone meanwhile."""
    try:
        return path.stat().st_uid
    except OSError:
        return None


def is_empty(cgroup):
    """A folder that is left over; False if it is gone, or in use."""
    try:
        return "populated 0" in (cgroup / "cgroup.events").read_text()
    except OSError:
        return False
