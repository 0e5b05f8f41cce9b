"""Z + jet with two tunes and two showers: what unfolding calls nature and simulation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from l1ml.data.generation.pythia import PythiaProcess
from l1ml.errors import ConfigError, nearest

__all__ = ["VARIANTS", "JetPairsConfig"]

VARIANTS = {
    "monash": ("Tune:pp=14",),
    "a14": ("Tune:pp=21",),
    "vincia": ("PartonShowers:model=2",),
}
"""Pythia's simple shower with the tunes Monash 2013 (arXiv:1404.5630) and A14 with NNPDF2.3LO (ATL-PHYS-PUB-2014-021), and the
Vincia antenna shower with the tune of its own (arXiv:2003.00702); the first two as in OmniFold (arXiv:1911.09107)."""

_RECIPE_VERSION = 1
"""Goes into the digest; raise it when recipe or detector change."""


@dataclass(frozen=True, slots=True)
class JetPairsConfig:
    """Sizes and conditions of a sample of gen/reco pairs.

    Parameters
    ----------
    pairs : int
        Pairs, misses and fakes included.
    variant : str
        One of `VARIANTS`.
    seed : int
        Root of every random stream; not negative.
    energy_gev : float
        Centre-of-mass energy.
    pt_hat_gev : float
        Least transverse momentum of the Z (which decays into neutrinos) in the hard process.
    jet_pt_gev : float
        Least pt of a jet at either level; well above `pt_hat_gev`, so that what is not generated is not missed.
    max_eta : float
        Greatest absolute pseudorapidity of a jet at either level.
    radius : float
        Distance parameter of anti-kt.

    Raises
    ------
    ConfigError
        If a number is out of its range or the variant is unknown.
    """

    pairs: int = 100_000
    variant: str = "monash"
    seed: int = 1
    energy_gev: float = 14000.0
    pt_hat_gev: float = 150.0
    jet_pt_gev: float = 200.0
    max_eta: float = 2.5
    radius: float = 0.4

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS:
            msg = f"unknown variant {self.variant!r}; {nearest(self.variant, VARIANTS)}"
            raise ConfigError(msg)
        if self.seed < 0:
            msg = f"seed must not be negative, received {self.seed}"
            raise ConfigError(msg)
        for name, value in asdict(self).items():
            if name not in {"seed", "variant"} and not value > 0:
                msg = f"{name} must be positive, received {value}"
                raise ConfigError(msg)
        if not self.pt_hat_gev <= self.jet_pt_gev < self.energy_gev / 2:
            msg = f"jet_pt_gev must be between pt_hat_gev ({self.pt_hat_gev}) and half of energy_gev, received {self.jet_pt_gev}"
            raise ConfigError(msg)

    @property
    def process(self) -> PythiaProcess:
        """Pythia settings."""
        hard = ("WeakBosonAndParton:qqbar2gmZg=on", "WeakBosonAndParton:qg2gmZq=on", "WeakZ0:gmZmode=2")
        decay = ("23:onMode=off", "23:onIfAny=12 14 16", f"PhaseSpace:pTHatMin={self.pt_hat_gev!r}")
        common = (f"Beams:eCM={self.energy_gev!r}", *VARIANTS[self.variant], "Random:setSeed=on", "Print:quiet=on")
        return PythiaProcess(f"zjet_{self.variant}", (*common, *hard, *decay))

    @property
    def recipe(self) -> dict[str, Any]:
        """Everything that decides a pair of given number; how many there are does not, but for their weight."""
        return {"recipe": _RECIPE_VERSION, **asdict(self), "settings": self.process.settings}
