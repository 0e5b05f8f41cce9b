"""Small C++ projects in the forms that other groups publish theirs, and what they give in exact integers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["ToyNetwork", "edit"]

_DEFINES = """
#ifndef DEFINES_H_
#define DEFINES_H_
#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
namespace toy_space {
static const int N_INPUT_1_1 = 5;
static const int N_LAYER_2 = 1;
typedef ap_fixed<10,10> input_t;
typedef ap_fixed<8,4> weight2_t;
typedef ap_fixed<8,4> bias2_t;
typedef ap_fixed<32,22,AP_RND_CONV,AP_SAT> result_t;
typedef ap_fixed<12,11> unscaled_t;
}
#endif
"""

# a table that is filled at the first call, with one name in every project, as activations of hls4ml have them
_LAYERS = """
#ifndef NNET_TOY_H_
#define NNET_TOY_H_
namespace nnet {
template <class CONFIG> int step(int index) {
    static bool initialized = false;
    static int table[16];
    if (!initialized) {
        for (int i = 0; i < 16; i++) table[i] = i * CONFIG::scale;
        initialized = true;
    }
    return table[index & 15];
}
template <class T, int SIZE> void load_weights_from_txt(T *w, const char *fname) { w[0] = 0; }
template <class data_T, class res_T, class CONFIG>
void dense(data_T data[CONFIG::n_in], res_T res[1], typename CONFIG::weight_t w[CONFIG::n_in], typename CONFIG::bias_t b[1]) {
    res_T sum = b[0];
    for (int i = 0; i < CONFIG::n_in; i++) sum += data[i] * w[i];
    res[0] = sum + step<CONFIG>(data[0].to_int());
}
}
#endif
"""

_PARAMETERS = """
#ifndef PARAMETERS_H_
#define PARAMETERS_H_
#include "nnet_utils/nnet_toy.h"
#include "defines.h"
#include "weights/w2.h"
#include "weights/b2.h"
namespace toy_space {{
struct config2 {{
    static const int n_in = 5;
    static const int scale = {scale};
    typedef weight2_t weight_t;
    typedef bias2_t bias_t;
}};
}}
#endif
"""

_HEADER = """
#ifndef TOY_H_
#define TOY_H_
#include "defines.h"
namespace toy_space {
// void toy(nothing in a comment);
void toy(
    toy_space::input_t words[toy_space::N_INPUT_1_1],
    result_t layer2_out[N_LAYER_2]
);
}
#endif
"""

_SOURCE = """
#include <iostream>
#include "toy.h"
#include "parameters.h"
namespace toy_space {
void toy(input_t words[N_INPUT_1_1], result_t layer2_out[N_LAYER_2]) {
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<weight2_t, 5>(w2, "w2.txt");
        loaded_weights = true;
    }
#endif
    nnet::dense<input_t, result_t, config2>(words, layer2_out, w2, b2);
}
}
"""

_WEIGHTS = """
#ifndef {guard}_H_
#define {guard}_H_
namespace toy_space {{
#ifndef __SYNTHESIS__
{kind}2_t {name}[{size}];
#else
{kind}2_t {name}[{size}] = {{{values}}};
#endif
}}
#endif
"""

_EMULATOR = """
#include "firmware/toy.h"
#include "emulator.h"
#include <any>
#include <array>
#include <utility>
using namespace toy_space;
class toy_emulator : public hls4mlEmulator::Model {
  private:
    unscaled_t _unscaled[N_INPUT_1_1];
    input_t _scaled[N_INPUT_1_1];
    result_t _result[N_LAYER_2];

  public:
    virtual void prepare_input(std::any input) {
        unscaled_t *given = std::any_cast<unscaled_t*>(input);
        for (int i = 0; i < N_INPUT_1_1; i++) {
            _unscaled[i] = std::any_cast<unscaled_t>(given[i]);
            _scaled[i] = _unscaled[i] >> 1;
        }
    }
    virtual void predict() { toy(_scaled, _result); }
    virtual void read_result(std::any result) {
        // std::any_cast<float*>(result) is commented out
        auto *given = std::any_cast<std::pair<std::array<result_t, N_LAYER_2>, ap_ufixed<18,14>>*>(result);
        given->first[0] = _result[0];
        given->second = _result[0] < 0 ? ap_ufixed<18,14>(0) : ap_ufixed<18,14>(_result[0]);
    }
};
extern "C" hls4mlEmulator::Model* create_model() { return new toy_emulator; }
extern "C" void destroy_model(hls4mlEmulator::Model* m) { delete m; }
"""


@dataclass(frozen=True)
class ToyNetwork:
    """Five inputs of 10 bits, one sum with weights of 1/16, and a step that depends on the first input.

    Parameters
    ----------
    weights : ndarray of int, shape (5,)
        Words of ``ap_fixed<8,4>``.
    bias, scale : int
        Word of the bias, and height of the step.
    """

    weights: NDArray[np.int64]
    bias: int
    scale: int

    @classmethod
    def random(cls, rng: np.random.Generator) -> ToyNetwork:
        return cls(rng.integers(-128, 128, 5), int(rng.integers(-128, 128)), int(rng.integers(1, 100)))

    def write(self, folder: Path) -> Path:
        """Write the project as hls4ml does, below ``firmware/``."""
        files = {
            "toy.h": _HEADER,
            "toy.cpp": _SOURCE,
            "defines.h": _DEFINES,
            "parameters.h": _PARAMETERS.format(scale=self.scale),
            "nnet_utils/nnet_types.h": "#pragma once\n",
            "nnet_utils/nnet_toy.h": _LAYERS,
            "weights/w2.h": _values("w2", "weight", self.weights),
            "weights/b2.h": _values("b2", "bias", np.array([self.bias])),
        }
        for name, text in files.items():
            path = folder / "firmware" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder

    def write_emulator(self, folder: Path) -> Path:
        """Write the project and a class behind ``create_model`` beside it."""
        self.write(folder)
        (folder / "toy_emulator.cpp").write_text(_EMULATOR, encoding="utf-8")
        return folder

    def scores(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Words of ``ap_fixed<32,22>`` in exact integers."""
        inputs = words.astype(np.int64)
        return 64 * (inputs @ self.weights + self.bias) + 1024 * self.scale * (inputs[:, 0] & 15)

    def emulator_scores(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Words of ``ap_ufixed<18,14>`` for inputs of ``ap_fixed<12,11>``: a quarter of each word, no score below 0."""
        # one bit goes in the shift and the half in the whole-number input; 4 of 10 fractional bits and 18 bits in all are kept
        return (np.maximum(self.scores(words >> 2), 0) >> 6) & (2**18 - 1)


def _values(name: str, kind: str, words: NDArray[np.int64]) -> str:
    values = ", ".join(f"{word / 16:.10f}" for word in words)
    return _WEIGHTS.format(guard=name.upper(), kind=kind, name=name, size=len(words), values=values)


def edit(folder: Path, name: str, old: str, new: str) -> Path:
    """Replace `old` in the file `name` of `folder`, where it must stand exactly once."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder
