from __future__ import annotations

import gzip
import re
from pathlib import PurePosixPath

import numpy as np
import projects
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.conversion import ConversionConfig, rtl_project
from l1ml.conversion.rtl_top import top_module
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint


def text_of(name: str) -> str:
    return projects.project("verilog").files[PurePosixPath(name)].decode()


def test_scripts_and_constraints_are_those_of_the_top_module() -> None:
    assert 'set project_name "small_top"' in text_of("build_vivado_prj.tcl")
    assert 'set device "xcvu13p-flga2577-2-e"' in text_of("build_vivado_prj.tcl")
    constraints = text_of("src/small_top.xdc")
    assert "set clock_period 4.166" in constraints
    assert "[get_ports {words[*]}]" in constraints
    assert "[get_ports {score[*]}]" in constraints


def test_the_project_needs_no_make() -> None:
    names = {path.name for path in projects.project("verilog").files}
    assert not any(name.endswith((".mk", "_wrapper.v")) for name in names)


def test_compressed_files_hold_no_time() -> None:
    content = projects.project("verilog").files[PurePosixPath("model/comb.json.gz")]
    assert content[4:8] == bytes(4)
    assert gzip.decompress(content).startswith(b"{")


def test_a_slower_clock_needs_fewer_stages() -> None:
    model = projects.small_model()
    slow = rtl_project(model, ConversionConfig(clock_mhz=80.0)).manifest["estimate"]
    short = rtl_project(model, ConversionConfig(latency_cutoff_ns=2.0)).manifest["estimate"]
    usual = projects.project("verilog").manifest["estimate"]
    assert slow["latency_cycles"] < usual["latency_cycles"] < short["latency_cycles"]
    assert slow["ff"] < short["ff"]


def test_an_input_that_no_weight_reads_keeps_its_place_on_the_port() -> None:
    manifest = projects.project("verilog").manifest
    widths = [item.width for item in projects.FORMATS]
    assert [word["width"] for word in manifest["input"]["words"]] == widths
    source = top_module(
        "t", "c", [("a", FixedPoint(9, 9), (0, 0, 0)), ("b", FixedPoint(4, 4), (1, 3, 0))], (FixedPoint(8, 4), [(1, 1, 2)])
    )
    assert "input [12:0] words" in source
    assert re.findall(r"words\[\d+:\d+\]", source) == ["words[12:9]"]
    assert "assign score = {{2{core_score[3]}}, {1{core_score[3:0]}}, {2{1'b0}}};" in source


@given(
    width=st.integers(1, 12),
    kif=st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 6)).filter(lambda kif: sum(kif) > 0),
    data=st.data(),
)
def test_the_score_is_placed_on_the_declared_grid(width: int, kif: tuple[int, int, int], data: st.DataObject) -> None:
    k, i, f = kif
    core = FixedPoint.from_kif(k, i, f)
    fractional = f + data.draw(st.integers(0, 4))
    declared = FixedPoint(width + fractional, width, bool(k))
    value = data.draw(st.integers(core.min_word, core.max_word))
    if not declared.contains(np.array(value << (fractional - f))):
        return
    source = top_module("t", "c", [("a", FixedPoint(4, 4), (1, 3, 0))], (declared, [kif]))
    (expression,) = re.findall(r"assign score = \{(.*)\};", source)
    word = 0
    for times, bits in re.findall(r"\{(\d+)\{(core_score\[[\d:]+\]|1'b0)\}\}", expression):
        high, _, low = bits[len("core_score[") : -1].partition(":") if "[" in bits else ("", "", "")
        n_bits = int(high) - int(low) + 1 if low else 1
        piece = (value >> int(low or high or 0)) & (2**n_bits - 1) if "[" in bits else 0
        for _ in range(int(times)):
            word = (word << n_bits) | piece
    assert FixedPoint(declared.width, declared.width, declared.signed).requantize(word, FixedPoint(62, 62)) == value << (
        fractional - f
    )


@pytest.mark.parametrize(
    ("kif", "output", "message"),
    [
        ((0, 5, 0), (0, 4, 0), "reads bits 0 to 4 of 'a', which has 4"),
        ((0, 0, 0), (0, 4, 0), "constant"),
        ((0, 4, 0), (0, 0, 0), "constant"),
        ((0, 4, 0), (0, 2, 3), "alkaid gives 3 fractional bits"),
    ],
)
def test_a_core_that_does_not_fit_is_refused(kif: tuple[int, int, int], output: tuple[int, int, int], message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        top_module("t", "c", [("a", FixedPoint(4, 4, False), kif)], (FixedPoint(4, 4, False), [output]))


def test_vhdl_is_the_same_wires() -> None:
    inputs = [("a", FixedPoint(9, 9), (0, 0, 0)), ("b", FixedPoint(4, 4), (1, 3, 0)), ("c", FixedPoint(3, 3), (0, 2, 0))]
    source = top_module("t", "c", inputs, (FixedPoint(8, 4), [(1, 1, 2)]), "vhdl")
    assert "words : in std_logic_vector(15 downto 0);" in source
    assert re.findall(r"core_words\((\d+ downto \d+)\) <= words\((\d+ downto \d+)\);", source) == [
        ("3 downto 0", "12 downto 9"),
        ("5 downto 4", "14 downto 13"),
    ]
    assert re.findall(r"score\((\d+) downto (\d+)\) <= (.*);", source) == [
        ("7", "7", "core_score(3 downto 3)"),
        ("6", "6", "core_score(3 downto 3)"),
        ("5", "2", "core_score(3 downto 0)"),
        ("1", "1", '"0"'),
        ("0", "0", '"0"'),
    ]
