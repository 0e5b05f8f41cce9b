"""How thoroughly showers are judged."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from l1ml.errors import ConfigError
from offline.calorimeter.judging.classifier import ClassifierSettings

__all__ = ["JudgingSettings"]


@dataclass(frozen=True, slots=True)
class JudgingSettings:
    """Repeats and sizes; the defaults take some minutes of one core for 10,000 showers of 6480 voxels, voxel classifier aside.

    Parameters
    ----------
    repeats : int
        Random halves of the truth for separation powers and correlations.
    distances : int
        The same for FPD and KPD, which take longest; their batches are cut to it.
    neighbours : int
        The same for precision, recall, density and coverage.
    batches : int
        Batches of each size in an FPD, and of a KPD. The published ones are of 20 and 10.
    nearest : int
        Neighbour that the balls of precision and recall reach to.
    manifold_showers : int
        Most showers of each sample for them: time goes as the square.
    trainings : int
        Of each classifier; 5 judge every shower once. 0 for no classifier.
    floor_trainings : int
        Of each classifier between halves of the truth.
    high, low : ClassifierSettings
        Of the classifier of features, and of the one of voxels.
    voxels : bool
        Whether there is a classifier of voxels.
    worst : int
        Showers that are shown from either end of the weights.

    Raises
    ------
    ConfigError
        If a count is out of its range.
    """

    repeats: int = 20
    distances: int = 5
    neighbours: int = 5
    batches: int = 5
    nearest: int = 5
    manifold_showers: int = 1000
    trainings: int = 5
    floor_trainings: int = 5
    high: ClassifierSettings = field(default_factory=ClassifierSettings)
    low: ClassifierSettings = field(default_factory=lambda: ClassifierSettings(epochs=15, patience=3))
    voxels: bool = True
    worst: int = 4

    def __post_init__(self) -> None:
        if min(self.repeats, self.distances, self.neighbours) < 2:
            msg = f"an error needs two repeats of everything at least, received {self}"
            raise ConfigError(msg)
        if min(self.batches, self.nearest, self.worst) < 1 or min(self.trainings, self.floor_trainings) < 0:
            msg = f"batches, neighbour and worst showers must be positive, trainings not negative, received {self}"
            raise ConfigError(msg)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)
