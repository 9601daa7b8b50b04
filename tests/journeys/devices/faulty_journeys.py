"""Journeys on which something breaks; copied into a project of their own, which plays them.

Each leaves the processes of its run in the file `processes`, a line for each: number and command.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable
from pathlib import Path
from subprocess import run

import httpx
import pytest

from fake_android import token_file
from flutter_bridge import by
from flutter_bridge.appium import AppiumApp
from journeys import Actor, Cast, journey
from journeys.pytest_plugin.session import SESSION

HELLO = by.text("Hello")
NEVER = by.text("Never there")


def processes() -> dict[int, str]:
    """Return the processes below this one, with their commands."""
    listing = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
    listed = run(listing, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own words
    rows = [line.split(None, 2) for line in listed.splitlines()]
    found = {os.getpid(): ""}
    # Children may be listed before their parents.
    for _ in rows:
        before = len(found)
        found |= {int(pid): args for pid, parent, args in rows if int(parent) in found}
        if len(found) == before:
            break
    return {pid: args for pid, args in found.items() if args and not args.startswith("ps ")}


def note(running: dict[int, str]) -> None:
    """Write the processes down, all at once."""
    Path("processes.new").write_text("".join(f"{pid} {args}\n" for pid, args in running.items()))
    Path("processes.new").rename("processes")


async def joined(cast: Cast) -> Actor:
    alice = await cast.actor("alice")
    await alice.app.find(HELLO)
    note(processes())
    return alice


async def looks_for_ever(alice: Actor, fault: Awaitable[object] | None = None) -> None:
    """Look for what never comes, while something happens."""
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(alice.app.find(NEVER, timeout=600))
        if fault is not None:
            await fault
        await looking


def kill(words: str) -> None:
    """Kill the process of this run whose command has some words in it."""
    (pid,) = (pid for pid, args in processes().items() if words in args)
    os.kill(pid, signal.SIGKILL)


@pytest.fixture
def break_phone(pytestconfig: pytest.Config) -> object:
    """Return what raises a fault on the first phone."""

    async def break_phone(**fault: object) -> None:
        url = pytestconfig.stash[SESSION].environment.addresses["stand-in"]
        sdk = pytestconfig.rootpath / ".journeys" / "stand-in-sdk"
        token = token_file(sdk, url.rpartition(":")[2]).read_text()
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
            done = await client.put(f"{url}/devices/stand-in-1/faults", json=fault)
        assert done.is_success, done.text

    return break_phone


def on_device(actor: Actor) -> AppiumApp:
    assert isinstance(actor.app, AppiumApp)
    return actor.app


@journey("The device is unplugged")
async def device_unplugged(cast: Cast, break_phone) -> None:  # type: ignore[no-untyped-def]  # the fixture above
    await looks_for_ever(await joined(cast), break_phone(unplugged=True))


@journey("The driver's server crashes")
async def server_crashes(cast: Cast, break_phone) -> None:  # type: ignore[no-untyped-def]  # the fixture above
    await break_phone(unplugged=False)
    await looks_for_ever(await joined(cast), break_phone(server="crash"))


@journey("The session is ended behind our back")
async def session_ended(cast: Cast) -> None:
    alice = await joined(cast)
    session = on_device(alice).session
    async with httpx.AsyncClient(timeout=60) as client:
        await looks_for_ever(alice, client.delete(f"{session.server}/session/{session.id}"))


@journey("The app ends")
async def app_ends(cast: Cast) -> None:
    alice = await joined(cast)
    session = on_device(alice).session
    await looks_for_ever(alice, session.platform.stop(session))


@journey("The system asks something")
async def permission_asked(cast: Cast, break_phone) -> None:  # type: ignore[no-untyped-def]  # the fixture above
    alice = await joined(cast)
    await break_phone(dialog="permission")
    await alice.app.find(HELLO)


@journey("The app hangs")
async def app_hangs(cast: Cast, break_phone) -> None:  # type: ignore[no-untyped-def]  # the fixture above
    alice = await joined(cast)
    await break_phone(dialog="not responding")
    await alice.app.find(HELLO, timeout=1)


@journey("Everything is well")
async def all_is_well(cast: Cast) -> None:
    await joined(cast)


@journey("Appium dies")
async def appium_dies(cast: Cast) -> None:
    alice = await joined(cast)
    kill("appium/index.js server")
    await looks_for_ever(alice)


@journey("The stand-ins die")
async def stand_ins_die(cast: Cast) -> None:
    alice = await joined(cast)
    kill("-m fake_android")
    await looks_for_ever(alice)


@journey("Somebody waits")
async def somebody_waits(cast: Cast) -> None:
    await looks_for_ever(await joined(cast))
