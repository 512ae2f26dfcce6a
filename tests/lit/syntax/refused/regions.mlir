// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+2 {{expected an SSA value as a block argument; found ')'}}
"a.b"() ({
^bb0(%a : i32,):
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected ':' after the argument's name; found ')'}}
"a.b"() ({
^bb0(%a):
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected an SSA value as a block argument; found 'i32'}}
"a.b"() ({
^bb0(i32):
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{redefinition of SSA value '%a'}}
"a.b"() ({
^bb0(%a: i32, %a: i32):
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+3 {{expected ':' after the block label; found '"a.c"'}}
"a.b"() ({
^bb0(%a: i32)
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected ',' or ')'; found ':'}}
"a.b"() ({
^bb0(%a: i32:
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{unknown operation 'bb0'}}
"a.b"() ({
bb0:
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected an operation; found the character '^'}}
"a.b"() ({
^:
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+3 {{redefinition of block '^bb0'}}
"a.b"() ({
^bb0:
^bb0:
}) : () -> ()

// -----

// expected-error @+4 {{redefinition of block '^bb0'}}
"a.b"() ({
^bb0:
  "a.c"() : () -> ()
^bb0:
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{'a.b' op has an empty block: expected a terminator}}
// expected-error @+1 {{'a.b' op has an empty block: expected a terminator}}
"a.b"() ({
^bb0:
^bb1:
}) : () -> ()

// -----

// expected-error @+1 {{'a.b' op has an empty block: expected a terminator}}
"a.b"() ({
^bb0:
  "a.c"() : () -> ()
^bb1:
}) : () -> ()

// -----

// expected-error @+3 {{'a.br' op branches to the entry block of its region, which no operation may do}}
"a.b"() ({
^bb0:
  "a.br"()[^bb0] : () -> ()
}) : () -> ()

// -----

// expected-error @+5 {{'a.br' op branches to the entry block of its region, which no operation may do}}
"a.b"() ({
^bb0:
  "a.br"()[^bb1] : () -> ()
^bb1:
  "a.br"()[^bb0] : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{reference to an undefined block '^nope'}}
"a.b"() ({
  "a.br"()[^nope] : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{'a.br' op with successors must terminate its block}}
"a.b"() ({
  "a.br"()[^bb1] : () -> ()
  "a.c"() : () -> ()
^bb1:
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+3 {{reference to an undefined block '^bb1'}}
"a.b"() ({
  "a.x"() ({
    "a.br"()[^bb1] : () -> ()
  }) : () -> ()
  "a.br"()[^bb1] : () -> ()
^bb1:
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+3 {{redefinition of SSA value '%a'}}
%a = "a.d"() : () -> i32
"a.b"() ({
  %a = "a.c"() : () -> i32
}) : () -> ()

// -----

// expected-error @+3 {{redefinition of SSA value '%a'}}
%a = "a.d"() : () -> i32
"a.b"() ({
^bb0(%a: i32):
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+4 {{use of undeclared SSA value '%a'}}
"a.b"() ({
  %a = "a.c"() : () -> i32
}) : () -> ()
"a.c"(%a) : (i32) -> ()

// -----

// expected-error @+4 {{use of undeclared SSA value '%a'}}
"a.b"() ({
  %a = "a.c"() : () -> i32
}, {
  "a.c"(%a) : (i32) -> ()
}) : () -> ()

// -----

// expected-error @+7 {{'a.c' op operand #0 does not dominate this use}}
"a.b"() ({
  "a.br"()[^bb1, ^bb2] : () -> ()
^bb1:
  %a = "a.d"() : () -> i32
  "a.br"()[^bb2] : () -> ()
^bb2:
  "a.c"(%a) : (i32) -> ()
}) : () -> ()

// -----

// expected-error @+4 {{'a.c' op operand #0 does not dominate this use}}
"a.b"() ({
  "a.br"()[^bb1, ^bb2] : () -> ()
^bb1:
  "a.c"(%a) : (i32) -> ()
^bb2:
  %a = "a.d"() : () -> i32
  "a.br"()[^bb1] : () -> ()
}) : () -> ()

// -----

// expected-error @+4 {{'a.c' op operand #0 does not dominate this use}}
"a.b"() ({
  "a.br"()[^bb1] : () -> ()
^bb1:
  "a.c"(%a) : (i32) -> ()
  %a = "a.d"() : () -> i32
  "a.end"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{'a.c' op operand #0 does not dominate this use}}
func.func @f() {
  "a.c"(%a) : (i32) -> ()
  %a = "a.d"() : () -> i32
  return
}

// -----

// expected-error @+2 {{'a.d' op operand #0 does not dominate this use}}
func.func @f() {
  %a = "a.d"(%a) : (i32) -> i32
  return
}

// -----

// expected-error @+3 {{'a.c' op operand #0 does not dominate this use}}
func.func @f() {
  %x = "a.b"() ({
    "a.c"(%x) : (i32) -> ()
  }) : () -> i32
  return
}

// -----

// expected-error @+3 {{'a.c' op operand #0 does not dominate this use}}
func.func @f() {
  "a.b"() ({
    "a.c"(%a) : (i32) -> ()
  }) : () -> ()
  %a = "a.d"() : () -> i32
  return
}

// -----

// expected-error @+7 {{'a.c' op operand #0 does not dominate this use}}
func.func @f(%a: i32) {
  "a.br"()[^bb1, ^bb2] : () -> ()
^bb1:
  %b = "a.d"() : () -> i32
  "a.br"()[^bb2] : () -> ()
^bb2:
  "a.c"(%b) : (i32) -> ()
  return
}

// -----

// expected-error @+1 {{'func.func' op has an empty block: expected a terminator}}
func.func @f(%a: i32) {
^bb0:
  return
}

// -----

// expected-error @+1 {{'func.func' op @f: the entry block's arguments differ from its type}}
func.func @f() {
^bb0(%a: i32):
  return
}

// -----

// expected-error @+3 {{'a.br' op branches to the entry block of its region, which no operation may do}}
func.func @f() {
^entry:
  "a.br"()[^entry] : () -> ()
}

// -----

// expected-error @+1 {{expected a function body that is not empty}}
func.func @f() {
}

// -----

// expected-error @+1 {{'func.return' op must be the last operation in its block}}
func.func @f() { return return }

// -----

// expected-error @+1 {{'func.func' op has an empty block: expected a terminator}}
func.func @f() { return
^bb1: }

// -----

// expected-error @+3 {{'func.return' op must be inside of a function}}
func.func @f() {
  "a.b"() ({
    return
  }) : () -> ()
  return
}

// -----

// expected-error @+3 {{'func.func' op is a symbol, but 'func.func' around it holds none}}
module {
  func.func @f(%a: i32) {
    func.func @g() {
      "a.c"(%a) : (i32) -> ()
      return
    }
    return
  }
}

// -----

// expected-error @+3 {{redefinition of SSA value '%a'}}
module {
  func.func @f(%a: i32) {
    func.func @g(%a: i32) {
      return
    }
    return
  }
}

// -----

// expected-error @+3 {{'a.c' op operand #0 does not dominate this use}}
%a = "a.d"() : () -> i32
module {
  "a.c"(%a) : (i32) -> ()
}

// -----

// expected-error @+3 {{redefinition of SSA value '%a'}}
%a = "a.d"() : () -> i32
module {
  %a = "a.d"() : () -> i32
}

// -----

// expected-error @+4 {{use of undeclared SSA value '%a'}}
module {
  %a = "a.d"() : () -> i32
}
"a.c"(%a) : (i32) -> ()

// -----

// expected-error @+1 {{redefinition of symbol 'a'}}
module { module @a { } module @a { } }

// -----

// expected-error @+1 {{redefinition of symbol 'a'}}
module @a { } module @a { }

// -----

// expected-error @+1 {{'builtin.module' op: its block must have no arguments}}
module {
^bb0(%a: i32):
}

// -----

// expected-error @+3 {{'builtin.module' op expects regions of one block}}
// expected-error @+2 {{'builtin.module' op has an empty block: expected a terminator}}
// expected-error @+1 {{'builtin.module' op has an empty block: expected a terminator}}
module {
^bb0:
^bb1:
}

// -----

// expected-error @+2 {{'builtin.module' op expects regions of one block}}
// expected-error @+1 {{'builtin.module' op has an empty block: expected a terminator}}
module {
  "a.br"()[^bb1] : () -> ()
^bb1:
}

// -----

// expected-error @+3 {{expected '{' before a region; the file ends here}}
module

// -----

// expected-error @+3 {{expected '}' after a region; the file ends here}}
module {

// -----

// expected-error @+1 {{expected '{' before a region; found '}'}}
module }

// -----

// expected-error @+1 {{'builtin.module' op: the attribute 'a' needs the name of a dialect in front}}
module attributes {a = 1} { }

// -----

// expected-error @+1 {{expected '{' before a region; found '@a'}}
module attributes {a.b} @a { }

// -----

// expected-error @+1 {{expected '{' before a region; found 'a'}}
module a { }

// -----

// expected-error @+1 {{unknown operation 'a'}}
module {a = 1} { }

// -----

// expected-error @+1 {{expected an operation; found '{'}}
module { } {a = 1}

// -----

// expected-error @+1 {{unknown operation 'attributes'}}
module { } attributes {a = 1}

// -----

// expected-error @+1 {{'builtin.module' op visibility must be "public", "private" or "nested", not "foo"}}
module @a attributes {sym_visibility = "foo"} { }

// -----

// expected-error @+1 {{expected '{' before a region; found 'private'}}
module private @a { }

// -----

// expected-error @+1 {{'builtin.module' op expects regions of one block}}
"builtin.module"() ({ }) : () -> ()

// -----

// expected-error @+1 {{'builtin.module' op: its block must have no arguments}}
"builtin.module"() ({
^bb0(%a: i32):
}) : () -> ()

// -----

// expected-error @+1 {{'builtin.module' op expects regions of one block}}
"builtin.module"() ({
^bb0:
  "a.c"() : () -> ()
^bb1:
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{'builtin.module' op expected 1 region, found 0}}
"builtin.module"() : () -> ()

// -----

// expected-error @+3 {{'builtin.module' op expected 1 region, found 2}}
// expected-error @+2 {{'builtin.module' op expects regions of one block}}
// expected-error @+1 {{'builtin.module' op expects regions of one block}}
"builtin.module"() ({}, {}) : () -> ()

// -----

// expected-error @+1 {{'builtin.module' op attribute 'sym_name' must be a symbol name, but is 1}}
"builtin.module"() <{sym_name = 1}> ({ ^bb0: }) : () -> ()

// -----

// expected-error @+1 {{'builtin.module' op: the attribute 'foo' needs the name of a dialect in front}}
"builtin.module"() ({ ^bb0: }) {foo = "a"} : () -> ()

// -----

// expected-error @+1 {{'builtin.module' op expected 0 results, found 1}}
%0 = "builtin.module"() ({ ^bb0: }) : () -> i32

// -----

// expected-error @+1 {{'builtin.module' defines 0 results, but 1 are named}}
%0 = module { }

// -----

// expected-error @+1 {{unknown operation 'return'}}
module { return }

// -----

// expected-error @+1 {{'func.return' op must be inside of a function}}
module { func.return }

// -----

// expected-error @+1 {{'func.return' op must be inside of a function}}
func.return

// -----

// expected-error @+1 {{'func.return' op must be inside of a function}}
"func.return"() : () -> ()

// -----

// expected-error @+1 {{expected an operation; found '('}}
"a.b"() ({ ({ }) }) : () -> ()

// -----

// expected-error @+1 {{'a.b' op has an empty block: expected a terminator}}
"a.b"() ({ ^bb0: ^bb1: "a.c"() : () -> () }) : () -> ()

// -----

// expected-error @+1 {{'a.b' op has an empty block: expected a terminator}}
"a.b"() ({ "a.c"() : () -> () ^bb0: }) : () -> ()

// -----

// expected-error @+2 {{'a.br' op operand #0 does not dominate this use}}
"a.b"() ({
  "a.br"(%c)[^bb1] : (i32) -> ()
^bb1:
  %c = "a.d"() : () -> i32
}) : () -> ()

// -----

// expected-error @+2 {{expected ':' after the block label; found 'loc'}}
"a.b"() ({
^bb0(%a: i32) loc("x"):
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected a type; found '2'}}
"a.b"() ({
^bb0(%a:2 : i32) :
  "a.c"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected ',' or ')'; found '{'}}
"a.b"() ({
^bb0(%a : i32 {a = 1}) :
  "a.c"() : () -> ()
}) : () -> ()

