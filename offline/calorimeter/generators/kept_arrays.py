"""Names of arrays within a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

__all__ = ["prefixed", "under"]

Arrays = Mapping[str, NDArray[Any]]


def prefixed(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """`arrays` with `prefix` before their names."""
    return {f"{prefix}{name}": array for name, array in arrays.items()}


def under(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Those arrays whose names begin with `prefix`, without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
