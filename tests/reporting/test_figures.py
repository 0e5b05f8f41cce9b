from __future__ import annotations

import matplotlib as mpl
import pytest

from l1ml.reporting.figures import render_figures


@pytest.fixture(scope="module")
def figures(made_steps):
    from l1ml.reporting.content import report_content

    before = dict(mpl.rcParams)
    made = render_figures(report_content("axo", made_steps))
    assert dict(mpl.rcParams) == before
    return {figure.name: figure for figure in made}


def test_no_window_is_left_open(figures):
    from matplotlib import pyplot as plt

    assert figures
    assert plt.get_fignums() == []


def test_every_figure_is_a_picture_with_a_caption(figures):
    for figure in figures.values():
        assert figure.png.startswith(b"\x89PNG")
        assert figure.caption.endswith(".")


def test_drawn_again_the_bytes_are_the_same(figures, content):
    again = {figure.name: figure.png for figure in render_figures(content)}
    assert again == {name: figure.png for name, figure in figures.items()}


@pytest.mark.parametrize("change", ["removed", "nothing"])
def test_inputs_of_which_none_is_permuted(content, figures, change):
    score = content["evaluation"]["scores"]["axo"]
    fewer = {**score, "importance": [item for item in score["importance"] if item["change"] == change]}
    evaluation = {**content["evaluation"], "scores": {"axo": fewer}}
    found = {figure.name: figure for figure in render_figures({**content, "evaluation": evaluation})}
    assert set(figures) - set(found) == (set() if change == "removed" else {"importance_axo"})
    assert "importance_axo" not in found or found["importance_axo"].png != figures["importance_axo"].png
