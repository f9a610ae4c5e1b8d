"""A Keras model as a list of operations that a page's script carries out, read from the model itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from reecho.errors import ReechoError

_PLAIN = {  # operations without settings, by the name that the script knows them by
    "Subtract": "subtract", "Add": "add", "Multiply": "multiply", "TrueDivide": "divide", "Maximum": "maximum",
    "Minimum": "minimum", "Greater": "greater", "Where": "where", "Absolute": "absolute", "Negative": "negative", "Exp": "exp",
    "ZerosLike": "zeros", "StopGradient": "same", "SpatialDropout2D": "same", "Dropout": "same", "GlobalAveragePooling2D": "mean",
    "Reshape": "reshape", "Flatten": "reshape",
}  # fmt: skip


class _Reader:
    """Collects a model's weights one after the other, and says what each operation is."""

    def __init__(self) -> None:
        self.weights: list[np.ndarray] = []
        self.places: dict[int, int] = {}

    def place(self, weight: Any) -> int:
        """Where a weight begins among all weights; one that is used twice is kept once."""
        if id(weight) not in self.places:
            self.places[id(weight)] = sum(weight.size for weight in self.weights)
            self.weights.append(keras.ops.convert_to_numpy(weight))
        return self.places[id(weight)]

    def convolution(self, layer: Any) -> dict[str, Any]:
        padded = layer.padding == "same" or set(layer.kernel_size) == {1}  # which has nothing to pad
        if not padded or layer.groups != 1 or set(layer.dilation_rate) != {1} or len(set(layer.strides)) != 1:
            raise _unknown(layer)
        return self.weighed(layer, list(layer.kernel.shape), layer.strides[0])

    def dense(self, layer: Any) -> dict[str, Any]:
        return self.weighed(layer, [1, 1, *layer.kernel.shape], 1)  # a convolution of one pixel

    def weighed(self, layer: Any, size: list[int], stride: int) -> dict[str, Any]:
        kernel, bias = self.place(layer.kernel), self.place(layer.bias) if layer.use_bias else None
        return {"op": "convolution", "kernel": kernel, "bias": bias, "size": size, "stride": stride, "relu": _is_relu(layer)}

    def constant(self, layer: Any) -> dict[str, Any]:
        return {"op": "constant", "value": self.place(layer.value)}


def _is_relu(layer: Any) -> bool:
    if layer.activation not in (keras.activations.linear, keras.activations.relu):
        raise _unknown(layer)
    return layer.activation is keras.activations.relu


def _relu(layer: Any) -> dict[str, Any]:
    if layer.max_value is not None or layer.negative_slope or layer.threshold:
        raise _unknown(layer)
    return {"op": "relu"}


def _joined(operation: Any) -> dict[str, Any]:
    if operation.axis != -1:
        raise _unknown(operation)
    return {"op": "concatenate"}


def _least(operation: Any) -> dict[str, Any]:
    if operation.axis != [-1] or not operation.keepdims:
        raise _unknown(operation)
    return {"op": "least"}


def _averaged(layer: Any) -> dict[str, Any]:
    if layer.padding != "same" or set(layer.strides) != {1} or len(set(layer.pool_size)) != 1 or layer.pool_size[0] % 2 == 0:
        raise _unknown(layer)
    return {"op": "average", "window": layer.pool_size[0]}


def _enlarged(layer: Any) -> dict[str, Any]:
    if layer.interpolation != "nearest" or len(set(layer.size)) != 1:
        raise _unknown(layer)
    return {"op": "enlarge", "factor": layer.size[0]}


def _folded(layer: Any) -> dict[str, Any]:
    return {"op": "fold", "block": layer.block, "back": layer.back}


def _clipped(operation: Any) -> dict[str, Any]:
    return {"op": "clip", "low": operation.x_min, "high": operation.x_max}


