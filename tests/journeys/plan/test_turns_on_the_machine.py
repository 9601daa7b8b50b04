"""What measures has the machine to itself, and its turn comes."""

from __future__ import annotations

import fcntl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from journeys.plan.turns import Turns

SOON_S = 10.0


def is_free(lock: Path, how: int) -> bool:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_many_run_beside_each_other(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    with turns.take(alone=False), turns.take(alone=False):
        assert is_free(tmp_path / "machine.lock", fcntl.LOCK_SH)


def test_who_is_alone_keeps_everyone_waiting(tmp_path: Path) -> None:
    with Turns(tmp_path).take(alone=True):
        assert not is_free(tmp_path / "machine.lock", fcntl.LOCK_SH)
    assert is_free(tmp_path / "machine.lock", fcntl.LOCK_EX)


@pytest.mark.parametrize("alone", [True, False])
def test_who_waits_to_be_alone_comes_before_those_who_come_later(tmp_path: Path, alone: bool) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def run(name: str, *, alone: bool) -> None:
        waiting.set()
        with Turns(tmp_path).take(alone=alone):
            order.append(name)

    with ThreadPoolExecutor(2) as threads:
        with Turns(tmp_path).take(alone=False):
            first = threads.submit(run, "alone", alone=True)
            assert waiting.wait(SOON_S)
            while is_free(tmp_path / "queue.lock", fcntl.LOCK_EX):
                pass
            later = threads.submit(run, "later", alone=alone)
        first.result(SOON_S)
        later.result(SOON_S)
    assert order == ["alone", "later"]
