"""One object, one condition, one limit at a time: equal to it, one below, one above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ugt_toy import crossing_of, random_crossings, toy_menu

from l1ml.data.ugt_vectors import Crossings
from l1ml.errors import ConfigError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.evaluation import Decision, Evaluator, Unsupported
from l1ml.trigger.evaluation import evaluate as evaluate_columns
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.requirements import CorrelationCut

Object = Mapping[str, int]


def evaluate(menu: Menu, crossings: Crossings, **scores: np.ndarray) -> dict[str, Decision]:
    """Decisions of `menu` on `crossings`, with score words by network."""
    return evaluate_columns(menu, Columns.of_crossings(crossings), scores)


def fires(expression: str, era: str = "2024", **objects: list[Object]) -> bool:
    """Whether `expression` fires on one crossing that holds `objects`."""
    decision = evaluate(toy_menu(expression), crossing_of(objects, era=era))["A0"]
    assert not isinstance(decision, Unsupported), decision.reason
    assert decision.dtype == np.bool_
    return bool(decision[0])


def muon(pt: int = 11, eta: int = 0, phi: int = 0, **more: int) -> Object:
    return {"pt": pt, "eta": eta, "phi": phi, "charge_valid": 1, **more}


def calo(pt: int, eta: int = 0, phi: int = 0, **more: int) -> Object:
    return {"pt": pt, "eta": eta, "phi": phi, **more}


@pytest.mark.parametrize(("pt", "expected"), [(10, False), (11, True), (12, True), (0, False)])
def test_threshold(pt: int, expected: bool) -> None:
    assert fires("MU5", muon=[muon(pt)]) is expected
    assert fires("MU5", muon=[muon(0), muon(pt)]) is expected


def test_no_muon_is_not_a_muon_of_zero() -> None:
    assert not fires("MU0", muon=[muon(0)])
    assert fires("MU0", muon=[muon(1)])


@pytest.mark.parametrize(
    ("eta", "expected"), [(-93, False), (-92, True), (92, True), (93, False), (150, True), (225, True), (226, False)]
)
def test_eta_windows_are_alternatives(eta: int, expected: bool) -> None:
    assert fires("MU5[MU-ETA_1, MU-ETA_FWD]", muon=[muon(eta=eta)]) is expected
    assert fires("MU5[MU-ETA_1]", muon=[muon(eta=eta)]) is (expected and eta < 100)


@pytest.mark.parametrize(("phi", "expected"), [(499, False), (500, True), (575, True), (0, True), (50, True), (51, False)])
def test_phi_window_through_zero(phi: int, expected: bool) -> None:
    assert fires("MU5[MU-PHI_WRAP]", muon=[muon(phi=phi)]) is expected


@pytest.mark.parametrize(
    ("cut", "field", "passes", "fails"),
    [
        ("MU-QLTY_12", "quality", 12, 11),
        ("MU-UPT_4", "unconstrained_pt", 5, 4),
        ("MU-IP_123", "impact", 1, 0),
        ("MU-INDEX_1", "index", 70, 71),
        ("MU-POS", "charge", 0, 1),
        ("MU-POS", "charge_valid", 1, 0),
    ],
)
def test_cuts_on_a_muon(cut: str, field: str, passes: int, fails: int) -> None:
    assert fires(f"MU5[{cut}]", muon=[{**muon(), field: passes}])
    assert not fires(f"MU5[{cut}]", muon=[{**muon(), field: fails}])


def test_cuts_on_calorimeter_objects() -> None:
    assert [fires("EG10[EG-ISO_0xA]", egamma=[calo(20, isolation=word)]) for word in range(4)] == [False, True, False, True]
    assert [fires("JET30[JET-DISP_LLP]", jet=[calo(60, displaced=word)]) for word in range(2)] == [False, True]
    jets = [calo(0), calo(0), calo(60)]
    assert not fires("JET30[JET-SLICE_0_1]", jet=jets)
    assert fires("JET30[JET-SLICE_0_1]", jet=jets[1:])


def test_every_requirement_has_an_object_of_its_own() -> None:
    assert not fires("comb{JET50, JET30}", jet=[calo(100)])
    assert fires("comb{JET50, JET30}", jet=[calo(60), calo(100)])
    assert not fires("comb{JET50, JET50, JET30}", jet=[calo(100), calo(60), calo(60)])
    assert fires("comb{JET30, JET30, JET30, JET30}", jet=[calo(60)] * 4)
    assert not fires("comb{JET30, JET30, JET30, JET30}", jet=[calo(60)] * 3 + [calo(59)])


@pytest.mark.parametrize(("charges", "like", "opposite"), [((0, 0), True, False), ((0, 1), False, True)])
def test_charge_correlation(charges: tuple[int, int], like: bool, opposite: bool) -> None:
    muons = [muon(charge=charge) for charge in charges]
    assert fires("comb{MU5, MU5}[CHGCOR_LS]", muon=muons) is like
    assert fires("comb{MU5, MU5}[CHGCOR_OS]", muon=muons) is opposite
    invalid = [muons[0], {**muons[1], "charge_valid": 0}]
    assert not fires("comb{MU5, MU5}[CHGCOR_LS]", muon=invalid)
    assert not fires("comb{MU5, MU5}[CHGCOR_OS]", muon=invalid)


def test_charges_of_three_are_opposite_if_not_all_alike() -> None:
    muons = [muon(charge=0), muon(charge=0), muon(charge=1)]
    assert fires("comb{MU5, MU5, MU5}[CHGCOR_OS]", muon=muons)
    assert not fires("comb{MU5, MU5, MU5}[CHGCOR_LS]", muon=muons)


def test_sums_counts_and_bits() -> None:
    assert [fires("HTT100", htt=[{"pt": word}]) for word in (199, 200, 4095)] == [False, True, True]
    assert [fires("MBT0HFP1", mbt0hfp=[{"count": word}]) for word in (0, 1)] == [False, True]
    assert [fires("TOWERCOUNT7", towercount=[{"count": word}]) for word in (6, 7)] == [False, True]
    assert [fires("CENT2", cent=[{"bits": 1 << bit}]) for bit in (1, 2, 3)] == [False, True, False]
    assert [fires("MUS1", muon_shower=[{name: 1}]) for name in ("mus0", "mus1")] == [False, True]
    assert [fires("CICADA[CICADA-CSCORE_5]", cicada=[{"score": word}]) for word in (0x4FF, 0x500)] == [False, True]


def test_difference_of_eta_at_its_limit() -> None:
    # 23 bins of 0.0435 are 1.0005: the table says 1000 or 1001, and 24 bins 1044
    assert fires("dist{JET30, JET30}[DETA_MAX_1]", jet=[calo(60, -10), calo(60, 13)])
    assert not fires("dist{JET30, JET30}[DETA_MAX_1]", jet=[calo(60, -10), calo(60, 14)])
    assert not fires("dist{JET30, JET30}[DETA_MAX_1]", jet=[calo(60, -10)])


def test_difference_of_phi_wraps() -> None:
    # 46 bins of 2 pi / 144 are 2.007
    for phi, expected in ((45, False), (46, True), (98, True), (99, False)):
        assert fires("dist{JET30, ETM50}[DPHI_MIN_2]", jet=[calo(60, 0, phi)], etm=[{"pt": 100, "phi": 0}]) is expected


def test_dr_of_muon_and_jet_in_the_bins_of_the_muon() -> None:
    # the centre of jet bin 0 is muon bin 2; dR^2 = (36 * 0.010875)^2 = 0.391^2 = 0.153 and (37 * 0.010875)^2 = 0.402^2 = 0.162
    for eta, expected in ((38, True), (39, False), (-34, True), (-35, False)):
        assert fires("dist{MU5, JET30}[DR_MAX_0p4]", muon=[muon(eta=eta, phi=2)], jet=[calo(60)]) is expected


def test_mass_by_hand() -> None:
    # two muons back to back: m^2/2 = pt^2 * 2, to lie in 50 to 200 GeV^2; word w is (5 w - 2) / 10 GeV
    # words 10, 11, 20, 21: 2 * 4.8^2 = 46.08, 2 * 5.3^2 = 56.18, 2 * 9.8^2 = 192.08, 2 * 10.3^2 = 212.18
    for pt, expected in ((10, False), (11, True), (20, True), (21, False)):
        assert fires("mass_inv{MU0, MU0}[MASS_10to20]", muon=[muon(pt), muon(pt, phi=288)]) is expected


@pytest.mark.parametrize("cut", ["MASS_10to20", "MASSUPT_10to20"])
def test_mass_of_the_unconstrained_pt(cut: str) -> None:
    # word w is w - 0.5 GeV: 2 * 4.5^2 = 40.5, 2 * 5.5^2 = 60.5, 2 * 9.5^2 = 180.5, 2 * 10.5^2 = 220.5
    for word, expected in ((5, False), (6, True), (10, True), (11, False)):
        muons = [muon(unconstrained_pt=word), muon(phi=288, unconstrained_pt=word)]
        assert fires(f"mass_inv_upt{{MU0, MU0}}[{cut}]", muon=muons) is expected


@pytest.mark.parametrize(("cut", "expected"), [("MASSDR_BELOW", True), ("MASSDR_AT", True), ("MASSDR_ABOVE", False)])
def test_mass_over_dr_at_its_limit(cut: str, expected: bool) -> None:
    # back to back, half a turn is 144 coarse bins: 1 / pi^2 = 0.10132; word 10 is 4.8 GeV
    assert fires(f"mass_inv_dr{{MU0, MU0}}[{cut}]", muon=[muon(10), muon(10, phi=288)]) is expected
    assert not fires(f"mass_inv_dr{{MU0, MU0}}[{cut}]", muon=[muon(10)])


def test_mass_over_dr_of_calorimeter_objects() -> None:
    # 10 bins of eta: cosh(0.435) - 1 = 0.096 and 1 / 0.435^2 = 5.28471: 10.3 * pt * 0.096 * 5.28471, at least 15^2 / 2 = 112.5
    # words 42, 43: 21.3 and 21.8 GeV, 111.3 and 113.9
    for pt, expected in ((42, False), (43, True)):
        assert fires("mass_inv_dr{EG10, TAU20}[MASSDR_MIN_15]", egamma=[calo(20)], tau=[calo(pt, 10)]) is expected


def test_mass_over_dr_sees_muons_in_bins_twice_as_wide() -> None:
    huge, limit = "mass_inv_dr{MU0, MU0}[MASSDR_HUGE]", "mass_inv_dr{MU0, MU0}[MASSDR_AT]"
    # one coarse bin: dR reads 0, and the highest word passes any limit; even for the same words, without any mass
    for eta, phi in ((1, 0), (0, 1), (1, 1), (0, 0)):
        assert fires(huge, muon=[muon(10), muon(10, eta, phi)])
    # neighbouring coarse bins, though the words are as close: 48 * 48 * 1 * 211388559 = 487,039,239,936 is above the limit,
    # 48 * 43 * 1 * 211388559 = 436,305,985,776 below
    for first, second in ((1, 2), (-1, 0)):
        assert not fires(huge, muon=[muon(10, first), muon(10, second)])
        assert fires(limit, muon=[muon(10, first), muon(10, second)])
        assert not fires(limit, muon=[muon(10, first), muon(9, second)])
    # phi 575 and 0 are neighbours
    assert fires(huge, muon=[muon(10, 0, 574), muon(10, 0, 575)])
    assert not fires(huge, muon=[muon(10, 0, 575), muon(10)])


def test_mass_over_dr_of_a_muon_and_a_jet_is_not_in_the_firmware() -> None:
    objects = {"muon": [muon()], "jet": [calo(60)]}
    decision = evaluate(toy_menu("mass_inv_dr{MU0, JET30}[MASSDR_MIN_15]"), crossing_of(objects))["A0"]
    assert isinstance(decision, Unsupported)
    assert "no table of 1 / dR^2" in decision.reason


def test_three_body_mass_is_the_sum_of_the_pairs() -> None:
    # pairs (0, 1) and (0, 2) back to back, pair (1, 2) collinear and massless: 4 * 3.3^2 = 43.56, 4 * 3.8^2 = 57.76
    for pt, expected in ((7, False), (8, True)):
        muons = [muon(pt), muon(pt, phi=288), muon(pt, phi=288)]
        assert fires("mass_inv_3{MU0, MU0, MU0}[MASS_10to20]", muon=muons) is expected


def test_transverse_mass_by_hand() -> None:
    # a quarter turn: m_T^2/2 = pt1 pt2, at least 800 GeV^2: 15.8 * 50.3 = 794.74, 16.3 * 50.3 = 819.89
    for pt, expected in ((31, False), (32, True)):
        assert fires("mass_trv{EG10, ETM50}[MASS_MIN_40]", egamma=[calo(pt, 0, 36)], etm=[{"pt": 100, "phi": 0}]) is expected


def test_two_body_pt_by_hand() -> None:
    collinear = [calo(20), calo(100)]
    assert fires("dist{EG10, EG10}[TBPT_MIN_30]", egamma=collinear)
    assert not fires("dist{EG10, EG10}[TBPT_MIN_30]", egamma=[calo(100), calo(100, 0, 72)])


def test_overlap_removal_needs_its_reference() -> None:
    condition = "comb_orm{TAU20, TAU20, JET30}[ORMDR_0p5]"
    taus = [calo(40, -20), calo(40, 20)]
    assert not fires(condition, tau=taus, jet=[])
    assert fires(condition, tau=taus, jet=[calo(60)])
    assert not fires(condition, tau=taus, jet=[calo(60, 10)])
    # 11 bins are 0.479 (inside), 12 bins 0.522 (outside)
    assert not fires(condition, tau=taus, jet=[calo(60, 9)])
    assert fires(condition, tau=taus, jet=[calo(60, 8)])


def test_overlap_removal_of_one_object() -> None:
    assert fires("comb_orm{TAU20, JET30}[ORMDR_0p5]", tau=[calo(40)], jet=[calo(60, 12)])
    assert not fires("comb_orm{TAU20, JET30}[ORMDR_0p5]", tau=[calo(40)], jet=[calo(60, 11)])


@pytest.mark.parametrize("era", ["2018", "2024"])
def test_overlap_removal_of_one_object_with_cuts_to_the_same_reference(era: str) -> None:
    condition = "dist_orm{TAU20, JET30}[DETA_MAX_1, ORMDR_0p5]"
    # removed up to 11 bins (0.479), wanted up to 23 (1.0005)
    for eta, expected in ((11, False), (12, True), (23, True), (24, False)):
        assert fires(condition, era=era, tau=[calo(40)], jet=[calo(60, eta)]) is expected
    # a jet near the tau and one too far away: neither passes both; a third that does is enough in every year
    others = [calo(60, 5), calo(60, 40)]
    assert not fires(condition, era=era, tau=[calo(40)], jet=others)
    assert fires(condition, era=era, tau=[calo(40)], jet=[*others, calo(60, 15)])
    assert not fires(condition, era=era, tau=[calo(40)], jet=[*others, calo(59, 15)])
    # the second tau has its own reference
    assert fires(condition, era=era, tau=[calo(40), calo(40, 25)], jet=others)


def test_overlap_removal_of_one_object_with_a_mass_to_the_reference() -> None:
    # a quarter turn apart: m^2/2 = pt1 pt2 = 30.3 * 30.3 = 918 GeV^2, at least 800; 26.8 * 29.8 = 799 is below
    condition = "mass_inv_orm{EG10, JET30}[MASS_MIN_40, ORMDETA_0p2]"
    for pt, eta, expected in ((60, 5, True), (60, 4, False), (40, 5, False)):
        assert fires(condition, egamma=[calo(pt)], jet=[calo(60, eta, 36)]) is expected


@pytest.mark.parametrize("era", ["2018", "2022"])
def test_overlap_removal_of_a_combination_always_looked_at_one_reference(era: str) -> None:
    condition = "comb_orm{TAU20, TAU20, JET30}[ORMDR_0p5]"
    taus, jets = [calo(40, -20), calo(40, 20)], [calo(60), calo(60, 20)]
    assert fires(condition, tau=taus, jet=jets, era=era)
    assert not fires(condition, tau=taus, jet=jets[1:], era=era)


def test_overlap_removal_of_a_pair_before_2022_looked_at_every_reference() -> None:
    condition = "dist_orm{TAU20, TAU20, JET30}[DETA_MAX_1, ORMDR_0p5]"
    taus, jets = [calo(40, -10), calo(40, 10)], [calo(60, 50), calo(60, 20)]
    assert fires(condition, tau=taus, jet=jets, era="2022")
    assert not fires(condition, tau=taus, jet=jets, era="2018")
    assert fires(condition, tau=taus, jet=jets[:1], era="2018")


def test_overlap_removal_of_three_objects() -> None:
    condition = "comb_orm{TAU20, TAU20, TAU20, JET30}[ORMDR_0p5]"
    taus = [calo(40, -20), calo(40, 20), calo(40, 40)]
    assert fires(condition, tau=taus, jet=[calo(60)])
    # each jet is near one of three taus; with a fourth tau, three are free of the first jet
    assert not fires(condition, tau=taus, jet=[calo(60, 20), calo(60, 40)])
    assert fires(condition, tau=[*taus, calo(40, 80)], jet=[calo(60, 20), calo(60, 40)])


def test_overlap_removal_with_a_mass() -> None:
    condition = "mass_inv_orm{JET30, JET30, TAU20}[MASS_MIN_40, ORMDR_0p5]"
    jets = [calo(60, 0, 0), calo(60, 0, 72)]
    assert fires(condition, jet=jets, tau=[calo(40, 0, 36)])
    assert not fires(condition, jet=jets, tau=[calo(40, 0, 0)])
    assert not fires(condition, jet=[jets[0], calo(60, 0, 20)], tau=[calo(40, 0, 36)])


def test_boolean_algebra_and_externals() -> None:
    externals = np.zeros((4, 256), dtype=np.bool_)
    externals[:, 4], externals[:, 7] = [0, 0, 1, 1], [0, 1, 0, 1]
    a, b = "EXT_ZeroBias_BPTX_AND_VME", "EXT_BPTX_OR_VME"
    expressions = (f"{a} AND {b}", f"{a} OR {b}", f"{a} XOR {b}", f"NOT {a}", f"(NOT ({a} OR {b})) OR ({a} AND {b})")
    decisions = evaluate(toy_menu(*expressions), crossing_of({}, 4, externals=externals))
    expected = [[0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 1]]
    assert [decision.astype(int).tolist() for decision in decisions.values()] == expected


def orbit_part(bx: list[int]) -> Crossings:
    pt = np.zeros((len(bx), 8), dtype=np.int64)
    pt[0, 0] = 11
    return Crossings.from_objects("2024", {"muon": {"pt": pt}}, len(bx), bx=np.array(bx))


def test_neighbouring_crossings() -> None:
    decisions = evaluate(toy_menu("MU5", "MU5-1", "MU5+1", "NOT MU5+1"), orbit_part([10, 11, 12]))
    assert [decision.astype(int).tolist() for decision in decisions.values()] == [[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 1]]


def test_a_whole_orbit_closes() -> None:
    decision = evaluate(toy_menu("MU5+1"), orbit_part(list(range(3564))))["A0"]
    assert not isinstance(decision, Unsupported)
    assert np.flatnonzero(decision).tolist() == [3563]


def test_objects_of_different_crossings_do_not_compete() -> None:
    crossings = orbit_part([0, 1])
    decision = evaluate(toy_menu("dist{MU5, MU5-1}[DPHI_MIN_2]", "comb{MU0, MU0-1}"), crossings)
    assert not any(np.any(value) for value in decision.values() if not isinstance(value, Unsupported))


def test_scores_without_network_are_unsupported_and_not_false() -> None:
    decisions = evaluate(toy_menu("AXO[AXO-MODEL_v4]", "MU5 OR AXO[AXO-MODEL_v4]", "MU5"), crossing_of({"muon": [muon()]}))
    assert isinstance(decisions["A0"], Unsupported)
    assert isinstance(decisions["A1"], Unsupported)
    assert "network" in decisions["A0"].reason
    assert not isinstance(decisions["A2"], Unsupported)


@pytest.mark.parametrize(("word", "expected"), [(4, False), (5, True), (6, True)])
def test_a_bound_network_decides_on_its_word(word: int, expected: bool) -> None:
    menu = toy_menu("AXO[AXO-MODEL_v4, AXO-SCORE_5]", "TOPO[TOPO-MODEL_hh, TOPO-SCORE_5] AND NOT AXO[AXO-MODEL_v4, AXO-SCORE_5]")
    decisions = evaluate(menu, crossing_of({}), v4=np.array([word]), hh=np.array([9]))
    assert [decision.tolist() for decision in decisions.values()] == [[expected], [not expected]]


def test_the_score_of_another_crossing() -> None:
    decision = evaluate(toy_menu("AXO-1[AXO-MODEL_v4, AXO-SCORE_5]"), crossing_of({}, 3), v4=np.array([9, 0, 0]))
    assert decision["A0"].tolist() == [False, True, False]


@pytest.mark.parametrize(("words", "message"), [([1, 2], "must hold 1 integer words"), ([1.5], "received float64")])
def test_a_score_is_one_integer_word_a_crossing(words: list[float], message: str) -> None:
    decision = evaluate(toy_menu("AXO[AXO-MODEL_v4, AXO-SCORE_5]"), crossing_of({}), v4=np.array(words))["A0"]
    assert isinstance(decision, Unsupported)
    assert message in decision.reason


def test_a_field_of_another_year_is_unsupported() -> None:
    decision = evaluate(toy_menu("MU5[MU-UPT_4]"), crossing_of({"muon": [muon()]}, era="2018"))["A0"]
    assert isinstance(decision, Unsupported)
    assert "unconstrained_pt" in decision.reason


def test_link_without_column_is_idle() -> None:
    decisions = evaluate(toy_menu("ZDCP50", "NOT ZDCP50"), crossing_of({}))
    assert [decision.tolist() for decision in decisions.values()] == [[False], [True]]


def test_word_beyond_the_scale_is_not_guessed() -> None:
    decision = evaluate(toy_menu("dist{JET30, JET30}[DPHI_MIN_2]"), crossing_of({"jet": [calo(60), calo(60, 0, 200)]}))["A0"]
    assert isinstance(decision, Unsupported)
    assert "144 bins" in decision.reason


def test_word_beyond_the_scale_of_an_object_that_is_not_asked_for_is_no_error() -> None:
    jets = [calo(60), calo(60, 0, 60), calo(59, 0, 200)]
    assert fires("dist{JET30, JET30}[DPHI_MIN_2]", jet=jets)
    assert not fires("dist{JET30, JET30}[DPHI_MIN_2]", jet=[jets[0], jets[2]])


def test_cut_on_a_pair_of_three_objects_is_an_error() -> None:
    with pytest.raises(ConfigError, match="TBPT_MIN_30 is on a pair"):
        evaluate(toy_menu("comb{JET30, JET30, JET30}[TBPT_MIN_30]"), crossing_of({"jet": [calo(60)] * 3}))


def test_cut_on_a_pair_of_three_objects_and_a_reference_is_an_error() -> None:
    menu = toy_menu("comb_orm{JET30, JET30, JET30, TAU20}[ORMDR_0p5, DETA_MAX_1]")
    with pytest.raises(ConfigError, match="DETA_MAX_1 is on a pair"):
        evaluate(menu, crossing_of({"jet": [calo(60)] * 3, "tau": [calo(40)]}))


def test_error_of_one_condition_is_not_that_of_another() -> None:
    menu = toy_menu("mass_inv{MU0, MU0}[MASS_10to20]", "mass_inv{MU0, MU0}[TBPT_MIN_30, ORMDR_0p5]")
    bad = replace(menu.conditions[menu.algorithms[1].conditions[0]], cuts=(CorrelationCut("model", "MODEL"),))  # type: ignore[arg-type]
    conditions = {**menu.conditions, bad.name: bad}
    columns = Columns.of_crossings(crossing_of({"muon": [muon(11), muon(11, phi=288)]}))
    evaluator = Evaluator(replace(menu, conditions=conditions), columns)
    assert np.asarray(evaluator.condition(menu.algorithms[0].conditions[0])).tolist() == [True]
    with pytest.raises(ConfigError, match="no cut of kind 'model' on a pair"):
        evaluator.condition(bad.name)


def test_unknown_external_is_an_error() -> None:
    with pytest.raises(ConfigError, match="TOTEM"):
        evaluate(toy_menu("EXT_TOTEM_9"), crossing_of({}))


ORDERLESS = (
    "comb{JET50, JET30, JET30}",
    "comb{MU5[MU-QLTY_12], MU0}[CHGCOR_OS]",
    "dist{JET30, JET30}[DETA_MAX_1]",
    "dist{MU5, JET30}[DR_MAX_0p4]",
    "mass_inv{MU5, MU0}[MASS_10to20]",
    "mass_inv_3{MU5, MU0, MU0}[MASS_10to20]",
    "mass_trv{EG10[EG-ISO_0xA], ETM50}[MASS_MIN_40]",
    "comb_orm{TAU20, TAU20, JET30}[ORMDR_0p5]",
    "mass_inv_orm{JET50, JET30, TAU20}[MASS_MIN_40, ORMDR_0p5]",
)
SEEDS = st.integers(0, 2**32 - 1)
PROPERTY = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PROPERTY
@given(SEEDS)
def test_order_of_the_objects_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    crossings = random_crossings(rng)
    shuffled = {
        name: {key: values[:, order] for key, values in crossings.objects[name].items()}
        for name in ("muon", "egamma", "tau", "jet")
        for order in [rng.permutation(crossings.objects[name]["pt"].shape[1])]
    }
    sums = {name: {"pt": crossings.objects[name]["pt"]} for name in ("etm", "htt")}
    sums["etm"]["phi"] = crossings.objects["etm"]["phi"]
    other = Crossings.from_objects("2024", {**shuffled, **sums}, len(crossings.bx))
    first, second = evaluate(toy_menu(*ORDERLESS), crossings), evaluate(toy_menu(*ORDERLESS), other)
    for name, decision in first.items():
        np.testing.assert_array_equal(decision, second[name])


@PROPERTY
@given(SEEDS)
def test_one_more_object_never_turns_a_threshold_off(seed: int) -> None:
    rng = np.random.default_rng(seed)
    crossings = random_crossings(rng)
    jets = {key: values.copy() for key, values in crossings.objects["jet"].items()}
    rows = np.flatnonzero((jets["pt"] == 0).any(axis=1))
    slots = (jets["pt"] == 0).argmax(axis=1)[rows]
    jets["pt"][rows, slots] = rng.integers(1, 300, len(rows))
    more = Crossings.from_objects("2024", {"jet": jets}, len(crossings.bx))
    menu = toy_menu("JET30", "comb{JET50, JET30}", "comb{JET80, JET50, JET30}", "dist{JET50, JET30}[DETA_MAX_1]")
    before, after = evaluate(menu, crossings), evaluate(menu, more)
    for name in menu.names:
        assert not np.any(np.asarray(before[name]) & ~np.asarray(after[name]))
