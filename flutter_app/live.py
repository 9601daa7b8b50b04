"""Live updates: one subscription to the backend's event stream for all open tabs."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Protocol

import httpx
from httpx_sse import ServerSentEvent, SSEError, aconnect_sse

from flutter_app.model import PersonProfile, PostContent

_log = logging.getLogger(__name__)

# The backend sends a heartbeat every 10 s: two missed ones and a bit more mean that nobody is there.
_SILENCE_S = 25.0
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 3.0


class LiveListener(Protocol):
    """Who wants to know what happens at the backend."""

    def on_profile_changed(self, profile: PersonProfile) -> None:
        """Take in somebody's new name, bio or picture."""
        ...

    def on_post_created(self, post: PostContent) -> None:
        """Take in a new post."""
        ...

    def on_post_removed(self, post_id: str) -> None:
        """Take away a post."""
        ...

    def on_person_removed(self, person_id: str) -> None:
        """Take away a person and whatever is by them."""
        ...

    def on_connected(self) -> None:
        """Read again what is on screen: from now on no event is missed, but some may have been before."""
        ...

    def on_disconnected(self) -> None:
        """Tell people that what they see may be out of date."""
        ...


class LiveUpdates:
    """Keep one subscription open for as long as `run` runs, and pass on what it says."""

    def __init__(self, http: httpx.AsyncClient, listener: LiveListener) -> None:
        self._http = http
        self._listener = listener
        self._pause = _FIRST_PAUSE_S

    async def run(self) -> None:
        """Listen until cancelled; whenever the stream ends, open it again after a growing pause."""
        while True:
            try:
                await self._listen()
            except (httpx.HTTPError, SSEError) as error:
                _log.info("the event stream broke: %r", error)
            self._listener.on_disconnected()
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_S)

    async def _listen(self) -> None:
        timeout = httpx.Timeout(5.0, read=_SILENCE_S)
        async with aconnect_sse(self._http, "GET", "/events", timeout=timeout) as source:
            source.response.raise_for_status()
            async for event in source.aiter_sse():
                self._take(event)

    def _take(self, event: ServerSentEvent) -> None:
        if event.event == "ready":
            self._pause = _FIRST_PAUSE_S
            self._listener.on_connected()
            return
        try:
            news = _read(event)
        except (ValueError, LookupError, TypeError, AttributeError):
            _log.warning("left out an event this app doesn't understand: %s", event.event)
            return
        if isinstance(news, PersonProfile):
            self._listener.on_profile_changed(news)
        elif isinstance(news, PostContent):
            self._listener.on_post_created(news)
        elif isinstance(news, _RemovedPost):
            self._listener.on_post_removed(news.id)
        elif isinstance(news, _RemovedPerson):
            self._listener.on_person_removed(news.id)


@dataclass(frozen=True)
class _RemovedPost:
    id: str


@dataclass(frozen=True)
class _RemovedPerson:
    id: str


def _read(event: ServerSentEvent) -> PersonProfile | PostContent | _RemovedPost | _RemovedPerson | None:
    """Read an event's subject; a newer backend may send kinds this app doesn't know: nothing then."""
    match event.event:
        case "profile.changed":
            return PersonProfile.read(json.loads(event.data)["profile"])
        case "post.created":
            return PostContent.read(json.loads(event.data)["post"])
        case "post.removed":
            return _RemovedPost(str(json.loads(event.data)["post"]["id"]))
        case "person.removed":
            return _RemovedPerson(str(json.loads(event.data)["person"]["id"]))
        case _:
            return None
