def verdict(he, program, fresh):
    """What the library says of a program: None where it runs, else the complaint."""
    scope = dict(globals())
    try:
        exec(program["source"], scope)
        live = {f"a{index}": fresh(he, *state) for index, state in enumerate(program["arguments"])}
        for part in scope["PARTS"]:
            part(he, live)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def main():
    he = Backend()
    known = {}

    def fresh(he, level, scale):
        if (level, scale) not in known:
            values = np.random.default_rng(1).uniform(0.1, 1.0, SLOTS)
            known[level, scale] = he.encrypt(he.encode(values, level=level, scale=scale))
        return known[level, scale]

    print(json.dumps([verdict(he, program, fresh) for program in PROGRAMS]))


main()
