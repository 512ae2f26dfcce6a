// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+2 {{expected a type; found 'i32x'}}
"a.b"() : () -> i32
"a.b"() : () -> i32x

// -----

// expected-error @+2 {{expected a type; found 'i32.x'}}
"a.b"() : () -> i32
"a.b"() : () -> i32.x

// -----

// expected-error @+2 {{unknown operation 'x'}}
"a.b"() : () -> i32
"a.b"() : () -> i32 x

// -----

// expected-error @+2 {{expected an operation; found '}'}}
"a.b"() : () -> i32
"a.b"() : () -> i32}

// -----

// expected-error @+2 {{expected an operation; found ':'}}
"a.b"() : () -> i32
"a.b"() : () -> i32 : i32

// -----

// expected-error @+2 {{expected an operation; found '->'}}
"a.b"() : () -> i32
"a.b"() : () -> i32 -> i32

// -----

// expected-error @+2 {{expected an operation; found '/'}}
"a.b"() : () -> i32
"a.b"() : () -> i32/c

// -----

// expected-error @+2 {{expected a type; found 'i32loc'}}
"a.b"() : () -> i32
"a.b"() : () -> i32loc(unknown)

// -----

// expected-error @+2 {{expected an operation; found '>'}}
"a.b"() : () -> !a.b<1>
"a.b"() : () -> !a.b<1>>

// -----

// expected-error @+2 {{expected an operation; found '<'}}
"a.b"() : () -> !a.b
"a.b"() : () -> !a.b <1>

// -----

// expected-error @+2 {{expected an operation; found '->'}}
"a.b"() : () -> (i32)
"a.b"() : () -> (i32) -> i32

// -----

// expected-error @+2 {{expected '>' after the tensor's element type; found '2'}}
"a.b"() : () -> tensor<2xi32>
"a.b"() : () -> tensor<2xi3 2>

// -----

// expected-error @+2 {{expected a type; found 'i'}}
"a.b"() : () -> i32
"a.b"() : () -> i 32

// -----

// expected-error @+1 {{undefined type alias '!t'}}
"a.b"() : () -> !t
!t = i32
"a.b"() : () -> !t

// -----

// expected-error @+4 {{'%1' has type f32, but is used here as i32}}
%0 = "a.b"() : () -> i32
"a.c"(%0) : (i32) -> ()
"a.c"(%1) : (f32) -> ()
"a.c"(%1) : (i32) -> ()
%1 = "a.b"() : () -> f32

// -----

// expected-error @+4 {{'%1' has type f32, but was used before as i32}}
"a.c"(%0) : (i32) -> ()
"a.c"(%1) : (i32) -> ()
%0 = "a.b"() : () -> i32
%1 = "a.b"() : () -> f32

// -----

// expected-error @+5 {{'%1' has type f32, but is used here as i32}}
%0 = "a.b"() : () -> i32
"a.c"(%0) : (i32) -> ()
"a.c"(%0) ({
  %1 = "a.b"() : () -> f32
  "a.c"(%1) : (i32) -> ()
}) : (i32) -> ()

// -----

// expected-error @+1 {{use of undeclared SSA value '%0'}}
"a.c"(%0#1) : (i32) -> ()
"a.c"(%0#1) : (i32) -> ()
%0 = "a.b"() : () -> i32

// -----

// expected-error @+6 {{'%a' has type f32, but is used here as i32}}
func.func @f(%a: i32) {
  "a.c"(%a) : (i32) -> ()
  return
}
func.func @g(%a: f32) {
  "a.c"(%a) : (i32) -> ()
  return
}

// -----

// expected-error @+3 {{'%5' has 1 values; there is no #1}}
%5 = "a.b"() : () -> i32
"a.c"(%5) : (i32) -> ()
"a.c"(%5#1) : (i32) -> ()

// -----

// expected-error @+2 {{redefinition of SSA value '%5'}}
%5:2 = "a.b"() : () -> (i32, i32)
%5 = "a.b"() : () -> i32

// -----

// expected-error @+2 {{use of undeclared SSA value '%5'}}
%4294967301 = "a.b"() : () -> i32
"a.c"(%5) : (i32) -> ()

// -----

// expected-error @+2 {{use of undeclared SSA value '%5'}}
%05 = "a.b"() : () -> i32
"a.c"(%5) : (i32) -> ()

// -----

// expected-error @+2 {{'x' stands in the properties and in the attributes}}
"a.b"() <{x = 1}> : () -> ()
"a.b"() <{x = 1}> {x = 1} : () -> ()

// -----

// expected-error @+2 {{expected ':' before the operation's type; found '<'}}
"a.b"() <{x = 1}> : () -> ()
"a.b"() <{x = 1}> <{x = 1}> : () -> ()

// -----

// expected-error @+2 {{expected ':' before the operation's type; found '>'}}
"a.b"() <{x = 1}> : () -> ()
"a.b"() <{x = 1}>> : () -> ()

// -----

// expected-error @+2 {{expected ')' after the location; found ':'}}
"a.b"() : () -> () loc("f":1:2)
"a.b"() : () -> () loc("f":3:4:5)

// -----

// expected-error @+2 {{expected a column number; found '4294967296'}}
"a.b"() : () -> () loc("f":1:2)
"a.b"() : () -> () loc("f":3:4294967296)

// -----

// expected-error @+2 {{expected a column number; found ')'}}
"a.b"() : () -> () loc("f":1:2)
"a.b"() : () -> () loc("f":3:)

// -----

// expected-error @+2 {{unknown operation 'loc'}}
"a.b"() : () -> () loc("f":1:2)
"a.b"() : () -> () loc("f":3:4) loc("f":3:4)

// -----

// expected-error @+2 {{expected ')' after the location; found 'x'}}
"a.b"() : () -> () loc("f":1:2)
"a.b"() : () -> () loc("f":3:4x)

// -----

// expected-error @+3 {{expected ')' after the location; the file ends here}}
"a.b"() : () -> () loc("f":1:2)
"a.b"() : () -> () loc("f":3:4
