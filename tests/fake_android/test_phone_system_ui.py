"""The system's own screens: the file picker over pushed files, and dialogs."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import BrowserContext

from fake_android.files import PhoneFiles, accepts, format_size
from fake_android.input import TouchStep
from fake_android.window import SystemWindow, add_scripts
from tests.fake_android.hand import Hand
from tests.fake_android.stand_in_process import PACKAGE

Hold = Callable[..., Awaitable[Hand]]

PICKER = "com.android.documentsui"
CONTROLLER = "com.android.permissioncontroller"

ASKS_FOR_FILES = """<style>flt-semantics { position: fixed; left: 0; width: 300px; height: 50px }</style>
<flt-semantics id="flt-semantic-node-0" role="button" flt-tappable flt-semantics-identifier="ask">Choose</flt-semantics>
<flt-semantics id="flt-semantic-node-1" style="top: 60px">Nothing</flt-semantics>
<script>
    const [ask, said] = document.querySelectorAll("flt-semantics");
    ask.onclick = () => {
        const input = document.createElement("input");
        Object.assign(input, { type: "file", accept: "ACCEPT", multiple: MULTIPLE });
        const names = () => [...input.files].map((file) => file.name).join(" ");
        input.onchange = () => { said.textContent = "Got " + names(); };
        input.oncancel = () => { said.textContent = "Left"; };
        input.click();
    };
</script>"""  # noqa: E501 - one element a line


def encoded_picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (30, 20), "orange").save(target, "PNG")
    return target.getvalue()


async def choosing(hold: Hold, *, accept: str = "", multiple: bool = False) -> Hand:
    """Hold a phone with some files on it that shows the picker."""
    asks = ASKS_FOR_FILES.replace("ACCEPT", accept).replace("MULTIPLE", str(multiple).lower())
    hand = await hold(asks)
    await hand.phone.push("/sdcard/Download/sunset.png", encoded_picture())
    await hand.phone.push("/sdcard/Download/notes.txt", b"notes")
    await hand.phone.push("/storage/emulated/0/Pictures/summer/forest.png", encoded_picture())
    await hand.phone.start(PACKAGE)
    await hand.tap(await hand.named("ask"))
    await hand.is_in(PICKER)
    await hand.reads("sunset.png")
    return hand


async def goes_to(hand: Hand, root: str) -> None:
    """Choose one of the picker's roots; the list lies still once the drawer over it is gone."""
    await hand.tap(await hand.sees(lambda node: node.content_desc == "Show roots"))
    await hand.tap(await hand.reads(root))
    await hand.sees(lambda node: node.content_desc == "Show roots")
    await hand.reads(root)


async def test_a_flutter_app_gets_the_file_that_is_picked(hand: Hand) -> None:
    await hand.phone.push("/sdcard/Download/notes.txt", b"seven b")
    await hand.tap(await hand.named("choose"))
    await hand.is_in(PICKER)
    assert hand.phone.foreground[1].endswith(".picker.PickActivity")
    await goes_to(hand, "Downloads")
    await hand.tap(await hand.reads("notes.txt"))
    await hand.reads("Picked: notes.txt of 7 bytes")
    assert hand.phone.foreground[0] == PACKAGE


async def test_a_flutter_app_goes_on_when_the_picker_is_left(hand: Hand) -> None:
    await hand.tap(await hand.named("choose"))
    await hand.is_in(PICKER)
    await hand.phone.press_key(4)
    await hand.is_in(PACKAGE)
    await hand.tap(await hand.named("press"))
    await hand.reads("Pressed 1 times")


async def test_the_picker_is_documents_ui_to_a_driver(hold: Hold) -> None:
    hand = await choosing(hold)
    title = await hand.reads("notes.txt")
    assert (title.resource_id, title.clickable, title.package) == ("android:id/title", False, PICKER)
    row = await hand.sees(
        lambda node: (
            node.resource_id == f"{PICKER}:id/item_root" and title.text in {at.text for at in node.walk()}
        )
    )
    assert (row.class_name, row.clickable) == ("android.widget.LinearLayout", True)
    await hand.named(f"{PICKER}:id/dir_list")


