from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from toy_sources import ToyNetwork

from l1ml.emulation.published import PublishedNetwork
from l1ml.emulation.published.sources import find_sources
from l1ml.errors import ConversionError, DataError

TOY = ToyNetwork(np.array([16, 0, -16, 8, 1]), 0, 1)


def test_what_enters_is_followed_through_the_includes(tmp_path: Path) -> None:
    TOY.write_emulator(tmp_path)
    (tmp_path / "firmware" / "toy_test.cpp").write_text("int main() { return 0; }")
    sources = find_sources(tmp_path, None, None, ())
    entered = {str(path.relative_to(tmp_path.resolve())) for path in sources.files}
    headers = {"toy.h", "toy.cpp", "defines.h", "parameters.h", "nnet_utils/nnet_types.h", "nnet_utils/nnet_toy.h"}
    assert entered == {f"firmware/{name}" for name in (*headers, "weights/w2.h", "weights/b2.h")} | {"toy_emulator.cpp"}


def test_a_missing_folder_and_one_without_a_network_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere is no folder; expected one with the C\+\+ of a network"):
        PublishedNetwork(tmp_path / "nowhere")
    with pytest.raises(DataError, match="gone is no folder"):
        PublishedNetwork(TOY.write(tmp_path / "there"), includes=[tmp_path / "gone"])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "model.keras").touch()
    with pytest.raises(ConversionError, match=r"has no declaration 'void <name>\(...\);' in a header; its C\+\+ files: none"):
        PublishedNetwork(tmp_path / "other")


def test_two_networks_in_one_folder_have_to_be_told_apart(tmp_path: Path) -> None:
    TOY.write(tmp_path)
    shutil.copytree(tmp_path / "firmware", tmp_path / "other")
    for suffix in ("h", "cpp"):
        path = tmp_path / "other" / f"toy.{suffix}"
        path.with_name(f"second.{suffix}").write_text(
            path.read_text().replace("void toy(", "void second(").replace("toy.h", "second.h")
        )
        path.unlink()
    with pytest.raises(ConversionError, match=r"has 2 of: .* \(firmware/toy.h, other/second.h\); choose one with top=<name>"):
        PublishedNetwork(tmp_path)
    assert find_sources(tmp_path, "second", None, ()).source.name == "second.cpp"
    with pytest.raises(ConversionError, match=r"has no declaration 'void third\(...\);' in a header; its C\+\+ files: firmware/"):
        PublishedNetwork(tmp_path, top="third")


def test_two_emulator_classes_have_to_be_told_apart(tmp_path: Path) -> None:
    TOY.write_emulator(tmp_path)
    shutil.copy(tmp_path / "toy_emulator.cpp", tmp_path / "new_emulator.cpp")
    with pytest.raises(ConversionError, match=r"has 2 of: source with create_model \(new_emulator.cpp, toy_emulator.cpp\)"):
        PublishedNetwork(tmp_path)
    chosen = find_sources(tmp_path, None, "new_emulator.cpp", ())
    assert chosen.emulator == (tmp_path / "new_emulator.cpp").resolve()
    with pytest.raises(
        ConversionError, match=r"emulator='old.cpp' is no file in .*; there are firmware/toy.cpp, new_emulator.cpp"
    ):
        PublishedNetwork(tmp_path, emulator="old.cpp")


def test_a_class_says_which_network_it_sees(tmp_path: Path) -> None:
    TOY.write_emulator(tmp_path)
    header = tmp_path / "firmware" / "toy.h"
    header.write_text(header.read_text().replace("void toy(", "void toy_v2("))
    (tmp_path / "firmware" / "helper.h").write_text("void helper(int x[3], int y[3]);\n")
    sources = find_sources(tmp_path, None, None, ())
    assert (sources.name, sources.header.name, sources.source.name) == ("toy_v2", "toy.h", "toy.cpp")


def test_two_functions_in_one_header_have_to_be_told_apart(tmp_path: Path) -> None:
    header = TOY.write(tmp_path) / "firmware" / "toy.h"
    both = "void one(input_t words[5], result_t out[1]);\nvoid two("
    header.write_text(header.read_text().replace("\nvoid toy(", f"\n{both}"))
    with pytest.raises(ConversionError, match=r"toy.h declares 2 functions \(one, two\); choose one with top=<name>"):
        PublishedNetwork(tmp_path)
    assert find_sources(tmp_path, "two", None, ()).name == "two"


def test_a_declaration_without_its_source_is_refused(tmp_path: Path) -> None:
    TOY.write(tmp_path)
    (tmp_path / "firmware" / "toy.cpp").unlink()
    with pytest.raises(ConversionError, match=r"has no toy.cpp; its C"):
        PublishedNetwork(tmp_path)


def test_layers_that_were_not_published_are_asked_for(tmp_path: Path) -> None:
    folder = TOY.write(tmp_path / "published")
    (tmp_path / "layers").mkdir()
    shutil.move(folder / "firmware" / "nnet_utils", tmp_path / "layers" / "nnet_utils")
    with pytest.raises(ConversionError, match=r"includes 'nnet_utils/nnet_\w+.h', which .* with includes=\[...\]"):
        PublishedNetwork(folder)
    sources = find_sources(folder, None, None, [tmp_path / "layers"])
    assert (tmp_path / "layers" / "nnet_utils" / "nnet_toy.h").resolve() in sources.files


def test_the_digest_is_the_same_from_a_folder_further_up(tmp_path: Path) -> None:
    TOY.write(tmp_path / "group" / "toy")
    ToyNetwork(np.array([1, 2, 3, 4, 5]), 6, 7).write(tmp_path / "twin")
    digests = [
        find_sources(tmp_path / name, None, None, ()).digest for name in ("group", "group/toy", "group/toy/firmware", "twin")
    ]
    assert digests[0] == digests[1] == digests[2] != digests[3]
