"""The processes of one test folder: recorded while they live, awaited by pidfd when they fall."""

import signal

from support import deadline, kin
from support.process import Gone, Process, wait_all_gone


class Tree:
    """All that a folder marks. A process, once recorded, is never mistaken for a later one."""

    latecomers = ("treefall-",)  # what sentinel and reserve go by

    def __init__(self, folder):
        self.folder = folder
        self.members = {}

    def add(self, process):
        """Record a process, and close it in the end."""
        known = self.members.setdefault(process.identity, process)
        if known is not process:
            process.close()
        return known

    def member(self, pid):
        """The recorded process of that pid. A pid that a ward prints may be another namespace's."""
        found = [process for process in self.members.values() if process.pid == pid]
        assert found, f"pid {pid} is not one of this tree's"
        return found[-1]

    def record(self):
        """Record all that the folder marks now, until a pass finds nobody new."""
        while self._record_once():
            pass
        return self

    def living(self):
        return [process for process in self.members.values() if process.is_alive()]

    def wait_gone(self, deadline_s=deadline.FALL_S):
        """Who is left of the recorded when the deadline has passed, and who is marked all the same."""
        self.record()  # a guard may still be ending
        wait_all_gone(self.members.values(), deadline_s)
        self.record()
        return self.living()

    def end(self):
        """End what is left, and say what that was. Only what the folder marks is ever signalled.

        A guard may have felled its tree this very moment: it has its time to end.
        """
        guards = [
            process
            for process in self.record().living()
            if process.name.startswith(self.latecomers)
        ]
        wait_all_gone(guards, deadline.ANSWER_S)
        left = self.record().living()
        while self.record().living():
            for process in self.living():
                process.send(signal.SIGKILL)
            wait_all_gone(self.living(), deadline.ANSWER_S)
        for process in self.members.values():
            process.close()
        self.members.clear()
        return left

    def _record_once(self):
        before = len(self.members)
        for pid in kin.of_folder(self.folder):
            try:
                self.add(Process.open(pid))
            except Gone:
                pass
        return len(self.members) > before
