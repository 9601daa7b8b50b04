"""Figures for Prometheus: what happened is counted, under labels that nobody can multiply."""

from __future__ import annotations

import asyncio
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app_backend.api import Services, create_app
from app_backend.observability import Metrics
from app_backend.settings import Mode
from tests.backend_fixtures import DEADLINE_S
from tests.factories import EventFactory

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member, OpenStream

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def figures(http: httpx.AsyncClient) -> Figures:
    """Read all figures, by name and labels."""
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


async def test_requests_are_counted_by_route_method_and_status(http: httpx.AsyncClient, ada: Member) -> None:
    labels = {"route": "/people/{person_id}", "method": "GET", "status": "200"}
    before = await figures(http)
    for _ in range(3):
        await http.get(f"/people/{ada.id}")
    after = await figures(http)

    counted = value(after, "app_backend_request_seconds_count", **labels)
    assert counted - value(before, "app_backend_request_seconds_count", **labels) == 3
    assert value(after, "app_backend_request_seconds_bucket", **labels, le="+Inf") == counted
    assert value(after, "app_backend_request_seconds_sum", **labels) > 0


async def test_nobody_can_make_up_labels(http: httpx.AsyncClient) -> None:
    await http.request("BREW", "/nowhere")
    before = await figures(http)
    for number in range(20):
        await http.get(f"/nowhere/{number}")
        await http.request(f"BREW{number}", "/healthz")
        await http.get(f"/avatars/x/{number}/96.webp")
    after = await figures(http)

    routes = {dict(labels)["route"] for _, labels in after if "route" in dict(labels)}
    assert {"none", "/healthz", "/avatars/{owner}/{version}/{file}"} <= routes
    assert not [route for route in routes if "nowhere" in route]
    methods = {dict(labels)["method"] for _, labels in after if "method" in dict(labels)}
    assert methods <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}
    # At most: the three routes above, each with one status more than before, and its samples.
    assert len(after) - len(before) <= 3 * 20


