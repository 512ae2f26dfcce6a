// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{an operation's name cannot be empty}}
""() : () -> ()

// -----

// expected-error @+1 {{an operation's name cannot contain a null character}}
"a\00b"() : () -> ()

// -----

// expected-error @+1 {{unknown operation 'a.b'}}
a.b() : () -> ()

// -----

// expected-error @+1 {{unknown operation 'foo'}}
foo

// -----

// expected-error @+1 {{expected '(' before the operands; found ':'}}
"a.b" : () -> ()

// -----

// expected-error @+3 {{expected ':' before the operation's type; the file ends here}}
"a.b"()

// -----

// expected-error @+3 {{expected '(' before the operand types; the file ends here}}
"a.b"() :

// -----

// expected-error @+3 {{expected '->' before the result types; the file ends here}}
"a.b"() : ()

// -----

// expected-error @+3 {{expected a type; the file ends here}}
"a.b"() : () ->

// -----

// expected-error @+1 {{expected '(' before the operand types; found 'i32'}}
"a.b"() : i32

// -----

// expected-error @+1 {{expected an operation; found ','}}
"a.b"() : () -> i32, i32

// -----

// expected-error @+1 {{expected an operation; found '->'}}
"a.b"() : () -> () -> ()

// -----

// expected-error @+3 {{expected ',' or ')'; the file ends here}}
"a.b"() : () -> (i32

// -----

// expected-error @+1 {{expected an SSA value as an operand; found ':'}}
"a.b"( : () -> ()

// -----

// expected-error @+1 {{expected 1 operand types, found 0}}
"a.b"(%a) : () -> ()

// -----

// expected-error @+1 {{expected 0 operand types, found 1}}
"a.b"() : (i32) -> ()

// -----

// expected-error @+1 {{'a.b' defines 0 results, but 1 are named}}
%0 = "a.b"() : () -> ()

// -----

// expected-error @+1 {{'a.b' defines 2 results, but 1 are named}}
%0:1 = "a.b"() : () -> (i32, i32)

// -----

// expected-error @+1 {{'a.b' defines 2 results, but 3 are named}}
%0:3 = "a.b"() : () -> (i32, i32)

// -----

// expected-error @+1 {{'a.b' defines 2 results, but 1 are named}}
%0 = "a.b"() : () -> (i32, i32)

// -----

// expected-error @+1 {{'a.b' defines 1 results, but 2 are named}}
%0, %1 = "a.b"() : () -> i32

// -----

// expected-error @+1 {{a group of results has at least one}}
%0:0 = "a.b"() : () -> ()

// -----

// expected-error @+1 {{a group of results has at least one}}
%0:0, %1 = "a.b"() : () -> i32

// -----

// expected-error @+1 {{redefinition of SSA value '%0'}}
%0, %0 = "a.b"() : () -> (i32, i32)

// -----

// expected-error @+1 {{expected a number of results; found '-'}}
%0:-1 = "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected a number of results; found '='}}
%0: = "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected '=' after the results; found 'x'}}
%0:2x = "a.b"() : () -> (i32, i32)

// -----

// expected-error @+1 {{expected '=' after the results; found '"a.b"'}}
%0 "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected an operation; found '='}}
%0 == "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected an operation; found '='}}
= "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected an SSA value as a result name; found '='}}
%a, = "a.b"() : () -> i32

// -----

// expected-error @+2 {{'%0' has 2 values; there is no #2}}
%0:2 = "a.b"() : () -> (i32, i32)
"a.c"(%0#2) : (i32) -> ()

// -----

// expected-error @+2 {{expected ',' or ')'; found the character '#'}}
%0:2 = "a.b"() : () -> (i32, i32)
"a.c"(%0# 1) : (i32) -> ()

// -----

// expected-error @+2 {{expected a result number after '#'}}
%0:2 = "a.b"() : () -> (i32, i32)
"a.c"(%0#-1) : (i32) -> ()

// -----

// expected-error @+2 {{expected a result number after '#'}}
%0:2 = "a.b"() : () -> (i32, i32)
"a.c"(%0#a) : (i32) -> ()

// -----

// expected-error @+2 {{expected a result number after '#'}}
%0:2 = "a.b"() : () -> (i32, i32)
"a.c"(%0#99999999999999999999) : (i32) -> ()

// -----

// expected-error @+2 {{'%0' has 1 values; there is no #1}}
%0 = "a.b"() : () -> i32
"a.c"(%0#1) : (i32) -> ()

// -----

// expected-error @+1 {{use of undeclared SSA value '%0'}}
"a.c"(%0#2) : (i32) -> ()
%0:2 = "a.b"() : () -> (i32, i32)

// -----

// expected-error @+2 {{'%0' has type i32, but was used before as i64}}
"a.c"(%0#1) : (i64) -> ()
%0:2 = "a.b"() : () -> (i32, i32)

// -----

// expected-error @+1 {{use of undeclared SSA value '%0'}}
"a.c"(%0) : (i32) -> ()

// -----

// expected-error @+2 {{'%0' has type i32, but was used before as i64}}
"a.c"(%0) : (i64) -> ()
%0 = "a.b"() : () -> i32

// -----

// expected-error @+2 {{'%0' has type i64, but is used here as i32}}
"a.c"(%0) : (i64) -> ()
"a.c"(%0) : (i32) -> ()
%0 = "a.b"() : () -> i32

// -----

// expected-error @+2 {{'%0' has type i32, but is used here as i64}}
%0 = "a.b"() : () -> i32
"a.c"(%0) : (i64) -> ()

// -----

// expected-error @+2 {{redefinition of SSA value '%0'}}
%0 = "a.b"() : () -> i32
%0 = "a.b"() : () -> i32

// -----

// expected-error @+2 {{use of undeclared SSA value '%0'}}
%00 = "a.b"() : () -> i32
"a.c"(%0) : (i32) -> ()

// -----

// expected-error @+1 {{expected '=' after the results; found 'a'}}
%1a = "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected an operation; found the character '%'}}
% = "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected '=' after the results; found 'b'}}
%a b = "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected an operation; found the character '%'}}
%"a" = "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected an operation; found the character '%'}}
%é = "a.b"() : () -> i32

// -----

// expected-error @+1 {{expected an SSA value as an operand; found ')'}}
"a.b"(%a,) : (i32) -> ()

// -----

// expected-error @+1 {{expected ',' or ')'; found '%b'}}
"a.b"(%a %b) : (i32, i32) -> ()

// -----

// expected-error @+1 {{expected an SSA value as an operand; found '1'}}
"a.b"(1) : (i32) -> ()

// -----

// expected-error @+1 {{expected an SSA value as an operand; found '@a'}}
"a.b"(@a) : (i32) -> ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found '{'}}
"a.b"() {a = 1} {b = 2} : () -> ()

// -----

// expected-error @+1 {{duplicate key 'a' in a dictionary}}
"a.b"() <{a = 1, a = 2}> : () -> ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found '<'}}
"a.b"() {b = 2} <{a = 1}> : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '>'}}
"a.b"() <> : () -> ()

// -----

// expected-error @+1 {{expected '>' after the properties; found ':'}}
"a.b"() <{a = 1} : () -> ()

// -----

// expected-error @+1 {{expected '{' before a region; found ')'}}
"a.b"() ({},) : () -> ()

// -----

// expected-error @+1 {{expected a region; found ')'}}
"a.b"() () : () -> ()

// -----

// expected-error @+1 {{expected ',' or ')'; found '{'}}
"a.b"() ({} {}) : () -> ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found '('}}
"a.b"() {a} ({}) : () -> ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found '<'}}
"a.b"() ({}) <{a}> : () -> ()

