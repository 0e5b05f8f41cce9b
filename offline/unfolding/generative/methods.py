"""Generative methods: learn p(gen | reco) from pairs, then draw truths for every measured event."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.determinism import seed_everything
from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from offline.density.schedule import Training
from offline.unfolding.generative.problem import prepare
from offline.unfolding.generative.quantity import Quantity
from offline.unfolding.method import NO_CHECKPOINT, Checkpoint, check_inputs
from offline.unfolding.ratio import RatioSettings
from offline.unfolding.sample import Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["ConditionalFlow", "FlowMatching", "GenerativeMethod", "TransformerFlowMatching"]


@dataclass(frozen=True, slots=True)
class GenerativeMethod(ABC):
    """What all of them have.

    Parameters
    ----------
    quantities : tuple of Quantity
        Mappings of bounded or integer quantities, by name and at both levels; the others are taken as real.
    samples : int
        Draws for each measured event. A single one adds noise: at smear 3 the mean is known a third as well as from many.
    iterations : int
        1 keeps the truth of the simulation as prior; more take it out step by step (IcINN, arXiv:2212.08674).
    held_out : float
        Share of pairs kept from training, for the loss and the ranks in the record.
    training : Training
        Schedule of the first iteration.
    retraining : Training
        Of each further one, which goes on from the network before.
    ratio : RatioSettings
        How efficiency, share of fakes and the weights of the next prior are learnt.
    """

    quantities: tuple[Quantity, ...] = ()
    samples: int = 1
    iterations: int = 1
    held_out: float = 0.1
    training: Training = field(default_factory=Training)
    retraining: Training = field(default_factory=lambda: Training(updates=500, learning_rate=1e-3))
    ratio: RatioSettings = field(default_factory=RatioSettings)

    def __post_init__(self) -> None:
        if min(self.samples, self.iterations) < 1 or not 0 < self.held_out < 1:
            msg = f"samples and iterations must be at least 1, held_out between 0 and 1, received {self}"
            raise ConfigError(msg)

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the method, as in configuration files."""

    @abstractmethod
    def density(self, n_gen: int, n_reco: int, seed: int) -> Any:
        """The network of p(gen | reco), not yet trained."""

    def fit(
        self,
        mc: Simulation,
        data: Measured,
        *,
        seed: int = 1,
        progress: Progress = SILENT,
        checkpoint: Checkpoint = NO_CHECKPOINT,
    ) -> Unfolded:
        """As `UnfoldingMethod.fit`; the record has losses, ranks and corrections of each iteration.

        Every measured event gets `samples` draws, each with its weight times the probability not to be a fake, over `samples` and
        over the efficiency at the draw: misses come back where the simulation loses them (GenFoldC, arXiv:2509.02708). Draws
        that are less efficient than anything in the simulation take the least efficiency that it has; the record counts them.
        """
        check_inputs(mc, data)
        from offline.density.training import learner_of
        from offline.unfolding.generative.engine import Engine, word  # Keras comes in here

        problem = prepare(mc, data, self.quantities, self.held_out, np.random.default_rng((seed, 0)))
        # before the networks are made: what runs first decides how many threads share a sum
        seed_everything(word(seed, 0))
        engine = Engine(
            problem,
            learner_of(self, len(mc.gen_names), len(mc.reco_names), word(seed, 0)),
            samples=self.samples,
            training=self.training,
            retraining=self.retraining,
            ratio=self.ratio,
            seed=seed,
            progress=progress,
            checkpoint=checkpoint,
        )
        drawn = engine.run(self.iterations)
        return Unfolded(
            method=self.name,
            names=mc.gen_names,
            gen=drawn[-1].gen,
            weight=drawn[-1].weight,
            event=np.repeat(data.event, self.samples),
            record={
                "settings": asdict(self),
                "seed": seed,
                "versions": {name: require(name).__version__ for name in ("keras", "numpy")},
                "backend": require("keras").backend.backend(),
                "iterations": [step.record for step in drawn],
            },
        )


