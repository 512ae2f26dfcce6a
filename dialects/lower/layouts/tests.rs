//! The search against trying everything.

use he_core::pass::{Silent, parse_pipeline, run_pipeline};
use he_core::support::NoWeights;
use he_core::text::parse;

use super::*;

/// A network of layers of these sizes with squares between them, at stage poly. To the value behind a layer that `joined`
/// names second, the one behind the first is added, through a layer of its own where sizes differ.
fn network(loaded: &crate::Loaded, sizes: &[usize], joined: Option<(usize, usize)>) -> Ir {
    let (mut body, mut value) = (String::new(), "%x".to_owned());
    let mut values = vec![value.clone()];
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
        if let Some((fork, _)) = joined.filter(|(_, join)| *join == layer + 1) {
            let mut other = values[fork].clone();
            if sizes[fork] != m {
                let (n, weight) = (sizes[fork], format!("tensor<{m}x{}xf32>", sizes[fork]));
                let _ = write!(
                    body,
                    "  %v = nn.constant {{value = #nn.random<seed = 9, std = 0.2>}} : {weight}\n  \
                     %s = nn.linear {other}, %v : (tensor<1x{n}xf32>, {weight}) -> {to}\n"
                );
                other = "%s".to_owned();
            }
            let _ = writeln!(body, "  %j{layer} = nn.add {value}, {other} : ({to}, {to}) -> {to}");
            value = format!("%j{layer}");
        }
        values.push(value.clone());
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

/// The least cost over every choice for every op, from layouts of the values so far.
fn exhaustive(search: &Search<'_>, ir: &Ir, ops: &[OpId], layouts: &FxHashMap<ValueId, Layout>) -> f64 {
    let Some((op, rest)) = ops.split_first() else { return 0.0 };
    let operands: SmallVec<[Layout; 2]> =
        ir.operands(*op).filter_map(|value| layouts.get(&value).cloned()).collect();
    let result = ir.result(*op, 0);
    let behind = |layout: Layout| {
        let mut layouts = layouts.clone();
        layouts.insert(result, layout);
        exhaustive(search, ir, rest, &layouts)
    };
    let shape = search.shape(result);
    match ir.name_str(*op) {
        poly::Eval::NAME => {
            let polynomial = polynomial_of(ir, *op).expect("it is one");
            after_polynomial(operands[0].clone(), &polynomial).map_or(f64::INFINITY, behind)
        }
        nn::Linear::NAME => {
            let facts = Weighted::new(search, ir, *op).expect("the weights are known");
            let candidates = search.candidates(&facts, &operands[0], search.level(ir.operand(*op, 0)));
            let costs =
                candidates.into_iter().map(|candidate| candidate.cost + behind(candidate.layer.layout));
            costs.fold(f64::INFINITY, f64::min)
        }
        name => {
            let places: Vec<usize> = (0..operands.len()).collect();
            let dense = search.dense(result);
            let layout = slotwise(&operands, &places, name, &shape, dense.as_ref());
            layout.map_or(f64::INFINITY, behind)
        }
    }
}

#[test]
fn the_search_finds_what_trying_everything_finds() {
    let loaded = crate::load().unwrap_or_else(|error| panic!("{error}"));
    type Network<'a> = (&'a [usize], Option<(usize, usize)>);
    let networks: [Network<'_>; 11] = [
        (&[16, 8], None),
        (&[8, 16, 4], None),
        (&[13, 7, 5], None),
        (&[4, 4, 4, 4], None),
        (&[20, 3, 9], None),
        (&[6, 10, 2, 7], None),
        (&[8, 8, 4], Some((0, 1))),
        (&[7, 9, 9, 5], Some((1, 2))),
        (&[6, 8, 3, 8], Some((1, 3))),
        (&[16, 4, 2], Some((0, 1))),
        (&[9, 16, 8, 3], Some((1, 2))),
    ];
    let mut strided = 0;
    for (sizes, joined) in networks {
        // In few slots, tensors are several ciphertexts.
        for (log_slots, objective) in [
            (10, Objective::Latency),
            (8, Objective::Latency),
            (10, Objective::Rotations),
            (3, Objective::Latency),
            (2, Objective::Rotations),
        ] {
            let ir = network(&loaded, sizes, joined);
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
            let (_, ops) = ops.split_last().expect("it returns");
            let argument = ir.args(block)[0];
            search.argument(&ir, argument);
            let starts: Vec<Layout> = search.states.iter().map(|state| state.layouts[0].clone()).collect();
            for (number, op) in ir.block_ops(block).into_iter().enumerate() {
                search.op(&ir, number, op).expect("it is known");
            }
            let cheapest =
                search.states.iter().min_by(|a, b| a.cost.total_cmp(&b.cost)).expect("there is one");
            let wanted = starts
                .into_iter()
                .map(|start| exhaustive(&search, &ir, ops, &FxHashMap::from_iter([(argument, start)])));
            let (found, wanted) = (cheapest.cost, wanted.fold(f64::INFINITY, f64::min));
            assert!(
                found.is_finite() && (found - wanted).abs() <= 1e-9 * wanted,
                "{sizes:?} {joined:?}: {found} and {wanted}"
            );
            let meets = ops
                .iter()
                .find(|op| ir.name_str(**op) == nn::Add::NAME)
                .map(|op| ir.def_op(ir.operand(*op, 0)));
            let found = search.found(&ir);
            let layout = |op| found.layers.get(&ir.def_op(ir.operand(op, 0))).map(|layer| &layer.layout);
            strided += usize::from(meets.and_then(layout).is_some_and(|layout| !is_dense(layout)));
        }
    }
    assert!(strided > 0, "some sum is of layouts that are not dense");
}
