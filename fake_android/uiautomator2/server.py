"""The on-device UiAutomator2 server: routes, sessions, and how it starts and ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fake_android.attached import MJPEG_PORT, SERVER_PORT, Attached, Instrumentation
from fake_android.device import DeviceGone
from fake_android.refusals import Refusal
from fake_android.relay import relay_to
from fake_android.uiautomator2 import actions, alerts, device_commands, element_commands
from fake_android.uiautomator2 import gesture_commands as gestures
from fake_android.uiautomator2.answers import InvalidArgument, InvalidSession, answer, refused
from fake_android.uiautomator2.commands import Call, Command
from fake_android.uiautomator2.mjpeg import Stream
from fake_android.uiautomator2.session import Session
from fake_android.uiautomator2.settings import DEFAULTS
from flutter_bridge import BridgeError

LARGEST_BODY = 16 * 2**20

GET: Mapping[str, Command] = {
    "/alert/text": alerts.alert_text,
    "/appium/device/battery_info": device_commands.battery,
    "/appium/device/display_density": device_commands.display_density,
    "/appium/device/info": device_commands.device_info,
    "/appium/device/pixel_ratio": device_commands.pixel_ratio,
    "/appium/device/system_bars": device_commands.system_bars,
    "/appium/settings": device_commands.settings,
    "/element/active": element_commands.active_element,
    "/element/{element}/attribute/{name}": element_commands.element_attribute,
    "/element/{element}/location": element_commands.element_location,
    "/element/{element}/name": element_commands.element_name,
    "/element/{element}/rect": element_commands.element_rect,
    "/element/{element}/screenshot": element_commands.element_screenshot,
    "/element/{element}/size": element_commands.element_size,
    "/element/{element}/text": element_commands.element_text,
    "/orientation": device_commands.orientation,
    "/rotation": device_commands.rotation,
    "/screenshot": device_commands.screenshot,
    "/source": device_commands.source,
    "/window/rect": device_commands.window_rect,
    "/window/{window}/size": device_commands.window_size,
}

POST: Mapping[str, Command] = {
    "/actions": actions.perform,
    "/alert/accept": alerts.accept,
    "/alert/dismiss": alerts.dismiss,
    "/appium/device/get_clipboard": device_commands.clipboard,
    "/appium/device/long_press_keycode": device_commands.long_press_key,
    "/appium/device/open_notifications": device_commands.notifications,
    "/appium/device/press_keycode": device_commands.press_key,
    "/appium/device/set_clipboard": device_commands.set_clipboard,
    "/appium/gestures/click": gestures.click,
    "/appium/gestures/double_click": gestures.double_click,
    "/appium/gestures/drag": gestures.drag,
    "/appium/gestures/fling": gestures.fling,
    "/appium/gestures/long_click": gestures.long_click,
    "/appium/gestures/pinch_close": gestures.pinch_close,
    "/appium/gestures/pinch_open": gestures.pinch_open,
    "/appium/gestures/scroll": gestures.scroll,
    "/appium/gestures/swipe": gestures.swipe,
    "/appium/reset_ax_cache": device_commands.reset_cache,
    "/appium/settings": device_commands.set_settings,
    "/back": device_commands.back,
    "/element": element_commands.find_element,
    "/element/{element}/clear": element_commands.clear,
    "/element/{element}/click": element_commands.click,
    "/element/{element}/value": element_commands.send_keys,
    "/elements": element_commands.find_elements,
    "/gestures/scroll_to": gestures.scroll_to,
    "/keys": element_commands.send_keys,
    "/orientation": device_commands.set_orientation,
    "/rotation": device_commands.set_rotation,
}


class Server:
    """One phone's server; its app is served at `port`, and reached through the phone's while it runs."""

    def __init__(self, phone: Attached, port: int) -> None:
        self._phone = phone
        self._port = port
        self.relayed: set[tuple[str, int]] = set()
        self._session: Session | None = None
        self.app = Starlette(
            routes=[
                Route("/status", self._status),
                Route("/sessions", self._sessions),
                Route("/session", self._new_session, methods=["POST"]),
                Route("/session/{session}", self._details, methods=["GET"]),
                Route("/session/{session}", self._delete, methods=["DELETE"]),
                *(
                    Route(f"/session/{{session}}{path}", partial(self._run, command), methods=[method])
                    for method, commands in (("GET", GET), ("POST", POST))
                    for path, command in commands.items()
                ),
            ]
        )

    async def run(self, instrumentation: Instrumentation) -> None:
        """Be what `am instrument` starts: listen on the phone's ports until told to end."""
        self._session = None
        stream = Stream(self._phone.device, self._settings)
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
        return DEFAULTS if self._session is None else self._session.settings

    async def _status(self, _: Request) -> Response:
        return answer(
            {"message": "UiAutomator2 Server is ready to accept commands", "ready": True}, session=None
        )

    async def _sessions(self, _: Request) -> Response:
        session = self._session
        found = [] if session is None else [{"id": session.id, "capabilities": session.capabilities}]
        return answer(found, session=None)

    async def _new_session(self, request: Request) -> Response:
        try:
            given = (await _body(request)).get("capabilities")
            self._session = Session(self._phone, _capabilities(given))
        except Refusal as refusal:
            return refused(refusal, session=None)
        value = {"sessionId": self._session.id, "capabilities": self._session.capabilities}
        return answer(value, session=self._session.id)

    async def _details(self, request: Request) -> Response:
        try:
            session = self._known(request)
        except Refusal as refusal:
            return refused(refusal, session=None)
        return answer(session.capabilities, session=session.id)

    async def _delete(self, request: Request) -> Response:
        try:
            session = self._known(request)
        except Refusal as refusal:
            return refused(refusal, session=None)
        if self._phone.server is not None:
            # After the answer, or nobody would get it.
            asyncio.get_running_loop().call_later(FAREWELL, self._phone.server.end)
        self._session = None
        return answer(None, session=session.id)

    async def _run(self, command: Command, request: Request) -> Response:
        name = str(request.path_params["session"])
        try:
            session = self._known(request)
            body = await _body(request) if request.method == "POST" else {}
            value = await command(Call(session, request.path_params, body))
        except Refusal as refusal:
            return refused(refusal, session=name)
        except DeviceGone:
            self._phone.unplug()
            return refused(Refusal("The device is gone"), session=name)
        except BridgeError as error:
            return refused(Refusal(str(error)), session=name)
        return answer(value, session=name)

    def _known(self, request: Request) -> Session:
        if self._session is None or self._session.id != request.path_params["session"]:
            raise InvalidSession("A session is either terminated or not started")
        return self._session


FAREWELL = 0.02
"""Seconds between the answer to a session's end and the server's own."""


def _capabilities(given: object) -> dict[str, Any]:
    match given:
        case {"firstMatch": [Mapping() as first, *_], **rest}:
            always = rest.get("alwaysMatch")
            return {**(always if isinstance(always, Mapping) else {}), **first}
        case {"alwaysMatch": Mapping() as always}:
            return dict(always)
    raise InvalidArgument(f"'capabilities' has to hold firstMatch or alwaysMatch, got {given!r}")


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"The command is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise InvalidArgument("The command is no JSON object")
    return body
