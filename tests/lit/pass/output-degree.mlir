// RUN: he-opt --relinearize='strategy=lazy output-degree=2' --rescale='strategy=lazy' %s | FileCheck %s
// RUN: he-opt --relinearize='strategy=lazy output-degree=2' --rescale='strategy=lazy' %s | he-run --random-input 1 - | FileCheck %s --check-prefix=NUMBERS
// RUN: he-opt --relinearize='strategy=lazy output-degree=2' --relinearize %s | FileCheck %s --check-prefix=NARROW

// The client decrypts three polynomials.
// CHECK: ckks.output_degree = 2
// CHECK: func.func @main({{.*}} -> !ckks.ct<{{.*}}degree = 2>
// CHECK-NOT: ckks.relinearize
// CHECK: ckks.decrypt %{{.*}} : (!ckks.ct<{{.*}}degree = 2>)

// NUMBERS: max_abs_error: 0

// NARROW-NOT: ckks.output_degree
// NARROW: ckks.relinearize
module attributes {ckks.params = #ckks.params<log_n = 12, log_q = [60, 40], log_p = [60], log_scale = 40, slots = 2048, dnum = 2>} {
  func.func @main(%x: tensor<1x8xf32>) -> tensor<1x8xf32> {
    %0 = nn.square %x : tensor<1x8xf32>
    return %0 : tensor<1x8xf32>
  }
}
