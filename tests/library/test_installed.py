"""What a C programmer gets: a header, a shared and a static library, a pkg-config file."""

import os
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
HEADER = HERE.parents[1] / "include/treefall.h"
DECLARED = set(re.findall(r"^TREEFALL_API .*?\b(treefall_\w+)\(", HEADER.read_text(), re.M))
SENTINEL = "libexec/treefall-sentinel"


def names(path, *options):
    """The defined global names that nm shows."""
    command = ["nm", "--extern-only", "--defined-only", "--format=posix", *options, path]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in shown.splitlines() if len(line.split()) > 1}


def flags(libraries, prefix, *options):
    """What pkg-config says, with the prefix of where it was put."""
    environment = {**os.environ, "PKG_CONFIG_PATH": str(libraries / "pkgconfig")}
    command = ["pkg-config", f"--define-variable=prefix={prefix}", *options, "treefall"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.split()


def run(program, **environment):
    done = subprocess.run(
        [program], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout


def test_the_header_declares_every_verb():
    verbs = "start beat hold release closing stop guarantee strerror"
    assert {f"treefall_{verb}" for verb in verbs.split()} <= DECLARED


def test_only_public_symbols_are_exported(libraries):
    assert names(libraries / "libtreefall.so", "--dynamic") == DECLARED
    assert names(libraries / "libtreefall.a") == DECLARED


@pytest.mark.parametrize(
    "compiler",
    [
        ["cc", "-x", "c", "-std=c11"],
        ["cc", "-x", "c", "-std=c17"],
        ["cc", "-x", "c", "-std=c99"],
        ["c++", "-x", "c++", "-std=c++17"],
        ["c++", "-x", "c++", "-std=c++20"],
    ],
    ids=lambda words: words[-1],
)
def test_the_header_compiles_strictly_and_alone(compiler, tmp_path):
    source = tmp_path / "source"
    zero = "{}" if "c++" in compiler else "{0}"
    source.write_text(
        "#include <treefall.h>\n#include <treefall.h>\n"
        f"int main(void) {{ struct treefall_options options = {zero};"
        " return (int)options.kill_delay_ms + (treefall_strerror(0) == 0); }\n"
    )
    strict = ["-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wundef"]
    subprocess.run(
        [*compiler, *strict, f"-I{HEADER.parent}", "-c", source, "-o", os.devnull], check=True
    )


def test_the_shared_library_by_pkg_config(prefix, libraries, tmp_path):
    program = tmp_path / "consumer"
    command = [
        "cc",
        "-o",
        program,
        HERE / "consumer.c",
        *flags(libraries, prefix, "--cflags", "--libs"),
        f"-Wl,-rpath,{libraries}",
    ]
    subprocess.run(command, check=True)
    assert run(program, TREEFALL_SENTINEL=str(prefix / SENTINEL)) == (0, '15 {"armed":tru\n')


def test_the_static_library_meets_none_of_the_program_s_names(prefix, libraries, tmp_path):
    program = tmp_path / "consumer"
    command = [
        "cc",
        "-o",
        program,
        HERE / "consumer.c",
        f"-I{prefix}/include",
        libraries / "libtreefall.a",
        "-pthread",
    ]
    subprocess.run(command, check=True)
    assert run(program, TREEFALL_SENTINEL=str(prefix / SENTINEL)) == (0, '15 {"armed":tru\n')
    linked = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    assert "treefall" not in linked


def test_the_sentinel_is_found_beside_a_program_that_is_called_by_its_name(
    prefix, libraries, tmp_path
):
    """The loader knows such a program without its folder; the present folder is not searched."""
    place = tmp_path / "place"
    place.mkdir()
    program = place / "consumer"
    command = [
        "cc",
        "-o",
        program,
        HERE / "consumer.c",
        f"-I{prefix}/include",
        libraries / "libtreefall.a",
        "-pthread",
    ]
    subprocess.run(command, check=True)
    (tmp_path / "treefall-sentinel").symlink_to("/bin/true")
    environment = {"PATH": f"{place}:{os.environ['PATH']}"}
    without = subprocess.run(
        ["consumer"], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    is_installed = Path(
        "/usr/local", SENTINEL
    ).exists()  # by `make install`: then that one is found
    assert is_installed or without.stdout.startswith("-2 "), without.stdout
    (place / "treefall-sentinel").symlink_to(prefix / SENTINEL)
    assert subprocess.run(["consumer"], env=environment, cwd=tmp_path).returncode == 0
