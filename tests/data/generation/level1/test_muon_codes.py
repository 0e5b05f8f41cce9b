from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l1ml.data.generation.level1.muon_codes import build_full_muons, track_finder_index
from l1ml.data.generation.level1.muons import PlacedCandidates
from l1ml.data.generation.level1.trigger_parameters import MuonParameters
from l1ml.errors import ConfigError


def muons(n: int, pt: float, charge: int) -> PlacedCandidates:
    columns = [np.full(n, value) for value in (pt, 0.5, 0.1, 1.0, 1.0)]
    return PlacedCandidates(np.arange(n), *columns, charge=np.full(n, charge))


@pytest.mark.parametrize(("charge", "word"), [(1, 0), (-1, 1)])
def test_the_charge_bit_is_set_for_negative_muons_but_for_errors(charge: int, word: int, rng: np.random.Generator) -> None:
    made = build_full_muons(muons(20_000, 20, charge), 20_000, rng, rng.spawn(1)[0], MuonParameters(charge_error=0.02))
    valid = made["hw_pt"][:, 0] > 0
    assert (made["hw_charge"][valid, 0] == word).mean() == pytest.approx(0.98, abs=0.004)
    assert made["hw_charge_valid"][valid, 0].all()
    assert not made["hw_charge_valid"][~valid].any()


def test_hard_muons_are_better_than_soft_ones(rng: np.random.Generator) -> None:
    quality = [
        build_full_muons(muons(20_000, pt, 1), 20_000, rng, rng.spawn(1)[0], MuonParameters())["hw_quality"][:, 0]
        for pt in (4, 40)
    ]
    assert set(np.concatenate(quality).tolist()) == {0, 4, 8, 12}
    soft, hard = ((column == 12).sum() / (column > 0).sum() for column in quality)
    assert soft == pytest.approx(0.93 - 0.45 * np.exp(-2 / 3), abs=0.02)
    assert hard == pytest.approx(0.93, abs=0.01)


def test_indices_name_the_track_finder_and_count_its_tracks() -> None:
    phi = np.array([[15, 15, 15, 15, 300, 300, 300, 0]]) * 576 // 360
    eta = np.array([[200, 210, 205, 220, -100, -200, 0, 0]])
    pt = np.array([[60, 50, 40, 30, 20, 10, 5, 0]])
    slots = {name: column.astype(np.int32) for name, column in (("hw_pt", pt), ("hw_eta", eta), ("hw_phi", phi))}
    index = track_finder_index(slots)[0].tolist()
    # 15 degrees: first sector of the positive endcap; three tracks at most. 300 degrees: sector 4, wedge 10
    assert index == [0, 1, 2, 2, 72 + 12, 90 + 12, 36 + 30, 0]


def test_probabilities_are_checked() -> None:
    with pytest.raises(ConfigError, match=r"charge_error is a probability, received 1\.5"):
        replace(MuonParameters(), charge_error=1.5)
