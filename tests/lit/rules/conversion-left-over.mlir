// An op that no rule of a conversion takes is an error: it names the op, the rules, and why each failed.
// RUN: not he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --half-smooth %s 2>&1 | FileCheck %s
// RUN: not he-opt --load-dialect %S/Inputs/pick.dialect --load-rules %S/Inputs/pick.rules --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/no_rule.rules --no-rule %s 2>&1 | FileCheck %s --check-prefix=NONE
!t = !packed.vec<shape = [1, 8], period = 8, slots = 512>

// CHECK:      conversion-left-over.mlir:[[@LINE+8]]:8: error: 'half-smooth' cannot convert 'smooth.average'
// CHECK:      half_smooth.rules:5:6: note: rule 'near': the distance is not 1
// CHECK:      half_smooth.rules:10:6: note: rule 'far': its pattern does not match
// CHECK:      note: while running pass 'half-smooth'
// NONE:       error: 'no-rule' cannot convert 'smooth.average'
// NONE:       help: no rule has this op at its root
func.func @main(%x: tensor<1x8xf64>) -> tensor<1x8xf64> {
  %0 = packed.pack %x : (tensor<1x8xf64>) -> !t
  %1 = smooth.average %0 {by = 2} : !t
  %2 = packed.unpack %1 : (!t) -> tensor<1x8xf64>
  return %2 : tensor<1x8xf64>
}
