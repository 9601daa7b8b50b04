"""The review as a local page: FastAPI, on loopback only, for whoever has the token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response

from journeys.documents import UnreadableDocument, decode_any_json, problem_of_text
from journeys.errors import JourneysError
from journeys.redaction import redacted, redacted_deeply
from journeys.review.access import Access, Guard
from journeys.review.baseline_file import place_of
from journeys.review.decisions import asked_of
from journeys.review.details import history_data, picture_path, semantics_data
from journeys.review.errors import Refused, TooLarge
from journeys.review.history import version_of
from journeys.review.limits import AT_ONCE, BODY
from journeys.review.page import SCRIPTS, STYLE, asset, render_page, render_problem
from journeys.review.page_data import decision_data, film_data
from journeys.review.pictures import kind_of, read_inside
from journeys.review.results import Entry
from journeys.review.review import Outcome, Review

_KEPT = {"cache-control": "private, max-age=86400, immutable"}
"""For what has another address when it is another."""

_Id = Annotated[str, Path(pattern="^[0-9a-f]{12}$")]


def review_app(review: Review, access: Access) -> FastAPI:
    """Return the page as an ASGI application."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, access=access)
    app.add_exception_handler(JourneysError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.include_router(_page(review))
    app.include_router(_looking(review))
    app.include_router(_deciding(review))
    return app


class _Rendered:
    """The page as it was rendered last: until somebody decides, it is the same for everyone."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._of: int | None = None
        self._page = b""

    def page(self) -> bytes:
        review = self._review
        review.check_results()
        revision = review.changes(0).revision
        if self._of != revision:
            # The results may be of a run that was killed before it cleaned up after itself.
            self._page = redacted(render_page(review, partial(_address, review))).encode()
            self._of = revision
        return self._page


def _page(review: Review) -> APIRouter:
    router = APIRouter()
    rendered = _Rendered(review)

    @router.get("/")
    def page() -> HTMLResponse:
        try:
            return HTMLResponse(rendered.page())
        except JourneysError as error:
            return HTMLResponse(render_problem(str(error)), status_code=_status(error))

    @router.get("/favicon.ico")
    def icon() -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT)

    # Small and in memory: no thread is worth it.
    @router.get("/page/{name}")
    async def script(name: str) -> Response:
        if name not in {*SCRIPTS, STYLE}:
            raise Refused(f"the page has no {name!r:.80}")
        kind = "text/css" if name == STYLE else "text/javascript"
        return Response(asset(name), media_type=kind, headers=_KEPT)

    return router


def _looking(review: Review) -> APIRouter:
    router = APIRouter()

    @router.get("/pictures/{name}/{side}")
    def picture(name: _Id, side: str) -> Response:
        path = picture_path(review.results, review.entry(name), side)
        content = read_inside(path.parent, path.name)
        return Response(content, media_type=kind_of(content), headers=_KEPT)

    @router.get("/versions/{name}/{commit}")
    def version(name: _Id, commit: str) -> Response:
        content = version_of(place_of(review.results, review.entry(name)), commit)
        return Response(content, media_type=kind_of(content), headers=_KEPT)

    @router.get("/semantics/{name}")
    def semantics(name: _Id) -> dict[str, Any]:
        return redacted_deeply(semantics_data(review.results, review.entry(name)))

    @router.get("/film/{name}")
    def film(name: _Id) -> list[dict[str, str]]:
        return film_data(review.entry(name), partial(_address, review))

    @router.get("/history/{name}")
    def history(name: _Id) -> dict[str, Any]:
        return history_data(review.results, review.entry(name))

    return router


def _deciding(review: Review) -> APIRouter:
    router = APIRouter()

    @router.get("/changes")
    def changes(after: Annotated[int, Query(ge=0)]) -> dict[str, Any]:
        return _outcome(review.changes(after))

    @router.post("/decisions")
    async def decide(request: Request) -> JSONResponse:
        body = await _body(request)
        by = _text(body, "by", 64)
        try:
            asked = [asked_of(each) for each in _list(body)]
        except ValueError as error:
            raise Refused(f"{error}") from error
        return _answer(await run_in_threadpool(review.decide, asked, by=by))

    @router.post("/undo")
    async def undo(request: Request) -> JSONResponse:
        asked = [(_text(each, "id", 12), _number(each)) for each in _list(await _body(request))]
        return _answer(await run_in_threadpool(review.undo, asked))

    return router


def _refused(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"message": str(error)}, status_code=_status(error))


def _malformed(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({"message": "that is not how the page asks: reload it"}, status_code=422)


def _status(error: Exception) -> int:
    return error.status if isinstance(error, Refused) else HTTPStatus.CONFLICT


def _address(review: Review, entry: Entry, side: str) -> str:
    # Another comparison has other addresses; within one no picture changes.
    return f"pictures/{entry.id}/{side}?of={review.results.digest[:12]}"


async def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused("decisions come as JSON")
    content = b""
    chunks: AsyncIterator[bytes] = request.stream()
    async for chunk in chunks:
        content += chunk
        if len(content) > BODY:
            raise TooLarge(f"that is more than {BODY // 2**20} MiB of decisions: take fewer at once")
    try:
        body = decode_any_json(content)
    except UnreadableDocument as error:
        raise Refused(f"what was sent {error}") from error
    if not isinstance(body, dict):
        raise Refused("decisions come as an object")
    return body


def _list(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = body.get("decisions")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refused("decisions come as a list of objects")
    if len(found) > AT_ONCE:
        raise TooLarge(f"at most {AT_ONCE} decisions at once")
    return found


def _text(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise Refused(f"{name} is a text of at most {longest} characters")
    if problem := problem_of_text(value):
        raise Refused(f"{name} has {problem}")
    return value


def _number(body: dict[str, Any]) -> int | None:
    value = body.get("seen")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise Refused("what was seen is a decision's number")
    return value


def _answer(outcome: Outcome) -> JSONResponse:
    nothing_done = outcome.refused and not outcome.done
    status = outcome.refused[0].error.status if nothing_done else HTTPStatus.OK
    return JSONResponse(_outcome(outcome), status_code=status)


def _outcome(outcome: Outcome) -> dict[str, Any]:
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
