"""Faults, one after the other, under traffic of all kinds: what becomes of every request."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy.engine import make_url

from benches._backend_process import Backend, running_backend
from benches._backend_traffic import Outcome, Person, Tally, Traffic, people
from benches._results import print_table

TRAFFIC_S = 2.5
CALM_S = 1.0
"""Traffic without a fault, before the first one."""

WELL_WITHIN_S = 20.0
"""How long after a fault everything has to work again."""

SETTINGS = {
    "APP_BACKEND_FAULTS": "1",
    "APP_BACKEND_UPLOADS_PER_PERSON": "1000000 per minute",
    # Short, so that each fault has all its effects within a moment.
    "APP_BACKEND_PICTURE_DEADLINE_S": "1",
    "APP_BACKEND_BREAKER_COOLDOWN_S": "1",
}

ARMED_WITH: Mapping[str, Mapping[str, Any]] = {
    "pictures_hang": {"share": 0.2},
    "pictures_worker_killed": {"share": 0.5},
    "storage_refuses": {"share": 0.5},
    "storage_slow": {"delay_ms": 300},
    "storage_full": {},
    "renditions_stale": {"stale_s": 1},
    "database_dropped": {"share": 0.1},
    "events_delayed": {"delay_ms": 300},
    "responses_delayed": {"delay_ms": 200},
}
"""What a fault is armed with, where its own defaults strike everything or take too long to be looked at."""

Fault = Callable[[Backend, httpx.AsyncClient], AbstractAsyncContextManager[None]]


async def faults() -> dict[str, object]:
    """Try every fault there is, and those from outside; return figures by key."""
    table: dict[str, dict[str, object]] = {}
    async with running_backend(SETTINGS) as backend, backend.client() as operator:
        everybody = await people(backend, operator)
        table["none"] = await _tried(backend, operator, everybody, _nothing, CALM_S)
        listed = (await operator.get("/faults")).json()["faults"]
        tried: dict[str, Fault] = {each["name"]: _armed(each["name"]) for each in listed}
        tried["dropped at commit"] = _armed("database_dropped", at="commit", share=0.3)
        tried["workers killed from outside"] = _workers_killed
        tried["connections ended from outside"] = _connections_ended
        try:
            for name, fault in tried.items():
                table[name] = await _tried(backend, operator, everybody, fault, TRAFFIC_S)
        finally:
            _print(table)
    return {
        "faults_tried": len(tried),
        "requests_lost": sum(int(str(row["lost"])) for row in table.values()),
        "requests_sent": sum(int(str(row["sent"])) for row in table.values()),
        "faults": table,
    }


async def _tried(
    backend: Backend, operator: httpx.AsyncClient, everybody: list[Person], fault: Fault, seconds: float
) -> dict[str, object]:
    """Have everybody at work while a fault strikes, then see that all is well again and nothing is gone."""
    tally = Tally()
    async with backend.client() as http:
        traffic = Traffic(http, everybody, tally)
        async with fault(backend, operator):
            await traffic.run(seconds)
        began = time.monotonic()
        await _well_again(http, everybody)
        took = time.monotonic() - began
        await traffic.verify()
    outcomes = {outcome.value: tally.outcomes[outcome] for outcome in Outcome}
    return {"sent": tally.sent, **outcomes, "well_after_s": round(took, 1), "reasons": dict(tally.reasons)}


async def _well_again(http: httpx.AsyncClient, everybody: list[Person]) -> None:
    """Wait until everybody's requests of every kind are answered right."""
    deadline = time.monotonic() + WELL_WITHIN_S
    while True:
        tally = Tally()
        await Traffic(http, everybody, tally).run(0.1)
        if tally.outcomes[Outcome.RIGHT] == tally.sent:
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"after a fault, not all is well again within {WELL_WITHIN_S:g} s: {tally}")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _nothing(_backend: Backend, _operator: httpx.AsyncClient) -> AsyncIterator[None]:
    yield


def _armed(name: str, **parameters: Any) -> Fault:
    @asynccontextmanager
    async def armed(_backend: Backend, operator: httpx.AsyncClient) -> AsyncIterator[None]:
        wanted = parameters or dict(ARMED_WITH.get(name, {}))
        (await operator.put(f"/faults/{name}", json=wanted)).raise_for_status()
        try:
            yield
        finally:
            (await operator.delete(f"/faults/{name}")).raise_for_status()

    return armed


def _again_and_again(
    every_s: float, strike: Callable[[Backend], Awaitable[None]]
) -> Callable[[Backend, httpx.AsyncClient], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def striking(backend: Backend, _operator: httpx.AsyncClient) -> AsyncIterator[None]:
        async def work() -> None:
            while True:
                await strike(backend)
                await asyncio.sleep(every_s)

        task = asyncio.create_task(work())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return striking


async def _kill_a_worker(backend: Backend) -> None:
    """Kill one of the processes that make renditions, whichever."""
    workers = []
    for each in psutil.Process(backend.process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if "spawn_main" in " ".join(each.cmdline()):
                workers.append(each)
    if workers:
        with suppress(psutil.NoSuchProcess):
            random.choice(workers).kill()  # noqa: S311 - not a secret


async def _end_connections(backend: Backend) -> None:
    """Have PostgreSQL end every connection of the backend, at work or not."""
    connection = await asyncpg.connect(host=make_url(backend.database_url).query["host"], user="postgres")
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


_workers_killed = _again_and_again(0.3, _kill_a_worker)
_connections_ended = _again_and_again(0.5, _end_connections)


def _print(table: Mapping[str, Mapping[str, object]]) -> None:
    columns = ["sent", *(outcome.value for outcome in Outcome), "well_after_s"]
    header = ["fault", "sent", "right", "503/429", "other 5xx", "lost", "well again, s"]
    print_table(header, [[name, *(str(row[column]) for column in columns)] for name, row in table.items()])
    for name, row in table.items():
        for reason, count in dict(row["reasons"]).items():  # type: ignore[call-overload]  # as made above
            print(f"  {name}: {count} x {reason}")
