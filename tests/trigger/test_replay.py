from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ugt_toy import decided, random_crossings, toy_menu

from l1ml.data.ugt_vectors import Crossings, iterate_vectors, read_vectors, write_vectors
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.replay import ReplayReport, replay

EXPRESSIONS = ("MU5", "comb{JET50, JET30}", "mass_inv{MU5, MU0}[MASS_10to20]", "MU5-1 AND HTT100", "AXO[AXO-MODEL_v4]")


@pytest.fixture
def orbit(rng: np.random.Generator) -> Crossings:
    return decided(toy_menu(*EXPRESSIONS), random_crossings(rng, 3564))


def flipped(orbit: Crossings, row: int, bit: int) -> Crossings:
    bits = orbit.algorithms.copy()
    bits[row, bit] ^= True
    return Crossings.from_words(orbit.era, orbit.words, externals=orbit.externals, algorithms=bits)


def test_orbit_of_our_own_through_a_file(tmp_path: Path, orbit: Crossings) -> None:
    write_vectors(tmp_path / "toy_2024.txt.gz", orbit)
    report = replay(toy_menu(*EXPRESSIONS), iterate_vectors(tmp_path / "toy_2024.txt.gz"), "toy")
    content = report.to_json()
    assert content["crossings"] == 3564
    assert (content["algorithms"], content["supported"], content["exact"], content["mismatched_bits"]) == (5, 4, 4, 0)
    assert [item["name"] for item in content["unsupported"]] == ["A4"]
    assert content["mismatches"] == []
    assert orbit.algorithms[:, :4].any(axis=0).all()


def test_each_wrong_bit_is_found(orbit: Crossings) -> None:
    wrong = flipped(flipped(orbit, 17, 1), 400, 1)
    report = replay(toy_menu(*EXPRESSIONS), [wrong], "toy")
    (item,) = report.mismatches
    assert (item.name, item.bits, item.first_bx, report.exact, report.mismatched_bits) == ("A1", 2, 17, 3, 2)
    assert item.cause == "open"
    assert "comb{JET50,JET30}" in item.deciding[0]


def test_batches_add_up(orbit: Crossings) -> None:
    report = replay(toy_menu(*EXPRESSIONS), [orbit, flipped(orbit, 5, 0), flipped(orbit, 3, 0)], "toy")
    assert report.crossings == 3 * 3564
    assert [(item.bits, item.first_bx) for item in report.mismatches] == [(2, 5)]


def test_bits_of_another_menu_are_noted(orbit: Crossings) -> None:
    report = replay(toy_menu(*EXPRESSIONS[:1]), [orbit], "toy")
    assert "bits 1, 2, 3 fire" in report.notes[0]


CDC = "L1_CDC_SingleMu_3_er1p2_TOP120_DPHI2p618_3p142"
KNOWN: dict[str, dict[str, int]] = {
    # the lines are separate events: the muon of the crossing before is not in the file
    "L1Menu_Collisions2025_v1_0_1_TestVector_data_000": {CDC: 21},
    "L1menu_2024_v1_3_0_data_TestVector_000": {CDC: 28},
    "TestVector_L1menu_Collisions2023_v1_3_1_data_test": {CDC: 11},
    "TestVector_L1Menu_Collisions2022_v1_4_0_data": {CDC: 7},
    "data_L1Menu_Collisions2022_v1_4_0_TestVector_000": {CDC: 7},
    "TestVector_L1Menu_Collisions2022_v1_4_0_ttbar_hb_corr": {CDC: 30},
    # muon-shower bits are missing: files with the same inputs and the same algorithm bits have them (.._data_test, .._hb_corr)
    "TestVector_L1Menu_Collision2023_v1_3_1_data": {
        CDC: 11,
        "L1_SingleMuShower_Nominal": 57,
        "L1_SingleMuShower_Tight": 23,
        "L1_TwoMuShower_Loose": 5,
    },
    "TestVector_L1Menu_Collisions2022_v1_4_0_ttbar": {CDC: 30, "L1_SingleMuShower_Nominal": 12, "L1_SingleMuShower_Tight": 12},
    "ttbar_L1Menu_Collisions2022_v1_4_0_TestVector_000": {
        CDC: 30,
        "L1_SingleMuShower_Nominal": 12,
        "L1_SingleMuShower_Tight": 12,
    },
    # pairs above 1.4 TeV do not fire: CMSSW's emulator of that year read the upper limit of 98000000 as 1000000
    "TestVector_L1Menu_Collisions2016_v8": {"L1_DoubleJet_90_30_Mj30j30_620": 4, "L1_DoubleJet_100_30_Mj30j30_620": 4},
}
"""Disagreements with public vectors, all with their cause; no other is allowed."""


def replayed(folder: Path) -> dict[str, ReplayReport]:
    (document,) = [path for path in folder.iterdir() if path.name.endswith((".html.gz", ".xml.gz"))]
    menu = read_menu(document)
    return {path.name.removesuffix(".txt.gz"): replay(menu, iterate_vectors(path), path.name) for path in folder.glob("*.txt.gz")}


@pytest.mark.parametrize(
    "menu",
    [
        "Collisions2016_v8_m2",
        "Collisions2018_v2_1_0-d2",
        "Collisions2022_v1_4_0-d1",
        "Collisions2023_v1_3_1-d1",
        "Collisions2024_v1_3_0-d1",
        "Collisions2025_v1_0_1-d1",
        "CollisionsHeavyIons2024_v1_0_6-d1",
    ],
)
def test_public_vectors_bit_for_bit(real_data: Path, menu: str) -> None:
    for name, report in replayed(real_data / "ugt" / f"L1Menu_{menu}").items():
        assert all("AXO" in algorithm for algorithm in report.unsupported), name
        assert report.supported >= 0.95 * report.algorithms, name
        assert {item.name: item.bits for item in report.mismatches} == KNOWN.get(name, {}), name
        assert not [item.name for item in report.mismatches if item.cause == "open"], name


def test_showers_are_missing_in_one_of_two_files_with_equal_inputs(real_data: Path) -> None:
    folder = real_data / "ugt" / "L1Menu_Collisions2022_v1_4_0-d1"
    plain, corrected = (
        read_vectors(folder / f"TestVector_L1Menu_Collisions2022_v1_4_0_ttbar{suffix}.txt.gz") for suffix in ("", "_hb_corr")
    )
    np.testing.assert_array_equal(plain.algorithms, corrected.algorithms)
    difference = plain.words["muon"] ^ corrected.words["muon"]
    assert set(np.unique(difference).tolist()) == {0, 1 << 61}
    assert not (plain.words["muon"] & difference).any()
