"""Which of pytest's plugins the small projects that tests make, and run by themselves, do without.

All that is installed is imported by every process of every session: that takes longer than most such
sessions do otherwise.
"""

from __future__ import annotations

FEW_PLUGINS = ", ".join(
    f'"-p", "no:{name}"'
    for name in ("anyio", "faker", "flet", "hypothesispytest", "randomly", "respx", "schemathesis")
)
"""Words for a project's `addopts`, as TOML has them: none of these plugins has any business there."""
