"""Faults on purpose: there only when asked for, and true to what they say."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app_backend.api import Services, create_app
from app_backend.events import Event, Hub
from app_backend.faults import Armed, Faults
from app_backend.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.app_backend.conftest import Member, OpenStream


@pytest.fixture
async def admin(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Reach a backend that lets faults be armed; all are disarmed at the end."""
    asked_for = Services(
        **{
            **{name: getattr(services, name) for name in Services.__dataclass_fields__},
            "settings": Settings(faults=True),
        }
    )
    transport = httpx.ASGITransport(create_app(asked_for))
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        yield client
    services.faults.armed = Armed()


async def test_without_the_setting_there_is_nothing_to_arm(http: httpx.AsyncClient) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = await http.request(method, "/faults", json={"event_delay_s": 1})
        assert answer.status_code == 404, method


def test_the_setting_is_off_by_default() -> None:
    assert Settings().faults is False


async def test_what_is_armed_is_told_and_can_be_disarmed(admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/faults")).json() == {"event_delay_s": 0.0}
    assert (await admin.put("/faults", json={"event_delay_s": 0.25})).json() == {"event_delay_s": 0.25}
    assert (await admin.get("/faults")).json() == {"event_delay_s": 0.25}
    assert (await admin.delete("/faults")).status_code == 204
    assert (await admin.get("/faults")).json() == {"event_delay_s": 0.0}


@pytest.mark.parametrize(
    "wrong", [{"event_delay_s": -0.1}, {"event_delay_s": 61}, {"event_delay": 1}, {"event_delay_s": "soon"}]
)
async def test_what_can_not_be_armed_is_refused(admin: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await admin.put("/faults", json=wrong)

    assert answer.status_code == 422
    assert (await admin.get("/faults")).json() == {"event_delay_s": 0.0}


async def test_a_delayed_event_comes_late_and_says_when_it_was_committed(
    admin: httpx.AsyncClient, stream: OpenStream, ada: Member
) -> None:
    delay = 0.2
    async with stream() as events:
        await admin.put("/faults", json={"event_delay_s": delay})
        answer = await ada.http.patch("/me", json={"bio": "late"})
        responded = time.time()
        told = json.loads((await anext(events)).data)
        arrived = time.time()

    assert told["committed_at"] == answer.json()["committed_at"]
    assert told["committed_at"] <= told["committed_by"]
    # The commit was over when the request was answered; the event was held back since the stamp, not less.
    assert arrived - told["committed_by"] >= delay
    assert told["committed_by"] <= max(responded, arrived - delay)


async def test_delayed_events_keep_their_order() -> None:
    hub = Hub(queue_size=8)
    faults = Faults(hub)
    faults.armed = Armed(event_delay_s=0.01)

    with hub.subscribe() as subscription:
        for number in range(5):
            faults.deliver(Event(id=str(number), name="post.created", committed_at=0.0, data={}))
        async with asyncio.timeout(10):
            told = [await subscription.next() for _ in range(5)]

    assert [event.id for event in told if isinstance(event, Event)] == ["0", "1", "2", "3", "4"]
