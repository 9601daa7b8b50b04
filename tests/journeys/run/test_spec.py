"""A run is resolved once, and is the same in another process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from journeys.documents import UnreadableDocument
from journeys.errors import UsageError
from journeys.redaction import know_within, redact
from journeys.run import (
    Combination,
    NightlyPart,
    RunOptions,
    RunSpec,
    decode_spec,
    encode_spec,
    resolve,
    take_spec,
    write_spec,
)

TARGETS = """
[targets.pixel]
platform = "android"
app_id = "com.example.app"
capabilities = { "farm:options" = { accessKey = "${FARM_KEY}" } }

[casts.mixed]
alice = "pixel"
"*" = "web"
"""
NIGHTLY = NightlyPart(
    combinations=(Combination("looks", "mixed"), Combination("acts", "web")),
    store="postgresql://ada:hush-hush@127.0.0.1/night",
    holder="night 1/1",
    lifeline=7,
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.journeys]\npictures = "faces"\n')
    (tmp_path / "targets.toml").write_text(TARGETS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARM_KEY", "a key of ada's")
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def run(project: Path, *, nightly: NightlyPart | None = None, **options: object) -> RunSpec:
    return resolve(RunOptions(**options), project, nightly=nightly)  # type: ignore[arg-type]  # by their names


def test_what_another_process_reads_is_the_same_run(project: Path) -> None:
    spec = run(project, casts=("mixed",), repeat=3, output="results", snapshot_mode="ci")
    with know_within(()):
        assert decode_spec(encode_spec(spec)) == spec
    assert spec.casting("mixed").target_of("alice").capabilities == {
        "farm:options": {"accessKey": "a key of ada's"}
    }
    assert (spec.results, spec.screens.mode) == (project / "results", "ci")


def test_what_is_secret_in_it_is_so_in_the_other_process_too(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARM_KEY", "known here only")
    with know_within(()):
        content = encode_spec(run(project, casts=("mixed",)))
    monkeypatch.delenv("FARM_KEY")
    with know_within(()):
        assert "known here only" in redact("with known here only")
        decode_spec(content)
        assert "known here only" not in redact("with known here only")


def test_only_its_user_may_read_it_and_it_is_read_once(project: Path) -> None:
    spec, file = run(project, nightly=NIGHTLY), project / "run.json"
    before = os.umask(0)
    try:
        write_spec(file, spec)
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600
    with know_within(()):
        assert take_spec(file) == spec
    assert not file.exists()
    with pytest.raises(UsageError, match="no run, as `journeys farm run` writes it"):
        take_spec(file)


def test_a_nightly_run_plays_a_journey_where_its_combinations_have_it(project: Path) -> None:
    spec = run(project, nightly=NIGHTLY)
    assert spec.casting_names == ("mixed", "web")
    assert spec.casting_names_of("acts") == ("web",)
    assert spec.casting_names_of(None) == ("mixed", "web")
    assert spec.store == NIGHTLY.store
    with pytest.raises(UsageError, match="leave out the others"):
        run(project, nightly=NIGHTLY, targets=("web",))


def test_what_was_asked_for_wins_over_what_others_ask_for() -> None:
    asked = RunOptions(targets=("web",), repeat=3)
    others = RunOptions(targets=("pixel",), baselines="shots", update_snapshots=True)
    assert asked.with_defaults_from(others) == RunOptions(
        targets=("web",), repeat=3, baselines="shots", update_snapshots=True
    )


@pytest.mark.parametrize("content", [b"", b"[]", b'{"spec": 1, "secrets": []}', b'{"spec": {}}'])
def test_what_is_no_run_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        decode_spec(content)
    assert len(str(refused.value).splitlines()) == 1
