// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() : () -> () loc(unknown)

// -----

"test.op"() : () -> () loc("a")

// -----

"test.op"() : () -> () loc("a":1:2)

// -----

"test.op"() : () -> () loc("a":1)

// -----

"test.op"() : () -> () loc("a":0:0)

// -----

"test.op"() : () -> () loc("a":4294967295:1)

// -----

"test.op"() : () -> () loc("a":1:2 to 3:4)

// -----

"test.op"() : () -> () loc("a":1:2 to :4)

// -----

"test.op"() : () -> () loc("a":1:2 to 0:1)

// -----

"test.op"() : () -> () loc("a":3:2 to 1:1)

// -----

"test.op"() : () -> () loc("a":1:2 to 1:1)

// -----

"test.op"() : () -> () loc("a"("b"))

// -----

"test.op"() : () -> () loc("a"("b":1:2))

// -----

"test.op"() : () -> () loc("a"(unknown))

// -----

"test.op"() : () -> () loc("a"("b"("c")))

// -----

"test.op"() : () -> () loc(callsite("a" at "b"))

// -----

"test.op"() : () -> () loc(callsite("a" at "b":1:2))

// -----

"test.op"() : () -> () loc(callsite("a" at callsite("b" at "c")))

// -----

"test.op"() : () -> () loc(callsite(callsite("b" at "c") at "a"))

// -----

"test.op"() : () -> () loc(fused["a", "b"])

// -----

"test.op"() : () -> () loc(fused["a"])

// -----

"test.op"() : () -> () loc(fused[])

// -----

"test.op"() : () -> () loc(fused<"m">["a"])

// -----

"test.op"() : () -> () loc(fused<"m">["a", "b"])

// -----

"test.op"() : () -> () loc(fused<"m">[])

// -----

"test.op"() : () -> () loc(fused<1 : i32>["a"])

// -----

"test.op"() : () -> () loc(fused[unknown])

// -----

"test.op"() : () -> () loc(fused[unknown, unknown])

// -----

"test.op"() : () -> () loc(fused["a", unknown])

// -----

"test.op"() : () -> () loc(fused["a", "a"])

// -----

"test.op"() : () -> () loc(fused[fused["a", "b"], "c"])

// -----

"test.op"() : () -> () loc(fused[fused<"m">["a"], "c"])

// -----

"test.op"() : () -> () loc(fused<#foo.bar>["a"])

// -----

"test.op"() : () -> () loc("")

// -----

"test.op"() : () -> () loc (unknown)

// -----

"test.op"() : () -> () loc( "a" : 1 : 2 )

// -----

"test.op"() : () -> () loc("a\0Ab":1:2)

// -----

"test.op"() : () -> () loc("a":0x1:1)

// -----

"test.op"() : () -> () loc(fused<@a>["a"])

// -----

"test.op"() : () -> () loc(fused<{a = 1}>["a", "b"])

// -----

"test.op"() : () -> () loc(fused<[1]>["x"])

// -----

"test.op"() : () -> () loc("":1:2)

// -----

"test.op"() : () -> () loc(callsite(unknown at unknown))

// -----

"test.op"() : () -> () loc("a"(callsite("b" at "c")))

// -----

"test.op"() : () -> () loc(fused<loc("a")>["b"])

// -----

"test.op"() : () -> () loc("\FF")

// -----

"test.op"() ({
^bb0(%a: i32 loc(unknown)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

"test.op"() ({
^bb0(%a: i32 loc("a")):
  "test.end"() : () -> ()
}) : () -> ()

// -----

"test.op"() ({
^bb0(%a: i32 loc("a":1:2)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

"test.op"() ({
^bb0(%a: i32 loc("a":1)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

"test.op"() ({
^bb0(%a: i32 loc("a":0:0)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

"test.op"() ({
^bb0(%a: i32 loc(fused["a","b"])):
  "test.end"() : () -> ()
}) : () -> ()

// -----

"test.op"() ({
^bb0(%a: i32 ):
  "test.end"() : () -> ()
}) : () -> ()

// -----

"test.op"() {a = loc(unknown)} : () -> ()

// -----

"test.op"() {a = loc("a":1)} : () -> ()

// -----

"test.op"() {a = loc("a":1:2 to :4)} : () -> ()

// -----

"test.op"() {a = loc("a":1:2 to 0:1)} : () -> ()

// -----

"test.op"() {a = loc("a"("b"))} : () -> ()

// -----

"test.op"() {a = loc("a"(unknown))} : () -> ()

// -----

"test.op"() {a = loc(fused[])} : () -> ()

// -----

"test.op"() {a = loc(fused<"m">[])} : () -> ()

// -----

"test.op"() {a = loc(fused[unknown, unknown])} : () -> ()

// -----

"test.op"() {a = loc(fused[fused["a", "b"], "c"])} : () -> ()

// -----

"test.op"() {a = loc("a\0Ab":1:2)} : () -> ()

