"""Results of a comparison to review, with screens drawn by Pillow: what a run would have left."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from flutter_bridge import Box, Node, Role, Tree
from journeys.snapshots import (
    ChangedRegion,
    FilmFrame,
    PixelBox,
    ScreenKey,
    ScreenRecord,
    ScreenStatus,
    tree_as_json,
    write_record,
)

SIZE = (412, 732)
COLOURS = {
    "light": ("#fdfbff", "#1b1b1f", "#e1e2ec", "#3f5f90", "#ffffff"),
    "dark": ("#121316", "#e3e2e6", "#2b2f38", "#a8c8ff", "#08305f"),
}


@dataclass(frozen=True)
class Drawn:
    """How a screen looks: what the tests change about it."""

    title: str = "Profile"
    name: str = "Alice Liddell"
    button: int = 420
    theme: str = "light"
    size: tuple[int, int] = SIZE

    def picture(self) -> Image.Image:
        paper, ink, wash, accent, on_accent = COLOURS[self.theme]
        width = self.size[0]
        image = Image.new("RGB", self.size, paper)
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 0, width, 64), fill=wash)
        pen.text((24, 20), self.title, fill=ink, font_size=22)
        pen.ellipse((width // 2 - 60, 110, width // 2 + 60, 230), fill=accent)
        pen.ellipse((width // 2 - 24, 130, width // 2 + 24, 178), fill=paper)
        pen.text((width // 2, 270), self.name, fill=ink, font_size=24, anchor="mm")
        for line in range(4):
            pen.rounded_rectangle(
                (24, 310 + 24 * line, width - 24 - 40 * line, 322 + 24 * line), 6, fill=wash
            )
        pen.rounded_rectangle((24, self.button, width - 24, self.button + 48), 24, fill=accent)
        pen.text((width // 2, self.button + 24), "Save", fill=on_accent, font_size=18, anchor="mm")
        return image

    def semantics(self) -> bytes:
        width, height = self.size
        nodes = (
            Node(Role.HEADING, label=self.title, box=Box(24, 20, 120, 28)),
            Node(Role.IMAGE, identifier="avatar", label="Avatar of Alice", box=Box(146, 110, 120, 120)),
            Node(Role.TEXT, identifier="name", label=self.name, box=Box(24, 256, width - 48, 28)),
            Node(Role.BUTTON, label="Save", box=Box(24, self.button, width - 48, 48)),
        )
        screen = Box(0, 0, width, height)
        return tree_as_json(Tree(Node(box=screen, children=nodes), screen))


@dataclass(frozen=True)
class Screen:
    """One screen of a run: how it looked (None: not at all) and looks, and why."""

    name: str
    before: Drawn | None
    after: Drawn
    journey: str = "profile_is_complete"
    target: str = "web-chromium-1x"
    theme: str = "light"
    cause: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def key(self) -> ScreenKey:
        return ScreenKey(self.journey, self.name, self.target, self.theme)


def moved_button(
    name: str = "profile",
    *,
    by: int = 8,
    theme: str = "light",
    target: str = "web-chromium-1x",
    journey: str = "profile_is_complete",
    cause: str = "",
) -> Screen:
    """A screen whose button moved down."""
    before = Drawn(theme=theme)
    after = replace(before, button=before.button + by)
    reasons = (f"button “Save” moved {by} px down",)
    return Screen(name, before, after, journey, target, theme, cause, reasons)


def new_text(name: str = "settings") -> Screen:
    """A screen whose name says something else."""
    before = Drawn(title="Settings")
    reasons = ("text “Alice Liddell” is “Alice L.” now",)
    return Screen(name, before, replace(before, name="Alice L."), reasons=reasons)


def new_screen(name: str = "welcome", *, target: str = "web-chromium-1x") -> Screen:
    """A screen that has no baseline yet."""
    return Screen(name, None, Drawn(title="Welcome"), target=target)


def some_screens() -> list[Screen]:
    """Differences of several kinds: a cause on two targets and in two themes, some alone, some new."""
    return [
        *(
            moved_button("profile", theme=theme, target=target, cause="button moved")
            for target in ("web-chromium-1x", "android-34-2x")
            for theme in ("light", "dark")
        ),
        new_text("settings"),
        replace(moved_button("larger"), after=Drawn(size=(412, 800))),
        new_screen("welcome"),
        new_screen("welcome", target="android-34-2x"),
        Screen("unchanged", Drawn(), Drawn()),
    ]


def many_screens(count: int) -> list[Screen]:
    """Differences in groups of ten, each of one cause."""
    return [
        moved_button(f"screen-{number:03d}", journey=f"journey_{number // 50}", cause=f"cause {number // 10}")
        for number in range(count)
    ]


def write_results(root: Path, screens: Sequence[Screen]) -> Path:
    """Write what a run leaves, and the baselines it compared with; return the results' folder.

    Below `root`: `test-results/screens` and `e2e/baselines`.
    """
    folder = root / "test-results" / "screens"
    baselines = root / "e2e" / "baselines"
    folder.mkdir(parents=True, exist_ok=True)
    baselines.mkdir(parents=True, exist_ok=True)
    drawn: dict[tuple[Drawn, Drawn | None], bytes] = {}
    film = [
        FilmFrame(title, f"film/{number}.png") for number, title in enumerate(("signs in", "opens profile"))
    ]
    for frame in film:
        _put(folder / frame.picture, _png(drawn, Drawn(title=frame.title)))
    records = []
    for screen in screens:
        path = screen.key.path
        _put(folder / "actual" / path, _png(drawn, screen.after))
        _put((folder / "actual" / path).with_suffix(".json"), screen.after.semantics())
        record = ScreenRecord(
            key=screen.key,
            status=_status(screen),
            actor="alice",
            summary=_summary(screen),
            size=screen.after.size,
            actual=f"actual/{path}",
            semantics=f"actual/{path.with_suffix('.json')}",
            cause=screen.cause,
            film=tuple(film),
        )
        if screen.before is not None:
            for place in (folder / "baseline" / path, baselines / path):
                _put(place, _png(drawn, screen.before))
                _put(place.with_suffix(".json"), screen.before.semantics())
            record = replace(
                record,
                baseline=f"baseline/{path}",
                baseline_size=screen.before.size,
                baseline_semantics=f"baseline/{path.with_suffix('.json')}",
            )
        if record.status is ScreenStatus.CHANGED and screen.before is not None:
            _put(folder / "difference" / path, _png(drawn, screen.after, screen.before))
            record = replace(record, difference=f"difference/{path}", regions=(_region(screen),))
        records.append(record)
    write_record(folder, records, baselines=baselines)
    return folder


def _status(screen: Screen) -> ScreenStatus:
    if screen.before is None:
        return ScreenStatus.NEW
    if screen.before == screen.after:
        return ScreenStatus.SAME
    return ScreenStatus.CHANGED if screen.before.size == screen.after.size else ScreenStatus.RESIZED


def _summary(screen: Screen) -> str:
    return {
        ScreenStatus.NEW: "there is no baseline yet",
        ScreenStatus.SAME: "looks like its baseline",
        ScreenStatus.CHANGED: "1 region differs",
        ScreenStatus.RESIZED: "it has another size than its baseline",
    }[_status(screen)]


def _region(screen: Screen) -> ChangedRegion:
    assert screen.before is not None
    left, top, right, bottom = _difference(screen.before, screen.after)
    box = PixelBox(left, top, right - left, bottom - top)
    return ChangedRegion(box, pixels=box.width * box.height // 3, hash_distance=6, reasons=screen.reasons)


@cache
def _difference(before: Drawn, after: Drawn) -> tuple[int, int, int, int]:
    return ImageChops.difference(before.picture(), after.picture()).getbbox() or (0, 0, 1, 1)


def _png(drawn: dict[tuple[Drawn, Drawn | None], bytes], one: Drawn, other: Drawn | None = None) -> bytes:
    if (one, other) not in drawn:
        picture = one.picture()
        if other is not None:
            mask = (
                ImageChops.difference(picture, other.picture())
                .convert("L")
                .point(lambda value: 255 * (value > 8))
            )
            faded = Image.blend(picture, Image.new("RGB", picture.size, "white"), 0.75)
            picture = Image.composite(Image.new("RGB", picture.size, "#d0147c"), faded, mask)
        file = io.BytesIO()
        picture.save(file, "PNG", compress_level=1)
        drawn[one, other] = file.getvalue()
    return drawn[one, other]


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
