"""The page of a run: one file that is opened from the disk, with all journeys and what was seen in them.

The page draws itself from data in it. Its pictures are in it, too, as long as they are not too many; what is
large lies beside it and is linked: whole frames, logs, traces.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from html import escape
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from journeys.documents import write_atomically
from journeys.redaction import redact_record
from journeys.report.headline import broken_step, headline_of, held_against_budget, sentence_of
from journeys.report.json_report import RunDocument
from journeys.report.logs import LogLine, read_log_lines
from journeys.report.look import read_look
from journeys.report.moments import FilmRecord
from journeys.report.record import JourneyRecord, SurfaceRecord
from journeys.timeline import format_count

PAGE: Final = Path("report", "index.html")
"""Where a run's page is, in the folder of its results."""

MOST_FILM_BYTES: Final = 12 * 2**20
"""Of strips of pictures in the page; from there on they lie beside it, where they are anyway."""
CROP_PX: Final = 180
"""How wide or high a surface is shown at most."""
AROUND: Final = 0.15
"""How much of what is around a surface is shown, as a share of its longer side."""

_ORDER = ("failed", "error", "inconclusive", "passed")


def anchor_of(journey: str, casting: str) -> str:
    """Return where on the page a journey is, as the part of an address after its `#`."""
    return quote(f"{journey}@{casting}", safe="")


def write_run_page(file: Path, run: RunDocument, *, results: Path) -> None:
    """Write the page of a run, as journeys.json has it, whole or not at all.

    `results` is the folder that the run's paths are relative to.
    """
    write_atomically(file, render_run_page(run, results=results, page=file.parent))


def render_run_page(run: RunDocument, *, results: Path, page: Path) -> str:
    """Return the page as HTML; `page` is the folder it is to lie in, beside which links lead."""
    pictures = _Pictures(results, page)
    records: Sequence[JourneyRecord] = run["journeys"]
    played = Counter[str]()
    data = {
        **run,
        "journeys": [
            {**_journey(record, pictures), "address": _address(record, played)}
            for record in sorted(records, key=lambda record: _ORDER.index(_status(record)))
        ],
    }
    scripts = [_asset(name) for name in ("run_page.js", "run_player.js", "run_timeline.js", "run_list.js")]
    script = "\n".join(scripts)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'",
            "style-src 'unsafe-inline'",
            "img-src data: file: http: https:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    # What files beside it say is in it, too, and nobody finds a secret in what is packed.
    packed = base64.b64encode(gzip.compress(_json(redact_record(data)).encode(), mtime=0)).decode()
    counts = format_count(len(records), "journey")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(str(run["status"]))}: {counts}</title>
<style>
{read_look()}{_asset("run_page.css")}</style>
</head>
<body>
<noscript>
<p>This page draws itself by its own script; journeys.json beside it has the same in words.</p>
</noscript>
<script type="text/plain" id="run">{packed}</script>
<script type="text/plain" id="pictures">{_json(pictures.embedded)}</script>
<script>{script}</script>
</body>
</html>
"""


def _address(record: JourneyRecord, played: Counter[str]) -> str:
    """Return what names a journey in the page's address: `looks@web`, its second run `looks@web~2`."""
    name = f"{record['id']}@{record['casting']}"
    played[name] += 1
    return name if played[name] == 1 else f"{name}~{played[name]}"


def _status(record: JourneyRecord) -> str:
    return record["status"] if record["status"] in _ORDER else "error"


def _journey(record: JourneyRecord, pictures: _Pictures) -> dict[str, Any]:
    step = broken_step(record)
    evidence = record.get("evidence", "")
    return {
        **record,
        "headline": headline_of(record),
        "broken": None if step is None else step["title"],
        "rerun": _rerun(record),
        "surfaces": [_surface(each, pictures) for each in record["surfaces"]],
        "screens": [{**each, "href": pictures.link(each["folder"])} for each in record["screens"]],
        "films": [_film(each, pictures) for each in record.get("films", [])],
        "moments": record.get("moments", []),
        "files": list(pictures.files_of(evidence)),
        "lines": _log_lines(record, pictures),
    }


def _surface(surface: SurfaceRecord, pictures: _Pictures) -> dict[str, Any]:
    measured, since = held_against_budget(surface)
    boxes = surface.get("boxes", {})
    return {
        **surface,
        "sentence": sentence_of(surface),
        "measured": measured,
        "from": since,
        "looks": [
            {
                "name": name,
                "picture": pictures.crop(frame, boxes.get(box)),
                "href": pictures.link(frame),
                "distance": surface["distances"].get(box),
            }
            for name, frame, box in (
                ("the last that was old", surface["last_old_frame"], "last_old"),
                ("the first that was new", surface["first_new_frame"], "first_new"),
            )
            if frame is not None
        ],
    }


def _film(film: FilmRecord, pictures: _Pictures) -> dict[str, Any]:
    return {**film, "sheet": pictures.sheet(film["sheet"]), "texts": pictures.texts(film["texts"])}


