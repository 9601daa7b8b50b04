"""A folder that runs write into, with a list of what they have written there.

The list is a file in the folder, a name in a line. A name gets there before what it names does, so that
nothing is forgotten by a run that is killed; and only while there is nothing of that name, so that nothing of
others is ever on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from glob import escape
from pathlib import Path

from journeys.errors import JourneysError, UsageError, error_from_system
from journeys.output.removal import remove
from journeys.whole_file import write_whole

MARKER = ".journeys-results"
"""The list's name."""

_TITLE = "# What journeys has written here: the next run removes what this names, and nothing else."
_LARGEST = 4 * 2**20


class OutputFolder:
    """A folder for output, which `resolve_output` has found fit; it need not be there yet.

    `earlier` returns the names of what a version without a list has left in a folder. All methods raise
    `JourneysError` where the folder can't be read or written.
    """

    def __init__(
        self,
        path: Path,
        *,
        option: str = "--output",
        earlier: Callable[[Path], Iterable[str]] = lambda _: (),
    ) -> None:
        self.path = path
        self._option = option
        self._earlier = earlier
        self._known: set[str] | None = None

    def names(self) -> list[str]:
        """Return the names of what runs have written here, whether it is still there or not."""
        lines = self._read()
        if lines is None:
            return [name for name in self._earlier(self.path) if _is_name(name)] if self.path.is_dir() else []
        return [line for line in lines[1:] if _is_name(line)]

    def is_ours(self) -> bool:
        """Whether a run has written here, or there is nothing."""
        return self._read() is not None or bool(self.names()) or not self._has_anything()

    def clear(self) -> None:
        """Make the folder, and remove from it what runs have written; what is not on the list stays."""
        names = self.names()
        try:
            for name in names:
                remove(self.path / name)
                # What was being written when a run was killed.
                for half in self.path.glob(f".{escape(name)}.{'[0-9a-f]' * 8}"):
                    remove(half)
            if names or self._read() is not None:
                write_whole(self.path / MARKER, f"{_TITLE}\n")
        except OSError as error:
            raise self._failed(error) from error
        self._known = set()

    def claim(self, *files: str) -> None:
        """Say that files of these names are going to be written; makes the folder.

        Raises `UsageError` where one is there that no run has written.
        """
        known = self._claimed()
        for name in files:
            if name not in known and os.path.lexists(self.path / name):
                raise UsageError(
                    f"{self._option} {self.path}: {name} is there and was written by no run: name another"
                    " folder, or remove it"
                )
        self.claim_free(*files)

    def claim_free(self, *names: str) -> None:
        """Say that files or folders of these names are going to be written, but for those that are there."""
        known = self._claimed()
        new = [name for name in names if name not in known and not os.path.lexists(self.path / name)]
        if not new and self._read() is not None:
            return
        lines = [*([] if self._read() is not None else [_TITLE, *sorted(known)]), *new]
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # To its end, in one write: several processes do so. And not to where a link leads.
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            file = os.open(self.path / MARKER, flags, 0o644)
            try:
                os.write(file, "".join(f"{line}\n" for line in lines).encode())
            finally:
                os.close(file)
        except OSError as error:
            raise self._failed(error) from error
        known.update(new)

    def _claimed(self) -> set[str]:
        if self._known is None:
            self._known = set(self.names())
        return self._known

    def _read(self) -> list[str] | None:
        """Return the list's lines, None where there is none of ours."""
        try:
            file = os.open(self.path / MARKER, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        with os.fdopen(file, "rb") as content:
            lines = content.read(_LARGEST).decode("utf-8", "replace").splitlines()
        return lines if lines[:1] == [_TITLE] else None

    def _has_anything(self) -> bool:
        try:
            return any(self.path.iterdir())
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> JourneysError:
        return error_from_system(error, f"{self._option} {self.path}: can't be written to")


def _is_name(name: str) -> bool:
    """Whether a line can be the name of something of ours: in the folder itself, and not hidden."""
    return bool(name) and not name.startswith((".", "#")) and name == Path(name).name and "\0" not in name
