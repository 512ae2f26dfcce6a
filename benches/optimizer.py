#!/usr/bin/env python3
"""What every preset makes of eight networks, predicted, and how fast the best of them runs on OpenFHE.

    cargo build --release && python3 benches/optimizer.py            # predicted; seconds
    python3 benches/optimizer.py --measure                           # and on OpenFHE, 128-bit secure; minutes
    python3 benches/optimizer.py --measure --presets                 # and every preset once; an hour
    python3 benches/optimizer.py --deep                              # deep networks, beside one ring without masks
    python3 benches/optimizer.py --layers                            # compile time of 10 to 200 layers

Presets other than auto get the fastest secure parameters that they fit (select-params). --measure runs `auto` and hoisted
baby-step giant-step on the same parameters in turn, RUNS times each, and compares medians of processor time; --presets runs
every program of the first table once, up to MOST_S and MOST_BYTES.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
PRESETS = ["baseline", "bsgs", "lazy", "bsgs-lazy", "auto"]
RUNS = 3
# The longest program that --presets runs, in predicted seconds, and the most memory.
MOST_S = 400
MOST_BYTES = 16 << 30
HOISTED_BSGS = (
    "approximate{degree=8 symmetric=true},fold-poly,pack,bsgs,expand-poly{schedule=auto},to-ckks,rescale{strategy=optimal},hoist,dce"
)
# Of other compilers, published or measured: HEIR 2026.10, Orion 1.0.2.
OTHERS = {
    "mlp": "HEIR 23 rotations, 81 plaintext products, 12 products, 12 relinearizations, 38 rescales, 18 levels, N = 2^16",
    "512x512": "HEIR 44 rotations, 512 plaintext products",
    "784x512": "HEIR 45 rotations",
    "784-128-128-10": "Orion 80 rotations",
}


def network(sizes, activation, std=0.7):
    """A fully connected network as nn text."""
    body, value, inputs = [], "%x", sizes[0]
    for index, outputs in enumerate(sizes[1:]):
        deviation = std / inputs**0.5
        source, result = f"tensor<1x{inputs}xf32>", f"tensor<1x{outputs}xf32>"
        weight, bias = f"tensor<{outputs}x{inputs}xf32>", f"tensor<{outputs}xf32>"
        body.append(f"  %w{index} = nn.constant {{value = #nn.random<seed = {index + 1}, std = {deviation:.6f}>}} : {weight}")
        body.append(f"  %b{index} = nn.constant {{value = #nn.random<seed = {index + 1000}, std = 0.1>}} : {bias}")
        body.append(f"  %l{index} = nn.linear {value}, %w{index}, %b{index} : ({source}, {weight}, {bias}) -> {result}")
        value, inputs = f"%l{index}", outputs
        if index + 2 < len(sizes):
            body.append(f"  %a{index} = nn.{activation} {value} : {result}")
            value = f"%a{index}"
    return f"func.func @main(%x: tensor<1x{sizes[0]}xf32>) -> tensor<1x{inputs}xf32> {{\n" + "\n".join(body) + f"\n  return {value} : tensor<1x{inputs}xf32>\n}}\n"


def networks(folder):
    """Name and file of each network."""
    shipped = [(name, ROOT / "examples" / f"{name}.mlir") for name in ("mlp", "mlp_10_20_10", "mlp_5x32", "mlp_10x32")]
    generated = {
        "784-128-128-10": network([784, 128, 128, 10], "square"),
        "512x512": network([512, 512], "square"),
        "784x512": network([784, 512], "square"),
        "60-30-20-10": network([60, 30, 20, 10], "silu"),
    }
    for name, text in generated.items():
        (folder / f"{name}.mlir").write_text(text)
    return shipped + [(name, folder / f"{name}.mlir") for name in generated]


def tool(name, *arguments):
    """The JSON that a tool prints; None where it fails."""
    done = subprocess.run([TARGET / name, "--json", *map(str, arguments)], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def options(name):
    """The polynomials' degree of a network."""
    return "degree=6" if name == "60-30-20-10" else "degree=8"


