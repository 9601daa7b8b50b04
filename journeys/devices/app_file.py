"""Looks at the file of an app before a device is asked to install it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from journeys.errors import SetupError
from journeys.targets import Target

_PACKAGES = {".apk": "AndroidManifest.xml", ".apks": "toc.pb"}
"""Android's packages, and what lies in each of them."""


def check_app(target: Target) -> None:
    """Raise `SetupError` where a target's app isn't there, or is no package of its platform.

    An address is Appium's to fetch, and what is said to be for an iPhone is Xcode's to judge.
    """
    if target.app is None or "://" in target.app:
        return
    file = Path(target.app)
    if not file.exists():
        raise SetupError(f"{target.name}: there is no app {file}: build it, or name another by --app")
    if target.platform != "android":
        return
    content = _PACKAGES.get(file.suffix.lower())
    if content is None or not _holds(file, content):
        raise SetupError(
            f"{target.name}: {file} is no package that Android installs: `flutter build apk` makes one"
        )


def _holds(file: Path, content: str) -> bool:
    try:
        with zipfile.ZipFile(file) as package:
            return content in package.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):
        return False
