from __future__ import annotations

import numpy as np
import pytest
from trigger_toy import DIGEST, events_of, toy_menu

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import Algorithm, CrossingRate, Menu, ObjectCondition, ScoreCondition

MUON, JET = ObjectCondition("muon", (10.0,)), ObjectCondition("jet", (20.0,))


def menu_of(*algorithms: Algorithm) -> Menu:
    return Menu("test", "1", CrossingRate(), algorithms)


def test_crossing_rate():
    assert CrossingRate().khz == 2760 * 11.2456
    for values in ((0, 11245.6), (3565, 11245.6), (2760, 0.0)):
        with pytest.raises(ConfigError, match="n_bunches"):
            CrossingRate(*values)


def test_three_points_and_final_or():
    menu = menu_of(Algorithm("L1_Mu", MUON, masked_bx=(3,)), Algorithm("L1_Jet", JET, prescale=2))
    events = events_of(muon_pt=[[40], [40], [0], [0]], jet_pt=[[80], [0], [80], [0]])
    decisions = menu.evaluate(events, bx=np.array([1, 3, 1, 1]))
    np.testing.assert_array_equal(decisions.before_bx_mask_and_prescale[:, 0], [True, True, False, False])
    np.testing.assert_array_equal(decisions.before_prescale[:, 0], [True, False, False, False])
    np.testing.assert_array_equal(decisions.before_prescale[:, 1], [True, False, True, False])
    np.testing.assert_array_equal(decisions.final[:, 1], [False, False, True, False])
    np.testing.assert_array_equal(decisions.final_or, [True, False, True, False])


def test_a_mask_needs_bunch_crossings():
    menu = menu_of(Algorithm("L1_Mu", MUON, masked_bx=(3,)))
    with pytest.raises(DataError, match="L1_Mu masks bunch crossings"):
        menu.evaluate(events_of(muon_pt=[[1]]))


def test_names_must_differ():
    with pytest.raises(ConfigError, match="'L1_Mu'"):
        menu_of(Algorithm("L1_Mu", MUON), Algorithm("L1_Mu", JET))
    with pytest.raises(ConfigError, match="none"):
        menu_of()


def test_lookup_names_the_nearest():
    with pytest.raises(ConfigError, match="did you mean 'L1_MET100'"):
        toy_menu()["L1_MET10"]


def test_resolve_derives_and_binds_thresholds():
    words = np.arange(1000)
    menu = toy_menu()
    assert not menu.is_resolved
    resolved = menu.resolve({"axo": words}, np.ones(1000), {"axo": DIGEST})
    loose = resolved["L1_AXO_loose"].condition
    assert loose == ScoreCondition("axo", 1000 - 9, DIGEST, 300.0)  # one crossing of 1000 is 31 kHz: nine are 279
    assert resolved.is_resolved
    assert resolved.resolve({"axo": words * 2}, np.ones(1000), {"axo": DIGEST})["L1_AXO_loose"].thresholds == (1981,)


def test_a_fixed_threshold_is_kept_and_checked():
    menu = menu_of(Algorithm("L1_AXO", ScoreCondition("axo", 5, DIGEST)))
    assert menu.resolve({}, np.ones(3), {"axo": DIGEST}) == menu
    with pytest.raises(ConfigError, match=r"L1_AXO: threshold 5 belongs to model abababababab, .* model cdcdcdcdcdcd"):
        menu.resolve({}, np.ones(3), {"axo": "cd" * 32})


def test_a_score_without_model_is_refused():
    with pytest.raises(ConfigError, match="needs a model for the score 'axo'; did you mean 'ax0'"):
        toy_menu().resolve({"axo": np.arange(3)}, np.ones(3), {"ax0": DIGEST})


def test_an_unresolved_menu_does_not_decide():
    with pytest.raises(ConfigError, match="l1ml menu rates"):
        toy_menu().evaluate(events_of(muon_pt=[[1]]), {"axo": np.array([1])})
