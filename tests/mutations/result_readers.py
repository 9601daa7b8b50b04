"""Readers of what runs leave: records of nights and screens, baselines, decisions."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import httpx

from journeys.documents import UnreadableDocument
from journeys.errors import JourneysError
from journeys.nightly.merge import merge_shards, read_shard
from journeys.nightly.plan import read_listing
from journeys.nightly.record import LogRecord, QuarantineRecord, exit_code, write_night_file
from journeys.nightly.report import write_report
from journeys.nightly.report.content import NightReport
from journeys.nightly.report.summary import summary_of
from journeys.nightly.store import cell_rows
from journeys.report import JOURNAL
from journeys.review import Review, read_requests, read_results
from journeys.review.access import Access
from journeys.review.decisions import DECISIONS, Decision
from journeys.review.details import compare_semantics
from journeys.review.files import check_screenshot, size_of
from journeys.review.page import film_data
from journeys.review.server import review_app
from journeys.snapshots import RECORD, gather_entries, tree_from_json
from journeys.snapshots.comparison import compare
from tests.journeys.nightly.sample_nights import cell, journey, night, screen, surface
from tests.journeys.review.results_folder import Drawn, moved_button, new_screen, write_results
from tests.mutations.reader import Read, Reader

ORIGIN = "http://127.0.0.1:1"


def _night() -> bytes:
    entries = night(
        cell("failed", of="looks", surfaces=[surface()], screens=[screen("differs")]),
        cell("passed", of="acts", failed_tries=["no device"], reopened=["it was opened again"]),
        cell(
            "error",
            of="waits",
            error="gone",
            quarantine=QuarantineRecord(owner="ada", reason="flaky", until="2026-12-01"),
        ),
        logs=[LogRecord(kind="pytest", cell="", path="attempt-1.log")],
        unmatched=["no such journey"],
        whole_cells=3,
    )
    return json.dumps(entries).encode()


def _journal() -> bytes:
    entry = {
        "worker": "gw0",
        "devices": ["pixel"],
        "evidence": "looks",
        "test": "test_a.py::looks[web]",
        "error": "",
    }
    played = journey("failed", of="looks", surfaces=[surface()], screens=[screen("differs")])
    played["started_at"] = "2026-11-21T02:10:00.000Z"
    crashed = {**entry, "record": None, "test": "test_a.py::acts[web]", "error": "worker 'gw0' crashed"}
    return b"\n".join(json.dumps(each).encode() for each in ({**entry, "record": played}, crashed))


def _read_night(folder: Path) -> Read:
    shard = folder / "out" / "shard-1"
    shard.mkdir(parents=True)

    def read(document: bytes) -> object:
        (shard / "night.json").write_bytes(document)
        joined = merge_shards([shard], folder / "out")
        write_report(joined, None, folder / "out" / "report", evidence=folder / "out")
        return exit_code(joined), cell_rows(joined["cells"])

    return read


def _read_journal(folder: Path) -> Read:
    planned = [cell("not run", of="looks"), cell("not run", of="acts")]
    write_night_file(folder, night(*planned, finished_at=""))
    journal = folder / "attempt-1" / JOURNAL
    (journal.parent / "looks").mkdir(parents=True)
    (journal.parent / "looks" / "trace.zip").touch()

    def read(document: bytes) -> object:
        journal.write_bytes(document)
        found = read_shard(folder)
        summary_of(NightReport(found, None))
        return exit_code(found), cell_rows(found["cells"])

    return read


def _read_listing(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "journeys.json").write_bytes(document)
        return read_listing(folder / "journeys.json")

    return read


def _small(width: int = 60) -> bytes:
    encoded = io.BytesIO()
    Drawn().picture().resize((width, 90)).save(encoded, "PNG")
    return encoded.getvalue()


def _screens() -> bytes:
    document = {
        "format": 1,
        "baselines": "../../e2e/baselines",
        "screens": [
            {
                "id": "0123456789ab",
                "key": {"journey": "looks", "name": name, "target": "web", "theme": "light"},
                "status": status,
                "actor": "alice",
                "summary": "1 region differs",
                "size": [60, 90],
                "actual": f"actual/{name}.png",
                "baseline": f"baseline/{name}.png",
                "baseline_size": [60, 90],
                "difference": None,
                "semantics": f"actual/{name}.json",
                "baseline_semantics": None,
                "regions": [
                    {
                        "box": {"left": 1, "top": 2, "width": 3, "height": 4},
                        "pixels": 12,
                        "hash_distance": 5,
                        "reasons": ["button “Save” moved"],
                    }
                ],
                "masks": [{"left": 1, "top": 2, "width": 3, "height": 4}],
                "cause": "moved",
                "film": [{"title": "signs in", "picture": "film/0.png"}],
            }
            for name, status in (("profile", "changed"), ("feed", "same"))
        ],
    }
    return json.dumps(document).encode()


def _of_screens(folder: Path) -> Path:
    results = folder / "test-results" / "screens"
    for name in ("actual/profile.png", "baseline/profile.png", "film/0.png"):
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_bytes(SMALL)
    return results


def _read_screens(folder: Path) -> Read:
    results = _of_screens(folder)

    def read(document: bytes) -> object:
        (results / RECORD).write_bytes(document)
        review = Review(read_results(results, project=folder))
        return [
            film_data(entry, lambda entry, side: f"{entry.id}/{side}") for entry in review.entries.values()
        ]

    return read


def _read_entry(folder: Path) -> Read:
    (folder / "one").mkdir()

    def read(document: bytes) -> object:
        (folder / "one" / "entry.json").write_bytes(document)
        return gather_entries(folder)

    return read


def _read_reg(folder: Path) -> Read:
    results = _of_screens(folder)

    def read(document: bytes) -> object:
        (results / "reg.json").write_bytes(document)
        return Review(read_results(results, project=folder))

    return read


def _read_decisions(folder: Path) -> Read:
    results = read_results(write_results(folder, [moved_button(), new_screen()]), project=folder)

    def read(document: bytes) -> object:
        document = document.replace(b"DIGEST", results.digest.encode())
        (results.folder / DECISIONS).write_bytes(document)
        return Review(results).decisions

    return read


def _read_downloaded(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "decided.json").write_bytes(document)
        return read_requests(folder / "decided.json")

    return read


def _read_request(folder: Path) -> Read:
    review = Review(read_results(write_results(folder, [moved_button(), new_screen()]), project=folder))
    access = Access(1)
    app = httpx.ASGITransport(review_app(review, access))
    headers = {"content-type": "application/json", "origin": ORIGIN}

    async def ask(document: bytes) -> dict[str, Decision]:
        async with httpx.AsyncClient(transport=app, base_url=ORIGIN, headers=headers) as client:
            await client.get("/", params={"token": access.token})
            for verb in ("decisions", "undo"):
                answer = await client.post(f"/{verb}", content=document)
                if answer.status_code >= 500:
                    raise AssertionError(f"HTTP {answer.status_code}: {answer.text}")
                if answer.is_error:
                    raise _Refused(str(answer.json().get("message") or answer.json()))
        return review.decisions

    def read(document: bytes) -> object:
        for number, name in enumerate(review.entries):
            document = document.replace(b"ENTRY-%d" % number, name.encode())
        return asyncio.run(ask(document))

    return read


class _Refused(Exception):
    """An answer of 4xx; its text is what the page shows."""


def _read_baseline(folder: Path) -> Read:
    del folder
    actual = SMALL

    def read(document: bytes) -> object:
        found = compare(actual, document)
        assert "\n" not in found.summary
        return compare(document, actual)

    return read


def _read_reviewed_picture(folder: Path) -> Read:
    def read(document: bytes) -> object:
        (folder / "screen.png").write_bytes(document)
        size = size_of(folder / "screen.png")
        check_screenshot(document, "screen.png")
        return size

    return read


def _read_tree(folder: Path) -> Read:
    del folder
    before = Drawn().semantics()

    def read(document: bytes) -> object:
        found = tree_from_json(document)
        compare_semantics(before, document)
        return compare(SMALL, _small(61), baseline_tree=found, tree=tree_from_json(before))

    return read


LISTED = json.dumps([{"id": "looks", "name": "Looks", "priority": "P0"}]).encode()
REG = json.dumps(
    {
        "failedItems": ["profile.png"],
        "newItems": ["feed.png"],
        "deletedItems": ["gone.png"],
        "passedItems": [],
        "expectedItems": ["profile.png"],
        "actualItems": ["profile.png", "feed.png"],
        "diffItems": ["profile.png"],
        "actualDir": "actual",
        "expectedDir": "baseline",
        "diffDir": "diff%20erence",
    }
).encode()
WRITTEN = json.dumps(
    {
        "format": 1,
        "revision": 7,
        "of": "DIGEST",
        "decisions": [
            {
                "id": "0123456789ab",
                "path": "looks/profile[web][light].png",
                "verdict": "approved",
                "note": "as asked for",
                "by": "ada",
                "at": "2026-11-21T02:10:00+00:00",
                "number": 7,
                "written": "abc",
                "had_baseline": True,
            }
        ],
    }
).encode()
ASKED = json.dumps(
    {
        "format": 1,
        "decisions": [
            {"id": "0123456789ab", "verdict": "approved", "note": "fine", "actual": "abc"},
            {"id": "ba9876543210", "verdict": "rejected", "note": "no", "seen": 3},
        ],
    }
).encode()
REQUEST = json.dumps(
    {
        "by": "ada",
        "decisions": [
            {"id": "ENTRY-0", "verdict": "rejected", "note": "too low", "seen": None},
            {"id": "ENTRY-1", "verdict": "rejected", "note": "", "seen": None},
        ],
    }
).encode()

SMALL = _small()

_OURS = (JourneysError,)
READERS = (
    Reader("night.json", "json", (_night(),), _read_night, _OURS),
    Reader("journal", "jsonl", (_journal(),), _read_journal, _OURS),
    Reader("listing of journeys", "json", (LISTED,), _read_listing, (UnreadableDocument,)),
    Reader("screens.json", "json", (_screens(),), _read_screens, _OURS),
    Reader(
        "entry of a screen",
        "json",
        (json.dumps(json.loads(_screens())["screens"][0]).encode(),),
        _read_entry,
        _OURS,
    ),
    Reader("reg.json", "json", (REG,), _read_reg, _OURS),
    Reader("decisions.json", "json", (WRITTEN,), _read_decisions, _OURS),
    Reader("decisions downloaded", "json", (ASKED,), _read_downloaded, _OURS),
    Reader("review's requests", "json", (REQUEST,), _read_request, (_Refused,)),
    Reader("baseline's picture", "bytes", (SMALL,), _read_baseline, _OURS),
    Reader("reviewed picture", "bytes", (SMALL,), _read_reviewed_picture, _OURS),
    Reader("baseline's semantics", "json", (Drawn().semantics(),), _read_tree, _OURS),
)
