from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from root_toy import awkward, jagged, ntuple_toy, write_tree

from l1ml.data import Events
from l1ml.data.readers import reader_of
from l1ml.data.readers.l1ntuple import READER, Source, iterate_l1ntuple, missing_of, schema_of
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.evaluation import Unsupported, evaluate
from l1ml.trigger.menus.reader import read_menu

Trees = dict[str, dict[str, Any]]

JOB = Path(__file__).parents[2] / "damage_job.py"
UPGRADE, BITS, TOWERS = "l1UpgradeTree/L1UpgradeTree", "l1uGTTree/L1uGTTree", "l1CaloTowerTree/L1CaloTowerTree"


@pytest.fixture(scope="module")
def trees() -> Trees:
    return ntuple_toy(np.random.default_rng(6))


@pytest.fixture(scope="module")
def file(trees: Trees, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ntuple") / "toy.root"
    write_tree(path, trees, per_basket=11)
    return path


def written(folder: Path, trees: Trees, tree: str, without: tuple[str, ...] = (), **columns: Any) -> Path:
    """A file with other columns in one tree; a column of None goes."""
    named = {name.replace("__", "/"): column for name, column in columns.items()}
    own = {name: column for name, column in {**trees[tree], **named}.items() if name not in without}
    write_tree(folder / "changed.root", {**trees, tree: own} if own else {name: trees[name] for name in trees if name != tree})
    return folder / "changed.root"


def read(path: Path, **options: Any) -> Events:
    return Events.concatenate(list(iterate_l1ntuple(path, **options)))


def of_crossing(trees: Trees, bx: int, name: str, prefix: str = "jet", tree: str = UPGRADE) -> np.ndarray:
    """Values of a list in one crossing, in order."""
    columns = trees[tree]
    return np.asarray(awkward.flatten(columns[f"L1Upgrade/{name}"][columns[f"L1Upgrade/{prefix}Bx"] == bx]))


@pytest.mark.parametrize("chunk", [1, 7, 11, 1000])
@pytest.mark.parametrize("bx", [-1, 0, 1])
def test_words_come_back(file: Path, trees: Trees, chunk: int, bx: int) -> None:
    events = read(file, chunk=chunk, bx=bx)
    events.validate()
    for name, prefix, branches in (
        ("jet", "jet", {"pt": "jetIEt", "eta": "jetIEta", "phi": "jetIPhi"}),
        ("muon", "muon", {"pt": "muonIEt", "eta": "muonIEtaAtVtx"}),
    ):
        valid = events.valid(name)
        for field, branch in branches.items():
            words = events.collections[name][f"hw_{field}"]
            np.testing.assert_array_equal(words[valid], of_crossing(trees, bx, branch, prefix))
            assert not words[~valid].any()
    negative = of_crossing(trees, bx, "muonChg", "muon") < 0
    np.testing.assert_array_equal(events.collections["muon"]["hw_charge"][events.valid("muon")], negative)


def test_sums_by_type(file: Path, trees: Trees) -> None:
    events = read(file, bx=1)
    columns = trees[UPGRADE]
    for kind, name, field, branch in (
        (0, "ett", "pt", "sumIEt"),
        (2, "etm", "phi", "sumIPhi"),
        (21, "towercount", "count", "sumIEt"),
    ):
        chosen = (columns["L1Upgrade/sumType"] == kind) & (columns["L1Upgrade/sumBx"] == 1)
        wanted = np.asarray(awkward.flatten(columns[f"L1Upgrade/{branch}"][chosen]))
        np.testing.assert_array_equal(events.collections[name][f"hw_{field}"][:, 0], wanted)
        assert events.masks[name].all()
    assert "L1Upgrade/sumType 1 (htt)" in missing_of(file)


def test_cells_and_decisions(file: Path, trees: Trees) -> None:
    events = read(file, chunk=13)
    towers = trees[TOWERS]
    valid = events.masks["tower"]
    assert valid.shape[1] == towers["L1CaloTower/nTower"].max()
    for field, branch in (("ieta", "ieta"), ("iphi", "iphi"), ("et", "iet")):
        wanted = np.asarray(awkward.flatten(towers[f"L1CaloTower/{branch}"]))
        np.testing.assert_array_equal(events.collections["tower"][f"hw_{field}"][valid], wanted)
    bits = events.collections["algorithm"]["hw_bit"]
    assert (bits.shape, bits.dtype) == ((30, 512), np.int8)
    np.testing.assert_array_equal(bits, np.asarray(awkward.to_numpy(trees[BITS]["L1uGT/m_algoDecisionInitial"])))
    np.testing.assert_array_equal(events.collections["final_or"]["hw_bit"][:, 0], trees[BITS]["L1uGT/m_finalOR"])
    assert (events.collections["final_or"]["hw_prescale_column"] == 6).all()
    assert {"L1uGT/m_algoDecisionPreScaled", "L1CaloTower/iem"} <= set(missing_of(file))


def test_where_an_event_comes_from(file: Path, trees: Trees) -> None:
    events, own = read(file), trees["l1EventTree/L1EventTree"]
    np.testing.assert_array_equal(events.event, own["Event/event"])
    np.testing.assert_array_equal(events.crossing["orbit"], own["Event/orbit"].astype(np.int64))
    np.testing.assert_array_equal(events.crossing["bx"], own["Event/bx"])


def test_emulated_objects(file: Path, trees: Trees) -> None:
    events = read(file, source="emulated")
    wanted = of_crossing(trees, 0, "jetIEt", tree="l1UpgradeEmuTree/L1UpgradeTree")
    np.testing.assert_array_equal(events.collections["jet"]["hw_pt"][events.valid("jet")], wanted)
    assert "tower" not in events.collections
    assert "l1CaloTowerEmuTree/L1CaloTowerTree" in missing_of(file, source="emulated")
    with pytest.raises(ConfigError, match="did you mean 'emulated'"):
        read(file, source="emulate")


def test_a_crossing_that_is_not_kept(file: Path) -> None:
    with pytest.raises(SchemaError, match=r"nothing in .* of the source 'unpacked' in crossing"):
        read(file, bx=2)


def test_only_what_is_asked_for(file: Path) -> None:
    assert set(read(file, objects=["tower", "jet"]).collections) == {"tower", "jet"}
    with pytest.raises(SchemaError, match="did you mean 'tower'"):
        read(file, objects=["towers"])


def test_without_the_tree_of_events_rows_are_counted(tmp_path: Path, trees: Trees) -> None:
    tree = "l1EventTree/L1EventTree"
    path = written(tmp_path, trees, tree, without=tuple(trees[tree]))
    events = read(path, chunk=7)
    np.testing.assert_array_equal(events.event, np.arange(30))
    assert events.crossing == {}
    assert tree in missing_of(path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ((UPGRADE, "L1Upgrade__jetIEt", 3000), r"L1Upgrade/jetIEt holds 3000, which is no word of 11 bits \(0 to 2047\)"),
        ((UPGRADE, "L1Upgrade__muonChg", 0), "L1Upgrade/muonChg holds 0"),
        ((TOWERS, "L1CaloTower__iet", -1), "L1CaloTower/iet holds -1"),
    ],
)
def test_words_that_do_not_fit(tmp_path: Path, trees: Trees, wrong: tuple[str, str, int], message: str) -> None:
    tree, column, value = wrong
    old = trees[tree][column.replace("__", "/")]
    path = written(tmp_path, trees, tree, **{column: jagged(awkward.num(old), np.full(awkward.count(old), value, np.int16))})
    with pytest.raises(DataError, match=rf"changed.root, entry \d+: {message}"):
        read(path)


