"""Numbers of the full Global Trigger inputs that are not scales: windows, thresholds, working points.

References
----------
[1] CMS Collaboration, "Performance of the CMS Level-1 trigger in proton-proton collisions at 13 TeV", arXiv:2006.10165:
    sections 4 (muons) and 5 (e/gamma, taus, jets, sums).
[2] Recorded words: zero bias of run 320040 (2018) and the triggered crossings of the 2022 test vectors of the Global Trigger.
"""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["TRIGGER_PARAMETERS", "IsolationCut", "MuonParameters", "SumParameters", "TauParameters", "TriggerParameters"]


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
class TauParameters:
    """Tau clusters: the calorimeter energy of 3 x 3 towers around a local maximum, and the cluster beside it in phi [1, 5.2].

    Parameters
    ----------
    seed_counts, neighbour_counts : int
        Least counts of the seed and of the towers that are added to it.
    second_counts : int
        Least counts of a tower 2 to 4 sectors away to be taken for another prong.
    calibration : int
        Scale of the sum, in 1/128.
    acceptance : float
        Largest |eta|; 2.1 in triggers, but clusters are made up to the end of the endcap [2].
    """

    seed_counts: int = 4
    neighbour_counts: int = 2
    second_counts: int = 6
    calibration: int = 150
    acceptance: float = 2.5
    isolation: IsolationCut = IsolationCut(6, 40, 5)


@dataclass(frozen=True, slots=True)
class SumParameters:
    """Jets that HTT and HTM count, in counts of 0.5 GeV and |eta| [1, 5.4]."""

    jet_counts: int = 60
    jet_acceptance: float = 2.5


@dataclass(frozen=True, slots=True)
class MuonParameters:
    """Codes of a muon.

    Parameters
    ----------
    charge_error : float
        Chance that the track finder gets the charge wrong, on top of tracks so stiff that their measured 1/pt changes sign.
        Own estimate: [1] gives none.
    best_quality, soft_loss, soft_scale_gev : float
        Quality 12 has the probability ``best_quality - soft_loss * exp(-(pt - 3) / soft_scale)``: 0.85 of triggered muons and
        9 of 16 in zero bias [2].
    double_share : float
        Share of the others that have quality 8 rather than 4 [2].
    isolation : int
        All recorded muons since 2018 carry 3: the isolation of the muon trigger was never used [2].
    """

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
    jet_calibration : int
        Scale of the sum of a jet, in 1/128: 1.0625 brings the median jet of 30 to 400 GeV back to its generated pt within 3 %.
    egamma_tight, egamma_loose : IsolationCut
        Bit 0 and bit 1 of the isolation of e/gamma; each tight one is loose too [2].
    tau, sums, muon
        Of the other objects.
    """

    jet_calibration: int = 136
    egamma_tight: IsolationCut = IsolationCut(1, 42)
    egamma_loose: IsolationCut = IsolationCut(6, 60)
    tau: TauParameters = TauParameters()
    sums: SumParameters = SumParameters()
    muon: MuonParameters = MuonParameters()


TRIGGER_PARAMETERS = TriggerParameters()
"""What `l1ml.data.generation.level1.global_trigger` uses."""
