"""What a page asks servers for, as its browser tells it."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.async_api import Page, Request, Response

from flutter_bridge.clock import Interval, now
from flutter_bridge.evidence import AppRequest
from flutter_bridge.web.console import public_part

APP_KINDS = frozenset({"eventsource", "fetch", "image", "media", "xhr"})
"""What a page asks for while it is used; its documents, scripts and fonts are no news."""

MAX_ADDRESS_LENGTH = 200


def listen_to_requests(page: Page, heard: Callable[[AppRequest], None]) -> None:
    """Have each request of a page told, once its answer begins or there won't be one."""

    def forward(request: Request, status: int | None) -> None:
        address = urlsplit(public_part(request.url))
        if request.resource_type not in APP_KINDS or address.scheme not in {"http", "https"}:
            return
        elsewhere = address.netloc if address.netloc != urlsplit(page.url).netloc else ""
        where = f"{elsewhere}{address.path or '/'}"[:MAX_ADDRESS_LENGTH]
        heard(AppRequest(request.method, where, status, _waiting_interval(request)))

    def forward_answer(response: Response) -> None:
        forward(response.request, response.status)

    def forward_failure(request: Request) -> None:
        # One whose answer broke off, or may not be read, was told already.
        if request.existing_response is None:
            forward(request, None)

    page.on("response", forward_answer)
    page.on("requestfailed", forward_failure)


def _waiting_interval(request: Request) -> Interval:
    """Return from when to when a request waited for its answer, as far as the browser says."""
    heard_at, timing = now(), request.timing
    if timing["startTime"] <= 0:
        return Interval.at(heard_at)
    began = min(heard_at, heard_at - (time.time() - timing["startTime"] / 1000))
    answered = began + timing["responseStart"] / 1000 if timing["responseStart"] >= 0 else heard_at
    return Interval(began, max(began, min(answered, heard_at)))
