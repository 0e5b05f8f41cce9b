"""What l1ml puts right in hls4ml's Libero projects, and what SmartHLS reads in them. Words are compared in tests/emulation."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import projects
import pytest

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, FirmwareProject, hls_project
from l1ml.conversion.hls_backends import microchip_family
from l1ml.errors import ConversionError

keras, qkeras = require("keras"), require("qkeras")
hls4ml_writer = require("hls4ml.writer.libero_writer").LiberoWriter


@cache
def project(**options: Any) -> FirmwareProject:
    return hls_project(projects.small_model(), ConversionConfig(hls_backend="libero", part="MPF300", **options))


def text_of(made: FirmwareProject, path: str) -> str:
    return made.files[PurePosixPath(path)].decode()


@pytest.mark.parametrize(
    ("part", "family"),
    [("MPF300", "PolarFire"), ("MPFS250T", "PolarFireSoC"), ("m2s025t-fg484i", "SmartFusion2"), ("M2GL005", "IGLOO2")],
)
def test_smarthls_is_told_of_the_device(part: str, family: str) -> None:
    assert microchip_family(part) == family


def test_what_smarthls_reads() -> None:
    made = project()
    assert "set_project PolarFire MPF300 hw_only\nset_parameter CLOCK_PERIOD 4.166\n" in text_of(made, "config.tcl")
    # SmartHLS reads a list of variables and no rules
    assert not re.search(r"^[\w.]+:|^\t", text_of(made, "smarthls.mk"), re.MULTILINE)
    assert "SRCS = firmware/small_top.cpp small_top_test.cpp" in text_of(made, "smarthls.mk")
    makefile = text_of(made, "Makefile")
    assert "cp smarthls.mk build/libero/Makefile" in makefile
    assert "$(HLS) -a sw && $(HLS) -a hw\n" in makefile
    assert "$(HLS) -a fpga\n" in makefile
    assert not {"build_lib.sh", "Makefile.compile", "small_top_bridge.cpp"} & {path.name for path in made.files}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_smarthls_is_called_in_a_copy_with_its_own_makefile(tmp_path: Path) -> None:
    """SmartHLS is not here: a script tells how it is called."""
    folder = project().write(tmp_path)
    script = tmp_path / "shls"
    script.write_text('#!/bin/sh\necho "$(basename "$PWD") $* $(head -1 Makefile)" >> ../calls\n', encoding="utf-8")
    script.chmod(0o755)
    subprocess.run(["make", "implement", f"HLS={script}"], cwd=folder, capture_output=True, check=True)
    calls = (folder / "build/calls").read_text(encoding="utf-8").splitlines()
    assert calls == [f"libero -a {step} NAME = small_top" for step in ("sw", "hw", "fpga")]


def test_as_many_scores_leave_as_there_are() -> None:
    top = text_of(project(), "firmware/small_top.cpp")
    assert "for (unsigned i = 0; i < 1; i++) {\n        layer12_out_struct.data[i] = layer12_out[i];" in top
    assert top.count("i < 10; i++") == 1


def test_another_top_function_of_hls4ml_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(_writer: object, model: Any) -> None:
        path = Path(model.config.get_output_dir()) / f"firmware/{model.config.get_project_name()}.cpp"
        path.write_text("void small_top() {}\n", encoding="utf-8")

    monkeypatch.setattr(hls4ml_writer, "write_project_cpp", other)
    with pytest.raises(ConversionError, match=r"not what hls4ml 1\.3 writes for Libero: no loop that copies the scores"):
        hls_project(projects.small_model(), ConversionConfig(hls_backend="libero", part="MPF300"))


def test_another_missing_file_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_writer: object, _model: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "templates/libero/other.sh")

    monkeypatch.setattr(hls4ml_writer, "write_build_script", fail)
    with pytest.raises(FileNotFoundError, match=r"other\.sh"):
        hls_project(projects.small_model(), ConversionConfig(hls_backend="libero", part="MPF300"))


def test_a_row_on_a_port_is_one_transfer() -> None:
    arrays, streams = project(), project(io_type="io_stream")
    assert arrays.manifest["input"]["port"] == "words_fifo"
    assert streams.manifest["input"]["port"] == "words"
    assert "hls::FIFO<words_array_t> &words_fifo" in text_of(arrays, "firmware/small_top.h")
    assert "hls::FIFO<words_t> &words" in text_of(streams, "firmware/small_top.h")
    for made in (arrays, streams):
        assert f"`{made.manifest['input']['port']}`: one transfer of 10 words of 13 bits" in text_of(made, "README.md")


def test_kernels_that_share_multipliers_are_left_to_their_own_loop() -> None:
    code = "firmware/nnet_utils/nnet_code_gen.h"
    pipeline = "#pragma HLS function pipeline II(CONFIG_T::reuse_factor)"
    assert text_of(project(io_type="io_stream"), code).count(pipeline) == 4
    assert pipeline not in text_of(project(io_type="io_stream", strategy="resource", reuse_factor=2), code)


@pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")
@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ("fifo.write(1); return fifo.read() == 1 ? 0 : 1;", ""),
        ("return fifo.read();", "a FIFO is read before it is written"),
        ("fifo.write(1); fifo.write(2);", "a FIFO is written when it is full"),
        ("fifo.write(1);", "a FIFO is left with words in it"),
    ],
)
def test_what_would_stop_a_design_ends_the_c_simulation(statements: str, said: str, tmp_path: Path) -> None:
    header = text_of(project(), "firmware/stand_in/hls/streaming.hpp")
    (tmp_path / "fifo.cpp").write_text(f"{header}\nint main() {{ hls::FIFO<int> fifo(1); {statements} }}\n", encoding="utf-8")
    subprocess.run(["g++", "-w", "fifo.cpp", "-o", "fifo"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "fifo"], capture_output=True, text=True, check=False)
    assert (done.returncode == 0, done.stderr.strip()) == (not said, said)


def test_a_fifo_that_several_layers_read_is_copied() -> None:
    inputs = keras.Input((len(projects.FORMATS),), name="words")
    x = keras.layers.Rescaling(0.125, name="shift")(inputs)
    branches = [qkeras.QActivation(projects.bits(4, 1 + index), name=f"branch_{index}")(x) for index in range(5)]
    rows = keras.layers.Concatenate(name="rows")(branches)
    score = qkeras.QDense(1, use_bias=False, kernel_quantizer=projects.bits(2, 1), kernel_initializer="ones", name="score")
    model = projects.trigger_model(keras.Model(inputs, score(rows)), "branches")
    config = ConversionConfig(hls_backend="libero", part="MPF300", io_type="io_stream")
    code = text_of(hls_project(model, config), "firmware/nnet_utils/nnet_code_gen.h")
    assert [f"sink_{index}.write(row);" in code for index in range(6)] == [*[True] * 5, False]
    assert "void l1ml_rows(hls::FIFO<input_0_t> &source_0" in code
