"""What an app on iOS is asked through XCUITest, told by a server that plays the driver: no device is here."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import (
    ActionFailed,
    AppUnreachable,
    BridgeError,
    FlutterApp,
    NotFound,
    Role,
    SystemNames,
    by,
    now,
)
from flutter_bridge.appium import AppiumApp, open_appium_app
from flutter_bridge.appium.ios import IOS
from tests.flutter_bridge.appium.album import encoded, photo
from tests.flutter_bridge.appium.scripted_phone import (
    BUNDLE,
    HEIGHT,
    REAL_DEVICE,
    WIDTH,
    Piece,
    ScriptedPhone,
)

Open = Callable[..., Any]
FACE = encoded(photo(1))
SOURCE, TOUCH = "GET /source", "POST /actions"
OURS = {"bundleId": BUNDLE}


@pytest.fixture
def phone(skipped_pauses: None) -> Iterator[ScriptedPhone]:
    scripted = ScriptedPhone()
    scripted.pieces = [Piece("StaticText", (0, 50, 390, 40), "Sample", "title")]
    yield scripted
    scripted.close()


@pytest.fixture
def open_app(phone: ScriptedPhone, tmp_path: Path) -> Open:
    """Return `open_appium_app` with what every test gives it."""

    def opened(**options: Any) -> Any:
        given: dict[str, Any] = {
            "server": phone.address,
            "capabilities": {"platformName": "iOS", "bundleId": BUNDLE},
            "artifacts": tmp_path / "artifacts",
            "links": "sample://open",
            "timeout": 2.0,
            "start_timeout": 5.0,
            "frames": "screenshots",
            "target": "ios",
        }
        return open_appium_app(**(given | options))

    return opened


@pytest.fixture
async def app(phone: ScriptedPhone, open_app: Open) -> AsyncIterator[AppiumApp]:
    """The app on a phone that shows a title; what it took to open it is forgotten."""
    async with open_app() as opened:
        phone.requests.clear()
        phone.scripts.clear()
        yield opened


def ends(steps: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Where a finger went down, and where it was lifted."""
    moves = [(step["x"], step["y"]) for step in steps if step["type"] == "pointerMove"]
    return [moves[0], moves[-1]]


# -- starting and leaving


async def test_an_empty_app_is_launched_on_a_simulator(phone: ScriptedPhone, open_app: Open) -> None:
    async with open_app() as app:
        assert isinstance(app, FlutterApp)
        assert phone.scripts == [
            ("mobile: terminateApp", OURS),
            ("mobile: clearApp", OURS),
            ("mobile: clearKeychains", {}),
            ("mobile: launchApp", OURS),
        ]
        assert phone.requests[-1] == SOURCE
    assert not phone.open


async def test_on_a_real_device_it_is_installed_anew(phone: ScriptedPhone, open_app: Open) -> None:
    phone.answers["udid"] = REAL_DEVICE
    capabilities = {"platformName": "iOS", "bundleId": BUNDLE, "app": "/apps/sample.ipa"}
    async with open_app(capabilities=capabilities):
        assert phone.scripts[1:3] == [
            ("mobile: removeApp", OURS),
            ("mobile: installApp", {"app": "/apps/sample.ipa"}),
        ]


async def test_a_real_device_without_the_app_to_install_is_said(phone: ScriptedPhone, open_app: Open) -> None:
    phone.answers["udid"] = REAL_DEVICE
    with pytest.raises(BridgeError, match="can't be removed from a real device but with the app: give the"):
        async with open_app():
            pass
    assert not phone.open


async def test_what_is_asked_for_is_set_unless_given(phone: ScriptedPhone, open_app: Open) -> None:
    given = {"appium:settings[snapshotMaxDepth]": 40, "platformName": "iOS", "appium:bundleId": BUNDLE}
    async with open_app(capabilities=given):
        assert phone.capabilities["appium:automationName"] == "XCUITest"
        assert phone.capabilities["appium:settings[animationCoolOffTimeout]"] == 0
        assert phone.capabilities["appium:settings[respectSystemAlerts]"] is True
        assert phone.capabilities["appium:settings[snapshotMaxDepth]"] == 40


def test_a_session_that_names_no_app_or_no_pixel_ratio() -> None:
    with pytest.raises(AppUnreachable, match="give the capability bundleId"):
        IOS().device({"pixelRatio": 3})
    with pytest.raises(AppUnreachable, match="Pad doesn't say its pixel ratio: set pixel_ratio"):
        IOS().device({"bundleId": BUNDLE, "deviceName": "Pad"})
    assert IOS(pixel_ratio=2).device({"bundleId": BUNDLE, "pixelRatio": 3}).pixel_ratio == 2


