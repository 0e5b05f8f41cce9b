"""Fits of density ratios."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from offline.unfolding.objects import picked
from offline.unfolding.ratio import regression
from offline.unfolding.ratio.architecture import Architecture
from offline.unfolding.ratio.contrast import Contrast
from offline.unfolding.ratio.embedding import Embedding
from offline.unfolding.ratio.log_ratio import LogRatio
from offline.unfolding.ratio.scaling import Scaling
from offline.unfolding.ratio.settings import RatioSettings
from offline.unfolding.ratio.terms import Terms
from offline.unfolding.sample import BoolArray

__all__ = ["fit_log_ratio"]


def fit_log_ratio(
    contrast: Contrast,
    settings: RatioSettings,
    *,
    seed: int | np.random.SeedSequence,
    start: LogRatio | None = None,
    progress: Progress = SILENT,
) -> LogRatio:
    """Logarithm of the ratio of the two densities of `contrast`.

    The best classifier of the two sides has this logarithm as its logit. A logistic regression on `Terms` is solved
    first, by Newton steps on all events; networks that start from zero learn what it leaves, on the training part; then it is
    solved again with the networks in place, so that its terms and the total are right on all events. Networks that do not lower
    the validation loss are left out. Where events have sets of objects, the networks see them, too (`Embedding`).

    Parameters
    ----------
    contrast : Contrast
        The two samples. Events without weight are dropped.
    settings : RatioSettings
        How.
    seed : int or SeedSequence
        Root of the random numbers: starts of the networks and order of the events. No global state is touched.
    start : LogRatio, optional
        A ratio of the same quantities to start from (warm).
    progress : Progress
        Told about epochs.

    Raises
    ------
    DataError
        If a quantity is constant, no event has an object, or a part of the split has no weight on a side.
    ConfigError
        If `start` is of other quantities or another architecture, or there are objects but no networks to see them.
    """
    rows = contrast.prepared()
    held_out = rows.validation(settings.validation)
    ratio = start or _blank(rows, settings)
    _check_start(ratio, rows, settings)
    rows = replace(rows, values=ratio.scaling(rows.values), objects=ratio.scaled(rows.objects))
    ratio, newton = _solved(replace(ratio, log_total=contrast.log_total, limit=settings.limit), rows)
    record = {
        "events": len(held_out),
        "validation_events": int(held_out.sum()),
        "without_weight": len(contrast.event) - len(held_out),
        "newton_loss": newton,
        "start_loss": _loss(ratio, rows, held_out),
    }
    if settings.hidden:
        trained, learned = _trained(ratio, rows, held_out, settings, rng=np.random.default_rng(seed), progress=progress)
        record |= {"network_loss": _loss(trained, rows, held_out), "network": learned}
        ratio = min(ratio, trained, key=lambda candidate: _loss(candidate, rows, held_out))
    return replace(ratio, record=record)


def _blank(rows: Contrast, settings: RatioSettings) -> LogRatio:
    """A ratio of one everywhere."""
    if rows.objects is not None and not settings.hidden:
        msg = "objects are learned from by networks: give hidden layers, or events.columns_only()"
        raise ConfigError(msg)
    weight = np.abs(rows.numerator) + np.abs(rows.denominator)
    scaling = Scaling.of(rows.values, weight)
    embedding = None if rows.objects is None else Embedding.of(rows.objects, weight, len(settings.objects))
    terms = Terms.of(scaling(rows.values), settings.quadratic, settings.degree)
    return LogRatio(scaling, terms, np.zeros(terms.n), (), 0.0, settings.limit, embedding=embedding)


def _check_start(ratio: LogRatio, rows: Contrast, settings: RatioSettings) -> None:
    dimension = rows.values.shape[1]
    asked = (settings.quadratic, settings.degree)
    if len(ratio.scaling.mean) != dimension or (ratio.terms.quadratic, ratio.terms.degree) != asked:
        has = ratio.terms.quadratic, ratio.terms.degree
        msg = (
            f"the start has {len(ratio.scaling.mean)} quantities and (quadratic, degree) {has}, expected {dimension}, {asked}: "
            "it was made of other quantities or settings"
        )
        raise ConfigError(msg)
    if not ratio.layers:
        return
    sizes = _architecture(ratio, rows, settings).shapes
    shapes = [kernel.shape for kernel, _ in ratio.layers]
    if shapes != sizes:
        msg = f"the start has layers of the shapes {shapes}, the settings ask for {sizes}: they must be the same"
        raise ConfigError(msg)


def _architecture(ratio: LogRatio, rows: Contrast, settings: RatioSettings) -> Architecture:
    """Sizes of the networks."""
    columns = Architecture(rows.values.shape[1], settings.hidden, settings.members)
    if ratio.embedding is None or rows.objects is None:
        return columns
    return replace(columns, slots=rows.objects.valid.shape[1], inputs=ratio.embedding.inputs, objects=settings.objects)


def _solved(ratio: LogRatio, rows: Contrast) -> tuple[LogRatio, list[float]]:
    """`ratio` with its regression solved on all events, around its networks; and the losses on the way."""
    network = ratio.network(rows.values, rows.objects)
    coefficients, losses = regression.fit(ratio.terms, rows, network, ratio.coefficients)
    return replace(ratio, coefficients=coefficients), losses


def _trained(
    ratio: LogRatio,
    rows: Contrast,
    held_out: BoolArray,
    settings: RatioSettings,
    *,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[LogRatio, dict[str, Any]]:
    """`ratio` with networks trained on top of its regression, and how that went."""
    # Keras is asked for only where there is something to train
    from offline.unfolding.ratio.training import train

    architecture = _architecture(ratio, rows, settings)
    ready = replace(ratio, layers=ratio.layers or architecture.initial(rng))
    layers, record = train(ready, rows, held_out, settings, architecture, rng=rng, progress=progress)
    return _solved(replace(ratio, layers=layers), rows)[0], record


def _loss(ratio: LogRatio, rows: Contrast, held_out: BoolArray) -> float:
    """Validation loss per unit of weight."""
    numerator, denominator = rows.numerator[held_out], rows.denominator[held_out]
    free = ratio.free(rows.values[held_out], picked(rows.objects, held_out))
    entropy = regression.cross_entropy(free, numerator, denominator)
    return entropy / float(numerator.sum() + denominator.sum())
