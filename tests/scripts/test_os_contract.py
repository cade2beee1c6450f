"""The contract of the operating system: each header of src/os is kept whole by the file of its name.

`src/os/x.h` is kept by `linux/x.c` and by `windows/x.c`; what one of them does not have, by `none/x.c`.
docs/porting.md tells what a third system has to write."""

import re
from pathlib import Path

import pytest

OS = Path(__file__).resolve().parents[2] / "src/os"
SYSTEMS = ("linux", "windows")
HEADERS = sorted(path.stem for path in OS.glob("*.h") if path.name != "os.h")
COMMENT = re.compile(r"/\*.*?\*/", re.S)
FUNCTION = r"^(?!static |typedef )\w[\w ]*[ *]+(\w+)\([^;{}]*\)"
DECLARED = re.compile(FUNCTION + ";", re.M)
DEFINED = re.compile(FUNCTION + r"\n\{", re.M)
INCLUDED = re.compile(r'^#include "os/([\w./]+)\.h"', re.M)


def code(path):
    return COMMENT.sub("", path.read_text())


def built(system):
    """The sources that meson takes for it, by their paths below src/os."""
    names = re.findall(r"'([\w./]+\.c)'", (OS / system / "meson.build").read_text())
    return [(OS / system / name).resolve().relative_to(OS) for name in names]


def keeper(system, header):
    """The file that keeps the header there."""
    found = [path for path in built(system) if path.stem == header]
    assert len(found) == 1, f"{header}.h is kept on {system} by {found or 'no file'}"
    return found[0]


def defined(path):
    return set(DEFINED.findall(code(OS / path)))


def test_headers_and_functions_are_found():
    assert len(HEADERS) > 30
    assert sum(len(DECLARED.findall(code(OS / f"{name}.h"))) for name in HEADERS) > 150
    assert {"linux/scan.c", "none/enclosure.c"} <= {str(path) for path in built("linux")}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "header", [name for name in HEADERS if DECLARED.search(code(OS / f"{name}.h"))]
)
def test_header_is_kept_whole_by_the_file_of_its_name(header, system):
    kept_by = keeper(system, header)
    missing = set(DECLARED.findall(code(OS / f"{header}.h"))) - defined(kept_by)
    assert not missing, f"{kept_by} does not define {', '.join(sorted(missing))}"


@pytest.mark.parametrize("system", SYSTEMS)
def test_private_header_is_kept_by_the_file_of_its_name(system):
    missing = {
        f"{path.stem}.h: {name}"
        for path in (OS / system).glob("*.h")
        for name in DECLARED.findall(code(path))
        if not path.with_suffix(".c").exists() or name not in defined(path.with_suffix(".c"))
    }
    assert not missing


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_file_of_a_system_is_built(system):
    assert {path.name for path in built(system) if path.parts[0] == system} == {
        path.name for path in (OS / system).glob("*.c")
    }


def test_what_is_absent_is_absent_somewhere():
    used = {path for system in SYSTEMS for path in built(system) if path.parts[0] == "none"}
    assert used == {path.relative_to(OS) for path in (OS / "none").glob("*.c")}


def test_what_is_absent_knows_no_system():
    """A third system takes these files as they are: they include its own header, and no system's."""
    for path in sorted((OS / "none").glob("*.c")):
        assert set(INCLUDED.findall(path.read_text())) <= {path.stem, "none/absent"}, path.name
        assert "#include <" not in path.read_text(), path.name


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_files_of_a_system_need_each_other_in_a_circle(system):
    """A source needs the private headers that it includes, and with them the sources of their names."""
    names = {path.stem for path in built(system)}
    needs = {}
    for name in names:
        source = OS / system / f"{name}.c"
        text = source.read_text() if source.exists() else ""
        needs[name] = sorted(
            set(re.findall(rf'^#include "os/{system}/(\w+)\.h"', text, re.M)) & names - {name}
        )
    done = set()

    def visit(name, way):
        assert name not in way, " -> ".join([*way, name])
        if name not in done:
            for other in needs[name]:
                visit(other, [*way, name])
            done.add(name)

    for name in sorted(names):
        visit(name, [])


def test_porting_guide_names_each_header_once_and_what_none_has():
    text = (OS.parents[1] / "docs/porting.md").read_text()
    required, absent = text.split("## Files that may come from `none`")
    rows = re.compile(r"^\| `(\w+)\.h` \|", re.M)
    assert sorted(rows.findall(text)) == HEADERS
    have_none = {path.stem for path in (OS / "none").glob("*.c")}
    assert set(rows.findall(absent)) == have_none and not set(rows.findall(required)) & have_none


@pytest.mark.parametrize("system", SYSTEMS)
def test_system_forks_where_it_keeps_fork_h(system):
    says = "os_forks = true" in (OS / system / "meson.build").read_text()
    assert says == (keeper(system, "fork").parts[0] == system)
