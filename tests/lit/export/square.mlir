// RUN: he-translate --emit=openfhe-python --preset=bsgs-lazy --poly-modulus-degree=2048 --coeff-modulus=60,40x2 --scale=2^40 %s 2>/dev/null | FileCheck %s --check-prefixes=BOTH,OPENFHE
// RUN: he-translate --emit=seal-python --preset=bsgs-lazy --poly-modulus-degree=2048 --coeff-modulus=60,40x2 --scale=2^40 %s 2>/dev/null | FileCheck %s --check-prefixes=BOTH,SEAL

// One function, every op a call; keys for what is used only.

// BOTH: # Parameters: NOT SECURE by the library's table.
// BOTH: N = 2**11
// BOTH: SLOTS = 1024
// OPENFHE: LOG_P = [60, 60]
// SEAL: LOG_P = [60]
// BOTH: ROTATIONS = [1, 2, 3]
// BOTH-NEXT: RELINEARIZES = True
// BOTH-NEXT: CONJUGATES = False
// OPENFHE: import openfhe
// SEAL: import tenseal.sealapi as seal
// BOTH: "shape": (1, 4), "range": (-1.0, 1.0), "stated": "{{.*}}", "ciphertexts": [("p0", 2, 40)]
// BOTH: def part0(he, live):
// BOTH: [[R:v[0-9]+]] = he.rotate(a0, by=1)
// BOTH: [[P:v[0-9]+]] = he.encode(PLAIN["p{{[0-9]+}}"], level=2, scale=40, correction={{1.0000|0.9999}}
// BOTH: he.mul_plain([[R]], {{v[0-9]+}})
// BOTH-NEXT: del
// BOTH: he.rescale({{v[0-9]+}}, level=1, scale=40)
// BOTH: he.mul(
// BOTH: he.relinearize(
// BOTH: PARTS = [part0]
// BOTH: def main():
func.func @main(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = "nn.constant"() {value = #nn.random<seed = 1, std = 0.5>} : () -> tensor<4x4xf32>
  %0 = "nn.linear"(%x, %w) : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %1 = "nn.square"(%0) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  func.return %1 : tensor<1x4xf32>
}
