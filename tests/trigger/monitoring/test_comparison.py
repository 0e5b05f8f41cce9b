from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from decisions_toy import write_decisions
from ugt_toy import decided, random_crossings, toy_menu

from l1ml.data.ugt_vectors import Crossings, write_vectors
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.storage import digest_of
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.menus.toml_menu import toml_of_menu
from l1ml.trigger.monitoring import ComparisonFiles, Limits, RunComparison, Status, compare_files, compare_run
from l1ml.trigger.monitoring.decision_source import DecisionSource
from l1ml.trigger.monitoring.levels import compared_seeds
from l1ml.trigger.monitoring.pairing import Pairing

EXPRESSIONS = ("MU5", "comb{JET50, JET30}", "HTT100", "AXO[AXO-MODEL_v4]")
MENU = toy_menu(*EXPRESSIONS)


@pytest.fixture
def orbit(rng: np.random.Generator) -> Crossings:
    return decided(MENU, random_crossings(rng, 3564))


def recorded(path: Path, orbit: Crossings, wrong: dict[int, list[int]] | None = None) -> Path:
    """Vectors with the bits of some seeds wrong in some crossings."""
    bits = orbit.algorithms.copy()
    for index, rows in (wrong or {}).items():
        bits[rows, index] ^= True
    write_vectors(path, Crossings.from_words(orbit.era, orbit.words, externals=orbit.externals, algorithms=bits))
    return path


def compare(path: Path, menu: Menu | None = MENU, limits: Limits | None = None, **more: object) -> RunComparison:
    return compare_files(ComparisonFiles(path, menu=menu, **more), limits)


def test_a_run_that_agrees(tmp_path: Path, orbit: Crossings) -> None:
    found = compare(recorded(tmp_path / "run_2024.txt.gz", orbit))
    assert found.verdict.status is Status.OK
    assert found.verdict.headline.startswith("OK: 3 seeds (3 of them fire) agree bit for bit in 3,564 crossings")
    assert list(found.unsupported) == ["A3"]
    assert found.matched.both == 3564
    assert found.drift is None
    assert found.in_bx is not None
    assert found.in_bx.mismatches.sum() == 0


def test_bits_of_seeds_without_decision_are_no_mismatch(tmp_path: Path, orbit: Crossings) -> None:
    found = compare(recorded(tmp_path / "run_2024.txt.gz", orbit, {3: list(range(100))}))
    assert found.verdict.status is Status.OK
    assert found.crossings_with_mismatch == found.in_time.mismatches.sum() == 0


def test_every_wrong_bit_is_counted_where_it_is(tmp_path: Path, orbit: Crossings) -> None:
    fired = orbit.algorithms[:, 1]
    lost, gained = np.flatnonzero(fired)[:7].tolist(), np.flatnonzero(~fired)[:4].tolist()
    found = compare(recorded(tmp_path / "run_2024.txt.gz", orbit, {1: lost + gained}))
    seed = found.seeds[0]
    assert (seed.name, seed.only_emulated, seed.only_recorded, seed.both) == ("A1", 7, 4, int(fired.sum()) - 7)
    assert (seed.mismatches, seed.firings, found.crossings_with_mismatch) == (11, int(fired.sum()) + 4, 11)
    low, high = seed.limits
    assert low < 11 / seed.firings < high
    assert len(seed.first) == 3
    row = min(lost + gained)
    assert seed.first[0].where == f"orbit 0, bx {row}"
    assert seed.first[0].fires == ("emulated" if row in lost else "recorded")
    assert "comb{JET50,JET30} is" in seed.first[0].deciding[0]
    assert found.in_bx is not None
    assert np.flatnonzero(found.in_bx.mismatches).tolist() == sorted(lost + gained)
    assert found.verdict.status is Status.ALARM
    assert found.verdict.headline.startswith("ALARM: 1 of 3 seeds mismatch; most A1: 11 of")


def test_a_share_may_be_allowed(tmp_path: Path, orbit: Crossings) -> None:
    fired = np.flatnonzero(orbit.algorithms[:, 2])
    path = recorded(tmp_path / "run_2024.txt.gz", orbit, {2: fired[:5].tolist()})
    rate = 5 / len(fired)
    allowed = compare(path, limits=Limits(allowed=rate))
    assert allowed.verdict.status is Status.LOOK
    assert "within the share that is allowed" in " ".join(allowed.verdict.reasons)
    assert compare(path, limits=Limits(allowed=rate / 30)).verdict.status is Status.ALARM
    for wrong in ({"allowed": 1.0}, {"allowed": -0.1}, {"false_alarms": 0.0}):
        with pytest.raises(ConfigError):
            Limits(**wrong)


