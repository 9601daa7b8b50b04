"""How a file gets onto a device and is picked in whichever picker Android shows."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import ActionFailed, SystemNames, by, now
from flutter_bridge.appium import AppiumApp
from flutter_bridge.appium.pickers import MISSED_S
from tests.flutter_bridge.appium.album import encoded, photo
from tests.flutter_bridge.appium.scripted_device import APP, ScriptedDevice, Widget, button

DOCUMENTS = "com.google.android.documentsui"
CAT = encoded(photo(1))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(CAT)
    return path


class Documents:
    """The documents' picker: the recent files first, the downloads behind its drawer."""

    def __init__(self, device: ScriptedDevice) -> None:
        self.device, self.picked, self.before = device, "", list(device.screen)
        self.visited: list[str] = []

    def recent(self, *names: str) -> None:
        self.device.package = DOCUMENTS
        drawer = Widget(
            (0, 0, 40, 40),
            "android.widget.ImageButton",
            label="Show roots",
            clickable=True,
            tapped=self.roots,
        )
        self.device.screen = [drawer, *self.items(names)]

    def roots(self) -> None:
        downloads = text("Downloads", 200)
        downloads.tapped = lambda: self.recent("other.txt", "cat.png")
        self.device.screen = [text("Recent", 100), downloads]

    def items(self, names: tuple[str, ...]) -> list[Widget]:
        return [self.item(name, 100 + 50 * place) for place, name in enumerate(names)]

    def item(self, name: str, top: float) -> Widget:
        title = text(name, top)
        title.identifier = "android:id/title"

        def pick() -> None:
            self.picked = name
            self.device.package, self.device.screen = APP, self.before

        title.tapped = pick
        return title


def text(said: str, top: float) -> Widget:
    return Widget((10, top, 300, 40), "android.widget.TextView", text=said)


async def test_a_file_that_is_offered_at_once(app: AppiumApp, device: ScriptedDevice, picture: Path) -> None:
    picker = Documents(device)
    device.screen.append(button("Choose", (10, 300, 100, 40), tapped=lambda: picker.recent("cat.png")))
    before = now()
    picked = await app.choose_file(by.label("Choose"), picture)
    assert before < picked.low <= picked.high <= now()
    assert picker.picked == "cat.png"
    pushed = dict(device.scripts)["mobile: pushFile"]
    assert pushed["remotePath"] == "/sdcard/Download/cat.png"
    assert base64.b64decode(pushed["payload"]) == CAT


