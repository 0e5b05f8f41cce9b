from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l1ml.data import Events
from l1ml.data.jet_pairs import JET_PAIRS_SCHEMA, JET_QUANTITIES
from l1ml.errors import DataError, SchemaError
from offline.unfolding import Selection, measured_from_events, simulation_from_events


@pytest.fixture
def pairs(rng: np.random.Generator) -> Events:
    n = 30
    collections = {
        name: {real.name: rng.uniform(0.5, 2, (n, 1)).astype(np.float32) for real in JET_QUANTITIES}
        for name in ("gen_jet", "reco_jet")
    }
    masks = {"gen_jet": np.arange(n)[:, None] < 28, "reco_jet": np.arange(n)[:, None] > 3}
    rows = np.arange(n, dtype=np.uint64)
    return Events(JET_PAIRS_SCHEMA, collections, np.full(n, 0.1), rows, rows, masks=masks)


def test_pairs_misses_and_fakes(pairs: Events) -> None:
    mc = simulation_from_events(pairs)
    assert (mc.pass_gen.sum(), mc.pass_reco.sum(), mc.pass_both.sum()) == (28, 26, 24)
    np.testing.assert_array_equal(mc.gen[:, 5], pairs.collections["gen_jet"]["ptd"][:, 0])
    data = measured_from_events(pairs)
    np.testing.assert_array_equal(data.reco, mc.measured().reco)
    assert data.event.tolist() == list(range(4, 30))


def test_rapidity_of_a_massless_jet_is_its_pseudorapidity(pairs: Events) -> None:
    jet = pairs.collections["reco_jet"]
    jet["mass"][0] = 0
    jet["pt"][1], jet["mass"][1], jet["eta"][1] = 3, 4, np.arcsinh(5 / 3)
    rapidity = simulation_from_events(pairs, ["rapidity"]).reco[:, 0]
    assert rapidity[:2] == pytest.approx([jet["eta"][0, 0], np.arcsinh(1)], rel=1e-6)


def test_what_is_not_there_is_named(pairs: Events) -> None:
    with pytest.raises(SchemaError, match=r"unknown quantity 'ptdd' of gen_jet.*ptd"):
        simulation_from_events(pairs, ["ptdd"])
    with pytest.raises(SchemaError, match="no collection 'gen_jets'"):
        simulation_from_events(pairs, gen="gen_jets")


def test_other_quantities_and_bounds_at_each_level(pairs: Events) -> None:
    jets = {name: pairs.collections[f"{name}_jet"]["mass"][:, 0] for name in ("gen", "reco")}
    selection = Selection(gen={"mass": (1.0,)}, reco={"mass": (0.6, 1.5)})
    mc = simulation_from_events(pairs, ["pt"], reco_quantities=["pt", "width"], selection=selection)
    assert (mc.gen_names, mc.reco_names) == (("pt",), ("pt", "width"))
    rows = np.arange(30)
    np.testing.assert_array_equal(mc.pass_gen, (rows < 28) & (jets["gen"] >= 1.0))
    np.testing.assert_array_equal(mc.pass_reco, (rows > 3) & (jets["reco"] >= np.float32(0.6)) & (jets["reco"] < 1.5))
    data = measured_from_events(pairs, ["pt", "width"], selection=selection)
    np.testing.assert_array_equal(data.reco, mc.measured().reco)


def test_the_levels_may_come_in_files_of_their_own(pairs: Events) -> None:
    whole = simulation_from_events(pairs)
    halves = simulation_from_events(pairs, reco_events=replace(pairs, collections=pairs.collections))
    np.testing.assert_array_equal(whole.reco, halves.reco)
    with pytest.raises(DataError, match="30 events at generation and 7 at reconstruction"):
        simulation_from_events(pairs, reco_events=pairs.select(slice(7)))
    with pytest.raises(DataError, match="row 0 is event 0 at generation and 29 at reconstruction; 30 of 30 rows differ"):
        simulation_from_events(pairs, reco_events=pairs.select(slice(None, None, -1)))
