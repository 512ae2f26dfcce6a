#!/usr/bin/env python3
"""Measures how long large .rules and .dialect files take, and how much memory: twice the file, twice the time.

    cargo build --release && python3 benches/loading.py

Each row is the best of RUNS runs of he-opt on a program of one op. HE_OPT names the program.
"""

import os
import pathlib
import tempfile

import measure

RUNS = 3
PROGRAM = "func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {\n  return %x : tensor<1x4xf32>\n}\n"


def rules(count):
    lines = ["group g"]
    for number in range(count):
        lines.append(
            f"/// x\nrule r{number} in g: ckks.rotate(%x) {{by = {number}}} where one_use(%x) else \"no\""
            f" => ckks.rotate(%x) {{by = {number + 1000000}}}"
        )
    return "\n".join(lines) + "\n"


def ops(count):
    lines = ["dialect d"]
    for number in range(count):
        lines.append(
            f"/// doc\nop d.f{number} (x: ckks.ct) -> (r: ckks.ct) {{ traits pure verify x.level > 0"
            ' infer level = x.level, scale = x.scale, degree = x.degree format "$x attr-dict `:` type($x)" }'
        )
    return "\n".join(lines) + "\n"


def tests(count):
    test = "//# let T{0} = T\n//# test r (%x: T{0})\n//# never\n//#   return %x : T{0}\n"
    head = "group g\nrule r in g: ckks.neg(ckks.neg(%x)) => %x\n//# let T = !ckks.ct<degree = 1>\n"
    return head + "".join(test.format(number) for number in range(count))


CASES = [
    ("{} rules", ".rules", rules, [25_000, 50_000, 100_000]),
    ("{} groups", ".rules", lambda n: "".join(f"group g{i}\n" for i in range(n)), [50_000, 100_000]),
    ("{} inline tests", ".rules", tests, [50_000, 100_000]),
    ("{} lines of comment", ".rules", lambda n: "group g\n" + ("// " + "x" * 100 + "\n") * n, [50_000, 100_000]),
    ("{} ops", ".dialect", ops, [25_000, 50_000, 75_000]),
]


def run(folder, name, text):
    """Seconds and megabytes of one run."""
    file = folder / name
    file.write_text(text)
    program = folder / "program.mlir"
    program.write_text(PROGRAM)
    flag = "--load-rules" if name.endswith(".rules") else "--load-dialect"
    wall, _, memory = measure.run([measure.HE_OPT, flag, str(file), str(program), "-o", os.devnull])
    return wall, memory / 2**20


def main():
    print("| file | MB | seconds | MB of memory |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for title, suffix, text_of, counts in CASES:
            for count in counts:
                text = text_of(count)
                runs = [run(pathlib.Path(folder), f"file{suffix}", text) for _ in range(RUNS)]
                seconds, memory = min(runs)[0], max(memory for _, memory in runs)
                print(f"| {title.format(count)} | {len(text) / 1e6:.1f} | {seconds:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