async def test_a_makers_own_picker_is_known_by_the_file_it_shows(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    picker = Documents(device)

    def shown() -> None:
        picker.recent("cat.png")
        device.package = "com.vendor.files"

    device.screen.append(button("Choose", (10, 300, 100, 40), tapped=shown))
    await app.choose_file(by.label("Choose"), picture)
    assert picker.picked == "cat.png"


async def test_a_picker_in_another_language_is_told_by_names_of_its_own(
    device: ScriptedDevice, open_app: Callable[..., Any], picture: Path
) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample")]
    picker = Documents(device)
    words = {"Show roots": "Stammverzeichnisse anzeigen", "Downloads": "Eigene Ladungen"}

    def translated() -> None:
        for widget in device.screen:
            widget.label, widget.text = (
                words.get(widget.label, widget.label),
                words.get(widget.text, widget.text),
            )

    def roots() -> None:
        picker.roots()
        translated()

    def shown() -> None:
        picker.recent()
        translated()
        device.screen[0].tapped = roots

    device.screen.append(button("Choose", (10, 300, 100, 40), tapped=shown))
    names = SystemNames(show_roots=("Stammverzeichnisse anzeigen",), downloads=("Eigene Ladungen",))
    async with open_app(system_names=names) as app:
        await app.choose_file(by.label("Choose"), picture)
    assert picker.picked == "cat.png"


class GermanDocuments(Documents):
    """Android's own picker on a phone in another language: its places are known by their list alone."""

    places = ("Zuletzt verwendet", "Bilder", "Heruntergeladen")

    def show(self, *names: str) -> None:
        self.device.package = DOCUMENTS
        drawer = Widget(
            (0, 0, 40, 40), "android.widget.ImageButton", label="Stammverzeichnisse", clickable=True
        )
        drawer.tapped = self.roots
        more = Widget((360, 0, 40, 40), "android.widget.ImageView", label="Mehr Optionen", clickable=True)
        bar = Widget(
            (0, 0, 400, 40),
            "android.view.ViewGroup",
            identifier=f"{DOCUMENTS}:id/toolbar",
            children=[drawer, more],
        )
        self.device.screen = [bar, *self.items(names)]

    def roots(self) -> None:
        rows = [text(name, 100 + 50 * number) for number, name in enumerate(self.places)]
        for row in rows:
            row.tapped = lambda name=row.text: self.visit(name)
        self.device.screen = [
            Widget(
                (0, 50, 300, 500),
                "android.widget.ListView",
                identifier=f"{DOCUMENTS}:id/roots_list",
                children=rows,
            )
        ]

    def visit(self, name: str) -> None:
        self.visited.append(name)
        self.show(*(("brief.txt", "cat.png") if name == "Heruntergeladen" else ()))


async def test_a_picker_in_any_language_is_looked_through_place_by_place(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    picker = GermanDocuments(device)
    device.screen.append(button("Choose", (10, 300, 100, 40), tapped=picker.show))
    await app.choose_file(by.label("Choose"), picture, timeout=30.0)
    assert picker.picked == "cat.png"
    assert picker.visited == list(picker.places)


async def test_a_photo_picker_in_any_language_is_told_that_this_was_all(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    photos = Photos(device, 2, 1)

    def add() -> None:
        device.package, device.screen = APP, photos.before

    def choose(number: int) -> None:
        photos.picked.append(number)
        name = f"{device.package}:id/button_add"
        device.screen.append(button("Hinzufügen (1)", (250, 540, 100, 40), identifier=name, tapped=add))

    photos.on_pick = choose
    await app.choose_file(by.label("Choose"), picture)
    assert photos.picked == [1]


async def test_a_picker_that_missed_the_tap_is_tapped_again(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    documents = Documents(device)

    def open_deaf_at_first() -> None:
        documents.recent("cat.png")
        item = device.screen[-1]
        hearing = item.tapped
        item.tapped = lambda: setattr(item, "tapped", hearing)

    device.screen.append(button("Choose", (0, 200, 80, 40), tapped=open_deaf_at_first))
    begun = now()
    received = await app.choose_file(by.label("Choose"), picture)
    assert documents.picked == "cat.png"
    assert received.low > begun + MISSED_S


async def test_a_picker_that_is_still_drawing_its_list_is_given_the_time(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    """Its drawer, opened meanwhile, would lie over the file."""
    documents = Documents(device)

    def open_empty_at_first() -> None:
        documents.recent()
        device.on_source = [lambda: None, lambda: documents.recent("cat.png")]

    device.screen.append(button("Choose", (0, 200, 80, 40), tapped=open_empty_at_first))
    await app.choose_file(by.label("Choose"), picture)
    assert documents.picked == "cat.png"
    assert len(device.touches) == 2, "else the drawer was tapped too"


async def test_a_file_that_is_found_among_the_downloads(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    picker = Documents(device)
    device.screen.append(button("Choose", (10, 300, 100, 40), tapped=picker.recent))
    await app.choose_file(by.label("Choose"), picture)
    assert picker.picked == "cat.png"


async def test_the_file_is_removed_when_the_app_is_closed_and_no_sooner(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    picker = Documents(device)
    device.screen.append(button("Choose", (10, 300, 100, 40), tapped=lambda: picker.recent("cat.png")))
    await app.choose_file(by.label("Choose"), picture)
    assert "mobile: deleteFile" not in dict(device.scripts)
    await app.close()
    assert dict(device.scripts)["mobile: deleteFile"] == {"remotePath": "/sdcard/Download/cat.png"}


class Photos:
    """The photo picker: so many columns of photos, by their numbers, of which none has a name."""

    def __init__(self, device: ScriptedDevice, *numbers: int) -> None:
        self.device, self.numbers, self.before = device, list(numbers), list(device.screen)
        self.picked: list[int] = []
        self.on_pick = self.pick
        device.screen.append(button("Choose", (10, 300, 100, 40), tapped=self.show))

    def show(self) -> None:
        self.device.package = "com.google.android.providers.media.module"
        boxes = [(100.0 * place, 100.0, 100.0, 100.0) for place in range(len(self.numbers))]
        self.device.screen = [self.cell(box, number) for box, number in zip(boxes, self.numbers, strict=True)]
        self.device.photos = [
            (box, photo(number)) for box, number in zip(boxes, self.numbers, strict=True) if number
        ]

    def cell(self, box: tuple[float, float, float, float], number: int) -> Widget:
        name = f"{self.device.package}:id/icon_thumbnail"
        return Widget(box, "android.widget.ImageView", identifier=name, tapped=lambda: self.on_pick(number))

    def pick(self, number: int) -> None:
        self.picked.append(number)
        self.device.package, self.device.screen = APP, self.before


@pytest.mark.parametrize("numbers", [(1,), (1, 2, 3), (3, 2, 1)], ids=["alone", "newest", "oldest"])
async def test_a_photo_without_a_name_is_told_by_its_pixels(
    app: AppiumApp, device: ScriptedDevice, picture: Path, numbers: tuple[int, ...]
) -> None:
    photos = Photos(device, *numbers)
    await app.choose_file(by.label("Choose"), picture)
    assert photos.picked == [1]


async def test_a_photo_that_is_not_there_yet_is_waited_for(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    photos = Photos(device, 2, 3)

    def index() -> None:
        photos.numbers = [1, 2, 3]
        photos.show()

    device.on_source = [lambda: None] * 5 + [index]
    await app.choose_file(by.label("Choose"), picture, timeout=30.0)
    assert photos.picked == [1]


async def test_a_stranger_s_photo_is_never_picked(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    photos = Photos(device, 2, 3)
    with pytest.raises(
        ActionFailed, match=r"it offers 2 photos, and none looks like cat\.png: nothing was picked"
    ):
        await app.choose_file(by.label("Choose"), picture, timeout=2.0)
    assert photos.picked == []


async def test_a_photo_that_can_not_be_read_here_is_not_guessed(
    app: AppiumApp, device: ScriptedDevice, tmp_path: Path
) -> None:
    photos = Photos(device, 1)
    (tmp_path / "cat.heic").write_bytes(b"of a kind that is not read")
    with pytest.raises(ActionFailed, match=r"nothing tells which is cat\.heic, .* a PNG or a JPEG can"):
        await app.choose_file(by.label("Choose"), tmp_path / "cat.heic")
    assert photos.picked == []


async def test_what_opens_no_picker_is_reported(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    device.screen.append(button("Choose", (10, 300, 100, 40)))
    with pytest.raises(ActionFailed, match=r"opened no file chooser within 2\.0 s; screenshot"):
        await app.choose_file(by.label("Choose"), picture, timeout=2.0)


async def test_a_picker_without_the_file_is_reported(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    def empty() -> None:
        device.package, device.screen = DOCUMENTS, [text("No items", 100)]

    device.screen.append(button("Choose", (10, 300, 100, 40), tapped=empty))
    with pytest.raises(ActionFailed, match=r"picker that can't be driven: it doesn't offer 'cat\.png'"):
        await app.choose_file(by.label("Choose"), picture, timeout=2.0)
