#!/usr/bin/env python3
"""Compares what he-opt and mlir-opt say of programs: accepted or refused.

    tests/conformance/compare.py                          the corpus in tests/lit/syntax/{accepted,refused}, and
                                                          tests/conformance/differences.mlir
    tests/conformance/compare.py --mutants 10000 --seed 1 random mutants of the corpus
    tests/conformance/compare.py --probe FILE             any file of programs separated by '// -----'

Every disagreement is printed, and makes the exit code 1, unless tests/conformance/differences.toml explains it; so does
an entry there that explains nothing in the corpus. Of each accepted program the generic form is also read by mlir-opt,
printed by it, and read back: the IR must be the same.

MLIR_OPT names mlir-opt (default: mlir-opt-22 or mlir-opt in PATH), HE_OPT names he-opt (default: the newest build in
CARGO_TARGET_DIR or target). Verdicts of mlir-opt are kept in the target folder by the hash of the program.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CORPUS = ROOT / "tests/lit/syntax"
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
CACHE = TARGET / "conformance-cache.json"
SPLIT = re.compile(rb"^// -----[ \t]*\r?\n", re.M)
IN_MARK, OUT_MARK = b"// ~~8<~~", "// ~~>8~~"
BATCH = 200
SECONDS = 60
THREADS = 2


def tool(variable, candidates):
    """The path of a tool, from the environment or the first candidate that exists."""
    named = os.environ.get(variable)
    found = named or next((str(c) for c in candidates if c and os.path.exists(c)), None)
    if not found:
        sys.exit(f"error: no {variable.lower().replace('_', '-')} found: set {variable}")
    return found


MLIR_OPT = tool("MLIR_OPT", [shutil.which("mlir-opt-22"), shutil.which("mlir-opt")])
BUILDS = sorted((p for p in (TARGET / k / "he-opt" for k in ("release", "debug")) if p.exists()),
                key=lambda p: -p.stat().st_mtime)
HE_OPT = tool("HE_OPT", BUILDS)
FLAGS = ["--allow-unregistered-dialect"]


def run(command, text):
    """Exit code, output and errors of a command that reads `text`."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return 124, b"", b"timed out"
    return done.returncode, done.stdout, done.stderr


def he_verdict(text, flags=()):
    """'accepted', 'refused' or 'crashed (code)' of he-opt, and what it printed."""
    code, out, err = run([HE_OPT, *FLAGS, *flags, "-"], text)
    verdict = {0: "accepted", 1: "refused"}.get(code, f"crashed ({code})")
    return verdict, out, err


def mlir_batch(texts):
    """Verdicts of mlir-opt for many programs in one process; None where the process died."""
    joined = (b"\n" + IN_MARK + b"\n").join(texts)
    command = [MLIR_OPT, *FLAGS, "--split-input-file=" + IN_MARK.decode(), "--output-split-marker=" + OUT_MARK]
    code, out, _ = run(command, joined)
    parts = out.split(OUT_MARK.encode())
    if code not in (0, 1) or len(parts) != len(texts):
        return None
    return ["accepted" if part.strip() else "refused" for part in parts]


class Mlir:
    """mlir-opt's verdicts, remembered between runs."""

    def __init__(self):
        self.known = json.loads(CACHE.read_text()) if CACHE.exists() else {}

    @staticmethod
    def key(text):
        return hashlib.sha256(text).hexdigest()[:32]

    def save(self):
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        CACHE.write_text(json.dumps(self.known))

    def one(self, text):
        code, _, _ = run([MLIR_OPT, *FLAGS, "-"], text)
        return {0: "accepted", 1: "refused"}.get(code, f"crashed ({code})")

    def verdicts(self, texts):
        """Verdicts in the order of `texts`."""
        todo = [t for t in dict.fromkeys(texts) if self.key(t) not in self.known]

        def work(batch):
            # A batch shares a process, which a crash, a NUL byte or a marker inside would confuse.
            plain = len(batch) > 1 and not any(b"\0" in t or b"// ~~" in t for t in batch)
            found = mlir_batch(batch) if plain else None
            if found is None and len(batch) > 1:
                half = len(batch) // 2
                return work(batch[:half]) + work(batch[half:])
            return found if found is not None else [self.one(batch[0])]

        batches = [todo[i:i + BATCH] for i in range(0, len(todo), BATCH)]
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            for batch, found in zip(batches, pool.map(work, batches)):
                self.known.update((self.key(t), v) for t, v in zip(batch, found))
        self.save()
        return [self.known[self.key(t)] for t in texts]


