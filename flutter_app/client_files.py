"""The files of the compiled Flutter client that we serve in a form of our own."""

from __future__ import annotations

import json
from pathlib import Path

from flet_web import get_package_web_dir  # type: ignore[import-untyped]  # it ships no types
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from flutter_app import brand


def client_routes() -> list[Route]:
    """Serve our mark in the place of Flet's, and only the fonts the screens use."""
    return [
        Route("/favicon.png", _mark),
        Route("/icons/loading-animation.png", _mark),
        Route("/assets/FontManifest.json", _fonts),
    ]


async def _mark(_: Request) -> Response:
    return Response(brand.SVG, media_type="image/svg+xml")


def _fonts(_: Request) -> Response:
    """List the fonts the client loads before its first frame: the twenty for formulas are left out."""
    manifest = Path(get_package_web_dir(), "assets", "FontManifest.json")
    fonts = json.loads(manifest.read_text(encoding="utf-8"))
    kept = [font for font in fonts if font["family"] == "MaterialIcons"]
    return JSONResponse([*kept, {"family": "Roboto", "fonts": [{"asset": "fonts/roboto.woff2"}]}])
