"""Training of an ensemble in one go, each member with the weights of its best pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from offline.density import Training
from offline.density.training import Learner
from offline.inference.arrays import FloatArray
from offline.inference.networks.best_pass import BestMembers

__all__ = ["EnsembleSettings", "fit_members", "member_seeds"]


class EnsembleSettings(Protocol):
    """What settings of networks say of the training of their members."""

    @property
    def training(self) -> Training:
        """Schedule."""

    @property
    def held_out(self) -> float:
        """Share of the rows that decide which pass was best."""

    @property
    def patience(self) -> int:
        """Passes without a better one after which training stops."""

    @property
    def members(self) -> int:
        """How many."""

    @property
    def bootstrap(self) -> bool:
        """Whether each is trained on another sample."""


def member_seeds(seed: int, members: int) -> list[int]:
    """A seed for each member, whatever the number of them."""
    return [int(np.random.SeedSequence((seed, index)).generate_state(1)[0] >> 1) for index in range(members)]


def fit_members(
    network: Any, inputs: Sequence[FloatArray], settings: EnsembleSettings, seed: int, progress: Progress = SILENT
) -> tuple[Learner, list[dict[str, Any]]]:
    """Train the members of `network`, all on the same batches; the learner with the best weights of each, and how it went.

    Parameters
    ----------
    network : keras.layers.Layer
        Its losses have a column for each member; the last of its inputs is the importance of each row to each member.
    inputs : sequence of ndarray, shapes (n, any)
        The others.
    settings : EnsembleSettings
        Schedule. With bootstraps the importances are Poisson numbers (B. Efron, 1979), of which some are 0.
    seed : int
        Of held-out rows, order and bootstraps.
    progress : Progress
        Told about updates.
    """
    seed_everything(seed)
    learner, rng, size = Learner(network), np.random.default_rng(seed), len(inputs[0])
    order, n = rng.permutation(size), max(1, round(settings.held_out * size))
    held, used = order[:n], order[n:]
    ones = np.ones((size, settings.members))
    importance = rng.poisson(1.0, ones.shape).astype(np.float64) if settings.bootstrap else ones
    best = BestMembers(learner, [*(values[held] for values in inputs), ones[held]], settings.patience, seed)
    rows = [*(values[used] for values in inputs), importance[used]]
    losses = learner.train(rows, np.ones(len(used)), settings.training, seed, progress=progress, enough=best.look)
    learner.load(best.weights)
    return learner, best.records(losses)
