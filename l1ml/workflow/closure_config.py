"""What the table [closure] of a recipe says: a zero-bias sample on which a background estimate is tested, and nothing else."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from l1ml.data.generation.config import GenerationConfig

__all__ = ["ClosureConfig"]


@dataclass(frozen=True, slots=True)
class ClosureConfig:
    """Another zero-bias sample under the conditions of ``[events]``, for selections of per cents instead of rates of kHz.

    A closure at the background efficiency e is known to about 1 / sqrt(e n) with n independent crossings: 2 % at 0.5 % take half
    a million. Hence many crossings of one weight, a fifth of them quiet, which at a pileup of 60 is their share; and since the
    hard collisions behind a selection of per cents are soft ones, a smaller bias than that of rates, with which more of them are
    different.

    Pileup is the larger part of the error where its pool is small: with 25,000 soft collisions some 5 %, which is known after the
    test, see `l1ml.trigger.performance.pileup_error`.

    Parameters
    ----------
    seed : int
        Of pools and crossings; another one than that of ``[events]``, so that nothing here has been trained on.
    bias_power, soft_collisions, hard_collisions, quiet_crossings, hard_crossings, copies_power : numbers
        As in ``[events]``, see `GenerationConfig`.
    """

    seed: int = 2
    bias_power: float = 2.0
    soft_collisions: int = 25_000
    hard_collisions: int = 20_000
    quiet_crossings: int = 50_000
    hard_crossings: int = 200_000
    copies_power: float = 1.0

    def sample(self, events: GenerationConfig) -> GenerationConfig:
        """What to generate beside `events`.

        Examples
        --------
        >>> ClosureConfig().sample(GenerationConfig(pileup=40)).pileup
        40
        """
        return replace(events, **asdict(self), signals=())
