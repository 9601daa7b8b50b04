"""A live backend over REST and an event stream."""

from __future__ import annotations

import asyncio
import re
import secrets
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html import unescape
from typing import Any, Self

import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError

from flutter_bridge import is_loopback
from journeys.commit_streams import CommitReport, CommitStream
from journeys.documents import UnreadableDocument, decode_any_json, one_line, quote_value
from journeys.errors import InfrastructureError
from journeys.http_answers import Answer, AnswerTooLong, BoundedEvents, send
from journeys.pictures import NotAPicture, Picture
from journeys.profile.backend import Person, fresh_email
from journeys.remote_clock import RemoteClock

ANSWER_LIMIT_S = 60.0
"""How long an answer may take as a whole; `timeout` is for each piece of it."""

KEEP_IDLE_S = 2.0
"""How long a connection without a request is kept.

Servers close theirs after 5 seconds (uvicorn, Node) or more: a request sent in that very moment is lost.
"""

_PAGE_NAME = re.compile(r"<(title|h1)[^>]*>([^<]{1,200})", re.IGNORECASE)

_LATEST = 1e11
"""Unix seconds that no clock shows: it is the year 5138."""


class HttpBackend(CommitStream):
    """A `Backend` over REST and an event stream, as `docs/reference/backend-api.md` describes them.

    async with HttpBackend("http://127.0.0.1:8000") as backend:
        alice = await backend.create_person("Alice")
    """

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        # A proxy of the environment has no business between us and a backend on this host.
        self._client = httpx.AsyncClient(
            base_url=self.url,
            timeout=timeout,
            limits=httpx.Limits(keepalive_expiry=KEEP_IDLE_S),
            trust_env=not is_loopback(self.url),
        )
        self._default: Picture | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def create_person(self, name: str, *, email: str | None = None) -> Person:
        """Create an account with a fresh e-mail address and no picture of its own."""
        password = secrets.token_urlsafe(12)
        email = email or fresh_email(name)
        answer = await self._call(
            "POST", "/accounts", json={"email": email, "password": password, "display_name": name}
        )
        return await self._person(answer, email, password)

    async def find_person(self, email: str, password: str) -> Person:
        """Return a person who created an account in the app."""
        answer = await self._call("POST", "/sessions", json={"email": email, "password": password})
        return await self._person(answer, email, password)

    async def _person(self, answer: dict[str, Any], email: str, password: str) -> Person:
        url = self._text(answer, "profile", "avatar", "urls", "512")
        if not self._part(answer, "profile", "avatar", "is_default"):
            picture = await self._picture(url, "current picture")
        else:
            picture = self._default = self._default or await self._picture(url, "default avatar")
        return Person(
            id=self._text(answer, "profile", "id"),
            name=self._text(answer, "profile", "display_name"),
            email=email,
            password=password,
            token=self._token(answer),
            picture=picture,
        )

    async def set_picture(self, person: Person, picture: Picture) -> None:
        """Give a person a picture without going through the app."""
        await self._call_as(
            person,
            "PUT",
            "/me/avatar",
            content=picture.encoded,
            headers={"Content-Type": picture.media_type},
        )
        person.picture = picture

    async def write_post(self, person: Person, text: str) -> None:
        """Publish a post in a person's name without going through the app."""
        await self._call_as(person, "POST", "/posts", json={"text": text})

    async def default_picture(self) -> Picture:
        """Return what is shown for people without a picture of their own; read once."""
        if self._default is None:
            answer = await self._call(
                "POST",
                "/accounts",
                json={
                    "email": fresh_email("nobody"),
                    "password": secrets.token_urlsafe(12),
                    "display_name": "Nobody",
                },
            )
            url = self._text(answer, "profile", "avatar", "urls", "512")
            self._default = await self._picture(url, "default avatar")
        return self._default

    async def _picture(self, url: str, name: str) -> Picture:
        answer = await self._send("GET", url)
        try:
            return Picture.from_bytes(name, answer.body)
        except NotAPicture as error:
            raise self.error(f"its picture can't be read: {error}") from error

    async def read_clock(self) -> RemoteClock:
        """Read the backend's clock by round trips to `/time`."""
        clock = RemoteClock()
        await clock.read(self._time)
        return clock

    @asynccontextmanager
    async def connect(self, key: str) -> AsyncIterator[AsyncIterator[CommitReport]]:
        """Hear of every change to a person that becomes durable while the context is open.

        The backend stamps a commit just before it and once it is done; one that has no second stamp leaves it
        open until word of it arrives here.
        """
        try:
            async with self._client.stream(
                "GET", "/events", params={"person": key}, timeout=httpx.Timeout(10.0, read=60.0)
            ) as response:
                if response.status_code != 200:
                    raise self.error(f"the event stream answered {response.status_code}")
                assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - of an AsyncClient
                response.stream = BoundedEvents(response.stream)
                events = EventSource(response).aiter_sse()
                await self._wait_until_ready(events)
                yield self._reports(events, key)
        except (httpx.HTTPError, SSEError) as error:
            raise self._unreachable_error(error) from error

    async def _wait_until_ready(self, events: AsyncIterator[ServerSentEvent]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                async for event in events:
                    if event.event == "ready":
                        return
        except TimeoutError as error:
            raise self.error(f"the event stream was not ready within {self._timeout:g} s") from error
        raise self.error("the event stream ended before it was ready")

    async def _reports(
        self, events: AsyncIterator[ServerSentEvent], key: str
    ) -> AsyncGenerator[CommitReport, None]:
        try:
            async for event in events:
                if event.event in {"profile.changed", "post.created"}:
                    yield self._report(event, key)
        except (httpx.HTTPError, SSEError) as error:
            raise self._unreachable_error(error) from error
        except UnreadableDocument as error:
            raise self.error(f"an event {error}") from error

    def _report(self, event: ServerSentEvent, key: str) -> CommitReport:
        """Return what an event tells of a commit; a backend may have no second stamp."""
        data = decode_any_json(event.data.encode("utf-8", "replace"))
        before = self._moment(data, "committed_at")
        return CommitReport(
            change=self._text(data, "kind") if "kind" in data else event.event,
            key=key,
            before=before,
            after=None if data.get("committed_by") is None else self._moment(data, "committed_by"),
        )

    async def _time(self) -> float:
        return self._moment(await self._call("GET", "/time"), "now")

    async def _call_as(
        self,
        person: Person,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> dict[str, Any]:
        """Call in a person's name; signs them in again where their token has expired in a long run."""
        signed_in = {**(headers or {}), "Authorization": f"Bearer {person.token}"}
        try:
            return await self._call(method, path, headers=signed_in, **request)
        except _Unauthorized:
            answer = await self._call(
                "POST", "/sessions", json={"email": person.email, "password": person.password}
            )
            person.token = self._token(answer)
        signed_in["Authorization"] = f"Bearer {person.token}"
        return await self._call(method, path, headers=signed_in, **request)

    async def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        content = (await self._send(method, path, **request)).body
        if not content:
            return {}
        try:
            answer = decode_any_json(content)
        except UnreadableDocument as error:
            raise self.error(f"{method} {path} answered with what is no JSON; is a backend there?") from error
        return answer if isinstance(answer, dict) else {}

    def _part(self, answer: Any, *names: str) -> Any:
        """Return a part of an answer; a backend that leaves it out doesn't speak as one must."""
        for name in names:
            if not isinstance(answer, dict) or name not in answer:
                raise self.error(f"an answer lacks {'.'.join(names)}, which the journeys need")
            answer = answer[name]
        return answer

    def _text(self, answer: Any, *names: str) -> str:
        text = self._part(answer, *names)
        if not isinstance(text, str) or not text or "\0" in text:
            raise self._unfit_error(names, "text", text)
        return text

    def _token(self, answer: Any) -> str:
        token = self._text(answer, "token")
        if not re.fullmatch("[!-~]+", token):
            # Not repeated here: it is a secret.
            raise self.error("its token can't be sent in a header")
        return token

    def _moment(self, answer: Any, *names: str) -> float:
        moment = self._part(answer, *names)
        if isinstance(moment, bool) or not isinstance(moment, int | float) or not 0 <= moment < _LATEST:
            raise self._unfit_error(names, "Unix seconds", moment)
        return float(moment)

    def _unfit_error(self, names: tuple[str, ...], expected: str, value: object) -> InfrastructureError:
        return self.error(f"{'.'.join(names)} of an answer: expected {expected}, found {quote_value(value)}")

    async def _send(self, method: str, path: str, **request: Any) -> Answer:
        # Under this id the backend's log has all about it.
        headers = {"X-Request-ID": f"journeys-{uuid.uuid4().hex}", **request.pop("headers", {})}
        try:
            answer = await send(
                self._client, method, path, seconds=ANSWER_LIMIT_S, headers=headers, **request
            )
        except httpx.InvalidURL as error:
            raise self.error(f"{quote_value(path)} in an answer is no address") from error
        except httpx.HTTPError as error:
            raise self._unreachable_error(error) from error
        code = answer.response.status_code
        if answer.response.is_error:
            kind = {401: _Unauthorized, 409: Taken}.get(code, InfrastructureError)
            raise self.error(f"{method} {path} answered {code}: {_reason(answer.body)}", kind)
        return answer

    def error(self, what: str, kind: type[InfrastructureError] = InfrastructureError) -> InfrastructureError:
        """Return an error that names the backend."""
        return kind(f"backend at {self.url}: {what}")

    def _unreachable_error(self, error: Exception) -> InfrastructureError:
        if isinstance(error, AnswerTooLong):
            return self.error(f"{error}; is a backend there?")
        what = one_line(str(error)) or type(error).__name__
        return InfrastructureError(f"backend at {self.url} can't be reached ({what}); is it running?")


class Taken(InfrastructureError):
    """What was to be made is there already."""


class _Unauthorized(InfrastructureError):
    """The backend doesn't take the token, or what somebody wants to sign in with."""


def _reason(body: bytes) -> str:
    try:
        problem = decode_any_json(body)
    except UnreadableDocument:
        text = body.decode(errors="replace")
        if not text.lstrip().startswith("<"):
            return one_line(text)
        # A page for people says in its title, or its heading, what it is: its markup tells nobody anything.
        named = _PAGE_NAME.search(text)
        name = one_line(unescape(named[2])) if named else ""
        return (
            f"a web page{f' “{name}”' if name else ''}; does a backend answer there, and is it this path's?"
        )
    if not isinstance(problem, dict):
        return one_line(str(problem))
    return one_line(str(problem.get("detail") or problem.get("title") or problem))
