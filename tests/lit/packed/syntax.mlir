// RUN: he-opt %s | FileCheck %s
// RUN: he-opt --print-op-generic %s | he-opt | FileCheck %s

!v = !packed.vec<shape = [1, 4], period = 4, slots = 8>
!w = !packed.vec<shape = [1, 2], period = 2, slots = 8>
!s = !packed.vec<shape = [1, 4], period = 8, stride = 2, slots = 8, fill = 1.5>
!d = !packed.vec<shape = [1, 4], period = 8, stride = 2, repeat = 2, slots = 8>

// CHECK: module attributes {he.stage = "packed"}
module attributes {he.stage = "packed"} {
  // CHECK-LABEL: @main
  // CHECK-SAME: %arg0: !packed.vec<shape = [1, 4], period = 4, slots = 8>
  func.func @main(%x: !v, %p: tensor<8xf64>, %w: tensor<2x4xf64>, %t: tensor<4xf64>, %u: tensor<6x8xf64>, %s: !s) -> !w {
    // CHECK: packed.add %arg0, %arg0 : !packed.vec<shape = [1, 4], period = 4, slots = 8>
    %0 = packed.add %x, %x : !v
    // CHECK: packed.sub %0, %arg0
    %1 = packed.sub %0, %x : !v
    // CHECK: packed.neg %1
    %2 = packed.neg %1 : !v
    // CHECK: packed.mul %2, %2
    %3 = packed.mul %2, %2 : !v
    // CHECK: packed.mul_plain %3, %arg1
    %4 = packed.mul_plain %3, %p : !v, tensor<8xf64>
    // CHECK: packed.add_plain %4, %arg1
    %5 = packed.add_plain %4, %p : !v, tensor<8xf64>
    // CHECK: packed.mul_scalar %5 {value = 0.5}
    %6 = packed.mul_scalar %5 {value = 0.5} : !v
    // CHECK: packed.add_scalar %6 {value = -1.0}
    %7 = packed.add_scalar %6 {value = -1.0} : !v
    // CHECK: packed.rotate %7 {by = 3}
    %8 = packed.rotate %7 {by = 3} : !v
    // CHECK: packed.relabel %8 : {{.*}} -> !packed.vec<shape = [1, 4], period = 4, slots = 8, fill = 2.0>
    %9 = packed.relabel %8 : !v -> !packed.vec<shape = [1, 4], period = 4, slots = 8, fill = 2.0>
    // CHECK: packed.linear %8, %arg2 {plan = #packed.plan<method = bsgs, baby = 2>}
    %10 = packed.linear %8, %w {plan = #packed.plan<method = bsgs, baby = 2>} : (!v, tensor<2x4xf64>) -> !w
    // CHECK: packed.matrix %arg2 {input = !packed.vec<{{.*}}>, output = !packed.vec<{{.*}}>}
    %11 = packed.matrix %w {input = !v, output = !w} : (tensor<2x4xf64>) -> !packed.matrix
    // CHECK: packed.diagonal %{{.*}} {index = 1, shift = 2} : (!packed.matrix) -> tensor<8xf64>
    %12 = packed.diagonal %11 {index = 1, shift = 2} : (!packed.matrix) -> tensor<8xf64>
    // CHECK: packed.to_plain %arg3 {layout = !packed.vec<{{.*}}>}
    %13 = packed.to_plain %t {layout = !v} : (tensor<4xf64>) -> tensor<8xf64>
    // CHECK: packed.from_plain %{{.*}} {layout = !packed.vec<{{.*}}>}
    %14 = packed.from_plain %13 {layout = !v} : (tensor<8xf64>) -> tensor<1x4xf64>
    // CHECK: packed.pack
    %15 = packed.pack %14 : (tensor<1x4xf64>) -> !v
    // CHECK: packed.unpack
    %16 = packed.unpack %15 : (!v) -> tensor<1x4xf64>
    // CHECK: %{{.*}}:2 = packed.linear %arg0, %8, %arg4 : (!packed.vec<{{.*}}>, !packed.vec<{{.*}}>, tensor<6x8xf64>) -> (!packed.vec<{{.*}}>, !packed.vec<{{.*}}>)
    %17:2 = packed.linear %x, %8, %u : (!v, !v, tensor<6x8xf64>) -> (!v, !w)
    // CHECK: packed.matrix %arg4 {column = 4, input = {{.*}}, output = {{.*}}, row = 4}
    %18 = packed.matrix %u {input = !v, output = !w, row = 4, column = 4} : (tensor<6x8xf64>) -> !packed.matrix
    // CHECK: packed.block %arg3 {start = 1} : (tensor<4xf64>) -> tensor<3xf64>
    %19 = packed.block %t {start = 1} : (tensor<4xf64>) -> tensor<3xf64>
    // CHECK: packed.concat %{{.*}}, %arg3 : (tensor<3xf64>, tensor<4xf64>) -> tensor<7xf64>
    %20 = packed.concat %19, %t : (tensor<3xf64>, tensor<4xf64>) -> tensor<7xf64>
    // CHECK: %[[ROWS:.*]] = packed.block %arg4 {row = 4, start = 4} : (tensor<6x8xf64>) -> tensor<2x4xf64>
    %21 = packed.block %u {start = 4, row = 4} : (tensor<6x8xf64>) -> tensor<2x4xf64>
    // CHECK: packed.concat %[[ROWS]], %[[ROWS]] : (tensor<2x4xf64>, tensor<2x4xf64>) -> tensor<4x4xf64>
    %22 = packed.concat %21, %21 : (tensor<2x4xf64>, tensor<2x4xf64>) -> tensor<4x4xf64>
    // CHECK: packed.spread %arg5 {groups = [2]} : !packed.vec<shape = [1, 4], period = 8, stride = 2, slots = 8, fill = 1.5> -> !packed.vec<shape = [1, 4], period = 8, stride = 2, repeat = 2, slots = 8>
    %23 = packed.spread %s {groups = [2]} : !s -> !d
    return %10 : !w
  }
}
