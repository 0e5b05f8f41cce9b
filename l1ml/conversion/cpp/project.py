"""A model as a project of C++17 for software frameworks."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import l1ml
from l1ml.conversion.cpp.contents import cpp_contents
from l1ml.conversion.cpp.header import Header
from l1ml.conversion.cpp.source import NamedNetwork
from l1ml.conversion.project import CPP, FirmwareProject
from l1ml.errors import ConversionError

__all__ = ["cpp_project"]


def cpp_project(model: NamedNetwork) -> FirmwareProject:
    """C++ project of a `TriggerModel` or a portable network: header, C interface, golden test, Makefile and page.

    Made of the integer network alone: no Keras, no compiler. The same model gives the same bytes.

    Raises
    ------
    ConversionError
        If an input word is wider than 32 bits, one crossing needs more memory than a stack has, or there are no golden words.
    """
    if len(model.golden.scores) == 0:
        msg = f"model {model.name!r} has no golden words, by which its C++ would be tested; train or import it again"
        raise ConversionError(msg)
    header = Header(model)
    description = _description(header)
    files = {PurePosixPath(f"{header.stem}.h"): header.content} | cpp_contents(header, description)
    return FirmwareProject(model.name, CPP, files, description)


def _description(header: Header) -> dict[str, Any]:
    """What manifest and C interface say about the model."""
    model = header.model
    words = [
        {"feature": name, "format": str(item)} for name, item in zip(model.features, model.network.input_formats, strict=True)
    ]
    return {
        "model": {"name": model.name, "digest": model.digest, "schema_digest": model.schema_digest, "score": model.score},
        "tools": {"l1ml": l1ml.__version__},
        "namespace": header.namespace,
        "source": f"{header.stem}.cpp",
        "input": {"words": words},
        "output": {"n_words": model.network.n_outputs, "format": str(model.network.output_format)},
        "lanes": header.workspace.lanes,
        "stack_bytes": header.workspace.stack_bytes,
    }
