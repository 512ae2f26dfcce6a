// RUN: he-opt --allow-unregistered-dialect --split-input-file --verify-diagnostics %s

"test.op"() {a = {}} : () -> ()

// -----

"test.op"() {a = {a}} : () -> ()

// -----

"test.op"() {a = {a = 1}} : () -> ()

// -----

"test.op"() {a = {a = 1, b}} : () -> ()

// -----

"test.op"() {a = {"a" = 1}} : () -> ()

// -----

"test.op"() {a = {"a b" = 1}} : () -> ()

// -----

"test.op"() {a = {i32 = 1}} : () -> ()

// -----

"test.op"() {a = {a.b = 1}} : () -> ()

// -----

"test.op"() {a = {a.b.c}} : () -> ()

// -----

"test.op"() {a = {a$b}} : () -> ()

// -----

"test.op"() {a = {_a}} : () -> ()

// -----

"test.op"() {a = {true = 1}} : () -> ()

// -----

"test.op"() {a = {"a\n" = 1}} : () -> ()

// -----

"test.op"() {a = {"a\0Ab"}} : () -> ()

// -----

"test.op"() {a = {i32}} : () -> ()

// -----

"test.op"() {a = {f32 = f32, index = index, loc = 1}} : () -> ()

// -----

"test.op"() {a = {tensor}} : () -> ()

// -----

"test.op"() {a = {affine_map = 1}} : () -> ()

// -----

"test.op"() {a = {"1" = 1}} : () -> ()

// -----

"test.op"() {a = {a = {b = {c}}}} : () -> ()

// -----

"test.op"() {a = {dense = 1, array}} : () -> ()

// -----

"test.op"() {a = {unit = unit}} : () -> ()

// -----

"test.op"() {a = {x4 = 1}} : () -> ()

// -----

"test.op"() {a = {si8, ui8}} : () -> ()

// -----

"test.op"() {a = {a = unit, b = unit}} : () -> ()

// -----

"test.op"() {a = {A, a}} : () -> ()

// -----

"test.op"() {a = {a.}} : () -> ()

// -----

"test.op"() {a = {"\FF" = 1}} : () -> ()

