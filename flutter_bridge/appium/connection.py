"""How Appium is spoken to: over one kept connection, with a limit for every command."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import ParseResult, unquote, urlsplit, urlunsplit

from appium.webdriver.appium_connection import AppiumConnection
from appium.webdriver.client_config import AppiumClientConfig
from selenium.webdriver.common.proxy import Proxy, ProxyType

from flutter_bridge.address import is_loopback
from flutter_bridge.errors import AppUnreachable

if TYPE_CHECKING:
    from selenium.webdriver.remote.client_config import ClientConfig


class Connection(AppiumConnection):
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

    def limit(self, seconds: float) -> None:
        """Give the next commands so many seconds each."""
        self.client_config.timeout = seconds


def connection(server: str, *, seconds: float) -> Connection:
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
    return Connection(config)
