// RUN: he-opt --allow-unregistered-dialect --print-debuginfo %s | FileCheck %s

// CHECK: "test.a"() : () -> () loc("file.py":3:7)
"test.a"() : () -> () loc("file.py":3:7)
// CHECK: "test.b"() : () -> () loc("layer"("file.py":4:1))
"test.b"() : () -> () loc("layer"("file.py":4:1))
// CHECK: "test.c"() : () -> () loc(callsite("f" at "g"))
"test.c"() : () -> () loc(callsite("f" at "g"))
// CHECK: "test.d"() : () -> () loc(fused<"why">["f", "g"])
"test.d"() : () -> () loc(fused<"why">["f", "g"])
// CHECK: "test.e"() : () -> () loc("later")
"test.e"() : () -> () loc(#later)
// CHECK: "test.f"() : () -> () loc("{{.*}}locations.mlir":14:1)
"test.f"() : () -> ()

#later = loc("later")
