"""Who is compared: treefall and its peers, each with the options that contain best.

A peer that cannot be had on this machine is left out, and the reason is printed."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import kit

GRACE_S = 0.5
RUST_NEEDED = (1, 88)
BUN_VERSION = "1.4.5"
PROCESSKIT = kit.BUILT / "cargo/release/contain"

# Debian packages: the words before the command, and how to ask for the version.
PACKAGED = {
    "tini": (["tini", "-s", "-g", "--"], ["tini", "--version"]),
    "dumb-init": (["dumb-init", "--"], ["dumb-init", "--version"]),
    "catatonit": (["catatonit", "-g", "--"], ["catatonit", "-V"]),
    "timeout": (["timeout", "-k", str(GRACE_S), "120"], ["timeout", "--version"]),
    "bubblewrap": (
        ["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--die-with-parent", "--"],
        ["bwrap", "--version"],
    ),
}

FETCHED = {"bun run", "Bun.spawn", "processkit"}  # by npm and cargo


@dataclass(frozen=True)
class Contender:
    name: str
    words: tuple  # what stands before the command
    version: str = ""
    has_sentinel: bool = False

    @property
    def title(self):
        return f"{self.name} {self.version}".strip()


def peers(workshop, build=True):
    """Without `build`, only what is there already: neither npm nor cargo is asked."""
    found = [packaged(name) for name in PACKAGED]
    if build or bun_binary():
        found += bun(workshop)
    if build or PROCESSKIT.is_file():
        found.append(processkit(workshop))
    return [peer for peer in found if peer]


def treefall(workshop, *options, build="bin", name="treefall"):
    path = workshop.treefall(build)
    if not path:
        kit.explain(f"{name} is left out: it is not built")
        return None
    words = (path, "run", "--grace", f"{round(GRACE_S * 1000)}ms", *options, "--")
    return Contender(name, words, version_of([path, "--version"]), has_sentinel=True)


def packaged(name):
    words, ask = PACKAGED[name]
    if not shutil.which(words[0]):
        return left_out(name, f"there is no {words[0]} (scripts/packages-bench.txt)")
    return Contender(name, tuple(words), version_of(ask))


def bun(workshop):
    """From the npm registry. `bun run` is the lighter way; Bun.spawn is the one a program uses."""
    if not bun_binary() and (trouble := install_bun()):
        return [left_out("bun", trouble)]
    workshop.add(bun_binary(), "bun")
    workshop.add(kit.BENCH / "peers/bun/wrap.js")
    version = version_of([str(workshop.bin / "bun"), "--version"])
    script = str(workshop.bin / "wrap.js")
    return [
        Contender("bun run", ("bun", "run", "--no-orphans", "--silent"), version),
        Contender("Bun.spawn", ("bun", "--no-orphans", script), version),
    ]


def bun_binary():
    """The package of this machine's kind holds it; bun's own install script need not run."""
    return next((kit.BUILT / "npm").glob("node_modules/@oven/bun-linux-*/bin/bun"), None)


def install_bun():
    if not shutil.which("npm"):
        return "there is no npm on this machine"
    folder = kit.BUILT / "npm"
    folder.mkdir(exist_ok=True)
    return trouble_of(
        [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--no-save",
            "--ignore-scripts",
            "--prefix",
            str(folder),
            f"bun@{BUN_VERSION}",
        ]
    )


def processkit(workshop):
    cargo = shutil.which("cargo") or shutil.which("cargo", path=str(Path.home() / ".cargo/bin"))
    if not cargo:
        return left_out("processkit", "there is no cargo on this machine")
    if (version := numbers(version_of([cargo, "--version"]))) < RUST_NEEDED:
        return left_out("processkit", f"it needs Rust 1.88, cargo here is {dotted(version)}")
    manifest = kit.BUILT / "processkit/Cargo.toml"
    shutil.copytree(
        kit.BENCH / "peers/processkit", manifest.parent, dirs_exist_ok=True
    )  # cargo writes there
    target = PROCESSKIT.parent.parent
    trouble = trouble_of(
        [
            cargo,
            "build",
            "--quiet",
            "--release",
            "--manifest-path",
            str(manifest),
            "--target-dir",
            str(target),
        ]
    )
    if trouble:
        return left_out("processkit", trouble)
    workshop.add(PROCESSKIT)
    pinned = re.search(r'processkit = "=(.*)"', manifest.read_text())[1]
    return Contender("processkit", ("contain",), pinned)


def left_out(name, reason):
    kit.explain(f"{name} is left out: {reason}")


def trouble_of(command):
    """Runs it; the last line of what it complained about, or None."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]


def version_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError:
        return ""
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else ""


def numbers(version):
    return tuple(int(part) for part in version.split(".")) if version else (0,)


def dotted(version):
    return ".".join(map(str, version))
