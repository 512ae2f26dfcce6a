//! Rotations, counted from the weights alone: what the methods must cost, written down without the compiler.

#[path = "support/programs.rs"]
mod programs;

use std::collections::BTreeSet;

use he_core::ir::Ir;
use he_core::support::{NoWeights, Weights};
use he_dialects::ckks::cost::cost_report;
use he_dialects::profiles::Profile;
use he_dialects::{Loaded, load};
use he_tools::files::WeightFiles;
use he_tools::run::BackendOptions;
use programs::{agree, compile, execute, parameters, root};

/// A weight: rows, columns, values in row-major order.
struct Weight {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Weight {
    fn load(weights: &dyn Weights, file: &str, key: &str) -> Weight {
        let (shape, values) = weights.load(file, key).expect("the weight is there");
        Weight { rows: shape[0], columns: shape[1], values }
    }

    fn full(rows: usize, columns: usize) -> Weight {
        Weight { rows, columns, values: vec![0.5; rows * columns] }
    }

    /// The diagonals `(column − slot) mod side` that hold any value. The result repeats in the slots too, with its
    /// padded height.
    fn diagonals(&self, side: usize) -> BTreeSet<usize> {
        let height = self.rows.next_power_of_two();
        let slots = (0..side.max(height)).filter(|slot| slot % height < self.rows);
        let entries = slots.flat_map(|slot| (0..self.columns).map(move |column| (slot, column)));
        let nonzero =
            entries.filter(|(slot, column)| self.values[slot % height * self.columns + column] != 0.0);
        nonzero.map(|(slot, column)| (column + side * height - slot) % side).collect()
    }

    /// The plain diagonal method: each diagonal but the main one. The operand repeats in all slots with its padded
    /// width, so that is the side of the square; a layer that widens takes several squares, below each other, at once.
    fn diagonal_rotations(&self) -> usize {
        self.diagonals(self.columns.next_power_of_two()).iter().filter(|diagonal| **diagonal != 0).count()
    }

    /// Baby-step giant-step over the diagonals wrapped to the smaller padded side, and the sums that fold the larger
    /// side onto it.
    fn bsgs_rotations(&self) -> usize {
        let small = self.rows.next_power_of_two().min(self.columns.next_power_of_two());
        let wrapped = self.diagonals(small);
        let steps = |baby: usize| {
            let babies: BTreeSet<_> = wrapped.iter().map(|d| d % baby).collect();
            let giants: BTreeSet<_> = wrapped.iter().map(|d| d / baby * baby).collect();
            [babies, giants].iter().flatten().filter(|step| **step != 0).count()
        };
        let best = (0..=small.ilog2()).map(|bit| steps(1 << bit)).min().expect("there is a choice");
        // A wide layer sums what the columns beyond the smaller side left in slots of their own.
        let folds = self.columns.next_power_of_two() / small;
        best + folds.ilog2() as usize
    }
}

fn rotations(loaded: &Loaded, ir: &Ir) -> usize {
    let report = cost_report(&loaded.session.registry, ir, Profile::openfhe()).expect("it has a cost");
    report.operations.get("rotate") as usize
}

fn check(loaded: &Loaded, weights: &dyn Weights, text: &str, layers: &[Weight]) {
    let params = parameters("2048", "60,40x37", "2^40");
    let run = |pipeline: &str| {
        let compiled = compile(loaded, weights, text, &params, pipeline, Some("leveled"));
        rotations(loaded, &compiled.unwrap_or_else(|why| panic!("{why}\n{text}")))
    };
    let diagonal: usize = layers.iter().map(Weight::diagonal_rotations).sum();
    assert_eq!(run("pack"), diagonal, "the plain diagonal method\n{text}");
    let bsgs: usize = layers.iter().map(Weight::bsgs_rotations).sum();
    assert_eq!(run("bsgs{min-size=1}"), bsgs, "baby-step giant-step\n{text}");
}

#[test]
fn the_seed_network() {
    let loaded = load().expect("the dialects load");
    let weights = WeightFiles::new(root().join("examples"));
    let text = std::fs::read_to_string(root().join("examples/mlp.mlir")).expect("it is readable");
    let layers = ["fc1.weight", "fc2.weight", "fc3.weight"];
    let layers = layers.map(|key| Weight::load(&weights, "mlp.safetensors", key));
    assert_eq!(layers.iter().map(Weight::diagonal_rotations).collect::<Vec<_>>(), [63, 31, 15]);
    check(&loaded, &weights, &text, &layers);
}

/// Rotations that are made of others are rotated and hoisted too: with any number of keys the program verifies, needs no
/// more of them, and computes the same.
#[test]
fn any_number_of_rotation_keys() {
    let loaded = load().expect("the dialects load");
    let weights = WeightFiles::new(root().join("examples"));
    let text = std::fs::read_to_string(root().join("examples/mlp.mlir")).expect("it is readable");
    let params = parameters("4096", "60,40x12", "2^40");
    let run = |limit: &str| {
        let pipeline = format!(
            "approximate{{symmetric=true}},fold-poly,pack{{strategy=auto}},expand-poly{{schedule=auto}},to-ckks,cse,\
             rescale{{strategy=optimal}}{limit},hoist,dce"
        );
        let ir = compile(&loaded, &weights, &text, &params, &pipeline, None)
            .unwrap_or_else(|why| panic!("{limit}: {why}"));
        let results = execute(&loaded, &weights, &ir, BackendOptions::default());
        let report = cost_report(&loaded.session.registry, &ir, Profile::openfhe()).expect("it has a cost");
        (results.unwrap_or_else(|why| panic!("{limit}: {why}")), report.rotation_keys)
    };
    let (all, needed) = run("");
    assert!(needed > 12, "{needed} keys");
    for most in 3..needed {
        let (found, keys) = run(&format!(",limit-rotation-keys{{max={most}}}"));
        assert!(keys <= most, "{keys} keys of {most}");
        agree(&all, &found).unwrap_or_else(|why| panic!("{most} keys: {why}"));
    }
}

#[test]
fn layers_of_any_width() {
    let loaded = load().expect("the dialects load");
    for widths in [&[1, 1][..], &[3, 5], &[5, 3, 9], &[16, 16], &[33, 7], &[7, 33], &[64, 12, 40], &[100, 10]]
    {
        let mut body = String::new();
        let mut layers = Vec::new();
        for (layer, pair) in widths.windows(2).enumerate() {
            let [from, to] = pair else { continue };
            let ty = format!("tensor<{to}x{from}xf32>");
            body += &format!("  %w{layer} = \"nn.constant\"() {{value = dense<0.5> : {ty}}} : () -> {ty}\n");
            let next = layer + 1;
            body += &format!(
                "  %{next} = \"nn.linear\"(%{layer}, %w{layer}) : (tensor<1x{from}xf32>, {ty}) -> tensor<1x{to}xf32>\n"
            );
            layers.push(Weight::full(*to, *from));
        }
        let (first, last) = (widths[0], widths[widths.len() - 1]);
        let text = format!(
            "func.func @main(%0: tensor<1x{first}xf32>) -> tensor<1x{last}xf32> {{\n{body}  func.return %{} : tensor<1x{last}xf32>\n}}\n",
            widths.len() - 1
        );
        check(&loaded, &NoWeights, &text, &layers);
    }
}
