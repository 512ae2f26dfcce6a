// RUN: he-run --input %S/Inputs/wide.json %s 2>&1 | FileCheck %s
// RUN: he-run --pack --input %S/Inputs/wide.json %s 2>&1 | FileCheck %s
// RUN: he-run --preset=lazy --poly-modulus-degree=4096 --coeff-modulus=60,40x6 --input %S/Inputs/wide.json %s 2>&1 | FileCheck %s --check-prefixes=CHECK,FOLDED
// RUN: he-run --pack --json --input %S/Inputs/wide.json %s 2>/dev/null | FileCheck %s --check-prefix=JSON
// RUN: he-run --pack --json --random-input=1 %s | FileCheck %s --check-prefix=IN
// RUN: he-opt --preset=lazy --poly-modulus-degree=4096 --coeff-modulus=60,40x6 --scale=2^40 %s -o %t.mlir
// RUN: he-run --input %S/Inputs/wide.json %t.mlir 2>&1 | FileCheck %s --check-prefix=CHECK
// RUN: he-run --input %S/Inputs/wide.json %S/Inputs/bounded.mlir 2>&1 | FileCheck %s --check-prefix=BOUND
// RUN: he-translate --emit=seal-python %t.mlir | FileCheck %s --check-prefix=EXPORT
// RUN: he-run %s 2>&1 | FileCheck %s --check-prefix=NETWORK

// An input outside of its range is noticed before anything runs, and no bound is printed as if it held.

// CHECK: warning: input #0: element [0, 1] is 2, outside of its range [-1, 1] (the default), and 2 more are outside
// CHECK: help: polynomials and bounds hold in that range only
// FOLDED: warning: {{.*}} leaves its tracked range
// FOLDED: note: and {{[0-9]+}} more of this kind
// CHECK-NOT: error_bound
// CHECK: backend:
// JSON-NOT: error_bound
// JSON: "max_abs_error"
// IN: "error_bound"
// BOUND: warning: input #0: element [0, 3] is 4, outside of its range [-3.5, 3.5] (he.bound)
// EXPORT: import sys
// EXPORT: "range": (-1.0, 1.0), "stated": " (the default)", "ciphertexts":
// NETWORK: remark: nothing was compiled: this is the network itself
// NETWORK: help: --preset=bsgs-lazy compiles it

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nn.sigmoid %x : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
