"""The page as files: for an artifact of continuous integration, opened from a disk, without a server."""

from __future__ import annotations

import json
from pathlib import Path

from journeys.errors import UsageError
from journeys.review.approval import baseline_path_of
from journeys.review.details import history_data, picture_path, read_version, semantics_data
from journeys.review.files import ReviewError, digest_of, media_type_of, read_inside
from journeys.review.page import SCRIPTS, STYLE, asset, film_data, render_page
from journeys.review.results import ReviewEntry
from journeys.review.review import Review

_MAX_VERSIONS = 3
"""Earlier versions of a baseline that are put beside the page, of each screen."""

_MAX_VERSIONS_IN_ALL = 300
"""And of all screens together: an artifact is to stay small."""

_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


def write_static_page(review: Review, folder: Path) -> Path:
    """Write the page into a new or empty folder and return its `index.html`.

    Raises `UsageError` where the folder holds anything, `OSError` where it can't be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} isn't an empty folder: name another one, or remove it")
    for name in ("page", "pictures"):
        (folder / name).mkdir(parents=True)
    pictures = _Pictures(review, folder)
    digests = {entry.id: pictures.digest_of(entry) for entry in review.entries.values()}
    page = render_page(review, pictures.address, digests=digests)
    details = {
        entry.id: {
            "semantics": semantics_data(review.results, entry),
            "film": film_data(entry, pictures.address),
            "history": pictures.history(entry),
        }
        for entry in review.entries.values()
    }
    for name in (*SCRIPTS, STYLE):
        (folder / "page" / name).write_text(asset(name), encoding="utf-8")
    script = f"window.reviewDetails = {json.dumps(details)};\n"
    (folder / "page" / "data.js").write_text(script, encoding="utf-8")
    index = folder / "index.html"
    index.write_text(page, encoding="utf-8")
    return index


class _Pictures:
    """Copies pictures beside the page as their addresses are asked for."""

    def __init__(self, review: Review, folder: Path) -> None:
        self._review = review
        self._folder = folder
        self._versions = 0
        self._copied: dict[tuple[str, str], str] = {}

    def address(self, entry: ReviewEntry, side: str) -> str:
        """Copy a side's picture and return its address; one that can't be read has an empty one."""
        known = (entry.id, side)
        if known not in self._copied:
            self._copied[known] = self._copy(entry, side)
        return self._copied[known]

    def digest_of(self, entry: ReviewEntry) -> str:
        """Return the digest of a screenshot, empty where it can't be read."""
        try:
            return digest_of(read_inside(self._review.results.folder, entry.record.actual))
        except ReviewError:
            return ""

    def history(self, entry: ReviewEntry) -> dict[str, object]:
        """Return a baseline's history, with the newest versions' pictures copied as well."""
        found = history_data(self._review.results, entry)
        for number, version in enumerate(found["versions"]):
            version["url"] = ""
            if number < _MAX_VERSIONS and self._versions < _MAX_VERSIONS_IN_ALL and not version["removed"]:
                version["url"] = self._copy_version(entry, version["commit"])
        return found

    def _copy(self, entry: ReviewEntry, side: str) -> str:
        try:
            path = picture_path(self._review.results, entry, side)
            return self._write(f"{entry.id}-{side}", read_inside(path.parent, path.name))
        except ReviewError:
            return ""

    def _copy_version(self, entry: ReviewEntry, commit: str) -> str:
        try:
            content = read_version(baseline_path_of(self._review.results, entry), commit)
            name = self._write(f"{entry.id}-{commit[:12]}", content)
        except ReviewError:
            return ""
        self._versions += 1
        return name

    def _write(self, name: str, content: bytes) -> str:
        address = f"pictures/{name}.{_SUFFIXES[media_type_of(content)]}"
        (self._folder / address).write_bytes(content)
        return address
