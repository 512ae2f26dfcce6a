#!/usr/bin/env python3
"""Measures he-opt as a whole process, and prints a table.

    cargo build --release && python3 benches/measure.py

Start-up on an empty module, compilation of the seed network, and parse + verify + print of generated ops beside
mlir-opt, in turn so that a busy machine treats both alike. Medians; a process starts with the peak memory of the
Python that starts it, so a smaller peak shows as that one's, marked with ≤.
HE_OPT and MLIR_OPT name the programs.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HE_OPT = os.environ.get("HE_OPT", str(TARGET / "release" / "he-opt"))
RUNS = 9
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


def compare(folder, name, op, ty, count, oracle, floor):
    """Rows for both programs on one input; their outputs must have all ops."""
    text = folder / "in.mlir"
    write_generated(text, op, ty, count)
    printed = [folder / "ours.mlir", folder / "theirs.mlir"]
    flags = ["--allow-unregistered-dialect", "--mlir-print-op-generic"]
    programs = [[HE_OPT, *flags, str(text), "-o", str(printed[0])]]
    programs += [[oracle, *flags, str(text), "-o", str(printed[1])]] if oracle else []
    found = medians(*programs, runs=RUNS if count < 1_000_000 else 2)
    for output in printed[: len(programs)]:
        with open(output) as lines:
            ops = sum('"t.' in line for line in lines)
        if ops != count:
            sys.exit(f"{output} has {ops} ops, not {count}")
    row(f"{name}, {count:,} ops, he-opt", found[0], floor)
    if oracle:
        (wall, _, memory), (their_wall, _, their_memory) = found
        note = f"{their_wall / wall:.1f} times he-opt's time, {their_memory / memory:.1f} times its memory"
        row(f"{name}, {count:,} ops, {pathlib.Path(oracle).name}", found[1], floor, note)


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
        row("start-up, empty module", *medians([HE_OPT, str(empty)]), floor)
        row("examples/mlp.mlir, full", *medians([HE_OPT, "--preset=full", "examples/mlp.mlir"]), floor)
        for name, op, ty in KINDS:
            for count in COUNTS:
                compare(folder, name, op, ty, count, oracle, floor)
    if not oracle:
        print("\nmlir-opt is missing: nothing to compare with", file=sys.stderr)


if __name__ == "__main__":
    main()
