#!/usr/bin/env python3
"""Inputs that could take too long, too much memory or too much stack: bounds.py [NAME …]

Each is generated at two sizes, the second four times the first, and read by he-opt. Prints the time, the peak memory and
what he-opt said. Growth well above four is marked: time and memory must be linear in the input. `-` in place of a
growth: too quick to tell.
"""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HE_OPT = os.environ.get("HE_OPT", str(TARGET / "release/he-opt"))
FLAGS = ["--allow-unregistered-dialect"]
SECONDS = 120
FACTOR = 4
# Growth of time or memory that is not linear any more, and what is too little to tell.
SUPERLINEAR = 6.5
LEAST_SECONDS = 0.15
LEAST_BYTES = 60 << 20


def attr(text):
    return f'"t.a"() {{a = {text}}} : () -> ()\n'


def typed(text):
    return f'"t.a"() : () -> ({text})\n'


def nested_regions(n):
    return '"t.a"() ({\n' * n + "}) : () -> ()\n" * n


def many_blocks(n):
    blocks = "".join(f'^b{i}:\n"t.br"()[^b{(i + 1) % n}] : () -> ()\n' for i in range(n))
    return f'"t.a"() ({{\n{blocks}}}) : () -> ()\n'


def forward(n):
    uses = "".join(f'"t.use"(%v{i}) : (i32) -> ()\n' for i in range(n))
    return uses + "".join(f'%v{i} = "t.def"() : () -> i32\n' for i in range(n))


def forward_one(n):
    return '"t.use"(%v) : (i32) -> ()\n' * n + '%v = "t.def"() : () -> i32\n'


def located(locations):
    return f'"t.a"() : () -> () loc({locations})\n'


