"""Routes: posts, feeds, and the stream of all changes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app_backend.api.bodies import Intake, StrictJsonRoute
from app_backend.api.dependencies import BaseUrl, OriginOfRequest, Services, ServicesNeeded, SignedInPerson
from app_backend.api.problems import problems
from app_backend.avatars import Gallery
from app_backend.events import CommittedEvent, encode, stream
from app_backend.feed import POST_CREATED, POST_REMOVED, Cursor, NewPost, Page, Posted, post_facts, post_view
from app_backend.profiles import PERSON_REMOVED, PROFILE_CHANGED, Removed, profile_of
from app_backend.sign_ins import Origin

router = APIRouter(route_class=StrictJsonRoute)

Limit = Annotated[int, Query(ge=1, le=100, description="How many posts at most.")]
From = Annotated[str | None, Query(description="The `next_cursor` of the page before.", alias="cursor")]


@router.post("/posts", tags=["feed"], status_code=201, responses=problems(401, 422))
async def write_post(
    post: NewPost, person: SignedInPerson, services: ServicesNeeded, base_url: BaseUrl
) -> Posted:
    """Say something."""
    written, committed_at = await services.posts.write(person.id, post.text)
    return Posted(post=post_view(post_facts(written), services.gallery, base_url), committed_at=committed_at)


@router.delete("/posts/{post_id}", tags=["feed"], responses=problems(401, 403, 404, 422))
async def remove_post(post_id: uuid.UUID, person: SignedInPerson, services: ServicesNeeded) -> Removed:
    """Take back what one said."""
    return Removed(committed_at=await services.posts.remove(post_id, by=person.id))


@router.get("/feed", tags=["feed"], responses=problems(422))
async def feed(services: ServicesNeeded, base_url: BaseUrl, limit: Limit = 20, cursor: From = None) -> Page:
    """Read what everybody says, newest first."""
    return await _page(services, base_url, limit, cursor)


@router.get("/people/{person_id}/posts", tags=["feed"], responses=problems(404, 422))
async def posts_by(
    person_id: uuid.UUID,
    services: ServicesNeeded,
    base_url: BaseUrl,
    limit: Limit = 20,
    cursor: From = None,
) -> Page:
    """Read what one person says, newest first."""
    page = await _page(services, base_url, limit, cursor, author_id=person_id)
    if not page.items:
        # Nothing said, or nobody there? Only then it has to be asked.
        await services.people.find(person_id)
    return page


async def _page(
    services: Services, base_url: str, limit: int, cursor: str | None, *, author_id: uuid.UUID | None = None
) -> Page:
    start = Cursor.decode(cursor) if cursor is not None else None
    posts, further = await services.posts.page(limit=limit, cursor=start, author_id=author_id)
    return Page(
        items=[post_view(post_facts(post), services.gallery, base_url) for post in posts],
        next_cursor=further.encode() if further else None,
    )


Person = Annotated[uuid.UUID | None, Query(description="Only changes of this person, and posts by them.")]


@router.get(
    "/events",
    tags=["events"],
    response_class=StreamingResponse,
    responses={
        200: {"description": "Events", "content": {"text/event-stream": {}}},
        **problems(422, 429, 503),
    },
)
async def events(
    services: ServicesNeeded, base_url: BaseUrl, origin: OriginOfRequest, person: Person = None
) -> StreamingResponse:
    """Follow every change as server-sent events.

    `ready` comes first: nothing that is committed after it is missed. Then `profile.changed` (its `kind` is
    avatar, avatar_removed, name, bio or created), `post.created`, `post.removed`, and `person.removed`, with
    whom all their posts are gone. `closed` says why the stream ends: then
    connect again and read anew.
    """

    def render(event: CommittedEvent) -> bytes | None:
        if person is not None and _subject_of(event) != str(person):
            return None
        # Readers who came by the same address share the bytes.
        return event.form(
            base_url,
            lambda: encode(event.name, _data(event, services.gallery, base_url), event_id=event.id),
        )

    return _Counted(
        services.intake,
        origin,
        stream(services.hub, render, heartbeat_s=services.settings.heartbeat_s),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class _Counted(StreamingResponse):
    """A stream that holds one of its client's places until it ends, however that comes."""

    def __init__(self, intake: Intake, origin: Origin, content: AsyncIterator[bytes], **options: Any) -> None:
        super().__init__(content, **options)
        self._intake = intake
        self._address = origin.address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream; raises `Problem` (429 or 503) where there are too many."""
        with self._intake.stream(self._address):
            await super().__call__(scope, receive, send)


def _subject_of(event: CommittedEvent) -> str:
    if event.name == PROFILE_CHANGED:
        return str(event.data["profile"]["id"])
    if event.name == PERSON_REMOVED:
        return str(event.data["person"]["id"])
    return str(event.data["post"]["author"]["id"])


def _data(event: CommittedEvent, gallery: Gallery, base_url: str) -> dict[str, Any]:
    """Return an event's data with addresses as its reader sees them."""
    stamps = {
        "committed_at": event.committed_at,
        "committed_by": event.committed_by,
        "request_id": event.request_id,
    }
    if event.name == PROFILE_CHANGED:
        profile = profile_of(event.data["profile"], gallery, base_url).model_dump(mode="json")
        return {"kind": event.data["kind"], "profile": profile, **stamps}
    if event.name == POST_CREATED:
        post = post_view(event.data["post"], gallery, base_url).model_dump(mode="json")
        return {"post": post, **stamps}
    if event.name in {POST_REMOVED, PERSON_REMOVED}:
        return {**event.data, **stamps}
    raise ValueError(f"an event without a form: {event.name}")
