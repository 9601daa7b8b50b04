"""A crowd on a real server: how many act, how often, what is noted, and that all of it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from journeys.errors import UsageError
from journeys.load import Activity, VirtualUser, Workload
from journeys.load.crowd import open_crowd
from tests.journeys.load.conftest import Site


async def look(user: VirtualUser) -> None:
    answer = await user.ask("GET", "/look")
    assert answer == {"path": "/look"}


async def be_refused(user: VirtualUser) -> None:
    await user.request("GET", "/refuse")
    raise AssertionError("a refused request ends the activity")


async def enter(user: VirtualUser) -> None:
    await user.request("GET", "/enter")
    user.headers["X-Number"] = str(user.number)


async def until(condition: Callable[[], bool], *, within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - what it asks sets no event
            await asyncio.sleep(0.01)


LOOKING = Activity(run=look, weight=1)


async def test_everybody_enters_once_before_they_act(site: Site) -> None:
    workload = Workload(enter=enter, activities=(LOOKING,), think_s=(0.001, 0.002))
    async with open_crowd(workload, site.url) as crowd:
        await crowd.grow(7, per_second=1000)
        await until(lambda: site.asked["/look"] >= 20)
        assert crowd.people == 7
    assert site.asked["/enter"] == 7


async def test_a_crowd_grows_by_those_who_are_missing(site: Site) -> None:
    workload = Workload(enter=enter, activities=(LOOKING,), think_s=(5, 6))
    async with open_crowd(workload, site.url) as crowd:
        await crowd.grow(2, per_second=1000)
        await crowd.grow(5, per_second=1000)
    assert site.asked["/enter"] == 5


async def test_a_mix_is_chosen_by_its_weights(site: Site) -> None:
    workload = Workload(
        activities=(Activity(run=look, weight=9), Activity(run=be_refused, weight=1)),
        think_s=(0.0001, 0.0002),
    )
    async with open_crowd(workload, site.url, seed=5) as crowd:
        await crowd.grow(4, per_second=1000)
        await until(lambda: site.asked.total() >= 400)
    share = site.asked["/refuse"] / site.asked.total()
    # Of 400 by a tenth each: 40, with a standard deviation of 6.
    assert 0.04 < share < 0.17


async def test_what_comes_per_second_comes_however_few_people_there_are(site: Site) -> None:
    workload = Workload(
        activities=(Activity(run=look, per_second=200.0), Activity(run=enter, weight=1)), think_s=(60, 61)
    )
    async with open_crowd(workload, site.url) as crowd:
        await crowd.grow(1, per_second=1000)
        await until(lambda: site.asked["/look"] >= 20)


async def test_answers_and_failures_are_noted_with_the_servers_own_account(site: Site) -> None:
    workload = Workload(activities=(LOOKING, Activity(run=be_refused, weight=1)), think_s=(0.001, 0.002))
    async with open_crowd(workload, site.url) as crowd:
        crowd.start_record()
        await crowd.grow(3, per_second=1000)
        await until(lambda: site.asked["/look"] >= 10 and site.asked["/refuse"] >= 10)
        record = crowd.finish_record()
    assert set(record.requests["GET /refuse"].failures) == {"503"}
    looked = record.requests["GET /look"]
    assert not looked.failures
    assert record.parts["db"] == pytest.approx(0.003 * len(looked.seconds))


async def test_event_streams_are_held_open_counted_and_opened_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.load.streams.EventStream.RETRY_S", 0.01)
    workload = Workload(activities=(LOOKING,), think_s=(60, 61), stream="/events", streams=3)
    async with open_crowd(workload, site.url) as crowd:
        await crowd.grow(2, per_second=1000)
        await until(lambda: crowd.open_streams == 6)
        crowd.start_record()
        for writer in site.streams:
            # Also one whose word is cut in two.
            writer.write(b"id: 1\ndata: {}\n\n")
            writer.write(b"id: 2\nda")
            await writer.drain()
        await until(lambda: crowd._count_events() == 6)
        for writer in site.streams:
            writer.write(b"ta: {}\n\n: heartbeat\n\n")
        await until(lambda: crowd._count_events() == 12)
        site.streams[0].close()
        await until(lambda: len(site.streams) == 7 and crowd.open_streams == 6)
        record = crowd.finish_record()
    assert (record.events, record.streams_lost) == (12, 1)


async def test_a_stream_that_is_refused_is_not_open(site: Site) -> None:
    workload = Workload(activities=(LOOKING,), think_s=(60, 61), stream="/refuse")
    async with open_crowd(workload, site.url) as crowd:
        await crowd.grow(1, per_second=1000)
        await until(lambda: crowd._count_lost() == 1)
        assert crowd.open_streams == 0
        assert crowd._streams[0].failures == ["503"]


async def test_a_mistake_in_a_workload_ends_the_run_and_is_named(site: Site) -> None:
    async def misspell(user: VirtualUser) -> None:
        answer = await user.ask("GET", "/look")
        answer["pathe"]

    workload = Workload(activities=(Activity(run=misspell, weight=1),), think_s=(0.001, 0.002))
    async with open_crowd(workload, site.url) as crowd:
        await crowd.grow(1, per_second=1000)
        with pytest.raises(UsageError, match="the workload's misspell: KeyError: 'pathe'"):
            await crowd.hold(10)


@pytest.mark.parametrize("path", ["http://elsewhere.example/", "//elsewhere.example/", "look"])
async def test_nobody_asks_another_host(site: Site, path: str) -> None:
    async def stray(user: VirtualUser) -> None:
        await user.request("GET", path)

    workload = Workload(activities=(Activity(run=stray, weight=1),), think_s=(0.001, 0.002))
    async with open_crowd(workload, site.url) as crowd:
        await crowd.grow(1, per_second=1000)
        with pytest.raises(UsageError, match="a path on the target"):
            await crowd.hold(10)


async def test_all_ends_with_the_block(site: Site) -> None:
    workload = Workload(activities=(LOOKING,), think_s=(0.001, 0.002), stream="/events")
    before = asyncio.all_tasks()
    async with open_crowd(workload, site.url) as crowd:
        await crowd.grow(3, per_second=1000)
        await until(lambda: crowd.open_streams == 3)
    ours = {task for task in asyncio.all_tasks() - before if "journeys/load" in str(task.get_coro())}
    assert not ours
