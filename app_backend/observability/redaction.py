"""Nothing secret or personal in the log: what looks like it is blotted out of the finished lines.

Last of all, as texts from elsewhere (a driver's error, a traceback) may hold what we never log ourselves.
"""

from __future__ import annotations

import re

BLOTS = (
    # https://user:password@host
    ("://", re.compile(r"(?<=://)[^\s/@:\"']*:[^\s/@\"']*@"), "[credentials]@"),
    ("bearer", re.compile(r"(?i)\b(Bearer)\s+[A-Za-z0-9+/=._~-]+"), r"\1 [token]"),
    ("basic", re.compile(r"(?i)\b(Basic)\s+[A-Za-z0-9+/=._~-]+"), r"\1 [token]"),
    ("/uploads/", re.compile(r"(?<=/uploads/)[A-Za-z0-9_=-]+"), "[ticket]"),
    ("@", re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "[e-mail]"),
    (
        "x-amz-",
        re.compile(r"(?i)\b(X-Amz-(?:Signature|Credential|Security-Token))=[^\s&\"']+"),
        r"\1=[secret]",
    ),
)
"""A text that has to be there, in small letters, the pattern, and what takes its place.

The text is for speed: nearly every line has none of them, and every request has a line.
"""

RUN = re.compile(r"[A-Za-z0-9_-]{40,}")


def blot_out(line: str) -> str:
    """Return a line of the log without e-mail addresses, tokens, upload tickets and credentials."""
    small = line.lower()
    for hint, pattern, blot in BLOTS:
        if hint in small:
            line = pattern.sub(blot, line)
    return RUN.sub(_blotted_run, line)


def _blotted_run(run: re.Match[str]) -> str:
    """Blot out our own tokens and tickets: long runs of base64 in small and capital letters, as no id has."""
    text = run[0]
    return text if text in {text.lower(), text.upper()} else "[secret]"
