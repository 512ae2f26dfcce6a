// Nothing is written when a library cannot run the program.

// RUN: not he-translate --emit=seal-python %s 2>&1 | FileCheck %s --check-prefix=STAGE
// STAGE: refused.mlir:{{[0-9]+}}:1: error: 'func.func' op is at stage nn, and SEAL runs programs of stage leveled
// STAGE: help: compile it: --preset=bsgs-lazy, or other passes

// RUN: not he-run --backend=seal --preset=lazy --require-secure --poly-modulus-degree=2048 --coeff-modulus=60,40x3 --scale=2^40 %s 2>&1 | FileCheck %s --check-prefix=SECURE
// SECURE: error: these parameters are not secure: 240 bits of Q*P at N = 2^11 give less than 128 bits of security

// RUN: not he-translate --emit=openfhe-python --preset=lazy --coeff-modulus=60x4 --scale=2^40 %s 2>&1 | FileCheck %s --check-prefix=PRIMES
// PRIMES: error: 'ckks.rescale' op divides by a prime of 60 bits, and OpenFHE divides by the scale of 40 bits
// PRIMES: help: {{.*}}--coeff-modulus=60,40x

// RUN: not he-translate --emit=openfhe-python --preset=lazy --coeff-modulus=60,40x4 --special-modulus=60x5 --scale=2^40 %s 2>&1 | FileCheck %s --check-prefix=SPECIAL
// SPECIAL: error: 'func.func' op has special primes of its own, and OpenFHE derives them from dnum
// SPECIAL: help: leave --special-modulus out, and set --dnum

// RUN: not he-run --backend=seal --preset=lazy --coeff-modulus=60,40x4 --scale=2^40 --python=/no/such/python %s 2>&1 | FileCheck %s --check-prefix=PYTHON
// PYTHON: error: SEAL cannot be run: /no/such/python: {{.*}}
// PYTHON: help: run tools/backends/setup.sh seal, or give an interpreter (CPython with tenseal and numpy) with --python PATH

// RUN: not he-run --backend=seal --preset=lazy --coeff-modulus=60,40x4 --scale=2^40 --python=/no/such/python %s 2>/dev/null | FileCheck %s --check-prefix=NOTHING --allow-empty
// RUN: not he-translate --emit=seal-python %s 2>/dev/null | FileCheck %s --check-prefix=NOTHING --allow-empty
// NOTHING-NOT: {{.}}

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.square"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = "nn.square"(%0) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %1 : tensor<1x4xf32>
}
