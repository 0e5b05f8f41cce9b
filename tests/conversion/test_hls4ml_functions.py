from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.model.operations import Stage, Steps

functions = pytest.importorskip("l1ml.conversion.hls4ml_functions")


def layer(thresholds: list[int], values: list[int], low: int, high: int) -> list[str]:
    """Statements of a table of one word between `low` and `high`."""
    steps = Steps(np.array(thresholds), 1, np.array(values), 2)
    before = Stage(1, np.array([low]), np.array([high]))
    after = Stage(2, np.array([min(values)]), np.array([max(values)]))
    body: list[str] = functions.function_layer("table", steps, before, after)["l1ml_body"]
    return body


def as_python(body: list[str]) -> str:
    """The same statements without types, one level of indentation for each open brace."""
    lines, depth = [], 0
    for line in body:
        plain = re.sub(r"ap_u?fixed<[^>]*>(\(([^)]*)\))?", r"\2", line).strip().rstrip(";")
        depth -= plain.startswith("}")
        if " " in plain or plain == "else":
            lines.append("    " * depth + plain.lstrip("} ").replace(" {", ":"))
        depth += plain.endswith("{")
    return "\n".join(lines)


@given(st.sets(st.integers(-40, 40), min_size=1, max_size=20), st.integers(0, 2**32 - 1))
def test_a_search_by_halves_finds_the_last_threshold_that_is_reached(thresholds: set[int], seed: int) -> None:
    edges = sorted(thresholds)
    values = np.random.default_rng(seed).integers(-9, 10, len(edges) + 1).tolist()
    code = compile(as_python(layer(edges, values, -30, 35)), "table", "exec")
    for word in range(-30, 36):
        names: dict[str, Any] = {"inp": [word / 2], "out": [None]}
        exec(code, names)
        assert names["out"] == [values[sum(edge <= word for edge in edges)] / 4]


def test_a_table_of_256_words_takes_eight_comparisons() -> None:
    body = layer(list(range(255)), list(range(256)), -5, 300)
    code = as_python(body)
    assert sum(line.startswith("if") for line in body) == 255
    assert max(len(line) - len(line.lstrip()) for line in code.splitlines()) == 8 * 4
