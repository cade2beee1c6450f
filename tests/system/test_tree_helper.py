"""The tests' own eye: it must find what hides, and must not take a neighbour for kin."""

import shutil
import subprocess

from support import deadline, kin
from support.waiting import wait_until

HIDDEN = "cd / && (exec env -i setsid {program} 1000 </dev/null >/dev/null 2>&1 &)"


def hide(account, folder):
    """Start an orphan that only its executable ties to the folder; return the executable."""
    program = folder / "hidden"
    shutil.copy("/bin/sleep", program)
    program.chmod(0o755)
    argv = account.command(["sh", "-c", HIDDEN.format(program=program)])
    subprocess.run(argv, check=True, timeout=deadline.START_S)
    return program


def test_an_orphan_that_hides_is_found_and_ended(account, folder, tree):
    hide(account, folder)
    (hidden,) = wait_until(lambda: tree.record().living(), deadline.START_S, "the orphan shows")
    assert tree.wait_gone(deadline_s=0) == [hidden]
    assert tree.end() == [hidden]
    assert not kin.of_folder(folder)


def test_a_folder_with_a_longer_name_marks_nobody(account, folder, tree):
    hide(account, folder)
    wait_until(lambda: tree.record().living(), deadline.START_S, "the orphan shows")
    assert not kin.of_folder(str(folder)[:-1])
    tree.end()
