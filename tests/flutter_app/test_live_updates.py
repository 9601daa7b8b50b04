"""The one subscription to the event stream: what it passes on, and how it comes back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from flutter_app.live import LiveUpdates
from flutter_app.model import PersonProfile, PostContent

URLS = {"96": "http://127.0.0.1/96.webp", "512": "http://127.0.0.1/512.webp"}
AVATAR = {"version": "a1", "is_default": False, "urls": URLS}
PROFILE = {"id": "p1", "display_name": "Ada", "bio": "", "avatar": AVATAR, "version": 2}
POST = {"id": "q1", "author": PROFILE, "text": "Hello", "created_at": "2025-01-02T03:04:05Z"}


class Heard:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.news: asyncio.Queue[str] = asyncio.Queue()

    def on_profile_changed(self, profile: PersonProfile) -> None:
        self.news.put_nowait(f"{profile.display_name} is at version {profile.version}")

    def on_post_created(self, post: PostContent) -> None:
        self.news.put_nowait(f"{post.author.display_name} says {post.text}")

    def on_post_removed(self, post_id: str) -> None:
        self.news.put_nowait(f"post {post_id} is gone")

    def on_person_removed(self, person_id: str) -> None:
        self.news.put_nowait(f"person {person_id} is gone")

    def on_connected(self) -> None:
        self.news.put_nowait("connected")

    def on_disconnected(self) -> None:
        self.news.put_nowait("disconnected")


def event(kind: str, data: object) -> str:
    return f"id: 1\nevent: {kind}\ndata: {json.dumps(data)}\n\n"


@asynccontextmanager
async def streaming(*streams: list[str]) -> AsyncIterator[str]:
    """Serve `/events`: each connection gets the next stream, which then ends; the last one stays open."""
    waiting = list(streams)
    stopping = asyncio.Event()

    async def stream(chunks: list[str], *, last: bool) -> AsyncIterator[str]:
        for chunk in chunks:
            yield chunk
        if last:
            await stopping.wait()

    async def events(_: Request) -> Response:
        if not waiting:
            return Response(status_code=503)
        chunks = waiting.pop(0)
        return StreamingResponse(stream(chunks, last=not waiting), media_type="text/event-stream")

    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[Route("/events", events)]), log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listening]))
            try:
                yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            finally:
                stopping.set()
                server.should_exit = True


async def listen(url: str, count: int) -> list[str]:
    """Listen until so many things were heard."""
    heard = Heard()
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http, asyncio.timeout(10):
        listening = asyncio.create_task(LiveUpdates(http, heard).run())
        try:
            return [await heard.news.get() for _ in range(count)]
        finally:
            listening.cancel()
            await asyncio.wait([listening])


async def test_events_are_passed_on_in_order() -> None:
    stream = [
        event("ready", {}),
        ": heartbeat\n\n",
        event("profile.changed", {"kind": "name", "profile": PROFILE, "committed_at": 1.0}),
        event("post.created", {"post": POST, "committed_at": 2.0}),
        event("post.removed", {"post": {"id": "q1", "author": {"id": "p1"}}, "committed_at": 3.0}),
        event("person.removed", {"person": {"id": "p1"}, "posts": 0, "committed_at": 4.0}),
    ]
    async with streaming(stream) as url:
        assert await listen(url, 5) == [
            "connected",
            "Ada is at version 2",
            "Ada says Hello",
            "post q1 is gone",
            "person p1 is gone",
        ]


async def test_a_stream_that_ends_is_opened_again() -> None:
    async with streaming([event("ready", {})], [event("ready", {})]) as url:
        assert await listen(url, 3) == ["connected", "disconnected", "connected"]


@pytest.mark.parametrize(
    "odd",
    [
        "event: profile.changed\ndata: no json\n\n",
        event("profile.changed", {"profile": {"id": "p1"}}),
        event("post.created", [1, 2]),
        event("post.removed", {}),
        event("person.removed", {"person": []}),
        event("something.new", {"of": "a newer backend"}),
    ],
)
async def test_what_is_not_understood_is_left_out(odd: str) -> None:
    known = event("profile.changed", {"profile": PROFILE})
    async with streaming([event("ready", {}), odd, known]) as url:
        assert await listen(url, 2) == ["connected", "Ada is at version 2"]


async def test_an_unreachable_backend_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    assert await listen(url, 2) == ["disconnected", "disconnected"]
