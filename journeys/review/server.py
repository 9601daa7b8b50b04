"""The review as a local page: FastAPI, on loopback only, for those who have the token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response

from journeys.documents import UnreadableDocument, decode_any_json, problem_of_text
from journeys.errors import JourneysError, SetupError
from journeys.redaction import redact, redact_record
from journeys.review.access import MAX_BODY_BYTES, Access, AccessMiddleware
from journeys.review.approval import baseline_path_of
from journeys.review.decisions import MAX_AT_ONCE, parse_request
from journeys.review.details import history_data, picture_path, read_version, semantics_data
from journeys.review.files import ReviewError, TooLarge, media_type_of, read_inside
from journeys.review.page import SCRIPTS, STYLE, asset, decision_data, film_data, render_page, render_problem
from journeys.review.results import ReviewEntry
from journeys.review.review import DecisionOutcome, Review
from local_server import listen, run_server, server_config, url_of

_CACHED = {"cache-control": "private, max-age=86400, immutable"}
"""For what has another address when it is another."""

_Id = Annotated[str, Path(pattern="^[0-9a-f]{12}$")]


def review_app(review: Review, access: Access) -> FastAPI:
    """Return the page as an ASGI application."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(AccessMiddleware, access=access)
    app.add_exception_handler(JourneysError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_malformed)
    app.include_router(_page_routes(review))
    app.include_router(_detail_routes(review))
    app.include_router(_decision_routes(review))
    return app


