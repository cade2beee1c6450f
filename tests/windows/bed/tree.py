"""The processes of one test under Wine, as Linux sees them."""

import re

from support import proc
from support.process import Gone, Process
from support.tree import Tree

from bed import place

# Windows' own: whoever needs them first starts them, for all.
SERVICES = re.compile(
    r"C:\\windows\\system32\\(services|winedevice|plugplay|svchost|rpcss|explorer|"
    r"wineboot|winemenubuilder)\.exe",
    re.I,
)


class WineTree(Tree):
    """Who has this word in its environment, which under Wine is handed on from process to process
    and cannot be lost. An open file marks nobody: the wineserver holds those of all."""

    # conhost.exe ends with the last program on its console; Windows' end of a program comes before
    # that of its process.
    latecomers = (*Tree.latecomers, "treefall.exe", "conhost.exe")

    def __init__(self, word, with_services=False):
        super().__init__(word)
        self.with_services = with_services

    @classmethod
    def of_folder(cls, folder):
        return cls(f"{place.MARK}={folder}")

    def _record_once(self):
        before = len(self.members)
        for pid in proc.rows():
            if self._has_word(pid):
                self._take(pid)
        return len(self.members) > before

    def _take(self, pid):
        try:
            process = Process.open(pid)
        except Gone:
            return
        if self.with_services or not SERVICES.match(process.command_line):
            self.add(process)
        else:
            process.close()

    def _has_word(self, pid):
        return self.folder in proc.environment(pid).split("\0")
