"""What is kept of a journey's apps when it has failed: of all at once, in files of their own, and in time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import AppUnreachable
from journeys import cast
from journeys.profile import ProfileCast

if TYPE_CHECKING:
    from tests.journeys.played.conftest import MemoryStage


def evidence_names(memory: MemoryStage) -> list[list[str]]:
    return [app.kept for app in memory.opened.values()]


async def test_every_open_app_is_asked_in_the_journeys_folder(
    players: ProfileCast, memory: MemoryStage
) -> None:
    folders: list[Path] = []

    async def note(folder: Path, _: str) -> None:
        folders.append(folder)

    await players.members("alice", "bob")
    for app in memory.opened.values():
        app.keeping = note
    await players.keep_evidence()
    assert evidence_names(memory) == [["alice"], ["bob"]]
    assert folders == [players.evidence] * 2


async def test_names_are_files_names_each_another_one(players: ProfileCast, memory: MemoryStage) -> None:
    alice = await players.member("alice")
    await players.another_device_of(alice)
    for name in ("Zoë / 李", "a b", "a-b", "..", "??"):
        await players.visitor(name)
    await players.keep_evidence()
    assert evidence_names(memory) == [
        ["alice"],
        ["alice-s-other-device"],
        ["Zoë-李"],
        ["a-b"],
        ["a-b-2"],
        ["someone"],
        ["someone-2"],
    ]


async def test_they_are_asked_side_by_side(players: ProfileCast, memory: MemoryStage) -> None:
    both = asyncio.Barrier(2)

    async def meet(_: Path, __: str) -> None:
        await both.wait()

    await players.members("alice", "bob")
    for app in memory.opened.values():
        app.keeping = meet
    await players.keep_evidence()
    assert evidence_names(memory) == [["alice"], ["bob"]]


@pytest.mark.parametrize("error", [AppUnreachable("gone"), OSError(28, "No space left on device")])
async def test_an_app_that_can_tell_nothing_stands_in_nobodys_way(
    players: ProfileCast, memory: MemoryStage, error: Exception
) -> None:
    async def fail(_: Path, __: str) -> None:
        raise error

    await players.members("alice", "bob")
    memory.opened["alice"].keeping = fail
    await players.keep_evidence()
    assert evidence_names(memory) == [[], ["bob"]]


async def test_an_app_that_takes_too_long_is_not_waited_for(
    players: ProfileCast, memory: MemoryStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: Path, __: str) -> None:
        await asyncio.Event().wait()

    await players.members("alice", "bob")
    memory.opened["alice"].keeping = hang
    monkeypatch.setattr(cast, "EVIDENCE_S", 0.05)
    await players.keep_evidence()
    assert evidence_names(memory) == [[], ["bob"]]


async def test_without_apps_there_is_nothing_to_keep(players: ProfileCast) -> None:
    await players.keep_evidence()