def test_trees_that_do_not_belong_together(tmp_path: Path, trees: Trees) -> None:
    short = {name: column[:29] for name, column in trees[BITS].items()}
    path = written(tmp_path, trees, BITS, **{name.replace("/", "__"): column for name, column in short.items()})
    with pytest.raises(DataError, match=f"{UPGRADE} has 30 entries and {BITS} has 29"):
        read(path)


def test_fewer_than_512_bits(tmp_path: Path, trees: Trees) -> None:
    few = jagged(np.full(30, 511), np.zeros(30 * 511, np.bool_))
    path = written(tmp_path, trees, BITS, L1uGT__m_algoDecisionFinal=few)
    with pytest.raises(DataError, match="entry 0: 511 values of 'algorithm_final', expected 512"):
        read(path)


def test_other_files(tmp_path: Path, file: Path) -> None:
    assert reader_of(file).name == "l1ntuple"
    assert READER.describe(file)["sources"] == ["unpacked", "emulated"]
    write_tree(tmp_path / "other.root", {"tree": {"x": np.arange(3)}})
    assert not READER.sniff(tmp_path / "other.root")
    with pytest.raises(SchemaError, match="the trees are tree"):
        read(tmp_path / "other.root")


def test_damaged_copies(file: Path) -> None:
    job = [sys.executable, str(JOB), "l1ntuple", str(file), "90", "2"]
    done = subprocess.run(job, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert set(counts) <= {"refused", "equal", "other"}
    assert counts["refused"] > 40


@pytest.fixture(scope="module")
def recorded(real_data: Path) -> Path:
    return real_data / "cms-l1ntuple" / "L1Ntuple_run320040_200ev.root"


def crossings_of(path: Path, source: Source, window: tuple[int, ...], *, charge_valid: bool = False) -> Columns:
    """Words of the crossings `window` of every event, one after the other, as the menu sees them; no external signals."""
    parts = [next(iterate_l1ntuple(path, source=source, bx=bx)) for bx in window]
    items = [item for item in schema_of(path, source=source, bx=window[0]).objects if item.name in GLOBAL_TRIGGER]
    n = parts[0].n * len(window)
    objects = {
        item.name: {
            field.name: np.stack([part.collections[item.name][field.column] for part in parts], axis=1).reshape(n, item.n_slots)
            for field in item.fields
        }
        for item in items
    }
    if charge_valid:
        objects["muon"]["charge_valid"] = (objects["muon"]["pt"] > 0).astype(np.int32)
    return Columns(n, objects, "L1Ntuple", "2018", np.arange(n), consecutive=len(window) > 1)


GLOBAL_TRIGGER = {
    *("muon", "egamma", "tau", "jet", "ett", "ettem", "htt", "etm", "htm", "etmhf", "htmhf", "towercount"),
    *("mbt0hfp", "mbt0hfm", "mbt1hfp", "mbt1hfm", "cent", "asymet", "asymht", "asymethf", "asymhthf"),
}


@pytest.mark.parametrize(
    ("source", "window", "charge_valid", "supported"),
    [
        ("unpacked", (-2, -1, 0, 1, 2), False, 277),
        ("unpacked", (-2, -1, 0, 1, 2), True, 296),
        ("emulated", (0,), True, 295),
    ],
)
def test_recorded_bits_are_those_of_the_menu(
    real_data: Path, source: Source, window: tuple[int, ...], charge_valid: bool, supported: int
) -> None:
    """Every algorithm of the menu of 2018 that needs no external signal, on what the Global Trigger received and decided.

    47 algorithms need external signals, which an L1Ntuple does not carry; 19 the validity of a muon's charge, which it does not
    carry either and which every muon here had, or the bits would differ; one a neighbouring crossing, which the emulator lacks.
    """
    recorded = real_data / "cms-l1ntuple" / "L1Ntuple_run320040_200ev.root"
    folder = real_data / "ugt" / "L1Menu_Collisions2018_v2_1_0-d2"
    menu = read_menu(folder / "L1Menu_Collisions2018_v2_1_0-d2.html.gz")
    decisions = evaluate(menu, crossings_of(recorded, source, window, charge_valid=charge_valid))
    events = next(
        iterate_l1ntuple(recorded, source=source, objects=["algorithm", "algorithm_prescaled", "algorithm_final", "final_or"])
    )
    bits = events.collections["algorithm"]["hw_bit"].astype(np.bool_)
    decided = [item for item in menu.algorithms if not isinstance(decisions[item.name], Unsupported)]
    assert (len(menu.algorithms), len(decided)) == (343, supported)
    for item in decided:
        decision = decisions[item.name]
        assert not isinstance(decision, Unsupported)
        np.testing.assert_array_equal(decision[len(window) // 2 :: len(window)], bits[:, item.index], err_msg=item.name)
    assert sum(bool(bits[:, item.index].any()) for item in decided) >= 34
    assert not set(np.flatnonzero(bits.any(axis=0))) - {item.index for item in menu.algorithms}


def test_the_three_points_of_the_global_trigger(recorded: Path) -> None:
    events = next(iterate_l1ntuple(recorded))
    initial, prescaled, final = (
        events.collections[name]["hw_bit"].astype(np.bool_) for name in ("algorithm", "algorithm_prescaled", "algorithm_final")
    )
    # the data of the run repeat the first point in place of the second: prescales show in the third only
    np.testing.assert_array_equal(initial, prescaled)
    assert not (final & ~initial).any()
    assert (int(initial.sum()), int(final.sum())) == (3096, 171)
    np.testing.assert_array_equal(final.any(axis=1), events.collections["final_or"]["hw_bit"][:, 0])


def test_cells_of_a_recorded_run(recorded: Path) -> None:
    for source, n_towers in (("unpacked", 1318), ("emulated", 59372)):
        found = 0
        for events in iterate_l1ntuple(recorded, chunk=64, source=source, objects=["tower", "ecal_primitive", "hcal_primitive"]):
            events.validate()
            found += int(events.masks["tower"].sum())
            for name in ("ecal_primitive", "hcal_primitive"):
                columns, valid = events.collections[name], events.masks[name]
                np.testing.assert_array_equal(columns["et"], columns["hw_compressed_et"] * np.float32(0.5))
                assert (columns["hw_iphi"][valid] >= 1).all()
                assert (columns["hw_iphi"] <= 72).all()
        assert found == n_towers
