"""report.md: the verdict and the tables, readable as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from l1ml.reporting.rendering import RenderedFigure
from l1ml.reporting.table import Table

__all__ = ["ANSWERS", "table_to_markdown", "to_markdown", "verdict_table"]

ANSWERS: Mapping[bool | None, str] = {True: "yes", False: "NO", None: "not shown"}
"""What a criterion's answer is called."""


def to_markdown(content: Mapping[str, Any], tables: Sequence[Table], figures: Sequence[RenderedFigure]) -> str:
    """The report as Markdown; figures are linked as files beside it."""
    parts = [f"# {content['model']}: {content['verdict']['decision']}", *_verdict(content["verdict"])]
    parts += [table_to_markdown(table) for table in tables]
    parts += [_figure(figure) for figure in figures]
    return "\n\n".join(parts) + "\n"


def _figure(figure: RenderedFigure) -> str:
    return f"## {figure.name.replace('_', ' ')}\n\n![{figure.caption}]({figure.name}.png)\n\n{figure.caption}"


def verdict_table(verdict: Mapping[str, Any]) -> Table:
    """The criteria, what was found, and whether each is met."""
    rows = tuple((item["name"], item["requirement"], item["found"], ANSWERS[item["passed"]]) for item in verdict["criteria"])
    return Table("Verdict", ("criterion", "asked for", "found", "met"), rows)


def _verdict(verdict: Mapping[str, Any]) -> list[str]:
    return [table_to_markdown(verdict_table(verdict)), "\n".join(f"* {caveat}" for caveat in verdict["caveats"])]


def table_to_markdown(table: Table) -> str:
    """One table with every column as wide as its widest cell."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
    head, *body = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    text = "\n".join([f"## {table.title}", "", head, rule, *body])
    return f"{text}\n\n{table.note}" if table.note else text
