#!/usr/bin/env python3
"""Predicted against measured: every example and preset, encrypted on OpenFHE and SEAL.

    benches/predicted.py                                  # calibrates, runs everything, writes docs/predicted.md
    benches/predicted.py --backend=seal --example=mlp     # less
    benches/predicted.py --table                          # only writes the table again

Each program gets the shortest chain of primes that it fits and the smallest ring that is 128-bit secure with it; what
fits no ring of the library is left out, and listed. The ring is calibrated first, unless that was done in the last half
hour. Rows are kept in --rows as they come, so that an interrupted run goes on where it was.
Run it in a folder of the project; needs `cargo build --release`, tools/backends/setup.sh and the standard library.
"""

import argparse
import datetime
import json
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = ["mlp_10_20_10", "mlp", "mlp_5x32", "mlp_10x32"]
PRESETS = ["baseline", "bsgs", "lazy", "bsgs-lazy", "full", "auto"]
BACKENDS = ["seal", "openfhe"]
# The scale of the comparison of presets, and those at which the noise is compared too.
SCALE, SCALES = 40, [30, 40, 50]
NOISE_PRESET = "bsgs-lazy"
# Where `full` refreshes: OpenFHE's largest ring with its own table of security, and as many primes as are secure there.
FULL_SCALE, FULL_LOG_N = 55, 16
FULL = [f"--poly-modulus-degree={1 << FULL_LOG_N}", f"--coeff-modulus=60,{FULL_SCALE}x24", f"--scale=2^{FULL_SCALE}", "--dnum=5", "--slots=1024"]
# The most memory that a run may take, in bytes.
MOST_BYTES = 12 << 30
LARGEST = {"seal": 15, "openfhe": 17}
# Programs that take longer are evaluated once.
LONG_MS = 5000
# The longest program that is run.
MOST_MS = 500_000


def tool(name, arguments, wanted=True):
    """Runs a tool of the release build; its JSON, or None where it fails."""
    path = pathlib.Path(ARGUMENTS.target) / name
    done = subprocess.run([path, *arguments], capture_output=True, text=True, cwd=ROOT / "examples")
    if done.returncode != 0:
        if wanted:
            raise SystemExit(f"{name} {' '.join(arguments)}\n{done.stderr}")
        return None
    return json.loads(done.stdout) if done.stdout.strip() else {}


def calibration(backend, log_n, bootstraps):
    """The profile of this machine for a ring: a recent one, or a new one."""
    path = pathlib.Path(ARGUMENTS.rows).parent / f"calibration-{backend}-{log_n}{'-bootstrap' if bootstraps else ''}.json"
    if not path.exists() or time.time() - path.stat().st_mtime > ARGUMENTS.fresh:
        print(f"  calibrating {backend} at 2^{log_n}", file=sys.stderr)
        # A file that is older than the library's figures must not survive a failed calibration.
        path.unlink(missing_ok=True)
        plan = [f"--log-n={log_n}", f"--seconds={ARGUMENTS.seconds}", f"--bootstrap-log-n={log_n if bootstraps else 0}"]
        tool("he-cost", ["calibrate", f"--backend={backend}", *plan, "-o", str(path)])
    return path


def flags_of(backend, example, preset, scale):
    """Parameters that fit, from the smallest ring upwards: log2 N and the flags."""
    if preset == "full":
        yield FULL_LOG_N, [f"--preset={preset}", *FULL]
        return

    def cost(log_n, first, primes):
        flags = [
            f"--preset={preset}",
            f"--poly-modulus-degree={1 << log_n}",
            f"--coeff-modulus={first},{scale}x{primes}",
            f"--scale=2^{scale}",
        ]
        return flags, tool("he-cost", ["--json", f"--profile={backend}", "--bootstrap-levels=0", *flags, f"{example}.mlir"], wanted=False)

    _, long = cost(16, 60, 80)
    if long is None:
        return
    for primes in (long["levels_used"], long["levels_used"] + 1):
        for log_n in range(13, LARGEST[backend] + 1):
            for first in (60, 58):
                flags, report = cost(log_n, first, primes)
                if report is None or report["params"]["security_bits"] < 128:
                    continue
                if report["process_bytes"] <= MOST_BYTES and report["latency_ms"] <= MOST_MS:
                    yield log_n, flags
                break


