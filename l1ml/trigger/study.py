"""Everything a menu does to zero bias and to signals, in one value: what decision.json holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.schema import ObjectSchema
from l1ml.errors import ConfigError, DataError, nearest
from l1ml.hardware.fixed_point import FixedPoint
from l1ml.trigger.algorithm_cut import algorithm_cut
from l1ml.trigger.conditions.columns import Columns, event_collection
from l1ml.trigger.conditions.object_conditions import inside
from l1ml.trigger.conditions.score_conditions import Scores, score_words
from l1ml.trigger.decisions import Decisions, decide
from l1ml.trigger.derived_rates import with_pileup_errors, with_threshold_errors
from l1ml.trigger.distribution import Distribution, object_distribution, score_distribution
from l1ml.trigger.efficiency import SignalEfficiency, signal_efficiency
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.requirements import Window
from l1ml.trigger.performance.pileup_error import PoolDraws
from l1ml.trigger.rates import RateTable, rate_table
from l1ml.trigger.rates.rate_curve import RateCurve, rate_curve
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.roc import RocCurve, roc_curve
from l1ml.trigger.turn_on import TurnOn, turn_on

__all__ = ["TURN_ON_AXES", "ZERO_BIAS", "MenuStudy", "study"]

ZERO_BIAS = "zero_bias"
"""Name of the background process wherever processes are listed."""

TURN_ON_AXES: Mapping[str, tuple[str, tuple[float, ...]]] = {
    "muon": ("gen_muon_pt", (1, 5, 10, 14, 17, 19, 21, 23, 25, 28, 32, 40, 60, 100)),
    "egamma": ("gen_egamma_pt", (1, 10, 15, 20, 24, 28, 32, 36, 40, 45, 50, 60, 80, 120)),
    "jet": ("gen_jet_pt", (20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 250, 300, 400)),
    "etmhf": ("gen_met", (1, 20, 40, 60, 80, 100, 120, 140, 160, 200, 250, 350)),
    "": ("gen_ht", (30, 60, 90, 120, 150, 200, 250, 300, 350, 400, 500, 600, 800)),
}
"""For each collection the generator quantity and bin edges in GeV of its turn-on curves, HT without one; a score has all."""


@dataclass(frozen=True, eq=False, slots=True)
class MenuStudy:
    """Rates, efficiencies and curves of one resolved menu.

    Parameters
    ----------
    menu : Menu
        The menu.
    models : mapping of str to str
        Digest of the model behind each score.
    sample : WeightedSample
        The zero-bias crossings.
    rates : RateTable
        Of the zero-bias sample; at thresholds with a target rate, with the error of the threshold.
    efficiencies : tuple of SignalEfficiency
        One for each signal.
    rocs : mapping of str to tuple of RocCurve
        For each score, one curve for each signal.
    rate_curves : tuple of RateCurve
        Of each score and of the leading pt of each collection.
    turn_ons : tuple of TurnOn
        Of each algorithm on each signal that reaches its generator quantity; of a score in all quantities.
    scores : tuple of Distribution
        Score words of all processes.
    features : tuple of Distribution
        pt, eta and phi of the objects of all processes.
    n_soft : int or None
        Soft collisions in the pool of the pileup, if the errors of rates know of it.
    """

    menu: Menu
    models: Mapping[str, str]
    sample: WeightedSample
    rates: RateTable
    efficiencies: tuple[SignalEfficiency, ...]
    rocs: Mapping[str, tuple[RocCurve, ...]]
    rate_curves: tuple[RateCurve, ...]
    turn_ons: tuple[TurnOn, ...]
    scores: tuple[Distribution, ...]
    features: tuple[Distribution, ...]
    n_soft: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: the content of decision.json."""
        return {
            "menu": {"name": self.menu.name, "version": self.menu.information.version, **asdict(self.menu.rates)},
            "models": dict(self.models),
            "zero_bias": {
                "n_events": int(self.sample.weight.size),
                "n_groups": self.sample.n_draws,
                "n_effective": self.sample.n_effective,
                **({} if self.n_soft is None else {"n_soft": self.n_soft}),
            },
            "rates": self.rates.to_dict(),
            "efficiency": {item.signal: item.to_dict() for item in self.efficiencies},
            "roc": {score: {curve.signal: curve.to_dict() for curve in curves} for score, curves in self.rocs.items()},
            "rate_curves": [curve.to_dict() for curve in self.rate_curves],
            "turn_ons": [curve.to_dict() for curve in self.turn_ons],
            "score_distributions": [item.to_dict() for item in self.scores],
            "feature_distributions": [item.to_dict() for item in self.features],
        }