# Name: the text of a size, the smaller size, further flags.
CASES = {
    "nested regions": (nested_regions, 25_000),
    "nested arrays": (lambda n: attr("[" * n + "]" * n), 100_000),
    "nested arrays, open": (lambda n: attr("[" * n), 100_000),
    "nested dictionaries": (lambda n: attr("{a = " * n + "1" + "}" * n), 100_000),
    "nested parentheses": (lambda n: attr("(" * n), 100_000),
    "nested dense": (lambda n: attr("dense<" + "[" * n + "1" + "]" * n + "> : tensor<1xi32>"), 100_000),
    "nested tuples": (lambda n: typed("tuple<" * n + "i1" + ">" * n), 100_000),
    "nested functions": (lambda n: typed("(" * n + "i1" + ") -> ()" * n), 100_000),
    "nested tensors": (lambda n: typed("tensor<" * n + "i1" + ">" * n), 100_000),
    "nested opaque bodies": (lambda n: typed("!t.x" + "<" * n + ">" * n), 250_000),
    "opaque bodies, open": (lambda n: typed("!t.x" + "<" * n), 250_000),
    "opaque attributes": (lambda n: attr("#t.x<" + "([{<" * n + ">}])" * n + ">"), 100_000),
    "nested locations": (lambda n: located("fused[" * n + "unknown" + "]" * n), 100_000),
    "nested callsites": (lambda n: located('callsite("a" at ' * n + "unknown" + ")" * n), 100_000),
    "nested names": (lambda n: located('"a"(' * n + "unknown" + ")" * n), 100_000),
    "one long line of ops": (lambda n: '"t.a"() : () -> () ' * n, 1_250_000),
    "one long line of a string": (lambda n: attr('"' + "x" * n + '"'), 25_000_000),
    "one long line, error at its end": (lambda n: attr('"' + "x" * n + '" ?'), 25_000_000),
    "one long comment": (lambda n: "//" + "x" * n + "\n", 25_000_000),
    "blanks": (lambda n: " " * n, 25_000_000),
    "a long name of an op": (lambda n: f'"t.{"x" * n}"() : () -> ()\n', 10_000_000),
    "a long misspelt name": (lambda n: f'"nn.{"x" * n}"() : () -> ()\n', 10_000_000),
    "a long name of a value": (lambda n: f'%{"x" * n} = "t.a"() : () -> i32\n"t.b"(%{"x" * n}) : (i32) -> ()\n', 10_000_000),
    "a long undefined name": (lambda n: f'"t.b"(%{"x" * n}) : (i32) -> ()\n', 10_000_000),
    "a long symbol": (lambda n: f'func.func private @{"x" * n}()\n', 10_000_000),
    "a long alias": (lambda n: f'#{"x" * n} = 1\n"t.a"() {{a = #{"x" * n}}} : () -> ()\n', 10_000_000),
    "a long key": (lambda n: f'"t.a"() {{{"x" * n}}} : () -> ()\n', 10_000_000),
    "attributes of one op": (lambda n: '"t.a"() {' + ", ".join(f"a{i}" for i in range(n)) + "} : () -> ()\n", 250_000),
    "ten million attributes": (lambda n: attr("[" + ", ".join(map(str, range(n))) + "]"), 2_500_000),
    "properties of one op": (lambda n: '"t.a"() <{' + ", ".join(f"a{i}" for i in range(n)) + "}> : () -> ()\n", 250_000),
    "attributes of many ops": (lambda n: "".join(f'"t.a"() {{a = {i}, b = "{i}"}} : () -> ()\n' for i in range(n)), 125_000),
    "operands of one op": (lambda n: '%0 = "t.c"() : () -> i1\n"t.a"(' + ", ".join(["%0"] * n) + ") : (" + ", ".join(["i1"] * n) + ") -> ()\n", 500_000),
    "results of one op": (lambda n: f'%0:{n} = "t.a"() : () -> (' + ", ".join(["i1"] * n) + ")\n", 500_000),
    "results that are not there": (lambda n: '%0:4294967295 = "t.a"() : () -> i1\n' * n, 1),
    "a number that is not there": (lambda n: '"t.a"(%0#4294967295) : (i1) -> ()\n' * n, 1),
    "arguments of a block": (lambda n: '"t.a"() ({\n^b(' + ", ".join(f"%a{i}: i1" for i in range(n)) + "):\n}) : () -> ()\n", 250_000),
    "blocks": (many_blocks, 250_000),
    "parts of a file": (lambda n: "// -----\n".join(attr(str(i)) for i in range(n)), 10_000, ["--split-input-file"]),
    "parts with errors": (lambda n: "// -----\n".join("// expected-error @below {{expected an attribute}}\n" + attr("") for i in range(n)), 10_000, ["--split-input-file", "--verify-diagnostics"]),
    "regions of one op": (lambda n: '"t.a"() (' + ", ".join(["{}"] * n) + ") : () -> ()\n", 500_000),
    "successors of one op": (lambda n: '"t.a"() ({\n^a:\n"t.b"()[' + ", ".join(["^b"] * n) + '] : () -> ()\n^b:\n"t.c"() : () -> ()\n}) : () -> ()\n', 500_000),
    "functions": (lambda n: "".join(f"func.func private @f{i}()\n" for i in range(n)), 125_000),
    "arguments of a function": (lambda n: "func.func private @f(" + ", ".join(["i1"] * n) + ")\n", 250_000),
    "calls": (lambda n: "func.func private @f()\nfunc.func @g() {\n" + "func.call @f() : () -> ()\n" * n + "return\n}\n", 250_000),
    "nested symbols": (lambda n: attr("@a" + "::@a" * n), 500_000),
    "forward references": (forward, 125_000),
    "references to one forward": (forward_one, 250_000),
    "undefined values": (lambda n: "".join(f'"t.use"(%v{i}) : (i32) -> ()\n' for i in range(n)), 250_000),
    "aliases": (lambda n: "".join(f"#a{i} = {i}\n!t{i} = tuple<i{i % 1000}>\n#l{i} = loc(\"a\":{i}:1)\n" for i in range(n)), 100_000),
    "a chain of aliases": (lambda n: "#a0 = [0]\n" + "".join(f"#a{i} = [#a{i - 1}]\n" for i in range(1, n)) + attr(f"#a{n - 1}"), 25_000),
    "doubling aliases": (lambda n: "!a0 = i1\n" + "".join(f"!a{i} = tuple<!a{i - 1}, !a{i - 1}>\n" for i in range(1, n)) + typed(f"!a{n - 1}"), 16),
    "doubling location aliases": (lambda n: '#l0 = loc("a")\n' + "".join(f"#l{i} = loc(callsite(#l{i - 1} at #l{i - 1}))\n" for i in range(1, n)) + '"t.a"() : () -> () loc(#l' + f"{n - 1})\n", 16),
    "late location aliases": (lambda n: "".join(f'"t.a"() : () -> () loc(#l{i})\n' for i in range(n)) + "".join(f'#l{i} = loc("a":{i}:1)\n' for i in range(n)), 125_000),
    "fused locations": (lambda n: located("fused[" + ", ".join(f'"a":{i}:1' for i in range(n)) + "]"), 250_000),
    "fused twice": (lambda n: located("fused[" + ", ".join('fused["a", "b"]' for _ in range(n)) + "]"), 250_000),
    "locations of many files": (lambda n: "".join(f'"t.a"() : () -> () loc("f{i}":1:1)\n' for i in range(n)), 125_000),
    "distinct attributes": (lambda n: "".join(attr(f"distinct[{i}]<{i}>") for i in range(n)), 125_000),
    "affine, nested": (lambda n: attr("affine_map<(d0) -> (" + "(" * n + "d0" + ")" * n + ")>"), 100_000),
    "affine, a long sum": (lambda n: attr("affine_map<(d0, d1) -> (" + " + ".join(["d0 * 2 + d1"] * n) + ")>"), 2_500),
    "affine, a long product": (lambda n: attr("affine_map<(d0)[s0] -> (d0" + " * s0" * n + ")>"), 2_500),
    "affine, floordiv": (lambda n: attr("affine_map<(d0) -> (d0" + " floordiv 3" * n + ")>"), 2_500),
    "affine, mod of sums": (lambda n: attr("affine_map<(d0, d1) -> (" + " + ".join(f"(d0 + d1 * {i}) mod {i + 2}" for i in range(n)) + ")>"), 2_500),
    "affine, negations": (lambda n: attr("affine_map<(d0) -> (" + "-" * n + "d0)>"), 100_000),
    "affine, many dimensions": (lambda n: attr("affine_map<(" + ", ".join(f"d{i}" for i in range(n)) + ") -> (" + ", ".join(f"d{i}" for i in range(n)) + ")>"), 5_000),
    "affine, many results": (lambda n: attr("affine_map<(d0) -> (" + ", ".join(["d0"] * n) + ")>"), 250_000),
    "affine, many constraints": (lambda n: attr("affine_set<(d0) : (" + ", ".join(["d0 >= 0"] * n) + ")>"), 250_000),
    "strides": (lambda n: typed("memref<" + "1x" * n + "i1, strided<[" + ", ".join(["1"] * n) + "]>>"), 100_000),
    "identity layout": (lambda n: typed("memref<" + "1x" * n + "i1, affine_map<(" + ", ".join(f"d{i}" for i in range(n)) + ") -> (" + ", ".join(f"d{i}" for i in range(n)) + ")>>"), 5_000),
    "dimensions": (lambda n: typed("tensor<" + "1x" * n + "i1>"), 500_000),
    "dense of many dimensions": (lambda n: attr("dense<1> : tensor<" + "1x" * n + "i8>"), 250_000),
    "a product that overflows": (lambda n: attr("dense<1> : tensor<" + "4294967296x" * n + "i8>"), 4),
    "a list for a product that overflows": (lambda n: attr("dense<[1]> : tensor<" + "4294967296x" * n + "i8>"), 4),
    "hex for a product that overflows": (lambda n: attr('dense<"0x01"> : tensor<' + "4294967296x" * n + "i8>"), 4),
    "sparse of a large shape": (lambda n: attr("sparse<[[0, 0]], 1> : tensor<4294967296x4294967296xi8>") * n, 4),
    "dense integers": (lambda n: attr("dense<[" + ", ".join(str(i % 100) for i in range(n)) + f"]> : tensor<{n}xi32>"), 1_000_000),
    "dense floats": (lambda n: attr("dense<[" + ", ".join(f"{i / 7:.6f}" for i in range(n)) + f"]> : tensor<{n}xf32>"), 500_000),
    "dense strings": (lambda n: attr("dense<[" + ", ".join(f'"{i}"' for i in range(n)) + f"]> : tensor<{n}x!t.s>"), 250_000),
    "dense lists of one": (lambda n: attr("dense<[" + ", ".join(["[1]"] * n) + f"]> : tensor<{n}x1xi32>"), 500_000),
    "dense hex": (lambda n: attr('dense<"0x' + "01" * n + f'"> : tensor<{n}xi8>'), 10_000_000),
    "dense of wide integers": (lambda n: attr("dense<[" + ", ".join(["1"] * 8) + f"]> : tensor<8xi{n}>"), 4_000_000),
    "arrays of integers": (lambda n: attr("array<i32: " + ", ".join(str(i % 100) for i in range(n)) + ">"), 500_000),
    "array of wide integers": (lambda n: attr(f"array<i{8 * n}: 1, 1, 1, 1>"), 500_000),
    "a blob": (lambda n: attr("dense_resource<a> : tensor<1xi8>") + '{-#\n  dialect_resources: {\n    builtin: {\n      a: "0x04000000' + "01" * n + '"\n    }\n  }\n#-}\n', 10_000_000),
    "many blobs": (lambda n: "{-#\n  dialect_resources: {\n    builtin: {\n" + ",\n".join(f'a{i}: "0x0400000001"' for i in range(n)) + "\n    }\n  }\n#-}\n", 125_000),
    "many groups of resources": (lambda n: "{-#\n  external_resources: {\n" + ",\n".join(f"g{i}: {{a: true}}" for i in range(n)) + "\n  }\n#-}\n", 25_000),
    "an integer of many digits": (lambda n: attr("1" * n), 250_000),
    "an integer of many digits, wide": (lambda n: attr("1" * n + " : i16777215"), 1_250_000),
    "an integer of many zeros": (lambda n: attr("0" * n + "1"), 1_250_000),
    "hex of many digits": (lambda n: attr("0x" + "1" * n + " : i16777215"), 1_000_000),
    "a wide integer": (lambda n: attr("0x" + "7" * n + " : i16777215"), 1_000_000),
    "wide integers in dense": (lambda n: attr("dense<[" + ", ".join(["9" * 30_000] * n) + f"]> : tensor<{n}xi100000>"), 25),
    "a float of many digits": (lambda n: attr("1." + "1" * n), 1_250_000),
    "an exponent of many digits": (lambda n: attr("1.0e" + "1" * n), 1_250_000),
    "a dimension of many digits": (lambda n: typed("tensor<" + "1" * n + "xi1>"), 1_250_000),
    "a width of many digits": (lambda n: typed("i" + "1" * n), 1_250_000),
    "a result number of many digits": (lambda n: '"t.a"(%0#' + "1" * n + ") : (i1) -> ()\n", 1_250_000),
    "escapes": (lambda n: attr('"' + "\\22" * n + '"'), 2_500_000),
    "errors of the verifier": (lambda n: '"nn.relu"() : () -> ()\n' * n, 125_000),
    "errors of the parser": (lambda n: '"t.a"(%0 : () -> ()\n' * n, 125_000),
}
for _name in ("cse", "dce", "canonicalize"):
    CASES[f"--{_name} of equal ops"] = (lambda n: "module {\nfunc.func @f(%a: tensor<4xf32>) -> tensor<4xf32> {\n" + "".join(f"%v{i} = nn.add %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>\n" for i in range(n)) + f"return %v{n - 1} : tensor<4xf32>\n}}\n}}\n", 125_000, [f"--{_name}"])
    CASES[f"--{_name} of a chain"] = (lambda n: "module {\nfunc.func @f(%v0: tensor<4xf32>) -> tensor<4xf32> {\n" + "".join(f"%v{i + 1} = nn.add %v{i}, %v{i} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>\n" for i in range(n)) + f"return %v{n} : tensor<4xf32>\n}}\n}}\n", 125_000, [f"--{_name}"])
    CASES[f"--{_name} of an unused chain"] = (lambda n: "module {\nfunc.func @f(%v0: tensor<4xf32>) -> tensor<4xf32> {\n" + "".join(f"%v{i + 1} = nn.add %v{i}, %v{i} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>\n" for i in range(n)) + "return %v0 : tensor<4xf32>\n}\n}\n", 125_000, [f"--{_name}"])


