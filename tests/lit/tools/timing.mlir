// RUN: he-opt --timing --cse %s 2>&1 | FileCheck %s
// RUN: he-opt --mlir-timing --mlir-timing-display=tree --cse %s 2>&1 | FileCheck %s --check-prefix=TREE
// RUN: he-opt --timing=json --cse %s 2>&1 | FileCheck %s --check-prefix=JSON

// CHECK: Execution time report
// CHECK-DAG: {{parse and verify$}}
// CHECK-DAG: {{cse$}}
// CHECK: {{total$}}
// TREE: {{  parse and verify$}}
// TREE: {{  cse$}}
// TREE-NEXT: {{    verify$}}
// TREE: {{  print$}}
// JSON: "name": "cse"
// JSON: "name": "verify"
// JSON: "total_ms":
module {}
