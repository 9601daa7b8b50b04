"""Runs all the project's tests: those of the parts side by side, then the journeys, which measure, alone.

`./run test` calls it, as `python -m tests`. One process from the first test to the last: signals reach what
they are meant for, and the exit code is pytest's own.
"""

import os
import sys

import pytest

code = int(pytest.main(["tests", "-n", "2"]))
sys.stdout.flush()
if code:
    sys.exit(code)
os.execv(sys.executable, [sys.executable, "-m", "pytest", "e2e", "--journey-target", "web"])  # noqa: S606 - no shell is wanted
