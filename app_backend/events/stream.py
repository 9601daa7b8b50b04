"""Server-sent events: how a subscription becomes the body of a response."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

from app_backend.events.event import Event
from app_backend.events.hub import End, Hub, Silence

Render = Callable[[Event], bytes | None]
"""Turns an event into what one reader gets, or into None where it isn't meant for that reader."""


def encode(event: str, data: Any, *, event_id: str | None = None) -> bytes:
    """Return one server-sent event."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


READY = encode("ready", {})
STILL_HERE = b": still here\n\n"


async def stream(hub: Hub, render: Render, *, heartbeat_s: float) -> AsyncGenerator[bytes, None]:
    """Yield `ready` once nothing can be missed any more, then every event, and `closed` at the end.

    A comment comes after `heartbeat_s` seconds of silence at most: so both sides notice a dead connection.
    """
    with hub.subscribe(longest_silence_s=heartbeat_s) as subscription:
        while not hub.is_listening:
            try:
                await asyncio.wait_for(hub.listening(), heartbeat_s)
            except TimeoutError:
                yield b": waiting for the database\n\n"
        yield READY
        while True:
            event = await subscription.next()
            if isinstance(event, Silence):
                yield STILL_HERE
                continue
            if isinstance(event, End):
                yield encode("closed", {"reason": event.value})
                return
            rendered = render(event)
            if rendered is not None:
                subscription.heard()
                yield rendered
