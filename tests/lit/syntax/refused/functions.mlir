// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{'func.func' op @f: a declaration must be private}}
func.func @f()

// -----

// expected-error @+1 {{'func.func' op @f: a declaration must be private}}
func.func public @f()

// -----

// expected-error @+1 {{expected a symbol name '@…'; found 'foo'}}
func.func foo @f() { return }

// -----

// expected-error @+1 {{expected a symbol name '@…'; found '"private"'}}
func.func "private" @f()

// -----

// expected-error @+1 {{unknown operation 'func'}}
func @f() { return }

// -----

// expected-error @+1 {{expected a symbol name '@…'; found 'f'}}
func.func f() { return }

// -----

// expected-error @+1 {{expected '(' before the arguments; found '{'}}
func.func @f { return }

// -----

// expected-error @+1 {{expected a type; found '{'}}
func.func @f() -> { return }

// -----

// expected-error @+1 {{'func.return' op returns (), but @f is declared to return (i32)}}
func.func @f() -> i32 { return }

// -----

// expected-error @+1 {{expected an operation; found ','}}
func.func private @f() -> i32, f32

// -----

// expected-error @+1 {{expected an operation; found '->'}}
func.func private @f() -> () -> ()

// -----

// expected-error @+1 {{expected names of all arguments, or of none; found 'f32'}}
func.func private @f(%a: i32, f32)

// -----

// expected-error @+1 {{expected names of all arguments, or of none; found '%a'}}
func.func private @f(i32, %a: f32)

// -----

// expected-error @+1 {{a function with a body names its arguments: '%name: type'}}
func.func @f(i32) { return }

// -----

// expected-error @+1 {{expected a type; found ')'}}
func.func private @f(i32,)

// -----

// expected-error @+1 {{expected a type; found '...'}}
func.func private @f(...)

// -----

// expected-error @+1 {{expected a type; found '...'}}
func.func private @f(i32, ...)

// -----

// expected-error @+1 {{redefinition of SSA value '%a'}}
func.func @f(%a: i32, %a: i32) { return }

// -----

// expected-error @+1 {{expected ':' after the argument's name; found ')'}}
func.func @f(%a) { return }

// -----

// expected-error @+1 {{expected ':' after the argument's name; found 'i32'}}
func.func @f(%a i32) { return }

// -----

// expected-error @+1 {{'%a' has type i32, but is used here as f32}}
func.func @f(%a: i32) -> i32 { return %a : f32 }

// -----

// expected-error @+1 {{'func.return' op returns (i32), but @f is declared to return (f32)}}
func.func @f(%a: i32) -> f32 { return %a : i32 }

// -----

// expected-error @+1 {{expected ':'; found '}'}}
func.func @f(%a: i32) -> i32 { return %a }

// -----

// expected-error @+1 {{'func.return' op returns (), but @f is declared to return (i32)}}
func.func @f(%a: i32) -> i32 { return }

// -----

// expected-error @+1 {{'func.return' op returns (i32), but @f is declared to return ()}}
func.func @f(%a: i32) { return %a : i32 }

// -----

// expected-error @+1 {{expected ',' between types; found '}'}}
func.func @f(%a: i32) -> (i32, i32) { return %a, %a : i32 }

// -----

// expected-error @+1 {{expected an operation; found ','}}
func.func @f(%a: i32) -> (i32, i32) { return %a : i32, i32 }

// -----

// expected-error @+1 {{expected ':'; found '{'}}
func.func @f(%a: i32) -> i32 { return %a {a = 1} : i32 }

// -----

// expected-error @+1 {{expected an operation; found '{'}}
func.func @f(%a: i32) -> i32 { return %a : i32 {a = 1} }

// -----

// expected-error @+1 {{'func.func' op @f: the attribute 'a' in arg_attrs needs the name of a dialect in front}}
func.func @f(%a: i32 {a = 1}) { return }

// -----

// expected-error @+1 {{'func.func' op @f: the attribute 'a' in arg_attrs needs the name of a dialect in front}}
func.func private @f(i32 {a})

// -----