def test_a_decision_file_takes_the_place_of_the_menu(tmp_path: Path, orbit: Crossings) -> None:
    path = recorded(tmp_path / "run_2024.txt.gz", orbit, {0: [500]})
    rows = np.arange(100, 3564)
    identity = {"orbit": np.zeros(len(rows), int), "bx": rows}
    bits = orbit.algorithms[rows][:, [2, 0]]
    own = digest_of(toml_of_menu(MENU).encode())
    decisions = write_decisions(tmp_path / "decisions.h5", ["A2", "A0"], bits, identity, bits & False, menu_digest=own)
    found = compare(path, emulated=decisions)
    assert (found.matched.both, found.matched.only_recorded, found.matched.only_emulated) == (3464, 100, 0)
    assert [(item.name, item.mismatches) for item in found.seeds] == [("A0", 1), ("A2", 0)]
    assert found.seeds_only_recorded == ("A1", "A3")
    assert "MU5 is" in found.seeds[0].first[0].deciding[0]
    assert "100 crossings are only recorded, 0 only emulated" in found.verdict.reasons
    # and a decision file may be what was recorded
    again = compare(decisions, None, emulated=decisions)
    assert (again.matched.both, again.verdict.status) == (3464, Status.OK)


def test_mismatches_in_one_part_of_the_run(tmp_path: Path, rng: np.random.Generator) -> None:
    n = 40000
    orbit, bx = np.sort(rng.integers(0, 3000, n)), rng.integers(0, 3564, n)
    orbit, bx = np.unique(np.stack([orbit, bx]), axis=1)
    bits = rng.random((len(bx), 2)) < [0.3, 0.1]
    wrong = bits.copy()
    late = np.flatnonzero((orbit > 2700) & bits[:, 0])
    wrong[rng.choice(late, 20, replace=False), 0] = False
    files = [
        write_decisions(tmp_path / f"{name}.h5", ["L1_A", "L1_B"], values, {"orbit": orbit, "bx": bx})
        for name, values in (("emulated", bits), ("recorded", wrong))
    ]
    found = compare(files[1], None, emulated=files[0], limits=Limits(allowed=0.01))
    assert found.verdict.status is Status.LOOK
    assert found.in_time.clustering.p_value <= 0.001
    assert found.in_bx is not None
    assert found.in_bx.clustering.p_value > 0.01
    assert any(reason.startswith("mismatches cluster in orbit 2") for reason in found.verdict.reasons)
    assert found.in_time.width == 4
    assert found.seeds[0].in_time is not None


def test_wrong_files(tmp_path: Path, orbit: Crossings) -> None:
    path = recorded(tmp_path / "run_2024.txt.gz", orbit)
    with pytest.raises(ConfigError, match="nothing to compare with"):
        compare(write_decisions(tmp_path / "a.h5", ["A0"], np.ones((1, 1), bool), {"orbit": np.ones(1), "bx": np.ones(1)}), None)
    bits, own = np.ones((1, 1), bool), digest_of(toml_of_menu(MENU).encode())
    other = write_decisions(tmp_path / "b.h5", ["L1_X"], bits, {"orbit": np.ones(1), "bx": np.ones(1)})
    with pytest.raises(ConfigError, match=r"was decided by the menu 'toy' .* and --menu is another one"):
        compare(path, emulated=other)
    other = write_decisions(tmp_path / "b.h5", ["L1_X"], bits, {"orbit": np.ones(1), "bx": np.ones(1)}, menu_digest=own)
    with pytest.raises(SchemaError, match="no seed in common: another menu"):
        compare(path, emulated=other)
    far = write_decisions(tmp_path / "c.h5", ["A0"], bits, {"orbit": np.full(1, 99), "bx": np.ones(1)}, menu_digest=own)
    with pytest.raises(DataError, match=r"no crossing in common \(by orbit, bx\): another run\?.* orbit 0, bx 0.* bx 1"):
        compare(path, emulated=far)
    with pytest.raises(DataError, match="none of 1 seeds could be emulated; A0: AXO"):
        compare(path, toy_menu("AXO[AXO-MODEL_v4]"))
    with pytest.raises(SchemaError, match="holds no objects to emulate"):
        compare(far)


@dataclass
class FinalBits:
    """A recorded file with nothing but final bits, as NanoAOD has them."""

    file: DecisionSource
    levels = ("final",)

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


