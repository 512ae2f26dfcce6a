//! Each packed op, executed.

use std::rc::Rc;

use he_core::exec::tensor::Tensor;
use he_core::exec::{Interpreter, RuntimeValue};
use he_core::schema::verify;
use he_core::support::NoWeights;
use he_core::text::parse;

const V: &str = "!packed.vec<shape = [1, 4], period = 4, slots = 8>";
const W: &str = "!packed.vec<shape = [1, 2], period = 2, slots = 8>";

/// The slots of the value that `body` calls `%r`, of type `ty`; `%x` and `%y` are packed, `%p` is plain.
fn slots_of(body: &str, ty: &str) -> Vec<f64> {
    let loaded = crate::load().expect("the dialects load");
    let registry = &loaded.session.registry;
    let text = format!(
        "func.func @main(%x: {V}, %y: {V}, %p: tensor<8xf64>, %w: tensor<2x4xf64>, %t: tensor<1x4xf64>, \
         %u: tensor<6x8xf64>) -> {ty} {{\n\
         {body}\n return %r : {ty}\n}}"
    );
    let mut ir = parse(registry, &text, "test.mlir").unwrap_or_else(|e| panic!("{}\n{text}", e[0]));
    verify(registry, &mut ir).unwrap_or_else(|e| panic!("{}\n{text}", e[0]));
    let tensor = |shape: &[usize], data: &[f64]| -> RuntimeValue {
        Rc::new(Tensor { shape: shape.to_vec(), data: data.to_vec() })
    };
    let args = [
        tensor(&[8], &[1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]),
        tensor(&[8], &[0.5, -1.0, 0.0, 2.0, 0.5, -1.0, 0.0, 2.0]),
        tensor(&[8], &[1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0]),
        tensor(&[2, 4], &[1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, -1.0]),
        tensor(&[1, 4], &[5.0, 6.0, 7.0, 8.0]),
        tensor(&[6, 8], &[vec![0.0; 32], (1..=8).map(f64::from).collect(), vec![1.0; 8]].concat()),
    ];
    let main = crate::func::entry(&ir).expect("@main");
    let mut interpreter = Interpreter::new(registry, &loaded.kernels, &ir, &NoWeights);
    let results = interpreter.call(main, &args, &mut (), &mut Vec::new()).expect("runs");
    results[0].downcast_ref::<Tensor>().expect("a tensor").data.clone()
}

#[test]
fn slot_wise_ops() {
    let cases = [
        ("%r = packed.add %x, %y : ", vec![1.5, 1.0, 3.0, 6.0]),
        ("%r = packed.sub %x, %y : ", vec![0.5, 3.0, 3.0, 2.0]),
        ("%r = packed.mul %x, %y : ", vec![0.5, -2.0, 0.0, 8.0]),
        ("%r = packed.neg %x : ", vec![-1.0, -2.0, -3.0, -4.0]),
        ("%r = packed.mul_scalar %x {value = 0.5} : ", vec![0.5, 1.0, 1.5, 2.0]),
        ("%r = packed.add_scalar %x {value = -1.0} : ", vec![0.0, 1.0, 2.0, 3.0]),
        ("%r = packed.rotate %x {by = 1} : ", vec![2.0, 3.0, 4.0, 1.0]),
        ("%r = packed.rotate %x {by = -1} : ", vec![4.0, 1.0, 2.0, 3.0]),
    ];
    for (op, expected) in cases {
        assert_eq!(slots_of(&format!("{op}{V}"), V), [expected.clone(), expected].concat(), "{op}");
    }
    let plain = |op: &str| slots_of(&format!("%r = packed.{op} %x, %p : {V}, tensor<8xf64>"), V);
    assert_eq!(plain("mul_plain"), [1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0]);
    assert_eq!(plain("add_plain"), [2.0, 2.0, 3.0, 4.0, 3.0, 2.0, 3.0, 4.0]);
}

