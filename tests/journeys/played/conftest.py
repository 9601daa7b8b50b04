"""An app drawn with Pillow, a target on which it is opened, and a cast to play in it."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from PIL import Image, ImageDraw, ImageFont

from flutter_bridge import (
    ActionListener,
    AppUnreachable,
    Box,
    BridgeError,
    Finder,
    FlutterApp,
    Frame,
    FrameSource,
    Interval,
    Node,
    Role,
    Tree,
    action,
    not_found_error,
    now,
)
from journeys import Picture, Timeline
from journeys.cast import CastOptions
from journeys.profile import Identifiers, ProfileCast

if TYPE_CHECKING:
    from tests.journeys.conftest import Account, World

SCREEN = Box(0, 0, 300, 400)
RATIO = 2.0
PATIENCE = 0.4
TICK = 0.05
FONT = ImageFont.load_default(24)
HEADER = Box(10, 10, 40, 40)
PROFILE = Box(90, 80, 120, 120)


class MemoryStream:
    """The frames of one app: each one it paints, and now and then the last one again."""

    kind = "drawn"

    def __init__(self, first: Frame) -> None:
        self.frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._last = first

    async def __aiter__(self) -> AsyncIterator[Frame]:
        yield self._last
        while True:
            try:
                async with asyncio.timeout(TICK):
                    frame = await self.frames.get()
            except TimeoutError:
                # What was painted in the very moment comes first: its stamp is older than a repetition's.
                frame = (
                    replace(self._last, shown=Interval.at(now()))
                    if self.frames.empty()
                    else self.frames.get_nowait()
                )
            if frame is None:
                return
            self._last = frame
            yield frame


def _line(number: int, *, left: float = 60) -> Box:
    return Box(left, 10 + 24 * number, 100, 20)


class DrawnApp:
    """A `FlutterApp` in memory: its screen follows from where one is, who is signed in, and what there is."""

    target = "memory"
    renderer = ""
    status_bar = 0.0
    unreached_addresses: tuple[str, ...] = ()
    _acted_in = ""

    def __init__(self, world: World, ids: Identifiers) -> None:
        self._world = world
        self._ids = ids
        self._fields: dict[str, str] = {}
        self._history: list[str] = []
        self._changed = asyncio.Event()
        self._streams: list[MemoryStream] = []
        self.listener: ActionListener | None = None
        self.place = "feed"
        self.account: Account | None = None
        self.notice = ""
        self.more: list[Node] = []
        self.says: Callable[[str], str] = lambda words: words
        self.busy = 0.0
        self.gone_away = False
        self.closed = False
        self.keeping: Callable[[Path, str], Awaitable[None]] | None = None
        self.kept: list[str] = []
        self.reads = 0
        world.watchers.append(self.paint)

    # What is on screen.

    def _shows(self) -> Iterator[tuple[Node, Picture | None]]:
        """Yield every node, those of pictures with what is drawn in them."""
        ids, me = self._ids, self.account
        yield Node(Role.BUTTON, ids.header_feed, "Feed", box=_line(0, left=180)), None
        if me is None:
            yield Node(Role.BUTTON, ids.header_sign_in, "Sign in", box=_line(0)), None
        else:
            yield Node(Role.IMAGE, ids.header_avatar, f"Avatar of {me.name}", box=HEADER), me.picture
            yield Node(Role.TEXT, ids.header_name, me.name, box=_line(0)), None
            yield Node(Role.BUTTON, ids.header_profile, "Profile", box=_line(1)), None
        if self.place in {"sign-in", "register"}:
            yield from self._entry()
        elif self.place == "feed":
            yield from self._feed()
        elif self.place == "me":
            assert me is not None
            yield from self._profile(me)
            yield from self._own_profile(me)
        elif any(self.place == each.id for each in self._world.accounts):
            yield from self._profile(self._world.account(self.place))
        else:
            yield Node(Role.TEXT, ids.profile_missing, "Nobody here", box=Box(90, 210, 120, 20)), None
        for node in self.more:
            yield node, None

    def _entry(self) -> Iterator[tuple[Node, None]]:
        ids = self._ids
        yield Node(Role.BUTTON, ids.sign_in_register, "Register", box=_line(2)), None
        for number, key in enumerate(self._field_names(), start=4):
            yield Node(Role.TEXT_FIELD, key, value=self._fields.get(key, ""), box=_line(number)), None
        submit = ids.sign_in_submit if self.place == "sign-in" else ids.register_submit
        yield Node(Role.BUTTON, submit, "Go", box=_line(3)), None

    def _feed(self) -> Iterator[tuple[Node, Picture | None]]:
        ids = self._ids
        yield Node(Role.SCROLLABLE, ids.feed, box=Box(0, 60, 300, 340)), None
        yield Node(Role.TEXT_FIELD, ids.post_compose, box=Box(10, 350, 100, 20)), None
        yield Node(Role.BUTTON, ids.post_submit, "Post", box=Box(120, 350, 40, 20)), None
        posts = [(author, said) for author in self._world.accounts for said in author.posts]
        for number, (author, said) in enumerate(posts):
            top = 80 + 60 * number
            avatar, name, text = (
                key.format(person=author.id) for key in (ids.post_avatar, ids.post_author, ids.post_text)
            )
            yield Node(Role.IMAGE, avatar, box=Box(10, top, 48, 48)), author.picture
            yield Node(Role.TEXT, name, author.name, box=Box(64, top, 90, 20)), None
            yield Node(Role.TEXT, text, said, box=Box(64, top + 22, 90, 20)), None
            opener = ids.post_open.format(person=author.id)
            yield Node(Role.BUTTON, opener, f"View {author.name}", box=Box(160, top, 40, 40)), None

    def _profile(self, shown: Account) -> Iterator[tuple[Node, Picture | None]]:
        ids = self._ids
        yield Node(Role.IMAGE, ids.profile_avatar, f"Avatar of {shown.name}", box=PROFILE), shown.picture
        yield Node(Role.TEXT, ids.profile_name, shown.name, box=Box(90, 210, 120, 20)), None

    def _own_profile(self, me: Account) -> Iterator[tuple[Node, None]]:
        ids = self._ids
        buttons = (ids.profile_change_picture, ids.profile_remove_picture, ids.profile_save)
        for number, key in enumerate(buttons):
            yield Node(Role.BUTTON, key, "…", box=Box(10 + 90 * number, 240, 80, 20)), None
        yield Node(Role.TEXT_FIELD, ids.profile_name_field, box=Box(10, 265, 120, 20)), None
        yield Node(Role.TEXT, ids.profile_email, me.email, box=Box(10, 290, 120, 20)), None
        if self.notice:
            yield Node(Role.TEXT, ids.notice, self.notice, box=Box(10, 320, 200, 20)), None

    def _field_names(self) -> tuple[str, ...]:
        ids = self._ids
        if self.place == "sign-in":
            return ids.sign_in_email, ids.sign_in_password
        return ids.register_name, ids.register_email, ids.register_password

    def _tree(self) -> Tree:
        return Tree(Node(children=tuple(node for node, _ in self._shows())), SCREEN, RATIO)

    def drawn(self) -> Image.Image:
        screen = Image.new("RGB", (round(SCREEN.width * RATIO), round(SCREEN.height * RATIO)), "#e8e8ee")
        pen = ImageDraw.Draw(screen)
        for node, picture in self._shows():
            if node.role is Role.TEXT:
                pen.text((node.box.left * RATIO, node.box.top * RATIO), node.label, "#202028", FONT)
            if picture is not None:
                side = round(node.box.width * RATIO)
                screen.paste(
                    picture.image.resize((side, side), Image.Resampling.LANCZOS),
                    (round(node.box.left * RATIO), round(node.box.top * RATIO)),
                )
        return screen

    def paint(self) -> None:
        """Draw the screen anew, for everyone who watches or waits."""
        self._changed.set()
        self._changed = asyncio.Event()
        for stream in self._streams:
            stream.frames.put_nowait(self._frame())

    def flash(self, picture: Picture, box: Box) -> None:
        """Paint one single frame with another picture in a box, and the right one again."""
        screen = self.drawn()
        side = round(box.width * RATIO)
        screen.paste(picture.image.resize((side, side)), (round(box.left * RATIO), round(box.top * RATIO)))
        for stream in self._streams:
            stream.frames.put_nowait(self._frame(screen))
        self.paint()

    def end_streams(self) -> None:
        for stream in self._streams:
            stream.frames.put_nowait(None)

    def _frame(self, screen: Image.Image | None = None) -> Frame:
        encoded = io.BytesIO()
        (screen or self.drawn()).save(encoded, "PNG", compress_level=1)
        return Frame(encoded.getvalue(), Interval.at(now()), scale=RATIO)

    # What a person does.

    def _go(self, place: str) -> None:
        self._history.append(self.place)
        self.place, self.notice = place, ""
        self._fields.clear()
        self.paint()

    def _tell(self, words: str, change: Callable[[], None]) -> None:
        """Do something and say so, at once or in a moment."""
        if self.busy:
            asyncio.get_running_loop().call_later(self.busy, self._now, words, change)
        else:
            self._now(words, change)

    def _now(self, words: str, change: Callable[[], None]) -> None:
        self.notice = self.says(words)
        if self.notice == words:
            change()
        self.paint()

    def _tapped(self, identifier: str) -> None:
        ids, typed, me = self._ids, self._fields, self.account
        places = {
            ids.header_feed: "feed",
            ids.header_sign_in: "sign-in",
            ids.sign_in_register: "register",
            ids.header_profile: "me",
        }
        places |= {ids.post_open.format(person=each.id): each.id for each in self._world.accounts}
        if identifier in places:
            self._go(places[identifier])
        elif identifier == ids.sign_in_submit:
            self.account = self._world.sign_in(typed[ids.sign_in_email], typed[ids.sign_in_password])
            self._go("feed")
        elif identifier == ids.register_submit:
            name, email, password = (typed[key] for key in self._field_names())
            self.account = self._world.register(name, email, password)
            self._go("feed")
        elif me is not None and identifier == ids.post_submit:
            me.posts.insert(0, typed[ids.post_compose])
            self._world.changed(me, "post")
        elif me is not None and identifier == ids.profile_remove_picture:
            self._tell(ids.picture_removed, lambda: self._give(me, self._world.default))
        elif me is not None and identifier == ids.profile_save:
            self._tell(ids.name_changed, lambda: self._call(me, typed[ids.profile_name_field]))

    def _give(self, account: Account, picture: Picture) -> None:
        account.picture = picture
        self._world.changed(account, "avatar")

    def _call(self, account: Account, name: str) -> None:
        account.name = name
        self._world.changed(account, "name")

    # What the runner asks for.

    def _there(self) -> None:
        if self.gone_away:
            raise AppUnreachable("the app went away; start it again")

    @action("opens")
    async def open(self, link: str) -> None:
        self._there()
        self._go(link.rpartition("/")[2] or "feed")

    @action("restarts")
    async def restart(self) -> None:
        self._there()
        self._go("feed")

    @action("goes back")
    async def back(self) -> None:
        self._there()
        self.place = self._history.pop()
        self.paint()

    async def move_pointer_away(self) -> None:
        self._there()

    async def semantics(self, *, watched: bool = False) -> Tree:  # noqa: ARG002 - there is one page
        self._there()
        self.reads += 1
        return self._tree()

    async def find(self, finder: Finder, *, timeout: float | None = None) -> Node:
        seconds = PATIENCE if timeout is None else timeout
        deadline = now() + seconds
        while (node := finder.first_match_in(await self.semantics())) is None or not node.visible:
            changed = self._changed
            try:
                await asyncio.wait_for(changed.wait(), max(0.0, deadline - now()))
            except TimeoutError:
                raise not_found_error(finder, self._tree(), waited=seconds) from None
        return node

    async def wait_until_gone(self, finder: Finder, *, timeout: float | None = None) -> None:
        raise NotImplementedError(f"nobody waits for the end of {finder} ({timeout})")

    @action("taps")
    async def tap(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        node, before = await self.find(finder, timeout=timeout), now()
        self._tapped(node.identifier)
        return Interval(before, now())

    @action("enters text into")
    async def enter_text(
        self,
        finder: Finder,
        text: str,
        *,
        shows: str | re.Pattern[str] | None = None,  # noqa: ARG002 - a played field shows what is entered
        timeout: float | None = None,
    ) -> Interval:
        node, before = await self.find(finder, timeout=timeout), now()
        self._fields[node.identifier] = text
        self.paint()
        return Interval(before, now())

    @action("chooses a file with")
    async def choose_file(self, opener: Finder, file: Path, *, timeout: float | None = None) -> Interval:
        await self.find(opener, timeout=timeout)
        before, me, picture = now(), self.account, Picture.from_file(file)
        assert me is not None
        self._tell(self._ids.picture_changed, lambda: self._give(me, picture))
        return Interval(before, now())

    async def scroll_to(self, finder: Finder, *, timeout: float | None = None) -> Node:
        return await self.find(finder, timeout=timeout)

    async def screenshot(self) -> Image.Image:
        self._there()
        return self.drawn()

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        stream = MemoryStream(self._frame())
        self._streams.append(stream)
        try:
            yield stream
        finally:
            self._streams.remove(stream)

    async def keep_evidence(self, folder: Path, name: str) -> None:
        assert not self.closed
        if self.keeping is not None:
            await self.keeping(folder, name)
        self.kept.append(name)

    async def close(self) -> None:
        self.closed = True


class MemoryStage:
    """A target on which every actor's app is a drawn one."""

    target = "memory"
    theme = "light"

    def __init__(self, world: World, ids: Identifiers) -> None:
        self._world, self._ids = world, ids
        self.opened: dict[str, DrawnApp] = {}
        self.in_the_way: list[BridgeError] = []

    @asynccontextmanager
    async def open(self, actor: str) -> AsyncIterator[FlutterApp]:
        if self.in_the_way:
            raise self.in_the_way.pop(0)
        app = self.opened[actor] = DrawnApp(self._world, self._ids)
        try:
            yield cast(FlutterApp, app)
        finally:
            await app.close()


@pytest.fixture
def identifiers() -> Identifiers:
    return Identifiers()


@pytest.fixture
def memory(world: World, identifiers: Identifiers) -> MemoryStage:
    return MemoryStage(world, identifiers)


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
async def players(
    world: World, memory: MemoryStage, identifiers: Identifiers, evidence: Path
) -> AsyncIterator[ProfileCast]:
    """Gather a cast that plays in memory."""
    options = CastOptions(stage_for=lambda _: memory, timeline=Timeline(), evidence=evidence)
    async with ProfileCast(options, backend=world, identifiers=identifiers) as cast:
        yield cast