def study(
    menu: Menu,
    zero_bias: Events,
    signals: Mapping[str, Events],
    scores: Mapping[str, Scores],
    models: Mapping[str, str],
    *,
    score_formats: Mapping[str, FixedPoint] | None = None,
    pileup: PoolDraws | None = None,
) -> MenuStudy:
    """Run `menu` over zero bias and signals.

    Parameters
    ----------
    menu : Menu
        With every threshold resolved.
    zero_bias : Events
        Weighted background crossings.
    signals : mapping of str to Events
        Equally weighted crossings of each signal.
    scores : mapping of mapping of ndarray of integers, shape (n,) or, of objects, (n, slots)
        ``scores[process][score]``: score words of each process, "zero_bias" among them.
    models : mapping of str to str
        Digest of the model behind each network.
    score_formats : mapping of str to FixedPoint, optional
        Number format of each score word.
    pileup : PoolDraws, optional
        Of the zero-bias crossings: the errors of rates then know of it.

    Raises
    ------
    ConfigError
        If a threshold is unresolved or belongs to another model: raised before anything is evaluated.
    DataError
        If scores are missing or of the wrong length, or a sample is empty.
    """
    _check_menu(menu, models)
    processes = {ZERO_BIAS: zero_bias, **signals}
    words = {name: _scores_of(name, events, menu, scores) for name, events in processes.items()}
    sample = WeightedSample.of(zero_bias)
    formats = score_formats or {}
    decisions = {name: _decided(menu, events, {**scores.get(name, {}), **words[name]}) for name, events in processes.items()}
    table = rate_table(menu, decisions[ZERO_BIAS], sample, formats)
    rates = with_threshold_errors(table, decisions[ZERO_BIAS], words[ZERO_BIAS], sample)
    rates = with_pileup_errors(rates, decisions[ZERO_BIAS], sample, pileup) if pileup else rates
    score_curves = {name: _score_curve(name, words[ZERO_BIAS], sample, menu, formats) for name in menu.scores}
    return MenuStudy(
        menu,
        models,
        sample,
        rates,
        tuple(signal_efficiency(name, menu, decisions[name], events) for name, events in signals.items()),
        {name: _rocs(name, curve, words, processes, sample=sample, menu=menu) for name, curve in score_curves.items()},
        (*score_curves.values(), *_object_curves(menu, zero_bias, sample)),
        tuple(curve for name, events in signals.items() for curve in _turn_ons(name, menu, decisions[name], events)),
        tuple(score_distribution(name, {key: words[key][name] for key in words}, processes) for name in menu.scores),
        tuple(_features(processes)),
        pileup.n_soft if pileup else None,
    )


def _check_menu(menu: Menu, models: Mapping[str, str]) -> None:
    if menu.unresolved:
        msg = f"thresholds of {', '.join(menu.unresolved)} are not derived yet; run `l1ml menu rates`"
        raise ConfigError(msg)
    missing = [network for network in menu.networks_cut_on if network not in models]
    if missing:
        msg = f"menu {menu.name!r} cuts on the score of {missing[0]!r}; {nearest(missing[0], models)}"
        raise ConfigError(msg)
    menu.check_networks(models)


def _decided(menu: Menu, events: Events, scores: Scores) -> Decisions:
    """Decisions on events, none of them missing.

    Raises
    ------
    DataError
        If the events lack what an algorithm cuts on.
    """
    decisions = decide(menu, Columns.of_events(events), scores)
    for name, reason in decisions.unsupported.items():
        msg = f"{name} cannot be decided on these events: {reason}"
        raise DataError(msg)
    return decisions


def _scores_of(process: str, events: Events, menu: Menu, scores: Mapping[str, Scores]) -> dict[str, NDArray[np.int64]]:
    """Checked score words of one process."""
    if events.n == 0:
        msg = f"{process} holds no crossings; generate some with `l1ml data generate`"
        raise DataError(msg)
    return {name: score_words(name, scores.get(process, {}), events.n) for name in menu.scores}


