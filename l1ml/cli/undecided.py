"""Seeds without a result, which is not the same as none."""

from __future__ import annotations

from collections.abc import Mapping

from l1ml.console import tell

__all__ = ["tell_undecided"]

_REASONS = 5


def tell_undecided(reasons: Mapping[str, str], what: str) -> None:
    """Say which seeds have no `what`, which is not the same as none, and why; the first few of them one by one."""
    for name, reason in list(reasons.items())[:_REASONS]:
        tell(f"l1ml: no {what} of {name}: {reason}")
    if len(reasons) > _REASONS:
        tell(
            f"l1ml: no {what} of {len(reasons) - _REASONS} more seeds, which are not zero but not known; --json gives the reasons"
        )
