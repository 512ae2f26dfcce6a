// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s
// Errors of the parser that no program of refused/ shows.

// expected-error @below {{expected ')' after the expression}}
"t.a"() {a = affine_map<(d0) -> ((d0 ]>} : () -> ()

// -----

// expected-error @below {{'d1' is no dimension or symbol of this map}}
"t.a"() {a = affine_map<(d0) -> (d1)>} : () -> ()

// -----

// expected-error @below {{expected '<' after 'strided'}}
"t.a"() {a = strided[1]} : () -> ()

// -----

// expected-error @below {{expected '>' after the layout}}
"t.a"() {a = strided<[1], offset: 2]} : () -> ()

// -----

// expected-error @below {{expected ']' after the number}}
"t.a"() {a = distinct[0}<1>} : () -> ()

// -----

"t.a"() {a = distinct[0]<1>} : () -> ()
// expected-error @below {{distinct[0] is distinct[0]<1> elsewhere}}
"t.a"() {a = distinct[0]<2>} : () -> ()

// -----

// expected-error @below {{the type has more elements than memory could hold}}
"t.a"() {a = dense<[1]> : tensor<4294967296x4294967296xi8>} : () -> ()

// -----

// expected-error @below {{a pair is no element of type i32}}
"t.a"() {a = dense<[(1, 2), (3, 4)]> : tensor<2xi32>} : () -> ()

// -----

// expected-error @below {{expected '>' after the values}}
"t.a"() {a = sparse<[[0]], [1] : tensor<4xi32>} : () -> ()

// -----

// expected-error @below {{expected a string, true or false}}
{-# external_resources: {a: {b: [1]}} #-}

// -----

// expected-error @below {{expected '{' before the section's entries}}
{-# external_resources: a #-}

// -----

// expected-error @below {{expected '{' before the group's entries}}
{-# external_resources: {a: b} #-}

// -----

// expected-error @below {{expected ')' after the caller}}
"t.a"() : () -> () loc(callsite("a" at "b"])

// -----

// expected-error @below {{expected '>' after the metadata}}
"t.a"() : () -> () loc(fused<"a"["b"])

// -----

// expected-error @below {{expected ')' after the child location}}
"t.a"() : () -> () loc("a"("b"])

// -----

// expected-error @below {{the properties of 'func.return' must be a dictionary}}
"func.return"() <1> : () -> ()

// -----

// expected-error @below {{expected a function type}}
func.func @f(%f: i32) { call_indirect %f() : i32 }

// -----

func.func private @g(i32)
func.func @f(%x: i32) {
  // expected-error @below {{2 operands, but 1 operand types}}
  call @g(%x, %x) : (i32) -> ()
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @below {{'nn.add' does not have 2 results}}
  %0 = nn.add %x, %x : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// expected-error @below {{'ckks.ct' has no parameter 'levels'}}
"t.a"() : () -> !ckks.ct<levels = 1>

// -----

// expected-error @below {{'level' is given twice}}
"t.a"() : () -> !ckks.ct<level = 1, level = 1>

// -----

// expected-error @below {{expected an identifier as a parameter name}}
"t.a"() : () -> !ckks.ct<[level = 1]>

// -----

// expected-error @below {{expected '=' after the parameter's name}}
"t.a"() : () -> !ckks.ct<level 1>

// -----

// expected-error @below {{'nn.weights' has 2 parameters}}
"t.a"() {a = #nn.weights<"a", "b", "c">} : () -> ()
