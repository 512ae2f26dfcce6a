// RUN: he-opt --preset=auto %s 2>&1 | FileCheck %s
// RUN: he-opt --preset=auto --poly-modulus-degree=4096 --coeff-modulus=60,40x4 --check-semantics %s 2>&1 | FileCheck %s --check-prefix=STATED
// RUN: he-opt --preset=auto --explain-plan %s 2>&1 >/dev/null | FileCheck %s --check-prefix=WHY
// RUN: not he-opt --auto='max-log-n=11' %s 2>&1 | FileCheck %s --check-prefix=ERROR
// RUN: he-opt --auto='precision=10' %s 2>&1 | FileCheck %s --check-prefix=PRECISE
// RUN: not he-opt --auto='precision=10' --scale=2^40 %s 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: he-cost --preset=auto --json %s 2>/dev/null | FileCheck %s --check-prefix=COST
// RUN: not he-opt --auto='precision=20 log-scale=40' %s 2>&1 | FileCheck %s --check-prefix=SCALES

// SCALES: error: auto: 'precision' and 'log-scale' both choose the scale

// CHECK: auto: N = 2^13, Q of {{[0-9]+}} primes and {{[0-9]+}} bits, P of {{[0-9]+}} bits, scale 2^{{[0-9]+}}; made by --poly-modulus-degree=8192 {{.*}} --pass-pipeline='builtin.module(approximate{degree=8{{.*}}select-params
// CHECK: ckks.params = #ckks.params<log_n = 13,

// Stated parameters stay.
// STATED: ckks.params = #ckks.params<log_n = 12, log_q = [60, 40, 40, 40, 40],

// WHY: auto: candidates
// WHY: ms  folded: approximate{degree=8 symmetric=true},fold-poly,pack{strategy=auto objective=latency masks=any}
// WHY: auto: layers of the one taken
// WHY: auto.mlir:{{[0-9]+}}:8: layer 8 -> 8

// PRECISE: objective=latency precision=10}
// PRECISE: log_scale = {{2[0-9]|3[0-9]}},

// BOTH: error: auto: a precision chooses the parameters, and they are stated
// BOTH: help: state no parameters, or no precision

// ERROR: error: select-params: the program spends 2 levels of 40 bits

// A layer and a square.
// COST: "mul": 1,
// COST: "relinearize": 1,
// COST: "levels_used": 2,
// COST: "security_bits": 128,
func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
  %w = nn.constant {value = #nn.random<seed = 1, std = 0.3>} : tensor<8x8xf32>
  %0 = nn.linear %x, %w : (tensor<1x8xf32>, tensor<8x8xf32>) -> tensor<1x8xf32>
  %1 = nn.square %0 : tensor<1x8xf32>
  return %1 : tensor<1x8xf32>
}
