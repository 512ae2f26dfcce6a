class Cleartext:
    """What the program computes, on plain numbers in double precision: what the decrypted slots are compared with.

    It knows nothing of primes: neither what they are off by nor what makes up for it.
    """

    def encode(self, values, **_):
        return np.resize(values, SLOTS)

    def rotate(self, x, *, by):
        return np.roll(x, -by)

    def rotate_hoisted(self, x, digits, *, by):
        return np.roll(x, -by)

    rotate_ext = rotate_hoisted

    def same(self, x, **_):
        return x

    encrypt = decrypt = relinearize = rescale = level_drop = bootstrap = conjugate = mod_up = mod_down = same

    def add(self, x, y):
        return x + y

    add_ext = add_plain = add

    def sub(self, x, y):
        return x - y

    sub_plain = sub

    def neg(self, x):
        return -x

    def mul(self, x, y):
        return x * y

    mul_plain = mul

    def add_scalar(self, x, *, value, **_):
        return x + value

    def mul_scalar(self, x, *, value, **_):
        return x * value


def setup():
    """Context and keys: only the rotation keys that the program uses."""
    return Backend()


def array_of(name):
    """A vector of the program."""
    return PLAIN[name]


def layout(flat, indices):
    """The slots of a ciphertext from the elements of a tensor; index -1 is a zero."""
    return np.resize(np.append(flat, 0.0)[indices], SLOTS)


def encrypt(he, inputs):
    """Encrypts one array for each of INPUTS, but plain ones; yields the arguments of `evaluate`."""
    ciphertexts = []
    for spec, array in zip(INPUTS, inputs, strict=True):
        flat = np.asarray(array, dtype=float).reshape(-1)
        if flat.size != math.prod(spec["shape"]):
            raise ValueError(f"an input has {flat.size} elements, expected the shape {spec['shape']}")
        if spec.get("plain"):
            ciphertexts.append(flat)
            continue
        for indices, level, scale in spec["ciphertexts"]:
            plain = he.encode(layout(flat, array_of(indices)), level=level, scale=scale)
            ciphertexts.append(he.encrypt(plain))
    return ciphertexts


def random_inputs(seed):
    """One array for each of INPUTS, uniform in its range: those of he-run for the same seed (SplitMix64)."""
    inputs, drawn = [], 0
    for spec in INPUTS:
        (low, high), count = spec["range"], math.prod(spec["shape"])
        z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15) * np.arange(drawn + 1, drawn + count + 1, dtype=np.uint64)
        drawn += count
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        unit = (z >> np.uint64(11)).astype(float) / 2.0**53
        inputs.append((low + (high - low) * unit).reshape(spec["shape"]))
    return inputs


def outside(inputs):
    """A line for each input with elements outside of its range: the program holds for inputs in range only."""
    lines = []
    for number, (spec, array) in enumerate(zip(INPUTS, inputs, strict=True)):
        low, high = spec["range"]
        slack = 1e-6 * max(abs(low), abs(high))
        flat = np.asarray(array, dtype=float).reshape(-1)
        wrong = np.flatnonzero((flat < low - slack) | (flat > high + slack))
        if wrong.size:
            element = [int(index) for index in np.unravel_index(wrong[0], spec["shape"])]
            more = f", and {wrong.size - 1} more are outside" if wrong.size > 1 else ""
            lines.append(
                f"input #{number}: element {element} is {flat[wrong[0]]:g}, outside of its range "
                f"[{low:g}, {high:g}]{spec['stated']}{more}"
            )
    return lines


def evaluate(he, ciphertexts, progress=False):
    """The program itself: from encrypted arguments to encrypted results."""
    live = {f"a{index}": ciphertext for index, ciphertext in enumerate(ciphertexts)}
    for part in track(PARTS) if progress else PARTS:
        part(he, live)
    return [live[name] for name in RESULTS]


def decrypt(he, results):
    """Decrypts; yields one array for each of OUTPUTS."""
    return read_outputs(decrypt_slots(he, results))


def decrypt_slots(he, results):
    """The slots of each result."""
    return [correction * he.decrypt(result) for correction, result in zip(CORRECTIONS, results, strict=True)]


def read_outputs(slots):
    outputs, slots = [], list(slots)
    for spec in OUTPUTS:
        width = spec["width"]
        flat, slots = np.concatenate(slots[:width]), slots[width:]
        outputs.append(flat[array_of(spec["indices"])].reshape(spec["shape"]))
    return outputs


