"""Whether to build it: stated criteria, what was found, and nothing in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from l1ml.reporting.formatting import percent, rate, with_error

__all__ = ["Criteria", "Criterion", "Verdict", "judge"]


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a model must show before it is worth building.

    Parameters
    ----------
    min_words : int
        Crossings compared for each pair of implementations, of physics and of random words each.
    max_latency_ns : float
        From input to decision; two bunch crossings by default.
    max_interval_ns : float
        Between two inputs; one bunch crossing, or events are lost.
    max_device_percent : float
        Share of any one resource of the device.
    max_relative_error : float
        Of the zero-bias rate of every anomaly seed.
    min_gain_percent : float
        Lower end of the best signal's efficiency on top of the classical seeds, in per cent.
    max_nonclosure_percent : float
        Of a background estimate from two scores: how far N_A N_D / (N_B N_C) may be from one.
    min_jets : int
        As `min_words`, of a classifier of jets.
    max_lost_percent : float
        Accuracy that a classifier of jets may lose to the same network in floats, in points.
    min_hit_crossings : int
        As `min_words`, of a filter of hits.
    min_more_rejected_percent : float
        Background hits, in points, that a filter of hits must reject beyond what a count of neighbours does, where it keeps as
        many hits of tracks.
    """

    min_words: int = 100_000
    max_latency_ns: float = 50.0
    max_interval_ns: float = 25.0
    max_device_percent: float = 10.0
    max_relative_error: float = 0.3
    min_gain_percent: float = 1.0
    max_nonclosure_percent: float = 2.0
    min_jets: int = 50_000
    max_lost_percent: float = 1.0
    min_hit_crossings: int = 50_000
    min_more_rejected_percent: float = 10.0


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question and its answer.

    Parameters
    ----------
    name, requirement, found : str
        What is asked, what would satisfy it, what the run shows.
    passed : bool or None
        None when the run does not say.
    """

    name: str
    requirement: str
    found: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """All criteria and what follows.

    Parameters
    ----------
    criteria : tuple of Criterion
        In the order of the report.
    caveats : tuple of str
        What no criterion covers.
    """

    criteria: tuple[Criterion, ...]
    caveats: tuple[str, ...]

    @property
    def decision(self) -> str:
        """In a word: "build" when every criterion is met, "do not build" when one fails, "undecided" when one is open."""
        answers = [item.passed for item in self.criteria]
        if False in answers:
            return "do not build"
        return "undecided" if None in answers else "build"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "decision": self.decision,
            "criteria": [asdict(item) for item in self.criteria],
            "caveats": list(self.caveats),
        }


def judge(content: Mapping[str, Any], criteria: Criteria) -> Verdict:
    """Verdict on the content of a report; see `l1ml.reporting.content.report_content`."""
    kind = content["sample"]
    fewest = {"crossings": criteria.min_words, "jets": criteria.min_jets, "hits": criteria.min_hit_crossings}[kind]
    answers = (
        _exactness(content["verification"]["pairs"], fewest, "jets" if kind == "jets" else "crossings"),
        _latency(content["latency"], criteria),
        _interval(content["latency"], criteria),
        _resources(content["synthesis"], content["device"], criteria),
        *_clock(content["synthesis"]),
        *_WORTH[content["sample"]](content, criteria),
    )
    return Verdict(answers, tuple(_caveats(content)))


def _decision(content: Mapping[str, Any], criteria: Criteria) -> list[Criterion]:
    answers = [_statistics(content["menu"], criteria), _targets(content["menu"]), _gain(content, criteria)]
    return answers + _closure(content, criteria)


def _closure(content: Mapping[str, Any], criteria: Criteria) -> list[Criterion]:
    """Asked only of two scores; open where the sample is too small to tell, or the error from its pileup is not known."""
    background = (content.get("closure") or content.get("evaluation") or {}).get("background")
    if background is None:
        return []
    limit, rows = criteria.max_nonclosure_percent / 100.0, background["rows"]
    asked = [100.0 * row["asked"] for row in (*rows, *background["unresolved"])]
    requirement = (
        f"N_A N_D / (N_B N_C) within {100 * limit:g} % of one for background efficiencies of {min(asked):g} to {max(asked):g} %"
    )
    found = "; ".join(f"{with_error(row['closure'], row['closure_error'])} at {100 * row['asked']:g} %" for row in rows)
    away = [abs(row["closure"] - 1.0) for row in rows]
    errors = [row["closure_error"] for row in rows]
    whole, passed = all(row.get("pileup_error") is not None for row in rows), None
    found += "" if whole else " (errors without that of the pool of pileup)"
    if any(distance > limit + 2.0 * error for distance, error in zip(away, errors, strict=True)):
        passed = False
    elif not background["unresolved"] and whole and max(*away, *errors) <= limit:
        passed = True
    return [Criterion("Background estimate", requirement, found or "no background efficiency is resolved", passed)]


def _accuracy(content: Mapping[str, Any], criteria: Criteria) -> list[Criterion]:
    requirement = f"accuracy at most {criteria.max_lost_percent:g} point(s) below that of the network in floats"
    reference = content["tagging"]["reference"]
    if reference is None:
        return [Criterion("Accuracy", requirement, "the model names no network in floats", None)]
    lost = with_error(100.0 * reference["loss"], 100.0 * reference["loss_error"])
    found = f"{lost} points below {100.0 * reference['accuracy']:.2f} %, on the same jets"
    return [Criterion("Accuracy", requirement, found, 100.0 * reference["loss"] <= criteria.max_lost_percent)]


def _filtering(content: Mapping[str, Any], criteria: Criteria) -> list[Criterion]:
    """At the threshold that keeps as many hits of tracks as asking for neighbours does; the lower end counts."""
    filtering = content["filtering"]
    instead, alone = filtering["instead"]["background"], filtering["counting"]["background"]
    requirement = f"at least {criteria.min_more_rejected_percent:g} points more background rejected than by counting neighbours"
    kept = 100.0 * filtering["instead"]["signal"]["efficiency"]
    gain = 100.0 * (alone["efficiency"] - instead["high"])
    found = (
        f"{100.0 * (1 - instead['efficiency']):.1f} % for {100.0 * (1 - alone['efficiency']):.1f} % at {kept:.1f} % of the hits "
        f"of tracks: {gain:.1f} points more at the lower end"
    )
    return [Criterion("Background", requirement, found, gain >= criteria.min_more_rejected_percent)]


_WORTH: Mapping[str, Callable[[Mapping[str, Any], Criteria], list[Criterion]]] = {
    "crossings": _decision,
    "jets": _accuracy,
    "hits": _filtering,
}
"""Questions about what a model is worth by the sample that it is trained on."""


def _exactness(pairs: list[Mapping[str, Any]], at_least: int, what: str) -> Criterion:
    different = sum(pair["n_mismatched"] for pair in pairs)
    fewest = min((min(pair["n_physics"], pair["n_random"]) for pair in pairs), default=0)
    requirement = f"no different word in any pair, from at least {at_least:,} physics and random {what} each"
    found = f"{different:,} different words in {len(pairs)} pairs; fewest {what} of a kind: {fewest:,}"
    passed = bool(pairs) and different == 0 and fewest >= at_least
    return Criterion("Exact, bit for bit", requirement, found, passed)


def _latency(latency: Mapping[str, Any] | None, criteria: Criteria) -> Criterion:
    requirement = f"at most {criteria.max_latency_ns:g} ns ({criteria.max_latency_ns / 25:g} bx)"
    if latency is None:
        return Criterion("Latency", requirement, "not measured: no RTL simulation took part", None)
    found = (
        f"{latency['cycles']} cycles of {latency['clock_ns']:.3g} ns = {latency['latency_ns']:.1f} ns "
        f"= {latency['latency_bx']:.2f} bx, measured by {latency['measured_by']}"
    )
    return Criterion("Latency", requirement, found, latency["latency_ns"] <= criteria.max_latency_ns)


def _interval(latency: Mapping[str, Any] | None, criteria: Criteria) -> Criterion:
    requirement = f"a new crossing every {criteria.max_interval_ns:g} ns"
    if latency is None:
        return Criterion("Throughput", requirement, "not measured: no RTL simulation took part", None)
    found = f"initiation interval {latency['interval_cycles']} cycle(s) = {latency['interval_ns']:.3g} ns"
    return Criterion("Throughput", requirement, found, latency["interval_ns"] <= criteria.max_interval_ns)


def _resources(rows: list[Mapping[str, Any]], device: Mapping[str, Any], criteria: Criteria) -> Criterion:
    requirement = f"at most {criteria.max_device_percent:g} % of any resource of {device['part']}"
    shares = [(share, name, row) for row in rows for name, share in row["device_percent"].items()]
    if not shares:
        found = f"what {device['part']} holds is not known here" if rows else "no synthesis report"
        return Criterion("Fits the device", requirement, found, None)
    largest, name, row = max(shares, key=lambda item: item[0])
    found = f"largest share {largest:.2g} % ({row[name]:,} {name.upper()}; {row['label']})"
    return Criterion("Fits the device", requirement, found, largest <= criteria.max_device_percent)


def _clock(rows: list[Mapping[str, Any]]) -> list[Criterion]:
    """Asked only where a routed design has been timed: without one, a caveat says so."""
    timed = [row for row in rows if row["stage"] == "impl" and row.get("meets_clock") is not None]
    if not timed:
        return []
    found = "; ".join(f"WNS {row['slack_ns']:+.3f} ns at {row['clock_ns']:.3f} ns ({row['label']})" for row in timed)
    passed = all(row["meets_clock"] for row in timed)
    return [Criterion("Meets its clock", "no negative slack after routing", found, passed)]


def _anomaly(menu: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in menu.values() if row["kind"] == "crossing_score"]


def _statistics(menu: Mapping[str, Mapping[str, Any]], criteria: Criteria) -> Criterion:
    requirement = f"rate of every anomaly seed known to {100 * criteria.max_relative_error:g} %"
    rows = _anomaly(menu)
    if not rows:
        return Criterion("Enough zero bias", requirement, "the menu has no anomaly seed", None)
    worst = max(rows, key=_relative_error)
    found = f"{worst['name']}: {rate(worst)} kHz from {worst['n_groups']:,} collisions"
    return Criterion("Enough zero bias", requirement, found, _relative_error(worst) <= criteria.max_relative_error)


def _relative_error(row: Mapping[str, Any]) -> float:
    return float(row["rate_error_khz"] / row["rate_khz"]) if row["rate_khz"] > 0 else float("inf")


def _targets(menu: Mapping[str, Mapping[str, Any]]) -> Criterion:
    requirement = "rate of every anomaly seed at or below its target, within two standard deviations"
    rows = [row for row in _anomaly(menu) if row["target_khz"] is not None]
    if not rows:
        return Criterion("Rates", requirement, "no anomaly seed has a target rate", None)
    found = "; ".join(f"{row['name']}: {rate(row)} kHz for {row['target_khz']:g}" for row in rows)
    passed = all(row["rate_khz"] - 2.0 * row["rate_error_khz"] <= row["target_khz"] for row in rows)
    return Criterion("Rates", requirement, found, passed)


def _gain(content: Mapping[str, Any], criteria: Criteria) -> Criterion:
    requirement = f"at least {criteria.min_gain_percent:g} % of one signal that no classical seed keeps (68 % lower end)"
    names = [row["name"] for row in _anomaly(content["menu"])]
    gains = [(seeds[name]["on_top"], signal, name) for signal, seeds in content["efficiency"].items() for name in names]
    if not gains:
        return Criterion("Gain", requirement, "no signal or no anomaly seed", None)
    best, signal, name = max(gains, key=lambda item: item[0]["low"])
    pure = rate(content["menu"][name], "pure_")
    found = f"{signal}: {percent(best)} % by {name}, which adds {pure} kHz to the classical seeds"
    return Criterion("Gain", requirement, found, 100.0 * best["low"] >= criteria.min_gain_percent)


_CROSSING_CAVEATS = (
    "Events are simulated with a parametrised Level-1 response: rates hold for this simulation, not for a detector.",
    "Zero bias has no W or Z bosons.",
    (
        "Thresholds are derived from the crossings that the rates are quoted on, which no training has seen: each stands just "
        "above one of them, so that its rate elsewhere is rather higher than quoted. The errors hold what was near the threshold."
    ),
    "Errors do not see that soft pileup is drawn again and again from a finite pool; it matters most for muons.",
)

_JET_CAVEATS = (
    "Jets are generated, of particles as they leave the collision: no detector, no pileup, one window of pt.",
    "All classes count alike, which no trigger has: a share of the background is that of equally many jets of each other class.",
    "One seed: another one gives another accuracy and another count of logic.",
)


_HIT_CAVEATS = (
    "Hits are those of a toy: circles from the beam in one field, cells without a field of their own, independent background.",
    "Nothing behind the filter was tried: what a track finder gains from it is not known.",
    "One seed: another one gives another share and another count of logic.",
)


def _caveats(content: Mapping[str, Any]) -> list[str]:
    """What a reader has to know that no criterion asks."""
    is_menu = content["sample"] == "crossings"
    caveats = list({"crossings": _CROSSING_CAVEATS, "jets": _JET_CAVEATS, "hits": _HIT_CAVEATS}[content["sample"]])
    stages = {row["stage"] for row in content["synthesis"]}
    if not stages & {"impl"}:
        caveats.append("No place and route ran: that the design meets its clock is not shown, and resource counts may move.")
    if is_menu and not any(row["score"] is None for row in content["menu"].values()):
        caveats.append("The menu has no classical seed: every efficiency on top of them is the efficiency alone.")
    return caveats
