"""What the project of a C++ export holds beside the header: its C interface, the golden words, tests and a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.cpp.header import Header
from l1ml.conversion.cpp.loops import indented
from l1ml.conversion.templates import render

__all__ = ["cpp_contents"]

_NUMBER = np.iinfo(np.int32)


def cpp_contents(header: Header, description: Mapping[str, Any]) -> dict[PurePosixPath, bytes]:
    """Files to put beside the header of a model; `description` is what the C interface says about it."""
    names = {"name": header.label, "stem": header.stem, "space": header.namespace}
    stem = header.stem
    files = {
        f"{stem}.cpp": render("cpp_interface.cpp", **names, description=_quoted(description)),
        "l1ml_network.h": render("l1ml_network.h"),
        f"{stem}_golden.h": _golden(header),
        f"{stem}_test.cpp": render("cpp_test.cpp", **names, **_outside(header)),
        "Makefile": render("cpp.mk", **names),
        "README.md": render("cpp_page.md", **names, **_page(header)),
    }
    return {PurePosixPath(path): content for path, content in files.items()}


def _quoted(description: Mapping[str, Any]) -> str:
    """JSON as lines of C strings."""
    lines = json.dumps(description, indent=1).splitlines(keepends=True)
    return "\n".join(f"    {json.dumps(line)}" for line in lines)


def _golden(header: Header) -> bytes:
    golden = header.model.golden
    rows = [
        f"// The golden crossings of {header.label}, {header.model.digest[:8]}.",
        "#include <cstdint>",
        "",
        f"constexpr std::int64_t n_golden = {len(golden.scores)};",
        *_array("constexpr std::int32_t golden_words[]", golden.inputs),
        *_array("constexpr std::int64_t golden_scores[]", golden.scores.reshape(len(golden.scores), -1)),
    ]
    return ("\n".join(rows) + "\n").encode()


def _array(name: str, words: NDArray[np.integer]) -> list[str]:
    """A crossing in a line."""
    return [f"{name} = {{", indented([f"{', '.join(map(str, row))}," for row in words.tolist()]).rstrip("\n"), "};"]


def _outside(header: Header) -> dict[str, str]:
    """A word of 32 bits that the last input could not carry."""
    last = header.model.network.input_formats[-1]
    outside = [word for word in (last.max_word + 1, last.min_word - 1) if _NUMBER.min < word <= _NUMBER.max]
    return {"has_outside": str(bool(outside)).lower(), "outside": str(outside[0] if outside else 0)}


def _page(header: Header) -> dict[str, object]:
    """Fields of README.md."""
    model, workspace = header.model, header.workspace
    rows = [f"| {feature} | `{item}` |" for feature, item in zip(model.features, model.network.input_formats, strict=True)]
    return {
        "digest": model.digest,
        "schema_digest": model.schema_digest,
        "score": model.score,
        "n_inputs": len(model.features),
        "n_outputs": model.network.n_outputs,
        "output_format": model.network.output_format,
        "lanes": workspace.lanes,
        "stack_bytes": workspace.stack_bytes,
        "n_golden": len(model.golden.scores),
        "inputs": "\n".join(rows),
    }
