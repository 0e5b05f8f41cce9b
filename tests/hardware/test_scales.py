from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError
from l1ml.hardware import GLOBAL_TRIGGER_SCALES, HardwareScale


def test_muon_pt_word_zero_is_no_muon() -> None:
    pt = GLOBAL_TRIGGER_SCALES["muon"]["pt"]
    assert pt.to_hw(22.0, "ceil") == 45
    assert pt.to_physical(1) == 0.0
    assert pt.max_word == 511


def test_calorimeter_threshold_words() -> None:
    assert GLOBAL_TRIGGER_SCALES["jet"]["pt"].to_hw(180.0, "ceil") == 360
    assert GLOBAL_TRIGGER_SCALES["egamma"]["pt"].to_hw([1000.0], "floor").tolist() == [511]


@pytest.mark.parametrize(("name", "n_phi"), [("met", 144), ("egamma", 144), ("muon", 576), ("jet", 144)])
def test_phi_goes_round_once(name: str, n_phi: int) -> None:
    scale = GLOBAL_TRIGGER_SCALES[name]["phi"]
    assert scale.to_physical(n_phi) == pytest.approx(2 * np.pi, rel=1e-12)
    assert n_phi - 1 <= scale.max_word


@given(st.floats(0, 300))
def test_a_cut_keeps_its_meaning_on_words(cut: float) -> None:
    scale = HardwareScale(0.5, 11, unit="GeV")
    words = np.arange(scale.max_word + 1)
    np.testing.assert_array_equal(words >= scale.to_hw(cut, "ceil"), scale.to_physical(words) >= cut)
    np.testing.assert_array_equal(words <= scale.to_hw(cut, "floor"), scale.to_physical(words) <= cut)


def test_an_impossible_scale_is_refused() -> None:
    with pytest.raises(ConfigError, match="lsb must be positive"):
        HardwareScale(0.0, 8)