def programs(path):
    """The programs of a file with their names."""
    parts = SPLIT.split(path.read_bytes())
    return [(f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}#{i}", p) for i, p in enumerate(parts)]


def corpus():
    """Every program of the corpus: name, text, the verdict that its folder promises."""
    found = []
    for folder in ("accepted", "refused"):
        for path in sorted((CORPUS / folder).glob("*.mlir")):
            found += [(name, text, folder) for name, text in programs(path)]
    return found


class Differences:
    """What differences.toml holds, and how often each of its entries was the reason."""

    def __init__(self, path):
        self.entries = tomllib.loads(path.read_text())["difference"]
        self.used = [0] * len(self.entries)

    def explain(self, text, finding, details=b""):
        """Whether an entry explains a finding, "MLIR-OPT'S VERDICT, HE-OPT'S VERDICT" or a round trip's, on a program: its
        pattern must be in the program, and its message in the details."""
        for number, entry in enumerate(self.entries):
            if (finding in entry["findings"] and re.search(entry.get("pattern", "").encode(), text, re.M)
                    and re.search(entry.get("message", "").encode(), details, re.M)):
                self.used[number] += 1
                return True
        return False

    def unused(self):
        return [entry["reason"] for used, entry in zip(self.used, self.entries) if not used]

    def summary(self):
        lines = [f"{used:6}  {entry['reason']}" for used, entry in zip(self.used, self.entries) if used]
        return "\n".join(["explained differences:", *lines]) if lines else "no differences"


def show(name, text, mlir, ours, err=b""):
    print(f"==== {name}: mlir-opt says {mlir}, he-opt says {ours}")
    print(text.decode(errors="backslashreplace").rstrip()[:2000])
    if err:
        print("---- " + err.decode(errors="backslashreplace").rstrip()[:600].replace("\n", "\n---- "))


def compare(cases, differences, oracle):
    """Runs both tools on (name, text, promised verdict or None); the number of unexplained disagreements."""
    expected = oracle.verdicts([text for _, text, _ in cases])
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        ours = list(pool.map(lambda case: he_verdict(case[1]), cases))
    bad = 0
    for (name, text, promised), mlir, (verdict, _, err) in zip(cases, expected, ours):
        wrong_folder = promised is not None and promised != mlir
        crashed = verdict.startswith("crashed")
        differs = mlir != verdict or wrong_folder
        finding = f"{mlir.split()[0]}, {verdict}"
        if differs and (crashed or not differences.explain(text, finding, err)):
            bad += 1
            show(name + (" (wrong folder)" if wrong_folder else ""), text, mlir, verdict, err)
    return bad


def round_trip(case):
    """What is wrong when mlir-opt reads and prints our generic form; None if nothing."""
    name, text, _ = case
    ours = [HE_OPT, *FLAGS, "--print-op-generic", "--print-debuginfo", "-"]
    theirs = [MLIR_OPT, *FLAGS, "--mlir-print-op-generic", "--mlir-print-debuginfo", "-"]
    code, first, err = run(ours, text)
    if code != 0:
        return name, "he-opt refuses it", err
    code, printed, err = run(theirs, first)
    if code != 0:
        return name, "mlir-opt refuses our generic form", first + err
    code, second, err = run(ours, printed)
    if code != 0:
        return name, "he-opt refuses what mlir-opt prints", printed + err
    # mlir-opt leaves out resources that nothing uses.
    if first.split(b"\n{-#")[0] != second.split(b"\n{-#")[0]:
        return name, "the IR differs after mlir-opt", first + b"--------\n" + second
    code, pretty, err = run([HE_OPT, *FLAGS, "--print-debuginfo", "-"], text)
    code, third, err = run(ours, pretty)
    if third != first:
        return name, "the pretty form reads differently", first + b"--------\n" + third + err
    return None


def round_trips(cases, differences):
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for case, result in zip(cases, pool.map(round_trip, cases)):
            if result and not differences.explain(case[1], result[1], result[2]):
                bad += 1
                print(f"==== {result[0]}: {result[1]}")
                print(result[2].decode(errors="backslashreplace")[:3000])
    return bad


# ---- mutants

TOKEN = re.compile(rb'//[^\n]*|"(?:[^"\\\n]|\\.)*"|[%^#!@]?[A-Za-z0-9_$.]+|->|::|\s+|.', re.S)


def tokens(text):
    return TOKEN.findall(re.sub(rb"^\s*//[^\n]*\n", b"", text, flags=re.M))


def mutate(rng, texts):
    """One random change, or a few, of a random program."""
    parts = tokens(rng.choice(texts))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not parts:
            break
        at = rng.randrange(len(parts))
        kind = rng.randrange(8)
        if kind == 0:
            del parts[at]
        elif kind == 1:
            parts.insert(at, parts[at])
        elif kind == 2:
            other = rng.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        elif kind == 3:
            parts[at] = rng.choice(tokens(rng.choice(texts)) or [b"x"])
        elif kind == 4:
            parts.insert(at, rng.choice(tokens(rng.choice(texts)) or [b"x"]))
        elif kind == 5 and parts[at]:
            token = bytearray(parts[at])
            token[rng.randrange(len(token))] = rng.choice(b" \"#%^@!<>(){}[]:,=-+*?._$/0123456789abxefiZ\\")
            parts[at] = bytes(token)
        elif kind == 6:
            digits = [i for i, t in enumerate(parts) if any(48 <= c < 58 for c in t)]
            if digits:
                i = rng.choice(digits)
                parts[i] = re.sub(rb"\d+", lambda m: str(rng.choice(
                    (0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 2**31, 2**32, 2**63, 2**64, int(m[0][:9]) + 1,
                     int(m[0][:9]) - 1))).encode(), parts[i], count=1)
        else:
            other = tokens(rng.choice(texts))
            parts = parts[:at] + other[rng.randrange(len(other)):] if other else parts
    return b"".join(parts)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mutants", type=int, default=0, metavar="N", help="compare N random mutants")
    arguments.add_argument("--seed", type=int, default=0, help="of the mutants")
    arguments.add_argument("--probe", action="append", default=[], help="compare the programs of a file")
    arguments.add_argument("--show", action="store_true", help="with --probe: print every verdict and our errors")
    arguments.add_argument("--round-trip", action="store_true", help="with --probe: also round trips")
    options = arguments.parse_args()
    differences = Differences(HERE / "differences.toml")
    oracle = Mlir()
    if options.probe:
        cases = [(n, t, None) for p in options.probe for n, t in programs(pathlib.Path(p).resolve())]
        bad = compare(cases, differences, oracle)
        accepted = [c for c in cases if oracle.known[oracle.key(c[1])] == "accepted"]
        if options.show:
            for name, text, _ in cases:
                if oracle.known[oracle.key(text)] == "refused":
                    show(name, text, "refused", *he_verdict(text)[::2])
        if options.round_trip:
            bad += round_trips([c for c in accepted if he_verdict(c[1])[0] == "accepted"], differences)
        print(f"{len(cases)} programs, {len(accepted)} accepted: {bad} unexplained disagreements")
    elif options.mutants:
        rng = random.Random(options.seed)
        texts = [text for _, text, _ in corpus()]
        cases = [(f"mutant {i}", mutate(rng, texts), None) for i in range(options.mutants)]
        bad = compare(cases, differences, oracle)
        accepted = sum(oracle.known[oracle.key(c[1])] == "accepted" for c in cases)
        print(f"{len(cases)} mutants, {accepted} accepted: {bad} unexplained disagreements")
    else:
        cases = corpus()
        bad = compare(cases, differences, oracle)
        accepted = [case for case in cases if case[2] == "accepted"]
        bad += round_trips(accepted, differences)
        bad += compare([(n, t, None) for n, t in programs(HERE / "differences.mlir")], differences, oracle)
        for reason in differences.unused():
            bad += 1
            print(f"==== differences.toml: no program shows this: {reason}")
        print(f"{len(accepted)} accepted and {len(cases) - len(accepted)} refused programs: "
              f"{bad} unexplained disagreements")
    print(differences.summary())
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