async def test_links_are_opened_by_the_app_and_a_restart_leads_there(
    app: AppiumApp, phone: ScriptedPhone
) -> None:
    there = {"url": "sample://open/people/42", "bundleId": BUNDLE}
    await app.open("/people/42")
    await app.restart()
    assert phone.scripts == [
        ("mobile: deepLink", there),
        ("mobile: terminateApp", OURS),
        ("mobile: deepLink", there),
    ]


async def test_an_app_that_is_not_running_any_more(app: AppiumApp, phone: ScriptedPhone) -> None:
    phone.bundle = "com.apple.springboard"
    phone.on_script["mobile: queryAppState"] = lambda _: 1
    with pytest.raises(AppUnreachable, match=f"{BUNDLE} is not running on iPhone: it crashed or was ended"):
        await app.find(by.label("Sam"), timeout=0.2)


# -- input


async def test_points_are_logical_pixels(app: AppiumApp, phone: ScriptedPhone) -> None:
    phone.pieces.append(Piece("Button", (100, 200, 81, 44), "Press"))
    tree = await app.semantics()
    assert (tree.screen.width, tree.screen.height, tree.pixel_ratio) == (WIDTH, HEIGHT, 3)
    before = now()
    received = await app.tap(by.role(Role.BUTTON, name="Press"))
    assert before <= received.low <= received.high <= now()
    assert ends(phone.touches[-1])[0] == (140.5, 222)


async def test_text_is_typed_into_the_field_that_has_the_keyboard(
    app: AppiumApp, phone: ScriptedPhone
) -> None:
    phone.pieces.append(Piece("TextField", (20, 200, 350, 48), "Name", "name", value="Ada"))
    await app.enter_text(by.identifier("name"), "Grace")
    assert phone.typed == [("name", "Grace")]
    assert (await app.find(by.identifier("name"))).value == "Grace"
    await app.enter_text(by.identifier("name"), "")
    assert phone.typed == [("name", "Grace")]
    assert (await app.find(by.identifier("name"))).value == ""


async def test_an_obscured_field_keeps_as_many_bullets(app: AppiumApp, phone: ScriptedPhone) -> None:
    phone.pieces.append(Piece("SecureTextField", (20, 200, 350, 48), "Password", "password"))
    await app.enter_text(by.identifier("password"), "secret")
    assert phone.typed == [("password", "secret")]


async def test_nothing_is_typed_into_another_field(app: AppiumApp, phone: ScriptedPhone) -> None:
    other = Piece("TextField", (20, 300, 350, 48), "Other", "other")

    def refuse() -> None:
        phone.keyboard = other

    phone.pieces += [Piece("TextField", (20, 200, 350, 48), "Name", "name", tapped=refuse), other]
    with pytest.raises(ActionFailed, match="didn't take the focus when tapped"):
        await app.enter_text(by.identifier("name"), "Grace", timeout=2.0)
    assert phone.typed == []


async def test_a_text_that_is_not_kept_is_reported(app: AppiumApp, phone: ScriptedPhone) -> None:
    digits = Piece("TextField", (20, 200, 350, 48), "Digits", "digits", keeps=lambda _: "")
    phone.pieces.append(digits)
    with pytest.raises(ActionFailed, match="doesn't keep the text entered"):
        await app.enter_text(by.identifier("digits"), "letters", timeout=2.0)


async def test_a_field_may_write_a_text_as_its_app_does(app: AppiumApp, phone: ScriptedPhone) -> None:
    short = Piece("TextField", (20, 200, 350, 48), "Short", "short", keeps=lambda text: text[:3].upper())
    phone.pieces.append(short)
    await app.enter_text(by.identifier("short"), "letters")
    assert short.value == "LET"


async def test_scrolling_drags_inside_the_pane_and_lets_go_at_rest(
    app: AppiumApp, phone: ScriptedPhone
) -> None:
    rows = [Piece("StaticText", (0, 300 + 60 * row, 390, 60), f"Row {row}") for row in range(30)]
    phone.pieces.append(Piece("ScrollView", (0, 300, 390, 400), inside=rows))

    def drag(_: float, down: float) -> None:
        moved = max(-60 * 30 + 700 - rows[0].at[1], min(300 - rows[0].at[1], down))
        for row in rows:
            row.at = (row.at[0], row.at[1] + moved, *row.at[2:])

    phone.on_drag = drag
    node = await app.scroll_to(by.label("Row 20"))
    assert node.box.height == 60
    for steps in phone.touches:
        assert all(300 < y < 700 for _, y in ends(steps))
        assert steps[-2]["type"] == "pause"


