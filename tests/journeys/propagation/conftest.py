"""A rig: apps that show what a script says when it says it, and a backend that commits on cue."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image, ImageDraw, ImageFont

from flutter_bridge import (
    Box,
    Finder,
    FlutterApp,
    Frame,
    FrameSource,
    Interval,
    Node,
    NotFound,
    Role,
    Tree,
    by,
    now,
)
from journeys.commits import Commit
from journeys.pictures import Picture, Recogniser
from journeys.propagation import Propagation
from journeys.surface import Onlooker, Surface
from journeys.timeline import Timeline

TICK = 1 / 60
SCREEN = Box(0, 0, 240, 320)
FONT = ImageFont.load_default(14)


def draw(name: str, seed: int) -> Picture:
    """Draw a picture with enough in it to be recognised by."""
    chance = random.Random(seed)  # noqa: S311 - a picture, not a secret

    def colour() -> tuple[int, int, int]:
        return chance.randrange(256), chance.randrange(256), chance.randrange(256)

    image = Image.new("RGB", (256, 256), colour())
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        left, top, size = chance.randrange(-40, 230), chance.randrange(-40, 230), chance.randrange(30, 140)
        pen.ellipse((left, top, left + size, top + size), fill=colour())
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    return Picture.from_bytes(name, encoded.getvalue())


@dataclass(frozen=True)
class Thing:
    """Something on a screen: a coloured piece of it, with what the semantics say of it.

    What is not `said` is drawn only, and what is not `drawn` is said only.
    """

    identifier: str = "thing"
    box: Box = field(default_factory=lambda: Box(150, 100, 40, 24))
    colour: str = "#3060c0"
    states: Mapping[str, Any] = field(default_factory=dict)
    said: bool = True
    drawn: bool = True


@dataclass(frozen=True)
class Scene:
    """What a screen shows and says: pictures and names by identifier, each in its box.

    `drawn_names` are what is drawn where that is not what is said, `said_at` is where it is said to be, and
    `places` are where names are drawn that have others than the first one's.
    """

    pictures: dict[str, tuple[Image.Image, Box]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    drawn_names: dict[str, str] = field(default_factory=dict)
    name_at: tuple[float, float] = (80, 20)
    said_at: tuple[float, float] | None = None
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    ink: str = "#202028"
    things: tuple[Thing, ...] = ()

    def drawn(self) -> bytes:
        image = Image.new("RGB", (round(SCREEN.width), round(SCREEN.height)), "#e8e8ee")
        for picture, box in self.pictures.values():
            image.paste(
                picture.resize((round(box.width), round(box.height)), Image.Resampling.LANCZOS),
                (round(box.left), round(box.top)),
            )
        pen = ImageDraw.Draw(image)
        for key, name in self.names.items():
            pen.text(
                self.places.get(key, self.name_at), self.drawn_names.get(key, name), fill=self.ink, font=FONT
            )
        for thing in self.things:
            if thing.drawn:
                box = thing.box
                pen.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), fill=thing.colour)
                pen.text((box.left, box.top), thing.states.get("label", ""), fill=self.ink, font=FONT)
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=85)
        return encoded.getvalue()

    def said(self) -> Tree:
        images = (Node(Role.IMAGE, key, box=box) for key, (_, box) in self.pictures.items())
        texts = (Node(Role.TEXT, key, name, box=self.box_of(name)) for key, name in self.names.items())
        things = (
            Node(identifier=thing.identifier, box=thing.box, **thing.states)
            for thing in self.things
            if thing.said
        )
        return Tree(Node(children=(*images, *texts, *things)), SCREEN)

    def box_of(self, name: str) -> Box:
        """Return where a name is: closely around its letters, as a text's box is."""
        left, top = self.said_at or self.name_at
        return Box(left, top, FONT.getlength(name), 20)


class ScriptedApp:
    """An app whose screen changes exactly when told to, so the truth about it is known."""

    target = "rig"

    def __init__(self) -> None:
        self._script: list[tuple[float, bytes, Tree]] = []
        self._flash = b""
        self.streams = 0
        self.streaming = 0
        self.failure: Exception | None = None
        self.silent = 0
        """How many of its streams say nothing: the first ones."""
        self.ends = False
        self.ahead = 0.0
        """How far the display's stamps lie ahead of the frames' receipt, as a browser's do."""

    def play(self, at: float, scene: Scene) -> None:
        """Show a scene from a moment on."""
        self._script.append((at, scene.drawn(), scene.said()))

    def flash(self, scene: Scene) -> None:
        """Have the next frame, and no other, show a scene."""
        self._flash = scene.drawn()

    def frame(self, at: float) -> bytes:
        """Return what the display takes at a moment."""
        flash, self._flash = self._flash, b""
        return bytes(bytearray(flash or self._shown(at)[1]))

    def _shown(self, at: float) -> tuple[float, bytes, Tree]:
        return [entry for entry in self._script if entry[0] <= at][-1]

    async def semantics(self, *, watched: bool = False) -> Tree:  # noqa: ARG002 - there is one page
        return self._shown(now())[2]

    async def find(self, finder: Finder) -> Node:
        node = finder.first_match_in(await self.semantics())
        if node is None:
            raise NotFound(f"{finder} is not on screen")
        return node

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        self.streams += 1
        self.streaming += 1
        try:
            yield Display(self, is_silent=self.streams <= self.silent)
        finally:
            self.streaming -= 1