@dataclass(frozen=True, slots=True)
class ConditionalFlow(GenerativeMethod):
    """cINN (arXiv:2006.06685): a conditional coupling flow of bayesflow, trained by likelihood.

    Parameters
    ----------
    depth : int
        Pairs of couplings.
    widths : tuple of int
        Hidden layers of each subnet.
    transform : str
        ``affine``, or ``spline`` (rational-quadratic), which bends more and takes about twice as long.
    bins : int
        Of splines.
    """

    depth: int = 4
    widths: tuple[int, ...] = (64, 64)
    transform: str = "affine"
    bins: int = 8

    def __post_init__(self) -> None:
        super(ConditionalFlow, self).__post_init__()
        if self.transform not in ("affine", "spline"):
            msg = f"transform must be 'affine' or 'spline', received {self.transform!r}"
            raise ConfigError(msg)
        if min((self.depth, self.bins, *self.widths)) < 1:
            msg = f"depth, bins and widths must be positive, received {self}"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """``conditional_flow``."""
        return "conditional_flow"

    def density(self, n_gen: int, n_reco: int, seed: int) -> Any:
        """The coupling flow."""
        from offline.density.networks import CouplingDensity

        return CouplingDensity(
            n_gen, n_reco, depth=self.depth, widths=self.widths, transform=self.transform, bins=self.bins, seed=seed
        )


@dataclass(frozen=True, slots=True)
class FlowMatching(GenerativeMethod):
    """Conditional flow matching (arXiv:2404.18807, sect. 3.3): a velocity field from noise to truth, by a perceptron.

    Parameters
    ----------
    widths : tuple of int
        Hidden layers.
    steps : int
        Steps of the integration from noise to truth, two evaluations each.
    """

    widths: tuple[int, ...] = (64, 64, 64)
    steps: int = 8

    def __post_init__(self) -> None:
        super(FlowMatching, self).__post_init__()
        if min((self.steps, *self.widths)) < 1:
            msg = f"steps and widths must be positive, received {self}"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """``flow_matching``."""
        return "flow_matching"

    def density(self, n_gen: int, n_reco: int, seed: int) -> Any:
        """The velocity field and its integration."""
        from offline.density.networks import VelocityDensity, dense_velocity

        return VelocityDensity(dense_velocity(n_gen, n_reco, self.widths), n_gen, steps=self.steps, seed=seed)


@dataclass(frozen=True, slots=True)
class TransformerFlowMatching(GenerativeMethod):
    """TraCFM (arXiv:2404.18807): flow matching by a transformer, for several objects; a perceptron is faster for one.

    Parameters
    ----------
    gen_objects, reco_objects : int
        Objects at either level, each with the same number of quantities, which stand together: one token each. 0 makes a token of
        every quantity.
    width : int
        Features of a token inside; a multiple of `heads`.
    heads : int
        Of each attention.
    blocks : int
        In encoder and decoder each.
    steps : int
        Steps of the integration from noise to truth, two evaluations each.
    """

    gen_objects: int = 0
    reco_objects: int = 0
    width: int = 32
    heads: int = 4
    blocks: int = 2
    steps: int = 8

    def __post_init__(self) -> None:
        super(TransformerFlowMatching, self).__post_init__()
        if min(self.gen_objects, self.reco_objects) < 0 or min(self.width, self.heads, self.blocks, self.steps) < 1:
            msg = f"objects must not be negative, width, heads, blocks and steps positive, received {self}"
            raise ConfigError(msg)
        if self.width % self.heads:
            msg = f"width must be a multiple of heads, received {self.width} and {self.heads}"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """``transformer_flow_matching``."""
        return "transformer_flow_matching"

    def density(self, n_gen: int, n_reco: int, seed: int) -> Any:
        """The transformer and its integration."""
        from offline.density.networks import VelocityDensity
        from offline.unfolding.generative.transformer import transformer_velocity

        encoder, velocity = transformer_velocity(
            _tokens(n_gen, self.gen_objects),
            _tokens(n_reco, self.reco_objects),
            width=self.width,
            heads=self.heads,
            blocks=self.blocks,
            hidden=2 * self.width,
        )
        return VelocityDensity(velocity, n_gen, steps=self.steps, seed=seed, encoder=encoder)


def _tokens(n_columns: int, objects: int) -> list[list[int]]:
    """Columns of each token."""
    size, rest = divmod(n_columns, objects or n_columns)
    if rest:
        msg = f"{n_columns} quantities cannot be those of {objects} objects with the same number each"
        raise ConfigError(msg)
    return [list(range(start, start + size)) for start in range(0, n_columns, size)]
