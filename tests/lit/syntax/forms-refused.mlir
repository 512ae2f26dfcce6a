// RUN: he-opt --load-dialect %S/Inputs/forms.dialect --verify-diagnostics --split-input-file %s

func.func @f(%x: i32) {
  // expected-error @below {{expected a block label as a successor}}
  forms.branch %x
}

// -----

func.func @f(%x: i32) {
  forms.branch ^end(%x : i32
// expected-error @below {{expected ')'}}
^end:
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{^missing}}
  forms.branch ^missing
}

// -----

func.func @f(%x: i32) {
  %0 = forms.copy %x
  // expected-error @below {{expected 'whole'}}
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{expected an attribute}}
  %0 = forms.copy %x by right
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'inplace' is given twice}}
  %0 = forms.copy %x inplace whole {inplace}
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'forms.share' does not have 0 operands}}
  %0 = forms.share : to i32
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{'forms.share' does not have 0 results}}
  forms.share %x : i32 to
  return
}

// -----

func.func @f(%x: i32) {
  // expected-error @below {{expected ',' between types}}
  %0 = forms.share %x, %x : i32 to i32
  return
}

// -----

func.func @f(%c: i1) {
  // expected-error @below {{expected '{'}}
  forms.if %c else {
    forms.yield
  }
  return
}

// -----

func.func @f(%c: i1) {
  // expected-error @below {{result must have type i1, as its operands and attributes say, but it has type i2}}
  %0 = "forms.copy"(%c) : (i1) -> i2
  return
}
