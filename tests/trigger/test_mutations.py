"""Faults in menus, in the words that reach a network, and in its scores: the replay of recorded bits finds them.

The recorded bits are those of the menu without fault on one orbit of crossings of our own, with objects near every threshold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from ugt_toy import DEFINITIONS, random_crossings

from l1ml.data.ugt_vectors import Crossings, iterate_vectors
from l1ml.emulation.emulator import Emulator
from l1ml.emulation.integers import IntegerEmulator
from l1ml.errors import L1mlError
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel
from l1ml.model.network import Network
from l1ml.trigger import Columns, Menu, read_menu
from l1ml.trigger.decisions import decide
from l1ml.trigger.edge_crossings import edge_crossings
from l1ml.trigger.evaluation import Unsupported, evaluate
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.menus.requirements import CorrelationCut, Cut, Window
from l1ml.trigger.networks import BoundNetwork, NetworkInputs, scores_of
from l1ml.trigger.replay import replay

MODEL = TriggerModel.load(Path(__file__).parents[2] / "models" / "axo")
OBJECTS = (("etm", 1), ("egamma", 4), ("muon", 4), ("jet", 10))
EXPRESSIONS = (
    "MU5", "MU5[MU-ETA_1]", "MU5[MU-ETA_FWD]", "MU0[MU-PHI_WRAP]", "MU5[MU-QLTY_12]", "MU5[MU-POS]", "MU0[MU-UPT_4]",
    "MU0[MU-IP_123]", "MU0[MU-INDEX_1]", "EG10[EG-ISO_0xA]", "comb{JET50, JET30}", "comb{JET80, JET50, JET30}", "HTT100", "ETM50",
    "MU5-1 AND HTT100", "EG10+1 AND TAU20", "NOT JET80 AND EG10", "TAU20 OR ETM50", "mass_inv{MU5, MU0}[MASS_10to20]",
    "mass_inv{MU0, MU0}[MASS_MIN_40]", "dist{MU5, JET30}[DR_MAX_0p4]", "dist{MU0, MU0}[DETA_MAX_1]",
    "dist{EG10, TAU20}[DPHI_MIN_2]", "comb{MU0, MU0}[CHGCOR_OS]", "AXO[AXO-MODEL_axo, AXO-SCORE_axo]",
)  # fmt: skip


@dataclass(frozen=True)
class Setup:
    """Everything that decides: what a fault changes, and what stays."""

    expressions: tuple[str, ...]
    definitions: Definitions
    inputs: NetworkInputs
    emulator: Emulator
    crossings: Crossings

    @property
    def menu(self) -> Menu:
        entries = [AlgorithmEntry(index, f"A{index}", text) for index, text in enumerate(self.expressions)]
        return Menu.from_entries("toy", entries, self.definitions)

    @property
    def networks(self) -> dict[str, BoundNetwork]:
        return {"axo": BoundNetwork(self.emulator, "ab" * 32, self.inputs)}


class Turned:
    """An emulator whose input words or scores are spoilt on the way."""

    name, n_outputs = "turned", 1

    def __init__(
        self, emulator: Emulator, inputs: Callable[[Any], Any] = lambda x: x, scores: Callable[[Any], Any] = lambda x: x
    ):
        self._emulator, self._inputs, self._scores = emulator, inputs, scores
        self.input_formats, self.output_format = emulator.input_formats, emulator.output_format

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        return np.asarray(self._scores(self._emulator.predict(self._inputs(words))))


@pytest.fixture(scope="module")
def setup() -> Setup:
    crossings = with_ends(random_crossings(np.random.default_rng(8), 3564))
    inputs, emulator = NetworkInputs(OBJECTS, "word"), IntegerEmulator(MODEL.network)
    scores = BoundNetwork(emulator, "ab", inputs).scores(Columns.of_crossings(crossings))[:, 0]
    # a word that occurs, of the upper tenth
    threshold = int(np.sort(scores)[-350])
    cuts = {
        **DEFINITIONS.object_cuts,
        "AXO-MODEL_axo": Cut("model", "AXO-MODEL_axo", text="axo"),
        "AXO-SCORE_axo": Cut("score", "AXO-SCORE_axo", Window(threshold)),
    }
    definitions = replace(DEFINITIONS, object_cuts=cuts)
    made = Setup(EXPRESSIONS, definitions, inputs, emulator, crossings)
    return replace(made, crossings=recorded(made))


def with_ends(crossings: Crossings) -> Crossings:
    """The same crossings, some of whose muons sit at the ends of their fields, where random ones hardly ever are."""
    objects = {name: {key: words.copy() for key, words in fields.items()} for name, fields in crossings.objects.items()}
    muons = objects["muon"]
    muons["eta"][::97, 0], muons["unconstrained_pt"][::89, 0] = np.resize([224, 225, 226, -225], len(muons["eta"][::97])), 255
    return Crossings.from_objects(crossings.era, objects, crossings.n, externals=crossings.externals)


def recorded(setup: Setup) -> Crossings:
    """The crossings with the bits that `setup` gives, those of the network among them."""
    columns = Columns.of_crossings(setup.crossings)
    given = evaluate(setup.menu, columns, scores_of(setup.menu, columns, setup.networks))
    bits = np.zeros((setup.crossings.n, 512), np.bool_)
    for item in setup.menu.algorithms:
        bits[:, item.index] = given[item.name]
    return Crossings.from_words(setup.crossings.era, setup.crossings.words, externals=setup.crossings.externals, algorithms=bits)


Faults = Iterator[tuple[str, str, Setup]]


def used(setup: Setup) -> str:
    return " ".join(setup.expressions)


def in_thresholds(setup: Setup) -> Faults:
    for name, word in setup.definitions.thresholds.items():
        for step in (-1, 1) if re.search(rf"\b{name}\b", used(setup)) else ():
            changed = {**setup.definitions.thresholds, name: word + step}
            definitions = replace(setup.definitions, thresholds=changed)
            yield "threshold off by one", f"{name} {step:+}", replace(setup, definitions=definitions)


def in_cuts(setup: Setup) -> Faults:
    for name, cut in setup.definitions.object_cuts.items():
        if name not in used(setup) or cut.kind == "model":
            continue
        for kind, what, other in other_cuts(cut):
            changed = {**setup.definitions.object_cuts, name: other}
            yield kind, f"{name} {what}", replace(setup, definitions=replace(setup.definitions, object_cuts=changed))


def other_cuts(cut: Cut) -> Iterator[tuple[str, str, Cut]]:
    if cut.window is not None:
        kind = "score threshold off by one" if cut.kind == "score" else "window off by one"
        for end in ("minimum", "maximum"):
            for step in (-1, 1) if getattr(cut.window, end) is not None else ():
                window = replace(cut.window, **{end: getattr(cut.window, end) + step})
                yield kind, f"{end} {step:+}", replace(cut, window=window)
    for bit in range(0 if cut.table is None else 16 if cut.kind == "quality" else 4):
        yield "bit of a table", f"bit {bit}", replace(cut, table=cut.table ^ (1 << bit))
    if cut.kind == "charge":
        yield "sign", "negative", replace(cut, text="negative")


def in_correlations(setup: Setup) -> Faults:
    for name, cut in setup.definitions.correlation_cuts.items():
        if name not in used(setup):
            continue
        others = [("sign", "ls", replace(cut, text="ls"))] if cut.kind == "charge" else []
        if cut.kind != "charge":
            limits = [(end, sign * getattr(cut, end) // 50) for end in ("minimum", "maximum") for sign in (-1, 1)]
            steps = [(end, step) for end, step in limits if step]
            others = [("correlation limit", f"{end} {step:+}", moved(cut, end, step)) for end, step in steps]
        for kind, what, other in others:
            changed = {**setup.definitions.correlation_cuts, name: other}
            yield kind, f"{name} {what}", replace(setup, definitions=replace(setup.definitions, correlation_cuts=changed))


def moved(cut: CorrelationCut, end: str, step: int) -> CorrelationCut:
    return replace(cut, **{end: getattr(cut, end) + step})


def in_expressions(setup: Setup) -> Faults:
    swaps = (
        ("crossing shift", "MU5-1", "MU5"), ("crossing shift", "MU5-1", "MU5+1"), ("crossing shift", "EG10+1", "EG10+2"),
        ("logic", " AND ", " OR "), ("logic", " OR ", " AND "), ("logic", "NOT ", ""), ("wrong object", "TAU20", "EG10"),
        ("wrong object", "ETM50", "HTT100"), ("lost cut", "[MU-ETA_1]", ""), ("lost cut", "[MU-QLTY_12]", ""),
        ("lost cut", "[CHGCOR_OS]", ""), ("lost cut", "JET80, ", ""),
    )  # fmt: skip
    for kind, old, new in swaps:
        for index, text in enumerate(setup.expressions):
            if old in text:
                changed = (*setup.expressions[:index], text.replace(old, new), *setup.expressions[index + 1 :])
                yield kind, f"{text}: {old!r} becomes {new!r}", replace(setup, expressions=changed)


def in_binding(setup: Setup) -> Faults:
    yield "pt unit", "half without its fraction", replace(setup, inputs=replace(setup.inputs, pt="half_truncated"))
    yield "muon phi", "at the stations", replace(setup, inputs=replace(setup.inputs, muon_phi="stations"))
    for first in range(3):
        for second in range(first + 1, 4):
            order = list(OBJECTS)
            order[first], order[second] = order[second], order[first]
            yield "order of objects", str([name for name, _ in order]), replace(setup, inputs=NetworkInputs(tuple(order), "word"))
    for at, name in ((1, "tau"), (3, "tau"), (2, "egamma"), (0, "htm")):
        objects = (*OBJECTS[:at], (name, OBJECTS[at][1]), *OBJECTS[at + 1 :])
        yield "wrong object", f"{OBJECTS[at][0]} from {name}", replace(setup, inputs=NetworkInputs(objects, "word"))


def column(*places: int) -> NDArray[np.int64]:
    return np.array(places)


def in_words(setup: Setup) -> Faults:
    pt, eta, phi = (np.arange(first, 57, 3) for first in range(3))
    muon_eta, egamma_eta = column(16, 19, 22, 25), column(4, 7, 10, 13)

    def put(target: NDArray[np.int64], source: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Any], Any]:
        def spoil(words: NDArray[Any]) -> NDArray[Any]:
            words = words.copy()
            words[:, target] = limited(source(words), target)
            return words

        return spoil

    def limited(values: NDArray[Any], target: NDArray[np.int64]) -> NDArray[Any]:
        formats = [MODEL.input_formats[index] for index in target]
        return np.clip(values, [item.min_word for item in formats], [item.max_word for item in formats])

    faults = (
        ("pt truncated to half a count", "all", put(pt, lambda words: words[:, pt] & ~1)),
        (
            "pt truncated to half a count",
            "muons",
            put(column(15, 18, 21, 24), lambda words: words[:, column(15, 18, 21, 24)] & ~1),
        ),
        ("pt truncated to half a count", "jets", put(pt[9:], lambda words: words[:, pt[9:]] & ~1)),
        ("eta from the wrong field", "muon phi", put(muon_eta, lambda words: words[:, muon_eta + 1])),
        ("eta from the wrong field", "egamma", put(muon_eta, lambda words: words[:, egamma_eta])),
        ("eta from the wrong field", "muon pt", put(muon_eta, lambda words: words[:, muon_eta - 1])),
        ("unsigned eta", "muons", put(muon_eta, lambda words: words[:, muon_eta] & 0xFF)),
        ("unsigned eta", "all", put(eta[1:], lambda words: words[:, eta[1:]] & 0x7F)),
        ("sign of eta", "muons", put(muon_eta, lambda words: -words[:, muon_eta])),
        ("sign of eta", "jets", put(eta[9:], lambda words: -words[:, eta[9:]])),
        ("phi off by one", "all", put(phi, lambda words: words[:, phi] + 1)),
        ("one slot late", "jets", put(column(*range(27, 57)), lambda words: np.roll(words[:, 27:57], 3, axis=1))),
        ("one slot late", "muons", put(column(*range(15, 27)), lambda words: np.roll(words[:, 15:27], 3, axis=1))),
        ("crossing shift", "inputs by one", lambda words: np.roll(words, 1, axis=0)),
        ("crossing shift", "muons by one", put(column(*range(15, 27)), lambda words: np.roll(words[:, 15:27], 1, axis=0))),
    )
    for kind, where, spoil in faults:
        yield kind, where, replace(setup, emulator=Turned(setup.emulator, spoil))


def in_scores(setup: Setup) -> Faults:
    width = setup.emulator.output_format.width
    narrow = int(setup.definitions.object_cuts["AXO-SCORE_axo"].window.minimum).bit_length()
    faults = (
        ("crossing shift", "scores one late", lambda scores: np.roll(scores, 1)),
        ("crossing shift", "scores one early", lambda scores: np.roll(scores, -1)),
        ("signed or unsigned score", "sign bit at the top", lambda scores: FixedPoint(narrow, narrow).requantize(scores, FULL)),
        ("one bit of width", "last bit of the score lost", lambda scores: scores & ~1),
        ("one bit of width", "score one bit left", lambda scores: scores << 1),
        ("one bit of width", "score one bit right", lambda scores: scores >> 1),
        ("signed or unsigned score", "full width", lambda scores: FixedPoint(width, width).requantize(scores, FULL)),
    )
    for kind, where, spoil in faults:
        yield kind, where, replace(setup, emulator=Turned(setup.emulator, scores=spoil))


FULL = FixedPoint(62, 62)


def in_model(setup: Setup) -> Faults:
    """A model of another training: every weight of one layer a count away."""
    content = MODEL.network.to_dict()
    for index, row in enumerate(content["operations"]):
        if row["kind"] == "dense" and len(row["kernel"][0]) > 1:
            noise = np.random.default_rng(index).integers(-1, 2, np.shape(row["kernel"]))
            changed = {**row, "kernel": (np.array(row["kernel"]) + noise).tolist()}
            rows = [*content["operations"][:index], changed, *content["operations"][index + 1 :]]
            emulator = IntegerEmulator(Network.from_dict({**content, "operations": rows}))
            yield "stale model", f"operation {index}", replace(setup, emulator=emulator)


KINDS = (in_thresholds, in_cuts, in_correlations, in_expressions, in_binding, in_words, in_scores, in_model)


def caught(faulty: Setup, truth: Setup) -> bool:
    """Whether the replay of the recorded bits disagrees anywhere, or the fault is refused."""
    try:
        report = replay(faulty.menu, [truth.crossings], "own", faulty.networks)
    except L1mlError:
        return True
    return report.mismatched_bits > 0 or report.supported < len(truth.expressions)


EQUIVALENT = {
    ("correlation limit", "DPHI_MIN_2 maximum +62"): "no two directions are further apart than 3.142",
    ("correlation limit", "DPHI_MIN_2 minimum -41"): "steps of phi are 2 pi / 144: 1.963 and 2.007 are neighbours",
    ("correlation limit", "MASS_MIN_40 maximum -20000000"): "muons of 255.5 GeV at both ends of eta weigh 44,000,000 counts",
    ("correlation limit", "MASS_MIN_40 maximum +20000000"): "the same",
    ("one bit of width", "last bit of the score lost"): "the threshold is even: a score passes it with and without its last bit",
    ("window off by one", "MU-UPT_4 maximum +1"): "255 is the largest word of 8 bits",
}
"""Faults that change no decision whatever the crossing, and why."""

MISSED = {
    ("score threshold off by one", "AXO-SCORE_axo minimum -1"): "no crossing of this orbit has exactly the score below",
    ("signed or unsigned score", "full width"): "no crossing of this orbit has a score in the upper half of 19 bits",
}
"""Faults that this orbit cannot show."""


def test_no_fault_no_mismatch(setup: Setup) -> None:
    report = replay(setup.menu, [setup.crossings], "own", setup.networks)
    assert (report.mismatched_bits, report.supported) == (0, len(EXPRESSIONS))
    fired = setup.crossings.algorithms[:, : len(EXPRESSIONS)].mean(axis=0)
    assert ((fired > 0.001) & (fired < 0.999)).all(), fired


def test_a_hundred_faults_in_menus_words_and_scores(setup: Setup) -> None:
    found = {(kind, where): caught(faulty, setup) for source in KINDS for kind, where, faulty in source(setup)}
    assert {name for name, is_caught in found.items() if not is_caught} == {*EQUIVALENT, *MISSED}
    real = len(found) - len(EQUIVALENT)
    assert real >= 100
    assert (real - len(MISSED)) / real >= 0.95


@pytest.mark.parametrize(
    "fault",
    [
        {"prescale": Prescale(251)},
        {"prescale": Prescale(300)},
        {"masked_bx": (1, 2, 3)},
        {"in_final_or": False},
        {"is_veto": True},
    ],
    ids=str,
)
def test_faults_behind_the_conditions_change_the_final_bits(setup: Setup, fault: dict[str, Any]) -> None:
    """Prescales, masks and vetoes are no part of the recorded algorithm bits: the final decisions show them."""
    entries = [
        AlgorithmEntry(0, "A0", "MU5", prescale=Prescale(250)),
        AlgorithmEntry(1, "A1", "JET80", prescale=Prescale(10_000)),
    ]
    columns = Columns.of_crossings(setup.crossings)
    good, bad = (
        decide(Menu.from_entries("m", [first, entries[1]], setup.definitions), columns)
        for first in (entries[0], replace(entries[0], **fault))
    )
    np.testing.assert_array_equal(good.before_bx_mask_and_prescale, bad.before_bx_mask_and_prescale)
    assert not (np.array_equal(good.final, bad.final) and np.array_equal(good.final_or, bad.final_or))


def test_what_makes_faults_equivalent(setup: Setup) -> None:
    window = setup.definitions.object_cuts["AXO-SCORE_axo"].window
    assert window is not None
    assert window.minimum % 2 == 0
    steps = [round(2 * np.pi * number / 144, 3) for number in (45, 46)]
    assert steps == [1.963, 2.007]
    assert 255.5**2 * (np.cosh(2 * 2.45) + 1) * 10 < 0.98e9


def real_faults(menu: Menu) -> Iterator[tuple[str, str, Definitions]]:
    """Every threshold and every window of `menu`, a word off."""
    known = menu.definitions
    for name, word in known.thresholds.items():
        for step in (-1, 1):
            yield name, f"{word}{step:+}", replace(known, thresholds={**known.thresholds, name: word + step})
    for name, cut in known.object_cuts.items():
        for _, what, other in other_cuts(cut) if cut.window is not None and cut.kind != "score" else ():
            yield name, what, replace(known, object_cuts={**known.object_cuts, name: other})


def missed_on(menu: Menu, batch: Crossings) -> tuple[int, set[tuple[str, str]]]:
    """How many faults of `menu` change an algorithm that can be decided, and those of them that change no bit of `batch`."""
    columns, n, missed = Columns.of_crossings(batch), 0, set()
    truth = evaluate(menu, columns)
    for name, what, definitions in real_faults(menu):
        whole = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
        entries = [item.entry for item in menu.algorithms if whole.search(item.expression)]
        entries = [item for item in entries if not isinstance(truth[item.name], Unsupported)]
        if entries:
            n += 1
            given = evaluate(Menu.from_entries(menu.name, entries, definitions), columns)
            if all(np.array_equal(given[item.name], truth[item.name]) for item in entries):
                missed.add((name, what))
    return n, missed


AT_THE_END = re.compile(
    r"MU-UPT_\d+ maximum \+1|MU-INDEX_EMTF_POS minimum -1|(EG|JET)-ETA_FWD_\dp\d+_(NEG minimum -1|POS maximum \+1)"
)
"""Limits at the last word of a field or of the scale: 255, 0, -115 and 114. Nothing is beyond them, so the fault is none."""


def test_faults_of_a_real_menu(real_data: Path) -> None:
    """Thresholds and windows of the 2024 menu, a word off: a recorded orbit shows three of five, crossings at the edges all."""
    folder = real_data / "ugt" / "L1Menu_Collisions2024_v1_3_0-d1"
    if not folder.is_dir():
        pytest.skip("no vectors of 2024")
    menu = read_menu(folder / "L1Menu_Collisions2024_v1_3_0-d1.html.gz")
    recorded = next(iter(iterate_vectors(folder / "L1menu_2024_v1_3_0_ttBar_TestVector_003.txt.gz", 3564)))
    n, missed = missed_on(menu, recorded)
    assert (n, n - len(missed)) == (482, 273)
    n, missed = missed_on(menu, edge_crossings(menu, "2024", 3 * 3564, np.random.default_rng(1)))
    assert n - len(missed) == 464
    assert all(AT_THE_END.fullmatch(f"{name} {what}") for name, what in missed)
