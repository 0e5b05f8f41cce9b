"""What a student hears beside the classes: the mean of networks in floats that differ in nothing but their seed.

The mean of what several trained networks find likely is closer to the truth than what one of them does, and a student can learn
it as well (G. Hinton, O. Vinyals, J. Dean, arXiv:1503.02531, section 4). The first network is the reference, which stays alone
where accuracies are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.determinism import seed_everything
from l1ml.progress import Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.tagger.config import TaggerConfig
from l1ml.training.tagger.reference import train_reference
from l1ml.training.tagger.sample import JetSample, logits_of

__all__ = ["mean_logits", "teacher_checkpoints", "teacher_seeds", "train_teachers"]

Floats = NDArray[np.floating[Any]]


def teacher_seeds(seed: int, n: int) -> tuple[int, ...]:
    """Seeds of `n` networks; the first is `seed` itself, and none of the others is near that of another training."""
    return (seed, *(int(word) for word in np.random.SeedSequence(seed).generate_state(n - 1)))


def teacher_checkpoints(checkpoint: Checkpoint | None, n: int) -> list[Checkpoint | None]:
    """A file beside `checkpoint` for each of `n` networks."""
    names = ["reference", *(f"teacher_{index}" for index in range(2, n + 1))]
    return [None if checkpoint is None else checkpoint.beside(name) for name in names]


def train_teachers(
    build: Callable[[], Any],
    samples: tuple[JetSample, JetSample],
    config: TaggerConfig,
    progress: Progress,
    checkpoint: Checkpoint | None,
) -> tuple[Any, tuple[Floats, Floats]]:
    """The reference, and logits (n, n_classes) of all teachers together for both of `samples`.

    Parameters
    ----------
    build : callable
        An untrained network in floats.
    samples : pair of JetSample
        Train and validation jets.
    config : TaggerConfig
        Schedule, seed and number of teachers.
    progress : Progress
        Told of each of them.
    checkpoint : Checkpoint, optional
        Each has a file beside it, which is left when all are done.

    Raises
    ------
    TrainingError
        If a loss is no number any more.
    """
    n, networks = config.distillation.teachers, []
    for seed, file in zip(teacher_seeds(config.seed, n), teacher_checkpoints(checkpoint, n), strict=True):
        seed_everything(seed)
        networks.append(train_reference(build(), samples, config.reference, seed=seed, progress=progress, checkpoint=file))
    train, validation = (mean_logits([logits_of(network, sample.words) for network in networks]) for sample in samples)
    return networks[0], (train, validation)


def mean_logits(logits: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Logarithms of the mean of the probabilities that several `logits` (n, n_classes) stand for; one stays as it is.

    Examples
    --------
    >>> likely = mean_logits([np.log([[0.9, 0.1]]), np.log([[0.5, 0.5]])])
    >>> np.exp(likely).round(6).tolist()
    [[0.7, 0.3]]
    """
    if len(logits) == 1:
        return logits[0]
    log_probabilities = [item - np.logaddexp.reduce(item, axis=1, keepdims=True) for item in logits]
    return np.asarray(np.logaddexp.reduce(log_probabilities, axis=0) - np.log(len(logits)), logits[0].dtype)
