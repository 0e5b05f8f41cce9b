from __future__ import annotations

from matplotlib.figure import Figure

from l1ml.reporting.plots.appearance import axes_or_new, process_colours, process_label, seed_label, typeset, with_unit


def test_given_axes_are_used():
    ax = Figure().add_subplot()
    assert axes_or_new(ax) is ax
    assert axes_or_new(None) is not ax


def test_names():
    assert (process_label("zero_bias"), process_label("my_signal")) == ("zero bias", "my signal")
    assert seed_label("L1_AXO_5kHz") == "AXO 5kHz"
    assert (with_unit("jet pt", "GeV"), with_unit("score", "")) == ("jet pt [GeV]", "score")
    assert typeset("leading jet pt, |eta| <= 2.5") == r"leading jet pt, $|\eta| \leq$ 2.5"


def test_colours_are_grey_for_zero_bias_and_distinct():
    colours = process_colours(["a", "zero_bias", "b"])
    assert len(set(colours.values())) == 3
    assert process_colours(["a", "b"])["b"] == colours["b"]
