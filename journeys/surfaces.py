"""Where a profile shows: header, profile screen, feed; how to get there, and what is done there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from PIL import Image

from flutter_bridge import ActionFailed, Finder, FlutterApp, Interval, Tree, by, now
from flutter_bridge.temporary import temporary_folder
from journeys.errors import UsageError
from journeys.identifiers import Identifiers
from journeys.person import Person
from journeys.pictures import Picture, Recogniser

# Seconds between two looks: an app waits for a node, but what the node shows is for us to judge.
_PACE = 0.05
# Seconds an app is given to say something else than what it said before, and to say the same anew.
_ANEW = 10.0
_SAME_AGAIN = 2.0


class Onlooker(Protocol):
    """Someone with the app open before them, as a surface needs them."""

    @property
    def name(self) -> str:
        """What the journey calls them."""
        ...

    @property
    def app(self) -> FlutterApp:
        """The app they use."""
        ...

    @property
    def identifiers(self) -> Identifiers:
        """What that app calls its places."""
        ...

    @property
    def recogniser(self) -> Recogniser:
        """What tells whether a crop shows a picture."""
        ...

    def step(self, title: str) -> AbstractContextManager[None]:
        """Record what happens inside as a step of theirs."""
        ...

    async def expect_screen(
        self, name: str, *, mask: Sequence[Finder] = (), region: Finder | None = None
    ) -> None:
        """Hold what is on screen against its baseline."""
        ...

    async def about_to_change(self) -> None:
        """Get every observer of an open propagation ready, before the change is set off."""
        ...

    def acted(self, action: str, received: Interval) -> None:
        """Say when the app received an action."""
        ...


class Surface:
    """A place in one onlooker's app where one person's picture and name show."""

    name: str

    def __init__(self, onlooker: Onlooker, person: Person, *, picture: Finder, title: Finder) -> None:
        self._onlooker = onlooker
        self._person = person
        self._ids = onlooker.identifiers
        self.picture_finder = picture
        self.name_finder = title

    @property
    def actor(self) -> str:
        """Who looks at it."""
        return self._onlooker.name

    @property
    def app(self) -> FlutterApp:
        """The app they use."""
        return self._onlooker.app

    @property
    def target(self) -> str:
        """The target on which they do."""
        return self.app.target

    @property
    def person_id(self) -> str:
        """Whose profile it shows."""
        return self._person.id

    @property
    def current_picture(self) -> Picture:
        """The picture it must show now."""
        return self._person.picture

    @property
    def current_name(self) -> str:
        """The name it must show now."""
        return self._person.name

    async def show(self) -> None:
        """Go there and bring the picture wholly on screen."""
        await self._go()
        await self.app.scroll_to(self.picture_finder)

    async def _go(self) -> None:
        """Go there; the header, on every screen, is where one already is."""

    async def shows(self, wanted: Picture | str, *, within: float = 10.0) -> None:
        """Check that a picture, or a name, is what the surface shows, waiting up to `within` seconds.

        Raises `ActionFailed` with what it shows instead.
        """
        # Not by its name, which differs from target to target: nights are compared step by step.
        what = "the picture" if isinstance(wanted, Picture) else repr(wanted)
        with self._onlooker.step(f"{self.actor} sees {what} in the {self.name}"):
            await self.show()
            if isinstance(wanted, str):
                await self._shows_name(wanted, within)
            else:
                await self._shows_picture(wanted, within)

    async def matches_baseline(self, name: str = "", *, mask: Sequence[Finder] = ()) -> None:
        """Go there and hold the whole screen against its baseline, called like the surface if not otherwise.

        People's pictures are left out, and what else `mask` finds. A difference fails the journey at its end.
        """
        await self.show()
        await self._onlooker.expect_screen(name or self.name.replace(" ", "-"), mask=mask)

    async def _shows_name(self, wanted: str, within: float) -> None:
        deadline = now() + within
        while (said := (await self.app.find(self.name_finder)).text) != wanted:
            if now() >= deadline:
                raise ActionFailed(
                    f"{self.actor}'s {self.name} shows {said!r} instead of {wanted!r} "
                    f"({self.name_finder}) after {within:g} s"
                )
            await asyncio.sleep(_PACE)

    async def _shows_picture(self, wanted: Picture, within: float) -> None:
        deadline = now() + within
        while True:
            seen = self._onlooker.recogniser.recognise(await self.crop(), wanted)
            if seen.same:
                return
            if now() >= deadline:
                raise ActionFailed(
                    f"{self.actor}'s {self.name} doesn't show {wanted.name} ({self.picture_finder}) after "
                    f"{within:g} s: {seen.reason}"
                )
            await asyncio.sleep(_PACE)

    async def crop(self) -> Image.Image:
        """Take a picture, in the screen's own pixels, of the box in which the person's picture shows."""
        # Each read is a request to a device: one says both where the picture is and how wide the screen is.
        tree = await self.app.semantics()
        node = self.picture_finder.first_in(tree)
        if node is None or not node.visible:
            node = await self.app.find(self.picture_finder)
        screen = await self.app.screenshot()
        ratio = screen.width / tree.screen.width
        box = node.box
        return screen.crop(
            (
                round(box.left * ratio),
                round(box.top * ratio),
                round(box.right * ratio),
                round(box.bottom * ratio),
            )
        )


class Header(Surface):
    """The header that every screen carries: who is signed in."""

    name = "header"

    def __init__(self, onlooker: Onlooker, person: Person) -> None:
        ids = onlooker.identifiers
        super().__init__(
            onlooker,
            person,
            picture=by.identifier(ids.header_avatar),
            title=by.identifier(ids.header_name),
        )


class ProfileScreen(Surface):
    """One's own profile, where picture and name are changed."""

    name = "profile screen"

    def __init__(self, onlooker: Onlooker, person: Person) -> None:
        ids = onlooker.identifiers
        super().__init__(
            onlooker,
            person,
            picture=by.identifier(ids.profile_avatar),
            title=by.identifier(ids.profile_name),
        )

    async def _go(self) -> None:
        tree = await self.app.semantics()
        if by.identifier(self._ids.profile_change_picture).first_in(tree) is None:
            await self.app.tap(by.identifier(self._ids.header_profile))
        elif _shown(self.picture_finder, tree):
            return
        await self.app.find(self.picture_finder)

    async def upload(self, picture: Picture) -> None:
        """Choose a picture from a file, and see the app say that it is the new one."""
        with self._onlooker.step(f"{self.actor} uploads a picture"):
            before = await self._ready()
            with temporary_folder("picture") as folder:
                file = picture.save(folder)
                received = await self.app.choose_file(by.identifier(self._ids.profile_change_picture), file)
                self._onlooker.acted(f"chose {picture.name}", received)
                await self._noticed(self._ids.picture_changed, before)
            self._person.picture = picture

    async def remove_picture(self, *, leaves: Picture) -> None:
        """Take the picture away; `leaves` is what must show from then on: the default avatar."""
        with self._onlooker.step(f"{self.actor} removes the picture"):
            before = await self._ready()
            received = await self.app.tap(by.identifier(self._ids.profile_remove_picture))
            self._onlooker.acted("tapped to remove the picture", received)
            await self._noticed(self._ids.picture_removed, before)
            self._person.picture = leaves

    async def rename(self, name: str) -> None:
        """Enter another display name and save it."""
        with self._onlooker.step(f"{self.actor} changes the name to {name}"):
            before = await self._ready()
            await self.app.enter_text(by.identifier(self._ids.profile_name_field), name)
            received = await self.app.tap(by.identifier(self._ids.profile_save))
            self._onlooker.acted("tapped to save the name", received)
            await self._noticed(self._ids.name_changed, before)
            self._person.name = name

    async def _ready(self) -> str | None:
        """Get ready to change something; returns what the app's notice says still of what was before."""
        await self.show()
        await self._onlooker.about_to_change()
        tree = await self.app.semantics()
        if by.identifier(self._ids.profile_change_picture).first_in(tree) is None:
            raise UsageError(
                f"{self.actor} can't watch another screen and change the profile in the same app: "
                f"expect what that screen shows on cast.another_device_of({self.actor})"
            )
        return self._notice(tree)

    def _notice(self, tree: Tree) -> str | None:
        if not self._ids.notice:
            return None
        node = by.identifier(self._ids.notice).first_in(tree)
        return node.text if node is not None and node.visible else None

    async def _noticed(self, wanted: str, before: str | None) -> None:
        """Wait until the app says that it is done; an app that says something else is quoted."""
        if not (self._ids.notice and wanted):
            return
        # An app that says the same words again may do so without ever being seen to say nothing.
        deadline = now() + (_SAME_AGAIN if wanted in (before or "") else _ANEW)
        while before is not None and now() < deadline:
            if self._notice(await self.app.semantics()) != before:
                break
            await asyncio.sleep(_PACE)
        said = await self.app.find(by.identifier(self._ids.notice))
        if wanted not in said.text:
            raise ActionFailed(f"{self.actor}'s app says {said.text!r}, where {wanted!r} was expected")


