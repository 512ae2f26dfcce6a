// RUN: he-opt --load-rules %S/../../../examples/rules/giant_steps.rules --to-ckks --split-steps --cse --giant-steps --check-semantics --pass-statistics -o /dev/null %S/../../../examples/mlp.mlir 2>&1 | FileCheck %s
// CHECK:      77  split-steps
// CHECK-NEXT: 77    split
// CHECK-NEXT: 77  giant-steps
// CHECK-NEXT: 66    grow
// CHECK-NEXT: 11    start
