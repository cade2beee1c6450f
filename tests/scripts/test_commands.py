"""Every command that README, CONTRIBUTING and Makefile name works in a fresh checkout whose path has a
space."""

import functools
import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [(ROOT / name).read_text() for name in ("README.md", "CONTRIBUTING.md")]
MAKEFILE = (ROOT / "Makefile").read_text()

HERE = "test_commands.py"
TESTED_BY = {
    "make": (HERE, "test_the_makefile_lists_its_targets"),
    "make help": (HERE, "test_the_makefile_lists_its_targets"),
    "make run": ("test_demo.py", "test_each_role_is_orphaned_without_treefall_and_gone_with_it"),
    "make build-here": (HERE, "test_both_systems_are_built"),
    "meson test": ("test_releases.py", "meson test -C build"),
    "make test": (".ci/run", "make test"),
    "make test-long": (".ci/run", "make test"),
    "make test-windows": (".ci/run", "make test"),
    "make build": (HERE, "test_both_systems_are_built"),
    "make install": (HERE, "test_an_installed_library_is_found_by_pkg_config_and_by_the_loader"),
    "make static": (HERE, "test_the_static_build_needs_no_library"),
    "make bench": (HERE, "test_the_bench_measures"),
    "make asan": (HERE, "test_the_slow_targets_succeed"),
    "make lint": (HERE, "test_the_slow_targets_succeed"),
    "make format": (HERE, "test_the_slow_targets_succeed"),
    "make clean": (HERE, "test_clean_removes_what_was_built"),
    "make distclean": (HERE, "test_clean_removes_what_was_built"),
    "pip install": ("../python/test_package.py", "test_pip_install_and_the_readme_s_example"),
    "bench/run.sh": (HERE, "test_the_bench_measures"),
    "bench/survivors.py": (HERE, "test_the_survivors_are_counted"),
    "bench/library.py": (HERE, "test_the_bench_of_the_library_measures"),
}


def commands_named():
    """The first words of all commands in these pages (code blocks and inline) and the Makefile."""
    words = []
    for page in PAGES:
        blocks = re.findall(r"^```\n(.*?)^```$", page, re.M | re.S)
        words += [*"\n".join(blocks).splitlines(), *re.findall(r"`([^`\n]+)`", page)]
    named = {"make " + target for target in re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.M)}
    for line in words:
        line = re.sub(r"#.*", "", line).removeprefix("sudo ").strip()
        if found := re.match(r"(make|pip|meson|ninja|apt)( [a-z-]+)?(?= |$)|bench/[\w.]+", line):
            named.add(found[0])
    return named - {"make"}


def test_every_command_of_the_pages_and_the_makefile_has_a_test():
    assert commands_named() <= TESTED_BY.keys()


def test_every_test_of_a_command_exists():
    for name, promise in TESTED_BY.values():
        path = (
            ROOT / name
            if name.startswith(".") and "/test" not in name
            else ROOT / "tests/scripts" / name
        )
        assert promise in path.read_text(), (name, promise)


# ---- a fresh checkout ----------------------------------------------------------------------


