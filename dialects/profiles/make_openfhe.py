#!/usr/bin/env python3
"""Makes openfhe.json, the cost profile, out of openfhe_latency.json, the measurements.

Run it in any directory; both files stand beside it. Standard library only.
"""

import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent

# Names in the measurements -> names in the cost report.
MEASURED = {
    "add": "add",
    "add_plain": "add_plain",
    "sub": "sub",
    "mul_norelin": "mul",
    "mul_plain": "mul_plain",
    "mul_scalar": "mul_scalar",
    "rotate": "rotate",
    "rotate_hoisted_each": "rotate_hoisted",
    "hoist_precompute": "mod_up",
    "relinearize": "relinearize",
    "rescale": "rescale",
    "level_drop_1": "level_drop",
    "encode": "encode",
    "encrypt_pk": "encrypt",
    "decrypt": "decrypt",
}

# Not measured by itself: the same work on the same number of limbs as another operation.
SAME_AS = {
    "add_scalar": "add_plain",
    "conjugate": "rotate",
    "neg": "sub",
    "sub_plain": "add_plain",
}

# A hoisted rotation is an inner product with the key and one ModDown. The two were measured apart at N = 2^15 with
# 12 limbs only: 10-15 ms and 17-27 ms. Their midpoints give each part's share of the hoisted rotation.
INNER_PRODUCT_MS = (10 + 15) / 2
MOD_DOWN_MS = (17 + 27) / 2
INNER_PRODUCT_SHARE = INNER_PRODUCT_MS / (INNER_PRODUCT_MS + MOD_DOWN_MS)

# OpenFHE bootstraps with usable precision with this secret only.
BOOTSTRAP_SECRET = "SPARSE_ENCAPSULATED"
# OpenFHE refuses a bootstrap of fewer than two limbs.
BOOTSTRAP_MIN_LEVEL = 1

NOTE = (
    "Made by make_openfhe.py out of openfhe_latency.json; do not edit. Process CPU time in ms, one thread. "
    "mod_up is the hoisting precomputation. rotate_ext and mod_down split a hoisted rotation "
    f"{INNER_PRODUCT_SHARE:.3f} : {1 - INNER_PRODUCT_SHARE:.3f}, the shares measured at N = 2^15 with 12 limbs. "
    "same_as names operations that were not measured by themselves. bootstrap points are [limbs of a fresh "
    "ciphertext, ms]."
)


def curves(rows):
    """op -> log_n -> sorted [limbs, ms]."""
    latency = {}
    for row in rows:
        op = MEASURED.get(row["op"])
        if op is not None:
            by_degree = latency.setdefault(op, {})
            by_degree.setdefault(str(row["log_n"]), []).append([row["limbs"], row["cpu_ms"]])
    for op, share in (("rotate_ext", INNER_PRODUCT_SHARE), ("mod_down", 1 - INNER_PRODUCT_SHARE)):
        latency[op] = {
            log_n: [[limbs, round(ms * share, 4)] for limbs, ms in points]
            for log_n, points in latency["rotate_hoisted"].items()
        }
    for by_degree in latency.values():
        for points in by_degree.values():
            points.sort()
    return latency


def contexts(rows):
    """log_n -> the context that was measured there."""
    found = {}
    for row in rows:
        context = {"limbs": row["depth"] + 1, "dnum": row["dnum"], "prime_bits": row["scale_bits"]}
        assert found.setdefault(str(row["log_n"]), context) == context, "one context for each log_n"
    return found


def bootstrap(entries):
    """The bootstraps of the one usable secret, and the levels they cost."""
    used = [entry for entry in entries if entry["secret"] == BOOTSTRAP_SECRET]
    # The result carries scale^2: the rescale that follows takes one of out_limbs.
    levels = {entry["depth"] - (entry["out_limbs"] - 2) for entry in used}
    assert len(levels) == 1, levels
    points, where, error = {}, {}, {}
    for entry in used:
        log_n, limbs = str(entry["log_n"]), entry["depth"] + 1
        points.setdefault(log_n, []).append([limbs, entry["cpu_ms"]])
        where[log_n] = {"limbs": limbs, "dnum": entry["dnum"], "prime_bits": entry["scale_bits"]}
        error[log_n] = entry["maxerr"]
    return {
        "levels": levels.pop(),
        "min_level": BOOTSTRAP_MIN_LEVEL,
        "secret": "sparse_encapsulated",
        "contexts": where,
        "latency_ms": points,
        "max_error": error,
    }


def render(value, depth=0):
    """JSON with one curve a line, so that a change of one measurement is a change of one line."""
    flat = json.dumps(value)
    if not isinstance(value, dict) or all(not isinstance(v, (dict, list)) for v in value.values()):
        return flat
    pad = "  " * (depth + 1)
    items = [f"{pad}{json.dumps(key)}: {render(item, depth + 1)}" for key, item in value.items()]
    return "{\n" + ",\n".join(items) + "\n" + "  " * depth + "}"


def main():
    data = json.loads((HERE / "openfhe_latency.json").read_text())
    profile = {
        "name": "openfhe",
        "note": NOTE,
        "library": data["library"],
        "machine": data["machine"],
        "contexts": contexts(data["rows"]),
        "latency_ms": dict(sorted(curves(data["rows"]).items())),
        "same_as": SAME_AS,
        "bootstrap": bootstrap(data["bootstrap"]),
    }
    (HERE / "openfhe.json").write_text(render(profile) + "\n")


if __name__ == "__main__":
    main()
