import tenseal
import tenseal.sealapi as seal


class Backend:
    """Microsoft SEAL: one method for each operation of the ckks dialect.

    SEAL checks scales and levels. After a rescale the scale is set to the nominal one, as the program's types say: what
    primes are off by is made up for by corrections.
    Rotations that share a decomposition are whole rotations here: SEAL has no hoisting.
    """

    NAME = "seal"

    def __init__(self):
        self.encode_seconds = self.encode_cpu_seconds = 0.0
        parameters = seal.EncryptionParameters(seal.SCHEME_TYPE.CKKS)
        parameters.set_poly_modulus_degree(N)
        # The special prime comes last.
        parameters.set_coeff_modulus(primes())
        level = seal.SEC_LEVEL_TYPE.TC128 if SECURE else seal.SEC_LEVEL_TYPE.NONE
        self.context = context = seal.SEALContext(parameters, True, level)
        if not context.parameters_set():
            raise RuntimeError("SEAL refuses the parameters: " + context.parameters_error_message())
        self.library = "SEAL 4 (tenseal " + tenseal.__version__ + ")"
        self.security = "tc128" if SECURE else "none"
        self.parms_ids = {}
        data = context.first_context_data()
        while data is not None:
            self.parms_ids[data.chain_index()] = data.parms_id()
            data = data.next_context_data()
        chain = context.key_context_data().parms().coeff_modulus()
        self.moduli = [prime.value() for prime in chain][:-1]
        self.log_p = [chain[-1].bit_count()]
        self.encoder, self.evaluator = seal.CKKSEncoder(context), seal.Evaluator(context)
        generator = seal.KeyGenerator(context)
        self.secret_key, self.public_key = generator.secret_key(), seal.PublicKey()
        generator.create_public_key(self.public_key)
        self.encryptor, self.decryptor = seal.Encryptor(context, self.public_key), seal.Decryptor(context, self.secret_key)
        self.memory_before_keys = resident_bytes()
        self.relin_keys, self.galois_keys = seal.RelinKeys(), seal.GaloisKeys()
        if RELINEARIZES:
            generator.create_relin_keys(self.relin_keys)
        elements = [pow(3, by, 2 * N) for by in ROTATIONS] + ([2 * N - 1] if CONJUGATES else [])
        if elements:
            generator.create_galois_keys(elements, self.galois_keys)
        self.memory_after_keys = resident_bytes()

    # The client's side.

    def encode(self, values, *, level, scale, correction=1.0):
        start, cpu = time.perf_counter(), time.process_time()
        plain = seal.Plaintext()
        self.encoder.encode((correction * np.resize(values, N // 2)).tolist(), self.parms_ids[level], 2.0**scale, plain)
        self.encode_seconds += time.perf_counter() - start
        self.encode_cpu_seconds += time.process_time() - cpu
        return plain

    def encrypt(self, plain):
        return result_of(self.encryptor.encrypt, plain)

    def decrypt(self, x):
        plain = seal.Plaintext()
        self.decryptor.decrypt(x, plain)
        return np.array(self.encoder.decode_double(plain)[:SLOTS])

    # The server's side.

    def add(self, x, y):
        return result_of(self.evaluator.add, x, y)

    def sub(self, x, y):
        return result_of(self.evaluator.sub, x, y)

    def neg(self, x):
        return result_of(self.evaluator.negate, x)

    def add_plain(self, x, plain):
        return result_of(self.evaluator.add_plain, x, plain)

    def sub_plain(self, x, plain):
        return result_of(self.evaluator.sub_plain, x, plain)

    def add_scalar(self, x, *, value, correction=1.0):
        return self.add_plain(x, self.scalar(value * correction, x.parms_id(), x.scale))

    def mul(self, x, y):
        return result_of(self.evaluator.multiply, x, y)

    def mul_plain(self, x, plain):
        return result_of(self.evaluator.multiply_plain, x, plain)

    def mul_scalar(self, x, *, value, log_scale, correction=1.0):
        return self.mul_plain(x, self.scalar(value * correction, x.parms_id(), 2.0**log_scale))

    def relinearize(self, x):
        return result_of(self.evaluator.relinearize, x, self.relin_keys)

    def rescale(self, x, *, level, scale):
        result = result_of(self.evaluator.rescale_to_next, x)
        result.scale = 2.0**scale
        return result

    def level_drop(self, x, *, levels):
        for _ in range(levels):
            x = result_of(self.evaluator.mod_switch_to_next, x)
        return x

    def rotate(self, x, *, by):
        return result_of(self.evaluator.rotate_vector, x, by, self.galois_keys)

    def conjugate(self, x):
        return result_of(self.evaluator.complex_conjugate, x, self.galois_keys)

    def mod_up(self, x):
        return x

    def rotate_hoisted(self, x, digits, *, by):
        return self.rotate(digits, by=by)

    def rotate_ext(self, x, digits, *, by):
        return self.rotate(digits, by=by)

    def add_ext(self, x, y):
        return self.add(x, y)

    def mod_down(self, x):
        return x

    def scalar(self, value, parms_id, scale):
        plain = seal.Plaintext()
        self.encoder.encode(value, parms_id, scale, plain)
        return plain


def result_of(operation, *operands):
    """SEAL writes the result into the last argument."""
    result = seal.Ciphertext()
    operation(*operands, result)
    return result


def primes():
    """The primes of the program where it states them, else SEAL's own; the special prime last."""
    if MODULI is None:
        return seal.CoeffModulus.Create(N, LOG_Q + LOG_P)
    as_wide = sum(prime.bit_length() == LOG_P[0] for prime in MODULI)
    candidates = seal.CoeffModulus.Create(N, LOG_P * (as_wide + 1))
    special = next(prime for prime in candidates if prime.value() not in MODULI)
    return [seal.Modulus(prime) for prime in MODULI] + [special]
