// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected a column number; found ')'}}
"test.op"() : () -> () loc("a":1:)

// -----

// expected-error @+1 {{expected a line number; found '-'}}
"test.op"() : () -> () loc("a":-1:2)

// -----

// expected-error @+1 {{expected ')' after the location; found ':'}}
"test.op"() : () -> () loc("a":1:2:3)

// -----

// expected-error @+1 {{expected a line number; found '4294967296'}}
"test.op"() : () -> () loc("a":4294967296:1)

// -----

// expected-error @+1 {{expected a column number; found '4294967296'}}
"test.op"() : () -> () loc("a":1:4294967296)

// -----

// expected-error @+1 {{expected ':' after the line; found ')'}}
"test.op"() : () -> () loc("a":1:2 to 3)

// -----

// expected-error @+1 {{expected ':' after the line; found ')'}}
"test.op"() : () -> () loc("a":1:2 to)

// -----

// expected-error @+1 {{expected a location; found 'loc'}}
"test.op"() : () -> () loc("a"(loc("b")))

// -----

// expected-error @+1 {{expected a location; found ')'}}
"test.op"() : () -> () loc("a"())

// -----

// expected-error @+1 {{expected ')' after the location; found '"b"'}}
"test.op"() : () -> () loc("a" "b")

// -----

// expected-error @+1 {{expected 'at' in a callsite; found '"b"'}}
"test.op"() : () -> () loc(callsite("a" "b"))

// -----

// expected-error @+1 {{expected 'at' in a callsite; found ')'}}
"test.op"() : () -> () loc(callsite("a"))

// -----

// expected-error @+1 {{expected a location; found 'at'}}
"test.op"() : () -> () loc(callsite(at "b"))

// -----

// expected-error @+1 {{expected a location; found 'loc'}}
"test.op"() : () -> () loc(callsite(loc("a") at loc("b")))

// -----

// expected-error @+1 {{expected 'at' in a callsite; found 'in'}}
"test.op"() : () -> () loc(callsite("a" in "b"))

// -----

// expected-error @+1 {{expected an attribute; found '>'}}
"test.op"() : () -> () loc(fused<>["a"])

// -----

// expected-error @+1 {{expected '[' before the fused locations; found '"a"'}}
"test.op"() : () -> () loc(fused "a")

// -----

// expected-error @+1 {{expected a location; found ']'}}
"test.op"() : () -> () loc(fused["a",])

// -----

// expected-error @+1 {{expected ',' or ']'; found '"b"'}}
"test.op"() : () -> () loc(fused["a" "b"])

// -----

// expected-error @+1 {{expected a location; found ')'}}
"test.op"() : () -> () loc()

// -----

// expected-error @+3 {{expected '(' after 'loc'; the file ends here}}
"test.op"() : () -> () loc

// -----

