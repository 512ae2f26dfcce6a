// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

func.func private @f()

// -----

func.func nested @f()

// -----

func.func public @f() { return }

// -----

func.func private @f() { return }

// -----

func.func nested @f() { return }

// -----

func.func @f() -> () { return }

// -----

func.func private @f() -> i32

// -----

func.func private @f() -> (i32)

// -----

func.func private @f() -> (i32, f32)

// -----

func.func private @f() -> (() -> ())

// -----

func.func private @f(i32)

// -----

func.func private @f(i32, f32)

// -----

func.func private @f(%a: i32)

// -----

func.func private @f(%a: i32, %b: f32)

// -----

func.func @f(%a: i32) { return }

// -----

func.func @f(%a: i32) -> i32 { return %a : i32 }

// -----

func.func @f(%a: i32) -> (i32, i32) { return %a, %a : i32, i32 }

// -----

func.func @f(%a: i32) -> i32 { func.return %a : i32 }

// -----

func.func @f(%a: i32) -> i32 { "func.return"(%a) : (i32) -> () }

// -----

func.func @f(%a: i32) -> i32 { return {a = 1} %a : i32 }

// -----

func.func @f(%a: i32 {a.b = 1}) { return }

// -----

func.func @f(%a: i32 {}) { return }

// -----

func.func private @f(i32 {a.b})

// -----

func.func private @f() -> (i32 {a.b})

// -----

func.func private @f() -> (i32 {})

// -----

func.func private @f() attributes {a = 1}

// -----

func.func private @f() attributes {a.b = 1}

// -----

func.func private @f() attributes {}

// -----

func.func @f() attributes {a} { return }

// -----

func.func @f() { return } loc("x")

// -----

func.func @f(%a: i32 loc("x")) { return }

// -----

func.func @f(%a: i32 {a.b} loc("x")) { return }

// -----

func.func @f(%a: i32 loc(unknown), %b: i32 loc("y":1:2)) { return }

// -----

func.func private @f(i32 loc("x"))

// -----

func.func private @f() attributes {arg_attrs = []}

// -----

func.func private @f() attributes {no_inline}

// -----

func.func private @f() attributes {llvm.x = 1, foo = "b"}

// -----

func.func @"a b"() { return }

// -----

func.func @""() { return }

// -----

func.func private @a.b()

// -----

func.func private @f() func.func private @g()

// -----

module { func.func private @f() }
module { func.func private @f() }

// -----

"a.b"() ({ func.func private @f() func.func private @f() }) : () -> ()

// -----

"func.func"() <{function_type = () -> (), sym_name = "f"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

"func.func"() <{function_type = () -> (), sym_name = "f", sym_visibility = "private"}> ({
}) : () -> ()

// -----

"func.func"() <{function_type = () -> (), sym_name = "f", sym_visibility = "private"}> ({}) : () -> ()

// -----

"func.func"() <{function_type = (i32) -> (), sym_name = "f"}> ({
^bb0(%a: i32):
  "func.return"() : () -> ()
}) : () -> ()

// -----

"func.func"() ({
  "func.return"() : () -> ()
}) {function_type = () -> (), sym_name = "f"} : () -> ()

// -----

"func.func"() ({
  "func.return"() : () -> ()
}) {function_type = () -> (), sym_name = "f", extra = 1} : () -> ()

// -----

"func.func"() <{function_type = (i32) -> (), sym_name = "f", arg_attrs = [{a.b}]}> ({
^bb0(%a: i32):
  "func.return"() : () -> ()
}) : () -> ()

// -----

"func.func"() <{function_type = () -> i32, sym_name = "f", res_attrs = [{a.b}], sym_visibility = "private"}> ({}) : () -> ()

// -----

func.func private @g(i32) -> f32
func.func @f(%a: i32) -> f32 {
  %0 = func.call @g(%a) : (i32) -> f32
  return %0 : f32
}

// -----

func.func private @g(i32) -> f32
func.func @f(%a: i32) -> f32 {
  %0 = call @g(%a) : (i32) -> f32
  return %0 : f32
}

// -----

func.func private @g(i32) -> f32
func.func @f(%a: i32) -> f32 {
  %0 = "func.call"(%a) <{callee = @g}> : (i32) -> f32
  return %0 : f32
}

// -----

func.func private @g(i32) -> f32
func.func @f(%a: i32) -> f32 {
  %0 = "func.call"(%a) {callee = @g} : (i32) -> f32
  return %0 : f32
}

// -----

func.func private @g()
func.func @f() {
  func.call @g() {a = 1} : () -> ()
  return
}

// -----

func.func @f(%x: i32) {
  %f = "func.constant"() <{value = @f}> : () -> ((i32) -> ())
  "func.call_indirect"(%f, %x) : ((i32) -> (), i32) -> ()
  return
}

// -----

func.func @f() -> (i32, i32) {
  %0:2 = "a.b"() : () -> (i32, i32)
  return %0#0, %0#1 : i32, i32
}

// -----

func.func @f() -> (i32, i32) {
  %0:2 = call @f() : () -> (i32, i32)
  return %0#1, %0#0 : i32, i32
}

// -----

func.func @f() {
  "func.return"() {a = 1} : () -> ()
}

// -----

func.func @f(%arg0: !foo.bar) -> !foo.bar { return %arg0 : !foo.bar }

// -----

func.func @f(%arg0: tensor<?xf32, #foo.bar>) { return }

// -----

func.func private @f(%arg0: i32 {a.b = 1, c.d = "x"}) -> (i32 {a.b}, f32)

// -----

func.func @f() -> i32 attributes {a.b} { %0 = "a.c"() : () -> i32 return %0 : i32 }

// -----

func.func @f() { "a.c"()[^bb1] : () -> () ^bb1: return }

// -----

func.func @f() { ^bb0: "a.c"()[^bb1] : () -> () ^bb1: return }

// -----

func.func @f() { "a.c"() {x = @f::@g} : () -> () return }

// -----

func.func @f() {
  return
^bb1(%x: i32):
  return
}

// -----

func.func @f(%x: i32) -> (i32 {a.b}) attributes {x} { return %x : i32 }

// -----

func.func @f(%x: i32)
 -> i32 { return %x : i32 }

// -----

func.func @f(%x : vector<2xi32>) { "a.b"(%x) : (vector<2xi32>) -> () return }

// -----

func.func private @f(%0: i32, %1: i32)

// -----

func.func @f(%0: i32, %1: i32) { %2 = "a.b"(%0, %1) : (i32, i32) -> i32 return }

// -----

func.func @c(%f: (i32) -> (i32, f32), %x: i32) {
  %0:2 = call_indirect %f(%x) {a.b = 1} : (i32) -> (i32, f32)
  return
}

// -----

!ft = () -> ()
func.func @c(%f: !ft) { func.call_indirect %f() : !ft return }

// -----

func.func @g(%f: (i32) -> (), %x : i32) {
  call_indirect %f(%x) {arg_attrs = [{a.b = 1}], res_attrs = []} : (i32) -> ()
  return
}

// -----

func.func private @f(i32)
func.func @g(%x : i32) {
  call @f(%x) {arg_attrs = [{}, {}], no_inline} : (i32) -> ()
  return
}

// -----

func.func @g() { builtin.module { module {} } return }

// -----

"a.b"() ({ module {} }) : () -> ()

// -----

%0 = "a.b"() : () -> f32
%1 = unrealized_conversion_cast %0 : f32 to i32
