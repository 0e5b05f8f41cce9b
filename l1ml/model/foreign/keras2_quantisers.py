"""QKeras 0.9 quantisers, as it writes them into files, as the same functions of qkeras-v3.

Both spellings are read with the signatures of QKeras 0.9.0 (qkeras/quantizers.py there): arguments are named before they are
passed on, because ``binary`` has a new third one in v3. What differs otherwise: 0.9 reads an unquoted ``None`` inside a string as
the text "on" and cannot compute with it, so that a model that worked meant no value; ``quantized_hswish`` takes other arguments.
"""

from __future__ import annotations

import ast
from typing import Any

from l1ml._optional import require
from l1ml.errors import ConversionError, nearest

__all__ = ["read_activation", "read_quantiser_text"]

_BITS = ("bits", "integer", "symmetric", "keep_negative", "alpha", "use_stochastic_rounding", "scale_axis", "qnoise_factor")
_TAIL = ("var_name", "use_ste", "use_variables")
_PO2 = ("use_stochastic_rounding", "quadratic_approximation", "log2_rounding", "qnoise_factor", *_TAIL)
_RELU = ("bits", "integer", "use_sigmoid", "negative_slope", "use_stochastic_rounding", "relu_upper_bound", "is_quantized_clip")
_SIGNATURES: dict[str, tuple[str, ...]] = {
    "binary": ("use_01", "alpha", "use_stochastic_rounding"),
    "quantized_bits": (*_BITS, *_TAIL),
    "quantized_po2": ("bits", "max_value", *_PO2),
    "quantized_relu": (*_RELU, "qnoise_factor", *_TAIL),
    "quantized_relu_po2": ("bits", "max_value", "negative_slope", *_PO2),
    "quantized_sigmoid": ("bits", "symmetric", "use_real_sigmoid", "use_stochastic_rounding"),
    "quantized_tanh": ("bits", "use_stochastic_rounding", "symmetric", "use_real_tanh"),
    "ternary": ("alpha", "threshold", "use_stochastic_rounding", "number_of_unrolls"),
}
"""Arguments of QKeras 0.9.0 in their order."""

_FORGOTTEN = {"scale_axis": None, "use_ste": True, "use_variables": False, "is_quantized_clip": True}
"""Arguments that no file of either QKeras keeps, with the value that they then have."""

_TEXTS = {("alpha", "auto"), ("alpha", "auto_po2"), ("log2_rounding", "rnd"), ("log2_rounding", "floor")}
"""Arguments that may be texts."""

_PLAIN = ("linear", "relu", "sigmoid", "softmax", "tanh")
"""Activations that are one function in Keras 2 and 3."""

_CHANGED = {
    "hard_sigmoid": "it is clip(0.2 x + 0.5) in Keras 2, clip(x / 6 + 0.5) in Keras 3 and clip(x / 2 + 0.5) in QKeras",
}


def read_activation(given: Any, where: str) -> Any:
    """Quantiser or plain activation that a file of Keras 2 calls `given`: a string, an object of JSON, or nothing.

    Raises
    ------
    ConversionError
        If it or one of its arguments is unknown, by name.
    """
    if given is None or (isinstance(given, str) and given in _PLAIN):
        return given
    if isinstance(given, str):
        return read_quantiser_text(given, where)
    if isinstance(given, dict) and isinstance(given.get("class_name"), str) and isinstance(given.get("config"), dict):
        return _build(given["class_name"].rpartition(">")[2], given["config"], where)
    msg = f"{where}: {given!r} is no quantiser as QKeras 0.9 writes them"
    raise ConversionError(msg)


def read_quantiser_text(text: str, where: str) -> Any:
    """Quantiser of a string such as ``quantized_bits(6, 0, alpha=1)``, which is parsed and never evaluated.

    Raises
    ------
    ConversionError
        If it is no call with constants, or of an unknown quantiser.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        name, positional, named = _call(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        msg = f"{where}: cannot read the quantiser {text!r}; expected a name and constants, such as quantized_bits(6,0,alpha=1)"
        raise ConversionError(msg) from error
    signature = _signature(name, where)
    if len(positional) > len(signature):
        msg = f"{where}: {text!r} has {len(positional)} arguments, {name} of QKeras 0.9 takes {len(signature)}"
        raise ConversionError(msg)
    return _build(name, {**dict(zip(signature, positional, strict=False)), **named}, where)


def _call(tree: ast.expr) -> tuple[str, list[Any], dict[str, Any]]:
    """Name and constants of a call, or a name alone."""
    match tree:
        case ast.Name(id=name):
            return name, [], {}
        case ast.Call(func=ast.Name(id=name), args=positional, keywords=keywords) if all(item.arg for item in keywords):
            named = {str(item.arg): ast.literal_eval(item.value) for item in keywords}
            return name, [ast.literal_eval(item) for item in positional], named
    raise ValueError(ast.dump(tree))


def _signature(name: str, where: str) -> tuple[str, ...]:
    if name in _SIGNATURES:
        return _SIGNATURES[name]
    if name in _CHANGED:
        msg = f"{where}: {name} is refused, {_CHANGED[name]}; train with quantized_sigmoid(bits) instead"
        raise ConversionError(msg)
    msg = f"{where}: the quantiser {name!r} is not known; {nearest(name, _SIGNATURES)}"
    raise ConversionError(msg)


def _build(name: str, arguments: dict[str, Any], where: str) -> Any:
    signature = _signature(name, where)
    for key, value in arguments.items():
        if key not in signature:
            msg = f"{where}: {name} of QKeras 0.9 has no argument {key!r}; {nearest(key, signature)}"
            raise ConversionError(msg)
        if key in _FORGOTTEN and value != _FORGOTTEN[key]:
            msg = f"{where}: {name} with {key}={value!r} is not supported; train with {key}={_FORGOTTEN[key]}"
            raise ConversionError(msg)
    kept = {key: value for key, value in arguments.items() if key not in {*_FORGOTTEN, "var_name"}}
    _check_types(name, kept, where)
    return getattr(require("qkeras"), name)(**kept)


def _check_types(name: str, arguments: dict[str, Any], where: str) -> None:
    """Refuse a value that is no number where one belongs; QKeras itself would fail far away from here."""
    for key, value in arguments.items():
        is_text = isinstance(value, str)
        if is_text and (key, value) not in _TEXTS:
            msg = f"{where}: {name} with {key}={value!r}, a text; expected a number"
            raise ConversionError(msg)
        if not is_text and not isinstance(value, int | float | None) and not (key == "alpha" and isinstance(value, list)):
            msg = f"{where}: {name} with {key}={value!r}; expected a number"
            raise ConversionError(msg)
    bits = arguments.get("bits", 8)
    if not isinstance(bits, int) or not 1 <= bits <= 32:
        msg = f"{where}: {name} with bits={bits!r}; expected 1 to 32"
        raise ConversionError(msg)
