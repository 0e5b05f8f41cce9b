from __future__ import annotations

from typing import Any

import pytest
from trigger_toy import DIGEST, write_steps

from l1ml.reporting.content import report_content
from l1ml.reporting.model_card import model_card
from l1ml.reporting.run_files import read_run
from l1ml.reporting.seed_table import seed_table


@pytest.fixture
def seeds() -> dict[str, Any]:
    """What ``l1ml seeds`` leaves of two seeds."""
    rows = [
        {"ttbar AUC": {"value": value, "error": 0.001}, "ttbar at 1 kHz": {"value": share, "error": 0.01}}
        for value, share in ((0.99, 0.15), (0.98, 0.17))
    ]
    summary = {"n": 2, "mean_error": 0.0, "sample_error": 0.001}
    return {
        "training": {"hidden": [16]},
        "family": "vae",
        "events": ["one"],
        "asked": 2,
        "seeds": [{"seed": seed, "figures": figures} for seed, figures in zip((1, 2), rows, strict=True)],
        "figures": {
            "ttbar AUC": {**summary, "mean": 0.985, "spread": 0.0070711},
            "ttbar at 1 kHz": {**summary, "mean": 0.16, "spread": 0.0141421, "sample_error": 0.01},
        },
    }


def test_one_row_for_each_figure_in_its_unit(seeds: dict[str, Any]) -> None:
    table = seed_table(seeds)
    assert table.columns == ("figure", "mean ± spread", "sample's own error", "seed 1", "seed 2")
    assert table.rows == (
        ("ttbar AUC", "0.9850 ± 0.0071", "0.001", "0.99", "0.98"),
        ("ttbar at 1 kHz [%]", "16.0 ± 1.4", "1", "15", "17"),
    )
    assert "still to be trained" not in table.note


def test_what_is_missing_is_said(seeds: dict[str, Any]) -> None:
    del seeds["seeds"][1]["figures"]["ttbar at 1 kHz"]
    seeds["figures"]["ttbar at 1 kHz"] |= {"n": 1, "mean": 0.15, "spread": None}
    table = seed_table({**seeds, "asked": 5})
    assert table.rows[1] == ("ttbar at 1 kHz [%]", "15", "1", "15", "n/a")
    assert table.note.endswith("Means of fewer seeds: ttbar at 1 kHz. 3 of 5 seeds are still to be trained.")


def test_a_report_shows_the_seeds_of_its_own_recipe_and_events_only(tmp_path, steps, seeds: dict[str, Any]) -> None:
    steps["training"]["metrics"] = {"family": "vae", "training": {"seed": 1, "hidden": [16]}}
    seeds["events"] = [item["digest"] for item in steps["events"]["processes"]]
    run = tmp_path / "axo" / "run"
    write_steps(run, {**steps, "seeds": seeds})
    found = read_run(run)
    assert found["seeds"] == seeds
    card = model_card("A toy.", "axo", report_content("axo", found))
    assert DIGEST in card
    assert "## Trained with 2 seeds" in card
    assert "16.0 ± 1.4" in card
    for name, other in (("training", {"hidden": [32]}), ("family", "autoencoder"), ("events", ["other"])):
        write_steps(run, {"seeds": {**seeds, name: other}})
        left = read_run(run)
        assert "seeds" not in left
        assert "Trained with" not in model_card("A toy.", "axo", report_content("axo", left))
