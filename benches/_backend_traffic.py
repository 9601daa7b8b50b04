"""People at work on a backend: they read, write and upload at once, and check every answer they get."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from benches._backend_process import Backend

PATIENCE_S = 30.0
PAUSE_S = 0.05
"""After a request that was refused; a person would wait longer."""

READERS = 4
POSTERS = 2
EDITORS = 2
UPLOADERS = 3


class Outcome(Enum):
    """What became of a request."""

    RIGHT = "right"
    REFUSED = "refused"
    """Answered with 503 or 429 as a problem that says when to come again."""

    FAILED = "failed"
    """Answered with another 5xx as a problem."""

    LOST = "lost"
    """No answer, half of one, a wrong one, or an error that doesn't say what it is."""


@dataclass
class Tally:
    """What became of the requests of a while."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """What was wrong with those that were lost or failed."""

    def add(self, outcome: Outcome, reason: str = "") -> None:
        """Count one request."""
        self.outcomes[outcome] += 1
        if reason:
            self.reasons[reason] += 1

    @property
    def sent(self) -> int:
        """All requests."""
        return self.outcomes.total()


@dataclass
class Person:
    """Somebody at work, and what was acknowledged to them."""

    id: str
    headers: dict[str, str]
    posted: list[str] = field(default_factory=list)
    bios: list[str] = field(default_factory=list)
    """The last bio that was acknowledged, and those sent since of which that isn't known."""

    shown: list[str] = field(default_factory=list)
    """Likewise the version of the picture; `?` where it isn't known."""


async def people(backend: Backend, http: httpx.AsyncClient) -> list[Person]:
    """Make accounts for everybody who writes, with a post each."""
    made = []
    for number in range(POSTERS + EDITORS + UPLOADERS):
        headers = await backend.member(http, f"busy{number}")
        made.append(Person((await http.get("/me", headers=headers)).json()["id"], headers))
        # So that no feed is empty.
        (await http.post("/posts", json={"text": "Good morning"}, headers=headers)).raise_for_status()
    return made