def read(*models: keras.Model) -> tuple[list[dict[str, Any]], np.ndarray]:
    """What functional models compute, for one picture.

    Args:
        models: of inputs (B, H, W, C), where H and W may be open, and of outputs whose first axis is the batch; their operations
            are those of the shipped networks: convolutions, averages, folds, and arithmetic.

    Returns:
        For each model, "inputs": their shapes without the batch, None where a picture's own height or width is taken; "steps":
        the operations in order, each with "op", what it takes ("of": numbers of earlier values, the inputs first, or [x] for a
        plain number x), "shape" of its result without the batch, and its settings; "outputs": the numbers of the values that
        come out. And all weights that they name by the place where they begin, float16 (n,).

    Raises:
        ReechoError: an operation that the page's script does not know, or weights that 16 bits do not hold.
    """
    reader = _Reader()
    described = [_described(model, reader) for model in models]
    weights = np.concatenate([np.zeros(0, "float32"), *(weight.ravel() for weight in reader.weights)])  # there may be none
    rounded = weights.astype("float16")
    if not (rounded == weights).all():
        raise ReechoError("A network that is to run in a page has weights of more than 16 bits; `reecho ship` rounds them.")
    return described, rounded


def _described(model: keras.Model, reader: _Reader) -> dict[str, Any]:
    with_settings: dict[str, Callable[[Any], dict[str, Any]]] = {
        "Conv2D": reader.convolution, "Dense": reader.dense, "Constant": reader.constant, "ReLU": _relu, "Concatenate": _joined,
        "Min": _least, "Fold": _folded, "Clip": _clipped, "AveragePooling2D": _averaged, "UpSampling2D": _enlarged,
    }  # fmt: skip
    numbers = {id(value): n for n, value in enumerate(model.inputs)}
    steps: list[dict[str, Any]] = []
    # Keras keeps a model's graph by depth, deepest first, and nowhere else with the plain numbers that operations take
    nodes = [node for depth in sorted(model._nodes_by_depth, reverse=True) for node in model._nodes_by_depth[depth]]
    for node in nodes:
        operation, name = node.operation, type(node.operation).__name__
        if name == "InputLayer":
            continue
        arguments = _flat(node.arguments.args)
        taken = [numbers[id(value)] if isinstance(value, keras.KerasTensor) else value for value in arguments]
        if name == "GetItem":
            step, taken = _channels(operation, arguments), taken[:1]
        elif name in with_settings:
            step = with_settings[name](operation)
        elif name in _PLAIN and _only_batches(operation, name, node):
            step = {"op": _PLAIN[name]}
        else:
            raise _unknown(operation)
        of = [value if isinstance(arguments[n], keras.KerasTensor) else [float(value)] for n, value in enumerate(taken)]
        steps.append({**step, "of": of, "shape": list(node.outputs[0].shape[1:])})
        numbers[id(node.outputs[0])] = len(model.inputs) + len(steps) - 1
    outputs = [numbers[id(output)] for output in model.outputs]
    return {"inputs": [list(value.shape[1:]) for value in model.inputs], "steps": steps, "outputs": outputs}


def _flat(arguments: Any) -> list[Any]:
    """Tensors and numbers of nested arguments, in order; what a slice holds stays in one piece."""
    if isinstance(arguments, list | tuple) and not _is_place(arguments):
        return [value for part in arguments for value in _flat(part)]
    return [arguments]


def _is_place(argument: Any) -> bool:
    """Whether an argument says which part of a tensor is taken."""
    return isinstance(argument, tuple) and any(isinstance(part, slice) or part is Ellipsis for part in argument)


def _channels(operation: Any, arguments: list[Any]) -> dict[str, Any]:
    """[..., first:last]."""
    place = arguments[1]
    plain = isinstance(place, tuple) and len(place) == 2 and place[0] is Ellipsis and isinstance(place[1], slice)
    if not plain or place[1].step not in (None, 1):
        raise _unknown(operation)
    first, last, _ = place[1].indices(arguments[0].shape[-1])
    return {"op": "channels", "first": first, "last": last}


def _only_batches(operation: Any, name: str, node: Any) -> bool:
    """Whether a result is one for each picture, which a reshaped one need not be."""
    if name not in ("Reshape", "Flatten"):
        return True
    before, after = node.input_tensors[0].shape[1:], node.outputs[0].shape[1:]
    return None not in (*before, *after) and math.prod(before) == math.prod(after)


def _unknown(operation: Any) -> ReechoError:
    return ReechoError(
        f"The operation {type(operation).__name__} ({operation.name}) cannot run in a page as it is set; ship a photo_denoiser "
        "and a colouriser, or teach reecho/own_picture this operation."
    )
