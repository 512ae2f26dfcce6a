#!/usr/bin/env python3
"""HEIR's program for the seed network beside auto's, on OpenFHE, in one run.

    cargo build --release && python3 benches/heir.py         # some minutes
    python3 benches/heir.py --plain                          # what HEIR makes, and its result on plain numbers; seconds

HEIR (heir_py from PyPI) compiles the layers of examples/mlp.mlir and the polynomials that auto takes for its activations, which it
expands by Paterson and Stockmeyer, to calls of OpenFHE. These are made here, one by one, from Python, as he-run does; the constants are
encoded before. Its modulus is once as long as it asks for, and once only as long as its products need. OpenFHE chooses the ring, for
128 bits of security. Seconds of processor time of one evaluation on one thread, medians of RUNS, in turn with `auto`; the error is against
the network with these polynomials, on plain numbers.

HEIR's error is no noise. This version multiplies the weights before a polynomial by its linear coefficient, though the other powers take
the same value; the program has the same error on plain numbers. Its time is that of a program with as many operations.
"""

import collections
import json
import os
import pathlib
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
BACKENDS = pathlib.Path(
    os.environ.get("HE_OPT_BACKENDS") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "he-opt" / "backends"
)
PYTHON = BACKENDS / "openfhe" / "bin" / "python"
HEIR = "heir_py==2026.11.1"
NETWORK = ROOT / "examples" / "mlp.mlir"
RUNS = 3

if os.environ.get("OMP_NUM_THREADS") != "1" or pathlib.Path(sys.prefix) != PYTHON.parent.parent:
    # OpenFHE is in the environment of the tests, and reads the number of threads as it is loaded.
    subprocess.run([ROOT / "tools" / "backends" / "setup.sh", "openfhe"], check=True)
    os.environ["OMP_NUM_THREADS"] = "1"
    os.execv(PYTHON, [PYTHON, __file__, *sys.argv[1:]])

import numpy as np
import openfhe


# ---- the network

def tensors(path):
    """The tensors of a safetensors file, 32 bits each."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    head, body = json.loads(data[8 : 8 + size]), data[8 + size :]
    head.pop("__metadata__", None)
    return {name: np.frombuffer(body[slice(*it["data_offsets"])], "<f4").reshape(it["shape"]) for name, it in head.items()}


def polynomials():
    """The polynomials that auto takes for the activations: coefficients from the constant one up."""
    passes = "--pass-pipeline=builtin.module(approximate{degree=8 symmetric=true})"
    text = subprocess.run([TARGET / "he-opt", passes, NETWORK], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        if "poly.eval" in line:
            assert 'basis = "chebyshev"' in line
            numbers = lambda name: [float(it) for it in re.search(rf"{name} = \[([^\]]*)\]", line).group(1).split(",")]
            series = np.polynomial.Chebyshev(numbers("coefficients"), domain=numbers("domain"))
            yield series.convert(kind=np.polynomial.Polynomial).coef


def layers():
    """Weight, bias and polynomial of each layer."""
    found = tensors(NETWORK.with_suffix(".safetensors"))
    return [(found[f"fc{at}.weight"], found[f"fc{at}.bias"], poly) for at, poly in enumerate(polynomials(), 1)]


def plain(network, x):
    for weight, bias, poly in network:
        x = np.polynomial.Polynomial(poly)(weight.astype(float) @ x + bias)
    return x


def linalg(network):
    """The network as HEIR reads it."""
    dense = lambda array: f'dense<"0x{array.tobytes().hex().upper()}">'
    head = ["!poly = !polynomial.polynomial<ring=<coefficientType=f32>>"]
    body, value = [], "%arg0"
    for at, (weight, bias, poly) in enumerate(network):
        outputs, inputs = weight.shape
        terms = [f"{c:.17g}" + (f"x**{power}" if power > 1 else "x" * power) for power, c in enumerate(poly) if abs(c) > 1e-12]
        head.append(f"#p{at} = #polynomial.typed_float_polynomial<{' + '.join(terms)}> : !poly")
        w, x, y = f"tensor<{outputs}x{inputs}xf32>", f"tensor<{inputs}xf32>", f"tensor<{outputs}xf32>"
        body += [
            f"  %w{at} = arith.constant {dense(weight)} : {w}",
            f"  %b{at} = arith.constant {dense(bias)} : {y}",
            f"  %m{at} = linalg.matvec ins(%w{at}, {value} : {w}, {x}) outs(%b{at} : {y}) -> {y}",
            f"  %a{at} = polynomial.eval #p{at}, %m{at} : {y}",
        ]
        value = f"%a{at}"
    inputs, outputs = network[0][0].shape[1], network[-1][0].shape[0]
    head.append(f"func.func @main(%arg0: tensor<{inputs}xf32> {{secret.secret}}) -> tensor<{outputs}xf32> {{")
    return "\n".join([*head, *body, f"  return {value} : tensor<{outputs}xf32>", "}\n"])


# ---- HEIR's program

def heir_opt():
    """HEIR's compiler, from PyPI."""
    home = BACKENDS / "heir"
    program = home / "heir" / "heir-opt"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", home, HEIR], check=True)
        program.chmod(0o755)
    return program


