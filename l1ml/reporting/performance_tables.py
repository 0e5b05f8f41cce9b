"""Tables of what a score is worth: working points, stability, and the inputs that drive the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from l1ml.reporting.formatting import ABSENT, count, percent, rate, with_error
from l1ml.reporting.table import Table

__all__ = ["driving_inputs", "performance_tables", "stability_rows"]

_SHOWN = 8
"""Objects, and words, of those that matter most."""


def performance_tables(content: Mapping[str, Any]) -> list[Table]:
    """Tables of a report's ``evaluation``, ``pileup`` and ``closure``; none where the model has not been evaluated."""
    evaluation, pileup, closure = content.get("evaluation"), content.get("pileup"), content.get("closure")
    if not evaluation:
        return []
    tables = []
    for name, score in evaluation["scores"].items():
        what = f" of {name}" if len(evaluation["scores"]) > 1 else ""
        tables += [_rates(what, score), _efficiencies(what, score, evaluation["classical"])]
        tables += _stability(what, score, stability_rows(content, name), pileup)
        tables += _importance(what, score)
    tables += [_background(evaluation["background"])] if "background" in evaluation else []
    return tables + ([_background(closure["background"], closure["zero_bias"]), _shifts(closure["shifts"])] if closure else [])


def stability_rows(content: Mapping[str, Any], score: str) -> list[Mapping[str, Any]]:
    """Every change of conditions that `score` was tried under, at every working point."""
    pileup = content.get("pileup") or {"scores": {}}
    return [*content["evaluation"]["scores"][score]["energy_scale"], *pileup["scores"].get(score, [])]


def _rates(what: str, score: Mapping[str, Any]) -> Table:
    rows: list[tuple[str, ...]] = [
        (
            f"{point['target_khz']:g}",
            f"{point['threshold']}",
            f"{point['threshold_low']} to {point['threshold_high']}",
            rate(point),
            rate(point, "pure_"),
            count(point["n_events"]),
            count(point["n_groups"]),
            count(point["n_effective"]),
        )
        for point in score["working_points"]
    ]
    rows += [(f"{item['target_khz']:g}", "not resolved", *[ABSENT] * 6) for item in score["unresolved"]]
    note = (
        "Smallest score word whose zero-bias rate is at most that asked for, and its 68.27 % interval. The error of a rate knows "
        "what crossings up to twice the rate weigh: the threshold stands just above one. Pure: fired by no classical seed. "
        "Behind each rate: crossings, the collisions that they are made around, and the equivalent number of equally weighted, "
        "independent crossings."
    )
    reasons = "".join(f" {item['reason'][0].upper()}{item['reason'][1:]}." for item in score["unresolved"])
    columns = ("asked for [kHz]", "word", "interval", "rate [kHz]", "pure rate [kHz]", "crossings", "collisions", "effective")
    return Table(f"Working points{what}", columns, tuple(rows), note + reasons)


def _efficiencies(what: str, score: Mapping[str, Any], classical: Mapping[str, Any]) -> Table:
    points = score["working_points"]
    rows = []
    for name, area in score["areas"].items():
        signals = [point["signals"][name] for point in points]
        rows.append((name, with_error(area["area"], area["error"]), *(_efficiency(item) for item in signals)))
        rows.append((f"{name}, pure", "", *(percent(item["on_top"]) for item in signals)))
    note = (
        "Signal efficiency (true-positive rate) at each zero-bias rate: 68.27 % Clopper-Pearson interval of the signal, and in "
        "brackets what the interval of the threshold adds, the error of finite zero bias. Pure: kept by none of "
        f"{len(classical['seeds'])} unprescaled classical seeds of {classical['menu']}. AUC: area under the ROC curve, which a "
        "trigger does not see."
    )
    if classical["undecided"]:
        note += f" {len(classical['undecided'])} more seeds cannot be decided on these events: what is pure is an upper bound."
    columns = ("signal", "AUC", *(f"{point['target_khz']:g} kHz" for point in points))
    return Table(f"Efficiency at the working points{what} [%]", columns, tuple(rows), note)


def _efficiency(point: Mapping[str, Any]) -> str:
    """The efficiency, its binomial interval, and how far the interval of the threshold reaches."""
    up, down = (100.0 * abs(point[key] - point["efficiency"]) for key in ("threshold_high", "threshold_low"))
    return f"{percent(point)} (+{up:.2f} -{down:.2f})"


def _stability(
    what: str, score: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], pileup: Mapping[str, Any] | None
) -> list[Table]:
    reference = score["reference_khz"]
    if reference is None:
        return []
    signals = list(score["areas"])
    cells = tuple(
        (
            row["conditions"],
            rate(row),
            ratio(row["ratio"]),
            count(row["n_events"]),
            *(ratio(row["signals"][name]["ratio"]) for name in signals),
        )
        for row in rows
        if row["target_khz"] == reference
    )
    note = (
        f"The threshold of {reference:g} kHz, unchanged, under other conditions: ratios to the rate and efficiencies that it was "
        "derived for, with errors that count once what both have in common. Scales shift the pt words of the objects, truncated "
        "and saturated as on the link."
    )
    if pileup:
        note += (
            f" Pileup: samples of {pileup['scale']:g} times the recipe's size around the same hard collisions, thresholds from "
            f"pileup {pileup['derived_at']:g}; pedestals of the towers follow the pileup."
        )
        if pileup["control"] is not None:
            note += (
                " The control is a new sample of the recipe's own pileup, and what the ratios of other pileups are to: a "
                "threshold stands just above a crossing of the sample that it was derived from, so that its rate there is low."
            )
    columns = ("conditions", "rate [kHz]", "rate ratio", "crossings", *(f"{name} ratio" for name in signals))
    return [Table(f"Stability{what} at {reference:g} kHz", columns, cells, note)]


