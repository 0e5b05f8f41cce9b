"""Numbers of the full Global Trigger inputs that are not scales: windows, thresholds, working points.

References
----------
[1] CMS Collaboration, "Performance of the CMS Level-1 trigger in proton-proton collisions at 13 TeV", arXiv:2006.10165:
    sections 4 (muons) and 5 (e/gamma, taus, jets, sums).
[2] Recorded words: zero bias of run 320040 (2018) and the triggered crossings of the 2022 test vectors of the Global Trigger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError

__all__ = [
    "TRIGGER_PARAMETERS",
    "IsolationCut",
    "MuonParameters",
    "PtCalibration",
    "SumParameters",
    "TauParameters",
    "TriggerParameters",
]

_CALIBRATION_BITS = 7


@dataclass(frozen=True, slots=True)
class IsolationCut:
    """An object is isolated when the counts (0.5 GeV) around it are at most ``offset + (slope * filled >> 8) + (pt >> relax)``.

    Parameters
    ----------
    offset : int
        In counts.
    slope : int
        Per 256 filled central towers, the trigger's estimate of the pileup.
    relax : int
        Share of the object's own pt that is let pass, as a shift: hard objects are always isolated in the end [1].
    """

    offset: int
    slope: int
    relax: int = 3


@dataclass(frozen=True, slots=True)
class PtCalibration:
    """The pt of a jet or tau from its counts of 0.5 GeV: ``(scale counts + soft_gain min(counts, soft_counts)) >> 7``.

    Parameters
    ----------
    scale : int
        In 1/128.
    soft_gain, soft_counts : int
        What the first counts count more, in 1/128: the trigger corrects soft objects by more than hard ones [1, 5.2 and 5.3].
    """

    scale: int
    soft_gain: int = 0
    soft_counts: int = 0

    def calibrated(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Calibrated counts, not saturated."""
        scaled = self.scale * counts + self.soft_gain * np.minimum(counts, self.soft_counts)
        return np.asarray(scaled >> _CALIBRATION_BITS)


@dataclass(frozen=True, slots=True)
class TauParameters:
    """Tau clusters: the calorimeter energy of 3 x 3 towers around a local maximum, and the cluster beside it in phi [1, 5.2].

    Parameters
    ----------
    seed_counts, neighbour_counts : int
        Least counts of the seed and of the towers that are added to it.
    second_counts : int
        Least counts of a tower 2 to 4 sectors away to be taken for another prong.
    calibration : PtCalibration
        From the sum to pt.
    acceptance : float
        Largest |eta|; 2.1 in triggers, but clusters are made up to the end of the endcap [2].
    """

    seed_counts: int = 4
    neighbour_counts: int = 2
    second_counts: int = 6
    calibration: PtCalibration = PtCalibration(150)
    acceptance: float = 2.5
    isolation: IsolationCut = IsolationCut(6, 40, 5)


@dataclass(frozen=True, slots=True)
class SumParameters:
    """Jets that HTT and HTM count, in counts of 0.5 GeV and |eta| [1, 5.4]."""

    jet_counts: int = 60
    jet_acceptance: float = 2.5


@dataclass(frozen=True, slots=True)
class MuonParameters:
    """Who is seen as a muon, and its codes.

    Parameters
    ----------
    least_pt, least_endcap_pt : float
        GeV; softer ones do not reach two muon stations below and above |eta| = 1.24. In the endcap 2 GeV have the momentum to
        cross the iron, and are the softest that are recorded: 15 of the 16 muons in 200 crossings are there, 1 elsewhere [2].
        With 3 GeV everywhere these numbers are 4 and 5, with 2 and 3.5 GeV they are 16 and 3.
    charge_error : float
        Chance that the track finder gets the charge wrong, on top of tracks so stiff that their measured 1/pt changes sign.
        Own estimate: [1] gives none.
    best_quality, soft_loss, soft_scale_gev : float
        Quality 12 has the probability ``best_quality - soft_loss * exp(-(pt - least_endcap_pt) / soft_scale)``: 0.85 of
        triggered muons and 9 of 16 in zero bias [2].
    double_share : float
        Share of the others that have quality 8 rather than 4 [2].
    isolation : int
        All recorded muons since 2018 carry 3: the isolation of the muon trigger was never used [2].
    """

    least_pt: float = 3.5
    least_endcap_pt: float = 2.0
    charge_error: float = 0.01
    best_quality: float = 0.93
    soft_loss: float = 0.45
    soft_scale_gev: float = 3.0
    double_share: float = 0.4
    isolation: int = 3

    def __post_init__(self) -> None:
        for name in ("charge_error", "best_quality", "soft_loss", "double_share"):
            if not 0 <= getattr(self, name) <= 1:
                msg = f"{name} is a probability, received {getattr(self, name)}"
                raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class TriggerParameters:
    """Everything together.

    Parameters
    ----------
    jet_calibration : PtCalibration
        1.0625 brings the median jet of 30 to 400 GeV back to its generated pt within 3 % where towers are plain sums.
    egamma_tight, egamma_loose : IsolationCut
        Bit 0 and bit 1 of the isolation of e/gamma; each tight one is loose too [2].
    tau, sums, muon
        Of the other objects.
    """

    jet_calibration: PtCalibration = PtCalibration(136)
    egamma_tight: IsolationCut = IsolationCut(1, 42)
    egamma_loose: IsolationCut = IsolationCut(6, 60)
    tau: TauParameters = TauParameters()
    sums: SumParameters = SumParameters()
    muon: MuonParameters = MuonParameters()


TRIGGER_PARAMETERS = TriggerParameters()
"""What `l1ml.data.generation.level1.global_trigger` uses."""
