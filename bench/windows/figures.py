"""treefall's sentinel for Windows beside the polling one that it began as, both under Wine.

    make build-windows && .venv/bin/python bench/windows/figures.py [--runs N]

Each run starts a Windows Python with five members under one guard, takes turns with the other, and
ends it in one of two ways: its death, or its silence. Medians, and the least; ratios are of medians.
Wine's times are none of Windows': only what is beside one another here can be compared.
"""

import argparse
import itertools
import re
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/windows"), str(ROOT / "tests/system")]

from bed import place  # noqa: E402
from bed.program import Program  # noqa: E402
from bed.server import Wineserver  # noqa: E402
from bed.tree import WineTree  # noqa: E402
from support.process import wait_all_gone  # noqa: E402

KILL_DELAY_S = 3.0
WARD = Path(__file__).with_name("ward.py")
SENTINEL = {"treefall": "treefall-sentinel", "seed": "seed_sentinel.py"}
numbers = itertools.count(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    server = Wineserver()
    figures = {kind: {} for kind in SENTINEL}
    try:
        with tempfile.TemporaryDirectory(prefix="tfb-") as folder:
            for _ in range(runs):
                for kind, end in itertools.product(SENTINEL, (die, fall_silent)):
                    measure(kind, end, Path(folder) / str(next(numbers)), figures[kind])
    finally:
        server.end()
    show(figures)


def measure(kind, end, folder, figures):
    folder.mkdir()
    words = [
        place.windows_path(place.PYTHON),
        place.windows_path(WARD),
        kind,
        place.windows_path(folder / "beat"),
        KILL_DELAY_S,
    ]
    site = place.windows_path(ROOT / "build-windows/site")
    ward = Program(folder, words, environment={"PYTHONPATH": site})
    armed_ms = float(ward.hear_of("armed"))
    ward.hear_of("ready")
    time.sleep(2.5)  # past the blind grace of the seed's
    tree = WineTree.of_folder(folder).record()
    sentinel = next(each for each in tree.living() if SENTINEL[kind] in each.command_line)
    members = [each for each in tree.living() if each is not sentinel]
    take(figures, "start until armed, ms", armed_ms)
    take(figures, "private memory, kB", private_kb(sentinel.pid))
    end(ward, members, figures)
    tree.end()
    ward.end()


def die(ward, members, figures):
    ward.process.send(signal.SIGKILL)
    take(figures, "its death until five members are gone, ms", 1000 * seconds_until_gone(members))


def fall_silent(ward, members, figures):
    ward.tell("quiet")
    late_s = seconds_until_gone(members) - KILL_DELAY_S
    take(figures, "its silence until all are gone, beyond kill_delay, ms", 1000 * late_s)


def seconds_until_gone(members):
    began = time.monotonic()
    left = wait_all_gone(members, 30)
    assert not left, f"left: {left}"
    return time.monotonic() - began


def private_kb(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kb) for kb in re.findall(r"Private_\w+:\s+(\d+) kB", text))


def take(figures, name, value):
    figures.setdefault(name, []).append(value)


def show(figures):
    print(f"{'median (least)':53}{'treefall':>20}{'seed, rewritten':>20}{'ratio':>8}")
    for name, ours in figures["treefall"].items():
        theirs = figures["seed"][name]
        cells = [f"{statistics.median(each):.1f} ({min(each):.1f})" for each in (ours, theirs)]
        ratio = statistics.median(theirs) / max(statistics.median(ours), 1e-9)
        print(f"{name:53}{cells[0]:>20}{cells[1]:>20}{ratio:8.1f}")


if __name__ == "__main__":
    main()
