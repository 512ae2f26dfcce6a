// RUN: not he-opt --preset=auto %s 2>&1 | FileCheck %s --check-prefix=AUTO
// RUN: not he-run --preset=auto --random-input=1 %s 2>&1 | FileCheck %s --check-prefix=AUTO
// RUN: not he-cost --preset=auto %s 2>&1 | FileCheck %s --check-prefix=AUTO
// RUN: not he-cost --compare=bsgs-lazy,auto %s 2>&1 | FileCheck %s --check-prefix=COMPARE
// RUN: not he-translate --preset=auto --emit=dot %s 2>&1 | FileCheck %s --check-prefix=AUTO
// RUN: he-opt --preset=bsgs-lazy --dump-pass-pipeline %s -o %t.mlir 2>&1 | FileCheck %s --check-prefix=REST
// RUN: he-opt --to=ckks %s -o %t.ckks.mlir
// RUN: not he-opt --preset=bsgs-lazy %t.ckks.mlir 2>&1 | FileCheck %s --check-prefix=LATE
// RUN: not he-opt --preset=full %t.ckks.mlir 2>&1 | FileCheck %s --check-prefix=LATE
// RUN: he-opt --preset=lazy --dump-pass-pipeline %t.ckks.mlir 2>&1 | FileCheck %s --check-prefix=LAZY
// RUN: he-cost %t.ckks.mlir 2>&1 | FileCheck %s --check-prefix=COST

// What a preset can no longer do is an error; the work of the standard lowering that is done is not done again.

// AUTO: <command line>:1:{{.*}}: error: preset 'auto' needs stage 'nn' for its pass 'auto', but the program is at stage 'poly'
// AUTO: help: start from a program at stage 'nn' or earlier; from stage 'poly' on there are baseline, bsgs, lazy, bsgs-lazy, full
// COMPARE: error: --compare: preset 'auto' needs stage 'nn'
// REST: builtin.module(pack,bsgs,expand-poly,to-ckks,relinearize{strategy=lazy},rescale{strategy=lazy})
// LATE: error: preset '{{.*}}' needs stage 'packed' for its pass 'bsgs', but the program is at stage 'ckks'
// LATE: help: start from a program at stage 'packed' or earlier; from stage 'ckks' on there are baseline, lazy
// LAZY: builtin.module(relinearize{strategy=lazy},rescale{strategy=lazy})
// COST: relinearize

func.func @main(%x: tensor<1x4xf32> {nn.range = [-1.0, 1.0]}) -> tensor<1x4xf32> {
  %1 = poly.eval %x {basis = "monomial", coefficients = [1.0, 0.0, 2.0, 0.0, 3.0], domain = [-1.0, 1.0]} : tensor<1x4xf32> -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
