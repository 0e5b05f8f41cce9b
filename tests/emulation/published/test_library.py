from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toy_sources import ToyNetwork, edit

from l1ml.emulation.published import PublishedNetwork
from l1ml.emulation.published.library import number_types
from l1ml.emulation.published.sources import find_sources
from l1ml.errors import ConversionError, StorageError, ToolNotFoundError

TOY = ToyNetwork(np.array([16, 0, -16, 8, 1]), 0, 1)


def test_without_a_compiler_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TOY.write(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolNotFoundError, match=r"g\+\+ is not on PATH"):
        PublishedNetwork(tmp_path)


def test_what_the_compiler_refuses_is_quoted_with_its_log(tmp_path: Path) -> None:
    edit(TOY.write(tmp_path), "firmware/toy.cpp", "nnet::dense<", "nnet::dance<")
    with pytest.raises(ConversionError, match=r"g\+\+ failed .*dance.* \(whole output: .*\.log\)") as caught:
        PublishedNetwork(tmp_path)
    log = Path(str(caught.value).rsplit("(whole output: ", maxsplit=1)[-1].removesuffix(")"))
    assert "dance" in log.read_text()
    assert not list((tmp_path / "build").glob("*.so"))


def test_a_function_that_nobody_defines_does_not_link(tmp_path: Path) -> None:
    edit(
        TOY.write(tmp_path), "firmware/toy.cpp", "    nnet::dense<", "    extern void elsewhere(); elsewhere();\n    nnet::dense<"
    )
    with pytest.raises(ConversionError, match=r"g\+\+ failed .*link.log"):
        PublishedNetwork(tmp_path)
    (log,) = tmp_path.rglob("link.log")
    assert "undefined reference" in log.read_text()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("float", r"ports must be arrays of ap_fixed or ap_int \(io_parallel\)"),
        ("ap_fixed<70,30>", "too wide.*received width=70"),
    ],
)
def test_ports_that_are_no_words_are_refused(kind: str, message: str, tmp_path: Path) -> None:
    edit(TOY.write(tmp_path), "firmware/defines.h", "ap_fixed<32,22,AP_RND_CONV,AP_SAT> result_t", f"{kind} result_t")
    edit(tmp_path, "firmware/nnet_utils/nnet_toy.h", "sum += data[i] * w[i]", "sum += (res_T)(data[i] * w[i])")
    with pytest.raises(ConversionError, match=message):
        PublishedNetwork(tmp_path)


def test_number_types_that_were_published_come_first(tmp_path: Path) -> None:
    folder = TOY.write(tmp_path)
    types = number_types(find_sources(folder, None, None, ()))
    assert types.parts[-4:] == ("hls4ml", "templates", "vivado", "ap_types")
    own = folder / "firmware" / "ap_types"
    own.mkdir()
    (own / "ap_fixed.h").write_text("#error these types are taken\n")
    assert number_types(find_sources(folder, None, None, ())) == own.resolve()
    with pytest.raises(ConversionError, match="these types are taken"):
        PublishedNetwork(folder)


def test_a_build_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    TOY.write(tmp_path)
    (tmp_path / "build").write_text("a file")
    with pytest.raises((StorageError, OSError), match="build"):
        PublishedNetwork(tmp_path)