@dataclass
class Display:
    """A display that ticks sixty times a second and takes what the script shows at that very moment."""

    app: ScriptedApp
    is_silent: bool = False
    kind = "scripted"

    async def __aiter__(self) -> AsyncIterator[Frame]:
        number = 0
        if self.is_silent:
            await asyncio.Event().wait()
        while not self.app.ends:
            if self.app.failure is not None:
                raise self.app.failure
            tick = now()
            encoded = self.app.frame(tick + self.app.ahead)
            yield Frame(encoded, Interval.at(tick + self.app.ahead), number=number)
            number += 1
            await asyncio.sleep(TICK)


class ScriptedCommits:
    """A backend that reports what it is told to have committed."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[asyncio.Queue[Commit]]] = {}

    @asynccontextmanager
    async def listen(self, key: str) -> AsyncIterator[AsyncIterator[Commit]]:
        queue: asyncio.Queue[Commit] = asyncio.Queue()
        self._listeners.setdefault(key, []).append(queue)

        async def reports() -> AsyncIterator[Commit]:
            while True:
                yield await queue.get()

        try:
            yield reports()
        finally:
            self._listeners[key].remove(queue)

    def commit(self, person_id: str, committed: Interval, change: str = "avatar") -> None:
        for queue in self._listeners.get(person_id, []):
            queue.put_nowait(Commit(change=change, committed=committed, source="event"))

    @property
    def listening(self) -> int:
        return sum(len(queues) for queues in self._listeners.values())


class StagedSurface(Surface):
    """A surface on the rig."""

    def __init__(self, name: str, actor: str, app: ScriptedApp, picture: Picture, called: str) -> None:
        onlooker = cast(Onlooker, SimpleNamespace(name=actor))
        super().__init__(onlooker, name, by.identifier(name), key="alice-id", shows=picture)
        self.called = called
        self.played_by = app
        self.shown = 0

    @property
    def app(self) -> FlutterApp:
        return cast(FlutterApp, self.played_by)

    def finder_for(self, wanted: object) -> Finder:
        return self.finder if isinstance(wanted, Picture) else by.identifier(f"{self.name}-name")

    def current(self, wanted: object) -> object | None:
        return self.called if isinstance(wanted, str) else super().current(wanted)

    def is_changed_by(self, commit: Commit, wanted: object) -> bool:
        return commit.change != ("name" if isinstance(wanted, Picture) else "avatar")

    async def show(self) -> None:
        self.shown += 1


class PlainSurface(Surface):
    """A surface of which nobody knows what it shows, found by a finder alone."""

    def __init__(
        self, name: str, app: ScriptedApp, finder: Finder, *, actor: str = "bob", key: str | None = None
    ) -> None:
        super().__init__(cast(Onlooker, SimpleNamespace(name=actor)), name, finder, key=key)
        self.played_by = app
        self.went = 0
        self.brought = 0

    @property
    def app(self) -> FlutterApp:
        return cast(FlutterApp, self.played_by)

    async def go(self) -> None:
        self.went += 1

    async def show(self) -> None:
        self.brought += 1


class Rig:
    """All that a watched change needs: pictures, apps, surfaces, commits, a timeline."""

    def __init__(self, old: Picture, new: Picture, other: Picture, evidence: Path) -> None:
        self.old, self.new, self.other = old, new, other
        self.commits = ScriptedCommits()
        self.timeline = Timeline()
        self.evidence = evidence
        self.box = Box(20, 10, 48, 48)

    def place(
        self,
        name: str = "header",
        actor: str = "alice",
        app: ScriptedApp | None = None,
        *,
        called: str = "Alice",
    ) -> StagedSurface:
        """Make a surface that shows the old picture by now, on an app of its own unless one is given."""
        if app is None:
            app = ScriptedApp()
            app.play(now() - 1, self.scene(name, self.old))
        return StagedSurface(name, actor, app, self.old, called)

    def scene(
        self,
        name: str,
        picture: Picture | Image.Image,
        *,
        box: Box | None = None,
        said: str = "Alice",
        drawn: str | None = None,
        name_at: tuple[float, float] = (80, 20),
    ) -> Scene:
        """Return a screen with one surface; `drawn` is the name it shows where that isn't what it says."""
        image = picture.image if isinstance(picture, Picture) else picture
        key = f"{name}-name"
        return Scene(
            {name: (image, box or self.box)},
            {key: said},
            {} if drawn is None else {key: drawn},
            name_at,
        )

    def change(self, *, within: float = 1.0, **settings: Any) -> Propagation:
        """Expectation a change with a short settling time."""
        given: dict[str, Any] = {"commits": self.commits, "settle": 0.05} | settings
        return Propagation(
            within=within,
            timeline=self.timeline,
            recogniser=Recogniser(),
            evidence=self.evidence,
            **given,
        )

    def act(self, change: Propagation) -> float:
        """Act and commit at this very moment, and return it."""
        moment = now()
        change.record_action(Interval.at(moment))
        self.commits.commit("alice-id", Interval.at(moment))
        return moment


@pytest.fixture(scope="session")
def drawn() -> tuple[Picture, Picture, Picture]:
    return draw("old.png", 1), draw("new.png", 2), draw("other.png", 3)


@pytest.fixture
def rig(drawn: tuple[Picture, Picture, Picture], tmp_path: Path) -> Rig:
    return Rig(*drawn, evidence=tmp_path / "evidence")
