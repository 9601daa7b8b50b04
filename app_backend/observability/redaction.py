"""Nothing secret or personal in the log: what looks like it is blotted out of the finished lines.

Last of all, as texts from elsewhere (a driver's error, a traceback) may hold what we never log ourselves.
"""

from __future__ import annotations

import re

BLOTS = (
    # https://user:password@host
    (re.compile(r"(?<=://)[^\s/@:\"']*:[^\s/@\"']*@"), "[credentials]@"),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]+", re.IGNORECASE), r"\1 [token]"),
    (re.compile(r"(?<=/uploads/)[A-Za-z0-9_=-]+"), "[ticket]"),
    (re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "[e-mail]"),
    (re.compile(r"(?i)\b(X-Amz-(?:Signature|Credential|Security-Token))=[^\s&\"']+"), r"\1=[secret]"),
    # Our own tokens and tickets: long runs of base64 with small and capital letters, which no other id has.
    (re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[A-Za-z0-9_-]{40,}(?![\w-])"), "[secret]"),
)


def blot_out(line: str) -> str:
    """Return a line of the log without e-mail addresses, tokens, upload tickets and credentials."""
    for pattern, blot in BLOTS:
        line = pattern.sub(blot, line)
    return line
