"""Finds the chromedriver that fits a browser: both have to be of one major version."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from flutter_bridge import run_command

VARIABLE = "JOURNEYS_CHROMEDRIVER"
"""The environment variable that names a chromedriver's executable."""

FOLDERS = (Path("/usr/bin"), Path("/usr/lib/chromium"), Path("/usr/lib/chromium-browser"))
"""Where Debian and Ubuntu keep theirs, on the path or not."""


def fitting_chromedriver(browser: Path) -> Path | None:
    """Return a chromedriver of the browser's major version, if there is one.

    The one named in `JOURNEYS_CHROMEDRIVER` is the only one that is looked at; else one on the
    path, beside the browser, or where Linux distributions put it.
    """
    wanted = major_version(browser)
    if wanted is None:
        return None
    fitting = (found for found in _candidates(browser) if major_version(found) == wanted)
    return next(fitting, None)


def major_version(executable: Path) -> int | None:
    """Return the major version that an executable says it has, if it says one."""
    try:
        said = run_command((executable, "--version"), timeout=60).printed
    except OSError:  # a time-out is one
        return None
    version = re.search(r"\b(\d+)\.\d+\.\d+", said)
    return int(version[1]) if version else None


def _candidates(browser: Path) -> Iterator[Path]:
    named = os.environ.get(VARIABLE)
    folders = (browser.parent, *FOLDERS)
    usual = ["chromedriver", *(str(folder / "chromedriver") for folder in folders)]
    for place in [named] if named else usual:
        found = shutil.which(place)
        if found:
            yield Path(found)
