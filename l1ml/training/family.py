"""Families of models: each trains one kind of network from a table of its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

from l1ml.data import Events
from l1ml.errors import ConfigError, nearest
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.config import TrainingConfig
from l1ml.training.result import Training

__all__ = ["DEFAULT_FAMILY", "FAMILIES", "Family", "family_of"]

DEFAULT_FAMILY = "vae"
"""Of a recipe that names none."""

FAMILIES: Mapping[str, str] = {
    "autoencoder": "l1ml.training.autoencoder.family",
    "contrastive": "l1ml.training.contrastive.family",
    "double_autoencoder": "l1ml.training.double.family",
    "hit_filter": "l1ml.training.graph.family",
    "regions": "l1ml.training.regions.family",
    "tagger": "l1ml.training.tagger.family",
    "vae": "l1ml.training.vae.family",
}
"""Module of each family; its ``FAMILY`` is one."""


class Family(Protocol):
    """One kind of network: what its recipe says, and how it is trained."""

    @property
    def name(self) -> str:
        """As ``[model]`` of a recipe calls it."""

    @property
    def config(self) -> type[TrainingConfig]:
        """Dataclass that reads the table ``[training]``."""

    def train(
        self, events: Events, config: Any, *, name: str, progress: Progress = SILENT, checkpoint: Checkpoint | None = None
    ) -> Training:
        """Train the model `name` as `config`, an instance of `config`, says.

        Parameters
        ----------
        events : Events
            Weighted crossings (or what else `sample` of `config` says); the split by identity decides which are trained on.
        config : TrainingConfig
            Of the family's own class.
        name : str
            Name of the model.
        progress : Progress
            Told about epochs.
        checkpoint : Checkpoint, optional
            Receives every epoch; a training that was killed goes on from it, to the same result.

        Raises
        ------
        DataError
            If a part of the split is empty.
        TrainingError
            If the loss is no number any more.
        """


def family_of(name: str) -> Family:
    """The family called `name`.

    Raises
    ------
    ConfigError
        If there is none, naming the nearest one.
    """
    if name not in FAMILIES:
        msg = f"there is no family of models {name!r}; {nearest(name, FAMILIES)}"
        raise ConfigError(msg)
    family: Family = import_module(FAMILIES[name]).FAMILY
    return family