@functools.cache
def listed_files():
    """What git has, and what it would take."""
    command = ["git", "ls-files", "-z", "-co", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return [name for name in done.stdout.split("\0") if name]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of this tree as git would hand it out. What was fetched for this one is its own, too."""
    folder = tmp_path_factory.mktemp("commands") / "a fresh checkout"
    for name in listed_files():
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for name in (".venv", ".wine", "build-unpacked"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    return folder


def run(checkout, *words, limit_s=280, **environment):
    done = subprocess.run(
        words,
        cwd=checkout,
        env={**os.environ, **environment},
        timeout=limit_s,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def need(program, list_name):
    if not shutil.which(program):
        pytest.skip(f"no {program} here: scripts/packages-{list_name}.txt names its package")


def test_the_makefile_lists_its_targets(checkout):
    listed = run(checkout, "make")
    assert re.findall(r"^([a-z-]+) ", listed, re.M) == re.findall(
        r"^([a-z-]+):.*##", MAKEFILE, re.M
    )


def test_both_systems_are_built(checkout):
    run(checkout, "make", "build")
    for name in (
        "build/treefall",
        "build/treefall-sentinel",
        "build/libtreefall.so",
        "build-windows/treefall.exe",
        "build-windows/treefall-sentinel.exe",
    ):
        assert (checkout / name).exists(), name


def test_the_windows_package_is_built(checkout):
    if not (ROOT / ".wine/stamp").exists():
        pytest.skip("no .wine here: `make test` makes it")
    run(checkout, "make", "build-windows")
    assert list((checkout / "build-windows").glob("treefall-*-win_amd64.whl"))


def test_the_static_build_needs_no_library(checkout):
    need("musl-gcc", "static")
    run(checkout, "make", "static")
    program = checkout / "build-static/treefall"
    assert "INTERP" not in run(checkout, "readelf", "--program-headers", str(program))
    assert run(checkout, str(program), "run", "--", "echo", "it runs") == "it runs\n"


INSTALL_AND_USE = """set -e
mount -t tmpfs none /usr/local
mkdir "$1/etc" && cp -a /etc/. "$1/etc" && mount --bind "$1/etc" /etc
make install
cc -o "$1/program" tests/library/consumer.c $(pkg-config --cflags --libs treefall)
"$1/program"
"""


def test_an_installed_library_is_found_by_pkg_config_and_by_the_loader(checkout, tmp_path):
    """As root, in a mount namespace in which /usr/local and /etc are the test's own."""
    if (
        subprocess.run(
            ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/usr/local"], capture_output=True
        ).returncode
        != 0
    ):
        pytest.skip("needs a mount namespace, as root")
    shown = run(checkout, "unshare", "-m", "sh", "-c", INSTALL_AND_USE, "sh", str(tmp_path))
    assert shown.endswith('15 {"armed":tru\n'), shown


def test_the_bench_measures(checkout):
    """Every section that is quick; `make bench` runs all, beside the peers: see the slow targets."""
    shown = run(checkout, "bench/run.sh", "--quick", "--no-peers", "--only", "memory,start")
    assert re.search(r"^treefall .*\d", shown, re.M), shown


def test_the_bench_of_the_library_measures(checkout):
    shown = run(checkout, ".venv/bin/python", "bench/library.py", "--runs", "1")
    assert "beat" in shown, shown


def test_the_survivors_are_counted(checkout):
    words = ["--runs", "1", "--peer-runs", "1", "--only", "treefall,timeout"]
    shown = run(checkout, ".venv/bin/python", "bench/survivors.py", *words)
    assert re.search(r"^treefall .* 0 ", shown, re.M), shown


def test_warnings_are_errors_at_every_level(checkout):
    """With the compiler of the machine; where a user builds, a new warning stops nothing."""
    options = ["-Dwarning_level=3", "-Dwerror=true"]
    run(checkout, "meson", "setup", "build-warnings", *options)
    run(checkout, "ninja", "-C", "build-warnings")
    cross = ["--cross-file", "cross/mingw.ini"]
    run(checkout, "meson", "setup", "build-windows-warnings", *cross, "-Dwerror=true")
    run(checkout, "ninja", "-C", "build-windows-warnings")


REGISTRIES = (
    "deb.debian" + ".org",
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "crates" + ".io",
)


def test_no_file_names_the_host_of_a_registry(checkout):
    for name in listed_files():
        text = (checkout / name).read_text(errors="replace") if (checkout / name).exists() else ""
        assert not [host for host in REGISTRIES if host in text], name


def test_no_daemon_and_no_wine_is_installed():
    """They are unpacked below the checkout instead."""
    for line in MAKEFILE.splitlines():
        if "$(NEED)" in line:
            assert not {"zoo", "wine"} & set(line.split()), line


def test_an_unpacked_program_runs_with_its_own_parts(tmp_path):
    """The word in front of it finds libraries and modules beside it, wherever the folder is moved."""
    need_unpacked = runpy.run_path(str(ROOT / "scripts/need-unpacked"))
    root = tmp_path / "before/root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
    (root / "usr/lib/x86_64-linux-gnu/libnothing.so.1").touch()
    (root / "etc").mkdir()
    (root / "etc/words").write_text("found")
    (root / "usr/lib/words").symlink_to("/etc/words")
    program = root / "usr/bin/a program"
    program.write_text('#!/bin/sh\ncat "${LD_LIBRARY_PATH##*:}/../words"; echo " $1"\n')
    program.chmod(0o755)
    words = tmp_path / "before/bin"
    words.mkdir()
    need_unpacked["turn_links"](root)
    need_unpacked["make_words"](root, words)
    (tmp_path / "before").rename(tmp_path / "an other place")
    moved = tmp_path / "an other place/bin/a program"
    assert run(tmp_path, str(moved), "as it is") == "found as it is\n"


def test_a_build_is_silent_but_for_faults(checkout, tmp_path):
    (tmp_path / "meson.build").write_text("project('a', 'c')\nexecutable('a', 'a.c')\n")
    (tmp_path / "a.c").write_text("int main(void) { return 0; }\n")
    build = str(checkout / "scripts/build")
    for options in ([], ["-Dwerror=true"], []):
        assert run(tmp_path, build, "build", *options) == ""
    (tmp_path / "meson.build").write_text("project('a', 'c')\nexecutable('b', 'a.c')\n")
    assert run(tmp_path, build, "build") == ""
    (tmp_path / "a.c").write_text("int main(void) { return nothing; }\n")
    done = subprocess.run([build, "build"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0 and "nothing" in done.stderr


# ---- lint ----------------------------------------------------------------------------------


def lint(checkout, part, **environment):
    done = subprocess.run(
        [checkout / "scripts/lint", part],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


def need_linter(part):
    if part == "python" and not (ROOT / ".venv/bin/ruff").exists():
        pytest.skip("no ruff in .venv: tests/requirements.txt names it")
    if part == "c":
        need("clang-format", "lint")


@pytest.mark.parametrize("part", ["c", "python"])
def test_the_sources_pass_the_linter_and_it_says_nothing(checkout, part):
    need_linter(part)
    assert lint(checkout, part) == (0, "")


@pytest.mark.parametrize(
    "part, name, text",
    [
        ("c", "src/base/fault.c", "int  fault;\n"),
        ("python", "tests/unformatted.py", "fault = {  }\n"),
        ("python", "tests/unused.py", "import os\n"),
    ],
)
def test_lint_fails_on_a_fault_and_names_its_file(checkout, part, name, text):
    need_linter(part)
    fault = checkout / name
    fault.write_text(text)
    status, shown = lint(checkout, part)
    fault.unlink()
    assert status != 0 and name in shown


FAULT = "src/a.h:1:1: error: it is wrong\nint a;\n"
CLANG_TIDY = """#!/bin/sh
echo '1234 warnings generated.' >&2
echo '2 warnings treated as errors' >&2
printf "$SAID"
[ -z "$SAID" ]
"""


@pytest.mark.parametrize(
    "said, status, shown", [("", 0, ""), (FAULT * 2, 1, FAULT)], ids=["none", "one twice"]
)
def test_clang_tidy_is_silent_but_for_faults_each_shown_once(
    checkout, tmp_path, said, status, shown
):
    """With a stand-in for clang-tidy that counts warnings as it does, and a tree that is built."""
    for name, text in (
        ("meson", "#!/bin/sh\n"),
        ("ninja", "#!/bin/sh\n"),
        ("clang-tidy", CLANG_TIDY),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    (checkout / "build-lint-clang/meson-private").mkdir(parents=True, exist_ok=True)
    (checkout / "build-lint-clang/build.ninja").touch()
    (checkout / "build-lint-clang/compile_commands.json").write_text('  "file": "../src/a.c"\n')
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert lint(checkout, "tidy", PATH=path, SAID=said) == (status, shown)
    shutil.rmtree(checkout / "build-lint-clang")


def test_clean_removes_what_was_built(checkout):
    """The last one here: the tests before it leave their builds in the checkout."""
    run(checkout, "make", "clean")
    left = {path.name for path in checkout.iterdir()}
    kept = {Path(name).parts[0] for name in listed_files()}
    assert left - kept <= {".venv", ".wine"}
    run(checkout, "make", "distclean")
    assert {path.name for path in checkout.iterdir()} <= kept


# ---- hours in all --------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("target", ["lint", "asan", "format", "bench"])
def test_the_slow_targets_succeed(checkout, target):
    run(checkout, "make", target, limit_s=3600)
