"""A program's answer is there when the program has ended, whoever keeps what it prints into open."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flutter_bridge.commands import CommandOutput, run_command, run_command_async

Ask = Callable[..., CommandOutput]


def soon(*words: object, timeout: float) -> CommandOutput:
    return asyncio.run(run_command_async([str(word) for word in words], timeout=timeout))


def at_once(*words: object, timeout: float) -> CommandOutput:
    return run_command([str(word) for word in words], timeout=timeout)


both = pytest.mark.parametrize("asked", [soon, at_once])


@pytest.fixture
def wrapper(tmp_path: Path) -> Iterator[Path]:
    """Make a program that answers, and leaves another one behind that keeps all it has open."""
    script = tmp_path / "wrapper"
    script.write_text('#!/bin/sh\nsleep 600 &\necho $! >"$0.left"\necho an answer\necho a word >&2\nexit 3\n')
    script.chmod(0o755)
    yield script
    os.kill(int(Path(f"{script}.left").read_text()), signal.SIGKILL)


@both
def test_a_wrapper_that_leaves_somebody_behind_is_not_waited_for(asked: Ask, wrapper: Path) -> None:
    assert asked(wrapper, timeout=60) == CommandOutput(3, "an answer\n", "a word\n")


@both
def test_one_that_does_not_answer_is_ended_with_what_it_started(asked: Ask, tmp_path: Path) -> None:
    left = tmp_path / "left"
    with pytest.raises(TimeoutError):
        asked("sh", "-c", f'sleep 600 & echo $! >"{left}"; wait', timeout=2)
    # It has been told; the system takes a moment to do it.
    until = time.monotonic() + 30
    while is_running(int(left.read_text())):
        assert time.monotonic() < until


def is_running(pid: int) -> bool:
    """Whether a process runs; nobody may have taken its end in."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@both
def test_one_that_is_not_there_can_not_be_asked(asked: Ask, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        asked(tmp_path / "missing", timeout=1)


@both
def test_what_is_no_text_is_read_as_far_as_it_can_be(asked: Ask) -> None:
    script = r"import sys; sys.stdout.buffer.write(b'a\xff')"
    assert asked(sys.executable, "-c", script, timeout=60).printed == "a\ufffd"
