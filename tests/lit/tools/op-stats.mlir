// RUN: he-opt --allow-unregistered-dialect --op-stats %s 2>&1 | FileCheck %s
// RUN: he-opt --allow-unregistered-dialect --op-stats=json %s 2>&1 | FileCheck %s --check-prefix=JSON

// CHECK: Operations encountered:
// CHECK: a.b , 2
// CHECK: builtin.module , 1
// JSON: "a.b": 2,
// JSON: "builtin.module": 1
"a.b"() : () -> ()
"a.b"() : () -> ()
