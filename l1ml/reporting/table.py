"""A table of text, as Markdown, HTML and the terminal show it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table of text.

    Parameters
    ----------
    title : str
        Heading.
    columns : tuple of str
        Head of each column, with its unit.
    rows : tuple of tuple of str
        Cells.
    note : str
        One paragraph below, or empty.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
