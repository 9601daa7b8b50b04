"""Readers of what apps, browsers, devices and their drivers say."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import zipfile
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock, patch

from fake_android.adb.packages import WEB_BUILD, NotAPackage, read_package
from flutter_bridge import BridgeError, DeviceMissing, Interval, Node, SemanticsMissing
from flutter_bridge.appium import devices, read_android_package
from flutter_bridge.appium.android import Android
from flutter_bridge.appium.connection import ServerConnection
from flutter_bridge.appium.ios import IOS
from flutter_bridge.appium.platform import Platform, connect
from flutter_bridge.appium.session import DeviceInfo
from flutter_bridge.evidence import last_seconds, read_entries
from flutter_bridge.frames import Frame, decode_picture
from flutter_bridge.mjpeg.stream import MjpegFrames
from flutter_bridge.web import Screencast, parse
from journeys.pictures import Picture, PictureBook, PictureError
from journeys.snapshots import tree_as_json
from tests.android_package import encode, launcher, manifest, sample_package, write_package
from tests.flutter_bridge.mjpeg_server import BLUE, DRIVERS, HEAD_LATE, NO_LENGTHS
from tests.mutations.reader import Read, Reader, message_of
from tests.mutations.result_readers import SMALL

ANDROID = b"""<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<hierarchy index="0" class="hierarchy" rotation="0" width="1080" height="2400">
<android.widget.FrameLayout index="0" package="com.example.app" class="android.widget.FrameLayout" text=""
 checkable="false" clickable="false" enabled="true" scrollable="false" bounds="[0,0][1080,2400]"
 displayed="true">
<android.view.View index="0" package="com.example.app" class="android.view.View"
 content-desc="Ada&#10;Tab 1 of 3"
 resource-id="tab" clickable="true" enabled="true" selected="true" bounds="[0,100][540,200]"
 displayed="true" />
<android.widget.ScrollView class="android.widget.ScrollView" scrollable="true" bounds="[0,200][1080,2400]">
<android.widget.EditText class="android.widget.EditText" text="Ada &amp; Grace" hint="Name" focused="true"
 password="false" bounds="[0,210][1080,310]" />
<android.widget.SeekBar class="android.widget.SeekBar" content-desc="50%, Volume"
 bounds="[0,320][1080,420]" />
<android.widget.Switch class="android.widget.Switch" checkable="true" checked="true"
 bounds="[0,430][99,470]" />
</android.widget.ScrollView></android.widget.FrameLayout></hierarchy>"""

IOS_SOURCE = b"""<?xml version="1.0" encoding="UTF-8"?><AppiumAUT>
<XCUIElementTypeApplication type="XCUIElementTypeApplication" name="Runner" label="Runner" enabled="true"
 visible="true" x="0" y="0" width="390" height="844" bundleId="com.example.app">
<XCUIElementTypeWindow type="XCUIElementTypeWindow" x="0" y="0" width="390" height="844">
<XCUIElementTypeOther type="XCUIElementTypeOther" name="card" label="Card" x="0" y="0" width="390"
 height="200">
<XCUIElementTypeOther type="XCUIElementTypeOther" name="card" label="Card" x="0" y="0" width="390"
 height="200"/>
<XCUIElementTypeButton type="XCUIElementTypeButton" name="save" label="Save" value="1" traits="Button,
 Selected"
 x="16" y="100.5" width="80" height="44"/>
