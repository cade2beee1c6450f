"""The forms that a case is run in: once in `make test`, all of them ten times in `make test-long`."""

from typing import NamedTuple

import pytest

TIMES = 10


class Shape(NamedTuple):
    """`debugged`: started under pydevd, whose subprocess is patched; `workers` of either kind."""

    debugged: bool = False
    workers: int = 1
    is_long: bool = False


def shapes(debugged):
    """`debugged`: the ways that a case is to be seen; the first is the quick one's."""
    quick = pytest.param(Shape(debugged[0]), id="once")
    forms = [Shape(way, workers, True) for way in debugged for workers in (1, 4)]
    return [quick] + [
        pytest.param(form, id=f"{name(form)}-{number}", marks=pytest.mark.long)
        for form in forms
        for number in range(TIMES)
    ]


def name(form):
    return f"{'pydevd' if form.debugged else 'plain'}-{form.workers}"


in_an_ide = pytest.mark.parametrize("shape", shapes([True]))
anywhere = pytest.mark.parametrize("shape", shapes([False, True]))
