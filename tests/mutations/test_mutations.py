"""Whatever a document is damaged by, its reader takes it, or says in one line what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mutations.mutator import mutations
from tests.mutations.reader import Reader, try_mutations
from tests.mutations.readers import READERS

COUNT = 100
"""Mutations of each document here; `./run bench mutations` tries 10,000 for each reader."""


@pytest.mark.parametrize("reader", READERS, ids=[reader.name for reader in READERS])
def test_a_damaged_document_is_read_or_refused_in_one_line(reader: Reader, tmp_path: Path) -> None:
    tally = try_mutations(reader, tmp_path, count=COUNT, seed=20261130)
    assert tally.examples == []
    assert tally.mutations >= COUNT


def test_the_same_seed_gives_the_same_mutations_and_another_seed_others() -> None:
    sample = json.dumps({"a": [1, {"b": "c"}], "d": None}).encode()
    first, again, others = (list(mutations(sample, "json", count=50, seed=seed)) for seed in (1, 1, 2))
    assert first == again != others


@pytest.mark.parametrize(
    "kind",
    [
        b"1" * 5_000,
        b"[" * 9_000,
        b"NaN",
        b"\\u0000",
        b"\\ud83d",
        b"\xef\xbb\xbf",
        b"<!doctype html>",
        b"x" * 200_000,
    ],
    ids=lambda kind: kind[:16].decode("latin-1"),
)
def test_what_is_known_to_break_readers_is_among_the_mutations(kind: bytes) -> None:
    sample = json.dumps({"a": [1, {"b": "c"}], "d": None, "e": "text"}).encode()
    kind = b"9" * 5_000 if kind.isdigit() else kind
    assert any(kind in document for document in mutations(sample, "json", count=1_000, seed=1))


def test_an_error_that_is_not_a_readers_own_is_unexpected(tmp_path: Path) -> None:
    def prepare(_: Path) -> object:
        return lambda document: json.loads(document)["a"]["b"] + 1

    reader = Reader("careless", "json", (b'{"a": {"b": 1}}',), prepare, (json.JSONDecodeError,))  # type: ignore[arg-type]  # raises what it does not declare
    tally = try_mutations(reader, tmp_path, count=200, seed=1)
    assert {outcome.partition(":")[0] for _, outcome in tally.examples} >= {"KeyError", "TypeError"}
    assert tally.unexpected > 20 < tally.refused
