from __future__ import annotations

import copy

from l1ml.reporting.performance_tables import driving_inputs, performance_tables, stability_rows


def test_tables_say_what_is_resolved_and_what_is_not(content):
    rates, efficiencies, stability, importance = performance_tables(content)
    assert [row[0] for row in rates.rows] == ["60", "300", "0.1"]
    assert rates.rows[2][1] == "not resolved"
    assert "0.1 kHz of 31,038 kHz needs 10 effective zero-bias crossings" in rates.note
    assert efficiencies.columns == ("signal", "AUC", "60 kHz", "300 kHz")
    assert [row[0] for row in efficiencies.rows] == ["haa4b", "haa4b, pure", "ttbar", "ttbar, pure"]
    assert "none of 3 unprescaled classical seeds of toy" in efficiencies.note
    assert stability.title == "Stability at 60 kHz"
    assert len(stability.rows) == 10
    assert len(importance.rows) == 16


def test_pileup_stands_beside_the_energy_scale(content):
    rows = [{**row, "conditions": "pileup 40"} for row in content["evaluation"]["scores"]["axo"]["energy_scale"][:2]]
    content["pileup"] = {"scores": {"axo": rows}, "scale": 0.5, "derived_at": 60.0, "control": 60.0}
    table = performance_tables(content)[2]
    assert [row[0] for row in table.rows][-1] == "pileup 40"
    assert "The control is a new sample" in table.note
    assert "samples of 0.5 times the recipe's size" in table.note
    assert len(stability_rows(content, "axo")) == 22


def test_seeds_that_are_not_known_make_what_is_pure_an_upper_bound(content):
    content["evaluation"]["classical"]["undecided"] = {"L1_Tau": "no taus"}
    assert "1 more seeds cannot be decided on these events: what is pure is an upper bound" in performance_tables(content)[1].note


def test_an_evaluation_that_is_not_there_has_no_tables(content):
    assert performance_tables({**content, "evaluation": None}) == []


def test_the_background_of_two_scores_has_a_table_of_its_own(content, background):
    content["evaluation"]["background"] = background
    table = performance_tables(content)[-1]
    assert table.rows[0] == ("2", "2.04", "30 / 41", "1,000 / 90 / 80 / 7,000", "1.013 ± 0.021", "12.50 (x 1.004)")
    assert "where 0.1 % of the crossings are signal" in table.note
    assert "both thresholds passing equal shares: ttbar 0.99050 ± 0.00080." in table.note
    assert "Of a/0 alone: ttbar 0.961. Of a/1 alone: ttbar 0.955." in table.note
    background.update(rows=[], unresolved=[{"asked": 0.005, "reason": "no crossing is in region A"}])
    table = performance_tables(content)[-1]
    assert table.rows == ()
    assert "At 0.5 %: no crossing is in region A." in table.note


def test_a_closure_test_of_its_own_sample_says_how_large_that_is(content, background):
    content["evaluation"]["background"] = background
    sample = {"n_events": 400_000, "n_groups": 24_000, "n_effective": 9_000.0}
    shift = {"condition": "jet +5 %", "asked": 0.02, "in_a_ratio": 1.1, "estimate_ratio": 1.08}
    shifts = [shift | {"closure": 1.019, "closure_error": 0.021}]
    content["closure"] = {"zero_bias": sample, "background": background, "shifts": shifts}
    first, second, third = performance_tables(content)[-3:]
    assert third.rows == (("jet +5 %", "2", "1.100", "1.080", "1.019 ± 0.021"),)
    assert [row[:5] + row[6:] for row in second.rows] == list(first.rows)
    assert second.rows[0][5] == "n/a"
    assert "does not see that pileup" in first.note
    assert "does not see that pileup" in second.note
    assert "400,000 weighted crossings around 24,000 collisions (9,000 effective)" in second.note
    assert "400,000" not in first.note


def test_a_closure_test_says_how_much_of_its_error_is_from_the_pool_of_pileup(content, background):
    content["evaluation"]["background"] = copy.deepcopy(background)
    background["rows"][0] |= {"closure_error": 0.05, "draw_error": 0.03, "pileup_error": 0.04}
    sample = {"n_events": 400_000, "n_groups": 24_000, "n_effective": 9_000.0, "n_soft": 98_765}
    content["closure"] = {"zero_bias": sample, "background": background, "shifts": []}
    table = performance_tables(content)[-2]
    assert table.rows[0][4:6] == ("1.013 ± 0.050", "0.040")
    assert "of 98,765 soft collisions" in table.note


def test_the_strongest_inputs_come_first(content):
    items = driving_inputs(content["evaluation"]["scores"]["axo"]["importance"], "removed", 3)
    strength = [max(abs(1 - kept["value"]) for kept in item["kept"].values()) for item in items]
    assert strength == sorted(strength, reverse=True)
    assert items[0]["name"] in {"jet", "jet_0"}
