"""Where a profile shows in the reference app: header, profile screen, feed; and what is done there."""

from __future__ import annotations

import asyncio
from typing import Protocol

from PIL import Image

from flutter_bridge import ActionFailed, Finder, NotFound, Tree, by, now, temporary_folder
from journeys.commits import Commit
from journeys.errors import UsageError
from journeys.fonts import count_boxes, has_ink
from journeys.pictures import Picture
from journeys.profile.backend import Person
from journeys.profile.identifiers import Identifiers
from journeys.surface import POLL_S, Onlooker, Surface

_NEW_NOTICE_S = 10.0
"""How long an app is given to show another notice than the one before."""
_SAME_NOTICE_S = 2.0
"""How long it is given to take the same notice away before it shows it again."""


_PICTURE_CHANGES = ("avatar", "picture")
_NAME_CHANGES = ("name", "display_name")
_OTHER_CHANGES = ("bio", "post")


class Looker(Onlooker, Protocol):
    """An onlooker in an app whose places are known by identifiers."""

    @property
    def identifiers(self) -> Identifiers:
        """What the app calls its places."""
        ...


class ProfileSurface(Surface):
    """A place where one person's picture and name show, at the identifiers given.

    `{person}` in an identifier stands for the person's id.
    """

    def __init__(self, onlooker: Looker, person: Person, name: str, *, picture: str, title: str) -> None:
        self.picture_finder = by.identifier(picture.format(person=person.id))
        self.name_finder = by.identifier(title.format(person=person.id))
        super().__init__(onlooker, name, self.picture_finder, key=person.id)
        self._person = person
        self._ids = onlooker.identifiers

    def finder_for(self, wanted: object) -> Finder:
        """Return what finds the picture, or the name."""
        return self.picture_finder if isinstance(wanted, Picture) else self.name_finder

    def current(self, wanted: object) -> object | None:
        """Return the picture, or the name, that the person has now."""
        return self._person.picture if isinstance(wanted, Picture) else self._person.name

    async def expect_letters(self, box: Image.Image, *, within: float = 10.0) -> None:
        """Check that the name is drawn, and none of its letters as the box for one that no font has.

        `box` is the `name_image` of another such surface, whose name is one such letter.
        """
        with self._onlooker.step(f"{self.actor} sees the name's letters in the {self.name}"):
            deadline = now() + within
            # A font comes when it comes, and the text is drawn again then.
            while boxes := count_boxes(await self.name_image(), box):
                if now() >= deadline:
                    what = f"draws {boxes} of its letters as boxes for the name {self._person.name!r}"
                    raise ActionFailed(f"{self.actor}'s {self.name} {what}")
                await asyncio.sleep(POLL_S)

    async def name_image(self, *, within: float = 10.0) -> Image.Image:
        """Take a picture of the name as it is drawn, once that is as it was a moment ago.

        Raises `ActionFailed` where nothing is drawn, or no two pictures are alike.
        """
        await self.show()
        deadline = now() + within
        last = None
        while True:
            # Semantics run ahead of what is drawn: at first there may be something else at the name's place.
            before, last = last, await self.crop(self.name_finder)
            if before is not None and before.tobytes() == last.tobytes() and has_ink(last):
                return last
            if now() >= deadline:
                what = f"draws nothing that stands still for the name {self._person.name!r}"
                raise ActionFailed(f"{self.actor}'s {self.name} {what}")
            await asyncio.sleep(POLL_S)

    def is_changed_by(self, commit: Commit, wanted: object) -> bool:
        """Whether a change of the person was one of what is wanted.

        In the backend's words, `avatar…` and `picture…` concern pictures, `name…` and `display_name…` names,
        `bio…` and `post…` neither, and all others may concern both.
        """
        change = commit.change.removeprefix("profile.").lower()
        if change.startswith(_PICTURE_CHANGES):
            return isinstance(wanted, Picture)
        if change.startswith(_NAME_CHANGES):
            return not isinstance(wanted, Picture)
        return not change.startswith(_OTHER_CHANGES)


class Header(ProfileSurface):
    """The header that every screen carries: who is signed in."""

    def __init__(self, onlooker: Looker, person: Person) -> None:
        ids = onlooker.identifiers
        super().__init__(onlooker, person, "header", picture=ids.header_avatar, title=ids.header_name)