# What is not linear for a reason.
KNOWN = {
    "hex of many digits": "printed in decimal, which is not linear; bounded by the widest type, 2^24 bits",
    "a wide integer": "printed in decimal, which is not linear; bounded by the widest type, 2^24 bits",
}


def measure(command):
    """Seconds, peak bytes of a command, its exit code and what it said first."""
    with tempfile.TemporaryFile() as said:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30)))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        while pid == 0:
            if time.monotonic() - started > SECONDS:
                process.kill()
            time.sleep(0.002)
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        first = said.readline(400).decode(errors="replace").strip()
        size = said.seek(0, 2)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, process.returncode, first, size


def growth(small, large, least):
    return f"{large / small:.1f}" if large >= least else "-"


def main():
    wanted = sys.argv[1:]
    bad = 0
    print("| input | bytes | time | peak memory | time ×4 | memory ×4 | result |")
    print("|---|--:|--:|--:|--:|--:|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "in.mlir"
        for name, (make, size, *flags) in CASES.items():
            if wanted and not any(part in name for part in wanted):
                continue
            found = []
            for n in (size, FACTOR * size):
                path.write_text(make(n))
                found.append(measure([HE_OPT, *FLAGS, *(flags[0] if flags else []), str(path)]))
            (t0, m0, *_), (t1, m1, code, first, said) = found
            first = first.split(": ", 1)[-1][:100].replace("|", "\\|")
            result = {0: "accepted", 1: first}.get(code, f"CRASHED ({code}) {first}")
            over = t1 >= LEAST_SECONDS and t1 / t0 > SUPERLINEAR or m1 >= LEAST_BYTES and m1 / m0 > SUPERLINEAR
            wrong = over and name not in KNOWN or code not in (0, 1) or said > 20_000
            bad += wrong
            result += f" ({KNOWN[name]})" if over and name in KNOWN else ""
            result += f" ({said} bytes said)" if said > 20_000 else ""
            print(f"| {name} | {path.stat().st_size:,} | {t1:.2f} s | {m1 / 2**20:.0f} MB | "
                  f"{growth(t0, t1, LEAST_SECONDS)} | {growth(m0, m1, LEAST_BYTES)} | {result}{' **!**' if wrong else ''} |", flush=True)
    print(f"{bad} of these are not as they should be", file=sys.stderr)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
