"""A script in the place of adb, and a machine that has no other."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

PIXEL = "emulator-5554          device product:sdk_gphone64 model:Pixel_8 device:emu64x transport_id:1"
FAIRPHONE = "0123456789ABCDEF       device usb:1-1 product:FP5 model:FP5 device:FP5 transport_id:2"
LOCKED = "R58M000000             unauthorized usb:1-2 transport_id:3"

Adb = Callable[..., None]


def without_adb(folder: Path, environment: pytest.MonkeyPatch) -> None:
    """Have nothing in the environment lead to an adb."""
    for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        environment.delenv(name, raising=False)
    environment.setenv("PATH", str(folder / "empty"))
    environment.setenv("HOME", str(folder))


def write_adb(folder: Path, environment: pytest.MonkeyPatch, *lines: str, instead: str = "") -> None:
    """Write an adb that lists the devices of these lines; `instead` is what it does in place of that."""
    script = folder / "sdk" / "platform-tools" / "adb"
    script.parent.mkdir(parents=True, exist_ok=True)
    listed = "\n".join(f"  echo {shlex.quote(line)}" for line in ("List of devices attached", *lines))
    script.write_text(
        f'#!/bin/sh\n{instead}\nif [ "$*" = "devices -l" ]; then\n{listed}\nelse\n  echo 35\nfi\n'
    )
    script.chmod(0o755)
    environment.setenv("ANDROID_HOME", str(folder / "sdk"))
