"""Choices of an HLS project: back end, arrays or streams, strategies, single layers. Words are compared in tests/emulation."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import projects
import pytest

from l1ml._optional import require
from l1ml.configuration import from_mapping
from l1ml.conversion import ConversionConfig, hls_project
from l1ml.conversion.config import LayerChoice
from l1ml.conversion.hls4ml_dialects import Signature, function_source, quantiser_statement
from l1ml.conversion.hls4ml_names import hls_names
from l1ml.conversion.hls_backends import HLS_BACKENDS, IO_TYPES, find_hls_backend
from l1ml.errors import ConfigError, ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model import Network
from l1ml.model.operations import Absolute, Dense, Square

keras, qkeras = require("keras"), require("qkeras")
network_graph = require("l1ml.conversion.hls4ml_graph").network_graph


def configured(**table: Any) -> ConversionConfig:
    return from_mapping(ConversionConfig, table, "[conversion]")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"hls_backend": "vits"}, "there is no HLS back end 'vits': did you mean 'vitis'?"),
        ({"hls_backend": "quartus"}, "hls4ml drops Quartus for oneAPI; use one of vitis, vivado, catapult, oneapi, libero"),
        ({"hls_backend": "libero"}, r"libero builds for devices of Microchip \(MPFS\.\.\., .* is none: .* such as 'MPF300'"),
        ({"hls_backend": "libero", "part": "MPF300", "strategy": "resource_unrolled"}, "for libero with latency or resource"),
        ({"io_type": "stream"}, "io_type must be io_parallel or io_stream, received 'stream'"),
        ({"strategy": "latncy"}, "did you mean 'latency'?"),
        ({"strategy": "distributed_arithmetic"}, "needs da4ml.*the RTL back end"),
        (
            {"hls_backend": "oneapi", "part": "Agilex7"},
            "asks for strategy 'latency'; hls4ml builds dense layers for oneapi with res",
        ),
        ({"hls_backend": "oneapi", "strategy": "resource"}, "xcvu13p-flga2577-2-e' is one of AMD"),
        (
            {"hls_backend": "oneapi", "strategy": "resource", "part": "Agilex7", "clock_uncertainty": 0.2},
            r"oneapi has no clock_uncertainty, received 0\.2: leave it out",
        ),
        ({"hls_backend": "libero", "part": "MPF300", "clock_uncertainty": 0.2}, "libero has no clock_uncertainty, received 0"),
        ({"hls_backend": "catapult", "layers": {"a": {"strategy": "resource_unrolled"}}}, "layer 'a' asks for strategy"),
        ({"layers": {"a": {"stratgy": "latency"}}}, "layers.a has no key 'stratgy'; did you mean 'strategy'?"),
        ({"layers": {"a": {"reuse_factor": 0}}}, "reuse_factor must be at least 1, received 0"),
        ({"layers": {"a": 3}}, "layers.a must be a table, received 3"),
        ({"stages": 0}, "stages must be at least 1"),
        ({"stages": 3, "latency_cutoff_ns": 2.0}, "stages and latency_cutoff_ns exclude each other"),
        ({"rtl_language": "chisel"}, "rtl_language must be verilog or vhdl"),
        ({"tool_timeout_s": 0}, "tool_timeout_s must be positive"),
    ],
)
def test_choices_that_cannot_be_meant(table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        configured(**table)


@pytest.mark.parametrize(
    ("backend", "share", "expected"),
    [
        ("vitis", 0.2, ["set clock_uncertainty 20%"]),
        ("vitis", None, ["set clock_uncertainty 27%"]),
        ("vivado", 0.125, ["set clock_uncertainty 12.5%"]),
        ("catapult", 0.2, ["-CLOCK_UNCERTAINTY 1.000"] * 2),
        ("catapult", None, ["-CLOCK_UNCERTAINTY 0.0"] * 2),
    ],
)
def test_the_reserve_of_the_clock_reaches_the_tool(backend: str, share: float | None, expected: list[str]) -> None:
    config = ConversionConfig(hls_backend=backend, clock_mhz=200.0, clock_uncertainty=share)
    files = hls_project(projects.small_model(), config).files
    scripts = "\n".join(content.decode() for path, content in files.items() if path.suffix == ".tcl")
    assert re.findall(r"set clock_uncertainty [\d.]+%|-CLOCK_UNCERTAINTY [\d.]+", scripts) == expected


def test_one_layer_is_built_otherwise() -> None:
    own = configured(layers={"dense_1": {"strategy": "resource", "reuse_factor": 2}})
    assert own.layers == {"dense_1": LayerChoice("resource", 2)}
    made = hls_project(projects.small_model(), own)
    parameters = made.files[PurePosixPath("firmware/parameters.h")].decode()
    strategies = re.findall(r"strategy = nnet::(\w+);\s+static const unsigned reuse_factor = (\d+)", parameters)
    assert strategies == [("latency", "1"), ("resource", "2"), ("latency", "1"), ("latency", "1")]
    assert "| layer dense_1 | strategy resource, reuse_factor 2 |" in made.files[PurePosixPath("README.md")].decode()


@pytest.mark.parametrize(
    ("name", "choice", "message"),
    [
        ("dense1", LayerChoice("resource"), r"layers\.dense1\]: layer 'dense1' is not in the network; did you mean 'dense_1'\?"),
        ("latent", LayerChoice("resource"), "layer 'latent' has nothing to choose in HLS"),
        ("dense_1", LayerChoice("resource", 5), "reuse_factor 4, not strategy 'resource' with reuse_factor 5"),
        ("dense_1", LayerChoice("resource_unrolled"), "hls4ml builds strategy 'resource' with reuse_factor 1, not"),
    ],
)
def test_what_a_layer_cannot_be_is_refused(name: str, choice: LayerChoice, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        hls_project(projects.small_model(), ConversionConfig(layers={name: choice}))


def test_a_reuse_factor_that_a_layer_does_not_divide_into_is_told() -> None:
    with pytest.warns(RuntimeWarning, match=r"layer '\w+' .* not strategy 'resource' with reuse_factor 7"):
        hls_project(projects.small_model(), ConversionConfig(strategy="resource", reuse_factor=7))


def joined(n: int) -> Any:
    """A network in which one stage feeds `n` branches that are joined."""
    inputs = keras.Input((len(projects.FORMATS),), name="words")
    x = keras.layers.Rescaling(0.125, name="shift")(inputs)
    branches = [qkeras.QActivation(projects.bits(4, 1 + index), name=f"branch_{index}")(x) for index in range(n)]
    rows = keras.layers.Concatenate(name="rows")(branches)
    score = qkeras.QDense(1, use_bias=False, kernel_quantizer=projects.bits(2, 1), kernel_initializer="ones", name="score")
    return projects.trigger_model(keras.Model(inputs, score(rows)), "joined")


@pytest.mark.parametrize("io_type", IO_TYPES)
def test_a_kernel_at_many_positions_is_built_otherwise(io_type: str) -> None:
    dense = Dense(np.ones((3, 2), np.int64), 0, np.zeros(2, np.int64), 0, 4)
    network = Network((FixedPoint(4, 4),) * 12, (dense,), (), ("each",))
    config = ConversionConfig(io_type=io_type, layers={"each": LayerChoice(strategy="resource", reuse_factor=3)})
    (kernel,) = [layer for layer in network_graph(network, config, "top").get_layers() if layer.name == "each"]
    assert (kernel.get_attr("strategy"), kernel.get_attr("reuse_factor")) == ("resource", 3)
    other = ConversionConfig(io_type=io_type, layers={"each": LayerChoice(strategy="resource", reuse_factor=4)})
    with pytest.raises(
        ConfigError, match=r"layer 'each' \(3 to 2 words\): hls4ml builds .* reuse_factor 3, not .* reuse_factor 4"
    ):
        network_graph(network, other, "top")


@pytest.mark.parametrize("name", ["Each.One", "float"])
def test_a_choice_reaches_a_layer_that_is_called_otherwise_in_cpp(name: str) -> None:
    dense = Dense(np.ones((3, 2), np.int64), 0, np.zeros(2, np.int64), 0)
    network = Network((FixedPoint(4, 4),) * 3, (dense,), (), (name,))
    (layer,) = hls_names([name])
    kept = network_graph(network, ConversionConfig(layers={name: LayerChoice("resource", 3)}), "top").graph[layer]
    assert (kept.get_attr("strategy"), kept.get_attr("reuse_factor")) == ("resource", 3)
    with pytest.raises(ConfigError, match=f"layer '{layer}' .* hls4ml builds .* reuse_factor 3, not .* reuse_factor 4"):
        network_graph(network, ConversionConfig(layers={name: LayerChoice("resource", 4)}), "top")


@pytest.mark.parametrize(("n", "copies"), [(7, []), (8, ["shift_copy1"]), (14, ["shift_copy1", "shift_copy2"])])
def test_a_stream_with_more_readers_than_hls4ml_clones_it_for(n: int, copies: list[str]) -> None:
    graph = network_graph(joined(n).network, ConversionConfig(io_type="io_stream"), "top")
    layers = list(graph.get_layers())
    assert sorted(layer.name for layer in layers if layer.name.startswith("shift_copy")) == copies
    assert max(len(layer.outputs) for layer in layers) <= 7
    arrays = network_graph(joined(n).network, ConversionConfig(), "top")
    assert not any("_copy" in layer.name for layer in arrays.get_layers())


def test_a_row_that_nothing_reads_is_refused_in_streams() -> None:
    network = Network((FixedPoint(4, 4),) * 3, (Absolute(), Square(), Absolute()), ((0,), (1,), (1,)), ("a", "unread", "b"))
    assert network_graph(network, ConversionConfig(), "top")
    with pytest.raises(ConversionError, match=r"nothing reads layer 'unread', .*; leave it out, or use io_parallel"):
        network_graph(network, ConversionConfig(io_type="io_stream"), "top")


def test_a_layer_may_be_called_like_a_function_of_hls4ml() -> None:
    dense = Dense(np.ones((3, 2), np.int64), 0, np.zeros(2, np.int64), 0, 4)
    graph = network_graph(Network((FixedPoint(4, 4),) * 12, (dense,), (), ("dense",)), ConversionConfig(), "top")
    (layer,) = [layer for layer in graph.get_layers() if layer.name == "dense"]
    assert layer.get_attr("function_cpp").startswith("nnet::l1ml_dense<")


def test_the_types_and_frames_of_each_back_end() -> None:
    statement = [
        quantiser_statement(0, 1, 6, 2, ("RND_CONV", "SAT")),
        "ap_uint<3> place = 0;",
        quantiser_statement(1, 0, 0, 0, ("", "")),
    ]
    sources = {(name, io): function_source("f", statement, HLS_BACKENDS[name], io) for name in HLS_BACKENDS for io in IO_TYPES}
    assert sources["vitis", "io_parallel"] == sources["vivado", "io_parallel"]
    assert "out[0] = ap_fixed<6, 2, AP_RND_CONV, AP_SAT>(inp[0]);" in sources["vitis", "io_stream"]
    assert "hls::stream<input_t> &source" in sources["vitis", "io_stream"]
    for name in ("catapult", "oneapi"):
        for io in IO_TYPES:
            assert "out[0] = ac_fixed<6, 2, true, AC_RND_CONV, AC_SAT>(inp[0]);" in sources[name, io]
            assert "ac_int<3, false> place = 0;" in sources[name, io]
            assert "ap_" not in sources[name, io]
    for io in IO_TYPES:
        assert "out[0] = hls::ap_fixpt<6, 2, hls::AP_RND_CONV, hls::AP_SAT>(inp[0]);" in sources["libero", io]
        assert "hls::ap_uint<3> place = 0;" in sources["libero", io]
    assert "hls::FIFO<input_t> &source, hls::FIFO<output_t> &sink" in sources["libero", "io_stream"]
    assert "ac_channel<output_t> &sink" in sources["catapult", "io_stream"]
    assert "template <class input_pipe, class output_pipe> void l1ml_f()" in sources["oneapi", "io_stream"]
    assert all("out[1] = 0;" in source for source in sources.values())


def test_frames_of_several_rows_and_of_weights() -> None:
    def head(backend: str, io_type: str, signature: Signature) -> str:
        return function_source("f", [], HLS_BACKENDS[backend], io_type, signature).splitlines()[1]

    two, weighted = Signature(n_rows=2), Signature(has_weights=True)
    arrays = head("vitis", "io_parallel", two)
    assert "<typename input_0_t, typename input_1_t, typename output_t>" in arrays
    assert "l1ml_f(input_0_t *inp_0, input_1_t *inp_1, output_t *out)" in arrays
    assert "(ac_channel<input_0_t> &source_0, ac_channel<input_1_t> &source_1, ac_" in head("catapult", "io_stream", two)
    assert "<class input_0_pipe, class input_1_pipe, class output_pipe> void l1ml_f()" in head("oneapi", "io_stream", two)
    assert ", typename CONFIG_T::weight_t *weights, typename CONFIG_T::bias_t *biases)" in head("vivado", "io_stream", weighted)
    assert "(typename CONFIG_T::weight_t weights, typename CONFIG_T::bias_t biases)" in head("oneapi", "io_stream", weighted)
    assert ", const typename CONFIG_T::weight_t &weights, const" in head("oneapi", "io_parallel", weighted)


def test_one_bit_in_oneapi() -> None:
    oneapi = find_hls_backend("oneapi")
    kept = function_source("f", ["out[0] = ap_fixed<1, 1, AP_TRN, AP_WRAP>(inp[0]);"], oneapi, "io_parallel")
    assert "ac_fixed<2, 2, true, AC_TRN, AC_WRAP>" in kept
    with pytest.raises(ConversionError, match="layer 'f' saturates to one bit"):
        function_source("f", ["out[0] = ap_fixed<1, 1, AP_RND_CONV, AP_SAT>(inp[0]);"], oneapi, "io_parallel")


def test_weights_of_catapult_are_in_the_sources() -> None:
    files = hls_project(projects.small_model(), ConversionConfig(hls_backend="catapult")).files
    weights = [path for path in files if path.parts[:2] == ("firmware", "weights")]
    assert weights
    assert all(path.suffix == ".h" and b"extern" not in files[path] for path in weights)
    assert b"load_weights" not in files[PurePosixPath("firmware/small_top.cpp")]
    assert not any("pdfdocs" in path.parts for path in files)
