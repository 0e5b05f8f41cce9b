"""hls4ml's writer of Libero projects, with what hls4ml 1.3.0 leaves out of its package or gets wrong put right.

Its package lacks ``build_lib.sh``; its top function copies as many words out as came in, past the end of the row where these are
more; and with io_stream it stops, because its streams cannot be declared as structures.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hls4ml.writer.libero_writer import LiberoWriter

from l1ml.conversion.hls_backends import SMARTHLS_MAKEFILE
from l1ml.errors import ConversionError

__all__ = ["LiberoProjectWriter"]

_TOP = """#include "{top}.h"
#include "parameters.h"

void {top}({arguments}) {{
    #pragma HLS function top
    #pragma HLS function dataflow
    #pragma HLS interface control type(simple)
{body}}}
"""


class LiberoProjectWriter(LiberoWriter):  # type: ignore[misc]
    """Writer of Libero projects with arrays or FIFOs between their functions."""

    def write_project_cpp(self, model: Any) -> None:
        """Write the top function."""
        path = _firmware(model) / f"{model.config.get_project_name()}.cpp"
        if _has_streams(model):
            path.write_text(_stream_top(model), encoding="utf-8")
            return
        super().write_project_cpp(model)
        path.write_text(_with_all_scores(path.read_text(encoding="utf-8"), model), encoding="utf-8")

    def write_defines(self, model: Any) -> None:
        """Write the types; streams need no structures, a row of theirs is a type already."""
        super().write_defines(_WithoutPorts(model) if _has_streams(model) else model)

    def write_bridge(self, model: Any) -> None:
        """Write nothing: hls4ml's bridge to Python needs SmartHLS."""

    def write_test_bench(self, model: Any) -> None:
        """Make the folder of the golden words; the test bench is that of l1ml."""
        (_folder(model) / "tb_data").mkdir(parents=True, exist_ok=True)

    def write_build_script(self, model: Any) -> None:
        """Write what SmartHLS reads, without the files of the bridge."""
        try:
            super().write_build_script(model)
        except FileNotFoundError as error:
            if Path(str(error.filename)).name != "build_lib.sh":
                raise
        folder = _folder(model)
        (folder / "Makefile").rename(folder / SMARTHLS_MAKEFILE)
        for name in ("Makefile.compile", "build_lib.sh"):
            (folder / name).unlink(missing_ok=True)

    def write_nnet_utils(self, model: Any) -> None:
        """Copy hls4ml's headers, and the number types that play those of SmartHLS where it is not installed."""
        super().write_nnet_utils(model)
        spec = find_spec("hls4ml")
        if spec is None or spec.origin is None:
            msg = "hls4ml is no package with files: install it from a wheel"
            raise ConversionError(msg)
        firmware = _firmware(model)
        shutil.copytree(Path(spec.origin).parent / "templates" / "vivado" / "ap_types", firmware / "ap_types")
        with as_file(files("l1ml.conversion") / "templates" / "smarthls_stand_in") as stand_in:
            shutil.copytree(stand_in, firmware / "stand_in")

    def write_yml(self, model: Any) -> None:
        """Write hls4ml's choices; a path is text there."""
        model.config.config["SmartHLSPath"] = str(model.config.config["SmartHLSPath"])
        super().write_yml(model)


class _WithoutPorts:
    """A graph as if it had no ports."""

    def __init__(self, model: Any) -> None:
        self.config, self.get_layers = model.config, model.get_layers

    def get_input_variables(self) -> Sequence[Any]:
        """No variable."""
        return []

    get_output_variables = get_input_variables


def _folder(model: Any) -> Path:
    return Path(model.config.get_output_dir())


def _firmware(model: Any) -> Path:
    return _folder(model) / "firmware"


def _has_streams(model: Any) -> bool:
    return str(model.config.get_config_value("IOType")) == "io_stream"


def _stream_top(model: Any) -> str:
    """C++ of a top function whose functions run at the same time, with FIFOs between them."""
    ports = [*model.get_input_variables(), *model.get_output_variables()]
    names = {port.name for port in ports}
    lines: list[str] = []
    for layer in model.get_layers():
        lines += [f"{variable.definition_cpp()};" for variable in layer.get_variables() if variable.name not in names]
        if call := layer.get_attr("function_cpp", None):
            lines.append(f"{call} // {layer.name}")
    arguments = ", ".join(port.definition_cpp(as_reference=True) for port in ports)
    body = "".join(f"    {line}\n" for line in lines)
    return _TOP.format(top=model.config.get_project_name(), arguments=arguments, body=body)


def _with_all_scores(text: str, model: Any) -> str:
    """Top function `text` with as many words copied to the output port as it has."""
    source, sink = model.get_input_variables()[-1], model.get_output_variables()[0]
    loop = "for (unsigned i = 0; i < {n}; i++) {{\n        {name}_struct.data[i] = {name}[i];\n"
    wrong, right = (loop.format(n=item.size_cpp(), name=sink.name) for item in (source, sink))
    if text.count(wrong) != 1:
        msg = "the top function is not what hls4ml 1.3 writes for Libero: no loop that copies the scores; another version?"
        raise ConversionError(msg)
    return text.replace(wrong, right)
