"""What an app looked like while a change was watched: a strip of small pictures, and what could be read."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from PIL import Image

from flutter_bridge import BridgeError, Frame
from journeys.propagation.observer import Observer
from journeys.timeline import Filmed, Timeline

MOST_PICTURES = 16
"""In a strip: frames come where something changes, so that these show nearly all that did."""
WIDTH_PX = 150
"""Of a picture in a strip."""
QUALITY = 55
"""Of WebP: letters of a heading can still be read."""


async def keep_film(observers: Sequence[Observer], timeline: Timeline, folder: Path, *, since: float) -> None:
    """Save a strip for each app that was watched, of the frames from `since` on, and record them.

    What can't be drawn is left out: the verdict is what matters.
    """
    made = await asyncio.gather(
        *(asyncio.to_thread(_film, each, timeline, folder, since) for each in observers)
    )
    for film in made:
        if film is not None:
            timeline.emit(film)


def choose_frames(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames that differ from the one before, evenly thinned out where they are many.

    The first and the last are always among them.
    """
    distinct = [next(same) for _, same in groupby(frames, key=lambda frame: id(frame.encoded))]
    if len(distinct) <= MOST_PICTURES:
        return distinct
    step = (len(distinct) - 1) / (MOST_PICTURES - 1)
    return [distinct[round(number * step)] for number in range(MOST_PICTURES)]


def draw_sheet(frames: Sequence[Frame]) -> Image.Image:
    """Draw frames side by side, each as wide as a strip's pictures are and as high as the first one is."""
    pictures = [frame.reduce(WIDTH_PX) for frame in frames]
    height = pictures[0].height
    sheet = Image.new("RGB", (WIDTH_PX * len(pictures), height))
    for number, picture in enumerate(pictures):
        # Who turns their phone meanwhile is seen as wide as before.
        shown = picture if picture.height == height else picture.resize((WIDTH_PX, height))
        sheet.paste(shown, (number * WIDTH_PX, 0))
    return sheet


def _film(observer: Observer, timeline: Timeline, folder: Path, since: float) -> Filmed | None:
    actor = observer.expectations[0].surface.actor
    frames = choose_frames(observer.buffer.frames_since(since))
    if not frames:
        return None
    number = 1 + sum(each.actor == actor for each in timeline.events_of(Filmed))
    stem = "-".join(("film", f"{number:02d}", re.sub(r"\W+", "-", actor).strip("-")))
    path, texts = folder / f"{stem}.webp", folder / f"{stem}.json"
    first = frames[0].shown.high
    try:
        sheet = draw_sheet(frames)
        folder.mkdir(parents=True, exist_ok=True)
        sheet.save(path, quality=QUALITY, method=2)
        lines = [
            {"after_first_s": round(read.high - first, 3), "text": text} for read, text in observer.outlines
        ]
        texts.write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8", errors="replace")
    except (BridgeError, OSError, ValueError):
        return None
    return Filmed(
        actor=actor,
        sheet=path,
        width=WIDTH_PX,
        height=sheet.height,
        shown=tuple(frame.shown for frame in frames),
        texts=texts,
    )
