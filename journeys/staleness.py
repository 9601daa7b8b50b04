"""Looks at every frame painted while something happens, for a picture that has been replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flutter_bridge import Box, BridgeError, FlutterApp, Frame, FrameSource
from journeys.failures import first_cause
from journeys.pictures import Picture, Recogniser
from journeys.propagation import ObserverError
from journeys.surface import Surface

# Boxes move seldom; reading the semantics for every frame would slow the very thing that is watched.
_FRAMES_PER_READ = 6


class StaleShown(AssertionError):
    """A surface painted a picture that had been replaced."""


@dataclass
class _AppFrames:
    """One app's frames, and every box in which one of its surfaces has shown a picture."""

    app: FlutterApp
    picture: Picture
    surfaces: list[Surface] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    boxes: dict[Box, Surface] = field(default_factory=dict)

    async def collect(self, source: FrameSource) -> None:
        async for frame in source:
            self.frames.append(frame)
            if len(self.frames) % _FRAMES_PER_READ == 0:
                await self.read_boxes()
        raise ObserverError(
            f"{self.surfaces[0].actor}'s stream of frames ({source.kind}) ended while it was watched"
        )

    async def read_boxes(self) -> None:
        try:
            tree = await self.app.semantics()
        except BridgeError:
            return  # in the middle of a reload there is no screen to read
        for surface in self.surfaces:
            node = surface.finder_for(self.picture).first_match_in(tree)
            if node is not None and node.visible and not node.box.is_empty:
                self.boxes.setdefault(node.box, surface)

    def find_stale(self, recogniser: Recogniser) -> tuple[Frame, Surface] | None:
        """Return the first frame that shows the picture in one of the boxes; repetitions are skipped."""
        judged: set[tuple[Box, bytes]] = set()
        for frame in self.frames:
            for box, surface in self.boxes.items():
                crop = frame.crop(box)
                seen = (box, crop.tobytes())
                if seen in judged or min(crop.size, default=0) == 0:
                    continue
                judged.add(seen)
                if recogniser.recognise(crop, self.picture).same:
                    return frame, surface
        return None


@asynccontextmanager
async def watch_for_stale(
    picture: Picture, surfaces: Sequence[Surface], *, recogniser: Recogniser, evidence: Path
) -> AsyncIterator[None]:
    """Raise `StaleShown` at the end where any frame painted meanwhile shows `picture` on one of the surfaces.

    What is looked at are all the frames the app's frame source gives; on the web that is every paint the
    browser reports. Raises `ObserverError` where nothing was seen at all, or not to the end: that certifies
    nothing.
    """
    by_app: dict[int, _AppFrames] = {}
    for surface in surfaces:
        by_app.setdefault(id(surface.app), _AppFrames(surface.app, picture)).surfaces.append(surface)
    try:
        async with AsyncExitStack() as streams, asyncio.TaskGroup() as group:
            collecting = [
                group.create_task(each.collect(await streams.enter_async_context(each.app.frames())))
                for each in by_app.values()
            ]
            for each in by_app.values():
                await each.read_boxes()
            yield
            for each in by_app.values():
                await each.read_boxes()
            for task in collecting:
                task.cancel()
    except BaseExceptionGroup as several:
        # What went wrong inside is what it is, not a group of one.
        raise first_cause(several) from None
    for each in by_app.values():
        if not (each.frames and each.boxes):
            surface = each.surfaces[0]
            raise ObserverError(
                f"nothing was seen of {surface.actor}'s {surface.name} while watching for {picture.name}: "
                f"{len(each.frames)} frames, {len(each.boxes)} boxes"
            )
        found = await asyncio.to_thread(each.find_stale, recogniser)
        if found is not None:
            frame, surface = found
            file = evidence / f"stale-{surface.name.replace(' ', '-')}-{surface.actor}.jpg"
            await asyncio.to_thread(_save, frame, file)
            raise StaleShown(
                f"{surface.actor}'s {surface.name} painted {picture.name}, replaced before: see {file}"
            )


def _save(frame: Frame, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(frame.encoded)
