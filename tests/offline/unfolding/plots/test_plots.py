from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from binned_ratio import BinnedRatio

from l1ml.errors import DataError
from l1ml.reporting.rendering import png
from offline.unfolding import GaussianToy, Replica, Spectrum, Uncertainties, unfold
from offline.unfolding.diagnostics import convergence, fold_back, weight_quality
from offline.unfolding.diagnostics.bottom_line import bottom_line
from offline.unfolding.diagnostics.closure import closure
from offline.unfolding.diagnostics.comparison import compare_gen, compare_reco
from offline.unfolding.diagnostics.coverage import Coverage
from offline.unfolding.plots import (
    plot_bottom_line,
    plot_closure,
    plot_comparison,
    plot_convergence,
    plot_correlation,
    plot_coverage,
    plot_ensemble,
    plot_errors,
    plot_fold_back,
    plot_weights,
)

EDGES = np.linspace(-3, 3, 11)


@pytest.fixture(scope="module")
def made() -> SimpleNamespace:
    rng, toy = np.random.default_rng(2), GaussianToy(smear=0.5, misses=0.2, fakes=0.1)
    mc, nature = toy.simulation(3000, rng), toy.nature(3000, rng)
    wanted = Uncertainties(data=12, mc=3, ensemble=3, systematics={"scale": replace(mc, reco=1.02 * mc.reco)})
    result = unfold(BinnedRatio(noise=0.01), mc, nature.measured(), wanted)
    return SimpleNamespace(
        mc=mc, nature=nature, data=nature.measured(), result=result, spectrum=Spectrum.of(result, {"z": EDGES})
    )


def draw_both(plot, value):
    """Drawn from the value and from its JSON; the pictures are the same."""
    entry = [item.to_dict() for item in value] if isinstance(value, list) else value.to_dict()
    artists, again = plot(value), plot(json.loads(json.dumps(entry)))
    assert png(artists.ax.figure) == png(again.ax.figure)
    return artists


def test_spectra_with_ratio_to_the_truth(made: SimpleNamespace) -> None:
    artists = draw_both(plot_comparison, compare_gen(made.result, made.mc, "z", made.nature, edges=EDGES))
    drawn = artists.artists["truth"].get_data().values * np.diff(EDGES)
    np.testing.assert_allclose(drawn, np.histogram(made.nature.gen[made.nature.pass_gen], EDGES)[0])
    assert artists.ratio.get_xlabel() == "z, true"
    assert artists.ratio.get_ylabel() == "ratio to\ntruth"
    assert artists.ratio.get_xlim() == artists.ax.get_xlim() == (-3, 3)


def test_spectra_without_truth_errors_or_edges(made: SimpleNamespace) -> None:
    bare = compare_gen(replace(made.result, replicas=()), made.mc, "z")
    assert draw_both(plot_comparison, bare).ratio.get_ylabel() == "ratio to\nunfolded"
    assert bare.series["unfolded"].errors.max() == 0
    assert bare.series["simulation"].values.sum() == pytest.approx(bare.series["unfolded"].values.sum(), rel=0.02)


def test_folded_back_beside_data(made: SimpleNamespace) -> None:
    found = compare_reco(made.result, made.mc, made.data, "x")
    draw_both(plot_comparison, found)
    assert found.series["simulation"].values.sum() == pytest.approx(found.series["data"].values.sum(), rel=0.01)
    with pytest.raises(DataError, match="unknown quantity 'y'"):
        compare_reco(made.result, made.mc, made.data, "y")


def test_a_steep_spectrum_is_logarithmic(made: SimpleNamespace) -> None:
    steep = replace(made.result, gen=np.exp(2 * made.result.gen), replicas=())
    mc = replace(made.mc, gen=np.exp(2 * made.mc.gen))
    assert plot_comparison(compare_gen(steep, mc, "z")).ax.get_yscale() == "log"


def test_errors_by_origin(made: SimpleNamespace) -> None:
    artists = draw_both(plot_errors, made.spectrum)
    assert list(artists.steps) == ["data", "mc", "ensemble", "systematic:scale", "total"]
    expected = 100 * made.spectrum.errors(["data"]) / made.spectrum.values
    np.testing.assert_allclose(artists.steps["data"].get_data().values, expected)


def test_members_of_an_ensemble(made: SimpleNamespace) -> None:
    assert len(draw_both(plot_ensemble, made.spectrum).members) == 3
    plot_ensemble(made.spectrum, made.spectrum.values * 1.01, kind="data")
    with pytest.raises(DataError, match="no replicas 'ensembel'"):
        plot_ensemble(made.spectrum, kind="ensembel")


def test_correlation_of_one_and_of_two_quantities(made: SimpleNamespace) -> None:
    mesh = draw_both(plot_correlation, made.spectrum).mesh
    np.testing.assert_allclose(mesh.get_array(), made.spectrum.correlation())
    assert mesh.colorbar.ax.get_ylabel() == "correlation (chance of 3 replicas: ±0.71)"
    wide = replace(made.result, names=("z", "y"), gen=np.repeat(made.result.gen, 2, axis=1), replicas=())
    wide = wide.with_replicas(tuple(Replica("data", k, item.weight) for k, item in enumerate(made.result.replicas[:5])))
    label = plot_correlation(Spectrum.of(wide, {"z": [-1, 0, 1], "y": [-1, 0, 1]})).ax.get_xlabel()
    assert label == "bin of z x y"


def test_what_needs_replicas_says_so(made: SimpleNamespace) -> None:
    bare = Spectrum.of(replace(made.result, replicas=()), {"z": EDGES})
    with pytest.raises(DataError, match="unfold with uncertainties"):
        plot_correlation(bare)
    with pytest.raises(DataError, match="one quantity with replicas"):
        plot_errors(bare)


def test_figures_of_the_diagnosis(made: SimpleNamespace) -> None:
    draw_both(plot_weights, weight_quality(made.result.weight))
    draw_both(plot_convergence, convergence(made.result, made.mc, made.data, made.nature))
    draw_both(plot_convergence, convergence(made.result, made.mc, made.data))
    draw_both(plot_closure, closure(made.result, made.mc, made.nature))
    draw_both(plot_fold_back, fold_back(made.result, made.mc, made.data))
    draw_both(plot_bottom_line, [bottom_line(made.result, made.data, made.mc, "z", "x", bins=(4, 8))])


def test_coverage_and_pulls(rng: np.random.Generator) -> None:
    found = Coverage(("a", "b"), np.zeros(2), rng.normal(size=(50, 2)), np.ones((50, 2)))
    artists = draw_both(plot_coverage, found)
    np.testing.assert_allclose(artists.points[0].get_ydata(), found.covered)
