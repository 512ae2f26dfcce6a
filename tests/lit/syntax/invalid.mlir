// RUN: he-opt --allow-unregistered-dialect --verify-diagnostics --split-input-file %s

// expected-error @below {{use of undeclared SSA value '%missing'}}
"test.use"(%missing) : (i32) -> ()

// -----

%a = "test.def"() : () -> i32
// expected-error @below {{redefinition of SSA value '%a'}}
%a = "test.def"() : () -> i32

// -----

%a = "test.def"() : () -> i32
// expected-error @below {{'%a' has type i32, but is used here as i64}}
"test.use"(%a) : (i64) -> ()

// -----

// expected-error @below {{expected 1 operand types, found 2}}
// expected-error @below {{use of undeclared SSA value '%a'}}
"test.use"(%a) : (i32, i32) -> ()

// -----

// expected-error @below {{'test.def' defines 1 results, but 2 are named}}
%a:2 = "test.def"() : () -> i32

// -----

// expected-error @below {{duplicate key 'a' in a dictionary}}
"test.op"() {a = 1, a = 2} : () -> ()

// -----

// expected-error @below {{'a' stands in the properties and in the attributes}}
"test.op"() <{a = 1}> {a = 2} : () -> ()

// -----

// expected-error @below {{the integer does not fit in i8}}
"test.op"() {a = 256 : i8} : () -> ()

// -----

// expected-error @below {{integer width 16777216 is larger than 16777215}}
"test.op"() : () -> i16777216

// -----

// expected-error @below {{the elements have shape [2], the type has [3]}}
"test.op"() {a = dense<[1, 2]> : tensor<3xi32>} : () -> ()

// -----

// expected-error @below {{undefined type alias '!nothing'}}
"test.op"() : () -> !nothing

// -----

// expected-error @below {{reference to an undefined block '^nowhere'}}
"test.op"() ({ "test.branch"()[^nowhere] : () -> () }) : () -> ()

// -----

func.func @f() {
  // expected-error @below {{operand #0 does not dominate this use}}
  "test.use"(%a) : (i32) -> ()
  %a = "test.def"() : () -> i32
  return
}

// -----

func.func @twice() { return }
// expected-error @below {{redefinition of symbol 'twice'}}
func.func @twice() { return }

// -----

// expected-error @below {{returns (i32), but @f is declared to return ()}}
func.func @f(%a: i32) { return %a : i32 }

// -----

// expected-error @below {{must be the last operation in its block}}
func.func @f() { return return }
