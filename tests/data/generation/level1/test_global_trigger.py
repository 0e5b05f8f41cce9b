from __future__ import annotations

import numpy as np
import pytest

from l1ml.data import Events
from l1ml.data.generation.level1.global_trigger import build_calorimeter_objects, level1_words
from l1ml.data.generation.level1.tower_response import FittedTowers, ring_means
from l1ml.data.generation.overlay import Composition, Overlay
from l1ml.data.generation.pool import CollisionPool
from l1ml.data.readers.ugt_vectors import ugt_schema
from l1ml.data.schema import GLOBAL_TRIGGER_SCHEMA, LEVEL1_SCHEMA
from l1ml.hardware.ugt_layouts import UGT_LAYOUTS

NEWEST = list(UGT_LAYOUTS)[-1]


@pytest.fixture
def composition(rng: np.random.Generator) -> Composition:
    count = rng.poisson(30, 70)
    count[[0, 69]] = 0
    return Composition(70, np.repeat(np.arange(70), count), rng.integers(0, 30, count.sum()))


def words(
    pool: CollisionPool, composition: Composition, objects: str, *, fitted: bool = False
) -> dict[str, dict[str, np.ndarray]]:
    towers = FittedTowers(ring_means(pool, len(pool), 30.0)) if fitted else None
    pieces = list(Overlay(pool, objects, towers).objects(composition, np.random.default_rng(4)))
    return {
        name: {column: np.concatenate([piece[name][column] for piece in pieces]) for column in columns}
        for name, columns in pieces[0].items()
    }


def towers_of(*energies: tuple[int, int, int], layer: str = "hcal") -> dict[str, np.ndarray]:
    """One crossing with counts in (ring, sector, counts)."""
    layers = {name: np.zeros((1, 114, 72), np.int32) for name in ("ecal", "hcal")}
    for ring, sector, counts in energies:
        layers[layer][0, ring, sector] = counts
    return {**layers, "towers": layers["ecal"] + layers["hcal"]}


def test_objects_are_those_of_the_newest_layout() -> None:
    known = ugt_schema(NEWEST)
    for item in GLOBAL_TRIGGER_SCHEMA.objects:
        assert item.n_slots == known.object(item.name).n_slots
        for field in item.fields:
            assert field.scale == known.object(item.name).field(field.name).scale, (item.name, field.name)


@pytest.mark.parametrize("fitted", [False, True])
def test_both_sets_of_objects_have_the_same_words(pool: CollisionPool, composition: Composition, fitted: bool) -> None:
    few, many = (words(pool, composition, objects, fitted=fitted) for objects in ("axol1tl", "global_trigger"))
    number = np.arange(70, dtype=np.uint64)
    events = Events(GLOBAL_TRIGGER_SCHEMA, many, np.ones(70), number, number)
    events.validate()
    reduced = level1_words(events)
    assert reduced.schema is LEVEL1_SCHEMA
    for item in LEVEL1_SCHEMA.objects:
        for field in item.fields:
            np.testing.assert_array_equal(reduced.collections[item.name][field.column], few[item.name][field.column])
    assert events.valid("jet").sum() > reduced.valid("jet").sum()


def test_objects_are_ordered_and_empty_slots_are_empty(pool: CollisionPool, composition: Composition) -> None:
    made = words(pool, composition, "global_trigger")
    for name in ("muon", "egamma", "tau", "jet"):
        pt = made[name]["hw_pt"]
        assert pt.any()
        assert (np.diff(pt, axis=1) <= 0).all()
        assert all((column[pt == 0] == 0).all() for column in made[name].values())
    assert set(made["egamma"]["hw_isolation"].ravel().tolist()) <= {0, 2, 3}
    assert set(made["tau"]["hw_isolation"].ravel().tolist()) <= {0, 1}
    assert (np.abs(made["tau"]["hw_eta"]) <= 57).all()