<XCUIElementTypeTextField type="XCUIElementTypeTextField" value="Name" placeholderValue="Name" x="1" y="2"
 width="3"
 height="4"/></XCUIElementTypeOther></XCUIElementTypeWindow></XCUIElementTypeApplication></AppiumAUT>"""

ADB = b"""* daemon started successfully
List of devices attached
emulator-5554          device product:sdk_gphone64 model:Pixel_7 device:emu64 transport_id:1
0A041FDD4003AB         unauthorized usb:1-1 transport_id:2
192.168.1.7:5555       no permissions (user in plugdev group?); see [http://developer.android.com/tools]
"""

READING = json.dumps(
    {
        "version": 7,
        "url": "http://127.0.0.1/",
        "width": 412,
        "height": 915,
        "ratio": 2.625,
        "flutter": True,
        "nodes": [
            {
                "t": "flt-semantics",
                "i": "flt-semantic-node-1",
                "a": {"role": "group", "aria-label": "Row"},
                "b": [0, 0, 412, 300.5],
                "o": 1,
                "s": "y",
                "k": [
                    {
                        "t": "flt-semantics",
                        "i": "flt-semantic-node-2",
                        "a": {"flt-semantics-identifier": "name", "aria-checked": "mixed"},
                        "b": [1, 2, 3, 4],
                        "h": 1,
                        "x": "Hello",
                        "k": [
                            {
                                "t": "input",
                                "i": "",
                                "a": {"type": "text", "aria-label": "Name"},
                                "b": [1, 2, 3, 4],
                                "v": "Ada",
                                "f": 1,
                                "d": 0,
                            }
                        ],
                    }
                ],
            },
            {
                "t": "input",
                "i": "terms",
                "a": {"type": "checkbox", "id": "terms"},
                "b": [1, 2, 3, 4],
                "p": 1,
                "c": 1,
                "n": "I agree",
            },
        ],
        "plain": 1,
        "status": 200,
        "title": "Terms",
    }
).encode()

FRAME = json.dumps(
    {
        "data": base64.b64encode(BLUE).decode(),
        "sessionId": 3,
        "metadata": {
            "offsetTop": 0,
            "pageScaleFactor": 1,
            "deviceWidth": 40,
            "deviceHeight": 80,
            "scrollOffsetX": 0,
            "scrollOffsetY": 0,
            "timestamp": 1774000000.25,
            "monotonicTimestamp": 1234.5,
        },
    }
).encode()

CAPABILITIES = json.dumps(
    {
        "appPackage": "com.example.app",
        "bundleId": "com.example.app",
        "deviceModel": "Pixel 7",
        "deviceName": "iPhone 15",
        "udid": "emulator-5554",
        "pixelRatio": 2.625,
        "deviceScreenDensity": 420,
        "statBarHeight": 63,
    }
).encode()

SESSION = json.dumps(
    {"value": {"sessionId": "0b1c", "capabilities": json.loads(CAPABILITIES) | {"platformName": "Android"}}}
).encode()
ANSWER = json.dumps(
    {
        "sessionId": "0b1c",
        "value": {
            "element-6066-11e4-a52e-4f735466cecf": "7",
            "x": 0,
            "y": 0,
            "width": 390,
            "height": 844.5,
        },
    }
).encode()
FAILURE = json.dumps(
    {
        "value": {
            "error": "no such element",
            "message": "An element could not be located",
            "stacktrace": "at x\n at y",
        }
    }
).encode()

APP = json.dumps({"url": "http://127.0.0.1:1/", "label": "Example"}).encode()
MANIFEST = encode(manifest("com.example.app", 3, "1.0", launcher("activity", ".MainActivity")))

LOG = json.dumps(
    [
        {"message": "I/flutter: hello", "timestamp": 1774000000123, "level": "INFO"},
        {"message": "E/flutter: no", "timestamp": 1774000000456.5, "level": "SEVERE"},
    ]
).encode()

PICTURE = PictureBook(seed=3).fresh(96).encoded

PIECE = 500


def _read_android(folder: Path) -> Read:
    del folder
    platform, device = Android(), DeviceInfo("com.example.app", "Pixel 7", 2.625)

    def read(document: bytes) -> object:
        return tree_as_json(platform.screen(_text(document), device).tree)

    return read


def _read_ios(folder: Path) -> Read:
    del folder
    platform, device = IOS(), DeviceInfo("com.example.app", "iPhone 15", 3.0)

    def read(document: bytes) -> object:
        return tree_as_json(platform.screen(_text(document), device).tree)

    return read


def _text(document: bytes) -> str:
    """Return a text as a driver's answer may have it: JSON lets half characters through."""
    return document.decode("utf-8", "surrogatepass" if b"\xed\xa0" in document else "replace")


def _read_devices(folder: Path) -> Read:
    def read(document: bytes) -> object:
        said = document.decode(errors="replace")
        with patch.object(
            devices,
            "_ask",
            AsyncMock(side_effect=lambda _, *words: said if words[0] == "devices" else said[-9:]),
        ):
            return [str(each) for each in asyncio.run(devices.list_devices(folder / "adb"))]

    return read


def _read_api_level(folder: Path) -> Read:
    def read(document: bytes) -> object:
        level = document.decode(errors="replace")
        listed = "emulator-5554 device"
        with patch.object(
            devices,
            "_ask",
            AsyncMock(side_effect=lambda _, *words: listed if words[0] == "devices" else level),
        ):
            return [str(each) for each in asyncio.run(devices.list_devices(folder / "adb"))]

    return read


def _read_page(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        return tree_as_json(parse(_text(document)).tree)

    return read


def _read_mjpeg(folder: Path) -> Read:
    del folder

    async def frames(sent: bytes) -> list[tuple[int, int]]:
        stream = MjpegFrames("http://127.0.0.1:7810", logical_width=20, delay=Interval(0, 0.1), timeout=10)
        for start in range(0, len(sent), PIECE):
            piece = sent[start : start + PIECE]
            stream.get_buffer(-1)[: len(piece)] = piece
            stream.buffer_updated(len(piece))
        await stream.stop()
        return [frame.image.size async for frame in stream]

    return lambda document: asyncio.run(frames(document))


def _read_screencast(folder: Path) -> Read:
    del folder

    async def frames(event: Any) -> list[tuple[int, int]]:
        stream = Screencast(Mock(send=AsyncMock()))
        stream._take(event)
        await stream.stop()
        return [frame.image.size async for frame in stream]

    return lambda document: asyncio.run(frames(_object(document)))


def _parsed(document: bytes) -> Any:
    """Return what a driver's client makes of an answer, which takes more for JSON than JSON is."""
    try:
        return json.loads(document)
    except (ValueError, RecursionError) as error:
        raise _Unparsed("no answer: the client itself refuses it") from error


def _object(document: bytes) -> dict[str, Any]:
    answer = _parsed(document)
    if not isinstance(answer, dict):
        raise _Unparsed("no object: the client itself refuses it")
    return answer


class _Unparsed(Exception):
    """No JSON, which those who read it for us say by themselves."""


def _read_capabilities(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        answered = _object(document)
        return Android().device(answered), IOS().device(answered)

    return read


def _read_log(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        entries = read_entries(_parsed(document))
        return [str(entry) for entry in last_seconds(entries, 30.0)]

    return read


def _read_screenshot(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        picture = decode_picture(document, "a screenshot")
        frame = Frame(document, Interval(0, 1))
        return picture.size, frame.image.size

    return read


def _read_picture(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "picture").write_bytes(document)
        return Picture.from_file(folder / "picture")

    return read


class _Pool:
    """What answers a client in the place of an Appium: a new session with one document, else with another."""

    def __init__(self, opened: bytes, answered: bytes) -> None:
        self._opened, self._answered = opened, answered

    def request(self, method: str, url: str, **_: Any) -> Mock:
        if method == "DELETE":
            return self._answer(b'{"value": null}')
        return self._answer(self._opened if url.endswith("/session") else self._answered)

    def clear(self) -> None: ...

    def _answer(self, document: bytes) -> Mock:
        # As Appium answers a command that failed.
        status = 500 if b'"stacktrace"' in document else 200
        return Mock(status=status, data=document, headers={"Content-Type": "application/json"}, reason="")


async def _ask_session(platform: Platform, opened: bytes, answered: bytes) -> object:
    pool = _Pool(opened, answered)
    with patch.object(ServerConnection, "_get_connection_manager", lambda _: pool):
        async with connect("http://127.0.0.1:1", {"platformName": platform.name}, platform) as session:
            told = list[object]()
            for ask in (
                session.source,
                partial(platform.state, session),
                partial(platform.set_text, session, Node(ref="/*"), "Ada"),
                session.screenshot,
                partial(platform.back, session),
            ):
                try:
                    told.append(await ask())
                except BridgeError as error:
                    told.append(message_of(error))
            return told


def _read_new_session(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        return [asyncio.run(_ask_session(each, document, ANSWER)) for each in (Android(), IOS())]

    return read


def _read_answer(folder: Path) -> Read:
    del folder

    def read(document: bytes) -> object:
        return [asyncio.run(_ask_session(each, SESSION, document)) for each in (Android(), IOS())]

    return read


def _read_web_build(folder: Path) -> Read:
    def read(document: bytes) -> object:
        with zipfile.ZipFile(sample_package(folder / "app.apk", "org.example"), "a") as package:
            package.writestr(WEB_BUILD, document)
        return read_package(folder / "app.apk")

    return read


def _read_package(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "app.apk").write_bytes(document)
        return read_package(folder / "app.apk")

    return read


def _read_manifest(folder: Path) -> Read:
    def read(document: bytes) -> object:
        return read_android_package(write_package(folder / "app.apk", document))

    return read


def _packed() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("AndroidManifest.xml", MANIFEST)
        package.writestr(WEB_BUILD, APP)
    return packed.getvalue()


_BRIDGES = (BridgeError,)
READERS = (
    Reader("page source of Android", "xml", (ANDROID,), _read_android, (SemanticsMissing,)),
    Reader("page source of iOS", "xml", (IOS_SOURCE,), _read_ios, (SemanticsMissing,)),
    Reader("adb's devices", "bytes", (ADB,), _read_devices, (DeviceMissing,)),
    Reader("adb's API level", "bytes", (b"34\n",), _read_api_level, (DeviceMissing,)),
    Reader("page's semantics", "json", (READING,), _read_page, (SemanticsMissing,)),
    Reader("MJPEG stream", "bytes", (DRIVERS, HEAD_LATE, NO_LENGTHS), _read_mjpeg, _BRIDGES),
    Reader("frame of a screencast", "json", (FRAME,), _read_screencast, (*_BRIDGES, _Unparsed)),
    Reader("capabilities of a session", "json", (CAPABILITIES,), _read_capabilities, (*_BRIDGES, _Unparsed)),
    Reader("new session of Appium", "json", (SESSION,), _read_new_session, _BRIDGES),
    Reader("answer of Appium", "json", (ANSWER, FAILURE), _read_answer, _BRIDGES),
    Reader("log of a device", "json", (LOG,), _read_log, (_Unparsed,)),
    Reader("screenshot", "bytes", (SMALL, BLUE), _read_screenshot, _BRIDGES),
    Reader("Android's manifest", "bytes", (MANIFEST,), _read_manifest, _BRIDGES),
    Reader("stand-in's web build", "json", (APP,), _read_web_build, (NotAPackage,)),
    Reader("stand-in's package", "bytes", (_packed(),), _read_package, (NotAPackage,)),
    Reader("picture to upload", "bytes", (PICTURE,), _read_picture, (PictureError,)),
)
