// RUN: he-opt --split-input-file --verify-diagnostics %s

func.func @main(%x: tensor<1x4xf32>) -> tensor<1x3xf32> {
  // expected-error@+1 {{'func.return' op returns (tensor<1x4xf32>), but @main is declared to return (tensor<1x3xf32>)}}
  func.return %x : tensor<1x4xf32>
}

// -----

// expected-error@below {{unregistered operation 'no.op'}}
"no.op"() : () -> ()
