"""How a diffusion is trained, drawn from and distilled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from l1ml.errors import ConfigError, nearest
from offline.calorimeter.generators.diffusion.noise import Noise
from offline.calorimeter.generators.diffusion.samplers import check_sampler
from offline.calorimeter.generators.diffusion.schedules import noise_from
from offline.calorimeter.generators.settings import Schedule
from offline.density import Training

__all__ = ["TAUGHT", "DiffusionSettings", "DistillationSettings", "Drawing", "distillation"]

TAUGHT = ("progressive", "consistency")
"""Ways of a distillation."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How data are made of noise.

    Parameters
    ----------
    sampler : str
        One of `offline.calorimeter.generators.diffusion.samplers.SAMPLERS`.
    steps : int
        Times from noise to data.
    taught : str
        The distillation that the network has been through, or nothing: ``progressive`` leaves one number of steps,
        ``consistency`` one sampler.

    Raises
    ------
    ConfigError
        If there is no such sampler or no step.
    """

    sampler: str = "heun"
    steps: int = 32
    taught: str = ""

    def __post_init__(self) -> None:
        check_sampler(self.sampler)
        if self.steps < 1:
            msg = f"a drawing takes one step or more, received {self.steps}"
            raise ConfigError(msg)

    def changed(self, sampler: str | None, steps: int | None) -> Self:
        """The same with what is given.

        Raises
        ------
        ConfigError
            If the network has been distilled for another one.
        """
        made = replace(self, sampler=sampler or self.sampler, steps=self.steps if steps is None else steps)
        if self.taught == "progressive" and made != self:
            msg = (
                f"this generator was distilled to {self.steps} steps of {self.sampler} and knows no others: draw from its teacher"
            )
            raise ConfigError(msg)
        if self.taught == "consistency" and made.sampler != self.sampler:
            msg = f"this generator was distilled to be consistent and knows no other sampler than {self.sampler}"
            raise ConfigError(msg)
        return made


@dataclass(frozen=True, slots=True)
class DiffusionSettings:
    """Settings of a `Diffusion`.

    Parameters
    ----------
    noise : str
        One of `offline.calorimeter.generators.diffusion.schedules.NOISES`.
    noise_numbers : mapping
        Its parameters; those that are left out have their defaults.
    widths : tuple of int
        Channels of each level of the network, the finest first; going down a level halves the layers.
    blocks : int
        Of each level.
    training : Training
        Of the network.
    drawing : Drawing
        What the generator does unless told otherwise.
    flow : Schedule
        The flow of layers.
    steps : int
        Of the integration of that flow.
    held_out : float
        Share of the showers that are not learnt from, in (0, 0.5].
    seed : int
        Root of the random numbers.

    Raises
    ------
    ConfigError
        If a number is none.
    """

    noise: str = "edm"
    noise_numbers: Mapping[str, float] = field(default_factory=dict)
    widths: tuple[int, ...] = (32, 48)
    blocks: int = 1
    training: Training = field(default_factory=lambda: Training(updates=10_000, batch_size=128, learning_rate=1e-3))
    drawing: Drawing = field(default_factory=Drawing)
    flow: Schedule = field(default_factory=lambda: Schedule((128, 128), 20, 500))
    steps: int = 8
    held_out: float = 0.1
    seed: int = 1

    def __post_init__(self) -> None:
        noise_from(self.noise, self.noise_numbers)
        if self.steps < 1 or not 0 < self.held_out <= 0.5 or not 0 <= self.seed < 2**31:
            msg = (
                "a flow has one step or more, held_out is in (0, 0.5] and a seed has 31 bits, received "
                f"{self.steps}, {self.held_out} and {self.seed}"
            )
            raise ConfigError(msg)

    def schedule(self) -> Noise:
        """The noise."""
        return noise_from(self.noise, self.noise_numbers)


@dataclass(frozen=True, slots=True)
class DistillationSettings:
    """How a generator learns to draw in fewer steps.

    Parameters
    ----------
    way : str
        ``progressive`` (arXiv:2202.00512) or ``consistency`` (arXiv:2303.01469).
    steps : int
        Those to arrive at: for the first way half, a quarter ... of the teacher's.
    levels : int
        Times between which a consistent network is taught.
    training : Training
        Of each halving, or of the consistent network.
    seed : int
        Root of the random numbers.

    Raises
    ------
    ConfigError
        If there is no such way, or a number is none.
    """

    way: str = "progressive"
    steps: int = 1
    levels: int = 18
    training: Training = field(default_factory=lambda: Training(updates=1500, batch_size=128, learning_rate=1e-3))
    seed: int = 1

    def __post_init__(self) -> None:
        if self.way not in TAUGHT:
            msg = f"no distillation is called {self.way!r}; {nearest(self.way, TAUGHT)}"
            raise ConfigError(msg)
        if min(self.steps, self.levels) < 1 or not 0 <= self.seed < 2**31:
            msg = f"steps and levels are 1 or more and a seed has 31 bits, received {self.steps}, {self.levels} and {self.seed}"
            raise ConfigError(msg)


def distillation(way: str, steps: int, updates: int, seed: int) -> DistillationSettings:
    """Settings with the defaults of the training but for its length."""
    plain = DistillationSettings(way, steps, seed=seed)
    return replace(plain, training=replace(plain.training, updates=updates))