#[test]
fn layouts() {
    let pack = format!("%v = packed.pack %t : (tensor<1x4xf64>) -> {V}\n");
    assert_eq!(slots_of(&pack.replace("%v", "%r"), V), [5.0, 6.0, 7.0, 8.0, 5.0, 6.0, 7.0, 8.0]);
    let unpack = format!("{pack}%r = packed.unpack %v : ({V}) -> tensor<1x4xf64>");
    assert_eq!(slots_of(&unpack, "tensor<1x4xf64>"), [5.0, 6.0, 7.0, 8.0]);
    let plain = format!("%q = packed.to_plain %t {{layout = {V}}} : (tensor<1x4xf64>) -> tensor<8xf64>\n");
    assert_eq!(
        slots_of(&plain.replace("%q", "%r"), "tensor<8xf64>"),
        [5.0, 6.0, 7.0, 8.0, 5.0, 6.0, 7.0, 8.0]
    );
    let back =
        format!("{plain}%r = packed.from_plain %q {{layout = {V}}} : (tensor<8xf64>) -> tensor<1x4xf64>");
    assert_eq!(slots_of(&back, "tensor<1x4xf64>"), [5.0, 6.0, 7.0, 8.0]);
    let block = "%b = packed.block %u {start = 3} : (tensor<6x8xf64>) -> tensor<6x3xf64>\n\
         %c = packed.concat %b, %b : (tensor<6x3xf64>, tensor<6x3xf64>) -> tensor<6x6xf64>\n\
         %d = packed.block %c : (tensor<6x6xf64>) -> tensor<6x5xf64>\n\
         %r = packed.concat %d : (tensor<6x5xf64>) -> tensor<6x5xf64>";
    assert_eq!(slots_of(block, "tensor<6x5xf64>")[20..], [4.0, 5.0, 6.0, 4.0, 5.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let rows = "%a = packed.block %u {row = 4, start = 6} : (tensor<6x8xf64>) -> tensor<2x2xf64>\n\
         %b = packed.block %u {row = 3} : (tensor<6x8xf64>) -> tensor<1x4xf64>\n\
         %r = packed.concat %a, %a, %b : (tensor<2x2xf64>, tensor<2x2xf64>, tensor<1x4xf64>) -> tensor<3x4xf64>";
    let all = slots_of("%r = packed.block %u : (tensor<6x8xf64>) -> tensor<6x8xf64>", "tensor<6x8xf64>");
    let cut = [&all[38..40], &all[38..40], &all[46..48], &all[46..48], &all[24..28]].concat();
    assert_eq!(slots_of(rows, "tensor<3x4xf64>"), cut);
    let relabel = format!("%r = packed.relabel %x : {V} -> {W}");
    assert_eq!(slots_of(&relabel, W), [1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    // One element in each half, twice.
    let strided = "shape = [1, 1], period = 4, stride = 4";
    let spread = format!(
        "%s = packed.relabel %x : {V} -> !packed.vec<{strided}, slots = 8>\n\
         %r = packed.spread %s {{groups = [2]}} : !packed.vec<{strided}, slots = 8> -> !packed.vec<{strided}, repeat = 2, slots = 8>"
    );
    let copies = format!("!packed.vec<{strided}, repeat = 2, slots = 8>");
    assert_eq!(slots_of(&spread, &copies), [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
}

#[test]
fn linear_layers() {
    let linear = format!("%r = packed.linear %x, %w : ({V}, tensor<2x4xf64>) -> {W}");
    assert_eq!(slots_of(&linear, W), [10.0, -3.0, 10.0, -3.0, 10.0, -3.0, 10.0, -3.0]);
    let matrix = format!(
        "%m = packed.matrix %w {{input = {V}, output = {W}}} : (tensor<2x4xf64>) -> !packed.matrix\n"
    );
    let diagonal = |attrs: &str| {
        let op = format!("%r = packed.diagonal %m {{{attrs}}} : (!packed.matrix) -> tensor<8xf64>");
        slots_of(&format!("{matrix}{op}"), "tensor<8xf64>")
    };
    let blocks = format!("%a, %r = packed.linear %x, %y, %u : ({V}, {V}, tensor<6x8xf64>) -> ({V}, {W})");
    // The last two rows of the weight hold 1, 2, … 8 and 1, 1, … 1.
    assert_eq!(slots_of(&blocks, W), [42.5, 11.5, 42.5, 11.5, 42.5, 11.5, 42.5, 11.5]);
    // Slot s multiplies slot s + index: rows alternate, columns wrap at four.
    assert_eq!(diagonal("index = 0"), [1.0, 0.0, 1.0, -1.0, 1.0, 0.0, 1.0, -1.0]);
    assert_eq!(diagonal("index = 1"), [1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
    assert_eq!(diagonal("index = 0, shift = 1"), [-1.0, 1.0, 0.0, 1.0, -1.0, 1.0, 0.0, 1.0]);
}

#[test]
fn every_op_has_a_kernel() {
    let loaded = crate::load().expect("the dialects load");
    let packed = loaded.session.registry.op_defs().filter(|def| def.name.starts_with("packed."));
    let without: Vec<_> =
        packed.filter(|def| loaded.kernels.get(&def.name).is_none()).map(|def| &def.name).collect();
    assert!(without.is_empty(), "{without:?}");
}