async def test_the_latest_file_comes_first(hold: Hold) -> None:
    hand = await choosing(hold)
    titles = [
        node.text for node in (await hand.phone.window()).walk() if node.resource_id == "android:id/title"
    ]
    assert titles[0] == "forest.png"


async def test_folders_are_walked_and_left_by_back(hold: Hold) -> None:
    hand = await choosing(hold)
    await goes_to(hand, "Stand-in")
    await hand.tap(await hand.reads("Pictures"))
    await hand.tap(await hand.reads("summer"))
    await hand.reads("forest.png")
    await hand.phone.press_key(4)
    await hand.reads("Pictures")
    await hand.tap(await hand.reads("summer"))
    await hand.tap(await hand.reads("forest.png"))
    await hand.reads("Got forest.png")


async def test_only_pictures_are_offered_where_the_app_asks_for_them(hold: Hold) -> None:
    hand = await choosing(hold, accept="image/*")
    await hand.reads("sunset.png")
    assert "notes.txt" not in {node.text for node in (await hand.phone.window()).walk()}
    await goes_to(hand, "Downloads")
    row = await hand.sees(
        lambda node: (
            node.resource_id == f"{PICKER}:id/item_root" and "notes.txt" in {at.text for at in node.walk()}
        )
    )
    assert not row.enabled
    await hand.tap(row)
    await hand.tap(await hand.reads("sunset.png"))
    await hand.reads("Got sunset.png")


async def test_several_files_are_chosen_by_a_long_press(hold: Hold) -> None:
    hand = await choosing(hold, multiple=True)
    await hand.tap(await hand.reads("sunset.png"), seconds=0.8)
    await hand.reads("1 selected")
    await hand.tap(await hand.reads("notes.txt"))
    await hand.reads("2 selected")
    await hand.tap(await hand.named(f"{PICKER}:id/action_menu_select"))
    await hand.reads("Got sunset.png notes.txt")


async def test_a_tap_on_a_busy_screen_is_no_long_press(
    new_context: Callable[..., Awaitable[BrowserContext]],
) -> None:
    context = await new_context(viewport={"width": 400, "height": 300}, has_touch=True)
    await add_scripts(context)
    window = await SystemWindow.open(context, "picker", package=PICKER, activity="", pixel_ratio=1.0)
    row = {"path": "/a", "title": "a", "metadata": "", "folder": False, "enabled": True, "thumbnail": ""}
    shown = {"title": "", "drawer": False, "selecting": False, "roots": [], "entries": [row]}
    await window.show(shown)
    await window.page.evaluate(
        """() => addEventListener("pointerdown", () => setTimeout(() => {
            for (const until = performance.now() + 900; performance.now() < until; );
        }))"""
    )
    title = next(node for node in (await window.read()).walk() if node.text == "a")
    await window.touch(
        [[TouchStep(0, *title.bounds.centre), TouchStep(0.05, *title.bounds.centre, down=False)]]
    )
    assert await window.events.get() == "file:/a"
    await window.close()


async def test_an_app_is_told_that_the_picker_was_left(hold: Hold) -> None:
    hand = await choosing(hold)
    await hand.phone.press_key(4)
    await hand.reads("Left")
    await hand.tap(await hand.named("ask"))
    await hand.tap(await hand.reads("notes.txt"))
    await hand.reads("Got notes.txt")


async def test_the_picker_waits_over_its_app_while_somebody_is_at_home(hold: Hold) -> None:
    hand = await choosing(hold)
    await hand.phone.press_key(3)
    assert hand.phone.foreground[0] == "com.android.launcher3"
    await hand.phone.start(PACKAGE)
    assert hand.phone.foreground[0] == PICKER
    await hand.phone.stop(PACKAGE)
    assert hand.phone.foreground[0] == "com.android.launcher3"


@pytest.fixture
async def open_app(hold: Hold) -> Hand:
    """Hold a phone that shows an app which stands still."""
    hand = await hold('<flt-semantics id="flt-semantic-node-0">Here it is</flt-semantics>')
    await hand.phone.start(PACKAGE)
    return hand