// expected-error @+1 {{'func.func' op @f: the attribute 'a' in res_attrs needs the name of a dialect in front}}
func.func private @f() -> (i32 {a})

// -----

// expected-error @+1 {{unknown operation 'a.b'}}
func.func private @f() -> i32 {a.b}

// -----

// expected-error @+3 {{expected '{' after 'attributes'; the file ends here}}
func.func private @f() attributes

// -----

// expected-error @+1 {{unknown operation 'a'}}
func.func private @f() {a = 1}

// -----

// expected-error @+1 {{unknown operation 'attributes'}}
func.func @f() attributes {a} attributes {b} { return }

// -----

// expected-error @+1 {{unknown operation 'attributes'}}
func.func @f() { return } attributes {a}

// -----

// expected-error @+1 {{expected ',' or ')'; found '{'}}
func.func @f(%a: i32 loc("x") {a.b}) { return }

// -----

// expected-error @+1 {{'sym_name' is given by the function's syntax, not by its attributes}}
func.func private @f() attributes {sym_name = "g"}

// -----

// expected-error @+1 {{'sym_visibility' is given by the function's syntax, not by its attributes}}
func.func private @f() attributes {sym_visibility = "private"}

// -----

// expected-error @+1 {{'function_type' is given by the function's syntax, not by its attributes}}
func.func private @f() attributes {function_type = () -> ()}

// -----

// expected-error @+2 {{redefinition of symbol 'f'}}
func.func private @f()
func.func private @f()

// -----

// expected-error @+2 {{redefinition of symbol 'f'}}
func.func private @f()
module @f { }

// -----

// expected-error @+1 {{'func.func' op is a symbol, but 'func.func' around it holds none}}
func.func @f() { func.func private @f() return }

// -----

