"""Writes the folder that stands for an Android SDK: all that is in it is an `adb`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fake_android.adb import client


def write_sdk(root: Path) -> Path:
    """Write `platform-tools/adb` below a folder, for ANDROID_HOME to name; return adb's path."""
    adb = root / "platform-tools" / "adb"
    adb.parent.mkdir(parents=True, exist_ok=True)
    source = Path(client.__file__).read_text(encoding="utf-8")
    # In one piece: another run may be using the folder.
    fresh = adb.with_name(f"adb-{os.getpid()}")
    # Without site-packages and the environment's say: Python is up in half the time.
    fresh.write_text(f"#!{sys.executable} -SEI\n{source}", encoding="utf-8")
    fresh.chmod(0o755)
    fresh.replace(adb)
    return adb
