"""Who belongs to a test's folder, told without treefall.

A program may scrub its environment, close its descriptors and lose its parents, but hardly all
that and its command line, executable and working folder too. A folder of random name that shows
in any of them marks a process; the descendants of a marked one belong as well.
"""

import os
import re

from support import proc


def of_folder(folder):
    """The pids of all processes that the folder marks, and of their descendants."""
    table = proc.rows()
    strangers = _ourselves(table)
    marked = {pid for pid in table if pid not in strangers and _shows(pid, folder)}
    return with_descendants(marked, table)


def with_descendants(pids, table):
    """`pids`, and every process in the table with one of them among its ancestors."""
    children = {}
    for row in table.values():
        children.setdefault(row.parent_pid, []).append(row.pid)
    found, pending = set(), list(pids)
    while pending:
        pid = pending.pop()
        if pid not in found:
            found.add(pid)
            pending.extend(children.get(pid, []))
    return found


def _shows(pid, folder):
    mark = re.compile(re.escape(os.fspath(folder)) + r"(?![\w.-])")
    places = [proc.command_line(pid), proc.environment(pid), *proc.links(pid)]
    return any(mark.search(place) for place in places)


def _ourselves(table):
    """This process and its ancestors, which may show the folder too."""
    pids, pid = set(), os.getpid()
    while pid in table and pid not in pids:
        pids.add(pid)
        pid = table[pid].parent_pid
    return pids
