"""The tables of a report, once for Markdown and HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from l1ml.reporting.filtering_tables import filtering_tables
from l1ml.reporting.firmware_table import firmware_table
from l1ml.reporting.formatting import ABSENT, count, percent, rate, seconds
from l1ml.reporting.performance_tables import performance_tables
from l1ml.reporting.seed_table import seed_table
from l1ml.reporting.table import Table
from l1ml.reporting.tagging_tables import tagging_tables

__all__ = ["report_tables"]


def report_tables(content: Mapping[str, Any]) -> list[Table]:
    """All tables of a report, in the order of the page."""
    return [
        *_WORTH[content["sample"]](content),
        *([seed_table(content["seeds"])] if content.get("seeds") else []),
        _verification(content),
        firmware_table(content["synthesis"], content["latency"], content["device"]["part"], content["cosimulation"]),
        _events(content),
        _training(content),
        *_teachers(content),
        _run(content),
        _provenance(content),
    ]


def _decision(content: Mapping[str, Any]) -> list[Table]:
    return [
        _menu(content),
        _totals(content),
        _efficiency(content, "alone", "Signal efficiency [%]"),
        _efficiency(content, "on_top", "Signal efficiency on top of the classical seeds [%]"),
        *performance_tables(content),
    ]


_WORTH: Mapping[str, Callable[[Mapping[str, Any]], list[Table]]] = {
    "crossings": _decision,
    "jets": tagging_tables,
    "hits": filtering_tables,
}
"""Tables of what a model is worth by the sample that it is trained on."""


def _menu(content: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            row["name"],
            _threshold(row),
            " / ".join(str(word) for word in row["threshold"]),
            rate(row),
            ABSENT if row.get("pileup_error_khz") is None else f"{row['pileup_error_khz']:.2g}",
            rate(row, "pure_"),
            count(row["n_events"]),
            count(row["n_groups"]),
        )
        for row in content["menu"].values()
    )
    settings, sample = content["menu_settings"], content["zero_bias"]
    note = (
        f"Zero-bias rates: {settings['n_bunches']} bunches x {settings['f_rev_hz']:g} Hz = "
        f"{settings['crossing_rate_khz']:,.0f} kHz of crossings, from {sample['n_events']:,} weighted crossings around "
        f"{sample['n_groups']:,} collisions ({sample['n_effective']:,.0f} effective). Errors are statistical and count the "
        "copies of one collision once; that of a rate which a threshold was derived for knows what crossings up to twice the "
        f"rate weigh. {_of_pileup(sample.get('n_soft'))} Pure: fired by no other unprescaled seed; working points of one "
        "algorithm do not count against each other."
    )
    columns = ("seed", "threshold", "words", "rate [kHz]", "of its error, pileup", "pure rate [kHz]", "crossings", "collisions")
    return Table("Menu", columns, rows, note)


def _of_pileup(n_soft: int | None) -> str:
    if n_soft is None:
        return "That the same soft collisions are the pileup of many crossings is in no error: their pools were not kept."
    return (
        f"That {n_soft:,} soft collisions are the pileup of all crossings is in the error of a rate, and stands beside it; it is "
        "not in those of pure rates and totals."
    )


def _threshold(row: Mapping[str, Any]) -> str:
    values = " / ".join(f"{value:g}" for value in row["threshold_physical"])
    if not row["threshold"]:
        return f"{row['score']} scores" if row["score"] else "several conditions"
    what = row["collection"] or f"{row['score']} score"
    return f"{what} ≥ {values} {row['unit']}".rstrip()


def _totals(content: Mapping[str, Any]) -> Table:
    totals = content["menu_totals"]
    rows = [("classical seeds", rate(totals["classical"]))]
    rows += [(f"classical seeds and {name}", rate(item)) for name, item in totals["with_score"].items()]
    rows.append(("everything (final OR)", rate(totals["total"])))
    return Table("Total rates", ("menu", "rate [kHz]"), tuple(rows))


def _efficiency(content: Mapping[str, Any], key: str, title: str) -> Table:
    signals = list(content["efficiency"])
    rows = [(name, *(percent(_part(content["efficiency"][signal][name], key)) for signal in signals)) for name in content["menu"]]
    if key == "alone":
        rows.append(("any classical seed", *(percent(content["efficiency_classical"][signal]) for signal in signals)))
    note = {
        "alone": "68.27 % Clopper-Pearson intervals of the effective number of independent crossings.",
        "on_top": "Crossings that the seed keeps and no (other) classical seed does.",
    }[key]
    return Table(title, ("seed", *signals), tuple(rows), note)


def _part(row: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return row if key == "alone" else row[key]


def _verification(content: Mapping[str, Any]) -> Table:
    rows = tuple(
        (pair["a"], pair["b"], *(count(pair[key]) for key in ("n_words", "n_physics", "n_random", "n_mismatched")))
        for pair in content["verification"]["pairs"]
    )
    columns = ("one", "other", "words compared", "physics", "random", "different words")
    return Table("Bit-exactness", columns, rows, "Integer words compared with ==, no tolerance.")


def _events(content: Mapping[str, Any]) -> Table:
    rows = tuple(
        (name, count(item["generated"]), count(item["kept"]), seconds(item["seconds"]), "yes" if item.get("cached") else "no")
        for name, item in content["events"].items()
    )
    return Table("Events", ("process", "generated", "kept", "time", "from cache"), rows)


def _training(content: Mapping[str, Any]) -> Table:
    training = content["training"]
    facts = {"seed": training.get("seed"), "epochs": training.get("epochs"), "epoch kept": training.get("best_epoch")}
    rows = [(name, count(value)) for name, value in facts.items()] + [("time", seconds(training.get("seconds")))]
    rows += [(name, f"{value:.6g}") for name, value in _numbers(training.get("metrics", {})).items()]
    return Table("Training", ("", "value"), tuple(rows))


def _teachers(content: Mapping[str, Any]) -> list[Table]:
    """One table where a student has had several teachers."""
    teachers = content["training"].get("teachers", [])
    rows = tuple(
        (
            str(item["seed"]),
            *(count(item[name]) for name in ("epochs", "best_epoch")),
            *(f"{item[name]:.4g}" for name in ("loss", "val_loss")),
            f"{100 * item['explained']:.1f} %",
            seconds(item["cpu_seconds"]),
        )
        for item in teachers
    )
    columns = ("seed", "epochs", "epoch kept", "loss", "val_loss", "explains", "processor")
    note = (
        "Trained as the recipe says, each with a seed of its own. What they teach is the mean of the logarithms of their scores; "
        "each alone explains so much of its variance on test crossings. The student begins as the first one. Processor: since "
        "the last start."
    )
    return [Table("Teachers", columns, rows, note)] if teachers else []


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if isinstance(value, int | float)}


def _run(content: Mapping[str, Any]) -> Table:
    run = content["run"]
    rows = [(step, seconds(value)) for step, value in run["wall_s"].items()]
    rows.append(("all steps", seconds(sum(run["wall_s"].values()))))
    return Table("Wall time", ("step", "time"), tuple(rows), f"Peak memory {run['peak_memory_mb']:,.0f} MB.")


def _provenance(content: Mapping[str, Any]) -> Table:
    run = content["run"]
    rows = [(f"version of {name}", str(value)) for name, value in run["versions"].items()]
    rows += [(f"digest of {name}", str(value)) for name, value in run["digests"].items()]
    return Table("Provenance", ("", "value"), tuple(rows))
