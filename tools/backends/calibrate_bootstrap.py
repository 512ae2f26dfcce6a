def main():
    he = Backend()
    level = len(LOG_Q) - 1
    values = np.random.default_rng(1).uniform(-1, 1, SLOTS)
    # Two limbs are left, as after the last product of a stretch.
    x = he.level_drop(he.encrypt(he.encode(values, level=level, scale=LOG_SCALE)), levels=level - 1)
    times, errors = [], []
    for _ in range(REPEAT):
        with Clock() as clock:
            refreshed = he.bootstrap(x, level=0)
        times.append((clock.cpu_ms, clock.wall_ms))
        errors.append(float((he.decrypt(refreshed) - values).std()))
    middle = lambda numbers: sorted(numbers)[len(numbers) // 2]
    raw = he.cc.Rescale(he.cc.EvalBootstrap(x))
    report = {
        "library": he.library,
        "levels": raw.GetLevel(),
        "ms": middle([cpu for cpu, _ in times]),
        "wall_ms": middle([wall for _, wall in times]),
        "error_std": middle(errors),
        "peak_bytes": peak_bytes(),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