def flags_of(name, file, preset):
    """The flags that make the program of a preset; None where no secure parameters fit."""
    if preset == "auto":
        return [f"--auto={options(name)}"]
    # A named approximation takes the place of the preset's.
    texts = dict(line.split(" ", 1) for line in PIPELINES.splitlines())
    pipeline = texts[preset].replace("approximate", "approximate{" + options(name) + "}", 1)
    # For the least latency, select-params places rescales anew: the preset's own are costed at the parameters that it finds.
    selecting = f"--pass-pipeline=builtin.module({pipeline},select-params{{objective=latency}})"
    made = subprocess.run([TARGET / "he-opt", selecting, file], capture_output=True, text=True)
    if made.returncode != 0:
        return None
    return [*stated(made.stdout), f"--pass-pipeline=builtin.module({pipeline})"]


def stated(program):
    """The flags that state the parameters of a program."""
    attribute = re.search(r"#ckks.params<([^>]*)>", program).group(1)
    number = lambda name: int(re.search(rf"\b{name} = ([0-9]+)", attribute).group(1))
    primes = lambda name: re.search(rf"\b{name} = \[([0-9, ]*)\]", attribute).group(1).replace(" ", "")
    return [
        f"--poly-modulus-degree={1 << number('log_n')}",
        f"--coeff-modulus={primes('log_q')}",
        f"--special-modulus={primes('log_p')}",
        f"--dnum={number('dnum')}",
        f"--scale=2^{number('log_scale')}",
    ]


PIPELINES = """\
baseline approximate,pack,expand-poly,to-ckks,relinearize{strategy=eager},rescale{strategy=eager}
bsgs approximate,pack,bsgs,expand-poly,to-ckks,relinearize{strategy=eager},rescale{strategy=eager}
lazy approximate,pack,expand-poly,to-ckks,relinearize{strategy=lazy},rescale{strategy=lazy}
bsgs-lazy approximate,pack,bsgs,expand-poly,to-ckks,relinearize{strategy=lazy},rescale{strategy=lazy}"""


def table(found, runs):
    columns = ["rotations", "products", "plaintext, scalar products", "relinearizations", "rescales", "levels", "N", "keys, MiB"]
    columns += ["predicted, s", "measured, s"] if runs else ["predicted, s"]
    row = lambda cells: print("| " + " | ".join(cells + [""] * (2 + len(columns) - len(cells))) + " |", flush=True)
    row(["network", "preset", *columns])
    print("|---|---|" + "--:|" * len(columns))
    for name, file in found:
        for preset in PRESETS:
            flags = flags_of(name, file, preset)
            cost = flags and tool("he-cost", *flags, file)
            if cost is None:
                row([name, preset, "no secure parameters fit"])
                continue
            seconds = "-"
            if runs and cost["latency_ms"] <= 1000 * MOST_S and cost["process_bytes"] <= MOST_BYTES:
                one = run(file, flags)
                seconds = "does not run" if one is None else f"{one[0]:.2f}"
            count = lambda *names: sum(cost["operations"].get(one, 0) for one in names)
            cells = [
                count("rotate", "rotate_ext"),
                count("mul"),
                f"{count('mul_plain')}, {count('mul_scalar')}",
                count("relinearize"),
                count("rescale"),
                cost["levels_used"],
                f"2^{cost['params']['log_n']}",
                cost["key_bytes"] >> 20,
                f"{cost['latency_ms'] / 1000:.2f}",
            ]
            row([name, preset, *map(str, cells), *([seconds] if runs else [])])
        if name in OTHERS:
            row([name, "", OTHERS[name]])


def run(file, flags):
    """Seconds of processor time of one evaluation on OpenFHE, and the report."""
    done = tool("he-run", *flags, "--backend=openfhe", "--random-input=1", file)
    if done is None:
        return None
    return done["evaluate_cpu_ms"] / 1000, done