class PublicProfile(Surface):
    """Somebody's profile as others see it."""

    name = "public profile"

    def __init__(self, onlooker: Onlooker, person: Person) -> None:
        ids = onlooker.identifiers
        super().__init__(
            onlooker,
            person,
            picture=by.identifier(ids.profile_avatar),
            title=by.identifier(ids.profile_name),
        )
        self._shown = False

    async def _go(self) -> None:
        tree = await self.app.semantics() if self._shown else None
        if tree is None or self.picture_finder.first_in(tree) is None:
            await self.app.open(self._ids.profile_link.format(person=self._person.id))
            self._shown = True
        elif _shown(self.picture_finder, tree):
            return
        await self.app.find(self.picture_finder)

    async def keeps_private(self, secret: str) -> None:
        """Check that something private, such as an e-mail address, is nowhere on the screen."""
        with self._onlooker.step(f"{self.actor} finds nothing private in the {self.name}"):
            await self.show()
            for node in await self.app.semantics():
                said = f"{node.text} {node.hint} {node.tooltip} {node.identifier}"
                if secret in said or node.identifier == self._ids.profile_email:
                    raise ActionFailed(f"{self.actor}'s {self.name} shows what is private: {said.strip()!r}")

    async def offers_no_changes(self) -> None:
        """Check that nothing on the screen would change the profile."""
        with self._onlooker.step(f"{self.actor} can change nothing in the {self.name}"):
            await self.show()
            ids = self._ids
            for identifier in (ids.profile_change_picture, ids.profile_remove_picture, ids.profile_save):
                if by.identifier(identifier).first_in(await self.app.semantics()) is not None:
                    raise ActionFailed(
                        f"{self.actor}'s {self.name} offers {identifier} of someone else's profile"
                    )


