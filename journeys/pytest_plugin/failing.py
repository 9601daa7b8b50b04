"""How pytest shows why a journey did not pass: where in the script, and in one line what happened."""

from __future__ import annotations

import sysconfig
from inspect import getfile, unwrap
from pathlib import Path
from typing import Any

import pytest

import flutter_bridge
import journeys

_PACKAGES = (Path(getfile(package)).parent for package in (flutter_bridge, journeys))
_LIBRARIES = (Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))
# What a script's author can't mend: the machinery's own frames, the libraries' below it, and Python's.
_MACHINERY = tuple(folder.resolve() for folder in (*_PACKAGES, *_LIBRARIES))


def shown(item: pytest.Item, failure: BaseException) -> Any:
    """Return what pytest prints of a failure that says itself what happened.

    The frames are the script's own and those of the project around it, as what lies below is this package's
    business and its clients'. All of them are there for who asks: with `--full-trace`, any `--tb`, or
    `--journey-debug`.
    """
    script = Path(unwrap(getattr(item, "obj", shown)).__code__.co_filename).resolve()

    def is_the_authors(entry: Any) -> bool:  # pytest keeps its type to itself
        path = Path(entry.path).resolve()
        return path == script or not any(path.is_relative_to(folder) for folder in _MACHINERY)

    excinfo = pytest.ExceptionInfo.from_exception(failure)
    excinfo.traceback = excinfo.traceback.filter(is_the_authors)
    return excinfo.getrepr(style="short" if excinfo.traceback else "value", chain=False, tbfilter=False)


def is_plain(config: pytest.Config) -> bool:
    """Whether nobody asked for more of a failure, or another form of it, than is shown by itself."""
    return not (
        config.getoption("fulltrace")
        or config.getoption("journey_debug")
        or config.getoption("tbstyle", "auto") != "auto"
    )
