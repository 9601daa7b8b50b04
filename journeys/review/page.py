"""The page as HTML: rendered by Jinja2, which escapes all that comes from a run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from journeys.review.page_data import Address, decision_data, entry_data, groups_of
from journeys.review.review import Review

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


def render_page(review: Review, address: Address, *, digests: Mapping[str, str] | None = None) -> str:
    """Return the page; with `digests`, of each entry's screenshot, the one that needs no server."""
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
        edition="" if digests is not None else f"?of={edition()}",
    )


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
