"""The report on one model: numbers first, then words and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml.reporting.content import report_content
from l1ml.reporting.figures import render_figures
from l1ml.reporting.html import to_html
from l1ml.reporting.markdown import to_markdown
from l1ml.reporting.run_files import read_run
from l1ml.reporting.tables import report_tables
from l1ml.reporting.verdict import Criteria
from l1ml.storage import write_bytes, write_json, write_text

__all__ = ["Report", "build_report"]


@dataclass(frozen=True, eq=False, slots=True)
class Report:
    """Everything a run says about a model.

    Parameters
    ----------
    content : mapping
        What report.json holds; every figure and table is drawn from it.
    """

    content: Mapping[str, Any]

    @property
    def decision(self) -> str:
        """The verdict in a word: "build", "do not build" or "undecided"."""
        return str(self.content["verdict"]["decision"])

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dict(self.content)

    def write(self, folder: Path) -> list[Path]:
        """Write report.json, the figures, report.md and report.html into `folder`.

        Parameters
        ----------
        folder : Path
            Made if it does not exist.

        Returns
        -------
        list of Path
            The files, in the order in which they were written; each is whole or absent.

        Raises
        ------
        ToolNotFoundError
            If matplotlib or mplhep is not installed; report.json has been written then.
        StorageError
            If the disk is full.
        """
        numbers = folder / "report.json"
        write_json(numbers, self.to_dict())
        figures, tables = render_figures(self.content), report_tables(self.content)
        pictures = [folder / f"{figure.name}.png" for figure in figures]
        for path, figure in zip(pictures, figures, strict=True):
            write_bytes(path, figure.png)
        text, page = folder / "report.md", folder / "report.html"
        write_text(text, to_markdown(self.content, tables, figures))
        write_text(page, to_html(self.content, tables, figures))
        return [numbers, *pictures, text, page]


def build_report(run_dir: Path, criteria: Criteria | None = None) -> Report:
    """Report on the run in `run_dir`; the model is called like the folder that holds the run.

    Parameters
    ----------
    run_dir : Path
        Folder with the step files, such as ``models/axo/run``.
    criteria : Criteria, optional
        What the verdict asks for; the defaults when absent.

    Raises
    ------
    DataError
        If a step file is missing, unreadable or of another model; the message names the command that makes it.
    """
    return Report(report_content(run_dir.resolve().parent.name, read_run(run_dir), criteria))
