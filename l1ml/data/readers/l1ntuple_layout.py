"""Which trees and branches of an L1Ntuple carry which words.

Source: the data formats of CMSSW ``L1Trigger/L1TNtuples/interface`` and how its ``src/L1Analysis*.cc`` fill them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.readers.root_objects import Column
from l1ml.data.readers.ugt_fields import ugt_field
from l1ml.data.schema import Field, RealField
from l1ml.hardware.scales import HardwareScale

__all__ = [
    "CROSSING",
    "DECISIONS",
    "EVENT",
    "EVENT_TREE",
    "FINAL_OR",
    "LISTS",
    "N_ALGORITHMS",
    "SOURCES",
    "SUMS",
    "SUM_BX",
    "SUM_COLUMNS",
    "SUM_TYPE",
    "TOWERS",
    "DetectorObject",
    "calorimeter_tree",
    "decision_tree",
    "level1_tree",
]

SOURCES: Mapping[str, str] = MappingProxyType({"unpacked": "", "emulated": "Emu"})
"""What the names of the trees of each source hold: words as they were recorded, or as CMSSW's emulator made them."""

EVENT_TREE = "l1EventTree/L1EventTree"
EVENT = "Event/event"
CROSSING: Mapping[str, str] = MappingProxyType(
    {"run": "Event/run", "luminosity_block": "Event/lumi", "bx": "Event/bx", "orbit": "Event/orbit"}
)


def level1_tree(source: str) -> str:
    """Tree of the trigger objects."""
    return f"l1Upgrade{SOURCES[source]}Tree/L1UpgradeTree"


def calorimeter_tree(source: str) -> str:
    """Tree of towers and trigger primitives."""
    return f"l1CaloTower{SOURCES[source]}Tree/L1CaloTowerTree"


def decision_tree(source: str) -> str:
    """Tree of the Global Trigger's decisions."""
    return f"l1uGT{SOURCES[source]}Tree/L1uGTTree"


