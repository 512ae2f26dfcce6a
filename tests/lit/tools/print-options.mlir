// RUN: he-opt --allow-unregistered-dialect --print-op-generic --print-value-users --print-local-scope %s | FileCheck %s
// RUN: he-opt --allow-unregistered-dialect --mlir-elide-elementsattrs-if-larger=3 %s | FileCheck %s --check-prefix=ELIDE

// CHECK: "a.b"() : () -> i32 // users: %1#0, %1#1, "a.d"
%0 = "a.b"() : () -> i32
// CHECK: "a.c"(%0) : (i32) -> (i32, i32) // users: (unused), ("a.d")
%1:2 = "a.c"(%0) : (i32) -> (i32, i32)
// CHECK: "a.d"(%0, %1#1) : (i32, i32) -> ()
"a.d"(%0, %1#1) : (i32, i32) -> ()
// ELIDE: small = dense<[1, 2, 3]> : tensor<3xi32>
// ELIDE-SAME: splat = dense<1> : tensor<9xi32>
"a.e"() {small = dense<[1, 2, 3]> : tensor<3xi32>, splat = dense<1> : tensor<9xi32>} : () -> ()
// ELIDE: "a.f"() {large = dense_resource<__elided__> : tensor<4xi32>}
"a.f"() {large = dense<[1, 2, 3, 4]> : tensor<4xi32>} : () -> ()
