import os

# Figures are for one thread; OpenFHE reads this when it is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import openfhe  # noqa: E402


class Backend:
    """OpenFHE with manual rescaling: one method for each operation of the ckks dialect.

    The library decides nothing: levels, scales and key switches are those of the program. Adding ciphertexts of
    different scales is silently wrong in OpenFHE; the program was verified before it was written.
    """

    NAME = "openfhe"

    def __init__(self):
        self.encode_seconds = self.encode_cpu_seconds = 0.0
        parameters = openfhe.CCParamsCKKSRNS()
        parameters.SetSecurityLevel(
            openfhe.SecurityLevel.HEStd_128_classic if SECURE else openfhe.SecurityLevel.HEStd_NotSet
        )
        parameters.SetRingDim(N)
        parameters.SetMultiplicativeDepth(len(LOG_Q) - 1)
        parameters.SetFirstModSize(LOG_Q[0])
        parameters.SetScalingModSize(LOG_SCALE)
        parameters.SetScalingTechnique(openfhe.ScalingTechnique.FIXEDMANUAL)
        parameters.SetKeySwitchTechnique(openfhe.KeySwitchTechnique.HYBRID)
        parameters.SetNumLargeDigits(DNUM)
        parameters.SetBatchSize(SLOTS)
        # A bootstrap needs a sparse secret inside; the keys of ciphertexts stay uniform.
        parameters.SetSecretKeyDist(
            openfhe.SecretKeyDist.SPARSE_ENCAPSULATED if BOOTSTRAPS else openfhe.SecretKeyDist.UNIFORM_TERNARY
        )
        self.cc = cc = openfhe.GenCryptoContext(parameters)
        features = [openfhe.PKE, openfhe.KEYSWITCH, openfhe.LEVELEDSHE, openfhe.ADVANCEDSHE]
        for feature in features + ([openfhe.FHE] if BOOTSTRAPS else []):
            cc.Enable(feature)
        self.library = "OpenFHE " + openfhe.__version__
        self.security = "HEStd_128_classic" if SECURE else "HEStd_NotSet"
        self.moduli = moduli_of(cc)
        if MODULI is not None and MODULI != self.moduli:
            raise RuntimeError(f"OpenFHE chose the primes {self.moduli}, but the program is made for {MODULI}")
        self.log_p = special_primes(self.moduli)
        keys = cc.KeyGen()
        self.public_key, self.secret_key = keys.publicKey, keys.secretKey
        if BOOTSTRAPS:
            cc.EvalBootstrapSetup([3, 3], [0, 0], SLOTS)
        self.memory_before_keys = resident_bytes()
        if RELINEARIZES:
            cc.EvalMultKeyGen(self.secret_key)
        if ROTATIONS:
            cc.EvalRotateKeyGen(self.secret_key, ROTATIONS)
        self.memory_after_keys = resident_bytes()
        if BOOTSTRAPS:
            cc.EvalBootstrapKeyGen(self.secret_key, SLOTS)

    # The client's side.

    def encode(self, values, *, level, scale, correction=1.0):
        start, cpu = time.perf_counter(), time.process_time()
        slots = (correction * np.resize(values, SLOTS)).tolist()
        dropped = len(LOG_Q) - 1 - level
        plain = self.cc.MakeCKKSPackedPlaintext(slots, scale // LOG_SCALE, dropped, None, SLOTS)
        self.encode_seconds += time.perf_counter() - start
        self.encode_cpu_seconds += time.process_time() - cpu
        return plain

    def encrypt(self, plain):
        return self.cc.Encrypt(self.public_key, plain)

    def decrypt(self, x):
        plain = self.cc.Decrypt(x, self.secret_key)
        plain.SetLength(SLOTS)
        return np.array(plain.GetRealPackedValue())

    # The server's side.

    def add(self, x, y):
        return self.cc.EvalAdd(x, y)

    def sub(self, x, y):
        return self.cc.EvalSub(x, y)

    def neg(self, x):
        return self.cc.EvalNegate(x)

    def add_plain(self, x, plain):
        return self.cc.EvalAdd(x, plain)

    def sub_plain(self, x, plain):
        return self.cc.EvalSub(x, plain)

    def add_scalar(self, x, *, value, level, scale, correction=1.0):
        value *= correction
        if scale == LOG_SCALE:
            return self.cc.EvalAdd(x, value)
        # At a power of the scale OpenFHE encodes a number with the primes in place of the scale: off by their drift.
        return self.cc.EvalAdd(x, self.encode([value], level=level, scale=scale))

    def mul(self, x, y):
        return self.cc.EvalMultNoRelin(x, y)

    def mul_plain(self, x, plain):
        return self.cc.EvalMult(x, plain)

    def mul_scalar(self, x, *, value, log_scale, correction=1.0):
        value *= correction
        if log_scale == LOG_SCALE:
            return self.cc.EvalMult(x, value)
        # OpenFHE encodes a number at the scale of a fresh ciphertext; a vector takes any power of it.
        level = len(LOG_Q) - 1 - x.GetLevel()
        return self.cc.EvalMult(x, self.encode([value], level=level, scale=log_scale))

    def relinearize(self, x):
        return self.cc.Relinearize(x)

    def rescale(self, x, *, level, scale):
        return self.cc.Rescale(x)

    def level_drop(self, x, *, levels):
        return self.cc.LevelReduce(x, None, levels)

    def rotate(self, x, *, by):
        return self.cc.EvalRotate(x, by)

    def bootstrap(self, x, *, level):
        # EvalBootstrap returns the scale squared.
        result = self.cc.Rescale(self.cc.EvalBootstrap(x))
        surplus = len(LOG_Q) - 1 - result.GetLevel() - level
        if surplus < 0:
            raise RuntimeError(f"the bootstrap returned {-surplus} levels fewer than the program was made for")
        return self.cc.LevelReduce(result, None, surplus) if surplus else result

    def mod_up(self, x):
        return self.cc.EvalFastRotationPrecompute(x)

    def rotate_hoisted(self, x, digits, *, by):
        return self.cc.EvalFastRotation(x, by, 2 * N, digits)

    def rotate_ext(self, x, digits, *, by):
        return self.cc.EvalFastRotationExt(x, by, digits, True)

    def add_ext(self, x, y):
        return self.cc.EvalAdd(x, y)

    def mod_down(self, x):
        return self.cc.KeySwitchDown(x)


def moduli_of(cc):
    """The primes of Q that OpenFHE chose, read back from the context."""

    def find(node, key):
        if isinstance(node, dict):
            found = node.get(key)
            return found if found is not None else next(filter(None, (find(x, key) for x in node.values())), None)
        return None

    text = openfhe.Serialize(cc, openfhe.JSON)
    tower = find(json.loads(text), "elp")["ptr_wrapper"]["data"]["p"]
    return [prime["ptr_wrapper"]["data"]["value0"]["cm"]["v"] for prime in tower]


def special_primes(moduli):
    """Bits of the primes of P: OpenFHE takes as many of 60 bits as cover the widest digit of the key switch."""
    width = -(-len(moduli) // DNUM)
    digits = [math.prod(moduli[at : at + width]) for at in range(0, len(moduli), width)]
    return [60] * -(-(max(digits).bit_length()) // 60)
