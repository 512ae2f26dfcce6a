#!/usr/bin/env python3
"""Measures he-opt as a whole process, and prints a table.

    cargo build --release && python3 benches/measure.py

Start-up on an empty module, compilation of the seed network, and beside mlir-opt parse + verify + print of generated
ops, passes, and large constants, in turn so that a busy machine treats both alike. The rate of rules is measured by
benches/rules.py. Medians; a process starts with the peak memory of the
Python that starts it, so a smaller peak shows as that one's, marked with ≤.
HE_OPT and MLIR_OPT name the programs.
"""

import multiprocessing
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HE_OPT = os.environ.get("HE_OPT", str(TARGET / "release" / "he-opt"))
# Rounds, and those of a million ops.
RUNS = 15
LONG_RUNS = 5
# Ops of the generated programs.
COUNTS = (10_000, 100_000, 1_000_000)


def mlir_opt():
    """The mlir-opt that is named, in the path, or the newest that has a version in its name."""
    named = os.environ.get("MLIR_OPT") or os.environ.get("HE_OPT_MLIR_OPT") or shutil.which("mlir-opt")
    if named:
        return named
    versions = [path for path in pathlib.Path("/usr/bin").glob("mlir-opt-*") if path.name[9:].isdigit()]
    return str(max(versions, key=lambda path: int(path.name[9:]))) if versions else None


def run(command):
    """Wall seconds, seconds on a processor, and peak bytes of one process."""
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{said.decode(errors='replace')}")
    # Linux counts kilobytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit


def medians(*commands, runs=RUNS):
    """For each command the medians over `runs` rounds; the commands take turns."""
    rounds = [[run(command) for command in commands] for _ in range(runs + 1)][1:]
    return [tuple(statistics.median(values) for values in zip(*samples)) for samples in zip(*rounds)]


def printed(commands, folder, count=0):
    """The medians of programs of `count` ops, which print to nowhere: no disk is measured; and the files that they print once more."""
    found = medians(*[[*command, "-o", os.devnull] for command in commands], runs=RUNS if count < 1_000_000 else LONG_RUNS)
    outputs = [folder / f"{index}.out" for index in range(len(commands))]
    for command, output in zip(commands, outputs):
        run([*command, "-o", str(output)])
    return found, outputs


def write_apart(path, text):
    """Writes what `text` yields, in a process of its own: this one stays small, and with it the floor of the peaks."""
    writer = multiprocessing.get_context("fork").Process(target=lambda: path.write_text(text()))
    writer.start()
    writer.join()
    if writer.exitcode != 0:
        sys.exit(f"{path} was not written")


def plain(number):
    """Two operands, no attributes."""
    return f'  %{number} = "t.op"(%{number - 1}, %{number // 2}) : (i32, i32) -> i32'


def arithmetic(number):
    """A constant or an addition of the last constant."""
    if number % 2:
        return f'  %{number} = "t.constant"() <{{value = {number % 1000} : i32}}> : () -> i32'
    return f'  %{number} = "t.op"(%{number - 2}, %{number - 1}) <{{flags = #t.flags<none>}}> : (i32, i32) -> i32'


def located(number):
    """Attributes, dialect types, a location: about 150 bytes."""
    ty = "!t.ct<level = 3, scale = 40>"
    return (
        f'  %{number} = "t.op"(%{number - 1}) {{by = {number % 512} : i64, tag = "t{number % 50}"}} : ({ty}) -> {ty} '
        f'loc("model.py":{number}:{number % 80 + 1})'
    )


# What is generated: name, text of one op, type of the argument.
KINDS = (("plain", plain, "i32"), ("arithmetic", arithmetic, "i32"), ("located", located, "!t.ct<level = 3, scale = 40>"))


