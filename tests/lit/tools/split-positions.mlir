// Positions in the parts of a file are those of the file: locations, errors of the reader and of the verifier.
// RUN: he-opt --allow-unregistered-dialect --split-input-file --print-debuginfo %S/Inputs/parts.mlir | FileCheck %s
// RUN: not he-opt --allow-unregistered-dialect --split-input-file %s 2>&1 | FileCheck %s --check-prefix=ERROR

// CHECK: "t.a"() : () -> () loc("{{.*}}parts.mlir":1:1)
// CHECK: "t.b"() : () -> () loc("{{.*}}parts.mlir":5:3)

// ERROR: split-positions.mlir:[[# @LINE + 5]]:{{[0-9]+}}: error: unknown operation 'nn.nothing'
// ERROR: split-positions.mlir:[[# @LINE + 9]]:{{[0-9]+}}: error: redefinition of SSA value '%a'
// ERROR: split-positions.mlir:[[# @LINE + 7]]:1: note: the earlier definition
// -----

nn.nothing

// -----

%a = "t.a"() : () -> i32
%a = "t.a"() : () -> i32
