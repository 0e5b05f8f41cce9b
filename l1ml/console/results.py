"""Results on stdout, talk on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["show_json", "show_table", "tell"]


def tell(line: str) -> None:
    """One line of talk on stderr."""
    print(line, file=sys.stderr, flush=True)


def show_json(value: Any) -> None:
    """`value` as JSON on stdout."""
    print(json.dumps(value, indent=1))


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on stdout; numbers to the right."""
    # rich takes as long to import as numpy: whoever shows nothing does not wait for it
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    cells = [[_cell(value) for value in row] for row in rows]
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    for row in cells:
        table.add_row(*row)
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 140).print(table)


def _cell(value: Any) -> str:
    """`value` as a person writes it; nothing where there is none."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
