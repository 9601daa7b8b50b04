"""Runs all the project's tests: those of the parts side by side, then the journeys, which measure, alone.

`./run test` calls it, as `python -m tests`. The journeys run on the web, on Android, in a mobile browser and
with casts that mix these; those of the example come last. One process from the first test to the last:
signals reach what they are meant for, and the exit code is pytest's own. `--quick` runs what starts no
process.
"""

from __future__ import annotations

import os
import signal
import sys

import pytest

# The project keeps no pictures of its own: it takes them in one stage and holds its screens against them in
# the next, as strictly as anywhere.
BASELINES = ("--baselines", ".journeys/baselines")
RECORD = (*BASELINES, "--update-snapshots")
COMPARE = (*BASELINES, "--snapshot-mode", "ci")

# A browser, a phone's browser and Appium beside each other need a core to themselves: with more workers than
# cores tests are no sooner done, and those that wait for something by the clock fail.
WORKERS = max(2, min(os.cpu_count() or 1, 8))
TESTS = ("tests", "-n", str(WORKERS), "--no-loadscope-reorder", "--durations", "15")
# What mixes platforms, and what a phone's browser shows, needs no servers, browser and phones of its own.
# Odd data is looked at once: the stand-in phone shows the web build.
EVERYWHERE = (
    *("--journey-cast", "*=web", "--journey-cast", "*=android", "--journey-cast", "*=mobile-web"),
    *("--journey-cast", "alice=android,bob=web", "--journey-cast", "alice=web,bob=android"),
    *("-k", "new_avatar_reaches or not alice and (not mobile-web or p0) and not (odd_people and android)"),
)
STAGES = (
    TESTS,
    ("e2e", *EVERYWHERE, *RECORD, "--output", "test-results/recorded"),
    (
        *("e2e", "-k", "screens_look", "--journey-target", "web", "--journey-target", "android"),
        *(*COMPARE, "--output", "test-results/compared"),
    ),
    # A project of its own, by its own settings: pytest looks for those where all paths among its words are,
    # so the output's must not be a word. One of its journeys has a phone in it, too.
    (
        *("examples/chat", "--journey-cast", "*=web", "--journey-cast", "mixed"),
        *("-k", "message_reaches or not mixed", "--output=test-results/chat"),
    ),
)


def main() -> None:
    """Run one stage, and become the next one where it passed."""
    # Whoever is started in the background by a script is deaf to Ctrl-C, and so is all it starts: the tests
    # that end a command that way would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.argv[1:2] == ["--quick"]:
        sys.exit(pytest.main([*TESTS, *sys.argv[1:]]))
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    code = int(pytest.main([*STAGES[number]]))
    sys.stdout.flush()
    if code or number + 1 == len(STAGES):
        sys.exit(code)
    os.execv(sys.executable, [sys.executable, "-m", "tests", str(number + 1)])  # noqa: S606 - no shell is wanted


main()