def write_generated(path, op, ty, count):
    """A function of `count` ops."""
    with open(path, "w") as out:
        out.write('"builtin.module"() ({\n"func.func"() <{function_type = (' + ty + ") -> " + ty)
        out.write(', sym_name = "f"}> ({\n^bb0(%0: ' + ty + "):\n")
        out.writelines(op(number) + "\n" for number in range(1, count + 1))
        out.write(f'  "func.return"(%{count}) : ({ty}) -> ()\n}}) : () -> ()\n}}) : () -> ()\n')


def row(what, measured, floor, note=""):
    wall, processor, memory = measured
    peak = f"{'≤ ' if memory < 1.05 * floor else ''}{memory / 2**20:.1f} MB"
    print(f"| {what} | {1e3 * wall:.1f} ms | {1e3 * processor:.1f} ms | {peak} | {note} |")


def generic(oracle, text):
    """The commands that read a text and print it in generic form."""
    flags = ["--allow-unregistered-dialect", "--mlir-print-op-generic"]
    return [[tool, *flags, str(text)] for tool in (HE_OPT, oracle) if tool]


def compare(folder, name, op, ty, count, oracle, floor):
    """Rows for both programs on one input; their outputs must have all ops."""
    text = folder / "in.mlir"
    write_generated(text, op, ty, count)
    found, outputs = printed(generic(oracle, text), folder, count)
    for output in outputs:
        with open(output) as lines:
            ops = sum('"t.' in line for line in lines)
        if ops != count:
            sys.exit(f"{output} has {ops} ops, not {count}")
    rows(f"{name}, {count:,} ops", found, oracle, floor)


# ---- passes: a name, our flags and program, mlir-opt's, and what shows that both did the same

OURS = ("!t", "!t = tensor<4xf32>\n", "nn.add {}, {} : (!t, !t) -> !t", "nn.sub {}, {} : (!t, !t) -> !t")
THEIRS = ("i32", "", "arith.addi {}, {} : i32", "arith.subi {}, {} : i32")


def function(dialect, lines, result):
    """A function of one argument %v0."""
    ty, head, *_ = dialect
    body = "\n".join(lines)
    return f"{head}func.func @f(%v0: {ty}) -> {ty} {{\n{body}\n  return {result} : {ty}\n}}\n"


def zeros(dialect, count):
    """A chain of x + 0: nothing is left of it."""
    ty, _, add, _ = dialect
    ours = '"nn.constant"() {value = dense<0.0> : tensor<4xf32>} : () -> !t'
    zero = f"  %z = {ours if ty == '!t' else 'arith.constant 0 : i32'}"
    chain = [f"  %v{i} = {add.format(f'%v{i - 1}', '%z')}" for i in range(1, count)]
    return function(dialect, [zero, *chain], f"%v{count - 1}")