@pytest.mark.parametrize("answer", ["permission_allow_button", "permission_deny_button"])
async def test_a_permission_is_asked_for_over_everything_until_it_is_answered(
    open_app: Hand, answer: str
) -> None:
    await open_app.phone.show_dialog("permission")
    assert open_app.phone.foreground[0] == CONTROLLER
    message = await open_app.named(f"{CONTROLLER}:id/permission_message")
    assert message.text == "Allow Sample to send you notifications?"
    await open_app.tap(await open_app.named(f"{CONTROLLER}:id/{answer}"))
    await open_app.is_in(PACKAGE)
    await open_app.reads("Here it is")


async def test_back_leaves_a_question_for_a_permission(open_app: Hand) -> None:
    await open_app.phone.show_dialog("permission")
    await open_app.phone.press_key(4)
    await open_app.is_in(PACKAGE)


async def test_an_app_that_does_not_respond_can_be_waited_for(open_app: Hand) -> None:
    await open_app.phone.show_dialog("not responding")
    assert open_app.phone.foreground == ("android", ".MainActivity")
    await open_app.phone.press_key(4)
    assert (await open_app.named("android:id/alertTitle")).text == "Sample isn't responding"
    await open_app.tap(await open_app.named("android:id/aerr_wait"))
    await open_app.is_in(PACKAGE)
    assert open_app.phone.is_running(PACKAGE)


async def test_an_app_that_does_not_respond_can_be_closed(open_app: Hand) -> None:
    await open_app.phone.show_dialog("not responding")
    await open_app.tap(await open_app.named("android:id/aerr_close"))
    await open_app.is_in("com.android.launcher3")
    assert not open_app.phone.is_running(PACKAGE)


async def test_an_app_that_is_ended_takes_along_that_it_does_not_respond(open_app: Hand) -> None:
    await open_app.phone.show_dialog("not responding")
    await open_app.phone.clear(PACKAGE)
    await open_app.is_in("com.android.launcher3")
    await open_app.phone.start(PACKAGE)
    await open_app.is_in(PACKAGE)


async def test_a_dialog_nobody_knows_is_refused(hold: Hold) -> None:
    hand = await hold("")
    with pytest.raises(ValueError, match="permission, not responding"):
        await hand.phone.show_dialog("update")


@pytest.mark.parametrize(
    ("accept", "name", "fits"),
    [
        ("", "anything", True),
        ("image/*", "a.png", True),
        ("image/*", "a.txt", False),
        ("image/png, image/jpeg", "a.JPG", True),
        ("image/png", "a.jpg", False),
        (".txt,.md", "a.TXT", True),
        (".txt,.md", "a.pdf", False),
        ("*/*", "a", True),
    ],
)
def test_what_an_app_accepts(accept: str, name: str, fits: bool) -> None:
    assert accepts(accept, name) is fits


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 B"), (999, "999 B"), (1500, "1.50 kB"), (2_340_000, "2.34 MB")]
)
def test_sizes_are_said_as_android_does(size: int, said: str) -> None:
    assert format_size(size) == said


async def test_files_are_written_read_listed_and_removed(hold: Hold) -> None:
    phone = (await hold("")).phone
    await phone.push("/sdcard/Download/a.txt", b"a")
    await phone.push("/data/local/tmp/b.txt", b"b")
    assert await phone.pull("/storage/emulated/0/Download/a.txt") == b"a"
    assert await phone.files("/sdcard") == ["Download"]
    assert await phone.files("/data/local/tmp") == ["b.txt"]
    await phone.remove("/sdcard/Download")
    await phone.remove("/sdcard/Download")
    assert await phone.files("/sdcard/Download") == []
    with pytest.raises(FileNotFoundError):
        await phone.pull("/sdcard/Download/a.txt")


@pytest.mark.parametrize(
    "path", ["/../../outside", "/sdcard/../../../outside", "/sdcard/Download/../../outside"]
)
def test_no_path_leads_out_of_the_phone(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "phone"
    folder.mkdir()
    PhoneFiles(folder).write(path, b"inside")
    assert not (folder.parent / "outside").exists()
    assert (folder / "outside").read_bytes() == b"inside"


def test_a_phone_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fake_android.files.MAX_STORAGE_BYTES", 10)
    files = PhoneFiles(tmp_path)
    files.write("/sdcard/a", b"123456")
    with pytest.raises(OSError, match="no space left"):
        files.write("/sdcard/b", b"123456")
