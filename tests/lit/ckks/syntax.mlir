// RUN: he-opt %s | FileCheck %s
// RUN: he-opt --print-op-generic %s | he-opt | FileCheck %s
// RUN: he-opt --print-op-generic %s | FileCheck %s --check-prefix=GENERIC

// CHECK: module attributes
// CHECK-SAME: #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>
module attributes {he.stage = "leveled", ckks.params = #ckks.params<log_n = 14, log_q = [60, 40, 40, 40], log_p = [60, 60], log_scale = 40, slots = 4096, dnum = 2>} {
  // CHECK-LABEL: @client
  func.func @client(%v: tensor<4096xf64>) -> tensor<4096xf64> {
    // CHECK: ckks.encode %{{.*}} : (tensor<4096xf64>) -> !ckks.pt<level = 3, scale = 40>
    // GENERIC: "ckks.encode"(%{{.*}}) : (tensor<4096xf64>) -> !ckks.pt<level = 3, scale = 40>
    %p = ckks.encode %v : (tensor<4096xf64>) -> !ckks.pt<level = 3, scale = 40>
    // CHECK: ckks.encrypt %{{.*}} : (!ckks.pt<level = 3, scale = 40>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    %c = ckks.encrypt %p : (!ckks.pt<level = 3, scale = 40>) -> !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.decrypt %{{.*}} : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> tensor<4096xf64>
    %r = ckks.decrypt %c : (!ckks.ct<level = 3, scale = 40, degree = 1>) -> tensor<4096xf64>
    func.return %r : tensor<4096xf64>
  }
  // CHECK-LABEL: @arithmetic
  func.func @arithmetic(%w: tensor<4096xf64>, %x: !ckks.ct<level = 3, scale = 40, degree = 1>, %p: !ckks.pt<level = 3, scale = 40>) -> !ckks.ct<level = 1, scale = 40, degree = 1> {
    // CHECK: ckks.add %{{.*}}, %{{.*}} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>
    %0 = ckks.add %x, %x : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.sub %{{.*}}, %{{.*}} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>
    %1 = ckks.sub %0, %x : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.neg %{{.*}} : !ckks.ct<level = 3, scale = 40, degree = 1>
    %2 = ckks.neg %1 : !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.add_plain %{{.*}}, %{{.*}} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.pt<level = 3, scale = 40>
    %3 = ckks.add_plain %2, %p : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.pt<level = 3, scale = 40>
    // CHECK: ckks.sub_plain %{{.*}}, %{{.*}} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.pt<level = 3, scale = 40>
    %4 = ckks.sub_plain %3, %p : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.pt<level = 3, scale = 40>
    // CHECK: ckks.add_scalar %{{.*}} {value = 0.5} : !ckks.ct<level = 3, scale = 40, degree = 1>
    // GENERIC: "ckks.add_scalar"(%{{.*}}) <{value = 0.5}>
    %5 = ckks.add_scalar %4 {value = 0.5} : !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.mul %{{.*}}, %{{.*}} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>
    // GENERIC: "ckks.mul"(%{{.*}}, %{{.*}}) : (!ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 80, degree = 2>
    %6 = ckks.mul %5, %x : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.relinearize %{{.*}} : !ckks.ct<level = 3, scale = 80, degree = 2> -> !ckks.ct<level = 3, scale = 80, degree = 1>
    %7 = ckks.relinearize %6 : !ckks.ct<level = 3, scale = 80, degree = 2> -> !ckks.ct<level = 3, scale = 80, degree = 1>
    // CHECK: ckks.rescale %{{.*}} : !ckks.ct<level = 3, scale = 80, degree = 1> -> !ckks.ct<level = 2, scale = 40, degree = 1>
    %8 = ckks.rescale %7 : !ckks.ct<level = 3, scale = 80, degree = 1> -> !ckks.ct<level = 2, scale = 40, degree = 1>
    %q = ckks.encode %w : (tensor<4096xf64>) -> !ckks.pt<level = 2, scale = 20>
    // CHECK: ckks.mul_plain %{{.*}}, %{{.*}} : !ckks.ct<level = 2, scale = 40, degree = 1>, !ckks.pt<level = 2, scale = 20>
    %9 = ckks.mul_plain %8, %q : !ckks.ct<level = 2, scale = 40, degree = 1>, !ckks.pt<level = 2, scale = 20>
    // CHECK: ckks.mul_scalar %{{.*}} {{[{]}}log_scale = 20, value = 2.0} : !ckks.ct<level = 2, scale = 60, degree = 1> -> !ckks.ct<level = 2, scale = 80, degree = 1>
    %10 = ckks.mul_scalar %9 {value = 2.0, log_scale = 20} : !ckks.ct<level = 2, scale = 60, degree = 1> -> !ckks.ct<level = 2, scale = 80, degree = 1>
    %11 = ckks.rescale %10 : !ckks.ct<level = 2, scale = 80, degree = 1> -> !ckks.ct<level = 1, scale = 40, degree = 1>
    func.return %11 : !ckks.ct<level = 1, scale = 40, degree = 1>
  }
  // CHECK-LABEL: @movement
  func.func @movement(%x: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // CHECK: ckks.rotate %{{.*}} {by = 5} : !ckks.ct<level = 3, scale = 40, degree = 1>
    %0 = ckks.rotate %x {by = 5} : !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.conjugate %{{.*}} : !ckks.ct<level = 3, scale = 40, degree = 1>
    %1 = ckks.conjugate %0 : !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.level_drop %{{.*}} {levels = 3} : !ckks.ct<level = 3, scale = 40, degree = 1> -> !ckks.ct<level = 0, scale = 40, degree = 1>
    %2 = ckks.level_drop %1 {levels = 3} : !ckks.ct<level = 3, scale = 40, degree = 1> -> !ckks.ct<level = 0, scale = 40, degree = 1>
    // CHECK: ckks.bootstrap %{{.*}} {range = 2.0} : !ckks.ct<level = 0, scale = 40, degree = 1> -> !ckks.ct<level = 3, scale = 40, degree = 1>
    %3 = ckks.bootstrap %2 {range = 2.0} : !ckks.ct<level = 0, scale = 40, degree = 1> -> !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %3 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
  // CHECK-LABEL: @hoisting
  func.func @hoisting(%x: !ckks.ct<level = 3, scale = 40, degree = 1>) -> !ckks.ct<level = 3, scale = 40, degree = 1> {
    // CHECK: ckks.mod_up %{{.*}} : !ckks.ct<level = 3, scale = 40, degree = 1> -> !ckks.digits<level = 3>
    %d = ckks.mod_up %x : !ckks.ct<level = 3, scale = 40, degree = 1> -> !ckks.digits<level = 3>
    // CHECK: ckks.rotate_ext %{{.*}}, %{{.*}} {by = 1} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.digits<level = 3>
    %0 = ckks.rotate_ext %x, %d {by = 1} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.digits<level = 3>
    %1 = ckks.rotate_ext %x, %d {by = 2} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.digits<level = 3>
    // CHECK: ckks.add_ext %{{.*}}, %{{.*}} : !ckks.ext<level = 3, scale = 40>
    %2 = ckks.add_ext %0, %1 : !ckks.ext<level = 3, scale = 40>
    // CHECK: ckks.mod_down %{{.*}} : !ckks.ext<level = 3, scale = 40> -> !ckks.ct<level = 3, scale = 40, degree = 1>
    %3 = ckks.mod_down %2 : !ckks.ext<level = 3, scale = 40> -> !ckks.ct<level = 3, scale = 40, degree = 1>
    // CHECK: ckks.rotate_hoisted %{{.*}}, %{{.*}} {by = 3} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.digits<level = 3>
    %4 = ckks.rotate_hoisted %x, %d {by = 3} : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.digits<level = 3>
    %5 = ckks.add %3, %4 : !ckks.ct<level = 3, scale = 40, degree = 1>, !ckks.ct<level = 3, scale = 40, degree = 1>
    func.return %5 : !ckks.ct<level = 3, scale = 40, degree = 1>
  }
}
