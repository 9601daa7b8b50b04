"""The on-device UiAutomator2 server: routes, sessions, how it starts and ends, and its stream of pictures."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fake_android.connected_phone import (
    MJPEG_PORT,
    SERVER_PORT,
    ConnectedPhone,
    Instrumentation,
    Service,
    relay_to,
)
from fake_android.device import DeviceGone
from fake_android.errors import InvalidArgument, InvalidSession, UiAutomatorError
from fake_android.phone import Phone
from fake_android.uiautomator2 import actions
from fake_android.uiautomator2 import device_commands as device
from fake_android.uiautomator2 import element_commands as elements
from fake_android.uiautomator2 import gesture_commands as gestures
from fake_android.uiautomator2 import window_commands as windows
from fake_android.uiautomator2.session import (
    DEFAULT_SETTINGS,
    CommandCall,
    CommandHandler,
    UiAutomatorSession,
)
from flutter_bridge import BridgeError
from local_server import HEAD_S, OF_PAGES, is_loopback_host

MAX_BODY_BYTES = 16 * 2**20

FAREWELL_S = 0.02
"""Between the answer to a session's end and the server's own."""

GET: Mapping[str, CommandHandler] = {
    "/alert/text": elements.alert_text,
    "/appium/device/battery_info": device.battery,
    "/appium/device/display_density": device.display_density,
    "/appium/device/info": device.device_info,
    "/appium/device/pixel_ratio": device.pixel_ratio,
    "/appium/device/system_bars": device.system_bars,
    "/appium/settings": device.settings,
    "/element/active": elements.active_element,
    "/element/{element}/attribute/{name}": elements.element_attribute,
    "/element/{element}/location": elements.element_location,
    "/element/{element}/name": elements.element_name,
    "/element/{element}/rect": elements.element_rect,
    "/element/{element}/screenshot": elements.element_screenshot,
    "/element/{element}/size": elements.element_size,
    "/element/{element}/text": elements.element_text,
    "/orientation": device.orientation,
    "/rotation": device.rotation,
    "/screenshot": device.screenshot,
    "/source": windows.source,
    "/window/rect": device.window_rect,
    "/window/{window}/size": device.window_size,
}

POST: Mapping[str, CommandHandler] = {
    "/actions": actions.perform,
    "/alert/accept": elements.accept_alert,
    "/alert/dismiss": elements.dismiss_alert,
    "/appium/device/get_clipboard": device.clipboard,
    "/appium/device/long_press_keycode": partial(device.press_key, long=True),
    "/appium/device/open_notifications": device.notifications,
    "/appium/device/press_keycode": device.press_key,
    "/appium/device/set_clipboard": device.set_clipboard,
    "/appium/gestures/click": gestures.click,
    "/appium/gestures/double_click": gestures.double_click,
    "/appium/gestures/drag": gestures.drag,
    "/appium/gestures/fling": gestures.fling,
    "/appium/gestures/long_click": gestures.long_click,
    "/appium/gestures/pinch_close": partial(gestures.pinch, opens=False),
    "/appium/gestures/pinch_open": partial(gestures.pinch, opens=True),
    "/appium/gestures/scroll": gestures.scroll,
    "/appium/gestures/swipe": gestures.swipe,
    "/appium/list_windows": windows.list_windows,
    "/appium/reset_ax_cache": device.reset_cache,
    "/appium/settings": device.set_settings,
    "/back": device.back,
    "/element": elements.find_element,
    "/element/{element}/clear": elements.clear,
    "/element/{element}/click": elements.click,
    "/element/{element}/value": elements.send_keys,
    "/elements": elements.find_elements,
    "/gestures/scroll_to": gestures.scroll_to,
    "/keys": elements.send_keys,
    "/orientation": device.set_orientation,
    "/rotation": device.set_rotation,
}


class UiAutomatorServer:
    """One phone's server; its app is served at `port`, and reached through the phone's while it runs."""

    def __init__(self, phone: ConnectedPhone, port: int) -> None:
        self._phone = phone
        self._port = port
        self.relayed: set[tuple[str, int]] = set()
        self._session: UiAutomatorSession | None = None
        self.app = Starlette(
            routes=[
                Route("/status", self._status),
                Route("/sessions", self._sessions),
                Route("/session", self._open_session, methods=["POST"]),
                Route("/session/{session}", self._details, methods=["GET"]),
                Route("/session/{session}", self._delete, methods=["DELETE"]),
                *(
                    Route(f"/session/{{session}}{path}", partial(self._run, command), methods=[method])
                    for method, commands in (("GET", GET), ("POST", POST))
                    for path, command in commands.items()
                ),
            ],
            exception_handlers=dict.fromkeys((UiAutomatorError, DeviceGone, BridgeError), self._refuse),
        )

    async def run(self, instrumentation: Instrumentation) -> None:
        """Be what `am instrument` starts: listen on the phone's ports until told to end."""
        self._session = None
        stream = MjpegStream(self._phone.device, self._settings)
        pictures = asyncio.create_task(stream.run())
        await self._phone.listen(
            {
                SERVER_PORT: relay_to(self._port, instrumentation.ended, self.relayed),
                MJPEG_PORT: stream.service(instrumentation.ended),
            }
        )
        try:
            await instrumentation.ended.wait()
        finally:
            instrumentation.ended.set()
            self._phone.services.clear()
            self._phone.server = None
            self._session = None
            pictures.cancel()
            await asyncio.gather(pictures, return_exceptions=True)
            instrumentation.gone.set()

    def _settings(self) -> Mapping[str, Any]:
        return DEFAULT_SETTINGS if self._session is None else self._session.settings

    async def _status(self, _: Request) -> Response:
        return _answer(
            {"message": "UiAutomator2 Server is ready to accept commands", "ready": True}, session=None
        )

    async def _sessions(self, _: Request) -> Response:
        session = self._session
        found = [] if session is None else [{"id": session.id, "capabilities": session.capabilities}]
        return _answer(found, session=None)

    async def _open_session(self, request: Request) -> Response:
        capabilities = _capabilities((await _body(request)).get("capabilities"))
        session = self._session = UiAutomatorSession(self._phone, capabilities)
        value = {"sessionId": session.id, "capabilities": session.capabilities}
        return _answer(value, session=session.id)

    async def _details(self, request: Request) -> Response:
        session = self._session_of(request)
        return _answer(session.capabilities, session=session.id)

    async def _delete(self, request: Request) -> Response:
        session = self._session_of(request)
        if self._phone.server is not None:
            # After the answer, or nobody would get it.
            asyncio.get_running_loop().call_later(FAREWELL_S, self._phone.server.end)
        self._session = None
        return _answer(None, session=session.id)

    async def _run(self, command: CommandHandler, request: Request) -> Response:
        session = self._session_of(request)
        body = await _body(request) if request.method == "POST" else {}
        return _answer(await command(CommandCall(session, request.path_params, body)), session=session.id)

    async def _refuse(self, request: Request, error: Exception) -> Response:
        """Answer what can't be done, as WebDriver has it."""
        if isinstance(error, DeviceGone):
            self._phone.unplug()
            error = UiAutomatorError("The device is gone")
        kind = error if isinstance(error, UiAutomatorError) else UiAutomatorError
        value = {"error": kind.error, "message": str(error), "stacktrace": ""}
        return _answer(value, session=request.path_params.get("session"), status=kind.status)

    def _session_of(self, request: Request) -> UiAutomatorSession:
        if self._session is None or self._session.id != request.path_params["session"]:
            raise InvalidSession("A session is either terminated or not started")
        return self._session


