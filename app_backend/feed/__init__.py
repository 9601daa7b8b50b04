"""The feed: what people say, newest first."""

from app_backend.feed.cursor import Cursor
from app_backend.feed.models import NewPost, Page, Posted, PostView
from app_backend.feed.posts import POST_CREATED, POST_REMOVED, Posts, post_facts, post_view

__all__ = [
    "POST_CREATED",
    "POST_REMOVED",
    "Cursor",
    "NewPost",
    "Page",
    "PostView",
    "Posted",
    "Posts",
    "post_facts",
    "post_view",
]
