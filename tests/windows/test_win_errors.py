"""What the system said of a guard that cannot start: in its own code, its own words, and for Python."""

import pytest
from bed import place

PATH_NOT_FOUND, ACCESS_DENIED, BAD_EXE_FORMAT = 3, 5, 193
ENOENT, EACCES, ENOEXEC = 2, 13, 8

GUARD = """
import errno, sys, treefall
try:
    treefall.guard(60, **{sys.argv[1]: sys.argv[2]})
except treefall.Error as error:
    print(type(error).__name__, error.errno, error.winerror)
    print(error)
"""


@pytest.fixture
def refused(call_words, folder, package):
    """Start a guard in Python with this option, and what it says."""

    def refused(option, value):
        environment = {"PYTHONPATH": package}
        answer = call_words(
            place.windows_path(place.PYTHON), "-c", GUARD, option, value, environment=environment
        )
        assert answer.out.count("\n") == 2, answer
        return answer.out.splitlines()

    return refused


@pytest.fixture
def no_program(folder):
    path = folder / "sentinel.exe"
    path.write_text("no program")
    return place.windows_path(path)


def test_c_reads_it_from_the_system(start, programs, folder, library):
    ward = start([programs["ward"], folder]).gather("ward")
    ward.tell(f"library {library}")
    ward.tell("guard 1000 Z:\\nowhere\\fall.json")
    assert ward.hear_of("guard") == f"-8 {PATH_NOT_FOUND}"
    ward.tell("guard 1 fall.json")
    assert ward.hear_of("guard") == "-1 0"
    ward.tell("exit 0")


def test_a_report_without_a_folder(refused):
    kind, text = refused("report", "Z:\\nowhere\\fall.json")
    assert kind == f"ReportError {ENOENT} {PATH_NOT_FOUND}"
    assert text.startswith("Z:\\nowhere\\fall.json: ") and text.endswith("(Path not found)")


def test_a_sentinel_that_is_no_program(refused, no_program):
    kind, text = refused("sentinel", no_program)
    assert kind == f"SentinelBroken {ENOEXEC} {BAD_EXE_FORMAT}"
    assert text.startswith(f"{no_program}: ") and "for it" in text, text


def test_a_sentinel_that_is_a_folder(refused):
    kind, text = refused("sentinel", "Z:\\tmp")
    assert kind == f"SentinelNotFound {EACCES} {ACCESS_DENIED}"
    assert text.endswith("(Access denied)")


def test_where_the_system_has_no_part(refused):
    assert refused("report", "fall.pdf")[0] == "ReportError 0 0"