def test_every_word_saturates_where_the_trigger_does() -> None:
    full = np.full((1, 114, 72), 255, np.int32)
    full[0, 57] += 1  # somewhere a maximum
    made = build_calorimeter_objects(full, full, 2 * full)
    for name in ("ett", "ettem"):
        assert made[name]["hw_pt"].tolist() == [[4095]]
    assert made["towercount"]["hw_count"].tolist() == [[68 * 72]]
    one_sided = np.zeros((1, 114, 72), np.int32)
    one_sided[0, 20:90, :20] = 255
    made = build_calorimeter_objects(one_sided, one_sided, 2 * one_sided)
    assert made["etm"]["hw_pt"].tolist() == made["etmhf"]["hw_pt"].tolist() == [[4095]]
    for item in GLOBAL_TRIGGER_SCHEMA.objects[1:]:
        for field in item.fields:
            assert field.scale.format.contains(made[item.name][field.column]).all()


def test_hard_clusters_saturate_at_their_width() -> None:
    made = build_calorimeter_objects(**towers_of(*((57 + i, 10 + j, 250) for i in (-1, 0, 1) for j in (-1, 0, 1)), layer="ecal"))
    assert made["egamma"]["hw_pt"][0, 0] == made["tau"]["hw_pt"][0, 0] == 511
    assert made["jet"]["hw_pt"][0, 0] == min(2047, 9 * 250 * 136 // 128)


def test_sums_of_one_jet_by_hand() -> None:
    made = build_calorimeter_objects(**towers_of((60, 30, 100)))
    jet = 100 * 136 // 128
    assert made["ett"]["hw_pt"].item() == 100
    assert made["ettem"]["hw_pt"].item() == 0
    assert made["towercount"]["hw_count"].item() == 1
    assert made["htt"]["hw_pt"].item() == jet
    assert abs(made["htm"]["hw_pt"].item() - jet) <= 1
    # sector 30 is the word 61; what is missing is on the other side
    assert abs(made["htm"]["hw_phi"].item() - (61 + 72)) <= 1
    assert made["htm"]["hw_phi"].tolist() == made["etm"]["hw_phi"].tolist()


def test_forward_energy_is_in_the_forward_sums_alone() -> None:
    made = build_calorimeter_objects(**towers_of((5, 30, 200)))
    assert made["etmhf"]["hw_pt"].item() > 190
    assert made["htmhf"]["hw_pt"].item() > 190
    assert not any(made[name]["hw_pt"].any() for name in ("ett", "etm", "htt", "htm", "tau"))


def test_soft_jets_are_not_in_htt() -> None:
    made = build_calorimeter_objects(**towers_of((60, 30, 50)))
    assert made["jet"]["hw_pt"][0, 0] == 53
    assert not made["htt"]["hw_pt"].any()


def test_a_tau_takes_in_its_second_prong() -> None:
    alone, both = (build_calorimeter_objects(**towers_of((60, 30, 40), *more)) for more in ((), ((61, 33, 20),)))
    assert both["tau"]["hw_pt"][0, 0] - alone["tau"]["hw_pt"][0, 0] == 60 * 150 // 128 - 40 * 150 // 128
    assert both["tau"]["hw_isolation"][0, 0] == 1


def test_energy_around_spoils_the_isolation() -> None:
    around = [(60 + ring, 30 + sector, 12) for ring in (-2, 2) for sector in (-4, -2, 0, 2, 4)]
    electron = towers_of((60, 30, 60), layer="ecal")
    crowd = towers_of(*around)
    lonely = build_calorimeter_objects(**electron)
    crowded = build_calorimeter_objects(electron["ecal"], crowd["hcal"], electron["ecal"] + crowd["hcal"])
    assert lonely["egamma"]["hw_isolation"][0, 0] == 3
    assert lonely["tau"]["hw_isolation"][0, 0] == 1
    assert crowded["egamma"]["hw_pt"][0, 0] == lonely["egamma"]["hw_pt"][0, 0]
    assert crowded["egamma"]["hw_isolation"][0, 0] == 0
    assert crowded["tau"]["hw_isolation"][0, 0] == 0
