// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = unit} : () -> ()

// -----

"test.op"() {a = none} : () -> ()

// -----

"test.op"() {a = index} : () -> ()

// -----

"test.op"() {a = i32} : () -> ()

// -----

"test.op"() {a = f32} : () -> ()

// -----

"test.op"() {a = () -> ()} : () -> ()

// -----

"test.op"() {a = (i32) -> i32} : () -> ()

// -----

"test.op"() {a = (i32, f32) -> (i32, f32)} : () -> ()

// -----

"test.op"() {a = tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = !foo.bar} : () -> ()

// -----

"test.op"() {a = !foo.bar<1>} : () -> ()

// -----

"test.op"() {a = !foo<bar>} : () -> ()

// -----

"test.op"() {a = loc(unknown)} : () -> ()

// -----

"test.op"() {a = loc("a")} : () -> ()

// -----

"test.op"() {a = loc("a":1:2)} : () -> ()

// -----

"test.op"() {a = affine_map<() -> ()>} : () -> ()

// -----

"test.op"() {a = #foo.bar} : () -> ()

// -----

"test.op"() {a = #foo<bar>} : () -> ()

// -----

"test.op"() {a = #foo.bar<1>} : () -> ()

// -----

"test.op"() {a = #foo.bar<a, [b], {c}, (d)>} : () -> ()

// -----

"test.op"() {a = #foo.bar<<>>} : () -> ()

// -----

"test.op"() {a = #foo.bar<->>} : () -> ()

// -----

"test.op"() {a = #foo.bar<a -> b>} : () -> ()

// -----

"test.op"() {a = #foo.bar<">">} : () -> ()

// -----

"test.op"() {a = #foo.bar<"\">">} : () -> ()

// -----

"test.op"() {a = #foo<"bar">} : () -> ()

// -----

"test.op"() {a = #foo<>} : () -> ()

// -----

"test.op"() {a = #foo.bar<>} : () -> ()

// -----

"test.op"() {a = #foo.bar : i32} : () -> ()

// -----

"test.op"() {a = #foo.bar<1> : i32} : () -> ()

// -----

"test.op"() {a = #foo<"a"> : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = #foo<"a -> b > c">} : () -> ()

// -----

"test.op"() {a = #foo.bar.baz} : () -> ()

// -----

"test.op"() {a = #foo.bar.baz<1>} : () -> ()

// -----

"test.op"() {a = #foo.} : () -> ()

// -----

"test.op"() {a = #foo.bar<'>} : () -> ()

// -----

"test.op"() {a = #foo.bar<//x
>} : () -> ()

// -----

"test.op"() {a = #foo.bar<a
b>} : () -> ()

// -----

"test.op"() {a = #foo.bar<$%^&*>} : () -> ()

// -----

"test.op"() {a = #foo.bar<\>} : () -> ()

// -----

"test.op"() {a = #foo.bar<a<b<c>>>} : () -> ()

// -----

"test.op"() {a = #foo.bar<{[(<>)]}>} : () -> ()

// -----

"test.op"() {a = #foo.bar<é>} : () -> ()

// -----

"test.op"() {a = #foo.bar-baz<1>} : () -> ()

// -----

"test.op"() {a = #foo.1<1>} : () -> ()

// -----

"test.op"() {a = strided<[1]>} : () -> ()

// -----

"test.op"() {a = strided<[1], offset: 2>} : () -> ()

// -----

"test.op"() {a = strided<[?], offset: ?>} : () -> ()

// -----

"test.op"() {a = strided<[]>} : () -> ()

// -----

"test.op"() {a = strided<[], offset: 1>} : () -> ()

// -----

"test.op"() {a = strided<[-1]>} : () -> ()

// -----

"test.op"() {a = strided<[0]>} : () -> ()

// -----

"test.op"() {a = strided<[1], offset: -1>} : () -> ()

// -----

"test.op"() {a = strided<[9223372036854775807]>} : () -> ()

// -----

"test.op"() {a = strided<[1, ?, 3], offset: 0>} : () -> ()

// -----

"test.op"() {a = distinct[0]<>} : () -> ()

// -----

"test.op"() {a = distinct[0]<42 : i32>} : () -> ()

// -----

"test.op"() {a = distinct[1]<"a">} : () -> ()

// -----

"test.op"() {a = distinct[0]<@a>} : () -> ()

// -----

"test.op"() {a = distinct[0]<i32>} : () -> ()

// -----

"test.op"() {a = distinct[18446744073709551615]<>} : () -> ()

// -----

"test.op"() {a = @a} : () -> ()

