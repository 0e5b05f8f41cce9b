"""The tables of a report about a classifier of jets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1ml.reporting.formatting import ABSENT, count, percent, with_error
from l1ml.reporting.table import Table

__all__ = ["tagging_tables"]


def tagging_tables(content: Mapping[str, Any]) -> list[Table]:
    """Accuracy, classes, thresholds, confusion."""
    tagging = content["tagging"]
    return [_accuracy(tagging), _classes(tagging), _thresholds(tagging), _confusion(tagging)]


def _accuracy(tagging: Mapping[str, Any]) -> Table:
    accuracy, reference = tagging["accuracy"], tagging["reference"]
    rows = [("words of the model", percent(accuracy))]
    if reference is not None:
        hidden = "-".join(str(width) for width in reference["hidden"])
        rows.append((f"the network in floats, {hidden}", f"{100.0 * reference['accuracy']:.2f}"))
        rows.append(("lost to it", with_error(100.0 * reference["loss"], 100.0 * reference["loss_error"])))
    note = (
        f"{accuracy['n_total']:,} test jets whose largest logit is that of their class, with its 68.27 % Clopper-Pearson "
        "interval; jets of one collision are one draw. The error of the difference is that of both networks on the same jets."
    )
    return Table("Accuracy [%]", ("", "accuracy"), tuple(rows), note)


def _classes(tagging: Mapping[str, Any]) -> Table:
    rows = tuple(
        (name, count(sum(row)), with_error(item["area"], item["area_error"]))
        for (name, item), row in zip(tagging["classes"].items(), tagging["confusion"], strict=True)
    )
    note = "Area under the curve of the margin: the logit of the class minus the largest other one, against jets of all others."
    return Table("Classes", ("class", "test jets", "AUC"), rows, note)


def _thresholds(tagging: Mapping[str, Any]) -> Table:
    rows = [
        (
            name,
            f"{100.0 * point['target']:g} % of the {point['wanted']}",
            str(point["threshold"]),
            percent(point["signal"]),
            percent(point["background"]),
            f"{point['background']['n_passed']:,} of {point['background']['n_total']:,}",
        )
        for name, item in tagging["classes"].items()
        for point in item["points"]
    ]
    rows += [
        (name, f"{100.0 * item['target']:g} % of the background", ABSENT, ABSENT, ABSENT, item["reason"])
        for name, entry in tagging["classes"].items()
        for item in entry["unresolved"]
    ]
    columns = ("class", "threshold for", "margin [counts]", "signal kept [%]", "background kept [%]", "background jets")
    note = (
        f"Thresholds are derived on {tagging['n_derived']:,} validation jets and tried on the test jets; errors are those of the "
        "test jets. Background: all other classes, equally many of each."
    )
    return Table("Thresholds", columns, tuple(rows), note)


def _confusion(tagging: Mapping[str, Any]) -> Table:
    names = list(tagging["classes"])
    rows = tuple(
        (name, *(f"{100.0 * number / sum(row):.1f}" for number in row))
        for name, row in zip(names, tagging["confusion"], strict=True)
    )
    return Table("Winning class [%]", ("class", *names), rows, "Rows are the classes that the jets are of.")