def ratio(item: Mapping[str, float | None]) -> str:
    """A ratio with its error; absent where nothing passed before.

    Examples
    --------
    >>> ratio({"value": 1.2346, "error": 0.021}), ratio({"value": None, "error": None})
    ('1.235 ± 0.021', 'n/a')
    """
    value, error = item["value"], item["error"]
    return ABSENT if value is None or error is None else with_error(value, error)


def driving_inputs(importance: Sequence[Mapping[str, Any]], change: str, most: int) -> list[Mapping[str, Any]]:
    """The `most` entries of one `change` whose absence changes any process most, the strongest first."""
    chosen = [item for item in importance if item["change"] == change]
    return sorted(chosen, key=_strength, reverse=True)[:most]


def _strength(item: Mapping[str, Any]) -> float:
    return max((abs(1.0 - kept["value"]) for kept in item["kept"].values() if kept["value"] is not None), default=0.0)


def _importance(what: str, score: Mapping[str, Any]) -> list[Table]:
    if not score["importance"]:
        return []
    chosen = [item for change in ("removed", "permuted") for item in driving_inputs(score["importance"], change, _SHOWN)]
    processes = list(chosen[0]["kept"])
    rows = tuple((f"{item['name']} {item['change']}", *(ratio(item["kept"][name]) for name in processes)) for item in chosen)
    note = (
        f"Share of the decisions at {score['reference_khz']:g} kHz that is left when objects are removed (their words zero), or "
        f"when a word is that of another crossing of the process; of both the {_SHOWN} that matter most. Above one: without it, "
        "more crossings reach the threshold."
    )
    return [Table(f"What drives the decision{what}", ("input", *processes), rows, note)]


def _background(background: Mapping[str, Any], sample: Mapping[str, Any] | None = None) -> Table:
    """The closure test of two scores, on the crossings that rates are from or on a `sample` of its own."""
    one, other = background["scores"]
    signals = list(background["rows"][0]["signals"]) if background["rows"] else []
    rows = tuple(
        (
            f"{100 * row['asked']:g}",
            f"{100 * row['efficiency']:.2f}",
            " / ".join(map(str, row["thresholds"])),
            " / ".join(count(number) for number in row["crossings"]),
            with_error(row["closure"], row["closure_error"]),
            *((_pileup(row),) if sample else ()),
            *(_with_signal(row["signals"][name]) for name in signals),
        )
        for row in background["rows"]
    )
    note = (
        f"A: crossings at or above a threshold on {one} and one on {other}, each of which passes the root of the efficiency "
        "asked for; B, C: one of them alone; D: neither. Closure: N_A N_D / (N_B N_C) of weighted zero bias, one where the "
        f"scores are independent; its error counts the copies of one collision once. {_pool(sample)} Of each signal the share in "
        f"A, and the factor by which it raises the estimate N_B N_C / N_D where {100 * background['signal_fraction']:g} % of the "
        "crossings are signal."
    )
    areas = [f"{name} {with_error(item['value'], item['error'])}" for name, item in background["areas"].items()]
    note += f" Area under the curve of A, both thresholds passing equal shares: {', '.join(areas)}." if areas else ""
    note += "".join(f" Of {name} alone: {_areas(found)}." for name, found in background.get("alone", {}).items() if found)
    if sample:
        counts = f"{count(sample['n_events'])} weighted crossings around {count(sample['n_groups'])} collisions"
        note += f" Zero bias generated for this test alone: {counts} ({count(sample['n_effective'])} effective)."
    note += "".join(f" At {100 * item['asked']:g} %: {item['reason']}." for item in background["unresolved"])
    columns = (
        "asked for [%]",
        "in A [%]",
        "words",
        "crossings in A / B / C / D",
        "closure",
        *(("error by pileup",) if sample else ()),
        *(f"{name} [%]" for name in signals),
    )
    title = "Background estimate from both scores"
    return Table(f"{title}, tested on more zero bias" if sample else title, columns, rows, note)


def _pool(sample: Mapping[str, Any] | None) -> str:
    """What the errors of a closure make of pileup that is drawn again and again from one pool."""
    if not sample or "n_soft" not in sample:
        return "It does not see that pileup is drawn again and again from one pool, which may be the larger part."
    return f"It sees that all pileup is of {count(sample['n_soft'])} soft collisions and of the hard ones, by the part beside it."


def _pileup(row: Mapping[str, Any]) -> str:
    """The part of the error of a closure that is in no count of crossings."""
    error = row.get("pileup_error")
    return ABSENT if error is None else f"{error:.3f}"


def _areas(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {area:.3f}" for name, area in found.items())


def _shifts(shifts: Sequence[Mapping[str, Any]]) -> Table:
    """What becomes of the estimate where the background is not what the scores were made independent for."""
    rows = tuple(
        (
            row["condition"],
            f"{100 * row['asked']:g}",
            f"{row['in_a_ratio']:.3f}",
            f"{row['estimate_ratio']:.3f}",
            with_error(row["closure"], row["closure_error"]),
        )
        for row in shifts
    )
    note = (
        "The same crossings with shifted pt words, at the thresholds of the table above. Scores that are made independent close "
        "under their own conditions even where one of them is noise; here the estimate is worth as much as it follows A. Errors "
        "here do not see the pool of pileup."
    )
    columns = ("conditions", "asked for [%]", "A over A before", "estimate over estimate before", "closure")
    return Table("Background estimate under other conditions", columns, rows, note)


def _with_signal(item: Mapping[str, float]) -> str:
    return f"{100 * item['efficiency']:.2f} (x {item['estimate_ratio']:.3f})"
