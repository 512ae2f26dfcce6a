// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{the integer does not fit in i64}}
"test.op"() {a = -9223372036854775809} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i64}}
"test.op"() {a = 18446744073709551616} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i64}}
"test.op"() {a = 0x1FFFFFFFFFFFFFFFF} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i1}}
"test.op"() {a = 2 : i1} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i1}}
"test.op"() {a = -2 : i1} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i8}}
"test.op"() {a = 256 : i8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i8}}
"test.op"() {a = -129 : i8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in si8}}
"test.op"() {a = 0x80 : si8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in si8}}
"test.op"() {a = 128 : si8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in si8}}
"test.op"() {a = -129 : si8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in ui8}}
"test.op"() {a = 256 : ui8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in ui8}}
"test.op"() {a = -1 : ui8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in ui8}}
"test.op"() {a = -0 : ui8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i0}}
"test.op"() {a = 1 : i0} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i0}}
"test.op"() {a = -1 : i0} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = true : i1} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = true : i32} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = false : i1} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in index}}
"test.op"() {a = 9223372036854775808 : index} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in index}}
"test.op"() {a = 18446744073709551615 : index} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in index}}
"test.op"() {a = 18446744073709551616 : index} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in index}}
"test.op"() {a = 0xFFFFFFFFFFFFFFFF : index} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in index}}
"test.op"() {a = -9223372036854775809 : index} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i128}}
"test.op"() {a = 340282366920938463463374607431768211456 : i128} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i128}}
"test.op"() {a = -170141183460469231731687303715884105729 : i128} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i7}}
"test.op"() {a = 128 : i7} : () -> ()

// -----

// expected-error @+1 {{a number must have an integer, index or float type}}
"test.op"() {a = 1 : none} : () -> ()

// -----

// expected-error @+1 {{a number must have an integer, index or float type}}
"test.op"() {a = 1 : tensor<2xi32>} : () -> ()

// -----

// expected-error @+1 {{a float needs a decimal point; an integer literal is only its bits in hex}}
"test.op"() {a = 1 : f32} : () -> ()

// -----

// expected-error @+1 {{a number must have an integer, index or float type}}
"test.op"() {a = 1 : !foo.bar} : () -> ()

// -----

// expected-error @+1 {{a number must have an integer, index or float type}}
"test.op"() {a = 1 : (i32) -> i32} : () -> ()

// -----

// expected-error @+1 {{expected a number; found '}'}}
"test.op"() {a = -} : () -> ()

// -----

// expected-error @+1 {{expected a number; found '-'}}
"test.op"() {a = --1} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found '+'}}
"test.op"() {a = +1} : () -> ()

// -----

// expected-error @+1 {{expected a type; found 'i'}}
"test.op"() {a = 1 : i} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found ':'}}
"test.op"() {a = 1 : i32 : i32} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'x'}}
"test.op"() {a = 0x} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'xG'}}
"test.op"() {a = 0xG} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'g'}}
"test.op"() {a = 0x1g} : () -> ()

// -----

// expected-error @+1 {{the number '1e5' needs a decimal point}}
"test.op"() {a = 1e5} : () -> ()

// -----

// expected-error @+1 {{integer width 16777216 is larger than 16777215}}
"test.op"() {a = 1 : i16777216} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found '_000'}}
"test.op"() {a = 1_000} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'b1'}}
"test.op"() {a = 0b1} : () -> ()

// -----

// expected-error @+1 {{expected a type; found 'i64x'}}
"test.op"() {a = 1 : i64x} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i8}}
"test.op"() {a = 0x100 : i8} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in si1}}
"test.op"() {a = 1 : si1} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in ui1}}
"test.op"() {a = -1: ui1} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i64}}
"test.op"() {a = 0xfffffffffffffffff : i64} : () -> ()

// -----

// expected-error @+1 {{a number must have an integer, index or float type}}
"test.op"() {a = 1 : vector<1xi32>} : () -> ()

// -----

// expected-error @+1 {{a number must have an integer, index or float type}}
"test.op"() {a = 1 : complex<i32>} : () -> ()

// -----

// expected-error @+1 {{a number must have an integer, index or float type}}
"test.op"() {a = 1 : memref<1xi32>} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i64}}
"test.op"() {a = -0} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in i1}}
"test.op"() {a = -0 : i1} : () -> ()

// -----

// expected-error @+1 {{the integer does not fit in ui0}}
"test.op"() {a = 1 : ui0} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'X10'}}
"test.op"() {a = 0X10} : () -> ()