class _WholeProfile(ProfileSurface):
    """A screen that shows one person's profile."""

    def __init__(self, onlooker: Looker, person: Person, name: str, *, is_open: bool = False) -> None:
        ids = onlooker.identifiers
        super().__init__(onlooker, person, name, picture=ids.profile_avatar, title=ids.profile_name)
        self._is_open = is_open


class ProfileScreen(_WholeProfile):
    """One's own profile, where picture and name are changed."""

    def __init__(self, onlooker: Looker, person: Person) -> None:
        super().__init__(onlooker, person, "profile screen")

    async def go(self) -> None:
        """Go to one's own profile."""
        with self._onlooker.navigation():
            await self._open()

    async def _open(self) -> None:
        tree = await self.app.semantics()
        if by.identifier(self._ids.profile_change_picture).first_match_in(tree) is None:
            await self.app.tap(by.identifier(self._ids.header_profile))
        elif _is_visible(self.picture_finder, tree):
            return
        await self.app.find(self.picture_finder)

    async def upload(self, picture: Picture) -> None:
        """Choose a picture from a file, and see the app say that it is the new one."""
        with self._onlooker.step(f"{self.actor} uploads a picture"):
            before = await self._prepare()
            with temporary_folder("picture") as folder:
                file = picture.save(folder)
                await self.app.choose_file(by.identifier(self._ids.profile_change_picture), file)
                await self._expect_notice(self._ids.picture_changed, before)
            self._person.picture = picture

    async def upload_in_vain(self, picture: Picture, *, says: str) -> None:
        """Choose a picture from a file, and see the app say why it is not the new one."""
        with self._onlooker.step(f"{self.actor} uploads a picture in vain"):
            before = await self._prepare()
            with temporary_folder("picture") as folder:
                file = picture.save(folder)
                await self.app.choose_file(by.identifier(self._ids.profile_change_picture), file)
                await self._expect_notice(says, before)

    async def remove_picture(self, *, leaves: Picture) -> None:
        """Take the picture away; `leaves` is what must show from then on: the default avatar."""
        with self._onlooker.step(f"{self.actor} removes the picture"):
            before = await self._prepare()
            await self.app.tap(by.identifier(self._ids.profile_remove_picture))
            await self._expect_notice(self._ids.picture_removed, before)
            self._person.picture = leaves

    async def rename(self, name: str) -> None:
        """Enter another display name and save it."""
        with self._onlooker.step(f"{self.actor} changes the name to {name}"):
            before = await self._prepare()
            await self.app.enter_text(by.identifier(self._ids.profile_name_field), name)
            await self.app.tap(by.identifier(self._ids.profile_save))
            await self._expect_notice(self._ids.name_changed, before)
            self._person.name = name

    async def _prepare(self) -> str | None:
        """Get ready to change something; returns what the app's notice says still of what was before."""
        await self.show()
        await self._onlooker.arm_observers()
        tree = await self.app.semantics()
        if by.identifier(self._ids.profile_change_picture).first_match_in(tree) is None:
            raise UsageError(
                f"{self.actor} can't watch another screen and change the profile in the same app: "
                f"expect what that screen shows on cast.another_device_of({self.actor})"
            )
        return self._notice(tree)

    def _notice(self, tree: Tree) -> str | None:
        if not self._ids.notice:
            return None
        node = by.identifier(self._ids.notice).first_match_in(tree)
        return node.text if node is not None and node.visible else None

    async def _expect_notice(self, wanted: str, before: str | None) -> None:
        """Wait until the app says that it is done; an app that says something else is quoted."""
        if not (self._ids.notice and wanted):
            return
        # An app that says the same words again may do so without ever being seen to say nothing.
        deadline = now() + (_SAME_NOTICE_S if wanted in (before or "") else _NEW_NOTICE_S)
        while before is not None and now() < deadline:
            if self._notice(await self.app.semantics()) != before:
                break
            # An app waits for a node; what a node says is for us to look at again.
            await asyncio.sleep(POLL_S)
        try:
            text = (await self.app.find(by.identifier(self._ids.notice))).text
        except NotFound as error:
            problem = f"{self.actor}'s app says nothing, where {wanted!r} was expected: {error}"
            raise ActionFailed(problem) from error
        if wanted not in text:
            raise ActionFailed(f"{self.actor}'s app says {text!r}, where {wanted!r} was expected")


