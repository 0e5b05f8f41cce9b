"""What a recipe says about networks on hits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from l1ml.data import EventSchema
from l1ml.data.hit_words import hits_schema
from l1ml.errors import ConfigError
from l1ml.hardware.detector import Detector, DetectorLayer
from l1ml.model.graphs import EpsilonRule, GraphRule, NearestRule, PatternRule
from l1ml.training.config import QuantisationConfig, TrainingConfig
from l1ml.training.sample_kind import HITS, SampleKind
from l1ml.training.tagger.config import LearnedBitsConfig

__all__ = ["HitFilterConfig", "InteractionConfig"]


@dataclass(frozen=True, slots=True)
class InteractionConfig:
    """A small interaction network: messages along edges, summed at each hit, then one score for each hit.

    Parameters
    ----------
    messages : int
        Words of a message.
    hidden : int
        Words of the hidden layer of each hit.
    rounds : int
        How often messages go out; the second time they carry what the hits have learned from the first.
    time_bits : int
        Width of the drift-time words.
    quantisation : QuantisationConfig
        Number formats; `input` is that of the scaled times, the score leaves in that of the latent words.

    Raises
    ------
    ConfigError
        If a number is not at least 1.
    """

    messages: int = 4
    hidden: int = 8
    rounds: int = 1
    time_bits: int = 5
    quantisation: QuantisationConfig = field(
        default_factory=lambda: QuantisationConfig(
            input_bits=6, input_integer=0, weight_bits=4, weight_integer=1, bias_bits=4, bias_integer=1,
            activation_bits=4, activation_integer=2, latent_bits=8, latent_integer=4,
        )
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name in ("messages", "hidden", "rounds", "time_bits"):
            if getattr(self, name) < 1:
                msg = f"{name} must be at least 1, received {getattr(self, name)}"
                raise ConfigError(msg)


def _sector() -> Detector:
    """30 degrees of eight staggered layers, 48 sensors."""
    return Detector("sector", tuple(DetectorLayer(20.0 + 4 * index, 6, 0.5 * (index % 2)) for index in range(8)), 30.0)


@dataclass(frozen=True, slots=True)
class HitFilterConfig(TrainingConfig):
    """A filter of hits behind a graph builder.

    Its bits are learned: `quantisation`, `sparsity`, `pruning_epochs` and `patience` do not act.

    Parameters
    ----------
    hidden : tuple of int
        Words that a hit has after each round; there are as many rounds.
    detector : Detector
        Formal description of the detector: layers of sensors.
    pattern, epsilon, nearest : rules, optional
        Which hits are neighbours, see `l1ml.model.graphs.rules`; exactly one of them, by default a pattern.
    time_bits : int
        Width of the drift-time words.
    kept : float
        Share of the hits of tracks at which the networks of a training are compared, by the background hits that they reject.
    bits : LearnedBitsConfig, optional
        How bits are learned, and how many effective bit operations all sensors together may take; without, nothing is trained.

    Raises
    ------
    ConfigError
        If there is not one rule, or a value is out of its range.
    """

    sample: ClassVar[SampleKind] = HITS
    stops_on: ClassVar[tuple[str, ...]] = ("rejected",)

    stop_on: str = "rejected"
    hidden: tuple[int, ...] = (8, 8)
    detector: Detector = field(default_factory=_sector)
    pattern: PatternRule | None = None
    epsilon: EpsilonRule | None = None
    nearest: NearestRule | None = None
    time_bits: int = 5
    kept: float = 0.95
    bits: LearnedBitsConfig | None = field(default_factory=LearnedBitsConfig)

    def __post_init__(self) -> None:
        TrainingConfig.__post_init__(self)
        self._check_positive("time_bits")
        if len(self._rules) > 1:
            msg = "pattern, epsilon and nearest are rules of which a graph has one, received more"
            raise ConfigError(msg)
        if not self.hidden or min(self.hidden) < 1 or not 0 < self.kept < 1:
            received = f"hidden {list(self.hidden)}, kept {self.kept}"
            msg = f"hidden needs a width for one round or more, and kept is a share between 0 and 1; received {received}"
            raise ConfigError(msg)

    @property
    def _rules(self) -> list[GraphRule]:
        return [rule for rule in (self.pattern, self.epsilon, self.nearest) if rule is not None]

    @property
    def rule(self) -> GraphRule:
        """The one that there is."""
        return self._rules[0] if self._rules else PatternRule(((1, 0), (1, 1)))

    @property
    def schema(self) -> EventSchema:
        """A drift time for each sensor."""
        return hits_schema(self.detector, self.time_bits)
