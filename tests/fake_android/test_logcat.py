"""A stand-in's log: what apps print and fail by, as `adb logcat` gives it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from fake_android.daemon import Daemon
from fake_android.device import MAX_LOG_LINE_CHARS, MAX_LOG_LINES, PhoneLog
from flutter_bridge import LogEntry
from tests.fake_android.hand import Hand
from tests.fake_android.scripted_phone import PACKAGE, adb, running_daemon
from tests.fake_android.stand_in_process import PACKAGE as SAMPLE

BEGINNING = "--------- beginning of main"
WHEN = 1_700_000_000.25  # 22:13:20.250 on 14 November


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    async with running_daemon(tmp_path / "sdk") as daemon:
        yield daemon


@pytest.fixture
def log(daemon: Daemon) -> PhoneLog:
    """The log of a phone on which the app runs, and has said three things."""
    log = daemon.phones["stand-in-1"].device.log
    for level, text in (("log", "hello"), ("warning", "slow"), ("error", "wrong\n  at main")):
        log.print(PACKAGE, LogEntry(WHEN, text, level))
    return log


@asynccontextmanager
async def following(daemon: Daemon, *arguments: str) -> AsyncIterator[asyncio.StreamReader]:
    """Follow the log as the driver does."""
    process = await asyncio.create_subprocess_exec(
        daemon.sdk_root / "platform-tools" / "adb",
        *("-s", "stand-in-1", "logcat", *arguments),
        env=daemon.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.terminate()
        await process.wait()


async def read_line(stream: asyncio.StreamReader) -> str:
    return (await stream.readline()).decode().rstrip("\n")


async def test_all_of_it_is_told_with_time_process_and_gravity(daemon: Daemon, log: PhoneLog) -> None:
    daemon.phones["stand-in-1"].device.running.add(PACKAGE)  # type: ignore[attr-defined]  # a scripted phone's
    pid = (await adb(daemon, "shell", "pidof", PACKAGE))[1].strip()
    code, out, _ = await adb(daemon, "logcat", "-d", "-v", "threadtime")
    head = rf"11-14 22:13:20.250 {pid:>5} {pid:>5}"
    assert (code, out.splitlines()) == (
        0,
        [
            BEGINNING,
            f"{head} I flutter : hello",
            f"{head} W flutter : slow",
            f"{head} E flutter : wrong",
            f"{head} E flutter :   at main",
        ],
    )


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["-v", "raw"], ["hello", "slow", "wrong", "  at main"]),
        (["-v", "raw", "flutter:W"], ["slow", "wrong", "  at main"]),
        (["-v", "raw", "-s", "flutter:E"], ["wrong", "  at main"]),
        (["-v", "tag", "-b", "main", "*:S", "flutter:W"], ["W/flutter : slow", "E/flutter : wrong"]),
        (["-v", "raw", "*:S"], []),
        (["-v", "brief", "*:E"], ["E/flutter (    0): wrong"]),
        (["-v", "time", "*:E"], ["11-14 22:13:20.250 E/flutter (    0): wrong"]),
    ],
)
async def test_it_is_told_in_androids_formats_as_far_as_it_is_asked_for(
    daemon: Daemon, log: PhoneLog, arguments: list[str], lines: list[str]
) -> None:
    code, out, _ = await adb(daemon, "logcat", "-d", *arguments)
    assert code == 0
    assert out.splitlines()[: 1 + len(lines)] == [BEGINNING, *lines]
    assert (await adb(daemon, "shell", "logcat", "-d", *arguments))[1] == out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["-v", "pretty"], "Invalid parameter 'pretty' to -v\n"),
        (["-v"], "Invalid parameter '' to -v\n"),
        (["--pid=1"], "logcat: a stand-in doesn't know --pid=1\n"),
    ],
)
async def test_what_it_does_not_know_it_refuses(daemon: Daemon, arguments: list[str], error: str) -> None:
    assert await adb(daemon, "logcat", *arguments) == (1, "", error)


async def test_who_follows_it_hears_at_once_that_it_begins_and_then_what_comes(
    daemon: Daemon, log: PhoneLog
) -> None:
    async with following(daemon, "-v", "raw", "*:W") as stream:
        assert [await read_line(stream) for _ in range(4)] == [BEGINNING, "slow", "wrong", "  at main"]
        log.print(PACKAGE, LogEntry(WHEN, "unheard"))
        log.print(PACKAGE, LogEntry(WHEN, "again", "error"))
        assert await read_line(stream) == "again"


async def test_what_is_cleared_is_told_to_nobody_new(daemon: Daemon, log: PhoneLog) -> None:
    async with following(daemon, "-v", "raw", "*:E") as stream:
        assert [await read_line(stream) for _ in range(3)] == [BEGINNING, "wrong", "  at main"]
        assert await adb(daemon, "logcat", "-c") == (0, "", "")
        assert (await adb(daemon, "logcat", "-d"))[1] == f"{BEGINNING}\n"
        log.print(PACKAGE, LogEntry(WHEN, "afterwards", "error"))
        assert await read_line(stream) == "afterwards"


async def test_it_keeps_no_more_than_it_may(log: PhoneLog) -> None:
    for number in range(MAX_LOG_LINES):
        log.print(PACKAGE, LogEntry(WHEN, f"{number} {'x' * MAX_LOG_LINE_CHARS}"))
    assert len(log.lines()) == MAX_LOG_LINES
    assert {len(line.text) for line in log.lines()} == {MAX_LOG_LINE_CHARS}
    async with aclosing(log.follow()) as lines:
        assert (await anext(lines)).text.startswith("0 ")


async def test_who_reads_too_slowly_misses_what_was_dropped(log: PhoneLog) -> None:
    async with aclosing(log.follow()) as lines:
        assert (await anext(lines)).text == "hello"
        for number in range(2 * MAX_LOG_LINES):
            log.print(PACKAGE, LogEntry(WHEN, f"line {number}"))
        heard = [(await anext(lines)).text for _ in range(3 + MAX_LOG_LINES)]
    assert heard[:4] == ["slow", "wrong", "  at main", f"line {MAX_LOG_LINES}"]
    assert heard[-1] == f"line {2 * MAX_LOG_LINES - 1}"


async def test_an_app_prints_to_it_and_its_uncaught_errors_stand_there(
    hold: Callable[..., Awaitable[Hand]],
) -> None:
    hand = await hold("""<flt-semantics id="flt-semantic-node-0">On</flt-semantics><script>
        console.log("signed in as", "ada");
        console.warn("slow");
        console.debug("small");
        setTimeout(() => { throw new Error("nobody catches it"); });
        addEventListener("error", () => document.querySelector("flt-semantics").textContent = "Failed");
    </script>""")
    await hand.phone.start(SAMPLE)
    await hand.reads("Failed")
    async with aclosing(hand.phone.log.follow()) as lines, asyncio.timeout(30):
        heard = list[str]()
        while not (heard and "nobody catches it" in heard[-1]):
            line = await anext(lines)
            heard.append(f"{line.package} {line.priority} {line.text}")
    told = [f"{SAMPLE} {each}" for each in ("I signed in as ada", "W slow", "D small")]
    assert heard[:3] == told
    assert re.fullmatch(rf"{SAMPLE} E Error: nobody catches it", heard[3])