def twins(dialect, count):
    """Each third op is a copy of the one before it."""
    _, _, add, sub = dialect
    lines = []
    for i in range(1, count // 3 + 1):
        last = f"%v{i - 1}"
        lines += [f"  %a{i} = {add.format(last, last)}", f"  %b{i} = {add.format(last, last)}",
                  f"  %v{i} = {sub.format(f'%a{i}', f'%b{i}')}"]
    return function(dialect, lines, f"%v{count // 3}")


def unused(dialect, count):
    """A chain whose end nothing uses."""
    _, _, add, _ = dialect
    return function(dialect, [f"  %v{i} = {add.format(f'%v{i - 1}', f'%v{i - 1}')}" for i in range(1, count + 1)], "%v0")


# Name, generator, our flag, mlir-opt's, the ops that are left of `count`.
PASSES = [
    ("--canonicalize, x + 0", zeros, "--canonicalize", "--canonicalize", lambda count: 0),
    ("--cse, each third op", twins, "--cse", "--cse", lambda count: count // 3 * 2),
    ("--dce, a chain", unused, "--dce", "--remove-dead-values", lambda count: 0),
]


def compare_pass(folder, case, count, oracle, floor):
    """Rows for a pass of both programs; as many ops must be left."""
    name, generate, flag, their_flag, left = case
    programs = []
    for tool, dialect, flags in [(HE_OPT, OURS, [flag]), (oracle, THEIRS, [their_flag])]:
        if tool:
            text = folder / f"{len(programs)}.mlir"
            write_apart(text, lambda: generate(dialect, count))
            programs.append([tool, *flags, str(text)])
    found, outputs = printed(programs, folder, count)
    for output in outputs:
        ops = sum(" = nn.add" in line or " = nn.sub" in line or " = arith.addi" in line or " = arith.subi" in line
                  for line in output.open())
        if ops != left(count):
            sys.exit(f"{name}: {output.name} has {ops} ops, not {left(count)}")
    rows(f"{name}, {count:,} ops", found, oracle, floor)


# ---- constants

def decimal_floats(count):
    numbers = ", ".join(f"{(i * 7919 % 100003) / 1000:.6f}" for i in range(count))
    return f'"t.op"() {{value = dense<[{numbers}]> : tensor<{count}xf32>}} : () -> ()\n'


def hex_floats(count):
    return f'"t.op"() {{value = dense<"0x{"0000803F00000040" * (count // 2)}"> : tensor<{count}xf32>}} : () -> ()\n'


def blob(count):
    data = "04000000" + "0000803F00000040" * (count // 2)
    return (f'"t.op"() {{value = dense_resource<w> : tensor<{count}xf32>}} : () -> ()\n'
            f'{{-# dialect_resources: {{builtin: {{w: "0x{data}"}}}} #-}}\n')


CONSTANTS = [("dense, decimal floats", decimal_floats), ("dense, hex", hex_floats), ("dense_resource", blob)]


def compare_constant(folder, name, generate, count, oracle, floor):
    """Rows for one large constant; both must print the same elements."""
    text = folder / "in.mlir"
    write_apart(text, lambda: generate(count))
    found, outputs = printed(generic(oracle, text), folder)
    digits = [max(re.findall("0x[0-9A-F]*", output.read_text()), key=len) for output in outputs]
    if len(set(digits)) > 1 or len(digits[0]) < 8 * count:
        sys.exit(f"{name}: the printed elements differ")
    rows(f"{name}, {count:,} elements", found, oracle, floor)


def rows(what, found, oracle, floor):
    """A row for he-opt, and one for mlir-opt with the ratios."""
    row(f"{what}, he-opt", found[0], floor)
    if oracle:
        (wall, _, memory), (their_wall, _, their_memory) = found
        note = f"{their_wall / wall:.1f} times he-opt's time, {their_memory / memory:.1f} times its memory"
        row(f"{what}, {pathlib.Path(oracle).name}", found[1], floor, note)


def main():
    if not os.access(HE_OPT, os.X_OK):
        sys.exit(f"{HE_OPT} is missing: cargo build --release")
    oracle = mlir_opt()
    print("| | wall | processor | peak memory | |")
    print("|---|--:|--:|--:|---|")
    _, _, floor = run(["/bin/true"])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        empty = folder / "empty.mlir"
        empty.write_text("module {}\n")
        rows("start-up, empty module", medians(*[[tool, str(empty)] for tool in (HE_OPT, oracle) if tool]), oracle, floor)
        row("examples/mlp.mlir, full", *medians([HE_OPT, "--preset=full", "examples/mlp.mlir"]), floor)
        for name, op, ty in KINDS:
            for count in COUNTS:
                compare(folder, name, op, ty, count, oracle, floor)
        for case in PASSES:
            for count in COUNTS:
                compare_pass(folder, case, count, oracle, floor)
        for name, generate in CONSTANTS:
            compare_constant(folder, name, generate, 1_000_000, oracle, floor)
    if not oracle:
        print("\nmlir-opt is missing: nothing to compare with", file=sys.stderr)


if __name__ == "__main__":
    main()
