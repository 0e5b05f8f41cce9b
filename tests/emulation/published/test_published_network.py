from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from toy_sources import ToyNetwork, edit

from l1ml._optional import require
from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation.published import PublishedNetwork
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError, DataError
from l1ml.hardware import FixedPoint


@pytest.fixture(scope="module")
def toy() -> ToyNetwork:
    return ToyNetwork.random(np.random.default_rng(1))


@pytest.fixture(scope="module")
def folder(toy: ToyNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.write(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def network(folder: Path) -> PublishedNetwork:
    return PublishedNetwork(folder)


def test_formats_come_from_the_types_and_words_are_exact(
    network: PublishedNetwork, toy: ToyNetwork, rng: np.random.Generator
) -> None:
    assert isinstance(network, Emulator)
    assert network.name == "toy"
    assert network.input_formats == (FixedPoint(10, 10),) * 5
    assert network.output_formats == (network.output_format,) == (FixedPoint.parse("ap_fixed<32,22,AP_RND_CONV,AP_SAT>"),)
    words = random_words(network.input_formats, 5000, rng)
    np.testing.assert_array_equal(network.predict(words), toy.scores(words))
    np.testing.assert_array_equal(network.outputs(words), toy.scores(words)[:, None])
    np.testing.assert_array_equal(network.predict(words[::-3].astype(np.int16)), toy.scores(words)[::-3])
    assert network.predict(words[:0]).shape == (0,)


def test_words_beyond_their_width_are_refused(network: PublishedNetwork) -> None:
    words = np.zeros((4, 5), np.int64)
    words[2, 1] = 512
    with pytest.raises(DataError, match="input 1 of crossing 2 is 512"):
        network.predict(words)


def test_ten_versions_with_the_same_names_live_in_one_process(tmp_path: Path, rng: np.random.Generator) -> None:
    toys = [ToyNetwork.random(rng) for _ in range(10)]
    folders = [toy.write(tmp_path / str(index)) for index, toy in enumerate(toys)]
    networks = [PublishedNetwork(folder) for folder in folders]
    assert len({network.digest for network in networks}) == 10
    words = random_words(networks[0].input_formats, 400, rng)
    for _ in range(2):
        for network, toy in zip(networks, toys, strict=True):
            np.testing.assert_array_equal(network.predict(words), toy.scores(words))
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda network: network.predict(words), networks * 5))
    np.testing.assert_array_equal(np.stack(together), np.stack([toy.scores(words) for toy in toys] * 5))


def test_an_emulator_class_is_asked_through_any(tmp_path: Path, toy: ToyNetwork, rng: np.random.Generator) -> None:
    emulator = PublishedNetwork(toy.write_emulator(tmp_path))
    assert emulator.input_formats == (FixedPoint(12, 11),) * 5
    # the score is the second of the pair
    assert [item.width for item in emulator.output_formats] == [32, 18]
    assert emulator.output_format == FixedPoint(18, 14, signed=False)
    words = random_words(emulator.input_formats, 3000, rng)
    np.testing.assert_array_equal(emulator.predict(words), toy.emulator_scores(words))
    np.testing.assert_array_equal(emulator.outputs(words)[:, 0], toy.scores(words >> 2))


def test_results_behind_a_bare_pointer_are_counted(tmp_path: Path, toy: ToyNetwork, rng: np.random.Generator) -> None:
    toy.write_emulator(tmp_path)
    edit(tmp_path, "toy_emulator.cpp", "std::pair<std::array<result_t, N_LAYER_2>, ap_ufixed<18,14>>*", "result_t*")
    edit(tmp_path, "toy_emulator.cpp", "given->first[0] = _result[0];", "for (int i = 0; i < 3; i++) given[i] = _result[0];")
    edit(tmp_path, "toy_emulator.cpp", "given->second = _result[0] < 0 ? ap_ufixed<18,14>(0) : ap_ufixed<18,14>(_result[0]);", "")
    with pytest.raises(ConversionError, match="toy has 3 outputs, received output=None; say which is the score: 0 to 2"):
        PublishedNetwork(tmp_path)
    emulator = PublishedNetwork(tmp_path, output=2)
    words = random_words(emulator.input_formats, 100, rng)
    np.testing.assert_array_equal(emulator.predict(words), toy.scores(words >> 2))


def test_a_project_written_by_hls4ml_runs_from_its_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    folder, weights = _written_by_hls4ml(tmp_path / "plain", rng)
    for path in folder.rglob("*.txt"):
        path.unlink()
    monkeypatch.chdir(tmp_path)
    network = PublishedNetwork(folder, output=1)
    assert network.input_formats == (FixedPoint(16, 10),) * 4
    inputs = rng.integers(-50, 50, (200, 4))
    # weights of 1/8 and inputs of whole numbers: every product and sum is exact in these formats and in doubles
    expected = np.maximum(inputs @ weights[0] + weights[1], 0) @ weights[2] + weights[3]
    words = np.stack([item.to_words(expected[:, index]) for index, item in enumerate(network.output_formats)], 1)
    np.testing.assert_array_equal(network.outputs(inputs * 64), words)
    np.testing.assert_array_equal(network.predict(inputs * 64), words[:, 1])