def track(parts):
    """A progress bar on runs over three seconds, where tqdm is installed and someone looks on."""
    try:
        from tqdm import tqdm
    except ImportError:
        return parts
    return tqdm(parts, desc="evaluate", unit="part", delay=3, disable=None, leave=False)


def timed_evaluation(he, ciphertexts):
    """One evaluation, and what it took without the encoding of plaintexts."""
    he.encode_seconds = he.encode_cpu_seconds = 0.0
    with Clock() as clock:
        results = evaluate(he, ciphertexts, progress=True)
    encode_ms, encode_cpu_ms = 1e3 * he.encode_seconds, 1e3 * he.encode_cpu_seconds
    times = {
        "evaluate_ms": clock.wall_ms - encode_ms,
        "evaluate_cpu_ms": clock.cpu_ms - encode_cpu_ms,
        "encode_ms": encode_ms,
        "encode_cpu_ms": encode_cpu_ms,
    }
    return results, times


def run(inputs, repeat=1):
    """Everything once, the evaluation `repeat` times; yields a report."""
    with Clock() as setup_clock:
        he = setup()
    with Clock() as encrypt_clock:
        ciphertexts = encrypt(he, inputs)
    before = resident_bytes()
    peak_bytes(reset=True)
    runs = []
    for _ in range(repeat):
        results = None
        results, times = timed_evaluation(he, ciphertexts)
        runs.append(times)
    peak = peak_bytes()
    with Clock() as decrypt_clock:
        slots = decrypt_slots(he, results)
    outputs = read_outputs(slots)
    clear = Cleartext()
    wanted = evaluate(clear, encrypt(clear, inputs))
    noise = np.concatenate([a - b for a, b in zip(slots, wanted)])
    middle = lambda name: sorted(times[name] for times in runs)[len(runs) // 2]
    return {
        "outputs": [output.tolist() for output in outputs],
        "observed_noise": float(np.abs(noise).max()),
        "observed_noise_std": float(np.sqrt(np.mean(noise**2))),
        "backend": he.NAME,
        "library": he.library,
        "security": he.security,
        "moduli": he.moduli,
        "log_p": he.log_p,
        "log_qp": round(sum(map(math.log2, he.moduli)) + sum(he.log_p)),
        "setup_ms": setup_clock.wall_ms,
        "encrypt_ms": encrypt_clock.wall_ms,
        "decrypt_ms": decrypt_clock.wall_ms,
        **{name: middle(name) for name in runs[0]},
        "evaluations": runs,
        "key_bytes": he.memory_after_keys - he.memory_before_keys,
        "resident_bytes": before,
        "peak_bytes": peak,
        "evaluation_bytes": max(0, peak - before),
    }


def read_array(path):
    if path.endswith(".npy"):
        return np.load(path, allow_pickle=False)
    with open(path) as file:
        return np.array(json.load(file), dtype=float)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", metavar="FILE", action="append", help="an input, .json or .npy; one for each argument")
    parser.add_argument("--random-input", metavar="SEED", type=int, default=0, help="random inputs in their ranges, those of he-run")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--repeat", metavar="COUNT", type=int, default=1, help="evaluations; times are their median")
    arguments = parser.parse_args()
    if arguments.repeat < 1:
        parser.error("--repeat must be at least 1")
    if arguments.input is not None:
        if len(arguments.input) != len(INPUTS):
            parser.error(f"the program takes {len(INPUTS)} inputs, but {len(arguments.input)} are given")
        inputs = [read_array(path) for path in arguments.input]
    else:
        if not 0 <= arguments.random_input < 2**64:
            parser.error("--random-input must be a whole number from 0")
        inputs = random_inputs(arguments.random_input)
    for spec, array in zip(INPUTS, inputs):
        if array.size != math.prod(spec["shape"]):
            parser.error(f"an input has {array.size} elements, expected the shape {spec['shape']}")
    # he-run, which reads the report, has looked at the inputs itself.
    for line in [] if arguments.json else outside(inputs):
        print(f"warning: {line}", file=sys.stderr)
    report = run(inputs, arguments.repeat)
    if arguments.json:
        print(json.dumps(report))
        return
    for output in report["outputs"]:
        print("output:", output)
    print(f"error against the program on plain numbers: {report['observed_noise']:.3e}")
    print(f"{report['library']}, security {report['security']}, {report['log_qp']} bits of Q*P at N = {N}")
    print(f"evaluation: {report['evaluate_ms']:.1f} ms, encoding of plaintexts: {report['encode_ms']:.1f} ms")


if __name__ == "__main__":
    main()
