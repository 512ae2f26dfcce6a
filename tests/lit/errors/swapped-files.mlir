// RUN: not he-opt %S/../../../README.md 2>&1 | FileCheck %s --check-prefix=MARKDOWN
// RUN: not he-opt %S/../../../examples/rules/fuse_adds.rules 2>&1 | FileCheck %s --check-prefix=RULES
// RUN: not he-run %S/../../../examples/rules/sum.dialect 2>&1 | FileCheck %s --check-prefix=DIALECT
// RUN: not he-cost %S/../../../examples/mlp.safetensors 2>&1 | FileCheck %s --check-prefix=WEIGHTS
// RUN: not he-opt --load-rules=%S/../../../examples/rules/sum.dialect %s 2>&1 | FileCheck %s --check-prefix=AS-RULES
// RUN: not he-opt --load-dialect=%S/../../../examples/rules/fuse_adds.rules %s 2>&1 | FileCheck %s --check-prefix=AS-DIALECT
// RUN: not he-opt --load-dialect=%s %s 2>&1 | FileCheck %s --check-prefix=PROGRAM
// RUN: not he-cost --profile=%S/../../../README.md %s 2>&1 | FileCheck %s --check-prefix=PROFILE
// RUN: not he-run --input %S/../../../examples/mlp.safetensors %s 2>&1 | FileCheck %s --check-prefix=INPUT
// RUN: not he-run %S/Inputs/pointer.mlir 2>&1 | FileCheck %s --check-prefix=POINTER

// A file in the place of another is told by its content, in one line.

// MARKDOWN: error: '{{.*}}README.md' cannot be read: it is a Markdown document, and a program is expected
// MARKDOWN-NEXT: help: give the file that it is about
// RULES: error: '{{.*}}fuse_adds.rules' cannot be read: it is a .rules file, and a program is expected
// RULES-NEXT: help: --load-rules FILE loads it
// DIALECT: error: {{.*}}it is a .dialect file, and a program is expected
// DIALECT-NEXT: help: --load-dialect FILE loads it
// WEIGHTS: error: {{.*}}it is a safetensors file, and a program is expected
// WEIGHTS-NEXT: help: a program names its weights: #nn.weights<"FILE.safetensors", "KEY">
// AS-RULES: error: {{.*}}it is a .dialect file, and a .rules file is expected
// AS-DIALECT: error: {{.*}}it is a .rules file, and a .dialect file is expected
// PROGRAM: error: {{.*}}it is a program, and a .dialect file is expected
// PROGRAM-NEXT: help: a program is named without an option: he-opt FILE
// PROFILE: error: {{.*}}it is a Markdown document, and a cost profile in JSON is expected
// INPUT: error: input '{{.*}}': it is a safetensors file, and nested arrays in .json, or an .npy file, is expected
// POINTER: error: 'nn.constant' op 'pointer.safetensors' has no weights: it is a Git LFS pointer, not the file itself, and a safetensors file is expected; 'git lfs pull' fetches the file

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nn.square %x : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
