"""Writes the folder that stands for an Android SDK: all that is in it is an `adb`."""

from __future__ import annotations

import sys
from pathlib import Path

from flutter_bridge.standin.adb import client


def write_sdk(root: Path) -> Path:
    """Write `platform-tools/adb` below a folder, for ANDROID_HOME to name; return adb's path."""
    adb = root / "platform-tools" / "adb"
    adb.parent.mkdir(parents=True, exist_ok=True)
    source = Path(client.__file__).read_text(encoding="utf-8")
    # Without site-packages and the environment's say: Python is up in half the time.
    adb.write_text(f"#!{sys.executable} -SEI\n{source}", encoding="utf-8")
    adb.chmod(0o755)
    return adb
