"""A journey's figures as properties of its test case in junit.xml."""

from __future__ import annotations

from journeys.report.record import Bounds, JourneyRecord


def properties_of(record: JourneyRecord) -> list[tuple[str, str]]:
    """Return name and value of each property; surfaces are numbered in the order of their verdicts."""
    properties = [
        ("journey", record["name"]),
        ("priority", record["priority"]),
        ("targets", ", ".join(record["targets"])),
        ("status", record["status"]),
        ("attempt", str(record.get("attempt", 1))),
    ]
    properties += [("reopened", line) for line in record.get("reopened", ())]
    for number, surface in enumerate(record["surfaces"], start=1):
        prefix = f"surface.{number}"
        properties += [
            (f"{prefix}.surface", surface["surface"]),
            (f"{prefix}.actor", surface["actor"]),
            (f"{prefix}.target", surface["target"]),
            (f"{prefix}.verdict", surface["verdict"]),
            *([] if surface["fault"] is None else [(f"{prefix}.fault", surface["fault"])]),
            (f"{prefix}.budget_s", f"{surface['budget_s']:g}"),
            *_bounds(f"{prefix}.commit_to_visible_s", surface["commit_to_visible_s"]),
            *_bounds(f"{prefix}.tap_to_visible_s", surface["tap_to_visible_s"]),
            *_bounds(f"{prefix}.commit_to_said_s", surface["commit_to_said_s"]),
        ]
    for number, screen in enumerate(record["screens"], start=1):
        prefix = f"screen.{number}"
        properties += [
            (f"{prefix}.screen", screen["screen"]),
            (f"{prefix}.target", screen["target"]),
            (f"{prefix}.theme", screen["theme"]),
            (f"{prefix}.status", screen["status"]),
        ]
    return properties


def _bounds(name: str, bounds: Bounds | None) -> list[tuple[str, str]]:
    if bounds is None:
        return []
    return [(f"{name}.low", f"{bounds['low']:.4f}"), (f"{name}.high", f"{bounds['high']:.4f}")]
