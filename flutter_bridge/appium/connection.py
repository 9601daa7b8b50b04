"""How Appium is spoken to: over one kept connection, in one thread, with a limit for every command."""

from __future__ import annotations

import asyncio
import atexit
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import ParseResult, unquote, urlsplit, urlunsplit

from appium.options.common.base import AppiumOptions
from appium.webdriver.appium_connection import AppiumConnection
from appium.webdriver.client_config import AppiumClientConfig
from appium.webdriver.webdriver import WebDriver
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.command import Command

from flutter_bridge.address import is_loopback
from flutter_bridge.appium.failures import no_appium_error, session_errors
from flutter_bridge.clock import now
from flutter_bridge.errors import AppUnreachable, NoAnswer

if TYPE_CHECKING:
    from selenium.webdriver.remote.client_config import ClientConfig


LATE_SESSION_S: Final = 900.0
"""How long the request for a session may take; how long it is waited for is another thing."""

CLOSING_S: Final = 15.0
"""How long the end of a session may take."""

_SOON_S: Final = 1.0
_AT_EXIT_S: Final = 10.0
"""How long the end of a process waits for sessions that may come late."""


class ServerConnection(AppiumConnection):
    """A connection to an Appium server whose headers are its own.

    The client's own class keeps the key of a new session where every connection sees it: two sessions begun
    at once could send the same key, and Appium would answer both with one session.
    """

    def __init__(self, config: ClientConfig) -> None:
        super().__init__(client_config=config)
        self.sent = 0

    def get_remote_connection_headers(  # type: ignore[override]  # the client calls it on the instance only
        self, parsed_url: ParseResult, keep_alive: bool = True
    ) -> dict[str, Any]:
        """Return the headers of one request."""
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json;charset=UTF-8",
            "User-Agent": str(self.user_agent),
        }
        if keep_alive:
            headers["Connection"] = "keep-alive"
        if parsed_url.path.endswith("/session"):
            headers["X-Idempotency-Key"] = str(uuid.uuid4())
        return headers

    def execute(self, command: str, params: Any) -> Any:
        """Send a command and count it."""
        self.sent += 1
        return super().execute(command, params)  # type: ignore[no-untyped-call]  # the client's own

    @property
    def address(self) -> str:
        """The server's address, without what is secret in it."""
        return str(self.client_config.remote_server_addr)

    def limit(self, seconds: float) -> None:
        """Give the next commands so many seconds each."""
        self.client_config.timeout = seconds


def connection(server: str, *, seconds: float) -> ServerConnection:
    """Return a connection to the server at an address; nothing is sent yet.

    A name and a password in the address are sent as HTTP's basic authorisation. Raises `AppUnreachable` where
    it is no address.
    """
    try:
        parts = urlsplit(server)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in {"http", "https"}:
        raise AppUnreachable("Appium's address has to be like http://127.0.0.1:4723")
    shown = f"[{host}]" if ":" in host else host
    place = shown if port is None else f"{shown}:{port}"
    address = urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
    config = AppiumClientConfig(
        remote_server_addr=address,
        # A proxy for the world outside knows nothing of this host.
        proxy=Proxy(raw={"proxyType": ProxyType.DIRECT}) if is_loopback(address) else None,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        # A command that got no answer may have been carried out: it isn't sent again behind our back.
        init_args_for_pool_manager={"init_args_for_pool_manager": {"retries": False}},
    )
    config.timeout = seconds
    return ServerConnection(config)


async def start_session(
    server: str, capabilities: Mapping[str, Any], *, seconds: float
) -> tuple[WebDriver, Worker]:
    """Open a session in a thread of its own within `seconds`; it is ended where it comes too late.

    A farm whose devices are busy queues what it is asked, and goes on when the client has given up: a session
    that nobody knows of would hold its device until the driver's own time is over. So the request may take
    `LATE_SESSION_S`, whatever becomes of the wait for it. Raises `AppUnreachable` in one line.
    """
    to_appium = connection(server, seconds=LATE_SESSION_S)
    address = to_appium.address
    options = AppiumOptions()
    options.load_capabilities(dict(capabilities))
    worker = Worker("appium")
    opened: list[WebDriver] = []

    def start() -> None:
        opened.append(WebDriver(command_executor=to_appium, options=options))
        if not isinstance(opened[0].caps, dict):
            raise no_appium_error(address)

    with session_errors(address):
        try:
            async with asyncio.timeout(seconds):
                await worker.do(start)
        except BaseException as error:
            await end_session(worker, opened)
            if isinstance(error, TimeoutError):
                raise NoAnswer(
                    f"Appium at {address} opened no session within {seconds:g} s: does it run, and has it a "
                    "free device? A farm may have been busy: a target's start_timeout says for how long to "
                    "queue; what comes late is ended"
                ) from error
            raise
    return opened[0], worker


async def end_session(worker: Worker, opened: Sequence[WebDriver]) -> None:
    """Have a worker end the session that it has opened, or will have, and itself; waits for that a while."""

    def leave() -> None:
        for driver in opened:
            with suppress(Exception):
                driver.command_executor.client_config.timeout = CLOSING_S
                driver.execute(Command.QUIT)

    worker.run_afterwards(leave)
    _late.add(worker)
    if await worker.stop(seconds=CLOSING_S if opened else _SOON_S):
        _late.discard(worker)


_late: set[Worker] = set()
"""Those that may still open a session, and end it."""


@atexit.register
def _end_late_sessions() -> None:
    until = now() + _AT_EXIT_S
    for worker in _late:
        worker.join(max(0.0, until - now()))


T = TypeVar("T")


class Worker:
    """A thread of its own for one session; it ends with `stop`.

    A daemon: a call that hangs in a dead connection must not keep the process alive.
    """

    def __init__(self, name: str) -> None:
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def do(self, call: Callable[[], T]) -> T:
        """Run a call in the thread and return what it returns.

        A cancelled wait ends at once; the call itself runs to its end, and the next one waits for it. One
        that hasn't begun by then is left out.
        """
        if self._stopped:
            raise RuntimeError("the worker was stopped")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def ask() -> None:
            if answer.cancelled():
                return
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - it is raised where the call is waited for
                raised = error
                _tell(loop, answer, lambda: answer.set_exception(raised))
            else:
                _tell(loop, answer, lambda: answer.set_result(result))

        self._asked.put(ask)
        return await answer

    def run_afterwards(self, call: Callable[[], None]) -> None:
        """Have the thread do something after all it was asked, whoever waits for it; it must not raise."""
        self._asked.put(call)

    async def stop(self, *, seconds: float) -> bool:
        """End the thread once it has done what was asked; false where that takes longer than `seconds`."""
        if not self._stopped:
            self._stopped = True
            self._asked.put(None)
        await asyncio.to_thread(self._thread.join, seconds)
        return not self._thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, but no longer than that."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            asked()


def _tell(loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any], tell: Callable[[], None]) -> None:
    """Answer in the loop's thread, unless nobody waits any more."""
    # The loop may have been closed while the call was under way.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(lambda: None if answer.done() else tell())
