"""The table of a model trained with several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from l1ml.reporting.formatting import ABSENT, with_error
from l1ml.reporting.table import Table

__all__ = ["seed_table"]

_NOTE = (
    "± is the standard deviation of the seeds, not the error of their mean. The sample's own error is that of one seed: finite "
    "signal and, through the threshold, finite zero bias; all seeds are measured on the same crossings or jets, so that neither "
    "the spread shows it nor the mean is freed from it."
)


def seed_table(content: Mapping[str, Any]) -> Table:
    """One row for each figure of ``seeds.json``: mean and spread, the sample's error, each seed.

    Parameters
    ----------
    content : mapping
        Content of the file.
    """
    rows = content["seeds"]
    columns = ("figure", "mean ± spread", "sample's own error", *(f"seed {row['seed']}" for row in rows))
    found = content["figures"].items()
    cells = tuple(_row(name, item, [row["figures"].get(name) for row in rows]) for name, item in found)
    return Table(f"Trained with {len(rows)} seeds", columns, cells, _NOTE + _missing(content))


def _unit(name: str) -> tuple[float, str]:
    """Areas and closures are numbers near one, everything else per cent."""
    return (1.0, name) if name.endswith("AUC") or name.startswith("closure") else (100.0, f"{name} [%]")


def _row(name: str, item: Mapping[str, Any], figures: Sequence[Mapping[str, float] | None]) -> tuple[str, ...]:
    scale, label = _unit(name)
    own, spread = scale * item["sample_error"], item["spread"]
    mean = f"{scale * item['mean']:.4g}" if spread is None else with_error(scale * item["mean"], scale * spread)
    values = (ABSENT if figure is None else f"{scale * figure['value']:.4g}" for figure in figures)
    return (label, mean, f"{own:.2g}", *values)


def _missing(content: Mapping[str, Any]) -> str:
    """What is said where figures are means of fewer seeds than there are, or seeds of fewer than were asked for."""
    n = len(content["seeds"])
    fewer = [name for name, item in content["figures"].items() if item["n"] < n]
    said = f" Means of fewer seeds: {', '.join(fewer)}." if fewer else ""
    asked = content["asked"]
    return said + (f" {asked - n} of {asked} seeds are still to be trained." if asked > n else "")
