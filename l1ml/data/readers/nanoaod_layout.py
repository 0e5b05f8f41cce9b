"""Which branches of NanoAOD carry which words and quantities.

Source: the tables of CMSSW ``PhysicsTools/NanoAOD/python/l1trig_cff.py``, ``genparticles_cff.py`` and ``jetMC_cff.py``; the types
of sums are ``l1t::EtSum::EtSumType``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from l1ml.data.readers.root_grid import Grid, angle_grid, energy_grid
from l1ml.data.readers.root_objects import Column
from l1ml.data.readers.ugt_fields import ugt_field
from l1ml.data.schema import Field, RealField
from l1ml.hardware.scales import HardwareScale

__all__ = [
    "CROSSING",
    "GENERATED",
    "LEVEL1",
    "SUMS",
    "SUM_BRANCH",
    "SUM_TYPE",
    "Quantity",
    "generated_branches",
    "generated_columns",
    "level1_branches",
    "level1_columns",
]

SUM_BRANCH = "L1EtSum"
SUM_TYPE = "L1EtSum_etSumType"

CROSSING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"run": ("run",), "luminosity_block": ("luminosityBlock",), "bx": ("bunchCrossing",), "orbit": ("orbitNumber",)}
)
"""Branches of each crossing column."""

_CALO_ETA, _CALO_PHI = angle_grid(0.0435), angle_grid(0.0435, 144)
_MUON_ETA, _MUON_PHI = angle_grid(0.010875), angle_grid(0.010908, 576)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A field of the Global Trigger: its hardware word and its physical value in a collection, and the grid between them."""

    field: str
    word: str
    real: str = ""
    unit: str = ""
    grid: Grid | None = None


_CALORIMETER = (
    Quantity("pt", "hwPt", "pt", "GeV", energy_grid()),
    Quantity("eta", "hwEta", "eta", "", _CALO_ETA),
    Quantity("phi", "hwPhi", "phi", "rad", _CALO_PHI),
)
_ISOLATION = Quantity("isolation", "hwIso")
_MUON = (
    Quantity("pt", "hwPt", "pt", "GeV", energy_grid(offset=1)),
    # menus cut on the coordinates at the vertex; "eta" and "phi" of the file are those at the second muon station
    Quantity("eta", "hwEtaAtVtx", "etaAtVtx", "", _MUON_ETA),
    Quantity("phi", "hwPhiAtVtx", "phiAtVtx", "rad", _MUON_PHI),
    Quantity("eta_out", "hwEta", "eta", "", _MUON_ETA),
    Quantity("phi_out", "hwPhi", "phi", "rad", _MUON_PHI),
    # the words 0 and 1 are both 0 GeV: without the word itself only the quantity is known
    Quantity("unconstrained_pt", "hwPtUnconstrained", "ptUnconstrained", "GeV"),
    Quantity("quality", "hwQual"),
    Quantity("charge", "hwCharge"),
    Quantity("charge_valid", "hwChargeValid"),
    Quantity("impact", "hwDXY"),
    Quantity("isolation", "hwIso"),
    Quantity("index", "tfMuonIndex"),
)
LEVEL1: Mapping[str, tuple[str, tuple[Quantity, ...]]] = MappingProxyType(
    {
        "egamma": ("L1EG", (*_CALORIMETER, _ISOLATION)),
        "muon": ("L1Mu", _MUON),
        "tau": ("L1Tau", (*_CALORIMETER, _ISOLATION)),
        "jet": ("L1Jet", _CALORIMETER),
    }
)
"""Collection and quantities of each object that comes in lists."""

_SCALAR_SUM = _CALORIMETER[:1]
_VECTOR_SUM = (_CALORIMETER[0], _CALORIMETER[2])
SUMS: Mapping[int, tuple[str, tuple[Quantity, ...]]] = MappingProxyType(
    {
        0: ("ett", _SCALAR_SUM),
        1: ("htt", _SCALAR_SUM),
        2: ("etm", _VECTOR_SUM),
        3: ("htm", _VECTOR_SUM),
        8: ("etmhf", _VECTOR_SUM),
        16: ("ettem", _SCALAR_SUM),
        20: ("htmhf", _VECTOR_SUM),
    }
)
"""Energy sums by type. Counts (minimum bias, towers, asymmetries, centrality) are no energies: their word is lost."""


@dataclass(frozen=True, slots=True)
class _Generated:
    """A collection of the generator: real quantities, and integers with their width."""

    collection: str
    reals: Mapping[str, str]
    integers: Mapping[str, tuple[str, HardwareScale]]


_MOMENTUM = MappingProxyType({"pt": "GeV", "eta": "", "phi": "rad", "mass": "GeV"})
GENERATED: Mapping[str, _Generated] = MappingProxyType(
    {
        "gen_particle": _Generated(
            "GenPart",
            _MOMENTUM,
            {
                "pdg_id": ("pdgId", HardwareScale(1.0, 32, signed=True)),
                "status": ("status", HardwareScale(1.0, 16, signed=True)),
                "status_flags": ("statusFlags", HardwareScale(1.0, 16)),
                "mother": ("genPartIdxMother", HardwareScale(1.0, 16, signed=True)),
            },
        ),
        "gen_jet": _Generated(
            "GenJet",
            _MOMENTUM,
            {
                "parton_flavour": ("partonFlavour", HardwareScale(1.0, 16, signed=True)),
                "hadron_flavour": ("hadronFlavour", HardwareScale(1.0, 8)),
            },
        ),
        "gen_met": _Generated("GenMET", {"pt": "GeV", "phi": "rad"}, {}),
    }
)
"""What the generator made, by object."""


def level1_branches() -> Iterator[str]:
    """Every branch with a quantity that NanoAOD itself keeps of the trigger objects; words only where it has no real."""
    for collection, quantities in LEVEL1.values():
        yield f"{collection}_bx"
        yield from (f"{collection}_{item.real or item.word}" for item in quantities)
    yield from (f"{SUM_BRANCH}_{name}" for name in ("bx", "etSumType", "pt", "phi"))


def level1_columns(
    item: str, collection: str, quantities: tuple[Quantity, ...], branches: frozenset[str], off_grid: frozenset[str]
) -> tuple[Column, ...]:
    """Columns of the object `item`: words where the file has them or the reals give them, reals where it has those."""
    columns = []
    for quantity in quantities:
        word, real = f"{collection}_{quantity.word}", f"{collection}_{quantity.real}"
        target = ugt_field(item, quantity.field)
        if word in branches:
            columns.append(Column(target, word))
        elif quantity.grid is not None and real in branches and real not in off_grid:
            columns.append(Column(target, real, quantity.grid.words))
        if quantity.real and real in branches:
            columns.append(Column(RealField(quantity.field, quantity.unit), real))
    return tuple(columns)


def generated_columns(name: str, branches: frozenset[str]) -> tuple[Column, ...]:
    """Columns of what the generator made, as far as the file has them."""
    item = GENERATED[name]
    columns = [Column(RealField(real, unit), f"{item.collection}_{real}") for real, unit in item.reals.items()]
    columns += [Column(Field(field, scale), f"{item.collection}_{branch}") for field, (branch, scale) in item.integers.items()]
    return tuple(column for column in columns if column.branch in branches)


def generated_branches() -> Iterator[str]:
    """Every branch of what the generator made."""
    for item in GENERATED.values():
        yield from (f"{item.collection}_{name}" for name in (*item.reals, *(branch for branch, _ in item.integers.values())))