async def test_back_is_a_quick_swipe_from_the_left_edge(app: AppiumApp, phone: ScriptedPhone) -> None:
    phone.on_drag = lambda *_: None
    await app.back()
    (first, last), steps = ends(phone.touches[-1]), phone.touches[-1]
    assert first == (1, HEIGHT / 2)
    assert last == (WIDTH * 0.8, HEIGHT / 2)
    assert [step["type"] for step in steps] == ["pointerMove", "pointerDown", "pointerMove", "pointerUp"]


async def test_a_phone_is_turned(app: AppiumApp, phone: ScriptedPhone) -> None:
    assert await app.orientation() == "portrait"
    await app.turn("landscape")
    assert phone.orientation == "LANDSCAPE"


async def test_its_stream_bounds_no_moment_so_screenshots_are_watched(app: AppiumApp) -> None:
    assert not await app.session.platform.prepare_stream(app.session, rate=16)
    async with app.frames() as frames:
        assert frames.kind == "screenshots"


# -- alerts


def show_alert(phone: ScriptedPhone, answered: list[str], *buttons: str) -> None:
    """Have the system show an alert, until it is answered: then its source is all that is to be had."""
    before = phone.pieces

    def answer(label: str) -> Callable[[], None]:
        def tapped() -> None:
            answered.append(label)
            phone.pieces = before
            phone.bundle = BUNDLE

        return tapped

    phone.bundle = "com.apple.springboard"
    inside = [
        Piece("Button", (60, 400 + 50 * number, 270, 44), label, tapped=answer(label))
        for number, label in enumerate(buttons)
    ]
    title = "“Sample” Would Like to Access Your Photos"
    said = Piece("StaticText", (70, 310, 250, 40), title)
    phone.pieces = [Piece("Alert", (60, 300, 270, 300), title, inside=[said, *inside])]


@pytest.mark.parametrize(
    ("buttons", "answers"),
    [
        (("Limit Access…", "Allow Full Access", "Don\u2019t Allow"), {"allow": 1, "deny": 2}),
        (("Don\u2019t Allow Paste", "Allow Paste"), {"allow": 1, "deny": 0}),
        (("Keep Only While Using", "Change to Always Allow"), {"allow": 1, "deny": 0}),
        (("Nicht erlauben", "Erlauben"), {"allow": 1, "deny": 0}),
    ],
)
@pytest.mark.parametrize("permissions", ["allow", "deny"])
async def test_a_permission_is_answered_as_told(
    phone: ScriptedPhone,
    open_app: Open,
    buttons: tuple[str, ...],
    answers: dict[str, int],
    permissions: str,
) -> None:
    answered: list[str] = []
    names = SystemNames(allow=("Erlauben",), deny=("Nicht erlauben",))
    async with open_app(permissions=permissions, system_names=names) as app:
        show_alert(phone, answered, *buttons)
        await app.tap(by.identifier("title"))
    assert answered == [buttons[answers[permissions]]]


async def test_an_alert_that_asks_no_permission_is_left_and_told(
    app: AppiumApp, phone: ScriptedPhone
) -> None:
    answered: list[str] = []
    show_alert(phone, answered, "OK")
    with pytest.raises(NotFound, match="a dialog is in the way: '“Sample” Would Like to Access Your Photos'"):
        await app.find(by.identifier("title"), timeout=0.2)
    assert answered == []


# -- choosing a picture


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "face.png"
    path.write_bytes(FACE)
    return path


