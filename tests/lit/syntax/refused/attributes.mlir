// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected '->' in a function type; found '}'}}
"test.op"() {a = ()} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found 'opaque'}}
"test.op"() {a = opaque} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found 'foo'}}
"test.op"() {a = foo} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found 'foo.bar'}}
"test.op"() {a = foo.bar} : () -> ()

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() {a = #foo.bar<(>} : () -> ()

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() {a = #foo.bar<)>} : () -> ()

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() {a = #foo.bar<[)>} : () -> ()

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() {a = #foo.bar<]>} : () -> ()

// -----

// expected-error @+1 {{'$foo' is no name of a dialect}}
"test.op"() {a = #$foo.bar} : () -> ()

// -----

// expected-error @+1 {{'' is no name of a dialect}}
"test.op"() {a = #.foo} : () -> ()

// -----

// expected-error @+1 {{undefined attribute alias '#1'}}
"test.op"() {a = #1} : () -> ()

// -----

// expected-error @+1 {{undefined attribute alias '#foo'}}
"test.op"() {a = #foo} : () -> ()

// -----

// expected-error @+1 {{undefined attribute alias '#foo'}}
"test.op"() {a = #foo .bar} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '<'}}
"test.op"() {a = #foo.bar <1>} : () -> ()

// -----

// expected-error @+1 {{undefined attribute alias '#foo'}}
"test.op"() {a = #foo <1>} : () -> ()

// -----

// expected-error @+1 {{this bracket is never closed}}
"test.op"() {a = #foo.bar<">} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '>'}}
"test.op"() {a = #foo.bar<=>>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '='}}
"test.op"() {a = #foo.bar<a>=b>} : () -> ()

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() {a = #foo.bar<->} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'b'}}
"test.op"() {a = #foo.bar<a - > b>} : () -> ()

// -----

// expected-error @+1 {{undefined attribute alias '#foo-bar'}}
"test.op"() {a = #foo-bar} : () -> ()

// -----

// expected-error @+1 {{'foo-bar' is no name of a dialect}}
"test.op"() {a = #foo-bar<1>} : () -> ()

// -----

// expected-error @+1 {{undefined attribute alias '#1'}}
"test.op"() {a = #1.foo<1>} : () -> ()

// -----

// expected-error @+1 {{undefined attribute alias '#foo$bar'}}
"test.op"() {a = #foo$bar} : () -> ()

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() {a = #foo<} : () -> ()

// -----

// expected-error @+1 {{unbalanced bracket}}
"test.op"() {a = #foo<bar} : () -> ()

// -----

// expected-error @+1 {{unknown attribute 'builtin.int'}}
"test.op"() {a = #builtin.int} : () -> ()

// -----

// expected-error @+1 {{unknown attribute 'builtin'}}
"test.op"() {a = #builtin<int>} : () -> ()

// -----

// expected-error @+1 {{unknown attribute 'builtin.foo'}}
"test.op"() {a = #builtin.foo<1>} : () -> ()

// -----

// expected-error @+1 {{unknown attribute 'func.foo'}}
"test.op"() {a = #func.foo<1>} : () -> ()

// -----

// expected-error @+1 {{unknown attribute 'func'}}
"test.op"() {a = #func<foo>} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found 'type'}}
"test.op"() {a = type} : () -> ()

// -----

// expected-error @+1 {{expected '<' after 'sparse'; found '}'}}
"test.op"() {a = sparse} : () -> ()

// -----

// expected-error @+1 {{expected '<' after 'dense'; found '}'}}
"test.op"() {a = dense} : () -> ()

// -----

// expected-error @+1 {{expected 'offset'; found '>'}}
"test.op"() {a = strided<[1],>} : () -> ()

// -----

// expected-error @+1 {{expected '[' before the strides; found '1'}}
"test.op"() {a = strided<1>} : () -> ()

// -----

// expected-error @+1 {{expected ':' after 'offset'; found '2'}}
"test.op"() {a = strided<[1], offset 2>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in 64 bits}}
"test.op"() {a = strided<[9223372036854775808]>} : () -> ()

// -----

// expected-error @+1 {{expected 'offset'; found 'size'}}
"test.op"() {a = strided<[1], size: 2>} : () -> ()

// -----

// expected-error @+1 {{expected an integer or '?'; found '%a'}}
"test.op"() {a = strided<[%a]>} : () -> ()

// -----

// expected-error @+1 {{expected the attribute's number; found ']'}}
"test.op"() {a = distinct[]<1>} : () -> ()

// -----

// expected-error @+1 {{expected '<' before the attribute; found '}'}}
"test.op"() {a = distinct[0]} : () -> ()

// -----

// expected-error @+1 {{expected '>' after the attribute; found '}'}}
"test.op"() {a = distinct[0]<1} : () -> ()

// -----

// expected-error @+1 {{expected the attribute's number; found 'a'}}
"test.op"() {a = distinct[a]<1>} : () -> ()

// -----

// expected-error @+1 {{expected the attribute's number; found '-'}}
"test.op"() {a = distinct[-1]<1>} : () -> ()

// -----

// expected-error @+1 {{expected '[' after 'distinct'; found '<'}}
"test.op"() {a = distinct<1>} : () -> ()

// -----

// expected-error @+1 {{the number does not fit in 64 bits}}
"test.op"() {a = distinct[18446744073709551616]<>} : () -> ()

// -----

// expected-error @+1 {{expected '>' after the attribute; found ','}}
"test.op"() {a = distinct[0]<1, 2>} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '?'}}
"test.op"() {a = ?} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '*'}}
"test.op"() {a = *} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found 'vhdl'}}
"test.op"() {a = vhdl} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '%a'}}
"test.op"() {a = %a} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '^a'}}
"test.op"() {a = ^a} : () -> ()

// -----

// expected-error @+1 {{expected a type; found '}'}}
"test.op"() {a = 1 : } : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found ':'}}
"test.op"() {a = : i32} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ']'; found '}'}}
"test.op"() {a = [i32} : () -> ()

// -----

// expected-error @+1 {{expected a type; found '"b"'}}
"test.op"() {a = "a" : "b"} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = unit : i32} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = [] : i32} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = {} : i32} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = @a : i32} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = i32 : i32} : () -> ()

