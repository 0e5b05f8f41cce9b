"""What report.json holds, put together from the step files of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from l1ml.reporting.firmware_table import synthesis_row
from l1ml.reporting.verdict import Criteria, judge

__all__ = ["report_content"]

FORMAT = "l1ml-report-1"

_BUNCH_SPACING_NS = 25.0


def report_content(name: str, steps: Mapping[str, Mapping[str, Any]], criteria: Criteria | None = None) -> dict[str, Any]:
    """Everything a report says, as plain values.

    Parameters
    ----------
    name : str
        Name of the model.
    steps : mapping of mapping
        Content of the step files, see `l1ml.reporting.run_files.read_run`.
    criteria : Criteria, optional
        What the verdict asks for.
    """
    synthesis, sample = steps["synthesis"], steps["events"].get("sample", "crossings")
    content = {
        "format": FORMAT,
        "model": name,
        "sample": sample,
        "label": _label(steps["events"]),
        "events": {item["process"]: dict(item) for item in steps["events"]["processes"]},
        "training": dict(steps["training"]),
        "conversion": dict(steps["conversion"]),
        "verification": {key: value for key, value in steps["verification"].items() if key != "latency"},
        "latency": _latency(steps["verification"]["latency"]),
        "synthesis": [synthesis_row(row, synthesis["device"]) for row in synthesis["reports"]],
        "cosimulation": [dict(row) for row in synthesis.get("latencies", ())],
        "device": dict(synthesis["device"]),
        **_WORTH[sample](steps),
        "seeds": steps.get("seeds"),
        "run": dict(steps["run"]),
    }
    return {**content, "verdict": judge(content, criteria or Criteria()).to_dict()}


def _label(events: Mapping[str, Any]) -> dict[str, Any]:
    """Energy and pileup of the sample, for the corner of every figure; never guessed where events.json does not say."""
    conditions = events.get("conditions")
    if conditions is None:
        return {"energy_tev": None, "pileup": None, "text": "conditions not recorded"}
    if "text" in conditions:
        return {"energy_tev": None, "pileup": None, "text": conditions["text"]}
    energy, pileup = conditions["energy_gev"] / 1000.0, conditions["pileup"]
    return {"energy_tev": energy, "pileup": pileup, "text": f"{energy:g} TeV, ⟨PU⟩ = {pileup:g}"}


def _latency(latency: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Measured cycles, and what they are in ns and bunch crossings; None if no RTL simulation ran."""
    if latency is None:
        return None
    cycle = latency["clock_ns"]
    times = {"latency_ns": latency["cycles"] * cycle, "interval_ns": latency["interval_cycles"] * cycle}
    return {**latency, **times, "latency_bx": times["latency_ns"] / _BUNCH_SPACING_NS}


def _tagging(steps: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the words of a classifier are worth."""
    digest = steps["tagging"].get("model_digest")
    return {"tagging": dict(steps["tagging"]), "models": {"model": digest} if digest else {}}


def _filtering(steps: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the scores of hits are worth."""
    return {"filtering": dict(steps["filtering"]), "models": {"model": steps["training"].get("model_digest")}}


_FORMER_KINDS = {"anomaly": "crossing_score"}
"""Files of before seeds on scores of objects call the kind so, and ``with_anomaly`` what is ``with_score``."""


def _decision(steps: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The menu's part, keyed by seed and by signal, and what has been evaluated beside it."""
    decision = steps["decision"]
    rates = decision["rates"]
    efficiency = decision["efficiency"]
    return {
        "menu": {row["name"]: {**row, "kind": _FORMER_KINDS.get(row["kind"], row["kind"])} for row in rates["rows"]},
        "menu_settings": {**decision["menu"], "crossing_rate_khz": rates["crossing_rate_khz"]},
        "menu_totals": {
            **{key: rates[key] for key in ("total", "classical")},
            "with_score": rates["with_score" if "with_score" in rates else "with_anomaly"],
        },
        "models": decision.get("models", {}),
        "zero_bias": decision.get("zero_bias", {}),
        "efficiency": {signal: item["algorithms"] for signal, item in efficiency.items()},
        "efficiency_classical": {signal: item["classical"] for signal, item in efficiency.items()},
        "roc": {score: _roc(score, curves, decision) for score, curves in decision["roc"].items()},
        "score_distributions": [_with_thresholds(item, rates["rows"]) for item in decision["score_distributions"]],
        "rate_curves": decision["rate_curves"],
        "turn_ons": decision["turn_ons"],
        "feature_distributions": decision["feature_distributions"],
        "evaluation": steps.get("evaluation"),
        "pileup": steps.get("pileup"),
        "closure": steps.get("closure"),
    }


_WORTH: Mapping[str, Callable[[Mapping[str, Mapping[str, Any]]], dict[str, Any]]] = {
    "crossings": _decision,
    "jets": _tagging,
    "hits": _filtering,
}
"""What is said of a model by the sample that it is trained on."""


def _roc(score: str, curves: Mapping[str, Any], decision: Mapping[str, Any]) -> dict[str, Any]:
    """Curves of one score with the working points of the menu on them."""
    points = [
        {
            "name": row["name"],
            "threshold": row["threshold"][0],
            **{key: row[key] for key in ("rate_khz", "rate_error_khz", "rate_is_upper_limit")},
            "efficiency": {signal: _interval(item["algorithms"][row["name"]]) for signal, item in decision["efficiency"].items()},
        }
        for row in decision["rates"]["rows"]
        if row["score"] == score
    ]
    return {"curves": dict(curves), "working_points": points}


def _interval(row: Mapping[str, Any]) -> dict[str, float]:
    return {key: row[key] for key in ("efficiency", "low", "high")}


def _with_thresholds(item: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    """A score distribution and the threshold words of the menu on its axis."""
    score = item["quantity"].split(" ")[0]
    return {**item, "thresholds": {row["name"]: row["threshold"][0] for row in rows if row["score"] == score}}
