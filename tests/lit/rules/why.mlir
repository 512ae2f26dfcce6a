// Why a rule does not fire: every reason in words.
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain shape -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain condition -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=CONDITION
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain type -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain same -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=SAME
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain overflow -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=OVERFLOW
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain division -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=DIVISION
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain element -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=ELEMENT
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain absent -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain number -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: he-opt --load-rules %S/Inputs/why.rules --why --explain shape@1 -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=NOWHERE
// RUN: not he-opt --load-rules %S/Inputs/why.rules --why --explain shape@one -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=LINE
// RUN: not he-opt --load-rules %S/Inputs/why.rules --why --explain shapes -o /dev/null %s 2>&1 | FileCheck %s --check-prefix=UNKNOWN
!t = !packed.vec<shape = [1, 8], period = 8, slots = 8>

// SHAPE:     remark: rule 'shape' does not fire at 'packed.neg': its pattern does not match
// SHAPE:     why.rules:5:6: note: the rule
// CONDITION: remark: rule 'condition' does not fire at 'packed.neg': one_use(%x) does not hold
// TYPE:      remark: rule 'type' does not fire at 'packed.rotate': the replacement has type !packed.vec<shape = [1, 4], period = 4, slots = 8>, the replaced value !packed.vec<shape = [1, 8], period = 8, slots = 8>
// SAME:      remark: rule 'same' does not fire at 'packed.mul': it changes nothing
// OVERFLOW:  remark: rule 'overflow' does not fire at 'packed.rotate': integer overflow
// DIVISION:  remark: rule 'division' does not fire at 'packed.rotate': division by zero
// ELEMENT:   remark: rule 'element' does not fire at 'packed.rotate': the list has no element 3
// ABSENT:    remark: rule 'absent' does not fire at 'packed.rotate': the attribute 'by' has no value
// NUMBER:    remark: rule 'number' does not fire at 'packed.rotate': the written type is not a type
// NOWHERE:   remark: rule 'shape' meets no 'packed.neg' at line 1
// LINE:      error: --explain: 'one' is not a line number
// LINE:      help: write RULE or RULE@LINE
// UNKNOWN:   error: --explain: unknown rule 'shapes'
// UNKNOWN:   help: did you mean 'shape'?
func.func @main(%x: tensor<1x8xf64>) -> tensor<1x8xf64> {
  %0 = packed.pack %x : (tensor<1x8xf64>) -> !t
  %1 = packed.neg %0 : !t
  %2 = packed.rotate %1 {by = 3} : !t
  %3 = packed.mul %2, %0 : !t
  %4 = packed.unpack %3 : (!t) -> tensor<1x8xf64>
  return %4 : tensor<1x8xf64>
}
