from __future__ import annotations

import numpy as np
import pytest

from l1ml.data import Events
from l1ml.data.jet_pairs import JET_PAIRS_SCHEMA, JET_QUANTITIES
from l1ml.errors import SchemaError
from offline.unfolding import measured_from_events, simulation_from_events


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
