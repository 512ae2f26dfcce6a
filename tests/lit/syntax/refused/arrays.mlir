// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected an attribute; found ']'}}
"test.op"() {a = [1,]} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found ','}}
"test.op"() {a = [,1]} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ']'; found '2'}}
"test.op"() {a = [1 2]} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '}'}}
"test.op"() {a = [} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found ']'}}
"test.op"() {a = ]} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ']'; found '}'}}
"test.op"() {a = [1} : () -> ()