def _written_by_hls4ml(folder: Path, rng: np.random.Generator) -> tuple[Path, list[Any]]:
    keras, hls4ml = require("keras"), require("hls4ml")
    layers = keras.layers
    model = projects.keras_model([layers.Dense(3, name="dense_0"), layers.ReLU(name="relu"), layers.Dense(2, name="dense_1")], 4)
    model.set_weights([rng.integers(-31, 32, weight.shape) / 8 for weight in model.get_weights()])
    options = {"granularity": "name", "default_precision": "ap_fixed<16,10>", "backend": "Vitis"}
    config = hls4ml.utils.config_from_keras_model(model, **options)
    target = {"output_dir": str(folder), "backend": "Vitis", "io_type": "io_parallel", "project_name": "plain"}
    hls4ml.converters.convert_from_keras_model(model, hls_config=config, **target).write()
    return folder, [weight.astype(float) for weight in model.get_weights()]


def test_a_project_of_our_own_needs_no_manifest(tmp_path: Path, rng: np.random.Generator) -> None:
    folder = tmp_path / "somewhere_else"
    shutil.copytree(projects.written("vitis") / "firmware", folder)
    network = PublishedNetwork(folder)
    integers = IntegerEmulator(projects.small_model().network)
    words = random_words(projects.FORMATS, 2000, rng)
    scores = integers.output_format.requantize(network.predict(words), network.output_format)
    np.testing.assert_array_equal(scores, integers.predict(words))


def test_the_digest_is_of_the_sources_and_not_of_their_place(folder: Path, network: PublishedNetwork, tmp_path: Path) -> None:
    copy = tmp_path / "deeper" / "copy"
    shutil.copytree(folder, copy)
    (copy / "README.md").write_text("not a source")
    (library,) = (copy / "build").glob("toy-*.so")
    made = library.stat().st_mtime_ns
    assert PublishedNetwork(copy).digest == network.digest
    assert library.stat().st_mtime_ns == made
    edit(copy, "firmware/nnet_utils/nnet_toy.h", "i * CONFIG::scale", "i * CONFIG::scale + 1")
    changed = PublishedNetwork(copy)
    assert changed.digest != network.digest
    assert len(list((copy / "build").glob("toy-*.so"))) == 2


def test_a_published_folder_may_be_read_only(toy: ToyNetwork, tmp_path: Path) -> None:
    folder = toy.write(tmp_path / "published")
    before = sorted(folder.rglob("*"))
    PublishedNetwork(folder, build_folder=tmp_path / "build")
    assert sorted(folder.rglob("*")) == before
    assert len(list((tmp_path / "build").iterdir())) == 1


def test_a_network_that_remembers_is_refused(tmp_path: Path, toy: ToyNetwork) -> None:
    remembering = "static res_T last = 0; res[0] = sum - last; last = sum; step"
    edit(toy.write(tmp_path), "firmware/nnet_utils/nnet_toy.h", "res[0] = sum + step", remembering)
    with pytest.raises(ConversionError, match=r"toy gives other words .* in another order: it keeps a state between them"):
        PublishedNetwork(tmp_path)


def test_a_port_that_is_written_in_part_is_refused(tmp_path: Path, toy: ToyNetwork) -> None:
    edit(toy.write(tmp_path), "firmware/toy.cpp", "    nnet::dense<", "    words[1] = 3;\n    nnet::dense<")
    with pytest.raises(ConversionError, match="port 0 of the top function is written in part only: 1 of 5 words"):
        PublishedNetwork(tmp_path)


def test_a_class_that_reads_beyond_its_inputs_is_refused(tmp_path: Path, toy: ToyNetwork) -> None:
    edit(toy.write_emulator(tmp_path), "toy_emulator.cpp", "_scaled[i] = _unscaled[i] >> 1;", "_scaled[i] = given[i + 1];")
    with pytest.raises(ConversionError, match="reads more than the 5 inputs of its network"):
        PublishedNetwork(tmp_path)


def test_a_class_that_reads_no_numbers_is_refused(tmp_path: Path, toy: ToyNetwork) -> None:
    edit(
        toy.write_emulator(tmp_path),
        "toy_emulator.cpp",
        "unscaled_t *given = std::any_cast<unscaled_t*>",
        "auto *given = std::any_cast<double*>",
    )
    with pytest.raises(ConversionError, match="a port is no ap_fixed, no ap_int and no array or pair of them"):
        PublishedNetwork(tmp_path)