class Picker:
    """The photo picker: a grid, maybe under a notice, maybe one that wants an "Add"."""

    def __init__(
        self,
        phone: ScriptedPhone,
        *,
        notice: bool = False,
        many: bool = False,
        numbers: tuple[int, ...] = (2, 1, 3),
    ) -> None:
        self.phone, self.many, self.numbers = phone, many, numbers
        self.before = phone.pieces
        self.picked: list[str] = []
        self.notice = notice
        phone.pieces = [*phone.pieces, Piece("Button", (20, 200, 200, 44), "Choose", tapped=self.open)]

    def open(self) -> None:
        self.grid = [self.photo(place) for place in range(len(self.numbers))]
        self.phone.pieces = [Piece("Button", (10, 60, 70, 40), "Cancel"), *self.grid]
        self.phone.photos = [
            (piece.at, photo(number)) for number, piece in zip(self.numbers, self.grid, strict=True)
        ]
        if self.notice:
            said = "Sample can only access the photos that you select."
            self.phone.pieces += [
                Piece("StaticText", (0, 100, 390, 200), said),
                Piece("Button", (340, 110, 30, 30), "Close", tapped=self.close_notice),
            ]

    def close_notice(self) -> None:
        self.notice = False
        self.phone.pieces = self.phone.pieces[:-2]

    def photo(self, number: int) -> Piece:
        label = f"Photo, {17 - number} April, 9:56 am"

        def tapped() -> None:
            assert not self.notice
            self.picked.append(label)
            if self.many:
                self.phone.pieces.append(Piece("Button", (320, 60, 60, 40), "Add", tapped=self.done))
            else:
                self.done()

        at = (130 * number, 120, 130, 130)
        return Piece("Image", at, label, "PXGGridLayout-Info", tapped=tapped)

    def done(self) -> None:
        self.phone.pieces = self.before


@pytest.mark.parametrize("notice", [False, True])
@pytest.mark.parametrize("many", [False, True])
async def test_the_picture_is_picked_that_looks_like_the_file(
    app: AppiumApp, phone: ScriptedPhone, picture: Path, notice: bool, many: bool
) -> None:
    picker = Picker(phone, notice=notice, many=many)
    before = now()
    picked = await app.choose_file(by.label("Choose"), picture)
    assert before < picked.low <= picked.high <= now()
    assert picker.picked == ["Photo, 16 April, 9:56 am"]
    payload = base64.b64encode(FACE).decode()
    assert phone.scripts == [("mobile: pushFile", {"remotePath": "face.png", "payload": payload})]
    await app.find(by.identifier("title"))


async def test_another_picture_is_never_picked(app: AppiumApp, phone: ScriptedPhone, picture: Path) -> None:
    picker = Picker(phone, numbers=(2, 3, 4))
    with pytest.raises(ActionFailed, match=r"it offers 3 photos, and none looks like face\.png"):
        await app.choose_file(by.label("Choose"), picture, timeout=2.0)
    assert picker.picked == []


async def test_what_opens_no_picker_is_reported(app: AppiumApp, phone: ScriptedPhone, picture: Path) -> None:
    phone.pieces.append(Piece("Button", (20, 200, 200, 44), "Press"))
    with pytest.raises(ActionFailed, match=r"opened no file chooser within 2\.0 s"):
        await app.choose_file(by.label("Press"), picture, timeout=2.0)


async def test_the_files_app_is_not_driven(app: AppiumApp, phone: ScriptedPhone, picture: Path) -> None:
    bar = Piece("NavigationBar", (0, 50, 390, 44), "", "FullDocumentManagerViewControllerNavigationBar")

    def files() -> None:
        phone.pieces = [bar]

    phone.pieces.append(Piece("Button", (20, 200, 200, 44), "Choose", tapped=files))
    with pytest.raises(ActionFailed, match="that of the Files app; only the photo library's is driven"):
        await app.choose_file(by.label("Choose"), picture, timeout=2.0)


async def test_only_pictures_go_into_a_photo_library(
    app: AppiumApp, phone: ScriptedPhone, tmp_path: Path
) -> None:
    picker = Picker(phone)
    (tmp_path / "letter.txt").write_text("Dear Ada")
    with pytest.raises(ActionFailed, match=r"takes pictures, and \.txt is none"):
        await app.choose_file(by.label("Choose"), tmp_path / "letter.txt")
    assert (picker.picked, phone.scripts) == ([], [])


async def test_a_real_devices_library_takes_no_pictures_from_us(
    phone: ScriptedPhone, open_app: Open, picture: Path
) -> None:
    phone.answers["udid"] = REAL_DEVICE
    capabilities = {"platformName": "iOS", "bundleId": BUNDLE, "app": "/apps/sample.ipa"}
    async with open_app(capabilities=capabilities) as app:
        Picker(phone)
        with pytest.raises(ActionFailed, match="photo library of a real device: use a simulator"):
            await app.choose_file(by.label("Choose"), picture)
