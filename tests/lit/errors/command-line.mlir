// RUN: not he-opt --bsgz %s 2>&1 | FileCheck %s --check-prefix=PASS
// RUN: not he-opt --bsgs=min-sise=4 %s 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not he-opt --bsgs=min-size=0 %s 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not he-opt --approximate=degree=1000 %s 2>&1 | FileCheck %s --check-prefix=DEGREE
// RUN: not he-opt --lazy-rescale --bsgs %s 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: not he-opt --no-auto-lower --bsgs %s 2>&1 | FileCheck %s --check-prefix=NOLOWER
// RUN: not he-opt --to=packd %s 2>&1 | FileCheck %s --check-prefix=STAGE
// RUN: not he-opt --to-ckks --to=poly %s 2>&1 | FileCheck %s --check-prefix=BACK
// RUN: not he-opt --preset=lasy %s 2>&1 | FileCheck %s --check-prefix=PRESET
// RUN: not he-opt "--pass-pipeline=builtin.module(cse,,dce)" %s 2>&1 | FileCheck %s --check-prefix=COMMA
// RUN: not he-opt "--pass-pipeline=builtin.module(cse,dec)" %s 2>&1 | FileCheck %s --check-prefix=PIPELINE
// RUN: not he-opt --coeff-modulus=60,40y12 %s 2>&1 | FileCheck %s --check-prefix=MODULUS
// RUN: not he-opt --poly-modulus-degree=1000 %s 2>&1 | FileCheck %s --check-prefix=RING
// RUN: not he-opt --print-ir-after=bsgz %s 2>&1 | FileCheck %s --check-prefix=AFTER
// RUN: not he-opt no-such-file.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not he-opt --require-secure --to=leveled %s 2>&1 | FileCheck %s --check-prefix=SECURE
// RUN: not he-translate --emit=seal-pithon %s 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not he-translate --import=onnx %s 2>&1 | FileCheck %s --check-prefix=IMPORT
// RUN: not he-cost --sweep degre=3 %s 2>&1 | FileCheck %s --check-prefix=SWEEP
// RUN: not he-cost --compare=basline %s 2>&1 | FileCheck %s --check-prefix=COMPARE

// RUN: not he-cost tune --degre=5 %s 2>&1 | FileCheck %s --check-prefix=TUNE
// RUN: not he-cost tune --bsgs %s 2>&1 | FileCheck %s --check-prefix=NOPASS
// RUN: not he-cost tun %s 2>&1 | FileCheck %s --check-prefix=SUBCOMMAND
// RUN: not he-cost --json tune %s 2>&1 | FileCheck %s --check-prefix=FIRST
// RUN: he-cost --help | FileCheck %s --check-prefix=HELP
// RUN: he-cost tune --help | FileCheck %s --check-prefix=TUNEHELP
// RUN: he-cost calibrate --help | FileCheck %s --check-prefix=CALIBRATEHELP
// RUN: not he-cost calibrate --bakend=seal 2>&1 | FileCheck %s --check-prefix=CALIBRATE
// RUN: not he-cost --compare=lazy --bsgs %s 2>&1 | FileCheck %s --check-prefix=DROPPED
// RUN: not he-opt --list-passes --foo 2>&1 | FileCheck %s --check-prefix=FOO
// RUN: not he-translate --emit=dot --foo %s 2>&1 | FileCheck %s --check-prefix=FOO
// RUN: not he-run --input x.json --random-input 1 %s 2>&1 | FileCheck %s --check-prefix=BOTH

// Nothing on standard output.
// RUN: not he-opt --bsgz %s 2>/dev/null | FileCheck %s --check-prefix=NOTHING --allow-empty
// RUN: not he-opt --require-secure --to=leveled %s 2>/dev/null | FileCheck %s --check-prefix=NOTHING --allow-empty
// NOTHING-NOT: {{.}}