def compiled(network):
    """HEIR's program in generic form, and how long it takes to make."""
    with tempfile.TemporaryDirectory() as folder:
        source, expanded = pathlib.Path(folder) / "in.mlir", pathlib.Path(folder) / "expanded.mlir"
        source.write_text(linalg(network))
        started = time.perf_counter()
        subprocess.run([heir_opt(), "--lower-polynomial-eval=method=ps", source, "-o", expanded], check=True)
        passes = [
            "--annotate-module=backend=openfhe scheme=ckks",
            "--torch-linalg-to-ckks=greedy-level-budget=40 unroll-fhe-kernel-loops=true codegen-strategy=fold-when-possible",
            "--scheme-to-openfhe=entry-function=main",
        ]
        made = subprocess.run([heir_opt(), *passes, "--mlir-print-op-generic", expanded], capture_output=True, text=True, check=True)
        return made.stdout, time.perf_counter() - started


OP = re.compile(r'\s*(?:(%\w+) = )?"([\w.]+)"\(([^)]*)\)(?: <\{(.*?)\}>)?')


class Program:
    """The functions of a program, and what runs them: a mirror of OpenFHE, or one that counts."""

    def __init__(self, text):
        self.functions = {}
        for part in text.split('"func.func"')[1:]:
            name = re.search(r'sym_name = "(\w+)"', part).group(1)
            self.functions[name] = part.splitlines()
        integer = lambda name: int(re.search(rf"\b{name} = (\d+) : i64", text).group(1))
        self.depth, self.first, self.scale = integer("mulDepth"), integer("firstModSize"), integer("scalingModSize")
        self.rotations = [int(it) for it in re.search(r"indices = array<i64: ([^>]*)>", text).group(1).split(",")]

    def call(self, name, machine, *arguments):
        """Runs a function behind its first argument, the context."""
        lines = iter(self.functions[name][1:])
        names = re.findall(r"(%\w+): ", next(lines))
        return self.block(lines, dict(zip(names[1:], arguments)), machine)

    def block(self, lines, values, machine):
        """Runs ops up to the one that returns. A loop runs its own block for each number."""
        for line in lines:
            result, op, operands, properties = OP.match(line).groups()
            taken = [values.get(it.strip()) for it in operands.split(",") if it.strip()]
            if op in ("func.return", "scf.forall.in_parallel"):
                return taken[0] if op == "func.return" else (lines, values)
            if op == "scf.forall":
                body = []
                while not (body and body[-1].startswith("    }) :")):
                    body.append(next(lines))
                number, _ = re.findall(r"(%\w+): ", body[0])
                made = []
                for at in range(int(re.search(r"staticUpperBound = array<i64: (\d+)>", properties).group(1))):
                    rest, own = self.block(iter(body[1:]), {**values, number: at}, machine)
                    inserted = OP.match(next(rest))
                    assert inserted.group(2) == "tensor.parallel_insert_slice"
                    made.append(own[inserted.group(3).split(",")[0]][0])
                values[result] = made
            else:
                values[result] = self.op(op, taken, properties or "", machine)

    @staticmethod
    def op(op, taken, properties, machine):
        match op.split("."):
            case ["arith", "constant"]:
                return constant(properties)
            case ["memref", "alloc"] | ["tensor", "empty"]:
                return {}
            case ["memref", "store"]:
                taken[1][taken[2]] = taken[0]
            case ["memref", "load"] | ["tensor", "extract"]:
                return taken[0][taken[1]]
            case ["tensor", "insert"]:
                return {**taken[1], taken[2]: taken[0]}
            case ["tensor", "from_elements"]:
                return taken
            case ["openfhe", name]:
                dropped = re.search(r"levelToDrop = (\d+)", properties)
                return getattr(machine, name)(*taken[1:], *([int(dropped.group(1))] if dropped else []))
            case _:
                sys.exit(f"the op {op} is not known here")