def _answer(value: Any, *, session: str | None, status: int = 200) -> Response:
    """Return an answer as WebDriver has it."""
    body = json.dumps({"sessionId": session, "value": value}, ensure_ascii=False)
    return Response(
        body.encode(errors="surrogatepass"),
        status_code=status,
        media_type="application/json; charset=UTF-8",
    )


def _capabilities(requested: object) -> dict[str, Any]:
    match requested:
        case {"firstMatch": [Mapping() as first, *_], **rest}:
            always = rest.get("alwaysMatch")
            return {**(always if isinstance(always, Mapping) else {}), **first}
        case {"alwaysMatch": Mapping() as always}:
            return dict(always)
    raise InvalidArgument(f"'capabilities' has to hold firstMatch or alwaysMatch, got {requested!r}")


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"The command is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise InvalidArgument("The command is no JSON object")
    return body


# -- the stream of pictures, as the server's own MJPEG server sends it

_HEAD = (
    b"HTTP/1.0 200 OK\r\n"
    b"Server: UiAutomator2\r\n"
    b"Connection: close\r\n"
    b"Max-Age: 0\r\n"
    b"Expires: 0\r\n"
    b"Cache-Control: no-store, no-cache, must-revalidate, pre-check=0, post-check=0, max-age=0\r\n"
    b"Pragma: no-cache\r\n"
    b"Content-Type: multipart/x-mixed-replace; boundary=--BoundaryString\r\n\r\n"
)
_PART = b"--BoundaryString\r\nContent-type: image/jpg\r\nContent-Length: %d\r\n\r\n"
_END = b"\r\n\r\n"
_MAX_REQUEST_BYTES = 64 * 2**10
_MAYBE_HTTP = re.compile(rb"[A-Z]{1,8}( |$)")


