"""The family ``hit_filter``: the graph of the hits, built in firmware, and a network on it that tells tracks from background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import Events
from l1ml.data.hit_words import hits_of_tracks
from l1ml.determinism import seed_everything
from l1ml.errors import ConfigError, DataError
from l1ml.model.graphs import HitGraph
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.delivery import deliver
from l1ml.training.family import Family
from l1ml.training.fitting import Fit
from l1ml.training.graph.config import HitFilterConfig
from l1ml.training.graph.place_network import build_hit_filter
from l1ml.training.result import Training
from l1ml.training.sample import require_schema, split_sample
from l1ml.training.stopwatch import Stopwatch
from l1ml.training.tagger.config import LearnedBitsConfig
from l1ml.training.tagger.layers import LearnedLayers

__all__ = ["FAMILY", "hit_loss", "rejected"]

SCORE = "of each sensor the logit of its hit to be that of a track, 0 without a hit"
_NO_HIT = -1.0

Floats = NDArray[np.floating[Any]]


class _HitFilter:
    """A score for each hit."""

    name = "hit_filter"
    config: type[HitFilterConfig] = HitFilterConfig
    learns_bits = True

    def train(
        self,
        events: Events,
        config: HitFilterConfig,
        *,
        name: str,
        progress: Progress = SILENT,
        checkpoint: Checkpoint | None = None,
    ) -> Training:
        """See `Family.train`.

        Raises
        ------
        SchemaError
            If the events are those of another detector.
        ConfigError
            If bits are not to be learned.
        DataError
            If no network is within the limit of `config`, or a part of the split has no track or no background.
        """
        require_schema(events, config.schema, "the recipe")
        watch, parts = Stopwatch(), split_sample(events, config.fractions)
        network, fit, bit_operations = _learned(parts, config, progress, checkpoint)
        graph = HitGraph.of(config.detector, config.rule)
        figures = {"bit_operations": bit_operations, "possible_edges": graph.n_edges}
        return deliver(network, fit, parts, config, name=name, family=self.name, score=SCORE, watch=watch, figures=figures)


def hit_loss(targets: Any, scores: Any) -> Any:
    """Cross-entropy of the hits of a crossing, (n,): the sum over them by the number of sensors, so that no crossing counts more.

    `targets` (n, n_sensors) are 1 for the hit of a track, 0 for background and negative where nothing is hit.
    """
    ops = require("keras").ops
    is_hit = ops.cast(targets >= 0, "float32")
    return ops.mean(is_hit * (ops.softplus(scores) - targets * scores), axis=-1)


def rejected(kept: float, targets: Floats, scores: Floats) -> float:
    """Share of the background hits below the highest threshold that keeps at least the share `kept` of those of tracks.

    Raises
    ------
    DataError
        If there is no track or no background.
    """
    tracks, background = scores[targets == 1], scores[targets == 0]
    if not tracks.size or not background.size:
        msg = f"a filter needs hits of both kinds, received {tracks.size} of tracks and {background.size} of background"
        raise DataError(msg)
    threshold = np.sort(tracks)[int((1 - kept) * tracks.size)]
    return float((background < threshold).mean())


def _learned(
    parts: Sequence[Events], config: HitFilterConfig, progress: Progress, checkpoint: Checkpoint | None
) -> tuple[Any, Fit, int]:
    """The best filter within the limit, frozen, how it was trained, and its effective bit operations."""
    from l1ml.training.bits import BitsConfig, BitsTask, learn_within

    bits, samples = _bits(config), [_arrays(part) for part in parts[:2]]
    (words, targets), validation = samples
    task = BitsTask(words, targets, validation, hit_loss, partial(rejected, config.kept), _mean_loss)
    shared = {item.name for item in fields(BitsConfig)} & {item.name for item in fields(bits)}
    prices = {name: getattr(bits, name) for name in shared}
    schedule = BitsConfig(config.seed, config.epochs, batch_size=config.batch_size, learning_rate=config.learning_rate, **prices)
    seed_everything(config.seed)
    layers = LearnedLayers(bits.granularity, bits.fractional, bits.rounding)
    network = build_hit_filter(HitGraph.of(config.detector, config.rule), config.hidden, config.time_bits, layers)
    found = learn_within(network, task, schedule, bits.limit, progress=progress, checkpoint=checkpoint)
    return found.network, found.fit, found.bit_operations


def _bits(config: HitFilterConfig) -> LearnedBitsConfig:
    """How bits are learned."""
    if config.bits is None:
        msg = "a filter of hits has learned bits and no others: write [training.bits]"
        raise ConfigError(msg)
    return config.bits


def _arrays(events: Events) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    words = events.features()
    targets = np.where(words > 0, hits_of_tracks(events), _NO_HIT)
    return words.astype(np.float32), targets.astype(np.float32)


def _mean_loss(targets: NDArray[Any], scores: Floats) -> float:
    return float(np.mean(np.asarray(hit_loss(targets, scores))))


FAMILY: Family = _HitFilter()
