// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

// expected-error @+1 {{expected an attribute; found the character '.'}}
"test.op"() {a = .5} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'e'}}
"test.op"() {a = 1.5e} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'e'}}
"test.op"() {a = 1.5e+} : () -> ()

// -----

// expected-error @+1 {{expected a float type}}
"test.op"() {a = 1.0 : i32} : () -> ()

// -----

// expected-error @+1 {{expected a float type}}
"test.op"() {a = 1.0 : index} : () -> ()

// -----

// expected-error @+1 {{expected a float type}}
"test.op"() {a = 1.0 : tensor<2xf32>} : () -> ()

// -----

// expected-error @+1 {{expected a float type}}
"test.op"() {a = 1.0 : none} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = 0x7FC000000 : f32} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = -0x7FC00000 : f32} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = 0x17C00 : f16} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = 0x17FF0000000000000 : f64} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = 0x1FF : f8E5M2} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = 0x1F : f4E2M1FN} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = 0x80000 : tf32} : () -> ()

// -----

// expected-error @+1 {{a float needs a decimal point; an integer literal is only its bits in hex}}
"test.op"() {a = 1 : f64} : () -> ()

// -----

// expected-error @+1 {{a float needs a decimal point; an integer literal is only its bits in hex}}
"test.op"() {a = 10 : f32} : () -> ()

// -----

// expected-error @+1 {{the number '1e400' needs a decimal point}}
"test.op"() {a = 1e400} : () -> ()

// -----

// expected-error @+1 {{expected a float type}}
"test.op"() {a = 1.0 : !foo.bar} : () -> ()

// -----

// expected-error @+1 {{expected a float type}}
"test.op"() {a = 1.0 : complex<f32>} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found 'f'}}
"test.op"() {a = 1.0f} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found the character '.'}}
"test.op"() {a = 1..0} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found the character '.'}}
"test.op"() {a = 1.0.0} : () -> ()

// -----

// expected-error @+1 {{expected ',' or '}'; found the character '.'}}
"test.op"() {a = 1.5e3.2} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found 'inf'}}
"test.op"() {a = inf} : () -> ()

// -----

// expected-error @+1 {{expected an attribute; found 'nan'}}
"test.op"() {a = nan} : () -> ()

// -----

// expected-error @+1 {{expected a number; found 'inf'}}
"test.op"() {a = -inf} : () -> ()

// -----

// expected-error @+1 {{the number '1e-10' needs a decimal point}}
"test.op"() {a = 1e-10 : f4E2M1FN} : () -> ()

// -----

// expected-error @+1 {{the bit pattern does not fit the float type}}
"test.op"() {a = 0xFFFFFFFFFFFFFFFFFFFFF : f80} : () -> ()

// -----

// expected-error @+1 {{expected a type; found 'f31'}}
"test.op"() {a = 1.0 : f31} : () -> ()

// -----

// expected-error @+1 {{expected a type; found 'F32'}}
"test.op"() {a = 1.0 : F32} : () -> ()