def measured(backend, example, preset, scale):
    """One row: what he-cost predicts and what a run on the library measures."""
    key = {"backend": backend, "example": example, "preset": preset, "scale": scale}
    for log_n, flags in flags_of(backend, example, preset, scale):
        profile = calibration(backend, log_n, preset == "full")
        cost = tool("he-cost", ["--json", f"--profile={profile}", *flags, f"{example}.mlir"])
        # The first evaluation touches new memory: it counts for little in a long program, and is one of three in a short one.
        repeat = 1 if cost["latency_ms"] > LONG_MS else 3
        # What auto makes depends on the profile.
        arguments = ["--json", f"--backend={backend}", f"--profile={profile}", "--random-input=1", f"--repeat={repeat}"]
        # A library's own table of security may ask for a larger ring.
        run = tool("he-run", [*arguments, *flags, f"{example}.mlir"], wanted=False)
        if run is not None:
            return key | row_of(flags, cost, run, profile)
    return key


def row_of(flags, cost, run, profile):
    params = cost["params"]
    return {
        "log_n": params["log_n"],
        "limbs": len(params["log_q"]),
        "log_qp": params["log_qp"],
        "coeff_modulus": next(flag.split("=")[1] for flag in flags if flag.startswith("--coeff-modulus")),
        "library": run["library"],
        "security": run["security"],
        "latency_ms": [cost["latency_ms"], run["evaluate_cpu_ms"]],
        "wall_ms": run["evaluate_ms"],
        "process_bytes": [cost["process_bytes"], run["peak_bytes"]],
        "key_bytes": [cost["key_bytes"], run["key_bytes"]],
        "noise": [run["predicted_noise"], run["observed_noise"]],
        "noise_std": [run["predicted_noise_std"], run["observed_noise_std"]],
        "extrapolated": cost["extrapolated"],
        "max_abs_error": run["max_abs_error"],
        "profile_age_s": round(time.time() - profile.stat().st_mtime),
    }


def wanted_rows():
    for backend in ARGUMENTS.backend or BACKENDS:
        for example in ARGUMENTS.example or EXAMPLES:
            for preset in ARGUMENTS.preset or PRESETS:
                if preset == "full" and backend != "openfhe":
                    continue
                scales = {NOISE_PRESET: SCALES, "full": [FULL_SCALE]}.get(preset, [SCALE])
                for scale in ARGUMENTS.scale or scales:
                    yield backend, example, preset, scale


def same(row, key):
    return (row["backend"], row["example"], row["preset"], row["scale"]) == key


def error(pair):
    """Predicted over measured, as a signed share."""
    return pair[0] / pair[1] - 1


def mib(count):
    return f"{count / (1 << 20):,.0f}"


