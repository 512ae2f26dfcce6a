//! The search against trying everything.

use he_core::pass::{Silent, parse_pipeline, run_pipeline};
use he_core::support::NoWeights;
use he_core::text::parse;

use super::*;

/// A network of layers of these sizes with squares between them, at stage poly.
fn network(loaded: &crate::Loaded, sizes: &[usize]) -> Ir {
    let (mut body, mut value) = (String::new(), "%x".to_owned());
    for (layer, pair) in sizes.windows(2).enumerate() {
        let (n, m) = (pair[0], pair[1]);
        let (weight, from, to) =
            (format!("tensor<{m}x{n}xf32>"), format!("tensor<1x{n}xf32>"), format!("tensor<1x{m}xf32>"));
        let _ = write!(
            body,
            "  %w{layer} = nn.constant {{value = #nn.random<seed = {layer}, std = 0.2>}} : {weight}\n  \
             %l{layer} = nn.linear {value}, %w{layer} : ({from}, {weight}) -> {to}\n  \
             %a{layer} = nn.square %l{layer} : {to}\n"
        );
        value = format!("%a{layer}");
    }
    let ty = |size: Option<&usize>| format!("tensor<1x{}xf32>", size.copied().unwrap_or(1));
    let (input, output) = (ty(sizes.first()), ty(sizes.last()));
    let text =
        format!("func.func @main(%x: {input}) -> {output} {{\n{body}  return {value} : {output}\n}}\n");
    let session = &loaded.session;
    let mut ir =
        parse(&session.registry, &text, "test.mlir").unwrap_or_else(|errors| panic!("{}\n{text}", errors[0]));
    let passes = parse_pipeline(&session.passes, "approximate,fold-poly").expect("they are known");
    run_pipeline(session, &mut ir, &passes, &NoWeights, &(), true, &mut Silent).expect("it compiles");
    ir
}

/// The least cost over every choice for every op, from a layout of the first operand.
fn exhaustive(search: &Search<'_>, ir: &Ir, ops: &[OpId], state: State) -> f64 {
    let Some((op, rest)) = ops.split_first() else { return state.cost };
    if ir.name_str(*op) == poly::Eval::NAME {
        let polynomial = polynomial_of(ir, *op).expect("it is one");
        let after = after_polynomial(state, &polynomial);
        return after.map_or(f64::INFINITY, |state| exhaustive(search, ir, rest, state));
    }
    let facts = Weighted::new(search, ir, *op).expect("the weights are known");
    let candidates = search.candidates(&facts, &state.layout, search.level(ir.operand(*op, 0)));
    let costs = candidates.into_iter().map(|candidate| {
        let cost = state.cost + candidate.cost;
        exhaustive(search, ir, rest, State { layout: candidate.layer.layout, cost, step: None })
    });
    costs.fold(f64::INFINITY, f64::min)
}

#[test]
fn the_search_finds_what_trying_everything_finds() {
    let loaded = crate::load().unwrap_or_else(|error| panic!("{error}"));
    let networks: [&[usize]; 6] =
        [&[16, 8], &[8, 16, 4], &[13, 7, 5], &[4, 4, 4, 4], &[20, 3, 9], &[6, 10, 2, 7]];
    for sizes in networks {
        // In few slots, tensors are several ciphertexts.
        for (log_slots, objective) in [
            (10, Objective::Latency),
            (8, Objective::Latency),
            (10, Objective::Rotations),
            (3, Objective::Latency),
            (2, Objective::Rotations),
        ] {
            let ir = network(&loaded, sizes);
            let params = Params::derived(13, vec![60, 40, 40, 40, 40, 40, 40, 40], 40);
            let request = Request {
                registry: &loaded.session.registry,
                weights: &NoWeights,
                profile: Profile::openfhe(),
                params: &params,
                slots: 1 << log_slots,
                objective,
                explain: false,
            };
            let mut search = Search::new(&request, &ir).expect("the ranges are known");
            let block = ir.body(func::entry(&ir).expect("there is one")).expect("it has a body");
            let ops: Vec<OpId> =
                ir.block_ops(block).into_iter().filter(|op| !ir.has_trait(*op, Traits::PLAIN)).collect();
            let (last, ops) = ops.split_last().expect("it returns");
            search.argument(&ir, ir.args(block)[0]);
            let starts = search.tables[&ir.args(block)[0]].clone();
            for op in ops {
                search.op(&ir, *op).expect("it is known");
            }
            let table = &search.tables[&ir.operand(*last, 0)];
            let found = table.iter().map(|state| state.cost).fold(f64::INFINITY, f64::min);
            let wanted = starts.into_iter().map(|start| exhaustive(&search, &ir, ops, start));
            let wanted = wanted.fold(f64::INFINITY, f64::min);
            assert!(
                found.is_finite() && (found - wanted).abs() <= 1e-9 * wanted,
                "{sizes:?}: {found} and {wanted}"
            );
        }
    }
}
