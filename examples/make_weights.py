#!/usr/bin/env python3
"""Writes the example networks: NAME.mlir and NAME.safetensors beside this script.

Deterministic: the same files come out every time. Standard library only.
"""

import json
import math
import pathlib
import random
import struct

HERE = pathlib.Path(__file__).resolve().parent


def default_init(rng, inputs, outputs):
    """PyTorch's default for nn.Linear: weight and bias uniform in +-1/sqrt(inputs)."""
    bound = 1 / math.sqrt(inputs)
    weight = [[rng.uniform(-bound, bound) for _ in range(inputs)] for _ in range(outputs)]
    return weight, [rng.uniform(-bound, bound) for _ in range(outputs)]


def bounded_init(rng, inputs, outputs):
    """A weight whose rows have an absolute sum of 1, most of it in one place: ten layers in a row neither blow up nor
    fade, for the inputs at hand and for interval arithmetic too. Bias uniform in +-0.05."""
    places = list(range(inputs))
    rng.shuffle(places)
    weight = []
    for output in range(outputs):
        row = [rng.uniform(-1, 1) for _ in range(inputs)]
        row[places[output % inputs]] = 0.0
        spread = sum(abs(value) for value in row)
        row = [0.2 * value / spread for value in row]
        row[places[output % inputs]] = 0.8
        weight.append(row)
    return weight, [rng.uniform(-0.05, 0.05) for _ in range(outputs)]


# name -> (sizes, activation after each layer or None, init, seed)
NETWORKS = {
    "mlp": ([64, 32, 16, 8], ["gelu", "gelu", "sigmoid"], default_init, 1),
    "mlp_10_20_10": ([10, 20, 10], ["silu", None], default_init, 2),
    "mlp_5x32": ([32] * 6, ["tanh"] * 4 + [None], default_init, 3),
    "mlp_10x32": ([32] * 11, ["gelu"] * 10, bounded_init, 4),
}


def write_safetensors(path, tensors):
    """tensors: name -> nested lists of one or two dimensions, written as F32."""
    header, data = {}, b""
    for name, values in tensors.items():
        shape = [len(values)] + ([len(values[0])] if isinstance(values[0], list) else [])
        flat = [value for row in values for value in row] if len(shape) == 2 else values
        start = len(data)
        data += struct.pack(f"<{len(flat)}f", *flat)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, len(data)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_mlir(path, name, sizes, activations):
    # Ten layers take more levels than the default parameters have.
    flags = "--preset=full" if len(activations) >= 10 else "--bsgs --lazy-rescale"
    lines = [
        f"// RUN: he-opt {flags} %s | FileCheck %s",
        "",
        f"// {' -> '.join(str(size) for size in sizes)}. Written by make_weights.py, with {name}.safetensors.",
        "",
        '// CHECK: he.stage = "leveled"',
        "// CHECK: ckks.rotate",
        "// CHECK: ckks.rescale",
        "",
    ]
    kind = "tensor<1x{}xf32>".format
    lines.append(
        f"func.func @main(%arg0: {kind(sizes[0])} {{nn.range = [-1.0, 1.0]}}) -> {kind(sizes[-1])} {{"
    )
    value = "%arg0"
    for index, (inputs, outputs, activation) in enumerate(zip(sizes, sizes[1:], activations), 1):
        weight, bias = f"tensor<{outputs}x{inputs}xf32>", f"tensor<{outputs}xf32>"
        for local, key, shape in ((f"%w{index}", "weight", weight), (f"%b{index}", "bias", bias)):
            file = f'#nn.weights<"{name}.safetensors", "fc{index}.{key}">'
            lines.append(f'  {local} = "nn.constant"() {{value = {file}}} : () -> {shape}')
        operands = f"({kind(inputs)}, {weight}, {bias})"
        lines.append(f'  %{index} = "nn.linear"({value}, %w{index}, %b{index}) : {operands} -> {kind(outputs)}')
        value = f"%{index}"
        if activation:
            lines.append(f'  %a{index} = "nn.{activation}"({value}) : ({kind(outputs)}) -> {kind(outputs)}')
            value = f"%a{index}"
    lines += [f"  func.return {value} : {kind(sizes[-1])}", "}", ""]
    path.write_text("\n".join(lines))


def main():
    for name, (sizes, activations, init, seed) in NETWORKS.items():
        rng = random.Random(seed)
        tensors = {}
        for index, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), 1):
            tensors[f"fc{index}.weight"], tensors[f"fc{index}.bias"] = init(rng, inputs, outputs)
        write_safetensors(HERE / f"{name}.safetensors", tensors)
        write_mlir(HERE / f"{name}.mlir", name, sizes, activations)


if __name__ == "__main__":
    main()