def constant(properties):
    """A number, or the elements of a tensor."""
    value = re.match(r"value = (.*) : (?:tensor<(?:(\d+)x)+)?(f32|f64|i32|i64|index)>?$", properties)
    text, size, kind = value.groups()
    number = float if kind.startswith("f") else int
    if not text.startswith("dense<"):
        return number(text)
    text = text.removeprefix("dense<").removesuffix(">").strip('"')
    if text.startswith("0x"):
        return np.frombuffer(bytes.fromhex(text[2:]), {"f32": "<f4", "f64": "<f8"}.get(kind, "<i8")).tolist()
    elements = [number(it) for it in text.strip("[]").split(",")]
    return elements * int(size) if len(elements) == 1 else elements


class Count:
    """Counts operations; a ciphertext is the products on the way to it."""

    def __init__(self):
        self.counts = collections.Counter()

    def unary(name):
        def count(self, depth, *_):
            self.counts[name] += 1
            return depth
        return count

    def product(name):
        def count(self, a, b):
            self.counts[name] += 1
            return max(a, b) + 1
        return count

    def make_ckks_packed_plaintext(self, numbers):
        return 0

    def fast_rotation_precompute(self, depth):
        return None

    def add_inplace(self, a, b):
        return max(a, b)

    add = sub = add_plain = add_plain_inplace = add_inplace
    rot = fast_rotation = unary("rotations")
    relin = relin_inplace = unary("relinearizations")
    mod_reduce = mod_reduce_inplace = unary("rescales")
    level_reduce = level_reduce_inplace = unary("level drops")
    mul_plain, mul_no_relin = product("plaintext products"), product("products")


class Plain:
    """The operations on plain numbers, of which rotations are cyclic."""

    SLOTS = 1024

    def make_ckks_packed_plaintext(self, numbers):
        return np.resize(np.array(numbers), self.SLOTS)

    def rot(self, value, by, digits=None):
        return np.roll(value, -by)

    def same(self, value, *_):
        return value

    def add(self, a, b):
        return a + b

    def sub(self, a, b):
        return a - b

    def mul_plain(self, a, b):
        return a * b

    fast_rotation = rot
    relin = relin_inplace = mod_reduce = mod_reduce_inplace = level_reduce = level_reduce_inplace = fast_rotation_precompute = same
    add_inplace = add_plain = add_plain_inplace = add
    mul_no_relin = mul_plain


