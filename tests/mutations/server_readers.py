"""Readers of what servers answer: a backend, providers of devices, Appium."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from unittest.mock import patch

import httpx

from journeys.commits import Commit
from journeys.devices import Place, check_appiums
from journeys.devices.providers import check_provider
from journeys.errors import InfrastructureError, JourneysError
from journeys.pictures import PictureError
from journeys.profile.http_backend import HttpBackend
from journeys.targets import Target
from tests.mutations.app_readers import PICTURE
from tests.mutations.reader import Read, Reader, message_of

URL = "http://127.0.0.1:1"
SECRETS = {
    "BROWSERSTACK_USERNAME": "ada",
    "BROWSERSTACK_ACCESS_KEY": "a key of ada's",
    "SAUCE_USERNAME": "ada",
    "SAUCE_ACCESS_KEY": "a key of ada's",
}
_OURS = (JourneysError,)
_NO_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")

ACCOUNT = json.dumps(
    {
        "token": "abc.def",
        "profile": {
            "id": "7",
            "display_name": "Ada",
            "avatar": {"is_default": False, "urls": {"96": "/a/96", "512": "/a/512"}},
        },
    }
).encode()
PROBLEM = json.dumps({"title": "Conflict", "status": 409, "detail": "there is such an account"}).encode()
STATUS = json.dumps({"value": {"ready": True, "message": "ready", "build": {"version": "3.8.0"}}}).encode()
GRID = json.dumps(
    {
        "value": {
            "ready": True,
            "nodes": [
                {
                    "availability": "UP",
                    "slots": [{"stereotype": {"platformName": "android", "browserName": ""}}],
                },
                {"availability": "DOWN", "slots": []},
            ],
        }
    }
).encode()
PLAN = json.dumps(
    {
        "parallel_sessions_running": 1,
        "parallel_sessions_max_allowed": 5,
        "queued_sessions": 0,
        "queued_sessions_max_allowed": 5,
    }
).encode()
CONCURRENCY = json.dumps({"concurrency": {"organization": {"allowed": {"rds": 2, "vms": 0}}}}).encode()
HEAD = json.dumps(
    {
        "status": 200,
        "headers": {
            "date": "Sat, 31 Jan 2026 12:00:00 GMT",
            "content-type": "application/json",
            "retry-after": "30",
            "location": "https://elsewhere.example/path",
        },
        "body": json.dumps({"value": {"error": "unknown", "message": "it says no"}}),
    }
).encode()
EVENTS = (
    b": hello\n\nevent: ready\ndata: {}\n\n"
    b"event: profile.changed\nid: 1\n"
    b'data: {"kind": "name", "committed_at": 1774000000.25, "committed_by": 1774000000.25}\n\n'
    b'event: post.created\nid: 2\ndata: {"committed_at": 1774000000.25}\n\n'
)
NOW = b'{"now": 1774000000.25}'
STAMP = b"1774000000.25"
"""What stands for the moment at which it is sent."""

Answer = Callable[[httpx.Request], httpx.Response]


def _check(
    target: Target, document: bytes, *, code: int = 200, headers: Mapping[str, str] | None = None
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(code, content=document, headers=headers))
    with (
        patch.object(httpx, "AsyncClient", partial(httpx.AsyncClient, transport=transport)),
        patch.dict("os.environ", SECRETS),
    ):
        if target.provider is None:
            check_appiums([Place(target=target)])
        else:
            check_provider(target)


def _provider(name: str | None, platform: str = "android", **options: str) -> Callable[[Path], Read]:
    target = Target(
        name="pixel",
        platform=platform,  # type: ignore[arg-type]  # one of them
        provider=name,
        appium_url=URL,
        provider_options=options,
    )
    return lambda _: partial(_check, target)


def _read_problem(folder: Path) -> Read:
    """Read the same as an answer of every status that has words of its own."""
    del folder
    target = Target(name="pixel", platform="android", provider="grid", appium_url=URL)

    def read(document: bytes) -> object:
        problems = []
        for code in (401, 403, 404, 429, 500):
            try:
                _check(target, document, code=code)
            except JourneysError as error:
                problems.append(message_of(error))
        assert len(problems) == 5
        return problems

    return read


def _read_head(folder: Path) -> Read:
    del folder
    target = Target(name="pixel", platform="android", provider="appium", appium_url=URL)

    def read(document: bytes) -> object:
        try:
            said = json.loads(document)
            code, given = int(said["status"]) % 1000, dict(said["headers"])
        except (ValueError, RecursionError, LookupError, TypeError, OverflowError):
            return None
        headers = {
            re.sub(r"[^a-z-]", "", str(name).lower()) or "x": _NO_HEADER.sub("", str(value)[:9000])
            for name, value in given.items()
        }
        headers.pop("content-encoding", None)
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        for status in (code, 302, 429):
            try:
                _check(target, str(said.get("body")).encode("utf-8", "replace"), code=status, headers=encoded)  # type: ignore[arg-type]  # raw bytes
            except JourneysError as error:
                message_of(error)
        return code

    return read


def _backend(answer: Answer) -> HttpBackend:
    transport = httpx.MockTransport(answer)
    with patch.object(httpx, "AsyncClient", partial(httpx.AsyncClient, transport=transport)):
        return HttpBackend(URL)


def _read_account(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=PICTURE if request.method == "GET" else document)

        async def ask() -> object:
            async with _backend(answer) as backend:
                person = await backend.create_person("Ada")
                await backend.write_post(person, "hello")
                return person

        return asyncio.run(ask())

    return read


def _read_refusal(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        async def ask() -> object:
            async with _backend(lambda _: httpx.Response(409, content=document)) as backend:
                try:
                    return await backend.create_person("Ada")
                except InfrastructureError as error:
                    return message_of(error)

        return asyncio.run(ask())

    return read


def _read_backends_picture(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=document if request.method == "GET" else ACCOUNT)

        async def ask() -> object:
            async with _backend(answer) as backend:
                return await backend.create_person("Ada")

        return asyncio.run(ask())

    return read


def _read_clock(folder: Path) -> Read:
    del folder
    return lambda document: asyncio.run(_listen(EVENTS, document))


def _read_events(folder: Path) -> Read:
    del folder
    return lambda document: asyncio.run(_listen(document, NOW))


async def _listen(events: bytes, clock: bytes) -> list[Commit]:
    """Hear two commits, or what keeps one from hearing them."""

    def answer(request: httpx.Request) -> httpx.Response:
        moment = b"%.6f" % time.time()
        if request.url.path == "/time":
            return httpx.Response(200, content=clock.replace(STAMP, moment))
        kind = {"content-type": "text/event-stream"}
        return httpx.Response(200, content=events.replace(STAMP, moment), headers=kind)

    heard = list[Commit]()
    async with _backend(answer) as backend, backend.listen("7") as commits:
        async for commit in commits:
            heard.append(commit)
            if len(heard) == 2:
                break
    return heard


READERS = (
    Reader("backend's account", "json", (ACCOUNT,), _read_account, _OURS),
    Reader("backend's refusal", "json", (PROBLEM,), _read_refusal, _OURS),
    Reader("backend's picture", "bytes", (PICTURE,), _read_backends_picture, (*_OURS, PictureError)),
    Reader("backend's clock", "json", (NOW,), _read_clock, _OURS),
    Reader("backend's events", "bytes", (EVENTS,), _read_events, _OURS),
    Reader("status of an Appium", "json", (STATUS,), _provider(None), _OURS),
    Reader("status of a provider's Appium", "json", (STATUS,), _provider("appium"), _OURS),
    Reader("status of a Selenium Grid", "json", (GRID,), _provider("grid"), _OURS),
    Reader("BrowserStack's plan", "json", (PLAN,), _provider("browserstack", api_url=URL), _OURS),
    Reader("Sauce Labs' concurrency", "json", (CONCURRENCY,), _provider("saucelabs", api_url=URL), _OURS),
    Reader("refusal of a provider", "json", (STATUS,), _read_problem, _OURS),
    Reader("head of a provider's answer", "json", (HEAD,), _read_head, _OURS),
)
