"""A WebDriver server that plays an Android device by a script: what it shows, and what a touch does to it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import quoteattr

from PIL import Image

from tests.flutter_bridge.appium.album import encoded, thumbnail

APP = "com.example.sample"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
RATIO = 2.0


@dataclass
class Widget:
    """A node on the device's screen; its box is in logical pixels."""

    box: tuple[float, float, float, float]
    cls: str = "android.view.View"
    label: str = ""
    identifier: str = ""
    text: str = ""
    clickable: bool = False
    enabled: bool = True
    focused: bool = False
    password: bool = False
    scrollable: bool = False
    children: list[Widget] = field(default_factory=list)
    tapped: Callable[[], None] | None = None
    keeps: Callable[[str], str] = str
    selects: bool = True
    selected: bool = False
    said: str = ""
    guess: str | None = None

    def xml(self, package: str) -> str:
        left, top, width, height = self.box
        bounds = [round(number * RATIO) for number in (left, top, left + width, top + height)]
        shown = "•" * len(self.text) if self.password else self.text
        selection = ("0", str(len(self.text))) if self.selected else ("", "")
        attributes = {
            "package": package,
            "class": self.cls,
            "text": shown if self.guess is None else self.guess,
            "selection-start": selection[0],
            "selection-end": selection[1],
            "content-desc": self.label,
            "resource-id": self.identifier,
            "clickable": str(self.clickable).lower(),
            "enabled": str(self.enabled).lower(),
            "focused": str(self.focused).lower(),
            "password": str(self.password).lower(),
            "scrollable": str(self.scrollable).lower(),
            "bounds": f"[{bounds[0]},{bounds[1]}][{bounds[2]},{bounds[3]}]",
            "displayed": "true",
        }
        said = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items() if value)
        return f"<{self.cls} {said}>{''.join(child.xml(package) for child in self.children)}</{self.cls}>"

    def enter(self, text: str) -> None:
        """Take a text as the app keeps it; where that changes nothing, Android says what was set."""
        self.said, before, self.text = text, self.text, self.keeps(text)
        self.guess = text if self.text == before else None
        self.selected = False

    def press(self, code: int) -> None:
        """Do what a key does to a field: A, with Control, selects, the others do what they are called."""
        if code == 22:
            self.selected = False
        elif self.text and (code == 67 or (code == 29 and self.selects)):
            self.text = self.text[:-1] if code == 67 else self.text
            self.selected, self.guess = code == 29, None

    def walk(self) -> list[Widget]:
        return [self, *(below for child in self.children for below in child.walk())]

    def holds(self, x: float, y: float) -> bool:
        left, top, width, height = self.box
        return left <= x < left + width and top <= y < top + height


def button(label: str, box: tuple[float, float, float, float], **more: Any) -> Widget:
    return Widget(box, "android.widget.Button", label=label, clickable=True, **more)


def text_field(identifier: str, box: tuple[float, float, float, float], **more: Any) -> Widget:
    return Widget(box, "android.widget.EditText", identifier=identifier, clickable=True, **more)


