"""nightly.toml and the quarantine file: what they may say, and what is said of a mistake in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from journeys.configuration import Configuration
from journeys.errors import SetupError, UsageError
from journeys.nightly.job import Night, Quarantine, Quarantined, read_night, read_quarantine

Read = Callable[[str], Night]
TODAY = date(2026, 3, 2)

TARGETS = """
[targets.pixel]
platform = "android"

[casts.mixed]
alice = "pixel"
"*" = "web"
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_(text: str) -> Night:
        (tmp_path / "nightly.toml").write_text(text)
        return read_night(tmp_path / "nightly.toml", Configuration(root=tmp_path))

    return read_


def test_a_night_plays_on_everything_its_file_has(read: Read) -> None:
    night = read(TARGETS)
    assert (night.name, night.castings, night.retries) == ("nightly", ("pixel", "mixed"), 1)


def test_or_on_what_it_names_of_this_file_and_the_projects(read: Read, tmp_path: Path) -> None:
    (tmp_path / "targets.toml").write_text('[targets.tablet]\nplatform = "android"\n')
    night = read(
        '[night]\ntargets = ["web", "tablet"]\ncasts = ["alice=pixel,*=web"]\nworkers = 3\n' + TARGETS
    )
    assert (night.castings, night.workers) == (("web", "tablet", "alice=pixel,*=web"), 3)


def test_a_target_that_is_wrong_spoils_only_itself(read: Read) -> None:
    night = read('[targets.odd]\nplatform = "windows"\n' + TARGETS)
    assert night.castings == ("odd", "pixel", "mixed")
    assert night.known.find("pixel").platform == "android"
    with pytest.raises(SetupError, match=r"targets\.odd\.platform"):
        night.known.find("odd")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('targets = ["pixle"]', "unknown target 'pixle': did you mean pixel?"),
        ('casts = ["mixd"]', "unknown cast 'mixd': did you mean mixed?"),
        ("retries = 6", "from 0 to 5, found 6"),
        ('workers = "many"', "unknown workers 'many'"),
        ("max_minutes = 0", "more than 0 minutes"),
        ('evidence = ["viedo"]', "did you mean video?"),
        ("retires = 2", "unknown key: did you mean retries"),
        ('store = "postgresql://me:secret@db/nights"', "may hold a password"),
        ("targets = []", "nothing to play on"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_no_secret(read: Read, lines: str, said: str) -> None:
    with pytest.raises(SetupError) as problem:
        read(f"[night]\n{lines}\n{TARGETS}")
    assert "nightly.toml" in str(problem.value)
    assert said in str(problem.value)
    assert "secret" not in str(problem.value)


def test_the_store_is_where_the_environment_says(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNEYS_STORE", raising=False)
    assert read(TARGETS).store is None
    monkeypatch.setenv("JOURNEYS_STORE", "postgresql://db/nights")
    assert read(TARGETS).store == "postgresql://db/nights"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no .*nightly\.toml"):
        read_night(tmp_path / "nightly.toml", Configuration(root=tmp_path))


def test_quarantine_holds_up_to_its_last_day_and_where_it_says(tmp_path: Path) -> None:
    file = tmp_path / "quarantine.toml"
    entry = '[[quarantine]]\njourney = "{}"\nowner = "ada"\nreason = "flaky"\nuntil = {}\n'
    file.write_text(
        entry.format("looks", "2026-03-02")
        + 'casting = "pixel"\n'
        + entry.format("acts", "2026-03-02")
        + entry.format("leaves", "2026-03-01")
    )
    quarantine = read_quarantine(file, today=TODAY)
    assert quarantine.find_entry("looks", "pixel") == {
        "owner": "ada",
        "reason": "flaky",
        "until": "2026-03-02",
    }
    assert quarantine.find_entry("looks", "web") is None
    assert quarantine.find_entry("acts", "web") is not None
    assert quarantine.find_entry("leaves", "web") is None
    (line,) = quarantine.expired_entries
    assert "leaves: in quarantine until 2026-03-01 (ada: flaky)" in line


def entry(journey: str, casting: str | None = None, *, until: date = TODAY) -> Quarantined:
    return Quarantined(journey=journey, casting=casting, owner="ada", reason="flaky", until=until)


def test_only_what_a_night_plays_can_have_expired() -> None:
    past = TODAY - timedelta(days=1)
    entries = [
        entry("looks", "web", until=past),
        entry("looks", "pixel", until=past),
        entry("gone", until=past),
    ]
    quarantine = Quarantine(entries, today=TODAY).select_for_night(["looks"], ["pixel"], whole=True)
    (line,) = quarantine.expired_entries
    assert line.startswith("looks on pixel: ")


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        (
            True,
            ["no journey is called 'lookss': did you mean looks?", "no journey is called 'zzz': take it out"],
        ),
        # Another night may play what this one leaves out.
        (False, ["no journey is called 'lookss': did you mean looks?"]),
    ],
)
def test_a_journey_that_is_not_there_is_told_with_the_nearest(whole: bool, told: list[str]) -> None:
    entries = [entry("looks"), entry("lookss", "web"), entry("lookss", "pixel"), entry("zzz")]
    quarantine = Quarantine(entries, today=TODAY).select_for_night(["looks", "acts"], ["web"], whole=whole)
    assert quarantine.unmatched == told
    assert quarantine.expired_entries == []
    assert quarantine.find_entry("looks", "web") is not None


@pytest.mark.parametrize("without", ["owner", "reason", "until"])
def test_nobody_is_in_quarantine_without_an_owner_a_reason_and_an_end(tmp_path: Path, without: str) -> None:
    fields = {"journey": '"looks"', "owner": '"ada"', "reason": '"flaky"', "until": "2026-03-02"}
    lines = [f"{key} = {value}" for key, value in fields.items() if key != without]
    (tmp_path / "q.toml").write_text("\n".join(["[[quarantine]]", *lines]))
    with pytest.raises(SetupError, match=rf"quarantine\[0\]\.{without}"):
        read_quarantine(tmp_path / "q.toml", today=TODAY)
