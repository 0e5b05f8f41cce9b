"""What the RTL tells a synthesis tool about its cells, in the attributes of Vivado (UG901, USE_DSP)."""

from __future__ import annotations

from pathlib import PurePosixPath

from l1ml.errors import ConversionError

__all__ = ["without_dsp"]

_VERILOG = ("module multiplier ", '(* use_dsp = "no" *)\nmodule multiplier ')
_BUFFER = "    signal mult_buffer : std_logic_vector(BW_BUF-1 downto 0);\n"
_IS_LOGIC = '    attribute use_dsp : string;\n    attribute use_dsp of mult_buffer : signal is "no";\n'
_VHDL = (_BUFFER, _BUFFER + _IS_LOGIC)
_CHANGES = {"multiplier.v": _VERILOG, "multiplier.vhd": _VHDL}


def without_dsp(path: PurePosixPath, content: bytes) -> bytes:
    """A source of alkaid whose multiplier, if it is that, says that it is to be logic.

    Raises
    ------
    ConversionError
        If the multiplier is not written as alkaid 0.8.2 writes it.
    """
    if path.name not in _CHANGES:
        return content
    old, new = _CHANGES[path.name]
    text = content.decode()
    if text.count(old) != 1:
        msg = f"{path} is not the multiplier of alkaid 0.8.2: products would become DSP blocks; install that version"
        raise ConversionError(msg)
    return text.replace(old, new).encode()
