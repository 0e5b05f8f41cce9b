"""The table of a leaderboard: one row for each variant of each model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1ml.conversion.spread import spread_of
from l1ml.reporting.formatting import ABSENT, count, with_error
from l1ml.reporting.table import Table

__all__ = ["leaderboard_table"]

_COLUMNS = (
    "model", "variant", "worth [%]", "shipped - it", "LUT", "/ shipped", "FF", "latency", "words",
)  # fmt: skip


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
        _worth(row["figures"], row["model"]) or row["note"] or "; ".join(row["unresolved"].values()) or ABSENT,
        _differences(compared["differences"]) if compared else "",
        ABSENT if last is None else f"{count(last['lut'])}\n{_counter(last)}",
        ""
        if compared is None or compared["lut_ratio"] is None
        else f"x{compared['lut_ratio']:.2f}\n{compared['counted_by'].split()[0]}",
        ABSENT if last is None else count(last["ff"]),
        _latency(row["latency"]),
        _words(row["words"]),
    )


def _worth(figures: Mapping[str, Any], model: str) -> str:
    """Every figure but the areas, one a line, of several scores with their number; a rate stands in the title."""
    chosen = {name: item for name, item in figures.items() if not name.endswith("AUC")}
    return "\n".join(f"{name.removeprefix(f'{model}.').split(' at ')[0]} {_percent(item)}" for name, item in chosen.items())


def _differences(figures: Mapping[str, Any]) -> str:
    """Those of the same figures, in the same order."""
    chosen = [item for name, item in figures.items() if not name.endswith("AUC")]
    return "\n".join(("+" if item["value"] > 0 else "") + _percent(item) for item in chosen)


def _percent(item: Mapping[str, Any]) -> str:
    return with_error(100.0 * item["value"], 100.0 * item["error"])


def _counter(counted: Mapping[str, Any]) -> str:
    """The tool; an estimate is called one."""
    return f"{counted['tool']}\nestimate" if counted["stage"] == "estimate" else str(counted["tool"])


def _latency(latency: Mapping[str, Any] | None) -> str:
    if latency is None:
        return ABSENT
    text = f"{latency['cycles']} cycles\n{latency['ns']:.1f} ns"
    return text if "estimate" not in latency["source"] else f"{text}\nestimate"


def _words(words: Mapping[str, Any] | None) -> str:
    if words is None:
        return ABSENT
    return f"{count(words['compared'])}\nin {words['pairs']} pairs\n{words['different']} differ"


def _note(content: Mapping[str, Any]) -> str:
    """How to read it, and how far the counts can be trusted."""
    seeds = sorted({row["seed"] for row in content["rows"]})
    counts = {(item["tool"], item["version"], item["stage"]): item["part"] for row in content["rows"] for item in row["counts"]}
    sources = dict.fromkeys(row["latency"]["source"] for row in content["rows"] if row["latency"])
    return (
        "Errors are the standard deviation of resampled collisions, thresholds derived anew in each; differences, in points, are "
        f"on the same crossings or jets, draw by draw. Seed {', '.join(map(str, seeds))} of each training, one a row: another "
        f"gives other figures. {''.join(f'{_known(*item)} on {part}. ' for item, part in counts.items())}"
        f"Latency: {'; '.join(sources) or ABSENT}. Words are those of the pair of implementations that saw the fewest. A count "
        "that is not Vivado's may move in place and route, and an estimate is no synthesis."
    )


def _known(tool: str, version: str, stage: str) -> str:
    """A tool, and how far its LUT were from Vivado's where that is known."""
    spread = spread_of(tool, stage)
    return f"{tool} {version}, {stage}" + (f": LUT were {spread}," if spread else "")
