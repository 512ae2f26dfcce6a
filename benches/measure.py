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


def generated(count):
    """A function of `count` ops with two operands each."""
    lines = ['"builtin.module"() ({', '"func.func"() <{function_type = (i32) -> i32, sym_name = "f"}> ({', "^bb0(%0: i32):"]
    for number in range(1, count + 1):
        lines.append(f'  %{number} = "t.op"(%{number - 1}, %{number // 2}) : (i32, i32) -> i32')
    lines += [f'  "func.return"(%{count}) : (i32) -> ()', "}) : () -> ()", "}) : () -> ()"]
    return "\n".join(lines) + "\n"


def row(what, measured, floor, note=""):
    wall, processor, memory = measured
    peak = f"{'≤ ' if memory < 1.05 * floor else ''}{memory / 2**20:.1f} MB"
    print(f"| {what} | {1e3 * wall:.1f} ms | {1e3 * processor:.1f} ms | {peak} | {note} |")


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
        for count in (10_000, 100_000):
            text = folder / f"{count}.mlir"
            text.write_text(generated(count))
            printed = [folder / f"{count}.{who}" for who in ("ours", "theirs")]
            flags = ["--allow-unregistered-dialect", "--mlir-print-op-generic"]
            ours = [HE_OPT, flags[0], "--print-op-generic", str(text), "-o", str(printed[0])]
            programs = [ours] + ([[oracle, *flags, str(text), "-o", str(printed[1])]] if oracle else [])
            found = medians(*programs)
            for output in printed[: len(programs)]:
                ops = output.read_text().count('"t.op"(')
                if ops != count:
                    sys.exit(f"{output} has {ops} ops, not {count}")
            row(f"{count:,} ops, he-opt", found[0], floor)
            if oracle:
                ratio = found[1][0] / found[0][0]
                row(f"{count:,} ops, {pathlib.Path(oracle).name}", found[1], floor, f"{ratio:.1f} times he-opt's")
    if not oracle:
        print("\nmlir-opt is missing: nothing to compare with", file=sys.stderr)


if __name__ == "__main__":
    main()
