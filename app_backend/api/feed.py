"""Routes: posts and feeds."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from app_backend.api.dependencies import BaseUrl, ServicesNeeded, SignedInPerson
from app_backend.api.json_body import StrictJsonRoute
from app_backend.api.problems import problems
from app_backend.api.services import Services
from app_backend.feed import Cursor, NewPost, Page, Posted, post_facts, post_view
from app_backend.profiles import Removed

router = APIRouter(tags=["feed"], route_class=StrictJsonRoute)

Limit = Annotated[int, Query(ge=1, le=100, description="How many posts at most.")]
From = Annotated[str | None, Query(description="The `next_cursor` of the page before.", alias="cursor")]


@router.post("/posts", status_code=201, responses=problems(401, 422))
async def write_post(
    post: NewPost, person: SignedInPerson, services: ServicesNeeded, base_url: BaseUrl
) -> Posted:
    """Say something."""
    written, committed_at = await services.posts.write(person.id, post.text)
    return Posted(post=post_view(post_facts(written), services.gallery, base_url), committed_at=committed_at)


@router.delete("/posts/{post_id}", responses=problems(401, 403, 404, 422))
async def remove_post(post_id: uuid.UUID, person: SignedInPerson, services: ServicesNeeded) -> Removed:
    """Take back what one said."""
    return Removed(committed_at=await services.posts.remove(post_id, by=person.id))


@router.get("/feed", responses=problems(422))
async def feed(services: ServicesNeeded, base_url: BaseUrl, limit: Limit = 20, cursor: From = None) -> Page:
    """Read what everybody says, newest first."""
    return await _page(services, base_url, limit, cursor)


@router.get("/people/{person_id}/posts", responses=problems(404, 422))
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
