"""A WebDriver server that plays an iPhone with XCUITest by a script, in the words of its page sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.flutter_bridge.appium.scripted_device import ELEMENT, Failure, ScriptedDevice
from tests.flutter_bridge.test_ios_source import element

BUNDLE = "com.example.sample"
SIMULATOR = "4B1A2C3D-0000-4111-8222-333344445555"
REAL_DEVICE = "00008110-001A2B3C4D5E6F70"
WIDTH, HEIGHT = 390, 844


@dataclass
class Piece:
    """An element on the phone's screen, in points."""

    kind: str
    at: tuple[float, float, float, float]
    label: str = ""
    identifier: str = ""
    value: str = ""
    inside: list[Piece] = field(default_factory=list)
    tapped: Callable[[], None] | None = None
    keeps: Callable[[str], str] = str

    def xml(self) -> str:
        said = {"name": self.identifier or self.label, "label": self.label, "value": self.value}
        given = {name: text for name, text in said.items() if text}
        return element(self.kind, *(piece.xml() for piece in self.inside), at=self.at, **given)

    def walk(self) -> list[Piece]:
        return [self, *(below for piece in self.inside for below in piece.walk())]

    def holds(self, x: float, y: float) -> bool:
        left, top, width, height = self.at
        return left <= x < left + width and top <= y < top + height


class ScriptedPhone(ScriptedDevice):
    """The phone and Appium before it; `typed` is every text that was typed, with where.

    Where `keyboard_at` says where it is, the keyboard of a field that was tapped is in the page source, in a
    window of its own, and takes what touches it: `key_presses` of them so far. It has no key that hides it,
    which only an iPad's has.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bundle = BUNDLE
        self.pieces: list[Piece] = []
        self.keyboard: Piece | None = None
        self.keyboard_at: tuple[float, float, float, float] | None = None
        self.typed: list[tuple[str, str]] = []
        self.settings: dict[str, Any] = {}
        self.answers = {"pixelRatio": 3, "udid": SIMULATOR, "deviceName": "iPhone"}
        self.on_request |= {
            "GET /window/rect": lambda _: {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT},
            "GET /screenshot": lambda _: self.shoot((3 * WIDTH, 3 * HEIGHT), 3),
            "GET /element/active": self._active,
            "GET /element/field/rect": self._rect,
            "POST /element/field/clear": self._clear,
            "POST /element/field/value": self._type,
            "POST /appium/settings": lambda body: self.settings.update(body["settings"]),
        }

    def source(self) -> str:
        at = (0, 0, WIDTH, HEIGHT)
        windows = [element("Window", *(piece.xml() for piece in self.pieces), at=at)]
        if self.keyboard is not None and self.keyboard_at is not None:
            keys = (element("Key", at=(*self.keyboard_at[:2], 36, 50), name=key, label=key) for key in "qw")
            windows.append(element("Window", element("Keyboard", *keys, at=self.keyboard_at), at=at))
        application = element(
            "Application", *windows, at=at, name="Sample", label="Sample", bundleId=self.bundle
        )
        return f'<?xml version="1.0" encoding="UTF-8"?><AppiumAUT>{application}</AppiumAUT>'

    def all_pieces(self) -> list[Piece]:
        return [below for piece in self.pieces for below in piece.walk()]

    def _touch(self, body: dict[str, Any]) -> None:
        steps = body["actions"][0]["actions"]
        self.touches.append(steps)
        moves = [step for step in steps if step["type"] == "pointerMove"]
        x, y = moves[0]["x"], moves[0]["y"]
        if self.keyboard is not None and self.keyboard_at is not None and y >= self.keyboard_at[1]:
            self.key_presses += 1
            return
        if len(moves) > 1:
            assert self.on_drag is not None
            self.on_drag(moves[-1]["x"] - x, moves[-1]["y"] - y)
            return
        hit = next((piece for piece in reversed(self.all_pieces()) if piece.holds(x, y)), None)
        if hit is not None and hit.kind in {"TextField", "SecureTextField"}:
            self.keyboard = hit
        if hit is not None and hit.tapped is not None:
            hit.tapped()

    def _active(self, _: dict[str, Any]) -> dict[str, str]:
        if self.keyboard is None:
            raise Failure("no such element", "unable to find an element with keyboard focus", 404)
        return {ELEMENT: "field"}

    def _rect(self, _: dict[str, Any]) -> dict[str, float]:
        assert self.keyboard is not None
        return dict(zip(("x", "y", "width", "height"), self.keyboard.at, strict=True))

    def _clear(self, _: dict[str, Any]) -> None:
        assert self.keyboard is not None
        self.keyboard.value = ""

    def _type(self, body: dict[str, Any]) -> None:
        assert self.keyboard is not None
        self.typed.append((self.keyboard.identifier, body["text"]))
        entered = self.keyboard.keeps(self.keyboard.value + body["text"])
        self.keyboard.value = "•" * len(entered) if self.keyboard.kind == "SecureTextField" else entered
