"""Puts a scenario into a live backend, and finds it there again: loading it twice changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from journeys.data import Progress, Scenario
from journeys.errors import JourneysError
from journeys.http_answers import Answer
from journeys.pictures import Recogniser
from journeys.profile.backend import Person
from journeys.profile.http_backend import HttpBackend, Taken

if TYPE_CHECKING:
    from journeys.profile.scenario_records import PersonRecord, PostRecord

PASSWORD = "scenario-password"  # noqa: S105 - made to be known
"""Of everybody in a scenario; their address is `ID@SCENARIO.example.test`."""

_AT_A_TIME = 4
_ANSWER_S = 30.0
"""Accounts and pictures are work, and several are made at once."""
_PAGE = 100


async def load(scenario: Scenario, url: str, progress: Progress) -> Mapping[str, int]:
    """Put a scenario into the backend at an address; returns how many of what were made or changed."""
    async with ScenarioBackend(url) as backend:
        await backend.load(scenario, progress)
        return backend.counts


@dataclass(frozen=True, slots=True)
class ScenarioPerson:
    """Somebody of a scenario, whose posts and profile can be looked at."""

    person: Person


LoadScenario: TypeAlias = Callable[[str], Awaitable[dict[str, ScenarioPerson]]]
"""Loads a scenario by its name; returns its people by their ids there."""


def _say_nothing(done: int, of: int) -> None:
    """Say nothing of how much is done."""


class ScenarioBackend(HttpBackend):
    """A backend that scenarios are put into; `counts` says what that has changed."""

    def __init__(self, url: str) -> None:
        super().__init__(url, timeout=_ANSWER_S)
        self.counts: Counter[str] = Counter()
        self._gate = asyncio.Semaphore(_AT_A_TIME)
        self._recogniser = Recogniser()

    async def load(
        self, scenario: Scenario, progress: Progress = _say_nothing, *, domain: str | None = None
    ) -> dict[str, Person]:
        """Put a scenario in; returns its people by their ids there, those who are deleted among them.

        Their addresses end in `domain`: with another one, others of the same names are put in beside them.
        """
        domain = domain or f"{scenario.name}.example.test"
        people: list[PersonRecord] = scenario.content.people
        posts: list[PostRecord] = scenario.content.posts
        every, done = len(people) + sum(post.count for post in posts), 0

        def step() -> None:
            nonlocal done
            done += 1
            progress(done, every)

        async def bring(record: PersonRecord) -> Person:
            person, is_new = await self._join(record, f"{record.id}@{domain}")
            step()
            written = Counter() if is_new else Counter([text async for text in self._texts_by(person)])
            for post in posts:
                if post.by == record.id:
                    await self._write(person, post, written, step)
            if record.deleted:
                await self._call_as(person, "DELETE", "/me?cascade=true")
                self.counts["people removed"] += 1
            return person

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {record.id: group.create_task(bring(record)) for record in people}
        except BaseExceptionGroup as several:
            own, _ = several.split(JourneysError)
            raise _first(own or several) from several
        return {name: task.result() for name, task in tasks.items()}

    async def remove(self, scenario: Scenario, people: Mapping[str, Person]) -> None:
        """Take a scenario's people out again, with all they have written."""
        async with asyncio.TaskGroup() as group:
            for record in scenario.content.people:
                if not record.deleted:
                    group.create_task(self._call_as(people[record.id], "DELETE", "/me?cascade=true"))

    async def _join(self, record: PersonRecord, email: str) -> tuple[Person, bool]:
        """Return who is to be there, as they are to be, and whether they had to be made."""
        body = {"email": email, "password": PASSWORD}
        answer = await self._call_unless_taken(
            "POST", "/accounts", json={**body, "display_name": record.name}
        )
        is_new = answer is not None
        self.counts["people made" if is_new else "people there already"] += 1
        if answer is None:
            answer = await self._call("POST", "/sessions", json=body)
        person = await self._person(answer, email, PASSWORD)
        wanted = {"display_name": record.name, "bio": record.bio}
        # The backend's own form of a text may be another; it changes nothing where that is there already.
        if is_new and record.bio:
            await self._call_as(person, "PATCH", "/me", json={"bio": record.bio})
        elif not is_new:
            changed = await self._call_as(person, "PATCH", "/me", json=wanted)
            if self._part(changed, "profile", "version") != self._part(answer, "profile", "version"):
                self.counts["people changed"] += 1
            person.name = self._text(changed, "profile", "display_name")
        await self._show(person, record, has_own=not self._part(answer, "profile", "avatar", "is_default"))
        return person, is_new

    async def _show(self, person: Person, record: PersonRecord, *, has_own: bool) -> None:
        if record.picture is not None:
            picture = await asyncio.to_thread(record.picture.draw, record.id)
            if has_own and self._recogniser.recognise(person.picture.image, picture).same:
                person.picture = picture
            else:
                await self.set_picture(person, picture)
                self.counts["pictures sent"] += 1
        elif has_own:
            await self._call_as(person, "DELETE", "/me/avatar")
            person.picture = await self.default_picture()
            self.counts["pictures removed"] += 1

    async def _write(self, person: Person, post: PostRecord, written: Counter[str], step: Any) -> None:
        """Write the posts of a record that aren't there yet, a page of them at a time."""
        missing = []
        for text in post.texts():
            if written[text]:
                written[text] -= 1
                step()
            else:
                missing.append(text)

        async def write(text: str) -> None:
            await self.write_post(person, text)
            self.counts["posts written"] += 1
            step()

        for first in range(0, len(missing), _PAGE):
            async with asyncio.TaskGroup() as group:
                for text in missing[first : first + _PAGE]:
                    group.create_task(write(text))

    async def _texts_by(self, person: Person) -> AsyncIterator[str]:
        cursor = ""
        while True:
            path = f"/people/{person.id}/posts?limit={_PAGE}{cursor}"
            page = await self._call("GET", path)
            for item in self._part(page, "items"):
                yield self._text(item, "text")
            if page.get("next_cursor") is None:
                return
            cursor = f"&cursor={quote(self._text(page, 'next_cursor'))}"

    async def _call_unless_taken(self, method: str, path: str, **request: Any) -> dict[str, Any] | None:
        """Call; returns None where what is to be made is there already."""
        try:
            return await self._call(method, path, **request)
        except Taken:
            return None

    async def _send(self, method: str, path: str, **request: Any) -> Answer:
        # Bounded here, where nothing waits for anything else of ours.
        async with self._gate:
            return await super()._send(method, path, **request)


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