class PublicProfile(_WholeProfile):
    """Somebody's profile as others see it."""

    def __init__(self, onlooker: Looker, person: Person, *, is_open: bool = False) -> None:
        super().__init__(onlooker, person, "public profile", is_open=is_open)

    async def go(self) -> None:
        """Go there by the profile's link."""
        with self._onlooker.navigation():
            await self._open()

    async def _open(self) -> None:
        tree = await self.app.semantics() if self._is_open else None
        if tree is None or self.picture_finder.first_match_in(tree) is None:
            await self.app.open(self._ids.profile_link.format(person=self._person.id))
            self._is_open = True
        elif _is_visible(self.picture_finder, tree):
            return
        await self.app.find(self.picture_finder)

    async def expect_nobody(self) -> None:
        """Check that the app says that there is nobody here."""
        with self._onlooker.step(f"{self.actor} finds nobody in the {self.name}"):
            await self.app.open(self._ids.profile_link.format(person=self._person.id))
            await self.app.find(by.identifier(self._ids.profile_missing))

    async def expect_private(self, secret: str) -> None:
        """Check that something private, such as an e-mail address, is nowhere on the screen."""
        with self._onlooker.step(f"{self.actor} finds nothing private in the {self.name}"):
            await self.show()
            for node in await self.app.semantics():
                said = f"{node.text} {node.hint} {node.tooltip} {node.identifier}"
                if secret in said or node.identifier == self._ids.profile_email:
                    raise ActionFailed(f"{self.actor}'s {self.name} shows what is private: {said.strip()!r}")

    async def expect_no_changes(self) -> None:
        """Check that nothing on the screen would change the profile."""
        with self._onlooker.step(f"{self.actor} can change nothing in the {self.name}"):
            await self.show()
            ids = self._ids
            for identifier in (ids.profile_change_picture, ids.profile_remove_picture, ids.profile_save):
                if by.identifier(identifier).first_match_in(await self.app.semantics()) is not None:
                    raise ActionFailed(
                        f"{self.actor}'s {self.name} offers {identifier} of someone else's profile"
                    )


class FeedPost(ProfileSurface):
    """A person's newest post in the feed."""

    def __init__(self, feed: Feed, onlooker: Looker, person: Person) -> None:
        ids = onlooker.identifiers
        super().__init__(onlooker, person, "feed", picture=ids.post_avatar, title=ids.post_author)
        self._feed = feed
        self._looker = onlooker

    async def go(self) -> None:
        """Go to the feed."""
        await self._feed.show()

    async def open_profile(self) -> PublicProfile:
        """Go from the post to its author's profile."""
        with self._onlooker.step(f"{self.actor} opens the author's profile"):
            await self.show()
            await self.app.tap(by.identifier(self._ids.post_open.format(person=self._person.id)))
            profile = PublicProfile(self._looker, self._person, is_open=True)
            await self.app.find(profile.name_finder)
            return profile

    async def expect_text(self, text: str) -> None:
        """Check the post's text."""
        with self._onlooker.step(f"{self.actor} reads {text!r} in the {self.name}"):
            await self.show()
            finder = by.identifier(self._ids.post_text.format(person=self._person.id))
            found = (await self.app.find(finder)).text
            if found != text:
                raise ActionFailed(f"{self.actor}'s {self.name} says {found!r} instead of {text!r}")


class Feed:
    """Everybody's posts, newest first."""

    def __init__(self, onlooker: Looker) -> None:
        self._onlooker = onlooker
        self._ids = onlooker.identifiers

    async def show(self) -> None:
        """Go to the feed."""
        app, feed = self._onlooker.app, by.identifier(self._ids.feed)
        with self._onlooker.navigation():
            tree = await app.semantics()
            if feed.first_match_in(tree) is None:
                await app.tap(by.identifier(self._ids.header_feed))
            elif _is_visible(feed, tree):
                return
            await app.find(feed)

    async def write(self, text: str) -> None:
        """Publish a post."""
        with self._onlooker.step(f"{self._onlooker.name} posts {text!r}"):
            await self.show()
            app = self._onlooker.app
            await app.enter_text(by.identifier(self._ids.post_compose), text)
            await app.tap(by.identifier(self._ids.post_submit))

    def post_by(self, author: Author) -> FeedPost:
        """Return where an author's newest post shows."""
        return FeedPost(self, self._onlooker, author.person)


class Author(Protocol):
    """Anyone whose posts and profile can be looked at."""

    @property
    def person(self) -> Person:
        """Who they are to the backend."""
        ...


def _is_visible(finder: Finder, tree: Tree) -> bool:
    """Whether what was just read shows a node, so that it needn't be waited for."""
    node = finder.first_match_in(tree)
    return node is not None and node.visible
