from __future__ import annotations

import numpy as np
import pytest

from l1ml.data.generation.level1.egamma import build_egamma

Deposit = tuple[int, int, int]


def layer(*deposits: Deposit) -> np.ndarray:
    towers = np.zeros((1, 114, 72), np.int32)
    for ring, sector, counts in deposits:
        towers[0, ring, sector] = counts
    return towers


def leading(ecal: np.ndarray, hcal: np.ndarray) -> tuple[int, int, int]:
    found = build_egamma(ecal, hcal)
    return tuple(int(found[name][0, 0]) for name in ("hw_pt", "hw_eta", "hw_phi"))  # type: ignore[return-value]


def test_a_clean_shower_is_measured_at_its_tower() -> None:
    assert leading(layer((60, 3, 80)), layer()) == (80, 7, 7)


def test_neighbours_of_one_gev_belong_to_the_cluster_less_does_not() -> None:
    assert leading(layer((60, 3, 80), (60, 4, 20), (61, 3, 1)), layer())[0] == 100


@pytest.mark.parametrize(("hadronic", "accepted"), [(4, True), (5, True), (6, False)])
def test_hadronic_energy_behind_vetoes(hadronic: int, accepted: bool) -> None:
    assert (leading(layer((60, 3, 80)), layer((61, 4, hadronic)))[0] > 0) == accepted


def test_a_wide_cluster_is_vetoed() -> None:
    narrow = layer((60, 3, 80), (60, 4, 20), (61, 3, 10))
    wide = layer((60, 3, 80), (60, 4, 20), (61, 3, 20))
    assert leading(narrow, layer())[0] == 110
    assert leading(wide, layer())[0] == 0


def test_nothing_above_the_veto_limit_is_vetoed() -> None:
    assert leading(layer((60, 3, 255), (60, 4, 10)), layer((60, 3, 200)))[0] == 265


def test_acceptance_ends_at_two_and_a_half() -> None:
    assert leading(layer((57 + 28, 3, 80)), layer())[0] == 80
    assert leading(layer((57 + 29, 3, 80)), layer())[0] == 0


def test_four_hardest_are_kept_and_the_word_saturates() -> None:
    ecal = layer(*((57, 10 * k, 10 + k) for k in range(6)), (70, 0, 255), (70, 1, 255), (71, 0, 255))
    found = build_egamma(ecal, layer())["hw_pt"][0]
    assert found.tolist() == [511, 15, 14, 13]
