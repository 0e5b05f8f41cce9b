"""Signal recipes by name: Pythia settings and what they are meant to look like.

The order of `SIGNAL_RECIPES` is part of the random streams: new recipes go to its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from l1ml.errors import ConfigError, nearest

__all__ = ["DEFAULT_SIGNALS", "SIGNAL_RECIPES", "SignalRecipe", "check_signals", "signal_number"]


@dataclass(frozen=True, slots=True)
class SignalRecipe:
    """A signal process.

    Parameters
    ----------
    title : str
        The process in words.
    settings : tuple of str
        Pythia settings beyond beams and tune.
    displaced : bool
        Whether particles are followed from the vertex that made them instead of from the centre of the detector.
    """

    title: str
    settings: tuple[str, ...]
    displaced: bool = False


def _higgs_to_aa(mass: float, decays_to: int, *more: str, window: str | None = None) -> tuple[str, ...]:
    """H(125) -> aa, through the second Higgs boson: with H(125) itself the cross section of the new channel is 0."""
    return (
        "Higgs:useBSM=on",
        "HiggsBSM:gg2H2=on",
        "35:m0=125",
        "HiggsH2:coup2u=1",
        "35:onMode=off",
        "35:addChannel=1 0.1 100 36 36",
        f"36:m0={mass:g}",
        f"36:mMin={window or 20}",
        "36:onMode=off",
        f"36:onIfAny={decays_to}",
        *more,
    )


_LONG_LIVED = ("36:tauCalc=off", "36:tau0=500")
"""c tau in mm; unless told not to, Pythia replaces it by what follows from the width."""

_SUEP = (
    "Higgs:useBSM=on",
    "HiggsBSM:gg2H2=on",
    "35:m0=400",
    "HiggsH2:coup2u=1",
    "35:onMode=off",
    "35:addChannel=1 1.0 100 4900101 -4900101",
    "HiddenValley:Ngauge=3",
    "HiddenValley:nFlav=2",
    "HiddenValley:spinFv=0",
    "HiddenValley:FSR=on",
    "HiddenValley:fragment=on",
    "HiddenValley:alphaOrder=0",
    "HiddenValley:alphaFSR=3.0",
    "HiddenValley:pTminFSR=1.1",
    "4900101:m0=1.0",
    *(f"{meson}:m0=2.0" for meson in (4900111, 4900113, 4900211, 4900213)),
    *(f"{meson}:oneChannel=1 1.0 0 1 -1" for meson in (4900111, 4900113, 4900211, 4900213)),
)
"""A hidden-valley shower with one large, constant coupling, which radiates so often that the dark mesons come out soft and in
all directions. It stands in for soft unclustered energy: a quasi-conformal shower with thermal spectrum is not in Pythia 8."""

SIGNAL_RECIPES: Mapping[str, SignalRecipe] = MappingProxyType(
    {
        "haa4b": SignalRecipe("H(125) -> aa -> 4b, m_a = 50 GeV", _higgs_to_aa(50, 5)),
        "htautau": SignalRecipe(
            "gg -> H(125) -> tau tau", ("HiggsSM:gg2H=on", "25:m0=125", "25:onMode=off", "25:onIfMatch=15 -15")
        ),
        "ttbar": SignalRecipe("top pairs", ("Top:gg2ttbar=on", "Top:qqbar2ttbar=on")),
        # the four of the ADC2021 challenge (arXiv:2107.02157), without its filters
        "a4l": SignalRecipe(
            "A(50) -> ZZ* -> 4 leptons (e, mu)",
            (
                "HiggsSM:gg2H=on",
                "25:m0=50",
                "25:mMin=40",
                "25:mMax=60",
                "25:onMode=off",
                "25:onIfMatch=23 23",
                "23:onMode=off",
                "23:onIfAny=11 13",
            ),
        ),
        "lqbtau": SignalRecipe(
            "pairs of leptoquarks(80) -> b tau",
            (
                "LeptoQuark:gg2LQLQbar=on",
                "LeptoQuark:qqbar2LQLQbar=on",
                "42:m0=80",
                "42:mMin=60",
                "42:mMax=100",
                "42:0:products=5 15",
            ),
        ),
        "h0tautau": SignalRecipe(
            "h0(60) -> tau tau", ("HiggsSM:gg2H=on", "25:m0=60", "25:mMin=50", "25:onMode=off", "25:onIfMatch=15 -15")
        ),
        # the production of a W' with the couplings of the W: Pythia has no single charged Higgs of 60 GeV
        "hchtaunu": SignalRecipe(
            "h+-(60) -> tau nu, made as a W'",
            ("NewGaugeBoson:ffbar2Wprime=on", "34:m0=60", "34:mMin=50", "34:mMax=70", "34:onMode=off", "34:onIfAny=15"),
        ),
        "haa4b_displaced": SignalRecipe(
            "H(125) -> aa -> 4b, m_a = 50 GeV, c tau = 0.5 m",
            _higgs_to_aa(50, 5, "36:mMax=51", *_LONG_LIVED, window="49"),
            displaced=True,
        ),
        "haa4tau_displaced": SignalRecipe(
            "H(125) -> aa -> 4 tau, m_a = 25 GeV, c tau = 0.5 m",
            _higgs_to_aa(25, 15, "36:mMax=26", *_LONG_LIVED, window="24"),
            displaced=True,
        ),
        "suep": SignalRecipe("scalar(400) -> soft unclustered energy, as a strongly coupled hidden-valley shower", _SUEP),
    }
)
"""Known signals by name."""

DEFAULT_SIGNALS = ("haa4b", "htautau", "ttbar")
"""Signals of a configuration that names none."""


def signal_number(name: str) -> int:
    """Place of the signal `name` in `SIGNAL_RECIPES`, whatever others a configuration asks for."""
    return tuple(SIGNAL_RECIPES).index(name)


def check_signals(names: tuple[str, ...]) -> None:
    """Refuse names that are unknown or given twice.

    Raises
    ------
    ConfigError
        Naming the first one, and the nearest known.
    """
    for name in names:
        if name not in SIGNAL_RECIPES:
            msg = f"no signal is called {name!r}; {nearest(name, SIGNAL_RECIPES)}"
            raise ConfigError(msg)
        if names.count(name) > 1:
            msg = f"signal {name!r} is asked for {names.count(name)} times; name it once"
            raise ConfigError(msg)
