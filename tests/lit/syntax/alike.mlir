// RUN: he-opt --load-dialect %S/Inputs/alike.dialect --verify-diagnostics %s

// Ops of one name, with equal types and attributes, are not all right because one is.
func.func @f(%a: i32, %b: i32) {
  %0 = "alike.last"(%b) : (i32) -> i32
  // expected-error @+1 {{'alike.last' op its operand is used elsewhere}}
  %1 = "alike.last"(%a) : (i32) -> i32
  %2 = "alike.two"(%a, %1) : (i32, i32) -> i32
  // expected-error @+1 {{'alike.two' op its operands are the same value}}
  %3 = "alike.two"(%2, %2) : (i32, i32) -> i32
  %4 = "alike.wide"(%3) {by = 2} : (i32) -> i32
  // expected-error @+1 {{'alike.wide' op by is too small}}
  %5 = "alike.wide"(%3) {by = 1} : (i32) -> i32
  // expected-error @+1 {{'alike.wide' op by is too small}}
  %6 = "alike.wide"(%3) {by = 1} : (i32) -> i32
  func.return
}
