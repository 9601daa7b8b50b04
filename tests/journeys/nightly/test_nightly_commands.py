"""What `journeys farm trends`, `forget`, `devices` and `release` print."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from rich.console import Console

from journeys.errors import UsageError
from journeys.nightly.commands import forget_nights, release_devices, show_devices, show_trends
from journeys.nightly.record import CellStatus
from journeys.nightly.store import Store
from tests.journeys.nightly.sample_nights import HOSTILE, cell, night, surface


@pytest.fixture
def console() -> Iterator[Console]:
    with StringIO() as printed:
        yield Console(file=printed, width=160)


def printed_on(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


async def test_trends_say_what_fails_since_when_and_what_is_slow(
    store: Store, store_address: str, tmp_path: Path, console: Console
) -> None:
    became: list[tuple[CellStatus, CellStatus]] = [
        ("passed", "passed"),
        ("failed", "failed"),
        ("failed", "passed"),
    ]
    for number, (new_avatar, odd) in enumerate(became, start=1):
        await store.keep(
            night(
                cell(new_avatar, of="new_avatar", surfaces=[surface("passed", None)]),
                cell(odd, of="[red]odd[/]", on="android"),
                id=f"night-{number}",
                revision=f"revision-{number}",
            )
        )
    await show_trends(store_address, tmp_path, console)

    said = printed_on(console)
    assert "3 nights up to night-3 · revision-3" in said
    assert [line.split() for line in said.splitlines() if line.startswith("new_avatar")] == [
        ["new_avatar", "web", "·ff", "33", "%", "50", "%", "night-2", "revision-2", "night-1", "revision-1"]
    ]
    assert "[red]odd[/]" in said
    assert "1203–1266 ms" in said


async def test_trends_as_json_are_the_record(
    store: Store, store_address: str, tmp_path: Path, console: Console
) -> None:
    await store.keep(night(cell(of=HOSTILE)))
    trends = await show_trends(store_address, tmp_path, console, as_json=True)

    assert json.loads(printed_on(console)) == trends
    assert trends["cells"][0]["journey"] == HOSTILE


@pytest.mark.parametrize(
    ("name", "branch", "said"),
    [
        ("nihgtly", "", "no night called 'nihgtly' is kept: did you mean nightly?"),
        ("[red]", "", "no night called '[red]' is kept: there is nightly, weekly"),
        ("", "mian", "no night of branch 'mian' is kept: did you mean main?"),
        ("weekly", "main", "no night called 'weekly' of branch 'main' is kept: there is release-4"),
    ],
)
async def test_where_only_other_nights_are_kept_they_are_named(
    store: Store, store_address: str, tmp_path: Path, console: Console, name: str, branch: str, said: str
) -> None:
    await store.keep(night(cell()))
    await store.keep(night(cell(), id="night-5", name="weekly", branch="release-4"))
    await show_trends(store_address, tmp_path, console, name=name, branch=branch)

    assert printed_on(console) == f"{said}\n"


async def test_a_store_without_nights_says_so(store_address: str, tmp_path: Path, console: Console) -> None:
    await show_trends(store_address, tmp_path, console)

    assert printed_on(console) == "no night is kept yet: `journeys farm run` keeps one\n"


async def test_old_nights_are_forgotten_but_the_newest_of_each_name_and_branch(
    store: Store, store_address: str, tmp_path: Path, console: Console
) -> None:
    for number, (name, branch) in enumerate(
        [("nightly", "main"), ("weekly", "main"), ("nightly", "topic")] * 3
    ):
        await store.keep(
            night(cell(surfaces=[surface("passed", None)]), id=f"n{number}", name=name, branch=branch)
        )
    forget = partial(forget_nights, store_address, tmp_path, console)

    assert await forget(2, only_look=True) == ["n0", "n1", "n2"]
    assert await forget(2, name="nightly", branch="main") == ["n0"]
    assert await forget(1) == ["n1", "n2", "n3", "n4", "n5"]
    assert await forget(1) == []
    assert await forget(1, name="nihgtly") == []

    assert printed_on(console).splitlines() == [
        "would forget 3 nights: n0 to n2",
        "forgot 1 night: n0",
        "forgot 5 nights: n1 to n5",
        "forgot 0 nights",
        "no night called 'nihgtly' is kept: did you mean nightly?",
    ]
    trends = await store.trends()
    assert [row["id"] for row in trends["nights"]] == ["n6", "n7", "n8"]
    assert trends["cells"][0]["outcomes"] == "ppp"


async def test_devices_are_shown_with_their_holders_and_released_by_name(
    store: Store, store_address: str, tmp_path: Path, console: Console
) -> None:
    async with store.leases.lease("phones", ["pixel"], holder="night 7 gw0"):
        await show_devices(store_address, tmp_path, console)
        with pytest.raises(UsageError, match="nobody has a device pixle: there is phones/pixel"):
            await release_devices(store_address, tmp_path, console, ["pixle"])
        assert await release_devices(store_address, tmp_path, console, expired=True) == 0
        assert await release_devices(store_address, tmp_path, console, ["phones/pixel"]) == 1
        assert await store.leases.list_held() == []

    shown = printed_on(console).splitlines()
    assert shown[1].split()[:5] == ["phones", "pixel", "night", "7", "gw0"]
    assert "due in" in shown[1]
    assert shown[2:] == ["nothing had to be released", "released pixel of phones from night 7 gw0"]


async def test_only_those_whose_holder_is_gone_are_released_as_expired(
    store: Store, store_address: str, tmp_path: Path, console: Console
) -> None:
    async with (
        store.leases.lease("phones", ["pixel"], holder="alive"),
        store.leases.lease("phones", ["nexus"], holder="gone"),
    ):
        database = await asyncpg.connect(store_address)
        await database.execute(
            "UPDATE journeys_farm.leases SET expires_at = clock_timestamp() WHERE holder = 'gone'"
        )
        await database.close()
        await show_devices(store_address, tmp_path, console)
        assert await release_devices(store_address, tmp_path, console, expired=True) == 1
        assert [one.holder for one in await store.leases.list_held()] == ["alive"]

    assert "missing for 0 s" in printed_on(console)
