"""Appium's lock file: whole, and without a host's name."""

from __future__ import annotations

import json

from tests.shell.clone_folder import ROOT


def test_the_lock_file_of_appium_names_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        # Where to send money to is no place that anything is loaded from.
        assert "://" not in json.dumps({**package, "funding": None}), name
        assert name == "" or package.get("inBundle") or "integrity" in package, name


def test_the_lock_file_of_appium_pins_what_package_json_asks_for() -> None:
    asked = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert lock[""]["dependencies"] == asked["dependencies"]
    for name, version in asked["dependencies"].items():
        assert lock[f"node_modules/{name}"]["version"] == version


def test_the_lock_file_of_appium_is_whole_for_every_platform() -> None:
    # Beside a node_modules npm leaves out what is for other machines, and refuses the file in a fresh clone.
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    def is_there(name: str, seen_from: str) -> bool:
        folders = [seen_from]
        while "/node_modules/" in folders[-1]:
            folders.append(folders[-1].rpartition("/node_modules/")[0])
        return any(f"{folder}/node_modules/{name}" in packages for folder in folders) or (
            f"node_modules/{name}" in packages
        )

    missing = [
        (place, name)
        for place, package in packages.items()
        for name in package.get("optionalDependencies", {})
        if not is_there(name, place)
    ]
    assert missing == []
