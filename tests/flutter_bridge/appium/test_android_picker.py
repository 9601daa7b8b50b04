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
from tests.flutter_bridge.appium.scripted_device import APP, ScriptedDevice, Widget, button

DOCUMENTS = "com.google.android.documentsui"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    path.write_bytes(b"a cat")
    return path


class Documents:
    """The documents' picker: the recent files first, the downloads behind its drawer."""

    def __init__(self, device: ScriptedDevice) -> None:
        self.device, self.picked, self.before = device, "", list(device.screen)

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
    assert base64.b64decode(pushed["payload"]) == b"a cat"


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


async def test_the_newest_picture_of_the_photo_picker(
    app: AppiumApp, device: ScriptedDevice, picture: Path
) -> None:
    before, picked = list(device.screen), []

    def photos() -> None:
        device.package = "com.google.android.providers.media.module"
        name = f"{device.package}:id/icon_thumbnail"

        def photo(place: int) -> Widget:
            def pick() -> None:
                picked.append(place)
                device.package, device.screen = APP, before

            box = (100.0 * place, 100.0, 100.0, 100.0)
            return Widget(box, "android.widget.ImageView", identifier=name, tapped=pick)

        device.screen = [photo(0), photo(1)]

    device.screen.append(button("Choose", (10, 300, 100, 40), tapped=photos))
    await app.choose_file(by.label("Choose"), picture)
    assert picked == [0]


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