class _PageCache:
    """The page as it was rendered last: until somebody decides, it is the same for everyone."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._revision: int | None = None
        self._page = b""

    def page(self) -> bytes:
        review = self._review
        review.check_results()
        revision = review.changes(0).revision
        if self._revision != revision:
            # The results may be of a run that was killed before it cleaned up after itself.
            self._page = redact(render_page(review, partial(_picture_address, review))).encode()
            self._revision = revision
        return self._page


def _page_routes(review: Review) -> APIRouter:
    router = APIRouter()
    cached = _PageCache(review)

    @router.get("/")
    def page() -> HTMLResponse:
        try:
            return HTMLResponse(cached.page())
        except JourneysError as error:
            return HTMLResponse(render_problem(str(error)), status_code=_status_of(error))

    @router.get("/favicon.ico")
    def icon() -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT)

    # Small and in memory: no thread is worth it.
    @router.get("/page/{name}")
    async def script(name: str) -> Response:
        if name not in {*SCRIPTS, STYLE}:
            raise ReviewError(f"the page has no {name!r:.80}")
        kind = "text/css" if name == STYLE else "text/javascript"
        return Response(asset(name), media_type=kind, headers=_CACHED)

    return router


def _detail_routes(review: Review) -> APIRouter:
    router = APIRouter()

    @router.get("/pictures/{name}/{side}")
    def picture(name: _Id, side: str) -> Response:
        path = picture_path(review.results, review.entry(name), side)
        content = read_inside(path.parent, path.name)
        return Response(content, media_type=media_type_of(content), headers=_CACHED)

    @router.get("/versions/{name}/{commit}")
    def version(name: _Id, commit: str) -> Response:
        content = read_version(baseline_path_of(review.results, review.entry(name)), commit)
        return Response(content, media_type=media_type_of(content), headers=_CACHED)

    @router.get("/semantics/{name}")
    def semantics(name: _Id) -> dict[str, Any]:
        return redact_record(semantics_data(review.results, review.entry(name)))

    @router.get("/film/{name}")
    def film(name: _Id) -> list[dict[str, str]]:
        return film_data(review.entry(name), partial(_picture_address, review))

    @router.get("/history/{name}")
    def history(name: _Id) -> dict[str, Any]:
        return history_data(review.results, review.entry(name))

    return router


def _decision_routes(review: Review) -> APIRouter:
    router = APIRouter()

    @router.get("/changes")
    def changes(after: Annotated[int, Query(ge=0)]) -> dict[str, Any]:
        return _outcome_data(review.changes(after))

    @router.post("/decisions")
    async def decide(request: Request) -> JSONResponse:
        body = await _read_body(request)
        by = _text_in(body, "by", 64)
        try:
            requests = [parse_request(each) for each in _decisions_in(body)]
        except ValueError as error:
            raise ReviewError(f"{error}") from error
        return _answer(await run_in_threadpool(review.decide, requests, by=by))

    @router.post("/undo")
    async def undo(request: Request) -> JSONResponse:
        requests = [
            (_text_in(each, "id", 12), _seen_in(each)) for each in _decisions_in(await _read_body(request))
        ]
        return _answer(await run_in_threadpool(review.undo, requests))

    return router


def _answer_error(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"message": str(error)}, status_code=_status_of(error))


def _answer_malformed(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({"message": "that is not how the page asks: reload it"}, status_code=422)


def _status_of(error: Exception) -> int:
    return error.status if isinstance(error, ReviewError) else HTTPStatus.CONFLICT


def _picture_address(review: Review, entry: ReviewEntry, side: str) -> str:
    # Another comparison has other addresses; within one no picture changes.
    return f"pictures/{entry.id}/{side}?of={review.results.digest[:12]}"


async def _read_body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ReviewError("decisions come as JSON")
    content = b""
    chunks: AsyncIterator[bytes] = request.stream()
    async for chunk in chunks:
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise TooLarge(
                f"that is more than {MAX_BODY_BYTES // 2**20} MiB of decisions: take fewer at once"
            )
    try:
        body = decode_any_json(content)
    except UnreadableDocument as error:
        raise ReviewError(f"what was sent {error}") from error
    if not isinstance(body, dict):
        raise ReviewError("decisions come as an object")
    return body


def _decisions_in(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = body.get("decisions")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ReviewError("decisions come as a list of objects")
    if len(found) > MAX_AT_ONCE:
        raise TooLarge(f"at most {MAX_AT_ONCE} decisions at once")
    return found


def _text_in(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise ReviewError(f"{name} is a text of at most {longest} characters")
    if problem := problem_of_text(value):
        raise ReviewError(f"{name} has {problem}")
    return value


def _seen_in(body: dict[str, Any]) -> int | None:
    value = body.get("seen")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise ReviewError("what was seen is a decision's number")
    return value


def _answer(outcome: DecisionOutcome) -> JSONResponse:
    nothing_done = outcome.refused and not outcome.done
    status = outcome.refused[0].error.status if nothing_done else HTTPStatus.OK
    return JSONResponse(_outcome_data(outcome), status_code=status)


def _outcome_data(outcome: DecisionOutcome) -> dict[str, Any]:
    return {
        "revision": outcome.revision,
        "done": {name: decision_data(each) for name, each in outcome.done.items()},
        "refused": [
            {
                "id": each.id,
                "message": str(each.error),
                "status": each.error.status,
                "decision": decision_data(each.decision),
            }
            for each in outcome.refused
        ],
    }


# --- listening ---


@dataclass(frozen=True)
class ServedReview:
    """A review that is served: the address to open, and one that is good once."""

    address: str
    access: Access

    @property
    def address_with_token(self) -> str:
        """The address that lets its holder in."""
        return f"{self.address}/?token={self.access.token}"

    def make_browser_address(self) -> str:
        """Return an address that is good once, as other people here may read a browser's command line."""
        return f"{self.address}/?token={self.access.code()}"


async def serve(
    review: Review, *, port: int = 0, ready: Callable[[ServedReview], None] = lambda _: None
) -> None:
    """Serve a review until this is cancelled; raises `SetupError` where the port is taken."""
    async with serve_review(review, port=port) as served:
        ready(served)
        await asyncio.Event().wait()


@asynccontextmanager
async def serve_review(review: Review, *, port: int = 0) -> AsyncIterator[ServedReview]:
    """Serve a review as long as the block runs, on a free port by default."""
    try:
        listener = listen(port)
    except OSError as error:
        raise SetupError(f"port {port} can't be used ({error.strerror}): name another with --port") from error
    port = listener.getsockname()[1]
    access = Access(port)
    config = server_config(review_app(review, access), log_level="critical", timeout_graceful_shutdown=2)
    with listener:
        async with run_server(config, [listener]):
            yield ServedReview(url_of(listener), access)
