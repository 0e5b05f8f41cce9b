"""The study of the top mass with candidates from normal distributions in place of Pythia's, and its bookkeeping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from offline.density import Training
from offline.inference.distributions import Normal
from offline.inference.examples import top_mass
from offline.inference.examples.top_mass import TopMassStudy
from offline.inference.examples.top_mass_result import MassFit, TopMassResult
from offline.inference.networks import RatioNetwork
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations


def normal_candidates(_pairs: Any, masses: np.ndarray, _folder: Path, stream: tuple[int, ...], **_: Any) -> list[np.ndarray]:
    """Three-jet masses with a width of 10 GeV, lightest pairs of 75 GeV with one of 4; nothing is near a threshold."""
    rng = np.random.default_rng(stream)
    rows = []
    for mass in masses:
        top, pair = rng.normal(mass, 10, 300), rng.normal(75, 4, 300)
        rows.append(np.column_stack([top, pair, np.full((300, 2), 100.0), np.full(300, 100.0), np.full(300, 1000.0)]))
    return rows


def test_a_brief_study_measures_the_mass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(top_mass, "make_samples", normal_candidates)
    monkeypatch.setattr(top_mass, "_NORMALISING", 2000)
    network = RatioNetwork(widths=(16,), training=Training(300, 512, 1e-2))
    found = TopMassStudy(tmp_path, learnt=60, judged=30, copies=2, network=network).run()
    numbers = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert numbers["pseudo_experiments"] == 30
    assert numbers["candidates"] == 300
    # of 300 candidates 0.6 GeV, and the scale: 1 % of the mass alone, a third of that with the pairs
    widths = {name: row["half_length_68"] for name, row in numbers["methods"].items()}
    assert widths["three-jet mass"] == pytest.approx(np.hypot(0.58, 1.73), rel=0.15)
    assert widths["three-jet and pair mass"] < 0.6 * widths["three-jet mass"]
    sd = {name: row["scale_sd"] for name, row in numbers["methods"].items()}
    assert sd["three-jet mass"] == pytest.approx(0.01, rel=0.1)
    assert sd["three-jet and pair mass"] < 0.5 * sd["three-jet mass"]
    assert numbers["methods"]["learnt"]["rms_error"] < widths["three-jet mass"]


def known(wrong: float, n: int = 400) -> TopMassResult:
    """Parabolas with a width of 1 GeV around masses that are off by a bias and by chance."""
    rng = np.random.default_rng(1)
    grid, truth = np.linspace(160, 185, 1001), rng.uniform(168, 177, n)
    measured = truth + wrong + rng.normal(size=n)
    fit = MassFit(np.square(grid - measured[:, None]), np.full(n, 0.01))
    simulations = Simulations(Prior({"mass": Normal(0.0, 1.0)}), np.zeros((1, 1)), np.zeros((1, 1)))
    return TopMassResult(grid, truth, np.ones(n), np.full(n, 5), {"fit": fit}, simulations)


def test_numbers_of_parabolas() -> None:
    right = known(0.0).summary("fit")
    assert right["half_length_68"] == pytest.approx(1.0, abs=0.01)
    assert right["rms_error"] == pytest.approx(1.0, abs=0.12)
    assert abs(right["coverage"]["0.683"]["share"] - 0.683) < 4 * right["coverage"]["0.683"]["error"]
    assert right["p_value"] > 0.001
    biased = known(0.5).summary("fit")
    assert biased["p_value"] < 1e-6
    assert biased["mean_error"][0] == pytest.approx(0.5, abs=0.2)


def test_pulls_have_a_sign() -> None:
    found = known(0.0)
    np.testing.assert_allclose(found.pulls("fit"), found.measured("fit") - found.truth, atol=0.02)
