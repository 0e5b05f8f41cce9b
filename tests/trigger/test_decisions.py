from __future__ import annotations

import numpy as np
import pytest
from trigger_toy import events_of, menu_with
from ugt_toy import crossing_of, toy_menu

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import Columns, FinalDecisionLogic, decide


def muons(*crossings: int, n: int = 3564, muon_pt: int = 40) -> Columns:
    """An orbit with a muon in some crossings."""
    pt = np.zeros((n, 8), dtype=np.int64)
    pt[list(crossings), 0] = muon_pt
    made = crossing_of({}, n)
    return Columns(n, {"muon": {"pt": pt}}, made.era, made.era, made.bx)


def test_three_points_and_final_or():
    menu = menu_with("MU10", "NOT MU10", L1_0={"masked_bx": [3]}, L1_1={"prescale": 2.5})
    decisions = decide(menu, muons(1, 3, n=10))
    np.testing.assert_array_equal(np.flatnonzero(decisions.before_bx_mask_and_prescale[:, 0]), [1, 3])
    np.testing.assert_array_equal(np.flatnonzero(decisions.before_prescale[:, 0]), [1])
    np.testing.assert_array_equal(np.flatnonzero(decisions["L1_1"]), [0, 2, 4, 5, 6, 7, 8, 9])
    np.testing.assert_array_equal(np.flatnonzero(decisions.final[:, 1]), [4, 6, 9])
    np.testing.assert_array_equal(np.flatnonzero(decisions.final_or), [1, 4, 6, 9])


def test_masks_of_the_final_or():
    menu = menu_with("MU10", "MU20", "MU30", L1_0={"in_final_or": False}, L1_2={"is_veto": True})
    for pt, kept in ((21, False), (41, True), (61, False)):
        decisions = decide(menu, muons(5, n=10, muon_pt=pt))
        assert decisions.final[5].tolist() == [pt >= 21, pt >= 41, pt >= 61]
        assert bool(decisions.final_or[5]) == kept
        assert not decisions.final_or[4]


def test_counters_go_on_from_batch_to_batch():
    menu = menu_with("MU10", L1_0={"prescale": 3})
    logic = FinalDecisionLogic(menu)
    kept = [logic.decide(muons(1, 2, n=5)).final[:, 0].sum() for _ in range(3)]
    assert kept == [0, 1, 1]


def test_bookkeeping_by_orbit_and_by_crossing():
    menu = menu_with("MU10", "NOT MU10", L1_1={"prescale": 0})
    orbits = decide(menu, Columns(*_two_orbits()))
    np.testing.assert_array_equal(orbits.per_orbit(), [[2, 0], [1, 0]])
    counts = orbits.per_bx()
    assert counts.shape == (3564, 2)
    assert np.flatnonzero(counts[:, 0]).tolist() == [0, 7]
    assert counts[7].tolist() == [2, 0]


def _two_orbits():
    first, second = muons(0, 7), muons(7)
    pt = np.concatenate([first.objects["muon"]["pt"], second.objects["muon"]["pt"]])
    return 7128, {"muon": {"pt": pt}}, "", "", np.concatenate([first.bx, second.bx])


def test_events_have_no_bunch_crossings():
    menu = menu_with("MU10", L1_0={"masked_bx": [3]})
    columns = Columns.of_events(events_of(muon_pt=[[1]]))
    with pytest.raises(DataError, match="L1_0 masks bunch crossings, and schema 'level1' carries no crossing numbers"):
        decide(menu, columns)
    with pytest.raises(DataError, match="no numbers in an orbit"):
        decide(menu_with("MU10"), columns).per_orbit()


def test_what_has_no_decision_has_no_column():
    columns = Columns.of_events(events_of(muon_pt=[[21]]))
    decisions = decide(
        menu_with("MU10", "MU10-1", "EXT_ZeroBias_BPTX_AND_VME", "TAU20", "AXO[AXO-MODEL_axo, AXO-SCORE_5]"), columns
    )
    assert decisions.names == ("L1_0",)
    reasons = decisions.unsupported
    assert "are not consecutive crossings" in reasons["L1_1"]
    assert "no external signals" in reasons["L1_2"]
    assert "hold no 'tau'" in reasons["L1_3"]
    assert "needs the score 'axo' of a network; bound are none" in reasons["L1_4"]
    with pytest.raises(ConfigError, match="L1_3 has no decision: "):
        decisions["L1_3"]
    with pytest.raises(ConfigError, match="has no algorithm 'L1_9'; did you mean 'L1_0'"):
        decisions["L1_9"]


def test_an_unresolved_threshold_does_not_decide():
    from trigger_toy import toy_menu as unresolved

    columns = Columns.of_events(events_of(muon_pt=[[1]]))
    with pytest.raises(ConfigError, match="l1ml menu rates"):
        decide(unresolved(), columns, {"axo": np.array([1])})


def test_vectors_and_events_decide_alike():
    menu = menu_with("MU10", "comb{EG25, EG14}", "ETMHF100", "JET30 AND NOT MU10")
    rng = np.random.default_rng(4)
    words = {f"{name}_pt": -np.sort(-rng.integers(0, top, (50, slots))) for name, top, slots in _OBJECTS}
    events = events_of(**words)
    names = {"met": "etmhf"}
    objects = {names.get(name, name): {"pt": words[f"{name}_pt"]} for name, _, _ in _OBJECTS}
    crossings = Columns(50, objects, "by hand")
    np.testing.assert_array_equal(decide(menu, Columns.of_events(events)).final, decide(menu, crossings).final)


_OBJECTS = (("muon", 40, 4), ("egamma", 80, 4), ("met", 400, 1), ("jet", 120, 10))


def test_unsupported_parts_do_not_touch_the_rest():
    decisions = decide(toy_menu("MU5", "AXO[AXO-MODEL_v4, AXO-SCORE_5]", "MU0"), Columns.of_crossings(crossing_of({}, 2)))
    assert decisions.names == ("A0", "A2")
    assert decisions.final.shape == (2, 2)