def _rerun(record: JourneyRecord) -> str:
    casting = record["casting"]
    option = "--cast" if "=" in casting else "--target"
    return f"journeys run {record['id']}" + (f" {option} {casting}" if casting else "")


def _log_lines(record: JourneyRecord, pictures: _Pictures) -> list[LogLine]:
    """Return the lines of a journey's logs that say when they were written, by the journey's clock."""
    try:
        began = datetime.fromisoformat(record["started_at"])
    except ValueError:
        return []
    return read_log_lines(pictures.logs_of(record.get("evidence", "")), began)


class _Pictures:
    """What lies in the folder of the results: parts of it come into the page, links lead to the rest.

    Nothing outside that folder is read or linked, whatever a record says.
    """

    def __init__(self, results: Path, page: Path) -> None:
        self._results = results.resolve()
        self._page = page.resolve()
        self._film_bytes = 0
        self.embedded: dict[str, str] = {}

    def link(self, path: str | None) -> str | None:
        """Return the address of a file or folder as seen from the page; None where it isn't there."""
        found = self._find(path)
        if found is None:
            return None
        up = (
            len(self._page.relative_to(self._results).parts)
            if self._page.is_relative_to(self._results)
            else 0
        )
        relative = found.relative_to(self._results).as_posix()
        if not self._page.is_relative_to(self._results):
            return found.as_uri()
        return "../" * up + quote(relative)

    def crop(self, path: str | None, box: Sequence[float] | None) -> dict[str, Any] | None:
        """Return a surface as it is in a frame with a little around it, and where in that its box is."""
        found = self._find(path)
        if found is None:
            return None
        from PIL import Image  # noqa: PLC0415 - only a run that measured has pictures

        try:
            with Image.open(found) as opened:
                frame = opened.convert("RGB")
        except (OSError, ValueError):
            return None
        left, top, width, height = box or (0.0, 0.0, float(frame.width), float(frame.height))
        margin = AROUND * max(width, height) if box else 0.0
        outer = (
            max(0, round(left - margin)),
            max(0, round(top - margin)),
            min(frame.width, round(left + width + margin)),
            min(frame.height, round(top + height + margin)),
        )
        if outer[2] <= outer[0] or outer[3] <= outer[1]:
            return None
        part = frame.crop(outer)
        part.thumbnail((CROP_PX * 2, CROP_PX * 2))
        scale = part.width / (outer[2] - outer[0])
        inner = [round(one, 1) for one in ((left - outer[0]) * scale, (top - outer[1]) * scale)]
        size = [round(width * scale, 1), round(height * scale, 1)]
        return {
            "picture": self._embed(_webp(part)),
            "size": part.size,
            "box": [*inner, *size] if box else None,
        }

    def sheet(self, path: str | None) -> str | None:
        """Return the name of a strip in the page, or its address beside the page where there are too many."""
        found = self._find(path)
        if found is None:
            return None
        size = found.stat().st_size
        if self._film_bytes + size > MOST_FILM_BYTES:
            return self.link(path)
        self._film_bytes += size
        return self._embed(found.read_bytes())

    def texts(self, path: str | None) -> list[dict[str, Any]]:
        """Return what could be read while a strip was taken."""
        found = self._find(path)
        try:
            texts = json.loads(found.read_text(encoding="utf-8")) if found is not None else []
        except ValueError:
            return []
        return [
            {"after_first_s": float(each["after_first_s"]), "text": str(each["text"])}
            for each in texts
            if isinstance(each, dict) and {"after_first_s", "text"} <= each.keys()
        ]

    def files_of(self, evidence: str) -> Iterator[dict[str, str]]:
        """Yield what else was kept of a journey: its name, its address, and how it is opened."""
        folder = self._find(evidence) if evidence else None
        for file in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else ():
            if not file.is_file() or file.suffix not in {".png", ".log", ".zip", ".xml", ".txt", ".webm"}:
                continue
            href = self.link(file.relative_to(self._results).as_posix())
            how = f"playwright show-trace {file.relative_to(self._results.parent)}" * (file.suffix == ".zip")
            yield {"name": file.name, "href": href or "", "how": how}

    def logs_of(self, evidence: str) -> list[Path]:
        """Return a journey's logs."""
        folder = self._find(evidence) if evidence else None
        return sorted(folder.glob("*.log")) if folder is not None and folder.is_dir() else []

    def _find(self, path: str | None) -> Path | None:
        if not path:
            return None
        found = (self._results / path).resolve()
        return found if found.is_relative_to(self._results) and found.exists() else None

    def _embed(self, encoded: bytes) -> str:
        name = f"#{sha256(encoded).hexdigest()[:12]}"
        self.embedded[name] = base64.b64encode(encoded).decode()
        return name


def _webp(picture: Any) -> bytes:
    with BytesIO() as buffer:
        picture.save(buffer, "WEBP", quality=70, method=4)
        return buffer.getvalue()


def _json(data: object) -> str:
    # Nothing in it can end the element it stands in.
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return (files("journeys.report") / "assets" / name).read_text(encoding="utf-8")
