// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s
// RUN: not he-opt --allow-unregistered-dialect --split-input-file %s 2>&1 | FileCheck %s
// One run tells all errors of a file, and none that only follow from others.

// CHECK-NOT: error: {{.*}}%follows
"t.ok"() : () -> ()
// expected-error @below {{expected ',' or ')'; found ':'}}
%follows = "t.a"(%x : () -> i32
// expected-error @below {{undefined attribute alias '#nope'}}
%follows_too:2 = "t.b"(%follows) {a = #nope} : (i32) -> (i32, i32)
"t.c"(%follows, %follows_too#1) : (f32, f64) -> ()
// expected-error @below {{use of undeclared SSA value '%undefined'}}
"t.d"(%undefined) : (i32) -> ()

// -----

module {
  func.func @f(%a: i32) {
    // expected-error @below {{unknown operation 'nn.ad'}}
    %0 = nn.ad %a, %a : i32
    %1 = nn.add %0, %a : (i32, i32) -> i32
    "t.region"() ({
      // expected-error @below {{expected a type; found '='}}
      %2 = "t.a"() : () -> =
      "t.b"(%2) : (i32) -> ()
      // expected-error @below {{expected '(' before the operands}}
      "t.c" : () -> ()
    // expected-error @below {{expected a type; found ')'}}
    ^bb1(%3: i32, %4: ):
      "t.d"(%3, %4) : (i32, f32) -> ()
      // expected-error @below {{reference to an undefined block '^nowhere'}}
      "t.e"()[^nowhere] : () -> ()
    }) : () -> ()
    return
  }
  // expected-error @below {{expected a type; found '{'}}
  func.func @g(%a: i32) -> {
    return %a : i32
  }
  // expected-error @below {{expected a symbol name '@…'; found '('}}
  func.func (%a: i32) {
    return
  }
}

// -----

// expected-error @below {{expected a type; found ':'}}
!t = tuple<:>
// expected-error @below {{undefined type alias '!s'}}
"t.a"() : () -> (i32, !s)
"t.a"() : () -> !t
// expected-error @below {{undefined location alias '#loc2'}}
"t.b"() : () -> () loc(#loc2)
// expected-error @below {{expected a line number; found 'x'}}
#loc1 = loc("a":x:1)
"t.b"() : () -> () loc(#loc1)

// -----

// A bracket that is never closed hides nothing but its op.
// expected-error @below {{expected ',' or ']'; found '}'}}
"t.a"() {a = [1, 2} : () -> ()
%0 = "t.b"() : () -> i32
// expected-error @below {{'%0' has type i32, but is used here as f32}}
"t.c"(%0) : (f32) -> ()

// -----

// What an error leaves open at the end is not told again.
module {
  func.func @f() {
    // expected-error @below {{expected an SSA value as an operand}}
    "t.a"( : () -> ()

// -----

// Nothing in a section begins an op.
{-#
  external_resources: {
    // expected-error @below {{expected a string, true or false; found '['}}
    foo: { a: [1], b: "x" }
  }
#-}
// expected-error @below {{expected '(' before the operands}}
"t.a" : () -> ()
