"""The sentinel outlives what takes its ward down: the IDE's job, its own killer, both at once."""

import re
import signal

from bed import place
from support import deadline
from support.waiting import wait_until
from test_win_guards import sentinel_of
from test_win_library import MEMBERS, TREE, report_in


def guard_under(ide, library, folder, *roles, kill_delay_ms=60000):
    ide.gather("ward")
    ide.say_to_command(f"library {library}")
    ide.say_to_command(f"guard {kill_delay_ms} {place.windows_path(folder / 'fall.json')}")
    ide.await_output("guard 0 ")
    for role in roles:
        ide.say_to_command(f"start {role}")
    return ide


def test_it_survives_the_ides_job_and_reports(start_ide, programs, folder, library):
    ide = guard_under(start_ide([programs["ward"], folder]), library, folder, *TREE)
    ide.gather(*MEMBERS)
    ide.say_to_command("gtold")
    ide.await_output('"confined":false')
    ide.close_job()
    ide.ended()
    assert ide.left() == []
    assert report_in(folder)["trigger"] == "ward-dead"


def test_the_ide_terminates_the_ward_alone(start_ide, programs, folder, library):
    """And holds a handle to it, by which its number stays taken."""
    ide = guard_under(start_ide([programs["ward"], folder]), library, folder, *TREE)
    ide.gather(*MEMBERS)
    ide.terminate()
    assert ide.left() == []
    report = report_in(folder)
    assert report["trigger"] == "ward-dead" and report["counts"]["fell"] >= len(MEMBERS)


def test_a_breakaway_works_in_the_ides_job_and_does_not_escape(
    start_ide, programs, folder, library
):
    ide = guard_under(start_ide([programs["ward"], folder]), library, folder, "breakaway")
    ide.gather("breakaway")
    ide.terminate()
    assert ide.left() == []


# ---- where nothing leads out -------------------------------------------------------------------


def doctor_in(start_ide, treefall):
    ide = start_ide([treefall, "doctor", "--json"])
    ide.ended()
    ide.await_output('"checks":')  # what it wrote may be copied after its end
    return ide.stderr()


def test_doctor_tells_the_rung(start_ide, treefall):
    assert '"escape":"desktop"' in doctor_in(start_ide, treefall)


def test_a_rung_that_claims_to_lead_out_is_not_believed(no_desktop, start_ide, treefall):
    """Without a desktop the management service is asked. Wine's says that it made the process, and
    made it in our own job."""
    assert '"escape":"none"' in doctor_in(start_ide, treefall)


def test_a_confined_one_says_so_and_fells(no_desktop, start_ide, programs, folder, library):
    ide = guard_under(start_ide([programs["ward"], folder]), library, folder, "plain", "orphan")
    ide.gather("plain", "orphan")
    ide.say_to_command("gtold")
    ide.await_output('"confined":true')
    ide.terminate()
    assert ide.left() == []
    assert report_in(folder)["escape"] == "none"


def test_a_rung_that_leads_nowhere_does_not_spoil_the_next(
    no_desktop, start_ide, programs, folder, library
):
    """A desktop that is itself in the IDE's job: its child has come to the pipe before it is judged."""
    ward = place.windows_path(programs["ward"])
    ide = start_ide(["cmd", "/c", f"start /b explorer.exe & {ward} {folder}"])
    ide.gather("ward")
    guard_under(ide, library, folder, "plain")
    ide.gather("plain")
    ide.say_to_command("gtold")
    ide.await_output('"confined":true')
    ide.close_job()
    ide.ended()
    assert ide.left() == []


def test_a_confined_one_that_is_replaced_reports(no_desktop, start_ide, programs, folder, library):
    """It is in the job that it fells."""
    ide = guard_under(start_ide([programs["ward"], folder]), library, folder, "plain")
    ide.gather("plain")
    sentinel_of(folder).send(signal.SIGKILL)

    def is_armed_again():
        ide.say_to_command("gtold")
        return re.search('"armed":true.*"lost":1', ide.stderr())

    wait_until(is_armed_again, deadline.START_S, "another sentinel")
    ide.terminate()
    assert ide.left() == []
    assert report_in(folder)["trigger"] == "ward-dead"


PYTHON_WARD = "import treefall\nprint('confined', treefall.guard(60).guarantee.confined)\n"


def what_python_says(start_ide, folder, package):
    script = folder / "ward.py"
    script.write_text(PYTHON_WARD)
    words = [place.windows_path(place.PYTHON), place.windows_path(script)]
    ide = start_ide(words, environment={"PYTHONPATH": package})
    ide.await_output("confined ")
    ide.ended()
    return ide.stderr()


def test_a_confined_one_says_so_to_python(no_desktop, start_ide, folder, package):
    assert "confined True" in what_python_says(start_ide, folder, package)


def test_one_outside_says_so_to_python(start_ide, folder, package):
    assert "confined False" in what_python_says(start_ide, folder, package)


def test_run_in_the_ides_job(start_ide, treefall, programs, folder):
    """The job is closed with the wrapper and its tree in it."""
    program = place.windows_path(programs["ward"])
    ide = start_ide(
        [treefall, "run", "--report=fall.json", "--", program, folder, "plain", "orphan"]
    )
    ide.gather("ward", "plain", "orphan")
    ide.close_job()
    assert ide.left() == []
    assert report_in(folder)["escape"] == "desktop"