def measured(found):
    print("\n| network | auto, s | hoisted BSGS, s | ratio | auto predicted, s | largest noise | largest error |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, file in found:
        made = subprocess.run([TARGET / "he-opt", f"--auto={options(name)}", file], capture_output=True, text=True)
        line = next(line for line in made.stderr.splitlines() if "auto: N = " in line)
        flags, pipeline = line.split("made by ")[1].split(" --pass-pipeline='builtin.module(")
        flags = flags.split()
        steps = pipeline.removesuffix(")'")
        # The same parameters for both: those that were selected.
        cost = tool("he-cost", f"--auto={options(name)}", file)
        selected = stated(made.stdout)
        selected += [flag for flag in flags if flag.startswith("--bootstrap")]
        other = HOISTED_BSGS.replace("degree=8", options(name))
        times = ([], [])
        error = noise = None
        for _ in range(RUNS):
            for pipeline, parameters, into in ((steps, flags, times[0]), (other, selected, times[1])):
                one = run(file, [*parameters, f"--pass-pipeline=builtin.module({pipeline})"])
                if one is not None:
                    into.append(one[0])
                    if into is times[0]:
                        error, noise = one[1]["max_abs_error"], one[1]["observed_noise"]
        predicted = cost["latency_ms"] / 1000
        if not times[0] or not times[1]:
            print(f"| {name} | does not run | | | {predicted:.2f} | | |")
            continue
        auto, hoisted = map(statistics.median, times)
        print(f"| {name} | {auto:.2f} | {hoisted:.2f} | {auto / hoisted:.2f} | {predicted:.2f} | {noise:.1e} | {error:.1e} |", flush=True)


def layers(folder):
    print("| layers | of | wall, s | processor, s | MiB |\n|--:|--:|--:|--:|--:|")
    file = folder / "layers.mlir"
    stated = ["--coeff-modulus=60,40x20"]
    for count, width, activation, std, flags in [(count, 32, "square", 0.1, stated) for count in (10, 50, 100, 200)] + [(50, 1024, "gelu", 0.7, [])]:
        file.write_text(network([width] * (count + 1), activation, std))
        started = time.perf_counter()
        child = subprocess.Popen([TARGET / "he-opt", "--preset=auto", *flags, file, "-o", os.devnull], stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        assert status == 0, count
        wall, processor = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
        print(f"| {count} | {width} | {wall:.2f} | {processor:.2f} | {usage.ru_maxrss / 1024:.0f} |")


# What `auto` could choose from before it knew masks and smaller rings for refreshes: the largest ring, all of its slots.
LARGEST = "approximate{degree=8 symmetric=true},fold-poly,pack{strategy=auto masks=none},expand-poly{schedule=auto},to-ckks,cse,rescale{strategy=optimal}"
LARGEST_CHAIN = [
    "--poly-modulus-degree=131072", "--coeff-modulus=60,58x52", "--scale=2^58", "--special-modulus=60,60,60,60,60,60,60", "--dnum=8",
    "--bootstrap-levels=16", "--bootstrap-min-level=1",
]


def deep(folder):
    print("| layers | of | | N | refreshes | products with plaintexts | rotations | keys, GiB | predicted, s |\n|--:|--:|---|--:|--:|--:|--:|--:|--:|")
    file = folder / "deep.mlir"
    for count, width in [(14, 32), (20, 32), (30, 128), (20, 256), (50, 1024)]:
        file.write_text(network([width] * (count + 1), "gelu", 1.5 / width**0.5))
        pipeline = lambda last: f"--pass-pipeline=builtin.module({LARGEST},{last},hoist,dce)"
        one_ring = tool("he-cost", pipeline("select-params{objective=latency scale=widest}"), file)
        one_ring = one_ring or tool("he-cost", *LARGEST_CHAIN, pipeline("bootstrap{strategy=optimal}"), file)
        for name, cost in [("largest ring, no masks", one_ring), ("`auto`", tool("he-cost", "--preset=auto", file))]:
            ops = cost["operations"]
            rotations = ops["rotate"] + ops["rotate_ext"]
            print(
                f"| {count} | {width} | {name} | 2^{cost['params']['log_n']} | {ops['bootstrap']} "
                f"| {ops['mul_plain']} | {rotations} | {cost['key_bytes'] / (1 << 30):.1f} | {cost['latency_ms'] / 1000:.0f} |",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--presets", action="store_true")
    parser.add_argument("--deep", action="store_true")
    parser.add_argument("--layers", action="store_true")
    parser.add_argument("--network", action="append", help="only networks of this name")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if arguments.deep:
            return deep(folder)
        if arguments.layers:
            return layers(folder)
        found = [(name, file) for name, file in networks(folder) if not arguments.network or name in arguments.network]
        table(found, arguments.presets)
        if arguments.measure:
            measured(found)


if __name__ == "__main__":
    main()
