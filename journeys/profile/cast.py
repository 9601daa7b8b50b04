"""Who takes part in a journey of the profile: members with an account, visitors without one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence

from flutter_bridge import Finder, FlutterApp, NoAnswer, by
from journeys.actor import Actor
from journeys.cast import Cast, CastOptions
from journeys.chaos import Fault
from journeys.errors import UsageError
from journeys.pictures import Picture
from journeys.profile.backend import Backend, NoBackend, Person, fresh_email
from journeys.profile.identifiers import Identifiers
from journeys.profile.surfaces import Author, Feed, Header, ProfileScreen, PublicProfile

# The names that examples of this kind have had for long; those who come later are numbered.
_ONLOOKERS = ("bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan")
_AT_A_TIME = 4


class Member(Actor):
    """Someone with the app open before them, who may have an account.

    `header`, `profile_screen` and `feed` are where they look and act; `profile_of(someone)` is another
    person's public profile. `person` is who they are to the backend.
    """

    def __init__(self, cast: ProfileCast, name: str, app: FlutterApp, person: Person | None) -> None:
        super().__init__(cast, name, app)
        self._backend = cast.backend
        self._person = person
        self.identifiers = cast.identifiers
        self.feed = Feed(self)

    @property
    def person(self) -> Person:
        """Who they are to the backend; raises `UsageError` for a visitor, who is nobody to it."""
        if self._person is None:
            raise UsageError(f"{self.name} has no account: only a member has a header, a profile and posts")
        return self._person

    @property
    def header(self) -> Header:
        """Their own picture and name at the top of every screen."""
        return Header(self, self.person)

    @property
    def profile_screen(self) -> ProfileScreen:
        """Their own profile, where they change it."""
        return ProfileScreen(self, self.person)

    def profile_of(self, someone: Author) -> PublicProfile:
        """Return another person's public profile."""
        return PublicProfile(self, someone.person)

    @property
    def notice(self) -> Finder:
        """What finds the app's word on what they did last."""
        return by.identifier(self.identifiers.notice)

    async def sign_in(self) -> None:
        """Sign in with their e-mail address and password."""
        ids, person = self.identifiers, self.person
        with self.step(f"{self.name} signs in"):
            await self.app.tap(by.identifier(ids.header_sign_in))
            await self.app.enter_text(by.identifier(ids.sign_in_email), person.email)
            await self.app.enter_text(by.identifier(ids.sign_in_password), person.password)
            await self.app.tap(by.identifier(ids.sign_in_submit))
            await self.app.find(by.identifier(ids.header_avatar))

    async def open_sign_in(self) -> None:
        """Go to where one signs in."""
        with self.step(f"{self.name} opens the sign-in"):
            await self.app.tap(by.identifier(self.identifiers.header_sign_in))
            await self.app.find(by.identifier(self.identifiers.sign_in_submit))

    async def open_registration(self) -> None:
        """Go from the sign-in to where one creates an account."""
        with self.step(f"{self.name} opens the registration"):
            await self.app.tap(by.identifier(self.identifiers.sign_in_register))
            await self.app.find(by.identifier(self.identifiers.register_submit))

    async def create_account(self, display_name: str) -> None:
        """Create an account in the app, as a newcomer does, and be signed in with it."""
        ids = self.identifiers
        with self.step(f"{self.name} creates an account"):
            email, password = fresh_email(self.name), secrets.token_urlsafe(12)
            await self.app.tap(by.identifier(ids.header_sign_in))
            await self.app.tap(by.identifier(ids.sign_in_register))
            await self.app.enter_text(by.identifier(ids.register_name), display_name)
            await self.app.enter_text(by.identifier(ids.register_email), email)
            await self.app.enter_text(by.identifier(ids.register_password), password)
            await self.app.tap(by.identifier(ids.register_submit))
            await self.app.find(by.identifier(ids.header_avatar))
            self._person = await self._backend.find_person(email, password)


class ProfileCast(Cast[Member]):
    """The cast of a journey of the profile; `backend` has its people's accounts."""

    def __init__(
        self,
        options: CastOptions,
        *,
        backend: Backend,
        identifiers: Identifiers | None = None,
        faults: Mapping[str, Fault] | None = None,
    ) -> None:
        commits = None if isinstance(backend, NoBackend) else backend
        super().__init__(options, commits=commits, faults=faults)
        self.backend = backend
        self.identifiers = identifiers or Identifiers()

    @property
    def changing_places(self) -> Sequence[Finder]:
        """People's pictures and addresses, which look other in every run."""
        return self.identifiers.changing_places()

    async def member(self, name: str, *, picture: Picture | None = None, posts: Sequence[str] = ()) -> Member:
        """Bring in someone who has an account, signed in on their target.

        `picture` and `posts` are what they have from before; without a picture they have the default avatar.
        """
        with self.step(f"{name} joins"):
            async with asyncio.TaskGroup() as group:
                person = group.create_task(self._create_account(name, picture, posts))
                app = group.create_task(self.open_app(name))
            return await self._sign_in(name, app.result(), person.result())

    async def members(self, *names: str) -> list[Member]:
        """Bring in several people with accounts at once."""
        async with asyncio.TaskGroup() as group:
            joining = [group.create_task(self.member(name)) for name in names]
        return [task.result() for task in joining]

    async def crowd(self, number: int) -> list[Member]:
        """Bring in so many people with accounts who look on: bob, carol, dave ... and then onlooker-9.

        A few at a time: a machine that opens dozens of apps at once lets each of them wait too long.
        """
        if number < 1:
            raise UsageError(f"a crowd has at least 1 person, got {number}")
        names = [
            *_ONLOOKERS[:number],
            *(f"onlooker-{each}" for each in range(len(_ONLOOKERS) + 1, number + 1)),
        ]
        people: list[Member] = []
        for first in range(0, number, _AT_A_TIME):
            people += await self.members(*names[first : first + _AT_A_TIME])
        return people

    async def another_device_of(self, actor: Member) -> Member:
        """Bring in a second app in which the same person is signed in."""
        name = f"{actor.name}'s other device"
        with self.step(f"{name} joins"):
            return await self._sign_in(name, await self.open_app(name), actor.person)

    async def visitor(self, name: str) -> Member:
        """Bring in someone without an account, or not signed in."""
        with self.step(f"{name} joins"):
            return Member(self, name, await self.open_app(name), None)

    async def default_picture(self) -> Picture:
        """Return what every surface shows for people without a picture of their own."""
        return await self.backend.default_picture()

    async def _sign_in(self, name: str, app: FlutterApp, person: Person) -> Member:
        member = Member(self, name, app, person)
        try:
            await member.sign_in()
        except NoAnswer as error:
            # Flutter's engine for the web crashes now and then soon after its start: no journey's fault.
            member = Member(self, name, await self.open_anew(name, app, error), person)
            await member.sign_in()
        return member

    async def _create_account(self, name: str, picture: Picture | None, posts: Sequence[str]) -> Person:
        person = await self.backend.create_person(name[:1].upper() + name[1:])
        if picture is not None:
            await self.backend.set_picture(person, picture)
        for text in posts:
            await self.backend.write_post(person, text)
        return person