class OpenFhe:
    """The calls of OpenFHE that HEIR's C++ makes."""

    def __init__(self, program, depth):
        params = openfhe.CCParamsCKKSRNS()
        params.SetMultiplicativeDepth(depth)
        params.SetFirstModSize(program.first)
        params.SetScalingModSize(program.scale)
        params.SetKeySwitchTechnique(openfhe.HYBRID)
        self.context = openfhe.GenCryptoContext(params)
        for feature in (openfhe.PKE, openfhe.KEYSWITCH, openfhe.LEVELEDSHE):
            self.context.Enable(feature)
        self.keys = self.context.KeyGen()
        self.context.EvalMultKeyGen(self.keys.secretKey)
        self.context.EvalRotateKeyGen(self.keys.secretKey, program.rotations)
        self.ring = self.context.GetRingDimension()
        context = self.context
        self.rot, self.mul_no_relin, self.mul_plain = context.EvalRotate, context.EvalMultNoRelin, context.EvalMult
        self.add, self.add_plain, self.sub = context.EvalAdd, context.EvalAdd, context.EvalSub
        self.mod_reduce, self.relin = context.ModReduce, context.Relinearize
        self.fast_rotation_precompute = context.EvalFastRotationPrecompute

    def make_ckks_packed_plaintext(self, numbers):
        slots = self.ring // 2
        return self.context.MakeCKKSPackedPlaintext((numbers * (slots // len(numbers) + 1))[:slots])

    def fast_rotation(self, value, by, digits):
        return self.context.EvalFastRotation(value, by, 2 * self.ring, digits)

    def add_inplace(self, value, other):
        self.context.EvalAddInPlace(value, other)
        return value

    add_plain_inplace = add_inplace

    def relin_inplace(self, value):
        self.context.RelinearizeInPlace(value)
        return value

    def mod_reduce_inplace(self, value):
        self.context.ModReduceInPlace(value)
        return value

    def level_reduce(self, value, levels):
        return self.context.LevelReduce(value, None, levels)

    def level_reduce_inplace(self, value, levels):
        self.context.LevelReduceInPlace(value, None, levels)
        return value


class Encrypted:
    """A program with its keys, an encrypted input, and encoded constants."""

    def __init__(self, program, depth, x):
        self.program, self.machine = program, OpenFhe(program, depth)
        self.constants = program.call("main__preprocessing", self.machine)
        encoded = self.machine.make_ckks_packed_plaintext(x.tolist())
        self.input = self.machine.context.Encrypt(self.machine.keys.publicKey, encoded)

    def run(self):
        """Seconds of processor time, and the result's slots."""
        argument = self.input.Clone()
        started = time.process_time()
        (result,) = self.program.call("main__preprocessed", self.machine, [argument], self.constants).values()
        seconds = time.process_time() - started
        decrypted = self.machine.context.Decrypt(result, self.machine.keys.secretKey)
        return seconds, np.array(decrypted.GetRealPackedValue())


def auto(tool, *flags):
    """The report of a tool on auto's program."""
    command = [TARGET / tool, "--json", "--preset=auto", *flags, NETWORK]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main():
    network = layers()
    text, seconds = compiled(network)
    program = Program(text)
    count = Count()
    constants = program.call("main__preprocessing", count)
    (least,) = program.call("main__preprocessed", count, [0], constants).values()
    print(f"{HEIR}: compiled in {seconds:.2f} s; " + ", ".join(f"{it} {name}" for name, it in sorted(count.counts.items())))
    print(f"{least} levels of products; its modulus has {program.depth} primes of {program.scale} bits")
    x = np.random.default_rng(1).uniform(-1, 1, network[0][0].shape[1])
    wanted = plain(network, x)
    machine = Plain()
    constants = program.call("main__preprocessing", machine)
    (slots,) = program.call("main__preprocessed", machine, [machine.make_ckks_packed_plaintext(x)], constants).values()
    print(f"on plain numbers its largest error is {np.abs(slots[: len(wanted)] - wanted).max():.1e}\n")
    if "--plain" in sys.argv[1:]:
        return
    cost = auto("he-cost")
    print("| program | levels | N | seconds | times auto's | error |\n|---|--:|--:|--:|--:|--:|")
    for what, depth in (("HEIR, only the levels of its products", least), ("HEIR, as it asks for", program.depth)):
        heir = Encrypted(program, depth, x)
        times, others = [], []
        for _ in range(RUNS):
            seconds, slots = heir.run()
            times.append(seconds)
            report = auto("he-run", "--backend=openfhe", "--random-input=1")
            others.append(report["evaluate_cpu_ms"] / 1000)
        error = np.abs(slots[: len(wanted)] - wanted).max()
        theirs, ours = statistics.median(times), statistics.median(others)
        print(f"| {what} | {depth} | 2^{heir.machine.ring.bit_length() - 1} | {theirs:.2f} | {theirs / ours:.1f} | {error:.1e} |")
        print(f"| auto | {cost['levels_used']} | 2^{cost['params']['log_n']} | {ours:.2f} | 1 | {report['observed_noise']:.1e} |", flush=True)
        del heir


if __name__ == "__main__":
    main()