class Traffic:
    """Requests of all kinds at once, each counted by what became of it."""

    def __init__(self, http: httpx.AsyncClient, everybody: list[Person], tally: Tally) -> None:
        self._http = http
        self._tally = tally
        self._posters = everybody[:POSTERS]
        self._editors = everybody[POSTERS : POSTERS + EDITORS]
        self._uploaders = everybody[POSTERS + EDITORS :]
        self._numbers = itertools.count(time.time_ns())
        self._stop = False

    async def run(self, seconds: float) -> None:
        """Work for so long; every request that was begun is waited for."""
        kinds: list[Callable[[], Awaitable[bool]]] = [self._read] * READERS
        kinds += [self._posting(person) for person in self._posters]
        kinds += [self._editing(person) for person in self._editors]
        kinds += [self._uploading(person) for person in self._uploaders]
        until = time.monotonic() + seconds

        async def work(request: Callable[[], Awaitable[bool]]) -> None:
            while time.monotonic() < until:
                if not await request():
                    await asyncio.sleep(PAUSE_S)

        async with asyncio.TaskGroup() as tasks:
            for kind in kinds:
                tasks.create_task(work(kind))

    async def verify(self) -> None:
        """Look whether all that was acknowledged is there, once; what isn't counts as lost."""
        for person in self._posters:
            said = await self._said_by(person)
            for text in person.posted:
                if said[text] != 1:
                    self._tally.add(Outcome.LOST, f"a post is there {said[text]} times")
        for person in self._editors:
            profile = (await self._http.get(f"/people/{person.id}")).json()
            if person.bios and profile["bio"] not in person.bios:
                self._tally.add(Outcome.LOST, "a bio is another one")
        for person in self._uploaders:
            avatar = (await self._http.get(f"/people/{person.id}")).json()["avatar"]
            if person.shown and "?" not in person.shown and avatar["version"] not in person.shown:
                self._tally.add(Outcome.LOST, "a picture is another one")
            for url in avatar["urls"].values():
                if (await self._http.get(url)).status_code != 200:
                    self._tally.add(Outcome.LOST, "a rendition is not there")

    async def _read(self) -> bool:
        number = next(self._numbers)
        if number % 3:
            feed = await self._send("GET", "/feed", right=lambda answer: bool(_items(answer)))
            if feed is None:
                return False
            person = _items(feed)[number % len(_items(feed))]["author"]
            return await self._send("GET", f"/people/{person['id']}", right=_is_profile) is not None
        person = self._uploaders[number % len(self._uploaders)]
        found = await self._send("GET", f"/people/{person.id}", right=_is_profile)
        return found is not None

    def _posting(self, person: Person) -> Callable[[], Awaitable[bool]]:
        async def post() -> bool:
            text = f"post {next(self._numbers)}"
            answer = await self._send(
                "POST",
                "/posts",
                status=201,
                headers=person.headers,
                json={"text": text},
                right=lambda answer: answer.json()["post"]["text"] == text,
            )
            if answer is not None:
                person.posted.append(text)
            return answer is not None

        return post

    def _editing(self, person: Person) -> Callable[[], Awaitable[bool]]:
        async def edit() -> bool:
            bio = f"bio {next(self._numbers)}"
            person.bios.append(bio)
            answer = await self._send(
                "PATCH",
                "/me",
                headers=person.headers,
                json={"bio": bio},
                right=lambda answer: answer.json()["profile"]["bio"] == bio,
            )
            if answer is not None:
                person.bios[:] = [bio]
            return answer is not None

        return edit

    def _uploading(self, person: Person) -> Callable[[], Awaitable[bool]]:
        async def upload() -> bool:
            person.shown.append("?")
            answer = await self._send(
                "PUT",
                "/me/avatar",
                headers={**person.headers, "Content-Type": "image/png"},
                content=_picture(next(self._numbers)),
                right=lambda answer: not answer.json()["profile"]["avatar"]["is_default"],
            )
            if answer is None:
                return False
            avatar = answer.json()["profile"]["avatar"]
            person.shown[:] = [avatar["version"]]
            # By nobody else's hand it can have gone meanwhile.
            return await self._send("GET", avatar["urls"]["96"], right=_is_webp) is not None

        return upload

    async def _send(
        self,
        method: str,
        url: str,
        *,
        right: Callable[[httpx.Response], bool],
        status: int = 200,
        **request: Any,
    ) -> httpx.Response | None:
        """Send a request and count it; return its answer if that is right."""
        what = f"{method} {url.split('/')[1] if url.startswith('/') else 'rendition'}"
        try:
            answer = await self._http.request(method, url, timeout=PATIENCE_S, **request)
        except httpx.HTTPError as error:
            self._tally.add(Outcome.LOST, f"{what}: {type(error).__name__}")
            return None
        if answer.status_code == status:
            if _holds(right, answer):
                self._tally.add(Outcome.RIGHT)
                return answer
            self._tally.add(Outcome.LOST, f"{what}: a wrong answer")
            return None
        outcome = _outcome(answer)
        reason = "" if outcome is Outcome.REFUSED else f"{what}: {answer.status_code} {answer.text[:200]}"
        self._tally.add(outcome, reason)
        return None

    async def _said_by(self, person: Person) -> Counter[str]:
        said: Counter[str] = Counter()
        cursor: str | None = ""
        while cursor is not None:
            params = {"limit": "100", **({"cursor": cursor} if cursor else {})}
            page = (await self._http.get(f"/people/{person.id}/posts", params=params)).json()
            said.update(item["text"] for item in page["items"])
            cursor = page["next_cursor"]
        return said


def _outcome(answer: httpx.Response) -> Outcome:
    """Tell a clear error from one that doesn't say what it is."""
    if answer.headers.get("content-type") != "application/problem+json":
        return Outcome.LOST
    problem = answer.json()
    if problem.get("status") != answer.status_code or not problem.get("detail"):
        return Outcome.LOST
    if answer.status_code in {429, 503}:
        return Outcome.REFUSED if answer.headers.get("retry-after", "").isdecimal() else Outcome.LOST
    return Outcome.FAILED if answer.status_code >= 500 else Outcome.LOST


def _holds(right: Callable[[httpx.Response], bool], answer: httpx.Response) -> bool:
    try:
        return right(answer)
    except (ValueError, KeyError, TypeError):
        return False


def _items(answer: httpx.Response) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def _is_profile(answer: httpx.Response) -> bool:
    return {"id", "display_name", "avatar"} <= set(answer.json())


def _is_webp(answer: httpx.Response) -> bool:
    return answer.headers["content-type"] == "image/webp" and answer.content[8:12] == b"WEBP"


def _picture(number: int) -> bytes:
    output = BytesIO()
    colour = (number >> 16 & 255, number >> 8 & 255, number & 255)
    Image.new("RGB", (300, 200), colour).save(output, "PNG")
    return output.getvalue()
