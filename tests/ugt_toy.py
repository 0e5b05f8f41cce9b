"""Small menus of the Global Trigger and orbits for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from l1ml.data.ugt_vectors import Crossings
from l1ml.hardware.ugt_layouts import ugt_layout
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.evaluation import Unsupported, evaluate
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.requirements import UNLIMITED, CorrelationCut, Cut, Window

THRESHOLDS = {
    "MU0": 1, "MU5": 11, "EG10": 20, "TAU20": 40, "JET30": 60, "JET50": 100, "JET80": 160,
    "HTT100": 200, "ETM50": 100, "MBT0HFP1": 1, "TOWERCOUNT7": 7, "ZDCP50": 50,
}  # fmt: skip
OBJECT_CUTS = {
    "MU-ETA_1": Cut("eta", "MU-ETA_1", Window(-92, 92)),
    "MU-ETA_FWD": Cut("eta", "MU-ETA_FWD", Window(150, 225)),
    "MU-PHI_WRAP": Cut("phi", "MU-PHI_WRAP", Window(500, 50)),
    "MU-QLTY_12": Cut("quality", "MU-QLTY_12", table=0xF000),
    "MU-POS": Cut("charge", "MU-POS", text="positive"),
    "MU-UPT_4": Cut("unconstrained_pt", "MU-UPT_4", Window(5, 255)),
    "MU-IP_123": Cut("impact", "MU-IP_123", table=0xE),
    "MU-INDEX_1": Cut("index", "MU-INDEX_1", Window(36, 70)),
    "EG-ISO_0xA": Cut("isolation", "EG-ISO_0xA", table=0xA),
    "JET-DISP_LLP": Cut("displaced", "JET-DISP_LLP", table=2),
    "JET-SLICE_0_1": Cut("slice", "JET-SLICE_0_1", Window(0, 1)),
    "AXO-MODEL_v4": Cut("model", "AXO-MODEL_v4", text="v4"),
    "AXO-SCORE_5": Cut("score", "AXO-SCORE_5", Window(5)),
    "TOPO-MODEL_hh": Cut("model", "TOPO-MODEL_hh", text="hh"),
    "TOPO-SCORE_5": Cut("score", "TOPO-SCORE_5", Window(5)),
    "CICADA-CSCORE_5": Cut("cicada_score", "CICADA-CSCORE_5", Window(0x500)),
}
CORRELATION_CUTS = {
    "DETA_MAX_1": CorrelationCut("deta", "DETA_MAX_1", 0, 1001, 3),
    "DPHI_MIN_2": CorrelationCut("dphi", "DPHI_MIN_2", 2007, 3142, 3),
    "DR_MAX_0p4": CorrelationCut("dr", "DR_MAX_0p4", 0, 161, 3),
    "MASS_10to20": CorrelationCut("mass", "MASS_10to20", 500, 2000, 1),
    "MASS_MIN_40": CorrelationCut("mass", "MASS_MIN_40", 8000, 10**9, 1),
    "MASSUPT_10to20": CorrelationCut("mass_upt", "MASSUPT_10to20", 500, 2000, 1),
    # two back-to-back muons of 4.8 GeV: 48 * 48 * 20000 * 10132, precision 2 + 4 + 5
    "MASSDR_BELOW": CorrelationCut("mass_over_dr", "MASSDR_BELOW", 466_882_559_999, UNLIMITED, 11),
    "MASSDR_AT": CorrelationCut("mass_over_dr", "MASSDR_AT", 466_882_560_000, UNLIMITED, 11),
    "MASSDR_ABOVE": CorrelationCut("mass_over_dr", "MASSDR_ABOVE", 466_882_560_001, UNLIMITED, 11),
    "MASSDR_HUGE": CorrelationCut("mass_over_dr", "MASSDR_HUGE", 2**62, UNLIMITED, 11),
    "MASSDR_MIN_15": CorrelationCut("mass_over_dr", "MASSDR_MIN_15", 1125, UNLIMITED, 1),
    "TBPT_MIN_30": CorrelationCut("tbpt", "TBPT_MIN_30", 9000, 10**9, 1),
    "ORMDETA_FAR": CorrelationCut("orm_deta", "ORMDETA_FAR", 1000, 9999, 3),
    "ORMDETA_0p2": CorrelationCut("orm_deta", "ORMDETA_0p2", 0, 200, 3),
    "ORMDR_0p5": CorrelationCut("orm_dr", "ORMDR_0p5", 0, 250, 3),
    "CHGCOR_OS": CorrelationCut("charge", "CHGCOR_OS", text="os"),
    "CHGCOR_LS": CorrelationCut("charge", "CHGCOR_LS", text="ls"),
}
DEFINITIONS = Definitions(THRESHOLDS, OBJECT_CUTS, CORRELATION_CUTS)


def toy_menu(*expressions: str) -> Menu:
    """Menu with one algorithm for each expression: A0, A1, ..."""
    entries = [AlgorithmEntry(index, f"A{index}", expression) for index, expression in enumerate(expressions)]
    return Menu.from_entries("toy", entries, DEFINITIONS)


def crossing_of(objects: Mapping[str, list[Mapping[str, int]]], n: int = 1, era: str = "2024", **signals: Any) -> Crossings:
    """`n` equal crossings that hold `objects`, given slot by slot."""
    filled: dict[str, dict[str, np.ndarray]] = {}
    for name, items in objects.items():
        slots = ugt_layout(era).objects[name].n_slots
        fields = {key: np.zeros((n, slots), dtype=np.int64) for item in items for key in item}
        for slot, item in enumerate(items):
            for key, value in item.items():
                fields[key][:, slot] = value
        filled[name] = fields
    return Crossings.from_objects(era, filled, n, **signals)


def random_crossings(rng: np.random.Generator, n: int = 200, era: str = "2024") -> Crossings:
    """Crossings with a few objects each, near the thresholds of the toy menus."""
    objects = {}
    for name, top, eta, bins in (("muon", 40, 225, 576), ("egamma", 60, 100, 144), ("tau", 80, 100, 144), ("jet", 220, 100, 144)):
        slots = ugt_layout(era).objects[name].n_slots
        pt = rng.integers(0, top, (n, slots)) * (rng.random((n, slots)) < 0.4)
        objects[name] = {"pt": pt, "eta": rng.integers(-eta, eta, (n, slots)), "phi": rng.integers(0, bins, (n, slots))}
    for key, top in {"quality": 16, "charge": 2, "charge_valid": 2, "unconstrained_pt": 20, "impact": 4, "index": 100}.items():
        if key in ugt_layout(era).objects["muon"].fields:
            objects["muon"][key] = rng.integers(0, top, objects["muon"]["pt"].shape)
    objects["egamma"]["isolation"] = rng.integers(0, 4, objects["egamma"]["pt"].shape)
    objects["etm"] = {"pt": rng.integers(50, 150, (n, 1)), "phi": rng.integers(0, 144, (n, 1))}
    objects["htt"] = {"pt": rng.integers(100, 300, (n, 1))}
    return Crossings.from_objects(era, objects, n, externals=rng.random((n, 256)) < 0.5)


def decided(menu: Menu, crossings: Crossings) -> Crossings:
    """The same crossings with the algorithm bits that `menu` gives."""
    bits = np.zeros((crossings.n, 512), dtype=np.bool_)
    for algorithm in menu.algorithms:
        decision = evaluate(menu, Columns.of_crossings(crossings))[algorithm.name]
        bits[:, algorithm.index] = False if isinstance(decision, Unsupported) else decision
    return Crossings.from_words(crossings.era, crossings.words, externals=crossings.externals, algorithms=bits)
