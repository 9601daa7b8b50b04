"""The fonts of the app: Roboto for most texts, and from installed packages what Roboto has no letters for.

Where a text has letters that no font of a page has, Flutter's engine asks for the part of a Noto font that it
knows to have them, such as `notosansjp/v53/….118.woff2`. It asks the app's own server, which answers with the
whole font of that family: what the name says is a part of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Final

from flet_web import get_package_web_dir  # type: ignore[import-untyped]  # it ships no types
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_log = logging.getLogger(__name__)

_PACKAGES: Final = (
    "manimgx_fonts",
    # Its Noto Sans has Devanagari in it, as the engine expects.
    "fontpkg_noto_sans.files",
    "pylopdf_fonts_jp",
    "pylopdf_fonts_ko",
    "pylopdf_fonts_zh_cn",
)
"""Packages of fonts under the Open Font License; of two fonts of a name, the last counts."""

_STAND_INS: Final = {
    # No package has the coloured ones.
    "notocoloremoji": "notoemoji",
    # The fonts for the mainland have the characters of the others as well.
    "notosanstc": "notosanssc",
    "notosanshk": "notosanssc",
    "notosanssymbols2": "notosanssymbols",
}
_FOR_A_YEAR: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


def list_first_fonts(_: Request) -> Response:
    """List the fonts the client loads before its first frame: the twenty for formulas are left out."""
    manifest = Path(get_package_web_dir(), "assets", "FontManifest.json")
    fonts = json.loads(manifest.read_text(encoding="utf-8"))
    kept = [font for font in fonts if font["family"] == "MaterialIcons"]
    return JSONResponse([*kept, {"family": "Roboto", "fonts": [{"asset": "fonts/roboto.woff2"}]}])


def send_fallback_font(request: Request) -> Response:
    """Send the font of the family that the engine has asked for a part of."""
    family = request.path_params["family"]
    font = installed_fonts().get(_STAND_INS.get(family, family))
    if font is None:
        _log.warning("no installed package has the font %s: its letters show as boxes", family)
        return Response(status_code=404)
    return Response(font.read_bytes(), media_type=f"font/{font.name[-3:]}", headers=_FOR_A_YEAR)


@cache
def installed_fonts() -> Mapping[str, Traversable]:
    """Return the fonts that packages have brought along, by the family's name as the engine writes it."""
    found: dict[str, Traversable] = {}
    for package in _PACKAGES:
        try:
            folder = files(package)
        except ModuleNotFoundError:
            _log.warning("%s is not installed: some letters show as boxes (install journeys[app])", package)
            continue
        for file in folder.iterdir():
            if file.name.endswith((".ttf", ".otf")) and "Italic" not in file.name:
                # A family's name ends where its axes or its style begin.
                found[file.name.partition("[")[0].partition("-")[0].lower()] = file
    return MappingProxyType(found)
