#!/usr/bin/env python3
"""Measures rewriting: rules per group against time, and rewrites a second.

    cargo build --release && python3 benches/rules.py

The program is a million packed ops. Times are those of the pass alone (--timing), medians of RUNS runs.
HE_OPT names the program.
"""

import pathlib
import re
import statistics
import subprocess
import tempfile

from measure import HE_OPT

RUNS = 3
OPS = 1_000_000
TYPE = "!packed.vec<shape = [1, 8], period = 8, slots = 8>"


def program(lines):
    body = "\n".join(f"  {line}" for line in lines)
    return f"""!t = {TYPE}
func.func @main(%x: !t, %y: !t) -> !t {{
{body}
  return %r : !t
}}
"""


def rules_of(count):
    """Two-level rules on one root op, told apart by the inner op's attribute, so that each is a candidate."""
    lines = ["group bench"]
    for number in range(count):
        lines.append(
            f"rule r{number} in bench: packed.add_scalar(%m = packed.mul_scalar(%x) {{value = {number + 2}.0}})"
            f" {{value = {number + 2}.5}} where one_use(%m) => packed.rotate(%x) {{by = {number % 7 + 1}}}"
        )
    return "\n".join(lines) + "\n"


def pairs(count, hits):
    """Products and sums by turns; every `hits`-th pair is what one of the first ten rules takes."""
    lines, last = [], "%x"
    for number in range(count // 2):
        factor = number % 10 + 2
        addend = f"{factor}.5" if number % hits == 0 else "0.125"
        name = "%r" if number == count // 2 - 1 else f"%b{number}"
        lines.append(f"%a{number} = packed.mul_scalar {last} {{value = {factor}.0}} : !t")
        lines.append(f"{name} = packed.add_scalar %a{number} {{value = {addend}}} : !t")
        last = name
    return program(lines)


def negations(count):
    """x - (-y), half of the ops."""
    lines, last = [], "%x"
    for number in range(count // 2):
        name = "%r" if number == count // 2 - 1 else f"%b{number}"
        lines.append(f"%a{number} = packed.neg {last} : !t")
        lines.append(f"{name} = packed.sub %y, %a{number} : !t")
        last = name
    return program(lines)


def zeros(count):
    """A chain of x + 0."""
    lines, last = [], "%x"
    for number in range(count):
        name = "%r" if number == count - 1 else f"%b{number}"
        lines.append(f"{name} = packed.add_scalar {last} {{value = 0.0}} : !t")
        last = name
    return program(lines)


def measure(folder, text, rules, name):
    source, rule_file = folder / "in.mlir", folder / "bench.rules"
    source.write_text(text)
    command = [HE_OPT, "--no-auto-lower", "--verify-each=false", "--timing", "--pass-statistics", f"--{name}", str(source), "-o", "/dev/null"]
    if rules:
        rule_file.write_text(rules)
        command.insert(1, f"--load-rules={rule_file}")
    times, fired = [], 0
    for _ in range(RUNS):
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        times.append(float(re.search(rf"([0-9.]+) [(][ 0-9.]+%[)]  {name}$", said, re.M).group(1)))
        fired = int(re.search(rf"([0-9]+)  {name} [(]", said).group(1))
    return statistics.median(times), fired


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("| case | seconds | rewrites | rewrites a second |")
        print("|---|---|---|---|")

        def row(case, text, rules, group):
            seconds, fired = measure(folder, text, rules, group)
            print(f"| {case} | {seconds:.3f} | {fired} | {fired / seconds / 1e6:.2f} M |", flush=True)

        mostly, all_hit = pairs(OPS, 10), pairs(OPS, 1)
        for count in (10, 100, 1000):
            row(f"{count} rules, one pair in ten matches", mostly, rules_of(count), "bench")
        for count in (10, 100, 1000):
            row(f"{count} rules, each pair matches", all_hit, rules_of(count), "bench")
        two = "group two\nrule r in two: packed.sub(%x, packed.neg(%y)) => packed.add(%x, %y)\n"
        row("x - (-y), a two-level rule", negations(OPS), two, "two")
        row("canonicalize on x + 0", zeros(OPS), None, "canonicalize")


if __name__ == "__main__":
    main()
