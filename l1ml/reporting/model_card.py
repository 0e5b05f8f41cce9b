"""The model card: what a shipped model is, and what its report found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from l1ml.reporting.formatting import count
from l1ml.reporting.markdown import table_to_markdown, verdict_table
from l1ml.reporting.tables import Table, report_tables

__all__ = ["model_card"]

_SHOWN = ("Menu", "Signal efficiency [%]", "Signal efficiency on top of the classical seeds [%]", "Bit-exactness", "Resources")


def model_card(description: str, name: str, report: Mapping[str, Any]) -> str:
    """Markdown for ``models/<name>/README.md``.

    Parameters
    ----------
    description : str
        One or two sentences of the recipe.
    name : str
        Name of the model.
    report : mapping
        Content of report.json.
    """
    shown = [table for table in report_tables(report) if table.title in _SHOWN]
    parts = [
        f"# {name}",
        description,
        "Written by `l1ml run --promote` from `run/report/report.json`; do not edit.",
        _facts(report),
        table_to_markdown(verdict_table(report["verdict"])),
        _bullets(report["verdict"]["caveats"]),
        *(table_to_markdown(table) for table in shown),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(report: Mapping[str, Any]) -> str:
    """What the model was made from, with what."""
    label, training, versions = report["label"], report["training"], report["run"]["versions"]
    kept = ", ".join(f"{count(item['kept'])} {process}" for process, item in report["events"].items())
    rows = [
        ("digest", ", ".join(f"{score}: {digest}" for score, digest in report["models"].items())),
        ("sample", f"Pythia 8 and a parametrised Level-1 response, {label['energy_tev']:g} TeV, ⟨PU⟩ = {label['pileup']:g}"),
        ("crossings", kept),
        ("training", f"random seed {training.get('seed')}, {training.get('epochs')} epochs"),
        ("versions", ", ".join(f"{package} {version}" for package, version in versions.items())),
    ]
    return table_to_markdown(Table("Made from", ("", "value"), tuple(rows)))


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"* {line}" for line in lines)