// expected-error @+3 {{expected a location; the file ends here}}
"test.op"() : () -> () loc(

// -----

// expected-error @+3 {{expected ')' after the location; the file ends here}}
"test.op"() : () -> () loc("a"

// -----

// expected-error @+1 {{expected a location; found 'a'}}
"test.op"() : () -> () loc(a)

// -----

// expected-error @+1 {{expected a location; found '1'}}
"test.op"() : () -> () loc(1)

// -----

// expected-error @+1 {{expected a location; found '@a'}}
"test.op"() : () -> () loc(@a)

// -----

// expected-error @+1 {{unknown operation 'loc'}}
"test.op"() : () -> () loc("a") loc("b")

// -----

// expected-error @+1 {{expected a location; found 'loc'}}
"test.op"() : () -> () loc(loc("a"))

// -----

// expected-error @+1 {{expected a location; found 'loc'}}
"test.op"() : () -> () loc(loc(loc(unknown)))

// -----

// expected-error @+1 {{expected ')' after the location; found ','}}
"test.op"() : () -> () loc(unknown, unknown)

// -----

// expected-error @+1 {{undefined location alias '#undefined'}}
"test.op"() : () -> () loc(#undefined)

// -----

// expected-error @+1 {{undefined location alias '#foo.bar'}}
"test.op"() : () -> () loc(#foo.bar)

// -----

// expected-error @+1 {{undefined location alias '#foo.bar'}}
"test.op"() : () -> () loc(#foo.bar<1>)

// -----

// expected-error @+1 {{expected ')' after the location; found ':'}}
"test.op"() : () -> () loc("a":1:1 to 2:2:2)

// -----

// expected-error @+1 {{expected a line number; found '1.0'}}
"test.op"() : () -> () loc("a":1.0:2)

// -----

// expected-error @+1 {{expected a location; found 'i32'}}
"test.op"() : () -> () loc(i32)

// -----

// expected-error @+1 {{expected a location; found ')'}}
"test.op"() : () -> () loc(callsite("a" at))

// -----

// expected-error @+1 {{expected '(' after 'callsite'; found ')'}}
"test.op"() : () -> () loc(callsite)

// -----

// expected-error @+1 {{expected '[' before the fused locations; found ')'}}
"test.op"() : () -> () loc(fused)

// -----

// expected-error @+1 {{expected a location; found 'none'}}
"test.op"() : () -> () loc(none)

// -----

// expected-error @+1 {{expected a location; found '1'}}
"test.op"() : () -> () loc("a"(1))

// -----

// expected-error @+1 {{undefined location alias '#x'}}
"test.op"() : () -> () loc("a"(#x))

// -----

// expected-error @+1 {{expected an operation; found '('}}
"test.op"() : () -> () loc("a")("b")

// -----

// expected-error @+2 {{expected a column number; found ')'}}
"test.op"() ({
^bb0(%a: i32 loc("a":1:)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected a line number; found '-'}}
"test.op"() ({
^bb0(%a: i32 loc("a":-1:2)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected ')' after the location; found ':'}}
"test.op"() ({
^bb0(%a: i32 loc("a":1:2:3)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{undefined location alias '#undefined'}}
"test.op"() ({
^bb0(%a: i32 loc(#undefined)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

// expected-error @+2 {{expected a location; found 'a'}}
"test.op"() ({
^bb0(%a: i32 loc(a)):
  "test.end"() : () -> ()
}) : () -> ()

// -----

// expected-error @+1 {{expected a line number; found '-'}}
"test.op"() {a = loc("a":-1:2)} : () -> ()

// -----

// expected-error @+1 {{expected a line number; found '4294967296'}}
"test.op"() {a = loc("a":4294967296:1)} : () -> ()

// -----

// expected-error @+1 {{expected ')' after the location; found '"b"'}}
"test.op"() {a = loc("a" "b")} : () -> ()

// -----

// expected-error @+1 {{expected 'at' in a callsite; found '"b"'}}
"test.op"() {a = loc(callsite("a" "b"))} : () -> ()

// -----

// expected-error @+1 {{expected 'at' in a callsite; found ')'}}
"test.op"() {a = loc(callsite("a"))} : () -> ()

// -----

// expected-error @+1 {{expected 'at' in a callsite; found 'in'}}
"test.op"() {a = loc(callsite("a" in "b"))} : () -> ()

// -----

// expected-error @+1 {{expected '[' before the fused locations; found '"a"'}}
"test.op"() {a = loc(fused "a")} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ']'; found '"b"'}}
"test.op"() {a = loc(fused["a" "b"])} : () -> ()

// -----

// expected-error @+1 {{expected '(' after 'loc'; found '}'}}
"test.op"() {a = loc} : () -> ()

// -----

// expected-error @+1 {{expected a location; found 'a'}}
"test.op"() {a = loc(a)} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'loc'}}
"test.op"() {a = loc("a") loc("b")} : () -> ()

// -----

// expected-error @+1 {{expected ')' after the location; found ','}}
"test.op"() {a = loc(unknown, unknown)} : () -> ()

// -----

// expected-error @+1 {{undefined location alias '#foo.bar'}}
"test.op"() {a = loc(#foo.bar<1>)} : () -> ()

// -----

// expected-error @+1 {{expected ')' after the location; found 'to'}}
"a.b"() : () -> () loc("f":1 to 3:4)

// -----

// expected-error @+1 {{expected ')' after the location; found 'to'}}
"a.b"() : () -> () loc("f":1 to :4)

// -----

// expected-error @below {{expected ')' after the location; found the character ';'}}
func.func @f(%x: i32 loc(#a;) { return }
#a = loc("x")
