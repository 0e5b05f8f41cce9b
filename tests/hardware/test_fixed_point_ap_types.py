"""`FixedPoint` against the vendor's own ``ap_fixed``, in the C++ headers that hls4ml ships into every project."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from l1ml.emulation.shared_library import Unit, build_library
from l1ml.hardware import FixedPoint, Overflow, Rounding

Case = tuple[FixedPoint, FixedPoint]
Convert = Callable[[int, np.ndarray], np.ndarray]

SOURCES = (FixedPoint(24, 10), FixedPoint(22, 9, False), FixedPoint(40, 14))
SHAPES = [(width, integer) for width in (2, 3, 5, 8, 13) for integer in (-2, 0, 1, 4, 9, 15)]
N_PER_MODE = 7


def _cases() -> list[Case]:
    """For every rounding x overflow x sign, formats of many widths and binary points, and a source for each.

    The grid of the target stays below the largest bit of the source: beyond it an assertion in the headers stops the program.
    """
    generator = np.random.default_rng(11)
    cases = []
    for rounding, overflow, signed in product(Rounding, Overflow, (False, True)):
        source = SOURCES[int(generator.integers(len(SOURCES)))]
        shapes = [(width, integer) for width, integer in SHAPES if integer - width < source.integer - 1]
        chosen = [shapes[index] for index in generator.permutation(len(shapes))[:N_PER_MODE]]
        cases += [(source, FixedPoint(*shape, signed, rounding, overflow)) for shape in chosen]
    return cases


CASES = _cases()

_PREAMBLE = """
#include <cstdint>
#include "ap_fixed.h"
template <class Source, class Target> void convert(const int64_t *words, int64_t *out, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        Source source;
        source.range() = words[i];
        const Target target = source;
        out[i] = static_cast<int64_t>(target.range().to_uint64());
    }
}
"""


def _type(format_: FixedPoint) -> str:
    return f"ap_{'' if format_.signed else 'u'}fixed<{format_.width}, {format_.integer}, {format_.rounding}, {format_.overflow}>"


def _source_text(part: int, cases: list[Case]) -> str:
    entries = ",\n".join(f"convert<{_type(source)}, {_type(target)}>" for source, target in cases)
    return f"""{_PREAMBLE}
using function = void (*)(const int64_t *, int64_t *, int64_t);
static const function functions[] = {{ {entries} }};
extern "C" void convert_{part}(int64_t i, const int64_t *words, int64_t *out, int64_t n) {{ functions[i](words, out, n); }}
"""


@pytest.fixture(scope="module")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Bits of a case's target type for words of its source type, compiled once."""
    spec = find_spec("hls4ml")
    if spec is None or spec.origin is None:
        pytest.skip("hls4ml is not installed")
    headers = Path(spec.origin).parent / "templates" / "vivado" / "ap_types"
    folder = tmp_path_factory.mktemp("ap_types")
    n_parts = 4
    for part in range(n_parts):
        (folder / f"part_{part}.cpp").write_text(_source_text(part, CASES[part::n_parts]))
    units = [Unit(folder / f"part_{part}.cpp", ("-O0", f"-I{headers}")) for part in range(n_parts)]
    build_library(units, folder / "ap_types.so", folder)
    library: Any = ctypes.CDLL(str(folder / "ap_types.so"))
    array = np.ctypeslib.ndpointer(np.int64, flags="C_CONTIGUOUS")

    def call(case: int, words: np.ndarray) -> np.ndarray:
        out = np.full(len(words), -(2**62), np.int64)
        function = library[f"convert_{case % n_parts}"]
        function.argtypes, function.restype = [ctypes.c_int64, array, array, ctypes.c_int64], None
        function(case // n_parts, np.ascontiguousarray(words, np.int64), out, len(words))
        return out

    return call


def _words_of(bits: np.ndarray, target: FixedPoint) -> np.ndarray:
    """Bits with their sign extended."""
    if not target.signed:
        return bits
    return bits - ((bits >> (target.width - 1)) & 1) * 2**target.width


def _stimuli(source: FixedPoint, target: FixedPoint, seed: int) -> np.ndarray:
    """Words of `source`: its ends, ties and their neighbours around both ends of `target`, and random ones of any size."""
    generator = np.random.default_rng(seed)
    shift = source.fractional - target.fractional
    half = 2 ** max(shift - 1, 0)
    near = [end * 2 ** max(shift, 0) for end in (target.min_word - 1, target.min_word, 0, target.max_word, target.max_word + 1)]
    ties = [base + count * half + step for base in near for count in range(-4, 5) for step in (-1, 0, 1)]
    small = generator.integers(-64 * half, 64 * half, 200)
    large = generator.integers(source.min_word, source.max_word, 200, endpoint=True)
    words = np.concatenate([ties, small, large, [source.min_word, source.max_word, 0]]).astype(np.int64)
    return words[source.contains(words)]


@settings(max_examples=400, deadline=None)
@given(case=st.integers(0, len(CASES) - 1), seed=st.integers(0, 2**32 - 1))
@example(case=0, seed=0)
def test_requantisation_is_that_of_ap_fixed(convert: Convert, case: int, seed: int) -> None:
    source, target = CASES[case]
    words = _stimuli(source, target, seed)
    found = target.requantize(words, source)
    np.testing.assert_array_equal(found, _words_of(convert(case, words), target), err_msg=f"{source} -> {target}")


@pytest.mark.parametrize("rounding", Rounding)
def test_every_mode_is_compared_in_every_run(convert: Convert, rounding: Rounding) -> None:
    for case, (source, target) in enumerate(CASES):
        if target.rounding is rounding:
            words = _stimuli(source, target, case)
            expected = _words_of(convert(case, words), target)
            np.testing.assert_array_equal(target.requantize(words, source), expected, err_msg=f"{source} -> {target}")
            np.testing.assert_array_equal(target.to_words(source.from_words(words)), expected, err_msg=f"{source} -> {target}")
