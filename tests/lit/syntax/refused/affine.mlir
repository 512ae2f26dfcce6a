// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{not affine: one factor must be a constant or a symbol}}
"test.op"() {a = affine_map<(d0, d1) -> (d0 * d1)>} : () -> ()

// -----

// expected-error @+1 {{not affine: the divisor must be a constant or a symbol}}
"test.op"() {a = affine_map<(d0, d1) -> (d0 floordiv d1)>} : () -> ()

// -----

// expected-error @+1 {{expected '(' before the expressions; found 'd0'}}
"test.op"() {a = affine_map<(d0) -> d0>} : () -> ()

// -----

// expected-error @+1 {{expected an affine expression; found ')'}}
"test.op"() {a = affine_map<(d0) -> (d0,)>} : () -> ()

// -----

// expected-error @+1 {{expected '(' before the dimensions; found 'd0'}}
"test.op"() {a = affine_map<d0 -> (d0)>} : () -> ()

// -----

// expected-error @+1 {{expected '->' after the dimensions and symbols; found '('}}
"test.op"() {a = affine_map<(d0) (d0)>} : () -> ()

// -----

// expected-error @+1 {{'d1' is no dimension or symbol of this map}}
"test.op"() {a = affine_map<(d0) -> (d1)>} : () -> ()

// -----

// expected-error @+1 {{redefinition of 'd0'}}
"test.op"() {a = affine_map<(d0, d0) -> (d0)>} : () -> ()

// -----

// expected-error @+1 {{redefinition of 'd0'}}
"test.op"() {a = affine_map<(d0)[d0] -> (d0)>} : () -> ()

// -----

// expected-error @+1 {{expected '(' before the dimensions; found '['}}
"test.op"() {a = affine_map<[s0] -> (s0)>} : () -> ()

// -----

// expected-error @+1 {{expected an affine expression; found ')'}}
"test.op"() {a = affine_map<(d0) -> (d0 + )>} : () -> ()

// -----

// expected-error @+1 {{expected an affine expression; found '+'}}
"test.op"() {a = affine_map<(d0) -> (+ d0)>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ')'; found 'd0'}}
"test.op"() {a = affine_map<(d0) -> (2 d0)>} : () -> ()

// -----

// expected-error @+1 {{the constant does not fit in 64 bits}}
"test.op"() {a = affine_map<(d0) -> (d0 + 9223372036854775808)>} : () -> ()

// -----

// expected-error @+1 {{expected an affine expression; found '1.0'}}
"test.op"() {a = affine_map<(d0) -> (1.0)>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ')'; found '/'}}
"test.op"() {a = affine_map<(d0) -> (d0 / 2)>} : () -> ()

// -----

// expected-error @+1 {{expected an affine expression; found 'symbol'}}
"test.op"() {a = affine_map<(symbol) -> (symbol)>} : () -> ()

// -----

// expected-error @+1 {{expected an affine expression; found 'symbol'}}
"test.op"() {a = affine_map<(d0) -> (symbol(d0))>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ')'; found '>'}}
"test.op"() {a = affine_map<(d0) -> (d0>} : () -> ()

// -----

// expected-error @+1 {{expected '>' after the affine map or set; found '}'}}
"test.op"() {a = affine_map<(d0) -> (d0)} : () -> ()

// -----

// expected-error @+1 {{expected '(' before the dimensions; found '>'}}
"test.op"() {a = affine_map<>} : () -> ()

// -----

// expected-error @+1 {{expected '<' before the affine map or set; found '}'}}
"test.op"() {a = affine_map} : () -> ()

// -----

// expected-error @+1 {{expected an identifier as the name of a dimension or symbol; found '%a'}}
"test.op"() {a = affine_map<(%a) -> (0)>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or ')'; found '='}}
"test.op"() {a = affine_map<(d0) -> (d0 == 0)>} : () -> ()

// -----

// expected-error @+1 {{expected '->' after the dimensions and symbols; found ':'}}
"test.op"() {a = affine_map<(d0) : (d0 >= 0)>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = affine_map<(d0, d1) -> (d1, d0)> : i32} : () -> ()

// -----

// expected-error @+1 {{not affine: the divisor must be a constant or a symbol}}
"test.op"() {a = affine_map<(d0)[s0] -> (s0 mod d0)>} : () -> ()

// -----

// expected-error @+1 {{not affine: one factor must be a constant or a symbol}}
"test.op"() {a = affine_map<(d0)[s0] -> (d0 * s0 * d0)>} : () -> ()

// -----

// expected-error @+1 {{not affine: the divisor must be a constant or a symbol}}
"test.op"() {a = affine_map<(d0) -> (3 floordiv d0)>} : () -> ()

// -----

// expected-error @+1 {{expected '=' in a constraint: '>=', '<=' or '=='; found '0'}}
"test.op"() {a = affine_set<(d0) : (d0 > 0)>} : () -> ()

// -----

// expected-error @+1 {{expected '=' in a constraint: '>=', '<=' or '=='; found '0'}}
"test.op"() {a = affine_set<(d0) : (d0 = 0)>} : () -> ()

// -----

// expected-error @+1 {{expected ':' after the dimensions and symbols; found '->'}}
"test.op"() {a = affine_set<(d0) -> (d0)>} : () -> ()

// -----

// expected-error @+1 {{expected '>=', '<=' or '=='; found ')'}}
"test.op"() {a = affine_set<(d0) : (d0)>} : () -> ()

// -----

// expected-error @+1 {{expected '(' before the expressions; found 'd0'}}
"test.op"() {a = affine_set<(d0) : d0 >= 0>} : () -> ()

// -----

// expected-error @+1 {{not affine: one factor must be a constant or a symbol}}
"test.op"() {a = affine_set<(d0) : (d0 * d0 >= 0)>} : () -> ()

// -----

// expected-error @+1 {{expected an affine expression; found ')'}}
"test.op"() {a = affine_set<(d0) : (d0 >= 0,)>} : () -> ()

// -----

// expected-error @+1 {{expected '=' in a constraint: '>=', '<=' or '=='; found '1'}}
"test.op"() {a = affine_set<(d0) : (d0 < 1)>} : () -> ()

// -----

// expected-error @+1 {{expected '->' after the dimensions and symbols; found '-'}}
"test.op"() {a = affine_map<(d0) - > (d0)>} : () -> ()