// -----

// expected-error @+1 {{expected an operation; found ')'}}
"a.b"() ({ "a.c"() : () -> () ) : () -> ()

// -----

// expected-error @+1 {{expected '{' before a region; found '"a.c"'}}
"a.b"() ( "a.c"() : () -> () ) : () -> ()

// -----

// expected-error @+1 {{expected a block label; found ']'}}
"a.b"()[] : () -> ()

// -----

// expected-error @+1 {{reference to an undefined block '^bb0'}}
"a.b"()[^bb0] : () -> ()

// -----

// expected-error @+2 {{expected a block label as a successor; found ']'}}
"a.b"() ({
  "a.br"()[^bb1,] : () -> ()
^bb1:
  "a.end"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected ':' before the operation's type; found '['}}
"a.b"() ({
  "a.br"() {a = 1}[^bb1] : () -> ()
^bb1:
  "a.end"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected ',' or ']'; found ':'}}
"a.b"() ({
  "a.br"()[^bb1 : () -> ()
^bb1:
}) : () -> ()

// -----

// expected-error @+2 {{expected a block label as a successor; found '%bb1'}}
"a.b"() ({
  "a.br"()[%bb1] : () -> ()
^bb1:
}) : () -> ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found 'loc'}}
"a.b"() loc("x") : () -> ()

// -----

// expected-error @+1 {{expected an operation; found '{'}}
"a.b"() : () -> () {a = 1}

// -----

// expected-error @+1 {{expected an operation; found the character ';'}}
"a.b"() : () -> ();

// -----

// expected-error @+1 {{expected an operation; found '}'}}
"a.b"() : () -> () }

// -----

// expected-error @+1 {{expected an operation; found '{'}}
{ "a.b"() : () -> () }

// -----

// expected-error @+1 {{unknown operation 'garbage'}}
"a.b"() : () -> () garbage

// -----

// expected-error @+1 {{expected an operation; found the character '%'}}
"a.b"() : () -> () %

// -----

// expected-error @+1 {{expected an operation; found '^bb0'}}
"a.b"() : () -> () ^bb0:

// -----

// expected-error @+1 {{expected an operation; found '^bb0'}}
^bb0:
"a.b"() : () -> ()

// -----

// expected-error @+3 {{expected '(' before the operands; the file ends here}}
"a.b"() : () -> () "x"

// -----

// expected-error @+1 {{expected an operation; found '1'}}
"a.b"() : () -> () 1

// -----

// expected-error @+1 {{expected an operation; found '@a'}}
"a.b"() : () -> () @a

// -----

// expected-error @+1 {{expected an operation, or '=' in an alias definition}}
"a.b"() : () -> () #a

// -----

// expected-error @+1 {{expected an operation, or '=' in an alias definition}}
"a.b"() : () -> () !a

// -----

// expected-error @+3 {{expected '(' after 'loc'; the file ends here}}
"a.b"() : () -> () loc

// -----

// expected-error @+1 {{expected ',' or ')'; found ':'}}
"a.b"(%0 : i32) : (i32) -> ()

// -----

// expected-error @+1 {{expected '->' before the result types; found '-'}}
"a.b"() : () - > ()

// -----

// expected-error @+1 {{expected ':' before the operation's type; found '::'}}
"a.b"() :: () -> ()

// -----

// expected-error @+1 {{expected a type; found ')'}}
"a.b"() : (i32,) -> ()

// -----

// expected-error @+1 {{expected a type; found ')'}}
"a.b"() : () -> (i32,)

// -----

// expected-error @+1 {{expected a type; found ','}}
"a.b"() : () -> (,)

// -----

// expected-error @+1 {{expected '->' in a function type; found ')'}}
"a.b"() : (()) -> ()

// -----

// expected-error @+1 {{expected an operation; found '->'}}
"a.b"() : () -> (i32) -> i32

// -----

// expected-error @+1 {{expected an attribute; found a string that is not closed}}
"a.b"() {a = "x} : () -> ()

// -----

// expected-error @+1 {{expected an operation; found '/'}}
/* block */

// -----

// expected-error @+1 {{expected an operation; found the character '#'}}
# comment

// -----

// expected-error @+1 {{expected an operation; found '/'}}
/ "a.b"() : () -> ()

// -----

// expected-error @+1 {{'builtin.unrealized_conversion_cast' op must have a result}}
"builtin.unrealized_conversion_cast"() : () -> ()

// -----

// expected-error @+2 {{'builtin.unrealized_conversion_cast' op must have a result}}
%0 = "a.b"() : () -> i32
builtin.unrealized_conversion_cast %0 : i32 to

// -----

// expected-error @+2 {{'builtin.unrealized_conversion_cast' op must have a result}}
%0 = "a.b"() : () -> i32
"builtin.unrealized_conversion_cast"(%0) : (i32) -> ()

// -----

// expected-error @+1 {{'builtin.unrealized_conversion_cast' op expected 0 regions, found 1}}
"builtin.unrealized_conversion_cast"() ({}) : () -> i32

// -----

// expected-error @+1 {{'builtin.unrealized_conversion_cast' op has no inherent attribute 'a'}}
"builtin.unrealized_conversion_cast"() <{a = 1}> : () -> i32

// -----

// expected-error @+1 {{unregistered operation 'builtin.foo'}}
"builtin.foo"() : () -> ()

// -----

// expected-error @+1 {{unregistered operation 'func.foo'}}
"func.foo"() : () -> ()

// -----

// expected-error @+1 {{unknown operation 'builtin.foo'}}
builtin.foo

// -----

// expected-error @+2 {{redefinition of symbol 'x'}}
"a.b"() {sym_name = "x"} : () -> ()
"a.b"() {sym_name = "x"} : () -> ()

// -----

// expected-error @+2 {{redefinition of symbol 'x'}}
"a.b"() <{sym_name = "x"}> : () -> ()
"a.b"() <{sym_name = "x"}> : () -> ()