def _negative(charges: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The bit of the charge, which is set for negative muons."""
    return (charges < 0).astype(np.int8), np.isin(charges, (-1, 1))


def _words(item: str, prefix: str, branches: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(
        Column(ugt_field(item, field), f"L1Upgrade/{prefix}{branch}", _negative if field == "charge" else None)
        for field, branch in branches.items()
    )


_CALORIMETER = {"pt": "IEt", "eta": "IEta", "phi": "IPhi"}
LISTS: Mapping[str, tuple[str, tuple[Column, ...]]] = MappingProxyType(
    {
        "egamma": ("L1Upgrade/egBx", _words("egamma", "eg", {**_CALORIMETER, "isolation": "Iso"})),
        "muon": (
            "L1Upgrade/muonBx",
            _words(
                "muon",
                "muon",
                {
                    "pt": "IEt",
                    "eta": "IEtaAtVtx",
                    "phi": "IPhiAtVtx",
                    "eta_out": "IEta",
                    "phi_out": "IPhi",
                    "unconstrained_pt": "IEtUnconstrained",
                    "quality": "Qual",
                    "isolation": "Iso",
                    "charge": "Chg",
                    "impact": "Dxy",
                    "index": "TfMuonIdx",
                },
            ),
        ),
        "tau": ("L1Upgrade/tauBx", _words("tau", "tau", {**_CALORIMETER, "isolation": "Iso"})),
        "jet": ("L1Upgrade/jetBx", _words("jet", "jet", _CALORIMETER)),
    }
)
"""Branch of the crossing and words of each object that comes in lists."""

SUM_BX, SUM_TYPE = "L1Upgrade/sumBx", "L1Upgrade/sumType"
SUM_COLUMNS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("pt", "count", "bits"), "L1Upgrade/sumIEt") | {"phi": "L1Upgrade/sumIPhi"}
)

SUMS: Mapping[int, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        0: ("ett", ("pt",)),
        1: ("htt", ("pt",)),
        2: ("etm", ("pt", "phi")),
        3: ("htm", ("pt", "phi")),
        8: ("etmhf", ("pt", "phi")),
        11: ("mbt0hfp", ("count",)),
        12: ("mbt0hfm", ("count",)),
        13: ("mbt1hfp", ("count",)),
        14: ("mbt1hfm", ("count",)),
        16: ("ettem", ("pt",)),
        20: ("htmhf", ("pt", "phi")),
        21: ("towercount", ("count",)),
        22: ("cent", ("bits",)),
        23: ("asymet", ("count",)),
        24: ("asymht", ("count",)),
        25: ("asymethf", ("count",)),
        26: ("asymhthf", ("count",)),
    }
)
"""Sums by ``l1t::EtSum::EtSumType``: those that the Global Trigger receives, and their fields."""


@dataclass(frozen=True, slots=True)
class DetectorObject:
    """Towers or trigger primitives: the branch that counts them, and their columns; only cells with energy are listed."""

    counter: str
    columns: tuple[Column, ...]


_ETA = HardwareScale(1.0, 7, signed=True)
_PHI = HardwareScale(1.0, 7)


def _primitives(prefix: str, n_fine_grain: int) -> DetectorObject:
    """Trigger primitives of a calorimeter. ``TPCaliphi`` is the iphi of the towers; ``TPiphi`` is (90 - it) modulo 72."""
    return DetectorObject(
        f"CaloTP/n{prefix.upper()}TP",
        (
            Column(Field("ieta", _ETA), f"CaloTP/{prefix}TPieta"),
            Column(Field("iphi", _PHI), f"CaloTP/{prefix}TPCaliphi"),
            Column(Field("compressed_et", HardwareScale(1.0, 8)), f"CaloTP/{prefix}TPcompEt"),
            Column(Field("fine_grain", HardwareScale(1.0, n_fine_grain)), f"CaloTP/{prefix}TPfineGrain"),
            Column(RealField("et", "GeV"), f"CaloTP/{prefix}TPet"),
        ),
    )


TOWERS: Mapping[str, DetectorObject] = MappingProxyType(
    {
        "tower": DetectorObject(
            "L1CaloTower/nTower",
            (
                Column(Field("ieta", _ETA), "L1CaloTower/ieta"),
                Column(Field("iphi", _PHI), "L1CaloTower/iphi"),
                Column(Field("et", HardwareScale(0.5, 9, unit="GeV")), "L1CaloTower/iet"),
                Column(Field("em", HardwareScale(0.5, 9, unit="GeV")), "L1CaloTower/iem"),
                Column(Field("had", HardwareScale(0.5, 9, unit="GeV")), "L1CaloTower/ihad"),
                Column(Field("ratio", HardwareScale(1.0, 3)), "L1CaloTower/iratio"),
                Column(Field("quality", HardwareScale(1.0, 4)), "L1CaloTower/iqual"),
            ),
        ),
        "ecal_primitive": _primitives("ecal", 1),
        "hcal_primitive": _primitives("hcal", 6),
    }
)
"""Calorimeter cells; the real et, eta and phi of towers are never filled and not read."""

N_ALGORITHMS = 512

DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "algorithm": "L1uGT/m_algoDecisionInitial",
        "algorithm_prescaled": "L1uGT/m_algoDecisionPreScaled",
        "algorithm_final": "L1uGT/m_algoDecisionFinal",
    }
)
"""The 512 algorithm bits as conditions decide them, after prescales, and after the mask."""

FINAL_OR: Mapping[str, tuple[str, HardwareScale]] = MappingProxyType(
    {
        "bit": ("L1uGT/m_finalOR", HardwareScale(1.0, 1)),
        "before_veto": ("L1uGT/m_finalORPreVeto", HardwareScale(1.0, 1)),
        "veto": ("L1uGT/m_finalORVeto", HardwareScale(1.0, 1)),
        "prescale_column": ("L1uGT/m_preScColumn", HardwareScale(1.0, 16)),
    }
)
"""Columns of the object ``final_or``."""
