"""The runner, the backend and a real browser see the same pixels in one file, or none of ours takes it.

The truth is Chromium's: the pixels of an `<img>` drawn on white. That shows as much of a file as is there, so
whether a file is whole is said by `createImageBitmap`, which refuses others.

Without colours to convert, our pixels may be one grey level off, where two libraries round alpha or sixteen
bits otherwise; JPEG's and WebP's decoders are the same ones on both sides and give the same bits. With
colours to convert, by two libraries (lcms and skcms), 99.5 % of the values are within two levels. The others
lie at the edge of what sRGB can show, where a curve is steep: eight levels at most. The backend's renditions
are held, in the mean, within two levels of those that it makes of the browser's pixels: WebP's encoder makes
up to one and a half of what was one.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.async_api import async_playwright

from app_backend.errors import Problem
from app_backend.rendering import PictureLimits, encode, renditions
from app_backend.rendering import picture as backend
from flutter_bridge.web import launch_options
from journeys.pictures import NotAPicture, Picture, TooPlain
from picture_reader import DecodingError, EncodedPicture
from tests.picture_reader.encoding import Encoding
from tests.picture_reader.encodings import encodings

Pixels = npt.NDArray[np.uint8]
Levels = npt.NDArray[np.int16]

LIMITS = PictureLimits(max_bytes=10_000_000, max_pixels=1_000_000, min_side=64)
SIZE = 96

SHOW = """async (files) => {
    const encoded = (bytes) => {
        let text = "";
        for (let at = 0; at < bytes.length; at += 32768) {
            text += String.fromCharCode(...bytes.subarray(at, at + 32768));
        }
        return btoa(text);
    };
    const shown = {};
    for (const [name, data] of Object.entries(files)) {
        const file = new Blob([Uint8Array.from(atob(data), (character) => character.charCodeAt(0))]);
        const whole = await createImageBitmap(file).then(() => true, () => false);
        const image = new Image();
        image.src = URL.createObjectURL(file);
        const pixels = await image.decode().then(() => {
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            const brush = canvas.getContext("2d");
            brush.fillStyle = "white";
            brush.fillRect(0, 0, canvas.width, canvas.height);
            brush.drawImage(image, 0, 0);
            return encoded(new Uint8Array(brush.getImageData(0, 0, canvas.width, canvas.height).data.buffer));
        }, () => null);
        shown[name] = {whole, pixels, width: image.naturalWidth};
    }
    return shown;
}"""


@pytest.fixture(scope="module")
def files() -> dict[str, Encoding]:
    return encodings()


@pytest.fixture(scope="module")
async def shown(files: dict[str, Encoding]) -> AsyncIterator[Mapping[str, Any]]:
    """What a browser makes of each file."""
    async with async_playwright() as playwright:
        options: Any = launch_options(bundled=playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(**options)
        page = await browser.new_page()
        yield await page.evaluate(
            SHOW, {name: base64.b64encode(file.data).decode() for name, file in files.items()}
        )
        await browser.close()


def truth(answer: Mapping[str, Any]) -> Pixels:
    pixels = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8)
    return pixels.reshape(-1, answer["width"], 4)[..., :3]


def middle(levels: Pixels) -> Pixels:
    height, width = levels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return levels[top : top + side, left : left + side]


def differs(seen: Image.Image, wanted: Pixels, *, managed: bool) -> str:
    """Say how an image differs by more than it may; empty where it doesn't."""
    levels = np.asarray(seen).astype(np.int16)
    if levels.shape != wanted.shape:
        return f"is of another size: {levels.shape}, not {wanted.shape}"
    off = np.abs(levels - wanted)
    fine = off.max() <= 8 and np.mean(off <= 2) >= 0.995 if managed else off.max() <= 1
    return "" if fine else f"is up to {off.max()} levels off, {off.mean():.2f} in the mean"


def opened(made: Mapping[int, bytes]) -> Levels:
    return np.asarray(Image.open(BytesIO(made[SIZE])).convert("RGB")).astype(np.int16)


def test_they_are_many(files: dict[str, Encoding]) -> None:
    assert sum(not file.refused for file in files.values()) >= 150
    assert sum(bool(file.refused) for file in files.values()) >= 30
    assert len({file.data for file in files.values()}) == len(files)


def test_what_is_taken_looks_as_in_a_browser(
    files: dict[str, Encoding], shown: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "SIZES", (SIZE,))
    wrong: dict[str, str] = {}
    recognisable = 0
    for name, file in files.items():
        if file.refused:
            continue
        if not shown[name]["whole"]:
            wrong[name] = "isn't taken by the browser"
            continue
        wanted = truth(shown[name])
        try:
            seen = EncodedPicture(file.data, most_pixels=1_000_000).pixels()
            wrong[name] = differs(seen, wanted, managed=file.managed)
            made = opened(renditions(file.data, LIMITS)) - opened(encode(Image.fromarray(middle(wanted))))
            if np.abs(made).mean() > 2:
                wrong[name] += f" The backend's rendition is {np.abs(made).mean():.1f} levels off."
            picture = Picture.from_bytes(name, file.data)
        except TooPlain:
            continue
        except (DecodingError, Problem, NotAPicture) as error:
            wrong[name] = f"is refused: {error}"
        else:
            recognisable += 1
            wrong[name] += differs(picture.image, middle(wanted), managed=file.managed)
    assert {name: what for name, what in wrong.items() if what} == {}
    assert recognisable >= 150


def test_what_is_refused_is_so_by_all_with_one_reason(
    files: dict[str, Encoding], shown: Mapping[str, Any]
) -> None:
    for name, file in files.items():
        if not file.refused:
            continue
        with pytest.raises(DecodingError, match=file.refused) as why:
            EncodedPicture(file.data, most_pixels=1_000_000).pixels()
        with pytest.raises(NotAPicture) as runner:
            Picture.from_bytes(name, file.data)
        with pytest.raises(Problem) as answer:
            renditions(file.data, LIMITS)
        assert str(runner.value) == f"{name}: {why.value}"
        assert answer.value.detail == str(why.value)
        assert bool(shown[name]["pixels"]) == file.browsers_show, name