class MjpegStream:
    """Pictures for whoever is connected: taken one after the other, each sent to all."""

    def __init__(self, device: Phone, settings: Callable[[], Mapping[str, Any]]) -> None:
        self._device = device
        self._settings = settings
        self._clients: set[asyncio.StreamWriter] = set()
        self._connected = asyncio.Event()

    def service(self, ended: asyncio.Event) -> Service:
        """Return what answers a connection, until the event is set or the client hangs up."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not await _wants_pictures(reader):
                return
            # What was sent is out of this process before the next picture is taken.
            writer.transport.set_write_buffer_limits(0)
            writer.write(_HEAD)
            self._clients.add(writer)
            self._connected.set()
            hung_up = asyncio.ensure_future(_wait_for_hang_up(reader))
            stopped = asyncio.ensure_future(ended.wait())
            try:
                await asyncio.wait({hung_up, stopped}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._clients.discard(writer)
                hung_up.cancel()
                stopped.cancel()
                await asyncio.gather(hung_up, stopped, return_exceptions=True)

        return serve

    async def run(self) -> None:
        """Take pictures and send them, while there is anybody to send them to."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._clients:
                self._connected.clear()
                await self._connected.wait()
            began = loop.time()
            settings = self._settings()
            picture = await self._device.jpeg(
                quality=settings["mjpegServerScreenshotQuality"],
                scale=settings["mjpegScalingFactor"] / 100,
            )
            await asyncio.gather(
                *(_send(client, _PART % len(picture) + picture + _END) for client in list(self._clients))
            )
            # Its own rate is from one beginning to the next: what taking and sending took is no pause.
            await asyncio.sleep(max(0.0, 1 / settings["mjpegServerFramerate"] - (loop.time() - began)))


async def _wants_pictures(reader: asyncio.StreamReader) -> bool:
    """Wait until a client has sent something, whatever it is; false for what a page has a browser ask."""
    received = b""
    try:
        async with asyncio.timeout(HEAD_S):
            while piece := await reader.read(_MAX_REQUEST_BYTES):
                received += piece
                # Browsers speak HTTP and nothing else, and it is their headers that tell of a page.
                if not _MAYBE_HTTP.match(received):
                    return True
                if b"\r\n\r\n" in received:
                    return _is_of_a_program(received)
                if len(received) > _MAX_REQUEST_BYTES:
                    return False
    except TimeoutError:
        return False
    return False


def _is_of_a_program(head: bytes) -> bool:
    lines = [line.decode("latin-1").partition(":") for line in head.split(b"\r\n")[1:]]
    headers = [(name.strip().lower(), value.strip()) for name, _, value in lines]
    hosts = [value for name, value in headers if name == "host"]
    # Where no host is named nobody was led here by another name.
    return all(map(is_loopback_host, hosts)) and not any(name in OF_PAGES for name, _ in headers)


async def _send(client: asyncio.StreamWriter, part: bytes) -> None:
    try:
        client.write(part)
        await client.drain()
    except ConnectionError:
        # It hung up: its connection's own task takes it off the list.
        return


async def _wait_for_hang_up(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(_MAX_REQUEST_BYTES):
            pass
    except ConnectionError:
        return