// expected-error @+1 {{'func.func' op @f: a declaration must be private}}
"func.func"() <{function_type = () -> (), sym_name = "f"}> ({
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op visibility must be "public", "private" or "nested", not "foo"}}
"func.func"() <{function_type = () -> (), sym_name = "f", sym_visibility = "foo"}> ({}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op requires attribute 'sym_name'}}
"func.func"() <{function_type = () -> ()}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op requires attribute 'function_type'}}
"func.func"() <{sym_name = "f"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op attribute 'function_type' must be a function type, but is i32}}
"func.func"() <{function_type = i32, sym_name = "f"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op attribute 'function_type' must be a function type, but is "x"}}
"func.func"() <{function_type = "x", sym_name = "f"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op attribute 'sym_name' must be a symbol name, but is @f}}
"func.func"() <{function_type = () -> (), sym_name = @f}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op @f: the entry block's arguments differ from its type}}
"func.func"() <{function_type = (i32) -> (), sym_name = "f"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op @f: the entry block's arguments differ from its type}}
"func.func"() <{function_type = (i32) -> (), sym_name = "f"}> ({
^bb0(%a: f32):
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op @f: the entry block's arguments differ from its type}}
"func.func"() <{function_type = (i32) -> (), sym_name = "f"}> ({
^bb0(%a: i32, %b: i32):
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{'func.return' op returns (), but @f is declared to return (i32)}}
"func.func"() <{function_type = () -> i32, sym_name = "f"}> ({
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op @f: arg_attrs must have 1 dictionaries, but has 0}}
"func.func"() <{function_type = (i32) -> (), sym_name = "f", arg_attrs = []}> ({
^bb0(%a: i32):
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op @f: the attribute 'a' in arg_attrs needs the name of a dialect in front}}
"func.func"() <{function_type = (i32) -> (), sym_name = "f", arg_attrs = [{a}]}> ({
^bb0(%a: i32):
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op @f: arg_attrs must be dictionaries}}
"func.func"() <{function_type = (i32) -> (), sym_name = "f", arg_attrs = [1]}> ({
^bb0(%a: i32):
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op @f: arg_attrs must have 1 dictionaries, but has 2}}
"func.func"() <{function_type = (i32) -> (), sym_name = "f", arg_attrs = [{}, {}]}> ({
^bb0(%a: i32):
  "func.return"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op @f: res_attrs must have 1 dictionaries, but has 0}}
"func.func"() <{function_type = () -> i32, sym_name = "f", res_attrs = [], sym_visibility = "private"}> ({}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op attribute 'res_attrs' must be an array, but is {}}}
"func.func"() <{function_type = () -> i32, sym_name = "f", res_attrs = {}, sym_visibility = "private"}> ({}) : () -> ()

// -----

// expected-error @+2 {{'func.func' op attribute 'sym_visibility' must be a string, but is 1}}
// expected-error @+1 {{'func.func' op visibility must be "public", "private" or "nested", not ""}}
"func.func"() <{function_type = () -> (), sym_name = "f", sym_visibility = 1}> ({ "func.return"() : () -> () }) : () -> ()

// -----

// expected-error @+1 {{'func.func' op expected 1 region, found 0}}
"func.func"() <{function_type = () -> (), sym_name = "f"}> : () -> ()

// -----

// expected-error @+1 {{'func.func' op expected 1 region, found 2}}
"func.func"() <{function_type = () -> (), sym_name = "f"}> ({ "func.return"() : () -> () }, {}) : () -> ()

// -----

// expected-error @+1 {{'func.func' op expected 0 results, found 1}}
%0 = "func.func"() <{function_type = () -> (), sym_name = "f"}> ({ "func.return"() : () -> () }) : () -> i32

// -----

// expected-error @+2 {{'func.call' op names @g, which is not defined}}
func.func @f(%a: i32) {
  func.call @g(%a) : (i32) -> ()
  return
}

// -----

// expected-error @+3 {{'func.call' op is of type (i32) -> (), but calls a function of type (f32) -> ()}}
func.func private @g(f32)
func.func @f(%a: i32) {
  func.call @g(%a) : (i32) -> ()
  return
}

// -----

// expected-error @+3 {{'func.call' op is of type (i32) -> (), but calls a function of type (i32, i32) -> ()}}
func.func private @g(i32, i32)
func.func @f(%a: i32) {
  func.call @g(%a) : (i32) -> ()
  return
}

// -----

// expected-error @+3 {{'func.call' op is of type (i32) -> (), but calls a function of type (i32) -> i32}}
func.func private @g(i32) -> i32
func.func @f(%a: i32) {
  func.call @g(%a) : (i32) -> ()
  return
}

// -----

// expected-error @+2 {{'func.call' op requires attribute 'callee'}}
func.func @f(%a: i32) {
  "func.call"(%a) : (i32) -> ()
  return
}

// -----

// expected-error @+2 {{'func.call' op attribute 'callee' must be a symbol reference, but is "g"}}
func.func @f(%a: i32) {
  "func.call"(%a) <{callee = "g"}> : (i32) -> ()
  return
}

// -----

// expected-error @+3 {{'func.call' op names a symbol that is no function}}
module @g {}
func.func @f() {
  func.call @g() : () -> ()
  return
}

// -----

// expected-error @+4 {{expected '->' before the result types; found 'return'}}
func.func private @g()
func.func @f() {
  func.call @g() : ()
  return
}

// -----

// expected-error @+3 {{'func.constant' op has the type (f32) -> (), its function (i32) -> ()}}
func.func private @g(i32)
func.func @f(%x: i32) {
  %f = func.constant @g : (f32) -> ()
  return
}

// -----

// expected-error @+2 {{'func.constant' op names @g, which is not defined}}
func.func @f(%x: i32) {
  %f = func.constant @g : (f32) -> ()
  return
}

// -----

// expected-error @+2 {{'func.constant' op has the type i32, its function (i32) -> ()}}
func.func @f(%x: i32) {
  %f = func.constant @f : i32
  return
}

// -----

// expected-error @+2 {{'func.call_indirect' op calls a value of type i32}}
func.func @f(%x: i32) {
  "func.call_indirect"(%x, %x) : (i32, i32) -> ()
  return
}

// -----

// expected-error @+3 {{'func.call_indirect' op is of type () -> (), but calls a function of type (i32) -> ()}}
func.func @f(%x: i32) {
  %f = "func.constant"() <{value = @f}> : () -> ((i32) -> ())
  "func.call_indirect"(%f) : ((i32) -> ()) -> ()
  return
}

// -----

// expected-error @+3 {{'func.call_indirect' op is of type (i32) -> i32, but calls a function of type (i32) -> ()}}
func.func @f(%x: i32) {
  %f = "func.constant"() <{value = @f}> : () -> ((i32) -> ())
  %0 = "func.call_indirect"(%f, %x) : ((i32) -> (), i32) -> i32
  return
}

// -----

// expected-error @+2 {{'func.constant' op requires attribute 'value'}}
func.func @f() {
  %f = "func.constant"() : () -> (() -> ())
  return
}

// -----

// expected-error @+3 {{'func.return' op returns (() -> (() -> ())), but @f is declared to return (() -> ())}}
func.func @f() -> (() -> ()) {
  %f = func.constant @f : () -> (() -> ())
  return %f : () -> (() -> ())
}

// -----

// expected-error @+2 {{'func.return' defines 0 results, but 1 are named}}
func.func @f() {
  %0 = return
}

// -----

// expected-error @+2 {{'func.return' op expected 0 regions, found 1}}
func.func @f() {
  "func.return"() ({}) : () -> ()
}

// -----

// expected-error @+2 {{'func.return' op has no inherent attribute 'a'}}
func.func @f() {
  "func.return"() <{a = 1}> : () -> ()
}

// -----

// expected-error @+2 {{'func.return' op expected 0 results, found 1}}
func.func @f() {
  %0 = "func.return"() : () -> i32
}

// -----

// expected-error @+2 {{'func.return' op expected 0 successors, found 1}}
func.func @f() {
  "func.return"()[^bb1] : () -> ()
^bb1:
  return
}

// -----

// expected-error @+1 {{use of undeclared SSA value '%b'}}
func.func @f(%a : i32) { "a.c"(%b) : (i32) -> () return }

// -----

// expected-error @+1 {{'func.func' op has an empty block: expected a terminator}}
func.func @f(%a : i32) { ^bb0(%b: i32): return }

// -----

// expected-error @+1 {{duplicate key 'a.b' in a dictionary}}
func.func @f(%x: i32 {a.b = 1, a.b = 2}) { return }

// -----

// expected-error @+1 {{expected a type; found '['}}
func.func @f(%x: i32) -> [i32] { return %x : i32 }

// -----

// expected-error @+1 {{redefinition of SSA value '%0'}}
func.func @f(%0: i32) { %0 = "a.b"() : () -> i32 return }

// -----

func.func @c(%f: (i32) -> i32, %x: i32) {
// expected-error @below {{expected a function type}}
  call_indirect %f(%x) : i32
  return
}

// -----

func.func @c(%f: (i32) -> i32, %x: i32) {
// expected-error @below {{3 operands, but 2 operand types}}
  %0 = call_indirect %f(%x, %x) : (i32) -> i32
  return
}

// -----

func.func @c(%f: () -> ()) {
// expected-error @below {{expected '('; found ':'}}
  call_indirect %f : () -> ()
  return
}

// -----

module @a {
  module @b { func.func private @c() }
  func.func @d() {
// expected-error @below {{'func.call' op names a nested symbol: only functions of its own table can be named}}
    call @b::@c() : () -> ()
    return
  }
}

// -----

func.func private @f()
func.func @g() {
  "a.b"() ({
// expected-error @below {{'func.constant' op names @f, but 'a.b' around it may hold other symbols}}
    %0 = constant @f : () -> ()
    "a.y"() : () -> ()
  }) : () -> ()
  return
}

// -----

func.func @g() {
// expected-error @below {{unknown operation 'module'}}
  module { }
  return
}

// -----

func.func private @f(i32)
func.func @g(%x : i32) {
// expected-error @below {{'func.call' op: arg_attrs must be dictionaries}}
  call @f(%x) {arg_attrs = [1]} : (i32) -> ()
  return
}

// -----

// expected-error @below {{unknown operation 'return'}}
"func.func"() <{sym_name = "f", function_type = () -> ()}> ({ return }) : () -> ()
