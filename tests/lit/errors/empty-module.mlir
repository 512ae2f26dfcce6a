// RUN: he-opt %s | FileCheck %s --check-prefix=AS-IS
// RUN: not he-opt --bsgs %s 2>&1 | FileCheck %s
// RUN: not he-run %S/Inputs/client-names.mlir 2>&1 | FileCheck %s --check-prefix=CLIENT
// RUN: not he-cost %s 2>&1 | FileCheck %s

// AS-IS: module {
// CHECK: error: the module has no function to compile
// CHECK: help: define func.func @main(%x: tensor<…>) -> tensor<…> { … }
// CLIENT: error: the module has no function to compile
// CLIENT: note: names with '__' are those of functions that the client calls
// CLIENT: help: name the function to compile @main, or without '__'

module {
}
