"""Signals made of zero bias itself, to choose an epoch by: no simulated signal is looked at before a model is finished.

Whoever trains on zero bias alone knows no signal; the loss of a reconstruction says how well the common is known, not how far the
rare stands out. These crossings are strange in ways that no process is asked about: two at once, or all energies larger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from l1ml.data import Events
from l1ml.data.schema import ObjectSchema
from l1ml.training.contrastive.augmentation import phi_period
from l1ml.training.fitting import Figure

__all__ = ["STAND_INS", "merged", "rarity", "scaled", "stand_in_figure"]

SCALE = 2.0
"""What every energy of `scaled` is multiplied by."""

Columns = Mapping[str, NDArray[np.int32]]


def merged(events: Events, rng: np.random.Generator) -> Events:
    """Each of `events` with another one on top: the hardest objects of both; sums added, as vectors where they have a phi.

    All crossings are as likely to be the other one, whatever their weight: hard collisions are as frequent as generated.
    """
    other = events.select(_others(events.n, rng))
    collections = {}
    for item in events.schema.objects:
        pair = (events.collections[item.name], other.collections[item.name])
        is_list = item.n_slots > 1 and any(field.name == "pt" for field in item.fields)
        collections[item.name] = _hardest(item, *pair) if is_list else _added(item, *pair)
    return replace(events, collections=collections, masks={})


def scaled(events: Events, rng: np.random.Generator) -> Events:  # noqa: ARG001 - all stand-ins are asked alike
    """`events` with every energy multiplied by `SCALE`, saturating; nothing else changes."""
    collections = {name: dict(columns) for name, columns in events.collections.items()}
    for item in events.schema.objects:
        if (energy := item.energy) is not None:
            words, scale = collections[item.name][energy.column], energy.scale
            larger = np.rint((words - scale.offset) * SCALE) + scale.offset
            there = words > max(scale.offset, 0)
            collections[item.name][energy.column] = np.where(there, np.minimum(larger, scale.max_word), words).astype(np.int32)
    return replace(events, collections=collections)


STAND_INS: Mapping[str, Callable[[Events, np.random.Generator], Events]] = {"merged": merged, "scaled": scaled}
"""By the name that ``stop_on`` of a recipe gives them."""


def stand_in_figure(
    name: str, validation: Events, score: Callable[[NDArray[np.float32]], NDArray[np.floating]], seed: int
) -> Figure | None:
    """What ``stop_on = name`` asks an epoch for: the `rarity` of the stand-in of that name; None of the loss.

    Parameters
    ----------
    name : str
        A key of `STAND_INS`, or "loss".
    validation : Events
        Crossings that are not trained on: the background, and what the stand-in is made of.
    score : callable
        From words (n, n_features) to scores (n,) of the network as it is when it is asked.
    seed : int
        Of the stand-in.
    """
    if name == "loss":
        return None
    strange = STAND_INS[name](validation, np.random.default_rng(seed))
    signal, background = (events.features().astype(np.float32) for events in (strange, validation))
    return Figure(f"rarity of {name}", lambda: rarity(score(signal), score(background), validation.weight))


def rarity(signal: NDArray[np.floating], background: NDArray[np.floating], weight: NDArray[np.float64]) -> float:
    """Mean of -log10 of the share of the background, by `weight`, whose score is at least that of a crossing of the signal.

    It is the area under the curve of efficiency against that logarithm, down to the smallest share that the sample knows: the
    smallest weight. 1 is a signal that a tenth of the background is as strange as.

    Parameters
    ----------
    signal : ndarray, shape (n,)
        Scores.
    background : ndarray, shape (m,)
        Scores.
    weight : ndarray, shape (m,)
        Natural weights, positive.
    """
    order = np.argsort(background, kind="stable")
    above = np.append(np.cumsum(weight[order][::-1])[::-1], 0.0) / weight.sum()
    share = above[np.searchsorted(background[order], signal, side="left")]
    return float(-np.log10(np.maximum(share, weight.min() / weight.sum())).mean())


def _others(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Another row for each of `n`; the same one where there is no other."""
    return np.asarray((np.arange(n) + (rng.integers(1, n, n) if n > 1 else 0)) % n)


def _hardest(item: ObjectSchema, one: Columns, other: Columns) -> Columns:
    """The first slots of both collections, by falling pt; equal ones in their order."""
    both = {field.column: np.concatenate([one[field.column], other[field.column]], axis=1) for field in item.fields}
    order = np.argsort(-both["hw_pt"], axis=1, kind="stable")[:, : item.n_slots]
    return {name: np.take_along_axis(words, order, axis=1) for name, words in both.items()}


def _added(item: ObjectSchema, one: Columns, other: Columns) -> Columns:
    """Slot by slot the sum of energies, saturating; of vectors with pt and phi that of both."""
    names = {field.name for field in item.fields}
    energy = item.energy
    if energy is None:
        return one
    if not {"pt", "phi"} <= names:
        total = np.minimum(one[energy.column] + other[energy.column], energy.scale.max_word)
        return {**one, energy.column: total.astype(np.int32)}
    period = phi_period(item.field("phi").scale)
    turn = 2 * np.pi / period
    vector = sum(columns["hw_pt"] * np.exp(1j * turn * columns["hw_phi"]) for columns in (one, other))
    pt = np.minimum(np.rint(np.abs(vector)), energy.scale.max_word)
    phi = np.where(pt > 0, np.rint(np.angle(vector) / turn) % period, 0)
    return {**one, "hw_pt": pt.astype(np.int32), "hw_phi": phi.astype(np.int32)}
