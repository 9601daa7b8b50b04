"""Arming faults on purpose: there only when asked for, for operators alone, and nothing but what is named."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app_backend.api import Services, create_app, open_backend
from app_backend.faults import (
    CATALOGUE,
    ConnectionFaults,
    DelayedResponses,
    Faults,
    FaultyDelivery,
    FaultyStorage,
    PictureFaults,
    StaleRenditions,
)
from app_backend.faults.catalogue import EventsLost, Lasting
from app_backend.settings import Settings

TOKEN = "an operator's own token"
WRAPPERS = (
    ConnectionFaults,
    DelayedResponses,
    Faults,
    FaultyDelivery,
    FaultyStorage,
    PictureFaults,
    StaleRenditions,
)


def reached_from(services: Services, client: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(services), client=(client, 40000))
    return httpx.AsyncClient(transport=transport, base_url="http://backend.test", headers=headers)


async def armed(admin: httpx.AsyncClient) -> dict[str, Any]:
    faults = (await admin.get("/faults")).json()["faults"]
    return {fault["name"]: fault["armed"] for fault in faults if fault["armed"] is not None}


# --- only when asked for


async def test_without_the_setting_there_is_nothing_to_arm(http: httpx.AsyncClient) -> None:
    paths = [route for route in (await http.get("/openapi.json")).json()["paths"] if "fault" in route]

    assert paths == []
    for path in ("/faults", *(f"/faults/{name}" for name in CATALOGUE)):
        for method in ("GET", "PUT", "DELETE"):
            answer = await http.request(method, path, json={})
            assert answer.status_code == 404, (method, path)


async def test_without_the_setting_nothing_is_wrapped(
    database_url: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []
    for kind in WRAPPERS:
        monkeypatch.setattr(kind, "__init__", lambda self, *_, **__: built.append(type(self).__name__))

    async with open_backend(settings, database_url=database_url, pictures=tmp_path) as (_, services):
        assert services.faults is None
        async with reached_from(services) as client:
            assert (await client.get("/readyz")).status_code == 200

    assert built == []


def test_the_setting_is_off_by_default() -> None:
    assert Settings().faults is False


# --- for operators alone


async def test_who_is_not_on_this_machine_may_not(faulty_services: Services) -> None:
    async with reached_from(faulty_services, "192.0.2.7") as stranger:
        for method, path in (("GET", "/faults"), ("PUT", "/faults/events_lost"), ("DELETE", "/faults")):
            assert (await stranger.request(method, path, json={})).status_code == 403, (method, path)


@pytest.mark.parametrize(
    "header", ["Origin", "Referer", "Sec-Fetch-Site", "X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"]
)
async def test_a_page_or_a_proxy_on_this_machine_may_not(faulty_services: Services, header: str) -> None:
    async with reached_from(faulty_services, **{header: "http://elsewhere.test"}) as page:
        assert (await page.put("/faults/events_lost", json={})).status_code == 403


async def test_with_a_token_only_who_has_it_may_from_anywhere(faulty_services: Services) -> None:
    settings = faulty_services.settings.model_copy(update={"operator_token": SecretStr(TOKEN)})
    guarded = replace(faulty_services, settings=settings)

    async with reached_from(guarded) as without:
        answer = await without.put("/faults/events_lost", json={})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    async with reached_from(guarded, Authorization="Bearer another token") as wrong:
        assert (await wrong.put("/faults/events_lost", json={})).status_code == 401
    async with reached_from(guarded, "192.0.2.7", Authorization=f"Bearer {TOKEN}") as operator:
        assert (await operator.get("/faults")).status_code == 200


# --- nothing but what is named


async def test_what_there_is_and_what_is_armed_is_told(faulty: httpx.AsyncClient) -> None:
    told = (await faulty.get("/faults")).json()["faults"]

    assert [fault["name"] for fault in told] == list(CATALOGUE)
    assert all(fault["meaning"] and fault["armed"] is None for fault in told)


async def test_the_reference_names_every_fault_and_what_it_takes(faulty: httpx.AsyncClient) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/backend-api.md").read_text()
    section = page.split("## Faults on purpose\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE))

    assert list(rows) == list(CATALOGUE)
    for name, kind in CATALOGUE.items():
        own = set(kind.model_fields) - set(Lasting.model_fields)
        assert own == {word for word in re.findall(r"`(\w+)`", rows[name]) if word in kind.model_fields}, name


async def test_each_fault_is_armed_and_disarmed_by_itself(faulty: httpx.AsyncClient) -> None:
    answer = await faulty.put("/faults/events_delayed", json={"delay_ms": 250, "times": 3})
    assert answer.status_code == 200
    assert answer.json()["armed"] == {"delay_ms": 250, "times": 3, "for_s": None, "share": 1}
    await faulty.put("/faults/storage_full")
    assert set(await armed(faulty)) == {"events_delayed", "storage_full"}

    assert (await faulty.delete("/faults/events_delayed")).status_code == 204
    assert set(await armed(faulty)) == {"storage_full"}

    await faulty.put("/faults/events_lost")
    assert (await faulty.delete("/faults")).status_code == 204
    assert await armed(faulty) == {}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("events_delayed", {"delay_ms": -1}),
        ("events_delayed", {"delay_ms": 60_001}),
        ("events_delayed", {"delay_ms": "soon"}),
        ("events_delayed", {"delay": 1}),
        ("events_lost", {"times": 0}),
        ("events_lost", {"share": 1.5}),
        ("events_lost", {"for_s": 0}),
        ("storage_slow", {"operations": []}),
        ("storage_slow", {"operations": ["guess"]}),
        ("database_dropped", {"at": "lunch"}),
        ("connections_dropped", {"times": 2}),
        ("responses_delayed", {"path": ""}),
        ("renditions_stale", {"stale_s": 1e9}),
    ],
)
async def test_what_can_not_be_armed_so_is_refused(
    faulty: httpx.AsyncClient, name: str, wrong: dict[str, Any]
) -> None:
    answer = await faulty.put(f"/faults/{name}", json=wrong)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (field,) = wrong
    assert answer.json()["errors"][0]["field"].startswith(f"body.{field}")
    assert await armed(faulty) == {}


async def test_an_unknown_fault_is_not_found(faulty: httpx.AsyncClient) -> None:
    for method in ("PUT", "DELETE"):
        answer = await faulty.request(method, "/faults/meteorite", json={})
        assert answer.status_code == 404
        assert "events_lost" in answer.json()["detail"]


# --- how often, how long, which share


async def test_a_fault_with_a_number_of_times_disarms_itself() -> None:
    faults = Faults()
    await faults.arm(EventsLost(times=2))

    assert [faults.strike(EventsLost) is not None for _ in range(4)] == [True, True, False, False]
    assert faults.all()["events_lost"] is None
    assert faults.struck["events_lost"] == 2


async def test_a_fault_with_a_time_disarms_itself() -> None:
    now = 100.0
    faults = Faults(clock=lambda: now)
    await faults.arm(EventsLost(for_s=5))

    now = 104.9
    assert faults.strike(EventsLost) is not None
    now = 105.0
    assert faults.strike(EventsLost) is None
    assert faults.all()["events_lost"] is None


async def test_a_share_of_the_occasions_is_struck_evenly() -> None:
    faults = Faults()
    await faults.arm(EventsLost(share=0.25))

    struck = [faults.strike(EventsLost) is not None for _ in range(12)]

    assert struck == [False, False, False, True] * 3


async def test_occasions_that_do_not_fit_leave_a_fault_as_it_is() -> None:
    faults = Faults()
    await faults.arm(EventsLost(times=1))

    assert faults.strike(EventsLost, when=lambda _: False) is None
    assert faults.strike(EventsLost) is not None
