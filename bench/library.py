"""What guarding oneself costs: a beat from C and from Python, a start, an import; os.utime beside.

    .venv/bin/python bench/library.py [--runs N]

It builds what it measures: libtreefall and the Python package of this tree. Each figure is the
median of its runs, and their minimum; a run of beats is a million of them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

C_PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <time.h>
#include <treefall.h>

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    struct treefall *guard = NULL;
    double before = now_ns();
    if (argc != 2 || treefall_start(NULL, &guard) != TREEFALL_OK)
        return 1;
    double started = now_ns();
    for (int i = 0; i < 1000000; i++)
        treefall_beat(guard);
    double beaten = now_ns();
    for (int i = 0; i < 100000; i++)
        utimensat(AT_FDCWD, argv[1], NULL, 0);
    double touched = now_ns();
    treefall_stop(guard);
    printf("%f %f %f\n", (started - before) / 1e6, (beaten - started) / 1e6,
           (touched - beaten) / 1e5);
    return 0;
}
"""

PYTHON_PROGRAM = """
import os, sys
from time import perf_counter_ns as now
before = now()
import treefall
imported = now()
guard = treefall.guard()
started = now()
for _ in range(1000000):
    guard.beat()
beaten = now()
for _ in range(1000000):
    pass
empty = now()
for _ in range(100000):
    os.utime(sys.argv[1])
touched = now()
guard.stop()
print((imported - before) / 1e6, (started - imported) / 1e6,
      ((beaten - started) - (empty - beaten)) / 1e6, (touched - empty) / 1e5)
"""


def build(folder):
    """The C program and the folder that the package is installed into."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    site = folder / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
            "--no-build-isolation",
            "--target",
            site,
            ROOT,
        ],
        env=environment,
        check=True,
    )
    (folder / "beats.c").write_text(C_PROGRAM)
    program = folder / "beats"
    subprocess.run(
        [
            "cc",
            "-O2",
            "-D_GNU_SOURCE",
            "-o",
            program,
            folder / "beats.c",
            f"-I{ROOT}/include",
            ROOT / "build/libtreefall.a",
            "-pthread",
        ],
        check=True,
    )
    return program, site


def measure(command, environment, runs):
    """One list of figures for each number that the command prints."""
    rows = []
    for _ in range(runs):
        done = subprocess.run(
            command, env={**os.environ, **environment}, check=True, capture_output=True, text=True
        )
        rows.append([float(word) for word in done.stdout.split()])
    return list(zip(*rows))


def show(name, unit, figures, goal=""):
    print(f"{name:34} {statistics.median(figures):10.2f} {min(figures):10.2f} {unit:3} {goal}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="treefall-bench-") as name:
        folder = Path(name)
        program, site = build(folder)
        touched = folder / "touched"
        touched.touch()
        sentinel = {"TREEFALL_SENTINEL": str(ROOT / "build/treefall-sentinel")}
        start, beat, utime = measure([program, touched], sentinel, runs)
        python = [sys.executable, "-c", PYTHON_PROGRAM, touched]
        measure(python, {"PYTHONPATH": str(site)}, 1)  # writes the compiled modules
        imported, guarded, beaten, utimed = measure(python, {"PYTHONPATH": str(site)}, runs)
    print(f"{'':34} {'median':>10} {'min':>10}")
    show("C: treefall_start", "ms", start, "aim 3")
    show("C: treefall_beat", "ns", beat, "aim 10")
    show("C: utimensat", "ns", utime)
    show("Python: import treefall", "ms", imported)
    show("Python: treefall.guard()", "ms", guarded, "aim 3")
    show("Python: guard.beat()", "ns", beaten, "aim 80")
    show("Python: os.utime", "ns", utimed)
    ratio = statistics.median(utimed) / statistics.median(beaten)
    print(
        f"os.utime costs {ratio:.0f} beats in Python, "
        f"{statistics.median(utimed) / statistics.median(beat):.0f} in C"
    )


if __name__ == "__main__":
    main()
