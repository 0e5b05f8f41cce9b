"""What a recipe says about a tagger."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from l1ml.data import EventSchema
from l1ml.errors import ConfigError, nearest
from l1ml.training.config import TrainingConfig
from l1ml.training.sample_kind import JETS, SampleKind
from l1ml.training.tagger.architecture import architecture_of
from l1ml.training.tagger.distillation import DistillationConfig
from l1ml.training.tagger.mirror_images import has_mirror_images

__all__ = ["CHOSEN_BY", "LearnedBitsConfig", "ReferenceConfig", "TaggerConfig"]

CHOSEN_BY = ("accuracy", "loss")
"""Figures of the validation jets; the loss is that of the training, its teacher included."""


@dataclass(frozen=True, slots=True)
class ReferenceConfig:
    """The same architecture in floats: what every accuracy is compared with, and the teacher of a distillation.

    Parameters
    ----------
    hidden : tuple of int
        Widths of its dense layers.
    embedding : tuple of int
        Widths on every constituent; none are those of the tagger.
    epochs, batch_size, learning_rate : numbers
        Adam, on a cosine; the best epoch on the validation jets counts.

    Raises
    ------
    ConfigError
        If a number is not positive.
    """

    hidden: tuple[int, ...] = (64, 32, 32)
    embedding: tuple[int, ...] = ()
    epochs: int = 40
    batch_size: int = 512
    learning_rate: float = 0.003

    def __post_init__(self) -> None:
        if min(self.epochs, self.batch_size) < 1 or not self.learning_rate > 0:
            received = f"{self.epochs}, {self.batch_size} and {self.learning_rate}"
            msg = f"epochs, batch_size and learning_rate of the reference must be positive, received {received}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class LearnedBitsConfig:
    """Bits learned under a price that rises while the network trains, see `l1ml.training.bits.BitsConfig`.

    Parameters
    ----------
    limit : int
        Effective bit operations of the network that is kept, as it is frozen: the best one within them.
    granularity, fractional, rounding, initializer
        As `l1ml.training.tagger.layers.LearnedLayers`.
    whole_range : bool
        The first quantiser holds every word there can be, not those of the train jets only, and so never saturates.
    chosen_by : str
        One of `CHOSEN_BY`: what the best network is best in, on the validation jets. Of networks that differ by less than these
        jets tell apart, the accuracy chooses the luckiest one, the loss less so.
    warm_up, annealed, first_price, last_price, ramp, bit_price, terms, term_cost, settle_epochs, pruned_stay
        As `l1ml.training.bits.BitsConfig`.

    Raises
    ------
    ConfigError
        If the limit is not positive, or nothing is called `chosen_by`. The other numbers are judged when the training starts.
    """

    limit: int = 2000
    granularity: str = "weight"
    fractional: int = 4
    rounding: str = "even"
    initializer: str = "he_normal"
    whole_range: bool = False
    chosen_by: str = "accuracy"
    warm_up: int = 20
    annealed: bool = False
    first_price: float = 1e-5
    last_price: float = 1e-4
    ramp: float = 1.0
    bit_price: float = 2e-6
    terms: tuple[int, ...] = ()
    term_cost: float = 10.0
    settle_epochs: int = 20
    pruned_stay: bool = False

    def __post_init__(self) -> None:
        if self.limit < 1:
            msg = f"the limit of effective bit operations must be at least 1, received {self.limit}"
            raise ConfigError(msg)
        if self.chosen_by not in CHOSEN_BY:
            msg = f"networks are chosen by accuracy or loss, not by {self.chosen_by!r}; {nearest(self.chosen_by, CHOSEN_BY)}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class TaggerConfig(TrainingConfig):
    """A classifier of jets, trained on generated ones.

    Parameters
    ----------
    architecture : str
        One of `l1ml.training.tagger.architecture.ARCHITECTURES`.
    slots : int
        Constituents, the hardest ones of a jet, for the architectures that read them.
    embedding : tuple of int
        Widths on every constituent; `hidden` are those on their mean.
    mirrored : bool
        Train on the mirror images of the jets, too, four jets for one; an epoch takes four times as long.
    reference : ReferenceConfig
        Float network.
    distillation : DistillationConfig
        Share of the reference in the loss.
    bits : LearnedBitsConfig, optional
        Bits are learned by gradient: `quantisation`, `sparsity`, `pruning_epochs`, `patience` and `stop_on` then do not act (the
        best accuracy within the limit counts). Without the table all formats are those of `quantisation`.

    Raises
    ------
    ConfigError
        If there is no such architecture, it reads nothing that a mirror changes, or a value is out of its range.
    """

    sample: ClassVar[SampleKind] = JETS
    stops_on: ClassVar[tuple[str, ...]] = ("loss", "accuracy")

    architecture: str = "dense"
    slots: int = 16
    embedding: tuple[int, ...] = (32, 32)
    mirrored: bool = False
    reference: ReferenceConfig = field(default_factory=ReferenceConfig)
    distillation: DistillationConfig = field(default_factory=DistillationConfig)
    bits: LearnedBitsConfig | None = None

    def __post_init__(self) -> None:
        TrainingConfig.__post_init__(self)
        widths = (*self.embedding, *self.reference.embedding)
        if min((self.slots, *widths)) < 1:
            msg = f"slots and widths of embedding must be at least 1, received {self.slots} and {list(widths)}"
            raise ConfigError(msg)
        architecture_of(self.architecture)
        if self.mirrored and not has_mirror_images(self.schema):
            msg = f"mirrored: architecture {self.architecture!r} reads {self.schema.name!r}, in which no mirror changes a word"
            raise ConfigError(msg)

    @property
    def of_reference(self) -> TaggerConfig:
        """The same with the widths of the reference on every constituent."""
        return replace(self, embedding=self.reference.embedding or self.embedding)

    @property
    def schema(self) -> EventSchema:
        """Words that the architecture reads."""
        return architecture_of(self.architecture).schema(self)
