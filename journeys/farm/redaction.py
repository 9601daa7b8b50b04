"""Keeps credentials out of what is said and written: errors, logs, reports and evidence files."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

PUT = "[redacted]"
"""What stands in the place of a credential."""

SHORTEST = 5
"""Characters a value must have to be looked for: shorter ones would be found everywhere."""

HARMLESS = re.compile(r"\d*|true|false|none|null|enabled|disabled|always|never", re.IGNORECASE)
"""Values that a variable such as `TOKEN_LIFETIME` has: they are no credentials, and stand in every JSON."""

SECRET_VARIABLE = re.compile(
    r"(PASSWORD|PASSPHRASE|SECRET|TOKEN|ACCESS_?KEY|API_?KEY|CREDENTIALS?|APPIUM_URL)(_|$)", re.IGNORECASE
)
"""What the name of an environment variable with a credential looks like."""

# Whatever the value is: a name and a password in an address, and what HTTP's authorisation has.
_IN_ADDRESS = re.compile(rb"(?<=://)[^\s/?#@\"'<>]+:[^\s/?#@\"'<>]+(?=@)")
_IN_HEADER = re.compile(rb"(?i)(?<=authorization)(\W{1,6}(?:basic|bearer)\s+)[\w+/=.~-]+")
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".webm", ".woff", ".woff2"})


class Redaction:
    """Replaces the values it was given, in every spelling they may have, and credentials in addresses."""

    def __init__(self, secrets: Iterable[str]) -> None:
        plain = {secret for secret in secrets if len(secret) >= SHORTEST}
        spelt = {spelling for secret in plain for spelling in _spellings(secret)}
        # The longest first: one may be part of another.
        words = sorted((word.encode() for word in spelt), key=len, reverse=True)
        self._values = re.compile(b"|".join(map(re.escape, words))) if words else None

    def text(self, said: str) -> str:
        """Return a text without any of the secrets."""
        return self._bytes(said.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def folder(self, folder: Path) -> list[Path]:
        """Take the secrets out of every file below a folder, or of one file; returns those that had some.

        Archives (Playwright's traces) are looked into; pictures and videos are left as they are. A file is
        replaced whole, so nobody reads half of one.
        """
        return [
            file
            for file in (folder, *sorted(folder.rglob("*")))
            if file.is_file() and not file.is_symlink() and self._file(file)
        ]

    def _file(self, file: Path) -> bool:
        if file.suffix.lower() in _PICTURES:
            return False
        before = file.read_bytes()
        try:
            after = self._archive(before) if zipfile.is_zipfile(io.BytesIO(before)) else self._bytes(before)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
            # Cut short, or locked: nobody opens it, nor do we.
            after = self._bytes(before)
        if after == before:
            return False
        new = file.with_name(f".{file.name}.redacted")
        new.write_bytes(after)
        new.chmod(file.stat().st_mode)
        new.replace(file)
        return True

    def _archive(self, packed: bytes) -> bytes:
        """Return an archive with its members redacted; the same bytes where there was nothing."""
        written, changed = io.BytesIO(), False
        with (
            zipfile.ZipFile(io.BytesIO(packed)) as before,
            zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after,
        ):
            for member in before.infolist():
                content = before.read(member)
                clean = content if Path(member.filename).suffix in _PICTURES else self._bytes(content)
                changed = changed or clean != content
                after.writestr(member, clean)
        return written.getvalue() if changed else packed

    def _bytes(self, said: bytes) -> bytes:
        put = PUT.encode()
        if self._values is not None:
            said = self._values.sub(put, said)
        said = _IN_ADDRESS.sub(put, said)
        return _IN_HEADER.sub(lambda found: found[1] + put, said)


def secrets_in(environment: Mapping[str, str], named: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the credentials of an environment: of the variables that are `named`, and of those named so.

    `named` are those a target's settings take with `${NAME}`, whatever they are called.
    """
    wanted = set(named)
    values = {
        value
        for name, value in environment.items()
        if (value and name in wanted) or (SECRET_VARIABLE.search(name) and not HARMLESS.fullmatch(value))
    }
    return tuple(sorted(values))


def basic(name: str, password: str) -> str:
    """Return what HTTP's basic authorisation makes of a name and a password: a secret of its own."""
    return base64.b64encode(f"{name}:{password}".encode()).decode()


def _spellings(secret: str) -> set[str]:
    escaped = json.dumps(secret)[1:-1]
    return {
        secret,
        escaped,
        # JSON within JSON, as a log of requests has it.
        json.dumps(escaped)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
    }
