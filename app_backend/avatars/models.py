"""How an avatar looks in an answer."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Avatar(BaseModel):
    """The picture of a person, in four sizes. An address never shows another picture than it first did."""

    version: str | None = Field(description="Changes with the picture; null while there is none.")
    is_default: bool
    urls: dict[str, str] = Field(
        description="Absolute addresses by side length in pixels: 48, 96, 192, 512.",
        examples=[{"48": "http://127.0.0.1:8000/avatars/default/0123456789abcdef/48.webp"}],
    )
