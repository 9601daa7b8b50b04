"""Frames and screens of nights made up, drawn where their records say they are."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

from journeys.nightly.record import NightRecord


def draw_frames(folder: Path, record: NightRecord) -> None:
    """Draw the frames and screens that a night's record names into its folder."""
    for each in record["cells"]:
        for attempt in each["attempts"]:
            results = folder / attempt["results"]
            results.mkdir(parents=True, exist_ok=True)
            if attempt["record"] is None:
                continue
            for seen in attempt["record"]["surfaces"]:
                for name, colour in (
                    (seen["last_old_frame"], "#7a8694"),
                    (seen["first_new_frame"], "#d0761b"),
                ):
                    if name is not None:
                        _draw(results / name, colour)
            for shown in attempt["record"]["screens"]:
                if shown["folder"] is not None:
                    for name, colour in (
                        ("baseline", "#1b6e40"),
                        ("actual", "#1b5fa8"),
                        ("difference", "#c22f2f"),
                    ):
                        _draw(results / shown["folder"] / f"{name}.png", colour)


def _draw(file: Path, colour: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_drawn(colour))


@cache
def _drawn(colour: str) -> bytes:
    picture = Image.new("RGB", (206, 380), "#f4f1ec")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 206, 40), fill="#2b5d5a")
    pen.ellipse((166, 6, 194, 34), fill=colour)
    for top in (60, 170, 280):
        pen.rounded_rectangle((12, top, 194, top + 90), 8, fill="#ffffff")
        pen.ellipse((22, top + 12, 58, top + 48), fill=colour if top == 60 else "#b9c2c9")
        pen.rectangle((68, top + 20, 170, top + 28), fill="#c9d0d6")
        pen.rectangle((22, top + 62, 180, top + 70), fill="#dfe4e8")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()
