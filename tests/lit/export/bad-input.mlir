// Nothing is written, nor is a file made, when a library or a program cannot do it.

// RUN: not he-translate --emit=seal-python --preset=lazy --require-secure --poly-modulus-degree=2048 --coeff-modulus=60,40x3 --scale=2^40 -o %t.py %s 2>&1 | FileCheck %s --check-prefix=SECURE
// RUN: not he-run --backend=openfhe --preset=lazy --require-secure --poly-modulus-degree=2048 --coeff-modulus=60,40x3 --scale=2^40 %s 2>&1 | FileCheck %s --check-prefix=SECURE
// SECURE: error: these parameters are not secure: {{[0-9]+}} bits of Q*P at N = 2^11 give less than 128 bits of security
// SECURE: help: at N = 2^11 at most 53 bits of Q*P give 128 bits of security

// RUN: not he-run --backend=openfhe --preset=lazy --coeff-modulus=60,40x4 --scale=2^40 --python=/bin/false %s 2>&1 | FileCheck %s --check-prefix=PACKAGE
// PACKAGE: error: OpenFHE cannot be run: /bin/false: it cannot import openfhe, numpy
// PACKAGE: help: run tools/backends/setup.sh openfhe, or give an interpreter (CPython 3.10 with openfhe and numpy) with --python PATH

// RUN: not he-cost calibrate --backend=seal --python=/no/such/python -o %t.json 2>&1 | FileCheck %s --check-prefix=CALIBRATE
// CALIBRATE: error: SEAL cannot be run: /no/such/python: {{.*}}
// RUN: not he-cost calibrate --backend=seal --log-n=9 2>&1 | FileCheck %s --check-prefix=RING
// RING: error: --log-n must be a whole number from 10 to 17, not '9'
// RUN: not he-cost calibrate --backend=fake 2>&1 | FileCheck %s --check-prefix=BACKEND
// BACKEND: error: --backend must be openfhe or seal, not 'fake'

// RUN: not he-cost --profile=seal --preset=lazy --bootstrap='level-threshold=4' --coeff-modulus=60,40x4 %s 2>&1 | FileCheck %s --check-prefix=REFRESH
// REFRESH: error: 'ckks.bootstrap' op: the profile 'seal' has no bootstrap
// REFRESH: help: give more primes (--coeff-modulus) and compile without bootstrap, or use --profile=openfhe

// RUN: not he-translate --emit=seal-python --preset=lazy --require-secure --poly-modulus-degree=2048 --coeff-modulus=60,40x3 --scale=2^40 %s 2>/dev/null | FileCheck %s --check-prefix=NOTHING --allow-empty
// RUN: not he-cost calibrate --backend=seal --log-n=9 2>/dev/null | FileCheck %s --check-prefix=NOTHING --allow-empty
// NOTHING-NOT: {{.}}

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.square"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = "nn.square"(%0) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %1 : tensor<1x4xf32>
}
