// Conversions can be watched as other groups can: traced, explained, counted; what is left over says why.
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --half-smooth %s | FileCheck %s
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --half-smooth --trace-rewrites -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=TRACE
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --half-smooth --explain near -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=EXPLAIN
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --half-smooth --pass-statistics -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --half-smooth --rewrite-limit=1 %s 2>&1 | FileCheck %s --check-prefix=LIMIT
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --half-smooth --to-ckks --pass-statistics -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=TALLY
// RUN: not he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --endless %s 2>&1 | FileCheck %s --check-prefix=ENDLESS
// RUN: he-opt --load-dialect %S/../../../examples/rules/smooth.dialect --load-rules %S/Inputs/half_smooth.rules --half-smooth --to-ckks --trace-rewrites --pass-statistics -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=CKKS
!t = !packed.vec<shape = [1, 8], period = 8, slots = 512>

// TRACE:      conversion.mlir:[[@LINE+21]]:8: remark: rule 'near' fires at 'smooth.average'
// TRACE:      half_smooth.rules:5:6: note: the rule
// TRACE:      remark: rule 'difference' fires at 'smooth.difference'
// TRACE:      remark: rule 'far' fires at 'smooth.average'
// EXPLAIN:    remark: rule 'near' fires at 'smooth.average'
// EXPLAIN:    remark: rule 'near' does not fire at 'smooth.average': the distance is not 1
// COUNT:      3  half-smooth (erased 0 unused ops)
// COUNT-NEXT: 1    difference
// COUNT-NEXT: 1    far
// COUNT-NEXT: 1    near
// LIMIT:      remark: the rewrite limit is reached in the conversion 'half-smooth'
// LIMIT:      note: rule 'difference'
// LIMIT:      help: a conversion cannot be left half done: it goes on
// LIMIT-NOT:  smooth.
// ENDLESS:    error: 'endless' does not end: these rules keep firing here: back -> there
// TALLY: packed-to-ckks (erased
// TALLY: 3    mul-scalar
// CKKS:       remark: rule 'rotate' fires at 'packed.rotate'
// CHECK-NOT:  smooth.
func.func @main(%x: tensor<1x8xf64>) -> tensor<1x8xf64> {
  %0 = packed.pack %x : (tensor<1x8xf64>) -> !t
  %1 = smooth.average %0 {by = 1} : !t
  %2 = smooth.difference %1 {by = 8} : !t
  %3 = packed.unpack %2 : (!t) -> tensor<1x8xf64>
  return %3 : tensor<1x8xf64>
}
