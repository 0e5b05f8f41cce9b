"""The page that stands beside a shipped model: what it is, what it was measured to do, and what it is not.

Follows the sections of "Model Cards for Model Reporting" (Mitchell et al., arXiv:1810.03993) as far as they apply to a trigger.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1ml.reporting.markdown import table_to_markdown, verdict_table
from l1ml.reporting.tables import report_tables

__all__ = ["model_card"]

_LEFT_OUT = {"Events", "Wall time", "Provenance"}
"""Tables about the run rather than the model; they stay in the report."""


def model_card(description: str, name: str, report: Mapping[str, Any]) -> str:
    """Markdown of the model card.

    Parameters
    ----------
    description : str
        One line from the recipe.
    name : str
        Name of the model.
    report : mapping
        Content of ``report.json`` of the run that made the model.
    """
    digests, versions, training = report["run"]["digests"], report["run"]["versions"], report["training"]
    # runs of before do not say it
    backend = f", trained by {training['backend']}" if "backend" in training else ""
    facts = [
        f"* model digest `{digests['model']}`: thresholds are bound to it",
        "* `weights.keras`: encoder and score (Keras 3, QKeras); `golden.h5`: the integer network and golden words",
        f"* made by `l1ml run --promote`, l1ml {versions['l1ml']}, seed {training['seed']}{backend}",
        *(f"* {caveat}" for caveat in report["verdict"]["caveats"]),
    ]
    tables = [verdict_table(report["verdict"]), *(table for table in report_tables(report) if table.title not in _LEFT_OUT)]
    sections = [f"# {name}", description, "\n".join(facts), *(table_to_markdown(table) for table in tables)]
    return "\n\n".join(sections) + "\n"
