from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.emulation.published.declarations import (
    Prototype,
    declared_functions,
    find_prototype,
    find_tables,
    included_names,
    without_comments,
)
from l1ml.errors import ConversionError

NUMBERS = st.lists(st.integers(-64, 64), min_size=1, max_size=30)


def test_a_prototype_is_found_in_its_namespace() -> None:
    text = """struct other { int x; };
    namespace a { namespace b::c { void top(x_t<2, 3> in[N * M], y_t out[ 4 ]); } }
    void last(x_t in[1]);
    """
    assert declared_functions(text) == ["top", "last"]
    assert find_prototype(text, "top") == Prototype("top", "a::b::c", ("N * M", "4"))
    assert find_prototype(text, "top").qualified_name == "::a::b::c::top"
    assert find_prototype(text, "last") == Prototype("last", "", ("1",))


@pytest.mark.parametrize(
    "parameters", ["hls::stream<x_t> &in, y_t out[1]", "x_t in[2][3], y_t out[1]", "x_t *in", "nnet::array<x_t, 4> in"]
)
def test_ports_that_are_no_arrays_are_refused(parameters: str) -> None:
    with pytest.raises(ConversionError, match=r"of top is no array of one dimension; only io_parallel"):
        find_prototype(f"void top({parameters});", "top")


@pytest.mark.parametrize("text", ["void top(x_t in[1]) { }", "class a { void top(x_t in[1]); };", "int top(x_t in[1]);"])
def test_definitions_and_methods_are_no_declarations(text: str) -> None:
    assert declared_functions(text) == []


@given(NUMBERS, st.booleans())
def test_a_table_has_as_many_values_as_its_text(values: list[int], trailing: bool) -> None:
    items = ", ".join(f"{value / 8:.12f}" for value in values) + ("," if trailing else "")
    text = f"#ifndef __SYNTHESIS__\nw_t w2[9];\n#else\nw_t w2[9] = {{{items}}};\n#endif\n"
    (table,) = find_tables(f"namespace space {{ {text} }}")
    assert (table.name, table.n_values, table.is_weight) == ("::space::w2", len(values), True)
    assert table.stated_zero == (not any(values))


def test_only_definitions_at_namespace_scope_are_tables() -> None:
    text = """
    extern w_t w1[3]; typedef w_t w_array[3]; struct s { static const int w2[2] = {1, 2}; };
    inline int f() { static int w3[2] = {1, 2}; return w3[0]; }
    extern "C" { const w_t b4[2] = {0.0, -0.000}; } w_t w5[1 + 1] {1e-3, 0}; w_t w6[4];
    const int s::w2[] = {3};
    """
    found = {table.name: (table.n_values, table.stated_zero) for table in find_tables(text)}
    assert found == {"::b4": (2, True), "::w5": (2, False), "::w6": (None, False)}


def test_comments_go_and_strings_stay() -> None:
    text = without_comments('#include "a//b.h" // no\n/* #include "c.h"\n*/ #include <d.h>\n')
    assert included_names(text) == ["a//b.h", "d.h"]
