// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = "a"} : () -> ()

// -----

"test.op"() {a = ""} : () -> ()

// -----

"test.op"() {a = "a\n"} : () -> ()

// -----

"test.op"() {a = "a\t"} : () -> ()

// -----

"test.op"() {a = "a\\"} : () -> ()

// -----

"test.op"() {a = "a\""} : () -> ()

// -----

"test.op"() {a = "a\22"} : () -> ()

// -----

"test.op"() {a = "a\0A"} : () -> ()

// -----

"test.op"() {a = "a\FF"} : () -> ()

// -----

"test.op"() {a = "\C3\A9"} : () -> ()

// -----

"test.op"() {a = "a" : i32} : () -> ()

// -----

"test.op"() {a = "a" : !foo.bar} : () -> ()

// -----

"test.op"() {a = "a" : tensor<2xi32>} : () -> ()

// -----

"test.op"() {a = "é"} : () -> ()

// -----

"test.op"() {a = "日本"} : () -> ()

// -----

"test.op"() {a = "\00"} : () -> ()

// -----

"test.op"() {a = "tab	inside"} : () -> ()

// -----

"test.op"() {a = "'"} : () -> ()

// -----

"test.op"() {a = "\aF"} : () -> ()

// -----

"test.op"() {a = "\\n"} : () -> ()

// -----

"test.op"() {a = "//no comment"} : () -> ()

// -----

"test.op"() {a = "a" :
i32} : () -> ()

