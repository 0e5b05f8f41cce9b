"""What to generate: sizes, beam and seed. Two equal configurations give the same files, bit for bit."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from math import ceil
from typing import Any, Self

from l1ml.data.generation.level1.tower_response import FITTED_RESPONSE
from l1ml.data.generation.pileup_profile import PileupProfile
from l1ml.data.generation.signals import DEFAULT_SIGNALS, check_signals
from l1ml.errors import ConfigError, nearest
from l1ml.storage import digest_of

__all__ = ["OBJECT_SETS", "RECIPE_VERSION", "RESPONSE_VERSION", "TOWER_RESPONSES", "GenerationConfig"]

OBJECT_SETS = ("axol1tl", "global_trigger", "calo_regions")
"""What a crossing is made into: the 57 words of the anomaly triggers, all that the Global Trigger receives, or the 57 words and
the 252 regions of the calorimeter."""

TOWER_RESPONSES = ("plain", "fitted")
"""How energies become tower counts: as they are, or softer, as in recorded crossings; see ``level1/tower_response.py``."""

RESPONSE_VERSION = 2
"""Goes into the digest of every pool; raise it when the response changes, so that old files are not taken for new."""

RECIPE_VERSION = 3
"""Goes into the digest of every event file; raise it when response, overlay or trigger algorithms change."""

_BEFORE = {
    "objects": "axol1tl",
    "signals": list(DEFAULT_SIGNALS),
    "tower_response": "plain",
    "pileup_profile": None,
    "copies_power": 0.5,
}
"""Fields that were not there from the beginning, and what all files were made with until then."""

_MEAN_TOLERANCE = 0.01
"""How well `pileup` must be the mean of a profile: two decimals, as one writes it."""


@dataclass(frozen=True, slots=True)
class GenerationConfig:
    """Sizes and conditions of a generated sample.

    Parameters
    ----------
    seed : int
        Root of every random stream (`numpy.random.SeedSequence`); not negative.
    scale : float
        Multiplies all sizes below.
    energy_gev : float
        Centre-of-mass energy.
    pileup : float
        Mean number of inelastic collisions per crossing (Poisson); the mean over all crossings where there is a profile.
    hard_threshold_gev : float
        pThat where the soft pool ends and the hard pool begins, the ``p1`` of `l1ml.data.generation.stitching`.
    bias_power : float
        The hard pool is drawn with an extra ``pThat ** bias_power``, and weighted back.
    soft_collisions, hard_collisions, signal_collisions : int
        Pythia events per pool; each of the three signals has `signal_collisions`.
    quiet_crossings : int
        Zero-bias crossings without a collision above `hard_threshold_gev`.
    hard_crossings : int
        Zero-bias crossings around the collisions of the hard pool, about; each is used at least once.
    copies_power : float
        A hard collision is used in proportion to its probability to this power: 0.5 for rates of rare crossings, 1 for
        crossings of nearly the same weight, of which selections of per cents are known best.
    objects : str
        One of `OBJECT_SETS`; the words that two sets share are the same, bit for bit.
    signals : tuple of str
        Signal processes, of `l1ml.data.generation.signals.SIGNAL_RECIPES`; may be empty.
    tower_response : str
        One of `TOWER_RESPONSES`.
    pileup_profile : PileupProfile, optional
        Where the mean is not the same in all crossings.

    Raises
    ------
    ConfigError
        If a number is out of its range.
    """

    seed: int = 1
    scale: float = 1.0
    energy_gev: float = 13600.0
    pileup: float = 60.0
    hard_threshold_gev: float = 15.0
    bias_power: float = 3.5
    soft_collisions: int = 25_000
    hard_collisions: int = 16_000
    signal_collisions: int = 3_000
    quiet_crossings: int = 20_000
    hard_crossings: int = 95_000
    copies_power: float = 0.5
    objects: str = "axol1tl"
    signals: tuple[str, ...] = DEFAULT_SIGNALS
    tower_response: str = "fitted"
    pileup_profile: PileupProfile | None = None

    def __post_init__(self) -> None:
        if self.seed < 0:
            msg = f"seed must not be negative, received {self.seed}"
            raise ConfigError(msg)
        if self.hard_threshold_gev < 5:
            msg = f"hard_threshold_gev must be 5 or more (below, perturbative QCD diverges), received {self.hard_threshold_gev}"
            raise ConfigError(msg)
        for name, known in (("objects", OBJECT_SETS), ("tower_response", TOWER_RESPONSES)):
            if getattr(self, name) not in known:
                msg = f"{name} cannot be {getattr(self, name)!r}; {nearest(getattr(self, name), known)}"
                raise ConfigError(msg)
        check_signals(self.signals)
        for name, value in asdict(self).items():
            if name not in {"seed", "bias_power", *_BEFORE} and not value > 0:
                msg = f"{name} must be positive, received {value}"
                raise ConfigError(msg)
        if not 0 <= self.copies_power <= 1:
            msg = f"copies_power must be between 0 and 1, received {self.copies_power}"
            raise ConfigError(msg)
        if abs(self.pileup - self.profile.mean) > _MEAN_TOLERANCE:
            msg = f"pileup must be {self.profile.mean:.2f}, the mean of pileup_profile, received {self.pileup}"
            raise ConfigError(msg)

    @property
    def profile(self) -> PileupProfile:
        """The pileup of crossings, whether or not it is the same in all of them."""
        return self.pileup_profile or PileupProfile.fixed(self.pileup)

    def with_profile(self, profile: PileupProfile) -> Self:
        """The same with the pileup of `profile`."""
        return replace(self, pileup=profile.mean, pileup_profile=profile)

    def sized(self, name: str) -> int:
        """Size `name` after `scale`; at least one."""
        return max(1, ceil(self.scale * int(getattr(self, name))))

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides the content of the files.

        Not of `signals`, each of which has a file of its own, nor of what `pileup_profile` says about its source.
        """
        profile = self.pileup_profile and replace(self.pileup_profile, source="")
        content = replace(self, signals=DEFAULT_SIGNALS, pileup_profile=profile).to_dict()
        fitted = {"towers": asdict(FITTED_RESPONSE)} if self.tower_response == "fitted" else {}
        return digest_of({"recipe": RECIPE_VERSION, **content, **fitted})

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON.

        The fields of `_BEFORE` are only there where they are not what they were before there was a choice: what was made then
        keeps its digest. A profile of one mu is no profile.
        """
        values = asdict(self) | {"signals": list(self.signals)}
        if len(self.profile.mu) == 1:
            values |= {"pileup": self.profile.mean, "pileup_profile": None}
        return {name: value for name, value in values.items() if name not in _BEFORE or value != _BEFORE[name]}