def test_final_bits_that_a_prescale_may_have_taken(tmp_path: Path, rng: np.random.Generator) -> None:
    n = 2000
    identity = {"orbit": np.arange(n) // 40, "bx": np.arange(n) % 40}
    bits = rng.random((n, 2)) < 0.4
    kept = bits & (rng.random((n, 2)) < 0.5)
    kept[np.flatnonzero(~bits[:, 1])[0], 1] = True
    emulated, recorded_file = (
        DecisionSource.open(write_decisions(tmp_path / f"{name}.h5", ["L1_A", "L1_B"], bits, identity, final))
        for name, final in (("emulated", bits), ("recorded", kept))
    )
    names = ("L1_A", "L1_B")
    found = compare_run(Pairing(FinalBits(recorded_file), emulated), compared_seeds(names, ["final"], names))
    assert [(item.name, item.one_way, item.mismatches) for item in found.seeds] == [("L1_B", True, 1), ("L1_A", True, 0)]
    assert found.seeds[1].only_emulated > 300
    assert "2 seeds are recorded after a prescale that is not known to be one" in found.notes[0]


def test_drift_against_a_reference(tmp_path: Path, rng: np.random.Generator) -> None:
    paths = [recorded(tmp_path / f"{name}_2024.txt.gz", decided(MENU, random_crossings(rng, 3564))) for name in "ab"]
    same = compare(paths[0], reference=(paths[1],))
    assert same.verdict.status is Status.OK
    assert "quantities do not drift" in same.verdict.summary
    orbit = random_crossings(rng, 3564)
    orbit.words["muon"][:, 0] = 0
    dead = recorded(tmp_path / "c_2024.txt.gz", decided(MENU, Crossings.from_words("2024", orbit.words)))
    found = compare(dead, reference=(paths[1],))
    assert found.drift is not None
    assert {item.name for item in found.drift.quantities if item.adjusted <= 0.01} >= {"muon number", "A0"}
    assert found.verdict.status is Status.ALARM
    assert f"drift against {paths[1].name}" in found.verdict.headline


def test_scores_of_another_network_are_no_reference(tmp_path: Path) -> None:
    identity, bits = {"orbit": np.arange(40), "bx": np.arange(40)}, np.ones((40, 1), bool)
    files = {
        name: write_decisions(
            tmp_path / f"{name}.h5", ["L1_A"], bits, identity, scores={"axo": np.arange(40)}, networks={"axo": digest}
        )
        for name, digest in (("run", "a" * 64), ("same", "a" * 64), ("other", "b" * 64))
    }
    found = compare(files["run"], None, emulated=files["run"], reference=(files["same"], files["same"]))
    assert found.drift is not None
    assert "axo" in {item.name for item in found.drift.quantities}
    with pytest.raises(ConfigError, match="of the network aaaaaaaaaaaa, those of the reference of bbbbbbbbbbbb"):
        compare(files["run"], None, emulated=files["run"], reference=(files["other"], files["other"]))


def test_vectors_of_cms(real_data: Path) -> None:
    place = real_data / "ugt" / "L1Menu_Collisions2024_v1_3_0-d1"
    menu = read_menu(next(place.glob("*.html.gz")))
    found = compare(next(place.glob("*data_TestVector*")), menu)
    # asks for the crossing before, and the lines of the file are separate events
    wrong = {item.name: item.mismatches for item in found.seeds if item.mismatches}
    assert wrong == {"L1_CDC_SingleMu_3_er1p2_TOP120_DPHI2p618_3p142": 28}
    assert found.matched.both == 3564


def test_recorded_crossings_of_cms(real_data: Path) -> None:
    pytest.importorskip("uproot")
    menu = read_menu(next((real_data / "ugt" / "L1Menu_Collisions2018_v2_1_0-d2").glob("*.html.gz")))
    found = compare(real_data / "cms-l1ntuple" / "L1Ntuple_run320040_200ev.root", menu)
    # bits of the hardware in zero bias of run 320040: every seed whose objects are all in the file agrees
    assert found.verdict.headline.startswith("OK: 276 seeds (34 of them fire) agree bit for bit in 200 crossings")
    assert sum(item.both for item in found.seeds) == 251


def test_nanoaod_of_cms(real_data: Path) -> None:
    pytest.importorskip("uproot")
    menu = read_menu(next((real_data / "ugt" / "L1Menu_Collisions2022_v1_4_0-d1").glob("*.html.gz")))
    found = compare(real_data / "cms-nanoaod" / "EGamma_2022E_v13.root", menu)
    assert found.matched.both == 100
    wrong = [item for item in found.seeds if item.mismatches]
    # objects below 10 GeV (e/gamma) are not in the file, and the seeds that mismatch ask for such ones
    assert len(wrong) == 14
    assert all("EG" in item.name and item.one_way for item in wrong)
    assert len(found.seeds) - len(wrong) > 200
    assert "central NanoAOD keeps e/gammas from 10" in found.notes[1]
