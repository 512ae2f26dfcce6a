// Programs that show the differences of differences.toml which no program of the corpus shows.

// -----

"test.op"() <{a = 1 : i32}> {a = 2 : i32} : () -> ()

// -----

"func.func"() <{function_type = () -> (), sym_name = "f", sym_visibility = "private", other = 1 : i32}> ({
}) : () -> ()

// -----

func.func private @f() attributes {no_inline = 1 : i32}

// -----

"test.op"() {a = dense<(1, 2)> : tensor<2xi32>} : () -> ()

// -----

"test.op"() ({
^bb0(%a#0: i32):
}) : () -> ()

// -----

"test.op"() : () -> !llvm.ptre

// -----

"test.op"() {a = array<index: 1>} : () -> ()

// -----

"test.op"() {a = dense_resource<k> : tensor<2xi32>} : () -> ()
{-# dialect_resources: {builtin: {k: "0x000000000100000002000000"}} #-}

// -----

"a.c"(%0#2147483648) : (i32) -> ()
%0 = "a.b"() : () -> i32