class FeedPost(Surface):
    """A person's newest post in the feed."""

    name = "feed"

    def __init__(self, feed: Feed, onlooker: Onlooker, person: Person) -> None:
        ids = onlooker.identifiers
        super().__init__(
            onlooker,
            person,
            picture=by.identifier(ids.post_avatar.format(person=person.id)),
            title=by.identifier(ids.post_author.format(person=person.id)),
        )
        self._feed = feed

    async def _go(self) -> None:
        await self._feed.show()

    async def says(self, text: str) -> None:
        """Check the post's text."""
        with self._onlooker.step(f"{self.actor} reads {text!r} in the {self.name}"):
            await self.show()
            finder = by.identifier(self._ids.post_text.format(person=self._person.id))
            found = (await self.app.find(finder)).text
            if found != text:
                raise ActionFailed(f"{self.actor}'s {self.name} says {found!r} instead of {text!r}")


class Feed:
    """Everybody's posts, newest first."""

    def __init__(self, onlooker: Onlooker) -> None:
        self._onlooker = onlooker
        self._ids = onlooker.identifiers

    async def show(self) -> None:
        """Go to the feed."""
        app, feed = self._onlooker.app, by.identifier(self._ids.feed)
        tree = await app.semantics()
        if feed.first_in(tree) is None:
            await app.tap(by.identifier(self._ids.header_feed))
        elif _shown(feed, tree):
            return
        await app.find(feed)

    async def write(self, text: str) -> None:
        """Publish a post."""
        with self._onlooker.step(f"{self._onlooker.name} posts {text!r}"):
            await self.show()
            app = self._onlooker.app
            await app.enter_text(by.identifier(self._ids.post_compose), text)
            received = await app.tap(by.identifier(self._ids.post_submit))
            self._onlooker.acted("tapped to post", received)

    def post_by(self, author: Author) -> FeedPost:
        """Return where an author's newest post shows."""
        return FeedPost(self, self._onlooker, author.person)


class Author(Protocol):
    """Anyone whose posts and profile can be looked at."""

    @property
    def person(self) -> Person:
        """Who they are to the backend."""
        ...


def _shown(finder: Finder, tree: Tree) -> bool:
    """Whether what was just read shows a node, so that it needn't be waited for."""
    node = finder.first_in(tree)
    return node is not None and node.visible
