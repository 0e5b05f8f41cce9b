from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from trigger_toy import events_of
from ugt_toy import decided, random_crossings, toy_menu

from l1ml.data import LEVEL1_SCHEMA, EventWriter
from l1ml.data.ugt_vectors import Crossings, write_vectors
from l1ml.errors import DataError, SchemaError
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.monitoring.levels import PRESCALED, UNPRESCALED, compared_seeds
from l1ml.trigger.monitoring.recorded_bits import FINAL, INITIAL, RecordedFile

EXPRESSIONS = ("MU5", "JET50", "HTT100")


def test_vectors_have_bits_before_the_prescale_and_count_their_orbits(tmp_path: Path, rng: np.random.Generator) -> None:
    menu = toy_menu(*EXPRESSIONS)
    orbits = [decided(menu, random_crossings(rng, 3564)) for _ in range(3)]
    write_vectors(tmp_path / "toy_2024.txt.gz", orbits)
    file = RecordedFile(tmp_path / "toy_2024.txt.gz", menu)
    assert (file.names, file.levels, file.identity) == (("A0", "A1", "A2"), (INITIAL,), ("orbit", "bx"))
    batches = list(file.iterate())
    assert [batch.n for batch in batches] == [2 * 3564, 3564]
    bits = np.concatenate([batch.bits[INITIAL] for batch in batches])
    np.testing.assert_array_equal(bits, Crossings.concatenate(orbits).algorithms[:, :3])
    orbit = np.concatenate([batch.identity["orbit"] for batch in batches])
    np.testing.assert_array_equal(orbit, np.repeat(np.arange(3), 3564))
    with pytest.raises(SchemaError, match="name the menu that it was recorded with"):
        RecordedFile(tmp_path / "toy_2024.txt.gz")


def test_nanoaod_has_final_bits_by_name(tmp_path: Path, rng: np.random.Generator) -> None:
    root_toy = pytest.importorskip("root_toy")
    nano = root_toy.nano_toy(rng)
    root_toy.write_tree(tmp_path / "nano.root", {"Events": nano.columns})
    file = RecordedFile(tmp_path / "nano.root")
    assert (file.names, file.levels) == (("L1_AlwaysTrue", "L1_SingleMu22"), (FINAL,))
    assert file.identity == ("run", "luminosity_block", "bx", "event")
    (batch,) = file.iterate()
    np.testing.assert_array_equal(batch.bits[FINAL][:, 1], nano.columns["L1_SingleMu22"])
    np.testing.assert_array_equal(batch.identity["event"], nano.columns["event"].astype(np.int64))
    assert batch.columns is not None
    assert batch.columns.has("muon", "pt")
    del nano.columns["L1_SingleMu22"], nano.columns["L1_AlwaysTrue"]
    root_toy.write_tree(tmp_path / "bare.root", {"Events": nano.columns})
    with pytest.raises(SchemaError, match="carries no trigger bits"):
        RecordedFile(tmp_path / "bare.root")


def test_crossings_that_a_simulation_has_no_number_for(tmp_path: Path, rng: np.random.Generator) -> None:
    root_toy = pytest.importorskip("root_toy")
    nano = root_toy.nano_toy(rng)
    nano.columns["bunchCrossing"][:] = 2**32 - 1
    root_toy.write_tree(tmp_path / "nano.root", {"Events": nano.columns})
    assert "bx" not in RecordedFile(tmp_path / "nano.root").identity


def test_an_l1ntuple_has_both(tmp_path: Path, rng: np.random.Generator) -> None:
    root_toy = pytest.importorskip("root_toy")
    trees = root_toy.ntuple_toy(rng)
    root_toy.write_tree(tmp_path / "ntuple.root", trees)
    file = RecordedFile(tmp_path / "ntuple.root", toy_menu(*EXPRESSIONS))
    assert set(file.levels) == {INITIAL, FINAL}
    bits = np.array(trees["l1uGTTree/L1uGTTree"]["L1uGT/m_algoDecisionInitial"])
    (batch,) = file.iterate()
    np.testing.assert_array_equal(batch.bits[INITIAL], bits[:, :3])
    with pytest.raises(SchemaError, match="--menu"):
        RecordedFile(tmp_path / "ntuple.root")


def test_events_without_bits(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "events.h5", LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
        writer.append(events_of(jet_pt=[[40, 20], [0, 0]]))
    with pytest.raises(SchemaError, match="carries no trigger bits; they are in uGT vectors"):
        RecordedFile(tmp_path / "events.h5")
    with pytest.raises(DataError, match="is not a file"):
        RecordedFile(tmp_path / "absent.root")


def settings_menu() -> Menu:
    """Seeds of every kind of setting."""
    options = ({}, {"in_final_or": False}, {"masked_bx": (3,)})
    menu = toy_menu("MU5")
    entries = [AlgorithmEntry(place, f"A{place}", "MU5", **keys) for place, keys in enumerate(options)]
    return Menu.from_entries("toy", entries, menu.definitions)


def test_final_bits_count_both_ways_only_where_every_firing_is_in_them() -> None:
    names = ("A0", "A1", "A2", "A3")
    unknown = compared_seeds(names, [FINAL], names)
    assert unknown.one_way.all()
    known = compared_seeds(names, [FINAL], names, settings_menu())
    assert known.one_way.tolist() == [False, True, True, True]
    assert [known.level(0), known.level(1)] == [UNPRESCALED, PRESCALED]
    assert not compared_seeds(names, [FINAL, INITIAL], names).one_way.any()


def test_seeds_of_one_side_and_of_none() -> None:
    seeds = compared_seeds(("A", "B", "C"), [INITIAL], ("C", "X", "A"))
    assert (seeds.names, seeds.only_recorded, seeds.only_emulated) == (("A", "C"), ("B",), ("X",))
    assert (seeds.recorded_columns.tolist(), seeds.emulated_columns.tolist()) == ([0, 2], [2, 0])
    with pytest.raises(SchemaError, match="no seed in common: another menu"):
        compared_seeds(("L1_A",), [INITIAL], ("L1_B",))
