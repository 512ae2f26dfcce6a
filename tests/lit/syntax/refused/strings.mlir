// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{unknown escape in a string: \n, \t, \", \\ and \HH are known}}
"test.op"() {a = "\x"} : () -> ()

// -----

// expected-error @+1 {{unknown escape in a string: \n, \t, \", \\ and \HH are known}}
"test.op"() {a = "\1"} : () -> ()

// -----

// expected-error @+1 {{unknown escape in a string: \n, \t, \", \\ and \HH are known}}
"test.op"() {a = "\g0"} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '"b"'}}
"test.op"() {a = "a" "b"} : () -> ()

// -----

// expected-error @+1 {{unknown escape in a string: \n, \t, \", \\ and \HH are known}}
"test.op"() {a = "\r"} : () -> ()

// -----

// expected-error @+1 {{unknown escape in a string: \n, \t, \", \\ and \HH are known}}
"test.op"() {a = "\0"} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found the character '\''}}
"test.op"() {a = 'a'} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found a string that is not closed}}
"test.op"() {a = "unclosed} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found a string that is not closed}}
"test.op"() {a = "a\} : () -> ()

// -----

// expected-error @+1 {{expected a type; found '}'}}
"test.op"() {a = "a" : } : () -> ()

// -----

// expected-error @+1 {{unknown escape in a string: \n, \t, \", \\ and \HH are known}}
"test.op"() {a = "\Fg"} : () -> ()

// -----

// expected-error @+1 {{unknown escape in a string: \n, \t, \", \\ and \HH are known}}
"test.op"() {a = "a\u0041"} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found a string that is not closed}}
"test.op"() {a = "a
b"} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found a string that is not closed}}
"test.op"() {a = "a\
b"} : () -> ()

