"""Networks as C++: models without Keras, and many of their headers in one library, so that they compile at once."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from network_words import all_words

from l1ml.conversion.cpp.header import Header
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint
from l1ml.model import GoldenWords, Network, TriggerModel
from l1ml.model.operations import Dense, Quantise, Scale, Square

__all__ = ["STRICT", "check", "functions", "model", "small_network"]

STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
Function = Callable[[np.ndarray], np.ndarray]


def model(network: Network, name: str = "toy") -> TriggerModel:
    """`network` with a few golden words and features that are called f0, f1 and so on."""
    words = random_words(network.input_formats, 70, np.random.default_rng(0))
    scores = all_words(network, words)
    golden = GoldenWords(words, scores[:, 0] if scores.shape[1] == 1 else scores)
    features = tuple(f"f{index}" for index in range(len(network.input_formats)))
    return TriggerModel(name, "0" * 64, features, network, "sum of squares", b"", golden)


def small_network(seed: int = 1) -> Network:
    """Four words -> 5 -> 3 -> the sum of squares; every seed has other weights."""
    rng = np.random.default_rng(seed)
    formats = [FixedPoint(width, width, signed) for width, signed in ((9, False), (6, True), (8, True), (1, False))]
    operations = [
        Scale(np.array([3, 2, 4, 0])),
        Quantise(FixedPoint.parse("ap_fixed<8,5,AP_RND_CONV,AP_SAT>")),
        Dense(rng.integers(-9, 10, (4, 5)), 3, rng.integers(-40, 41, 5), 5),
        Quantise(FixedPoint.parse("ap_ufixed<8,5,AP_RND_CONV,AP_SAT>")),
        Dense(rng.integers(-9, 10, (5, 3)), 3, rng.integers(-40, 41, 3), 5),
        Quantise(FixedPoint.parse("ap_fixed<9,6,AP_RND,AP_SAT_SYM>")),
        Square(),
        Dense(np.ones((3, 1), np.int64), 0, np.zeros(1, np.int64), 0),
    ]
    return Network(formats, operations)


def functions(networks: Sequence[Network], folder: Path, *options: str) -> list[Function]:
    """Predict of each network, all headers in one library; any warning is an error."""
    source = []
    for index, network in enumerate(networks):
        header = Header(model(network, f"network{index}"))
        (folder / f"{index}.h").write_bytes(header.content)
        source += [
            f'#include "{index}.h"',
            f'extern "C" int predict{index}(const std::int32_t *w, std::int64_t n, std::int64_t *s) {{',
        ]
        source += [f"    return static_cast<int>({header.namespace}::predict(w, n, s).code);", "}"]
    (folder / "all.cpp").write_text("\n".join(source) + "\n")
    command = ["g++", "-std=c++17", *STRICT, *options, "-fPIC", "-shared", "all.cpp", "-o", "all.so"]
    subprocess.run(command, cwd=folder, check=True)
    library = ctypes.CDLL(str(folder / "all.so"))
    return [_function(library[f"predict{index}"], network) for index, network in enumerate(networks)]


def _function(predict: Callable[..., int], network: Network) -> Function:
    def call(words: np.ndarray) -> np.ndarray:
        rows = np.ascontiguousarray(words, np.int32)
        scores = np.full((len(rows), network.n_outputs), np.iinfo(np.int64).min)
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (rows, scores)]
        assert predict(pointers[0], ctypes.c_int64(len(rows)), pointers[1]) == 0
        return scores

    return call


def check(networks: Sequence[Network], folder: Path, *options: str, n: int = 500) -> None:
    """Every word that C++ gives is that of the integers, on extreme and random crossings."""
    rng = np.random.default_rng(7)
    for network, function in zip(networks, functions(networks, folder, *options), strict=True):
        words = random_words(network.input_formats, n, rng)
        np.testing.assert_array_equal(function(words), all_words(network, words))
