from __future__ import annotations

import copy
from typing import Any

import pytest
import shell_toy

from l1ml.conversion.project import read_manifest
from l1ml.conversion.shell import ScoreCut, TriggerShell
from l1ml.errors import ConfigError, ConversionError, L1mlError, SchemaError

THRESHOLDS = {"tight": 60, "loose": 9}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return read_manifest(shell_toy.toy_project(shell_toy.JETS), "verilog")


def feature(manifest: dict[str, Any], name: str, form: str, width: int) -> dict[str, Any]:
    """`manifest` with another first word."""
    changed = copy.deepcopy(manifest)
    changed["input"]["words"][0] |= {"feature": name, "format": f"{form}<{width},{width},AP_TRN,AP_WRAP>", "width": width}
    return changed


@pytest.mark.parametrize(
    ("word", "wire", "bits"),
    [
        (("jet_11_eta", "ap_fixed", 8), ("jet_11", "JET", 11), "JET_ETA"),
        (("met_0_pt", "ap_ufixed", 12), ("etmhf_0", "ETMHF", 0), "ETMHF_PT"),
        (("etm_0_phi", "ap_ufixed", 8), ("etm_0", "ETM", 0), "ETM_PHI"),
        (("muon_7_phi_out", "ap_ufixed", 10), ("muon_7", "MUON", 7), "MUON_PHI_OUT"),
        (("muon_shower_0_mus2", "ap_ufixed", 1), ("muon_3", "MUON", 3), "MUON_SHOWER"),
    ],
)
def test_where_a_feature_comes_from(
    manifest: dict[str, Any], word: tuple[str, str, int], wire: tuple[str, str, int], bits: str
) -> None:
    text = TriggerShell(feature(manifest, *word), THRESHOLDS).verilog()
    name, column, slot = wire
    column, bits = f"ugt_words_2024::{column}", f"ugt_words_2024::{bits}"
    assert f"{name} = crossing_in[{column}_BASE+{slot}*{column}_BITS+:{column}_BITS];" in text
    assert f"assign words[0+:{word[2]}] = {name}[{bits}_LOW+:{bits}_BITS];  // {word[0]}\n" in text


def test_the_eta_of_a_sum_is_zero(manifest: dict[str, Any]) -> None:
    text = TriggerShell(feature(manifest, "met_0_eta", "ap_ufixed", 1), THRESHOLDS).verilog()
    assert "assign words[0+:1] = 1'd0;  // met_0_eta" in text


def test_a_field_in_several_words_is_put_together(manifest: dict[str, Any]) -> None:
    text = TriggerShell(feature(manifest, "cicada_0_score", "ap_ufixed", 16), THRESHOLDS).verilog()
    nibble = "[ugt_words_2024::LINK11_NIBBLE_LOW+:ugt_words_2024::LINK11_NIBBLE_BITS]"
    joined = ", ".join(f"link11_{slot}{nibble}" for slot in range(4))
    assert f"assign words[0+:16] = {{{joined}}};  // cicada_0_score" in text


def test_thresholds_are_words_in_the_order_of_the_bits(manifest: dict[str, Any]) -> None:
    shell = TriggerShell(manifest, {"first": 3, "second\nline": ScoreCut(-2, 1)})
    width = shell.score_format.width
    assert shell.name == "jets_trigger"
    rows = [line.strip() for line in shell.verilog().splitlines() if f"{width}'h" in line]
    assert rows == [f"{width}'h{2**width - 2:x},  // bit 1: second line, -2", f"{width}'h3  // bit 0: first, 3"]
    scores = [line.strip() for line in shell.verilog().splitlines() if "8'h" in line and "// bit" in line]
    assert scores == ["8'h1,  // bit 1: second line, 1", "8'h0  // bit 0: first, 0"]


@pytest.mark.parametrize(
    ("word", "error", "match"),
    [
        (("jet_12_pt", "ap_ufixed", 11), SchemaError, "has 12 of 'jet', counted from 0"),
        (("jet_0_mass", "ap_ufixed", 11), SchemaError, "jet has no field 'mass'"),
        (("photon_0_pt", "ap_ufixed", 9), SchemaError, "has no object 'photon'"),
        (("input_0", "ap_ufixed", 9), SchemaError, "features such as 'jet_3_pt'.*received 'input_0'"),
        (("jet_0_pt", "ap_ufixed", 10), ConversionError, "'jet_0_pt' as .* on 10 bits; the field has 11 bits, unsigned"),
        (("jet_0_eta", "ap_ufixed", 8), ConversionError, "the field has 8 bits, signed"),
    ],
)
def test_features_that_are_no_fields(
    manifest: dict[str, Any], word: tuple[str, str, int], error: type[L1mlError], match: str
) -> None:
    with pytest.raises(error, match=match):
        TriggerShell(feature(manifest, *word), THRESHOLDS)


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({"thresholds": {}}, ConfigError, "at least one threshold"),
        ({"thresholds": {"high": 2**40}}, ConfigError, "threshold 'high' is 1099511627776: the score"),
        ({"thresholds": {"top": ScoreCut(3, 3)}}, ConfigError, "threshold 'top' is on score 3: the kernel gives 3, counted"),
        ({"era": "2018"}, SchemaError, "the words of 2024, 2025, not those of '2018'"),
        ({"clock_mhz": 250.0}, ConversionError, "250.0 MHz; the shell needs a multiple of 40.0 MHz"),
        ({"clock_mhz": 10.0}, ConversionError, "10.0 MHz"),
        ({"estimate": {"latency_cycles": 3, "interval_cycles": 2}}, ConversionError, "a crossing every 2 clocks"),
    ],
)
def test_refusals(manifest: dict[str, Any], changes: dict[str, Any], error: type[L1mlError], match: str) -> None:
    own = {"thresholds": THRESHOLDS, "era": "2024"}
    kernel = manifest | {key: value for key, value in changes.items() if key not in own}
    with pytest.raises(error, match=match):
        TriggerShell(kernel, **(own | {key: value for key, value in changes.items() if key in own}))


def test_a_score_whose_number_does_not_fit_is_refused(manifest: dict[str, Any]) -> None:
    many = manifest | {"output": manifest["output"] | {"n_words": 300}}
    TriggerShell(many, {"last": ScoreCut(3, 255)})
    with pytest.raises(ConfigError, match=r"on score 256: the shell counts scores with 8 bits"):
        TriggerShell(many, {"beyond": ScoreCut(3, 256)})


@pytest.mark.parametrize(
    ("clock", "kernel", "bx", "cycles"), [(240.0, 10, 2, 12), (240.0, 4, 1, 6), (240.0, 5, 2, 12), (40.0, 1, 3, 3)]
)
def test_latency_is_rounded_up_to_crossings(manifest: dict[str, Any], clock: float, kernel: int, bx: int, cycles: int) -> None:
    estimate = {"latency_cycles": kernel, "interval_cycles": 1}
    shell = TriggerShell(manifest | {"clock_mhz": clock, "estimate": estimate}, THRESHOLDS)
    assert (shell.latency_bx, shell.latency_cycles) == (bx, cycles)
