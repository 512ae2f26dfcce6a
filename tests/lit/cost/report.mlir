// RUN: he-cost %s 2>/dev/null | FileCheck %s
// RUN: he-cost --json %s 2>/dev/null | FileCheck %s --check-prefix=JSON
// RUN: he-cost --critical-path --verbose %s 2>/dev/null | FileCheck %s --check-prefix=PATH
// RUN: he-cost --compare=baseline,mine:bsgs{min-size=2},lazy-rescale %s 2>/dev/null | FileCheck %s --check-prefix=COMPARE
// RUN: he-cost --compare=baseline,lazy --json %s 2>/dev/null | FileCheck %s --check-prefix=OBJECT
// RUN: he-cost --sweep moduli=10,20 %s 2>/dev/null | FileCheck %s --check-prefix=SWEEP
// RUN: he-cost --sweep 'coeff-modulus=60,40x9;60x12' --json %s 2>/dev/null | FileCheck %s --check-prefix=VALUES
// RUN: he-opt --pack --cost -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=COUNTS
// RUN: he-opt --to=leveled %s 2>/dev/null | he-cost 2>/dev/null | FileCheck %s

// CHECK: operation count latency ms share
// CHECK: mul 1
// CHECK: relinearize 1
// CHECK: total
// CHECK: parallelism
// CHECK: levels 37 at the start
// CHECK: critical path

// JSON: "operations": {
// JSON-NEXT: "add": 0,
// JSON: "mul": 1,
// JSON: "bootstrap": 0
// JSON: "total_operations":
// JSON: "latency_ms":
// JSON: "multiplicative_depth": 1,
// JSON: "initial_level": 37,
// JSON: "profile": "openfhe",
// JSON: "log_n": 15,

// PATH: primes of Q 60,60
// PATH: ckks.mul {{[0-9.]+}} {{.*}}report.mlir

// COMPARE: baseline mine
// COMPARE: rotations 0 0
// COMPARE: latency
// COMPARE: final level
// COMPARE: speed-up 1.00x

// OBJECT: "baseline": {
// OBJECT: "lazy": {

// SWEEP: moduli total operations
// SWEEP: {{^}}10 {{.*}}x
// SWEEP: {{^}}20 {{.*}}x

// VALUES: "value": "60,40x9"
// VALUES: "value": "60x12"

// COUNTS: ops at stage packed
// COUNTS: total

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.square"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %0 : tensor<1x4xf32>
}
