// On the default chain the search of placements saves five levels of 19, in whichever order the kinds of ops are placed.
// RUN: he-cost --bsgs --lazy-rescale --json %S/../../../examples/mlp.mlir | FileCheck %s --check-prefix=LAZY
// RUN: he-cost --bsgs --optimal-rescale --json %S/../../../examples/mlp.mlir | FileCheck %s
// RUN: he-cost --pass-pipeline='builtin.module(approximate,pack,bsgs,expand-poly,to-ckks,relinearize{strategy=optimal},rescale{strategy=optimal})' --json %S/../../../examples/mlp.mlir | FileCheck %s
// RUN: he-cost --pass-pipeline='builtin.module(approximate,pack,bsgs,expand-poly,to-ckks,rescale{strategy=optimal},relinearize{strategy=optimal},bootstrap{strategy=optimal})' --json %S/../../../examples/mlp.mlir | FileCheck %s
// LAZY: "levels_used": 19
// CHECK: "bootstrap": 0
// CHECK: "levels_used": 14
