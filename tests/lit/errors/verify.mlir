// What the verifier and the parser say where a clause of a .dialect file has no value, and about kernels, stages, regions.
// RUN: he-opt --load-dialect %S/Inputs/wrong.dialect --verify-diagnostics --split-input-file %s

// expected-error @below {{'wrong.sum': its kernel cannot be written out: it has no operand}}
%0 = "wrong.sum"() : () -> !packed.vec<shape = [4], period = 4, slots = 8>

// -----

func.func @f(%x: !packed.vec<shape = [4], period = 4, slots = 8>) {
  // expected-error @below {{result #0 has type !packed.vec<shape = [2], period = 4, slots = 8>, but its kernel yields !packed.vec<shape = [4], period = 4, slots = 8>}}
  %0 = "wrong.narrow"(%x) : (!packed.vec<shape = [4], period = 4, slots = 8>) -> !packed.vec<shape = [2], period = 4, slots = 8>
  return
}

// -----

func.func @f(%x: !packed.vec<shape = [4], period = 4, slots = 8>) {
  // expected-error @below {{'wrong.second': its kernel cannot be written out: it yields something that is not a value}}
  %0 = "wrong.second"(%x) : (!packed.vec<shape = [4], period = 4, slots = 8>) -> !packed.vec<shape = [4], period = 4, slots = 8>
  return
}

// -----

func.func @f(%x: !packed.vec<shape = [4], period = 4, slots = 8>) {
  // expected-error @below {{'wrong.turn': its kernel cannot be written out: the attribute 'by' has no value}}
  %0 = "wrong.turn"(%x) : (!packed.vec<shape = [4], period = 4, slots = 8>) -> !packed.vec<shape = [4], period = 4, slots = 8>
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'wrong.check' op cannot check at([1, 2], at) == 1: the list has no element 2}}
  %0 = "wrong.check"(%x) {at = 2} : (i32) -> i32
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'wrong.check' op requires at([1, 2], at) == 1}}
  %0 = "wrong.check"(%x) {at = 1} : (i32) -> i32
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'wrong.choose': cannot infer the result type: the list has no element 1}}
  %0 = wrong.choose %x {at = 1}
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'wrong.number': cannot infer the result type: its value is not a type}}
  %0 = wrong.number %x
  return
}

// -----

// expected-error @below {{'wrong.region' op must end its block with a terminator, not 'wrong.number'}}
"wrong.region"() ({
^bb0(%x: i32):
  %0 = "wrong.number"(%x) : (i32) -> i32
}) : () -> ()

// -----

module attributes {he.stage = "nn"} {
  func.func @f(%x: !packed.vec<shape = [4], period = 4, slots = 8>) {
    // expected-error @below {{'packed.neg' op is not legal at stage 'nn', only at packed}}
    %0 = packed.neg %x : !packed.vec<shape = [4], period = 4, slots = 8>
    return
  }
}

// -----

// expected-error @below {{unknown stage 'late' in he.stage; there are nn, poly, packed, ckks, leveled}}
module attributes {he.stage = "late"} {
}
