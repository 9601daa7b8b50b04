"""The schema of a format, by which editors complete and check scenarios."""

from __future__ import annotations

import json

import msgspec

from journeys.data.format import DataFormat


def write_schema(form: DataFormat) -> str:
    """Return the JSON Schema of the newest version, as a file holds it."""
    schema = msgspec.json.schema(form.content)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Scenario, version {form.version}",
    }
    return json.dumps({**head, **schema}, indent=2, ensure_ascii=False) + "\n"
