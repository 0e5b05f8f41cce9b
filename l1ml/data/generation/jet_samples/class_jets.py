"""Jets of five classes at about 1 TeV: what to make; see `l1ml.data.generation.jet_samples.class_jet_jobs` for how.

The recipe follows the hls4ml LHC jets (J. Duarte et al., arXiv:1804.06913, section 2; Zenodo 3602260): pairs of gluons, quarks,
W, Z or top in a narrow window of pt around 1 TeV, anti-kt jets, 16 high-level features after the modified mass drop tagger. What
differs: the matrix elements are those of Pythia, and the particles those of the generator, without the resolution and granularity
of a detector. Constituents of the public files lie within 0.41 of the axis: their jets have a radius of 0.4, and with that the
features part the classes more as theirs do than with 0.8.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from l1ml.data.generation.pythia import TUNE, PythiaProcess
from l1ml.data.readers.jet_arrays import HLF_NAMES
from l1ml.data.schema import EventSchema, ObjectSchema, RealField
from l1ml.errors import ConfigError
from l1ml.storage import digest_of

__all__ = ["CLASSES", "ClassJetsConfig"]

CLASSES = ("g", "q", "w", "z", "t")
"""Gluon, light, charm or bottom quark, W, Z, top quark: the names and the order of the hls4ml LHC jets."""

CLASS_JETS_VERSION = 1
"""Goes into the digest; raise it when the recipe changes."""

_HADRONIC = ("24:onMode=off", "24:onIfAny=1 2 3 4 5", "23:onMode=off", "23:onIfAny=1 2 3 4 5")

_HARD = {
    "g": ("HardQCD:gg2gg=on", "HardQCD:qqbar2gg=on"),
    "q": ("HardQCD:gg2qqbar=on", "HardQCD:qq2qq=on", "HardQCD:qqbar2qqbarNew=on"),
    "w": ("WeakDoubleBoson:ffbar2WW=on", *_HADRONIC),
    "z": ("WeakDoubleBoson:ffbar2gmZgmZ=on", "WeakZ0:gmZmode=2", *_HADRONIC),
    "t": ("Top:gg2ttbar=on", "Top:qqbar2ttbar=on", *_HADRONIC),
}


@dataclass(frozen=True, slots=True)
class ClassJetsConfig:
    """Sizes and conditions of a sample of jets of five classes.

    Parameters
    ----------
    jets : int
        Jets of each class.
    seed : int
        Root of every random stream; not negative.
    energy_gev : float
        Centre-of-mass energy.
    pt_gev : float
        Transverse momentum of the two partons of the hard process.
    window : float
        Relative half-width of the window around it.
    radius : float
        Distance parameter of anti-kt.
    match : float
        Greatest distance (pseudorapidity and azimuth) of a jet from its parton, W, Z or top.
    max_eta : float
        Greatest absolute pseudorapidity of a jet.
    constituents : int
        Constituents that are stored, those of highest pt; the features are of all.

    Raises
    ------
    ConfigError
        If a number is out of its range.
    """

    jets: int = 10_000
    seed: int = 1
    energy_gev: float = 13000.0
    pt_gev: float = 1000.0
    window: float = 0.01
    radius: float = 0.8
    match: float = 0.4
    max_eta: float = 2.5
    constituents: int = 64

    def __post_init__(self) -> None:
        if self.seed < 0:
            msg = f"seed must not be negative, received {self.seed}"
            raise ConfigError(msg)
        for name, value in asdict(self).items():
            if name != "seed" and not value > 0:
                msg = f"{name} must be positive, received {value}"
                raise ConfigError(msg)
        if not (self.window < 1 and 2 * self.pt_gev * (1 + self.window) < self.energy_gev):
            msg = f"pt_gev {self.pt_gev} with the window {self.window} is out of reach of two beams of {self.energy_gev / 2} GeV"
            raise ConfigError(msg)

    @property
    def schema(self) -> EventSchema:
        """One jet, with its constituents relative to its axis."""
        kinematics = (RealField("pt", "GeV"), RealField("eta"), RealField("phi", "rad"), RealField("mass", "GeV"))
        features = tuple(RealField(name, "GeV" if name == "mass_mmdt" else "") for name in HLF_NAMES)
        constituent = (RealField("pt", "GeV"), RealField("eta_rel"), RealField("phi_rel", "rad"))
        objects = (ObjectSchema("jet", 1, (), (*kinematics, *features)),)
        return EventSchema("class_jets", 1, (*objects, ObjectSchema("constituent", self.constituents, (), constituent)))

    def process(self, name: str) -> PythiaProcess:
        """Pythia settings of the class `name`."""
        low, high = self.pt_gev * (1 - self.window), self.pt_gev * (1 + self.window)
        common = (f"Beams:eCM={self.energy_gev!r}", "Tune:pp=14", "Random:setSeed=on", "Print:quiet=on")
        window = (f"PhaseSpace:pTHatMin={low!r}", f"PhaseSpace:pTHatMax={high!r}")
        return PythiaProcess(f"jets_{name}", (*common, *_HARD[name], *window))

    @property
    def recipe(self) -> dict[str, Any]:
        """Everything that decides a jet of given number; how many there are does not."""
        content = {name: value for name, value in asdict(self).items() if name != "jets"}
        return {
            "recipe": CLASS_JETS_VERSION,
            "tune": TUNE,
            **content,
            "processes": {name: self.process(name).settings for name in CLASSES},
        }

    def digest(self, versions: dict[str, str]) -> str:
        """SHA-256 of all that decides the content of the file, the number of jets included."""
        return digest_of([self.recipe, self.jets, self.schema.digest, versions])
