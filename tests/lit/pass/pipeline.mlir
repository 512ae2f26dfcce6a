// RUN: he-opt --bsgs --lazy-rescale --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=BOTH
// RUN: he-opt --bsgs --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=BSGS
// RUN: he-opt --bsgs %s | FileCheck %s --check-prefix=PACKED
// RUN: he-opt --to=leveled --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=TO
// RUN: he-opt --lazy-rescale --lazy-relin --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=PLANNERS
// RUN: he-opt --cse --preset=lazy --dce --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=PRESET
// RUN: he-opt "--pass-pipeline=builtin.module(approximate{degree=4},bsgs{min-size=2})" --dump-pass-pipeline %s 2>&1 >/dev/null | FileCheck %s --check-prefix=TEXT
// RUN: he-opt --bsgs --print-ir-after=pack --print-ir-before=bsgs %s 2>&1 >/dev/null | FileCheck %s --check-prefix=DUMPS
// RUN: he-opt --bsgs --timing -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=TIMING
// RUN: he-opt --list-passes | FileCheck %s --check-prefix=LIST
// RUN: he-opt --help | FileCheck %s --check-prefix=HELP
// RUN: he-opt --print-op-generic --print-debuginfo %s | FileCheck %s --check-prefix=GENERIC
// RUN: he-opt --print -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=PRINT

// BOTH: builtin.module(approximate,pack,bsgs,expand-poly,to-ckks,relinearize,rescale{strategy=lazy})
// BSGS: builtin.module(approximate,pack,bsgs)
// PACKED: he.stage = "packed"
// TO: builtin.module(approximate,pack,expand-poly,to-ckks,relinearize,rescale)
// PLANNERS: builtin.module(approximate,pack,expand-poly,to-ckks,rescale{strategy=lazy},relinearize{strategy=lazy})
// PRESET: builtin.module(cse,approximate,pack,expand-poly,to-ckks,relinearize{strategy=lazy},rescale{strategy=lazy},dce)
// TEXT: builtin.module(approximate{degree=4},pack,bsgs{min-size=2})
// DUMPS: // -----// IR Dump After pack //----- //
// DUMPS: // -----// IR Dump Before bsgs //----- //
// TIMING: {{parse and verify$}}
// TIMING: bsgs
// TIMING: total
// LIST: canonicalize any
// LIST: bsgs packed
// LIST: min-size=16 (1 to 1048576)
// LIST: lazy-rescale short for rescale{strategy=lazy}
// HELP: --bsgs
// GENERIC: "nn.square"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32> loc(
// PRINT: func.func @main

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.square"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %0 : tensor<1x4xf32>
}
