"""What the measurement needs of the things around it: a surface, and someone who recognises pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PIL import Image

from flutter_bridge import Finder, FlutterApp

if TYPE_CHECKING:
    from journeys.pictures import Overlay, Picture


class Watched(Protocol):
    """A surface on which somebody's profile shows, in one person's app."""

    @property
    def name(self) -> str:
        """What the surface is called in reports: `header`, `profile screen`, `feed`."""
        ...

    @property
    def actor(self) -> str:
        """Who looks at it."""
        ...

    @property
    def target(self) -> str:
        """The target on which they do."""
        ...

    @property
    def app(self) -> FlutterApp:
        """The app they use."""
        ...

    @property
    def person_id(self) -> str:
        """Whose profile it shows."""
        ...

    @property
    def picture_finder(self) -> Finder:
        """Where the person's picture is."""
        ...

    @property
    def name_finder(self) -> Finder:
        """Where the person's name is."""
        ...

    @property
    def current_picture(self) -> Picture:
        """The picture it must show now."""
        ...

    @property
    def current_name(self) -> str:
        """The name it must show now."""
        ...

    async def show(self) -> None:
        """Go there and bring picture and name wholly on screen."""
        ...


class Recognition(Protocol):
    """What a recogniser says of one crop."""

    @property
    def same(self) -> bool:
        """Whether the crop shows the picture."""
        ...

    @property
    def distance(self) -> int:
        """How far apart they are, in bits."""
        ...

    @property
    def reason(self) -> str:
        """Why it is the picture, or why not."""
        ...

    @property
    def left_out(self) -> float:
        """The part of what is looked at that something else lies over."""
        ...

    @property
    def reservation(self) -> str:
        """What is not certified though it is the picture; empty where nothing is left open."""
        ...


class Recogniser(Protocol):
    """Tells whether a crop of the screen shows a picture."""

    def recognise(
        self, crop: Image.Image, picture: Picture, *, overlay: Overlay | None = None
    ) -> Recognition:
        """Compare a crop with a picture, without what an overlay covers."""
        ...

    def overlay_on(self, crop: Image.Image, picture: Picture) -> Overlay | None:
        """Return what lies over a picture that a crop is known to show; None where nothing tells it."""
        ...

    def tell_apart(self, one: Picture, other: Picture) -> None:
        """Make sure that neither of two pictures could be taken for the other; raises where one could."""
        ...
