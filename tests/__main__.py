"""Runs all the project's tests: those of the parts side by side, then the journeys, which measure, alone.

`./run test` calls it, as `python -m tests`. One process from the first test to the last: signals reach what
they are meant for, and the exit code is pytest's own.
"""

import os
import signal
import sys

import pytest

# Whoever is started in the background by a script is deaf to Ctrl-C, and so is all it starts: the tests that
# end a command that way would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

code = int(pytest.main(["tests", "-n", "2"]))
sys.stdout.flush()
if code:
    sys.exit(code)
os.execv(sys.executable, [sys.executable, "-m", "pytest", "e2e", "--journey-target", "web"])  # noqa: S606 - no shell is wanted
