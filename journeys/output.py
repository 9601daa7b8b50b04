"""Folders that runs write into: where one may be, and that the next run removes only what runs wrote.

What they have written is on a list, a file in the folder with a name in a line. A name gets there before what
it names does, so that nothing is forgotten by a run that is killed; and only while there is nothing of that
name, so that nothing of others is ever on it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from glob import escape
from pathlib import Path

from journeys.documents import UnreadableDocument, decode_json, read_document, write_atomically
from journeys.errors import JourneysError, UsageError, error_from_system

MARKER = ".journeys-results"
"""The list's name."""

_TITLE = "# What journeys has written here: the next run removes what this names, and nothing else."
_MOST_LIST_BYTES = 4 * 2**20
_MOST_RECORD_BYTES = 1024 * 2**20
_EVIDENCE = {".png", ".jpg", ".webp", ".zip", ".webm", ".log", ".txt", ".json", ".xml"}
_SCREENS = {"screens.json", "reg.json", "decisions.json", "reg", "earlier"}
_NIGHT_FILES = re.compile(r"night\.json|report|attempt-\d+(\.log|\.cells\.json)?|shard-[\d-]+")
_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


def resolve_output(named: str | Path, *, sources: Iterable[Path] = (), option: str = "--output") -> Path:
    """Return the absolute path of an output folder, without links and `..`; it need not be there yet.

    `sources` are folders and files that are read: the project, its tests, its baselines. Raises `UsageError`,
    which names the `option`, where the output would lie around one of them, around the home or the working
    directory, in a Git repository's own folder, or where a file is in the way.
    """
    try:
        # A shell has put the home in the place of `~`; a configuration has not.
        path = Path(named).expanduser().resolve()
        there = next(each for each in (path, *path.parents) if os.path.lexists(each))
        is_folder = there.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{option} {str(named)!r}: can't be a folder: {error}: name another") from error
    if not is_folder:
        raise UsageError(f"{option} {named}: {there} is a file: name a folder")
    for source in (Path.cwd(), *_home(), *sources):
        if source.resolve().is_relative_to(path):
            raise UsageError(f"{option} {named}: {path} holds {source}: name a folder of its own for results")
    if ".git" in path.parts or os.path.lexists(path / ".git"):
        raise UsageError(
            f"{option} {named}: {path} is a Git repository's: name a folder of its own for results"
        )
    return path


def _home() -> list[Path]:
    try:
        return [Path.home()]
    except RuntimeError:
        return []


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
                write_atomically(self.path / MARKER, f"{_TITLE}\n")
        except OSError as error:
            raise self._write_error(error) from error
        self._known = set()

    def claim(self, *files: str) -> None:
        """Say that files of these names are going to be written; makes the folder.

        Raises `UsageError` where one is there that no run has written.
        """
        known = self._claimed_names()
        for name in files:
            if name not in known and os.path.lexists(self.path / name):
                raise UsageError(
                    f"{self._option} {self.path}: {name} is there and was written by no run: name another"
                    " folder, or remove it"
                )
        self.claim_free(*files)

    def claim_free(self, *names: str) -> None:
        """Say that files or folders of these names are going to be written, but for those that are there."""
        known = self._claimed_names()
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
            raise self._write_error(error) from error
        known.update(new)

    def _claimed_names(self) -> set[str]:
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
            lines = content.read(_MOST_LIST_BYTES).decode("utf-8", "replace").splitlines()
        return lines if lines[:1] == [_TITLE] else None

    def _has_anything(self) -> bool:
        try:
            return any(self.path.iterdir())
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._write_error(error) from error

    def _write_error(self, error: OSError) -> JourneysError:
        return error_from_system(error, f"{self._option} {self.path}: can't be written to")


def _is_name(name: str) -> bool:
    """Whether a line can be the name of something of ours: in the folder itself, and not hidden."""
    return bool(name) and not name.startswith((".", "#")) and name == Path(name).name and "\0" not in name


class InTheWay(OSError):
    """What is to be removed holds something that was put there by others; the text says what."""


def remove(path: Path) -> None:
    """Remove a file, a link itself, or a folder with all in it; nothing happens where nothing is.

    Raises `InTheWay`, and then all is as it was, where a mount or a Git repository is in the folder, and
    `OSError` where something can't be removed.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for mount in _mounts():
        if mount.is_relative_to(path):
            raise InTheWay(f"something is mounted at {mount}")
    for folder, folders, files in os.walk(path):
        if os.path.ismount(folder):
            raise InTheWay(f"something is mounted at {folder}")
        if ".git" in folders or ".git" in files:
            raise InTheWay(f"{folder} is a Git repository")
    # Follows no links, not even those that are put there meanwhile.
    shutil.rmtree(path)


def _mounts() -> list[Path]:
    """Return where something is mounted; by itself, no folder tells that of another one of its disk."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []  # no Linux: what is of another disk is found all the same
    return [Path(_OCTAL.sub(lambda found: chr(int(found[1], 8)), line.split(" ")[4])) for line in lines]


def list_run_files(folder: Path) -> Iterator[str]:
    """Yield the names of what a run has left in a folder for results."""
    if _has_keys(folder / "measure.json", "schema", "repeat", "journeys"):
        yield from ("measure.json", "measure.html")
    if _has_keys(folder / "journeys.json", "schema", "addresses", "journeys"):
        yield "journeys.json"
        for each in folder.iterdir():
            # A test's own folder is named after its file.
            if "-py-" in each.name and _holds_evidence(each):
                yield each.name
        if _begins_as_pytests(folder / "junit.xml"):
            yield "junit.xml"
    screens = folder / "screens"
    if not screens.is_symlink() and screens.is_dir() and all(map(_is_of_screens, screens.iterdir())):
        yield screens.name


def list_night_files(folder: Path) -> Iterator[str]:
    """Yield the names of what a night has left in its folder."""
    if _has_keys(folder / "night.json", "schema", "id", "cells"):
        yield from (each.name for each in folder.iterdir() if _NIGHT_FILES.fullmatch(each.name))


def _has_keys(file: Path, *keys: str) -> bool:
    try:
        document = decode_json(read_document(file, most=_MOST_RECORD_BYTES), dict[str, object], nul="replace")
    except (OSError, UnreadableDocument):
        return False
    return document.keys() >= set(keys)


def _begins_as_pytests(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return b'name="pytest' in content.read(200)
    except OSError:
        return False


def _holds_evidence(folder: Path) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    return all(
        each.suffix in _EVIDENCE and each.is_file() and not each.is_symlink() for each in folder.iterdir()
    )


def _is_of_screens(entry: Path) -> bool:
    return entry.name in _SCREENS or (entry / "entry.json").is_file()


def file_name_of(actor: str, taken: set[str]) -> str:
    """Return an actor's name as a file's, another one than those that are taken, and take it."""
    plain = name = re.sub(r"\W+", "-", actor).strip("-") or "someone"
    number = 1
    while name in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name)
    return name
