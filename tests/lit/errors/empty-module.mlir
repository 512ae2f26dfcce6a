// RUN: he-opt %s | FileCheck %s --check-prefix=AS-IS
// RUN: not he-opt --bsgs %s 2>&1 | FileCheck %s
// RUN: not he-cost %s 2>&1 | FileCheck %s

// AS-IS: module {
// CHECK: error: the module has no function to compile
// CHECK: help: define func.func @main(%x: tensor<…>) -> tensor<…> { … }

module {
}