async def test_uploads_are_counted_by_outcome(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    before = await figures(http)
    await ada.http.put("/me/avatar", content=picture())
    address = (await ada.http.post("/me/avatar/uploads")).json()["url"]
    await http.put(address, content=picture())
    await ada.http.put("/me/avatar", content=b"no picture")
    after = await figures(http)

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("app_backend_uploads_total", outcome="taken") == 2
    assert more("app_backend_uploads_total", outcome="refused") == 1
    assert more("app_backend_rendition_seconds_count", outcome="done") == 2
    assert more("app_backend_rendition_seconds_count", outcome="refused") == 1
    assert more("app_backend_storage_seconds_count", operation="put", outcome="done") == 2


async def test_too_many_requests_and_failures_are_told_apart() -> None:
    metrics = Metrics()
    for status in (200, 304, 409, 429, 429, 500, 503):
        metrics.count_answer("/me/avatar", "PUT", status, 0.01)
    text = metrics.text().decode()

    for line in (
        'app_backend_uploads_total{outcome="taken"} 2.0',
        'app_backend_uploads_total{outcome="refused"} 1.0',
        'app_backend_uploads_total{outcome="limited"} 2.0',
        'app_backend_uploads_total{outcome="failed"} 2.0',
        'app_backend_rate_limited_total{route="/me/avatar"} 2.0',
    ):
        assert line in text.splitlines()


async def test_open_streams_and_events_are_shown(
    http: httpx.AsyncClient, ada: Member, stream: OpenStream
) -> None:
    before = await figures(http)
    async with stream() as events, stream():
        during = await figures(http)
        await ada.http.patch("/me", json={"bio": "new"})
        await anext(events)
    after = await figures(http)

    streams = "app_backend_open_streams"
    assert value(during, streams) - value(before, streams) == 2
    delivered = "app_backend_events_delivered_total"
    assert value(after, delivered) - value(before, delivered) == 1


async def test_the_pool_and_the_process_are_shown(http: httpx.AsyncClient, services: Services) -> None:
    name = "app_backend_database_connections_in_use"
    idle = value(await figures(http), name)
    async with services.database.engine.connect():
        assert value(await figures(http), name) == idle + 1
    assert value(await figures(http), "app_backend_process_resident_memory_bytes") > 0


async def test_retries_breaker_and_faults_are_shown(
    faulty: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    before = await figures(faulty)
    await faulty.put("/faults/pictures_fail", json={"times": 1})
    headers = {"Authorization": f"Bearer {ada.token}"}
    assert (await faulty.put("/me/avatar", content=picture(), headers=headers)).status_code == 200
    await faulty.put("/faults/pictures_fail", json={})
    assert (await faulty.put("/me/avatar", content=picture(), headers=headers)).status_code == 503
    after = await figures(faulty)

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    struck = more("app_backend_faults_struck_total", fault="pictures_fail")
    assert struck > 2
    assert more("app_backend_attempts_failed_total", subject="pictures") == struck
    assert more("app_backend_given_up_total", subject="pictures", reason="TransientFailure") == 1
    assert more("app_backend_uploads_total", outcome="failed") == 1
    states = {state: value(after, "app_backend_breaker_state", subject="pictures", state=state) for state in
              ("closed", "open", "half_open")}  # fmt: skip
    assert states == {"closed": 1, "open": 0, "half_open": 0}


async def test_without_a_database_all_else_is_told(faulty: httpx.AsyncClient) -> None:
    await faulty.put("/faults/database_dropped", json={})

    found = await figures(faulty)

    assert math.isnan(value(found, "app_backend_breaker_state", subject="pictures", state="closed"))
    assert value(found, "app_backend_faults_struck_total", fault="database_dropped") >= 1


async def test_streams_that_we_ended_are_counted_and_why(http: httpx.AsyncClient, services: Services) -> None:
    name = "app_backend_streams_ended_total"
    before = await figures(http)
    with services.hub.subscribe():
        pass
    with services.hub.subscribe() as slow:
        for event in EventFactory.batch(services.settings.event_queue_size + 1):
            slow.put(event)
    after = await figures(http)

    assert value(after, name, reason="slow") - value(before, name, reason="slow") == 1
    assert value(after, name, reason="shutdown") == value(before, name, reason="shutdown")


async def test_what_sweeps_remove_is_counted_and_whether_they_fail() -> None:
    metrics = Metrics()
    metrics.count_sweep("stray files", 2)
    metrics.count_sweep("stray files", 3)
    metrics.count_sweep("stray files", None)
    lines = metrics.text().decode().splitlines()

    assert 'app_backend_swept_total{what="stray files"} 5.0' in lines
    assert 'app_backend_sweeps_failed_total{what="stray files"} 1.0' in lines


async def test_the_sweep_of_this_process_is_counted(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            found = await figures(http)
            names = {dict(labels).get("what") for name, labels in found if name == "app_backend_swept_total"}
            if {"left-over pictures", "expired rows"} <= names:
                break
            await asyncio.sleep(0.01)


async def test_the_reference_names_every_figure_there_is(faulty_services: Services) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/backend-api.md").read_text()
    section = page.split("## Metrics\n")[1].split("\n## ")[0]
    told = set(re.findall(r"`(app_backend_\w+)`", section))

    there = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in faulty_services.metrics.registry.collect()
    }
    assert told == {name for name in there if not name.startswith("app_backend_process_")}


async def test_two_apps_share_no_figures() -> None:
    one, other = Metrics(), Metrics()
    one.count_answer("/feed", "GET", 200, 0.1)

    assert b'route="/feed"' in one.text()
    assert b'route="/feed"' not in other.text()


@pytest.mark.parametrize(("client", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 403)])
async def test_without_a_token_only_this_machine_may_look(
    services: Services, client: str, status: int
) -> None:
    transport = httpx.ASGITransport(create_app(services), client=(client, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as http:
        assert (await http.get("/metrics")).status_code == status


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "192.0.2.7"])
async def test_in_production_nobody_may_look_without_a_token(services: Services, client: str) -> None:
    """A proxy on this machine comes from the loopback address, and says nothing of whom it asks for."""
    settings = services.settings.model_copy(update={"mode": Mode.PRODUCTION})
    for token, status in ((None, 403), (SecretStr("an operator's own token"), 401)):
        app = create_app(
            replace(services, settings=settings.model_copy(update={"operator_token": token})),
        )
        transport = httpx.ASGITransport(app, client=(client, 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as http:
            assert (await http.get("/metrics")).status_code == status
            if token is not None:
                bearer = {"Authorization": f"Bearer {token.get_secret_value()}"}
                assert (await http.get("/metrics", headers=bearer)).status_code == 200
