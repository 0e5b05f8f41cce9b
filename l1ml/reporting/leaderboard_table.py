"""The table of a leaderboard: one row for each variant of each model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1ml.conversion.spread import spread_of
from l1ml.reporting.formatting import ABSENT, count, with_error
from l1ml.reporting.table import Table

__all__ = ["leaderboard_table"]

_COLUMNS = (
    "model", "variant", "worth [%]", "shipped minus this [points]", "LUT", "LUT over shipped", "FF", "latency", "words compared",
)  # fmt: skip
_SHIPPED = "shipped"


def leaderboard_table(content: Mapping[str, Any]) -> Table:
    """Efficiencies at the rate or accuracy, logic, latency and verification, beside what the shipped variant has.

    Parameters
    ----------
    content : mapping
        What ``l1ml leaderboard --json`` prints.
    """
    compared = {(item["model"], item["variant"]): item for item in content["comparisons"]}
    rows = tuple(_row(row, compared.get((row["model"], row["variant"]))) for row in content["rows"])
    title = f"Leaderboard: efficiency at {content['rate_khz']:g} kHz of zero bias, or accuracy"
    return Table(title, _COLUMNS, rows, _note(content))


def _row(row: Mapping[str, Any], compared: Mapping[str, Any] | None) -> tuple[str, ...]:
    last = row["counts"][-1] if row["counts"] else None
    return (
        row["model"],
        f"{row['variant']}: {row['numbers']}",
        _worth(row["figures"]) or row["note"] or "; ".join(row["unresolved"].values()) or ABSENT,
        _worth(compared["differences"], signed=True) if compared else "",
        ABSENT if last is None else f"{count(last['lut'])} ({_counter(last)})",
        "" if compared is None or compared["lut_ratio"] is None else f"x{compared['lut_ratio']:.2f} ({compared['counted_by']})",
        ABSENT if last is None else count(last["ff"]),
        _latency(row["latency"]),
        _words(row["words"]),
    )


def _worth(figures: Mapping[str, Any], *, signed: bool = False) -> str:
    """Every figure but the areas, one a line; a rate stands in the title."""
    lines = []
    for name, item in figures.items():
        if not name.endswith("AUC"):
            text = with_error(100.0 * item["value"], 100.0 * item["error"])
            lines.append(f"{name.split(' at ')[0]} {'+' if signed and item['value'] > 0 else ''}{text}")
    return "\n".join(lines)


def _counter(count_: Mapping[str, Any]) -> str:
    """Tool and stage; an estimate is called one."""
    return f"{count_['tool']}, {count_['stage']}"


def _latency(latency: Mapping[str, Any] | None) -> str:
    if latency is None:
        return ABSENT
    return f"{latency['cycles']} cycles, {latency['ns']:.1f} ns ({latency['source']})"


def _words(words: Mapping[str, Any] | None) -> str:
    if words is None:
        return ABSENT
    return f"{count(words['compared'])} in each of {words['pairs']} pairs or more, {count(words['different'])} different"


def _note(content: Mapping[str, Any]) -> str:
    """How to read it, and how far the counts can be trusted."""
    seeds = sorted({row["seed"] for row in content["rows"]})
    tools = {(item["tool"], item["stage"]): item["part"] for row in content["rows"] for item in row["counts"]}
    spreads = {name: spread_of(*name) for name in tools}
    known = "; ".join(f"{tool}, {stage}: LUT were {spread}" for (tool, stage), spread in spreads.items() if spread is not None)
    parts = ", ".join(sorted(set(tools.values())))
    return (
        "Errors are the standard deviation of resampled collisions, thresholds derived anew in each; differences are on the same "
        f"crossings or jets, draw by draw. Seed {', '.join(map(str, seeds))} of each training, one a row: another seed gives "
        "other figures. "
        + (f"{known} (part {parts}). " if known else "")
        + "A count that is not Vivado's may move in place and route, and an estimate is no synthesis."
    )