// PASS: <command line>:1:10: error: unknown pass or option '--bsgz'
// PASS: he-opt --bsgz
// PASS: ^^^^
// PASS: help: did you mean '--bsgs'?
// OPTION: error: pass 'bsgs': unknown option 'min-sise'; did you mean 'min-size'?
// VALUE: error: pass 'bsgs': option 'min-size' must be an integer from 1 to 1048576, not '0'
// DEGREE: error: pass 'approximate': option 'degree' must be an integer from 1 to 63, not '1000'
// ORDER: error: pass 'bsgs' needs stage 'packed', but the IR is at stage 'leveled' by then
// ORDER: he-opt --lazy-rescale --bsgs
// ORDER-NEXT: :          ------------   ^^^^
// ORDER: note: --lazy-rescale lowers the IR to stage 'leveled'
// ORDER: help: write --bsgs before --lazy-rescale
// NOLOWER: error: pass 'bsgs' takes stage 'packed', but the IR is at stage 'nn'
// NOLOWER: help: leave out --no-auto-lower, or name the lowering passes before it
// STAGE: error: unknown stage 'packd'
// STAGE: help: the stages are nn, poly, packed, ckks, leveled
// BACK: error: the IR cannot go back to stage 'poly': it is at stage 'ckks'
// PRESET: error: unknown preset 'lasy'
// PRESET: help: did you mean 'lazy'?
// COMMA: <pass-pipeline>:1:20: error: expected the name of a pass
// PIPELINE: <pass-pipeline>:1:20: error: unknown pass 'dec'
// PIPELINE: help: did you mean 'dce'?
// MODULUS: <command line>:1:27: error: --coeff-modulus: '40y12' is not a number
// MODULUS: help: expected the bits of each prime, or bits x count, separated by commas: write 60x38 or 60,40x12
// RING: error: --poly-modulus-degree: 1000 is
// AFTER: error: --print-ir-after: unknown pass 'bsgz'
// FILE: error: cannot read 'no-such-file.mlir': no such file
// SECURE: error: these parameters are not secure: 3120 bits of Q*P at N = 2^15 give less than 128 bits of security
// SECURE: help: at N = 2^15 at most 868 bits of Q*P give 128 bits of security; 3120 bits need --poly-modulus-degree=131072 (2^17)
// TARGET: error: --emit must be dot, openfhe-python or seal-python, not 'seal-pithon'
// TARGET: help: did you mean 'seal-python'?
// IMPORT: error: --import=onnx is not available yet
// SWEEP: error: --sweep: 'degre' is no parameter, and no pass of the pipeline has such an option
// SWEEP: help: did you mean 'degree'?
// COMPARE: error: --compare: unknown preset 'basline'
// COMPARE: help: did you mean 'baseline'?
// TUNE: error: unknown option '--degre'
// TUNE: help: did you mean '--degrees'?
// NOPASS: error: unknown option '--bsgs'
// NOPASS: help: he-cost tune --help shows the options; he-cost tune takes no passes
// SUBCOMMAND: error: unknown subcommand 'tun', and no such file
// SUBCOMMAND: help: did you mean 'tune'?
// FIRST: error: the subcommand 'tune' must come first
// FIRST: help: write he-cost tune --json
// HELP: Commands:
// HELP-NEXT: tune{{ +}}Searches
// HELP-NEXT: calibrate{{ +}}Measures
// TUNEHELP: Usage: he-cost tune [OPTIONS] [FILE]
// TUNEHELP-NOT: --pass-pipeline
// TUNEHELP: --degrees <LIST>
// CALIBRATEHELP: Usage: he-cost calibrate --backend=NAME [OPTIONS]
// CALIBRATE: error: unknown option '--bakend'
// CALIBRATE: help: did you mean '--backend'?
// DROPPED: error: passes and --compare exclude each other: each configuration names its own
// FOO: error: unknown pass or option '--foo'
// BOTH: error: the argument '--input <FILE>' cannot be used with '--random-input <SEED>'
// BOTH: note: usage: he-run

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = "nn.square"(%x) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %0 : tensor<1x4xf32>
}