def table(rows):
    done = [row for row in rows if "log_n" in row]
    out = ["# Predicted against measured", ""]
    out += [
        "Written by `benches/predicted.py`; do not edit. Each program runs encrypted, at 128-bit secure parameters, on the",
        "machine that `he-cost calibrate` had measured within the hour before; no program takes part in the calibration.",
        "Latency is processor time on one thread, without the encoding of plaintexts. Memory is the peak of the process,",
        "keys included. Every pair is predicted / measured.",
        "",
    ]
    errors = {}
    out += [
        "| library | program | preset | N | primes | latency, s | off by | memory, MiB | off by | keys, MiB | off by |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in done:
        latency, memory, keys = row["latency_ms"], row["process_bytes"], row["key_bytes"]
        cells = [row["backend"], row["example"], row["preset"], f"2^{row['log_n']}", row["coeff_modulus"]]
        cells += [f"{latency[0] / 1e3:.2f} / {latency[1] / 1e3:.2f}", f"{100 * error(latency):+.0f} %"]
        cells += [f"{mib(memory[0])} / {mib(memory[1])}", f"{100 * error(memory):+.0f} %"]
        cells += [f"{mib(keys[0])} / {mib(keys[1])}", f"{100 * error(keys):+.0f} %"]
        out.append("| " + " | ".join(cells) + " |")
        for name, pair in (("latency", latency), ("memory", memory), ("keys", keys)):
            errors.setdefault(name, []).append(abs(error(pair)))
    out.append("")
    for name, list_ in errors.items():
        out.append(f"- {name}: median error {100 * statistics.median(list_):.1f} %, worst {100 * max(list_):.1f} % of {len(list_)}")
    out += ["", "## Noise", ""]
    out += [
        "Observed in one run (one key) against predicted: the root mean square of the errors of all slots, and the largest. The",
        "largest often is that of slot 0, proportional to one number of the secret key, so that one key in eight leaves less",
        "than a quarter of the middle one. Bold is outside of 1/4 to 4.",
        "",
        "| library | program | preset | N | primes | scale | predicted rms | observed rms | ratio | predicted largest | observed largest | ratio |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in done:
        cells = [row["backend"], row["example"], row["preset"], f"2^{row['log_n']}", str(row["limbs"]), f"2^{row['scale']}"]
        for predicted, observed in (row["noise_std"], row["noise"]):
            ratio = observed / predicted
            shown = f"{ratio:.2f}" if 0.25 <= ratio <= 4 else f"**{ratio:.2f}**"
            cells += [f"{predicted:.1e}", f"{observed:.1e}", shown]
        out.append("| " + " | ".join(cells) + " |")
    missing = [row for row in rows if "log_n" not in row]
    if missing:
        out += ["", "## What does not fit", ""]
        out += [f"- {row['backend']}, {row['example']}, {row['preset']}, scale 2^{row['scale']}" for row in missing]
        out += ["", f"No secure ring of the library (SEAL's own table ends at 2^15), more than {MOST_BYTES >> 30} GiB, or more than {MOST_MS // 1000} s."]
    machines = sorted({row["library"] for row in done})
    out += ["", f"{', '.join(machines)}; {machine()}; {datetime.date.today().isoformat()}.", ""]
    return "\n".join(out)


def machine():
    info = pathlib.Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def main():
    path = pathlib.Path(ARGUMENTS.rows)
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    if not ARGUMENTS.table:
        path.parent.mkdir(parents=True, exist_ok=True)
        todo = [key for key in wanted_rows() if not any(same(row, key) for row in rows)]
        for index, key in enumerate(todo):
            print(f"{index + 1} of {len(todo)}: {' '.join(map(str, key))}", file=sys.stderr)
            row = measured(*key)
            rows.append(row)
            with path.open("a") as file:
                file.write(json.dumps(row) + "\n")
    order = list(wanted_rows())
    rows = sorted((row for row in rows if any(same(row, key) for key in order)), key=lambda row: next(i for i, key in enumerate(order) if same(row, key)))
    text = table(rows)
    if ARGUMENTS.output == "-":
        print(text)
    else:
        pathlib.Path(ARGUMENTS.output).write_text(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    many = {"action": "append"}
    parser.add_argument("--backend", choices=BACKENDS, **many)
    parser.add_argument("--example", choices=EXAMPLES, **many)
    parser.add_argument("--preset", choices=PRESETS, **many)
    parser.add_argument("--scale", type=int, **many)
    parser.add_argument("--fresh", type=int, default=1800, help="seconds for which a calibration of a ring counts")
    parser.add_argument("--seconds", type=int, default=20, help="processor time for each chain of a calibration")
    parser.add_argument("--rows", default=str(ROOT / "target" / "predicted" / "rows.jsonl"), help="where rows are kept")
    parser.add_argument("--target", default=str(ROOT / "target" / "release"), help="where the tools are")
    parser.add_argument("--table", action="store_true", help="write the table of the rows that are there")
    parser.add_argument("-o", "--output", default=str(ROOT / "docs" / "predicted.md"))
    ARGUMENTS = parser.parse_args()
    main()
