"""The page as HTML: rendered by Jinja2, which escapes all that comes from a run.

Entries are in groups of one likely cause. It is served, or written as files: for an artifact of continuous
integration, opened from a disk.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from journeys.errors import UsageError
from journeys.review.approval import baseline_path_of
from journeys.review.decisions import Decision
from journeys.review.details import history_data, picture_path, read_version, semantics_data
from journeys.review.files import ReviewError, digest_of, media_type_of, read_inside
from journeys.review.results import ReviewEntry
from journeys.review.review import Review
from journeys.snapshots import ScreenStatus

SCRIPTS: Final = (
    "decisions.js",
    "stage.js",
    "pointing.js",
    "list.js",
    "details.js",
    "review.js",
)
"""In the order in which the page loads them."""

STYLE: Final = "review.css"

_environment = Environment(
    loader=PackageLoader("journeys.review", "assets"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

Address = Callable[[ReviewEntry, str], str]
"""Where the picture of an entry's side is: `actual`, `baseline`, `difference` or `film-0`."""

_MAX_REGIONS = 100
_MAX_FRAMES = 40


def render_page(review: Review, address: Address, *, digests: Mapping[str, str] | None = None) -> str:
    """Return the page; with `digests`, of each entry's screenshot, the one that needs no server."""
    if not review.entries:
        return _render_nothing(review, is_static=digests is not None)
    entries = {name: entry_data(entry, address) for name, entry in review.entries.items()}
    decisions = {name: decision_data(each) for name, each in review.decisions.items()}
    same = len(review.results.entries) - len(entries)
    data: dict[str, Any] = {
        "static": digests is not None,
        "of": review.results.digest,
        "revision": review.revision,
        "groups": groups_of(review.entries.values()),
        "entries": entries,
        "decisions": decisions,
        "digests": dict(digests or {}),
    }
    return _environment.get_template("review.html").render(
        data=data,
        groups=data["groups"],
        entries=entries,
        decisions=decisions,
        same=same,
        orphans=review.results.orphans,
        baselines=str(review.results.baselines),
        scripts=SCRIPTS,
        style=STYLE,
        static=digests is not None,
        edition=_edition(is_static=digests is not None),
    )


def _render_nothing(review: Review, *, is_static: bool) -> str:
    """Return the page of a comparison with nothing to decide: what was compared, and no button to press."""
    results = review.results
    compared: dict[tuple[str, str, str], list[str]] = {}
    for key in (entry.record.key for entry in results.entries):
        compared.setdefault((key.journey, key.target, key.theme), []).append(key.name)
    _, changed_ns = results.signature or (0, 0)
    return _environment.get_template("nothing.html").render(
        same=len(results.entries),
        compared=list(compared.items()),
        compared_at=f"{datetime.fromtimestamp(changed_ns / 1e9, UTC):%Y-%m-%d %H:%M} UTC",
        source=str(results.source),
        orphans=results.orphans,
        baselines=str(results.baselines),
        style=STYLE,
        edition=_edition(is_static=is_static),
    )


def _edition(*, is_static: bool) -> str:
    return "" if is_static else f"?of={edition()}"


def render_problem(problem: str) -> str:
    """Return a page that only says what is wrong."""
    return _environment.get_template("problem.html").render(problem=problem, style=STYLE, edition="")


@cache
def asset(name: str) -> str:
    """Return one of the page's scripts, or its style."""
    return files("journeys.review").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def edition() -> str:
    """Return what tells this version of the scripts and the style from any other."""
    return sha256("".join(map(asset, (*SCRIPTS, STYLE))).encode()).hexdigest()[:12]


def groups_of(entries: Iterable[ReviewEntry]) -> list[dict[str, Any]]:
    """Return the entries' ids in groups of one likely cause, the largest first, single ones last."""
    together: dict[str, list[ReviewEntry]] = {}
    for entry in entries:
        together.setdefault(_cause(entry), []).append(entry)
    several = [each for each in together.values() if len(each) > 1]
    alone = [each[0] for each in together.values() if len(each) == 1]
    groups = [
        {
            "title": _group_title(each),
            "why": _group_why(each),
            "ids": [entry.id for entry in each],
            "one": True,
        }
        for each in sorted(several, key=len, reverse=True)
    ]
    if alone:
        title = "On their own" if groups else "All differences"
        groups.append({"title": title, "why": "", "ids": [entry.id for entry in alone], "one": False})
    return groups


def entry_data(entry: ReviewEntry, address: Address) -> dict[str, Any]:
    """Return what the page shows of an entry, but for its semantics and history."""
    record = entry.record
    sides: dict[str, Any] = {"actual": [address(entry, "actual"), *record.size]}
    has_baseline = record.baseline is not None or entry.found is not None
    if has_baseline and record.status is not ScreenStatus.NEW:
        sides["baseline"] = [address(entry, "baseline"), *(record.baseline_size or record.size)]
    if record.difference is not None:
        sides["difference"] = [address(entry, "difference"), *record.size]
    return {
        "id": entry.id,
        "title": record.key.name,
        "journey": record.key.journey if record.key.target else "",
        "target": record.key.target,
        "theme": record.key.theme,
        "path": str(entry.path),
        "status": record.status.value,
        "actor": record.actor,
        "summary": record.summary,
        "problems": list(entry.problems),
        "sides": sides,
        "regions": [
            asdict(region.box)
            | {
                "pixels": region.pixels,
                "bits": region.hash_distance,
                "reasons": list(region.reasons),
            }
            for region in record.regions[:_MAX_REGIONS]
        ],
        "more_regions": max(0, len(record.regions) - _MAX_REGIONS),
        "masks": [asdict(mask) for mask in record.masks[:_MAX_REGIONS]],
        "film": bool(record.film),
        "semantics": record.semantics is not None and record.baseline_semantics is not None,
    }


def film_data(entry: ReviewEntry, address: Address) -> list[dict[str, str]]:
    """Return the pictures of the journey around a screen, with what had been done."""
    return [
        {"title": frame.title, "url": address(entry, f"film-{number}")}
        for number, frame in enumerate(entry.record.film[:_MAX_FRAMES])
    ]


def decision_data(decision: Decision | None) -> dict[str, Any] | None:
    """Return what the page shows of a decision."""
    if decision is None:
        return None
    return {name: getattr(decision, name) for name in ("verdict", "note", "by", "at", "number")}


def _cause(entry: ReviewEntry) -> str:
    record = entry.record
    if record.cause:
        return f"cause {record.cause}"
    return "new screens" if record.status is ScreenStatus.NEW else entry.id


def _group_title(entries: list[ReviewEntry]) -> str:
    if all(entry.record.status is ScreenStatus.NEW for entry in entries):
        return "New, without a baseline"
    reasons = (each for entry in entries for region in entry.record.regions for each in region.reasons)
    return next(reasons, entries[0].record.summary or "Changed alike")


def _group_why(entries: list[ReviewEntry]) -> str:
    parts = [
        f"{len(found)} {name}s"
        for name, found in (
            ("screen", {(entry.record.key.journey, entry.record.key.name) for entry in entries}),
            ("target", {entry.record.key.target for entry in entries}),
            ("theme", {entry.record.key.theme for entry in entries}),
        )
        if len(found) > 1
    ]
    return " · ".join(parts)


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
