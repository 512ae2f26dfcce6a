# Rounds that are measured at least.
LEAST_ROUNDS = 3
# Calls of one operation in a row, on different operands and with all results alive, as in a program.
BATCH = 4
# Calls that take longer than this are measured one by one.
LONG_SECONDS = 0.02


class Operands:
    """What the operations work on, at one number of limbs."""

    def __init__(self, he, limbs):
        self.level = limbs - 1
        # SEAL refuses a scale that reaches the modulus: one limb has no room for a product at the full scale.
        self.scale = LOG_SCALE // 2 if he.NAME == "seal" and limbs == 1 else LOG_SCALE
        random = np.random.default_rng(limbs)
        self.vectors = [random.uniform(-1, 1, SLOTS) for _ in range(BATCH)]
        self.plains = [self.encoded(he, vector) for vector in self.vectors]
        self.ciphertexts = [he.encrypt(plain) for plain in self.plains]
        self.products = [he.mul(x, y) for x, y in zip(self.ciphertexts, self.ciphertexts[1:] + self.ciphertexts[:1])]
        # Decompositions are large: two are enough.
        self.digits = [he.mod_up(x) for x in self.ciphertexts[:2]]
        self.extended = [he.rotate_ext(x, d, by=ROTATIONS[0]) for x, d in zip(self.ciphertexts, self.digits)]

    def encoded(self, he, vector):
        return he.encode(vector, level=self.level, scale=self.scale)


def stated(method, **facts):
    """The method with those of the facts that it takes."""
    names = inspect.signature(method).parameters
    return lambda *operands: method(*operands, **{name: fact for name, fact in facts.items() if name in names})


def calls(he, at):
    """Operation -> the calls of one batch, as functions of nothing. Plaintexts are encoded anew, as in a program."""
    xs, ys = at.ciphertexts, at.ciphertexts[1:] + at.ciphertexts[:1]
    plains = [at.encoded(he, vector) for vector in at.vectors]
    pairs, steps = list(zip(xs, ys)), (ROTATIONS * BATCH)[:BATCH]
    number = {"value": 0.7, "level": at.level, "scale": at.scale, "log_scale": at.scale}
    each = lambda method, operands: [lambda args=args: method(*args) for args in operands]
    single = [(x,) for x in xs]
    table = {
        "add": each(he.add, pairs),
        "sub": each(he.sub, pairs),
        "neg": each(he.neg, single),
        "add_plain": each(he.add_plain, zip(xs, plains)),
        "sub_plain": each(he.sub_plain, zip(xs, plains)),
        "add_scalar": each(stated(he.add_scalar, **number), single),
        "mul": each(he.mul, pairs),
        "mul_plain": each(he.mul_plain, zip(xs, plains)),
        "mul_scalar": each(stated(he.mul_scalar, **number), single),
        "relinearize": each(he.relinearize, [(x,) for x in at.products]),
        "rotate": [lambda x=x, by=by: he.rotate(x, by=by) for x, by in zip(xs, steps)],
        "mod_up": each(he.mod_up, single),
        "rotate_hoisted": [
            lambda x=x, d=d, by=by: he.rotate_hoisted(x, d, by=by) for x, d, by in zip(xs, at.digits, steps)
        ],
        "rotate_ext": [lambda x=x, d=d, by=by: he.rotate_ext(x, d, by=by) for x, d, by in zip(xs, at.digits, steps)],
        "mod_down": each(he.mod_down, [(x,) for x in at.extended]),
        "encode": each(lambda vector: at.encoded(he, vector), [(vector,) for vector in at.vectors]),
        "encrypt": each(he.encrypt, [(plain,) for plain in plains]),
        "decrypt": each(he.decrypt, single),
    }
    if CONJUGATES:
        table["conjugate"] = each(he.conjugate, single)
    if at.level > 0:
        rescaled = stated(he.rescale, level=at.level - 1, scale=at.scale)
        table["rescale"] = each(rescaled, [(he.mul_plain(x, plain),) for x, plain in zip(xs, plains)])
        table["level_drop"] = each(stated(he.level_drop, levels=1), single)
    return table


class Medians:
    """CPU and wall times of calls, by operation and limbs."""

    def __init__(self):
        self.times = {}

    def measure(self, key, batch):
        """One batch: all calls in a row, or one by one where they are long."""
        known = self.times.setdefault(key, [])
        count = len(batch)
        if known and known[0][0] > 1e3 * LONG_SECONDS:
            batch, count = [batch[len(known) % count]], 1
        with Clock() as clock:
            results = [call() for call in batch]
        del results
        known.append((clock.cpu_ms / count, clock.wall_ms / count))

    def curves(self, which):
        """Operation -> [[limbs, ms]]: the middle one of the measurements, without the first where there are more."""
        curves = {}
        for (op, limbs), times in sorted(self.times.items()):
            kept = sorted(time[which] for time in (times[1:] or times))
            middle = (kept[(len(kept) - 1) // 2] + kept[len(kept) // 2]) / 2
            curves.setdefault(op, []).append([limbs, round(middle, 5)])
        return curves


def working_bytes(he, at):
    """What a key switch needs for itself while it runs: the most of several."""
    most = 0
    for x in at.products[:2]:
        before = resident_bytes()
        peak_bytes(reset=True)
        result = he.relinearize(x)
        most = max(most, peak_bytes() - before)
        del result
    return most


def progress_bar():
    """Over the seconds of processor time, where tqdm is installed and someone looks on."""
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(total=SECONDS, desc=TITLE, unit="s", disable=None, leave=False)


def main():
    libraries_bytes = resident_bytes()
    he = Backend()
    keys = len(ROTATIONS) + 1 + CONJUGATES
    key_bytes = (he.memory_after_keys - he.memory_before_keys) / keys
    base_bytes = he.memory_before_keys
    points = [Operands(he, limbs) for limbs in MEASURED_LIMBS]
    working = working_bytes(he, points[-1])
    medians, rounds, bar = Medians(), 0, progress_bar()
    start = time.process_time()
    # Every round measures everything once: a slow minute of the machine meets all operations alike.
    while rounds < LEAST_ROUNDS or time.process_time() - start < SECONDS:
        for at in points:
            for op, batch in calls(he, at).items():
                medians.measure((op, at.level + 1), batch)
            if bar is not None:
                bar.update(min(round(time.process_time() - start), SECONDS) - bar.n)
        rounds += 1
    if bar is not None:
        bar.close()
    report = {
        "library": he.library,
        "log_p": he.log_p,
        "rounds": rounds,
        "latency_ms": medians.curves(0),
        "wall_ms": medians.curves(1),
        "key_bytes": round(key_bytes),
        "base_bytes": base_bytes,
        "libraries_bytes": libraries_bytes,
        "working_bytes": working,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
