// The ten-layer network needs refreshes: greedy and minimal place different numbers of them.
// RUN: he-opt --bsgs --lazy-relin --lazy-rescale --coeff-modulus=60,40x37 --bootstrap %S/../../../examples/mlp_10x32.mlir | FileCheck %s --check-prefix=GREEDY
// RUN: he-opt --bsgs --lazy-relin --lazy-rescale --coeff-modulus=60,40x37 --minimal-bootstrap %S/../../../examples/mlp_10x32.mlir | FileCheck %s --check-prefix=MINIMAL
// RUN: he-run --random-input=1 --pass-pipeline='builtin.module(bsgs,relinearize{strategy=lazy},rescale{strategy=lazy},bootstrap{strategy=minimal})' --coeff-modulus=60,40x37 %S/../../../examples/mlp_10x32.mlir | FileCheck %s --check-prefix=RUNS
// RUN: not he-opt --bsgs --lazy-rescale --coeff-modulus=60,40x37 %S/../../../examples/mlp_10x32.mlir 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not he-opt --bsgs --lazy-rescale --coeff-modulus=60,40x20 --bootstrap='level-threshold=30' %S/../../../examples/mlp_10x32.mlir 2>&1 | FileCheck %s --check-prefix=THRESHOLD

// GREEDY-COUNT-18: ckks.bootstrap
// GREEDY-NOT: ckks.bootstrap

// 60 levels are spent and 37 are there: once is enough.
// MINIMAL: ckks.bootstrap %{{.*}} : !ckks.ct<level = {{[0-9]+}}, scale = 40, degree = 1> -> !ckks.ct<level = 37, scale = 40, degree = 1>
// MINIMAL-NOT: ckks.bootstrap

// RUNS: max_abs_error: {{[0-9.]+}}e-{{[0-9]+}}
// RUNS: backend: fake

// MISSING: 23 levels missing at 'ckks.rescale'
// MISSING: add --bootstrap

// THRESHOLD: bootstrap: level-threshold=30 is above 20, the level that a refresh returns to