class Failure(Exception):
    """What the driver answers instead, as W3C has it."""

    def __init__(self, error: str, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.error, self.status = error, status


class ScriptedDevice:
    """The device and Appium before it; `requests` is every request, as method and path below the session.

    Where `keyboard_top` says how far down it begins, a soft keyboard comes up with the first field that is
    tapped, and takes what touches it: `key_presses` of them so far. No page source has it, nor what is wholly
    under it, as on a phone.
    `photos` is what screenshots show: pictures, and where.
    """

    def __init__(self) -> None:
        self.package = APP
        self.screen: list[Widget] = []
        self.requests: list[str] = []
        self.scripts: list[tuple[str, dict[str, Any]]] = []
        self.touches: list[list[dict[str, Any]]] = []
        self.capabilities: dict[str, Any] = {}
        self.answers: dict[str, Any] = {"pixelRatio": str(RATIO), "deviceModel": "Scripted"}
        self.on_source: list[Callable[[], None]] = []
        self.on_script: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.on_drag: Callable[[float, float], None] | None = None
        self.failing: dict[str, Failure] = {}
        self.open = False
        self.dead = False
        self.keyboard_top: float | None = None
        self.is_keyboard_up = False
        self.key_presses = 0
        self.keys: list[str] = []
        self.orientation = "PORTRAIT"
        self.photos: list[tuple[tuple[float, float, float, float], Image.Image]] = []
        self._lock = threading.Lock()
        self.on_request: dict[str, Callable[[dict[str, Any]], Any]] = {
            "POST /session": self._begin,
            "DELETE": self._end,
            "GET /source": self._source,
            "GET /screenshot": lambda _: self.shoot((800, 1200), RATIO),
            "GET /window/rect": lambda _: {"x": 0, "y": 0, "width": 800, "height": 1200},
            "GET /orientation": lambda _: self.orientation,
            "POST /orientation": self._orient,
            "POST /actions": self._touch,
            "POST /element": self._find,
            "POST /back": lambda _: None,
            "POST /appium/settings": lambda _: None,
        }
        self._fields: dict[str, Widget] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def hang_at(self, request: str) -> Callable[[], None]:
        """Have the next such request unanswered until what is returned is called."""
        go_on = threading.Event()

        def hang(_: dict[str, Any]) -> None:
            go_on.wait()

        self.on_request[request] = hang
        return go_on.set

    # What it answers

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        route = path.removeprefix("/session/one")
        name = str(body["script"]) if route == "/execute/sync" else f"{method} {route}".strip()
        with self._lock:
            self.requests.append(name)
            if name in self.failing:
                raise self.failing[name]
            if route == "/execute/sync":
                return self._script(body["script"], (body["args"] or [{}])[0])
            if name not in self.on_request:
                raise Failure("unknown command", f"no {name}", 404)
            return self.on_request[name](body)

    def _begin(self, body: dict[str, Any]) -> Any:
        self.capabilities = body["capabilities"]["alwaysMatch"] | body["capabilities"]["firstMatch"][0]
        self.open = True
        return {"sessionId": "one", "capabilities": self.capabilities | self.answers}

    def _end(self, _: dict[str, Any]) -> None:
        self.open = False

    def _source(self, _: dict[str, Any]) -> str:
        if self.on_source:
            self.on_source.pop(0)()
        return self.source()

    def shoot(self, size: tuple[int, int], ratio: float) -> str:
        """Return a screenshot: nothing but the photos that are shown, at their boxes in logical pixels."""
        shot = Image.new("RGB", size, "#204080")
        for (left, top, width, _), picture in self.photos:
            shot.paste(thumbnail(picture, round(width * ratio)), (round(left * ratio), round(top * ratio)))
        return base64.b64encode(encoded(shot)).decode()

    def _orient(self, body: dict[str, Any]) -> None:
        self.orientation = body["orientation"]

    def source(self) -> str:
        inside = "".join(widget.xml(self.package) for widget in self.screen if not self._is_covered(widget))
        frame = "android.widget.FrameLayout"
        bounds = "[0,0][800,1200]"
        return (
            '<?xml version="1.0"?><hierarchy index="0" class="hierarchy" rotation="0" width="800" '
            f'height="1200"><{frame} package={quoteattr(self.package)} class="{frame}" bounds="{bounds}">'
            f"{inside}</{frame}></hierarchy>"
        )

    def _is_covered(self, widget: Widget) -> bool:
        return self.is_keyboard_up and self.keyboard_top is not None and widget.box[1] >= self.keyboard_top

    def everything(self) -> list[Widget]:
        return [below for widget in self.screen for below in widget.walk()]

    def _touch(self, body: dict[str, Any]) -> None:
        steps = body["actions"][0]["actions"]
        self.touches.append(steps)
        moves = [step for step in steps if step["type"] == "pointerMove"]
        x, y = moves[0]["x"] / RATIO, moves[0]["y"] / RATIO
        if self.is_keyboard_up and self.keyboard_top is not None and y >= self.keyboard_top:
            self.key_presses += 1
            return
        if len(moves) > 1:
            assert self.on_drag is not None
            self.on_drag(moves[-1]["x"] / RATIO - x, moves[-1]["y"] / RATIO - y)
            return
        hit = next((widget for widget in reversed(self.everything()) if widget.holds(x, y)), None)
        if hit is None or not hit.enabled:
            return
        if hit.cls.endswith("EditText"):
            for widget in self.everything():
                widget.focused = widget is hit
            self.is_keyboard_up = self.keyboard_top is not None
        if hit.tapped is not None:
            hit.tapped()

    def _find(self, body: dict[str, Any]) -> dict[str, str]:
        place, _, condition = body["value"].rpartition("[")
        assert condition == "@focused='true']"
        shown = (widget for widget in self.everything() if not self._is_covered(widget))
        found = next((widget for widget in shown if widget.focused), None)
        assert place.startswith("/*/")
        if found is None:
            raise Failure("no such element", "An element could not be located", 404)
        self._fields["field"] = found
        return {ELEMENT: "field"}

    def _windows(self) -> list[dict[str, Any]]:
        """Return the keyboard's window, as the driver lists it."""
        if not self.is_keyboard_up or self.keyboard_top is None:
            return []
        rect = {"left": 0, "top": round(self.keyboard_top * RATIO), "right": 800, "bottom": 1200}
        return [{"type": 2, "rect": rect, "packageName": "com.example.keyboard"}]

    def _press(self, code: int) -> None:
        if code == 4:
            self.is_keyboard_up = False
        for widget in self.everything():
            if widget.focused:
                widget.press(code)

    def _script(self, name: str, arguments: dict[str, Any]) -> Any:
        self.scripts.append((name, arguments))
        if name in self.on_script:
            return self.on_script[name](arguments)
        if name == "mobile: replaceElementValue":
            entered = self._fields[arguments["elementId"]]
            entered.enter(arguments["text"])
        if name == "mobile: queryAppState":
            return 4
        if name == "mobile: isKeyboardShown":
            return self.is_keyboard_up
        if name == "mobile: listWindows":
            return self._windows() if arguments["filters"] == {"type": 2} else None
        if name == "mobile: pressKey":
            self._press(arguments["keycode"])
        if name == "mobile: hideKeyboard":
            # The field keeps the focus.
            self.is_keyboard_up = False
        return None


def _handler(device: ScriptedDevice) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            if key := self.headers.get("X-Idempotency-Key"):
                device.keys.append(key)
            if device.dead:
                self.close_connection = True
                return
            try:
                status, value = 200, device.answer(self.command, self.path, body)
            except Failure as failure:
                status = failure.status
                value = {"error": failure.error, "message": str(failure), "stacktrace": ""}
            content = json.dumps({"value": value}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
