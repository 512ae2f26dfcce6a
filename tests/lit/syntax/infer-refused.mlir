// What pretty forms say when a type that they leave out cannot be found.
// RUN: he-opt --load-dialect %S/Inputs/infer.dialect --verify-diagnostics --split-input-file %s

func.func @f(%x: !t.box<n = 0>) {
  // expected-error @below {{'t.halve': cannot infer the result type: division by zero}}
  %0 = t.halve %x : !t.box<n = 0>
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'%y' is not defined here, and its type is not written}}
  %0 = t.plus %y
  %y = "t.plus"(%x) : (i32) -> i32
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'t.plus' defines 1 results, but 2 are named}}
  %0:2 = t.plus %x
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'%x' has 1 values; there is no #1}}
  %0 = t.plus %x#1
  return
}
