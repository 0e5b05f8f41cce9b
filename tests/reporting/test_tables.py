from __future__ import annotations

from l1ml.reporting.tables import report_tables


def table(content, title):
    return next(item for item in report_tables(content) if item.title == title)


def test_every_row_is_as_long_as_its_head(content):
    for item in report_tables(content):
        assert {len(row) for row in item.rows} <= {len(item.columns)}


def test_menu_shows_words_gev_and_limits(content):
    content["menu"]["L1_ETMHF100"] |= {"pure_rate_khz": 0.0, "pure_rate_is_upper_limit": True, "pure_rate_upper_95_khz": 0.5}
    rows = {row[0]: row for row in table(content, "Menu").rows}
    assert rows["L1_DoubleEG_25_14"][1:3] == ("egamma ≥ 25 / 14 GeV", "50 / 28")
    assert rows["L1_ETMHF100"][4:6] == ("n/a", "< 0.5 (95 % CL)")


def test_a_rate_stands_with_what_pileup_makes_of_its_error(content):
    name = next(iter(content["menu"]))
    assert "in no error" in table(content, "Menu").note
    content["menu"][name]["pileup_error_khz"] = 34.96
    content["zero_bias"]["n_soft"] = 24377
    found = table(content, "Menu")
    assert {row[0]: row for row in found.rows}[name][4] == "35"
    assert "That 24,377 soft collisions" in found.note


def test_totals_name_each_working_point(content):
    assert [row[0] for row in table(content, "Total rates").rows] == [
        "classical seeds",
        "classical seeds and L1_AXO_tight",
        "classical seeds and L1_AXO_loose",
        "everything (final OR)",
    ]


def test_resources_that_were_not_counted_are_not_zero(content):
    rows = table(content, "Resources").rows
    assert rows[0][5] == "n/a"
    assert rows[1][5] == "2,214 (1 %)"


def test_a_seed_without_one_threshold_says_what_it_cuts_on(content):
    both, several = list(content["menu"].values())[:2]
    both |= {"collection": "", "score": "a.0, a.1", "threshold": [], "threshold_physical": []}
    several |= {"collection": "", "score": None, "threshold": [], "threshold_physical": []}
    (table,) = (item for item in report_tables(content) if item.title == "Menu")
    assert [row[1] for row in table.rows[:2]] == ["a.0, a.1 scores", "several conditions"]


def test_several_teachers_have_a_table_and_one_has_none(content):
    assert "Teachers" not in [item.title for item in report_tables(content)]
    facts = {"epochs": 60, "best_epoch": 47, "loss": 0.5, "val_loss": 0.25, "explained": 0.875, "cpu_seconds": 20.0}
    content["training"]["teachers"] = [{"seed": seed, **facts} for seed in (1, 3141592653)]
    rows = table(content, "Teachers").rows
    assert rows[1] == ("3141592653", "60", "47", "0.5", "0.25", "87.5 %", "20.0 s")
