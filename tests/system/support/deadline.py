"""How long a test waits for an event before it calls it missing.

Generous: a deadline is no measurement, it only ends a test that would hang.
"""

START_S = 120.0
ANSWER_S = 10.0
FALL_S = 30.0