def _score_curve(
    name: str,
    words: Mapping[str, NDArray[np.int64]],
    sample: WeightedSample,
    menu: Menu,
    formats: Mapping[str, FixedPoint],
) -> RateCurve:
    lsb = formats[name].lsb if name in formats else 1.0
    return rate_curve(f"{name} score", words[name], sample, menu.rates.khz, lsb=lsb)


def _rocs(
    score: str,
    curve: RateCurve,
    words: Mapping[str, Mapping[str, NDArray[np.int64]]],
    processes: Mapping[str, Events],
    *,
    sample: WeightedSample,
    menu: Menu,
) -> tuple[RocCurve, ...]:
    background = words[ZERO_BIAS][score]
    return tuple(
        roc_curve(
            name,
            curve,
            words=columns[score],
            group=processes[name].group,
            zero_bias_words=background,
            zero_bias=sample,
            crossing_rate_khz=menu.rates.khz,
        )
        for name, columns in words.items()
        if name != ZERO_BIAS
    )


def _object_curves(menu: Menu, events: Events, sample: WeightedSample) -> list[RateCurve]:
    """Rate against the leading pt of each collection, inside the eta window of the menu's single-object algorithm."""
    curves = []
    for schema in events.schema.objects:
        if "hw_pt" not in schema.columns:
            continue
        window = _window(menu, event_collection(schema.name))
        words = events.collections[schema.name]["hw_pt"].astype(np.int64)
        if window is not None:
            words = np.where(inside(events.collections[schema.name]["hw_eta"], (window,)), words, 0)
        scale = schema.field("pt").scale
        leading = "leading " if schema.n_slots > 1 else ""
        label = f"{leading}{schema.name} pt" + _eta_label(schema, window)
        options = {"lsb": scale.lsb, "offset": scale.offset, "unit": scale.unit}
        curves.append(_positive_curve(label, words.max(axis=1), sample, menu, options))
    return curves


def _eta_label(schema: ObjectSchema, window: Window | None) -> str:
    """What the window says in physical units."""
    if window is None or window.maximum is None:
        return ""
    low, high = (float(value) for value in schema.field("eta").scale.to_physical([window.minimum, window.maximum]))
    return f", |eta| <= {high:.3g}" if low == -high else f", eta {low:.3g} to {high:.3g}"


def _positive_curve(
    label: str, words: NDArray[np.int64], sample: WeightedSample, menu: Menu, options: Mapping[str, Any]
) -> RateCurve:
    """Rate curve of the words above zero, which stands for "no object" and is no threshold."""
    return rate_curve(label, np.maximum(words, 1), sample, menu.rates.khz, **options)


def _window(menu: Menu, collection: str) -> Window | None:
    """Eta window of the menu's algorithm on one object of `collection`."""
    for algorithm in menu.algorithms:
        cut = algorithm_cut(menu, algorithm)
        if cut.collection == collection and len(cut.words) == 1:
            return cut.eta
    return None


def _turn_ons(signal: str, menu: Menu, decisions: Decisions, events: Events) -> list[TurnOn]:
    """Turn-on of each algorithm in the generator quantity of its objects, if the signal reaches it; of a score in every one."""
    curves = []
    for algorithm in menu.algorithms:
        cut = algorithm_cut(menu, algorithm)
        if not cut.words:
            continue
        axes = TURN_ON_AXES.values() if cut.score else [TURN_ON_AXES[cut.collection]] if cut.collection in TURN_ON_AXES else []
        for variable, edges in axes:
            values = events.truth.get(variable)
            if values is not None and bool((values >= edges[0]).any()):
                fired = decisions[algorithm.name]
                curves.append(turn_on(signal, events, algorithm.name, fired, variable=variable, edges=edges))
    return curves


def _features(processes: Mapping[str, Events]) -> list[Distribution]:
    """Distributions of every field that varies."""
    schema = processes[ZERO_BIAS].schema
    return [
        object_distribution(item.name, field.name, processes, field.scale)
        for item in schema.objects
        for field in item.fields
        if field.scale.min_word < 0 or field.scale.max_word > 1
    ]
