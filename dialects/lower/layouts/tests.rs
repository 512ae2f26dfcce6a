//! The search against trying everything.

use std::fmt::Write;

use he_core::pass::{PassContext, PassDef, Silent, parse_pipeline, run_pipeline};
use he_core::support::NoWeights;
use he_core::text::parse;

use super::*;
use crate::Loaded;
use crate::ckks::attr::{params_of, set_params};
use crate::ckks::cost::latency_ms;
use crate::lower::poly_to_packed;

/// A network of layers of these sizes with activations behind them. To the value behind a layer that `joined` names second,
/// the one behind the first is added, through a layer of its own where sizes differ.
fn network(loaded: &Loaded, sizes: &[usize], activation: &str, joined: Option<(usize, usize)>) -> Ir {
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
             %a{layer} = nn.{activation} %l{layer} : {to}\n"
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
    let parsed = parse(&loaded.session.registry, &text, "test.mlir");
    parsed.unwrap_or_else(|errors| panic!("{}\n{text}", errors[0]))
}

/// Runs passes; whether they ran.
fn run(loaded: &Loaded, ir: &mut Ir, passes: &str) -> bool {
    let passes = parse_pipeline(&loaded.session.passes, passes).expect("they are known");
    run_pipeline(&loaded.session, ir, &passes, &NoWeights, &(), false, &mut Silent).is_ok()
}

/// What is known of a network.
fn of<'a>(loaded: &'a Loaded, ir: &Ir) -> Network<'a> {
    Network::new(&loaded.session.registry, &NoWeights, ir).expect("the ranges are known")
}

/// The argument with a layout, and the masks to come.
type Start = (ValueId, Layout, i64);

/// A search that is at the first op, the ops without the plain ones and the last, and the layouts of the argument.
fn begun<'a>(
    network: &'a Network<'a>,
    request: &'a Request<'a>,
    ir: &Ir,
) -> (Search<'a>, Vec<OpId>, Vec<Start>) {
    let mut search = Search::new(network, request, ir).expect("the ranges are known");
    let block = ir.body(func::entry(ir).expect("there is one")).expect("it has a body");
    let mut ops: Vec<OpId> = ir.block_ops(block).into_iter().filter(|op| !ir.is_plain(*op)).collect();
    ops.pop();
    let argument = ir.args(block)[0];
    let masks = search.chain.masks;
    search.begin(masks);
    search.argument(ir, argument);
    let starts =
        search.states.iter().map(|state| (argument, state.layouts[0].clone(), state.masks)).collect();
    (search, ops, starts)
}

/// Every choice for every op, with its cost.
struct Chains<'a> {
    search: &'a Search<'a>,
    ir: &'a Ir,
    found: Vec<(f64, Assignment)>,
}

impl<'a> Chains<'a> {
    fn of(search: &'a Search<'a>, ir: &'a Ir, ops: &[OpId], starts: Vec<Start>) -> Vec<(f64, Assignment)> {
        let mut chains = Chains { search, ir, found: Vec::new() };
        for (argument, layout, masks) in starts {
            let layouts = FxHashMap::from_iter([(argument, layout)]);
            let made = Assignment { arguments: layouts.clone(), ..Assignment::default() };
            chains.extend(ops, &layouts, masks, (0.0, made));
        }
        chains.found
    }

    fn extend(
        &mut self,
        ops: &[OpId],
        layouts: &FxHashMap<ValueId, Layout>,
        masks: i64,
        (cost, made): (f64, Assignment),
    ) {
        let Some((op, rest)) = ops.split_first() else {
            if masks == 0 {
                self.found.push((cost, made));
            }
            return;
        };
        let (search, ir) = (self.search, self.ir);
        let level = search.chain.level(ir.operand(*op, 0), masks);
        let cost = cost + search.products(*op, search.ciphertexts(ir.operand(*op, 0)), level);
        let operands: SmallVec<[Layout; 2]> =
            ir.operands(*op).filter_map(|value| layouts.get(&value).cloned()).collect();
        let result = ir.result(*op, 0);
        let with = |layout: Layout| {
            let mut layouts = layouts.clone();
            layouts.insert(result, layout);
            layouts
        };
        let behind = match ir.name_str(*op) {
            poly::Eval::NAME => {
                let polynomial = polynomial_of(ir, *op).expect("it is one");
                search.after_polynomial(*op, &operands[0], &polynomial)
            }
            nn::Linear::NAME => {
                let linear = search.layer(ir, *op).expect("the weights are known");
                for candidate in search.candidates(&linear, &operands[0], level, masks) {
                    let mut made = made.clone();
                    let layouts = with(candidate.layer.layout.clone());
                    let masks = masks - i64::from(candidate.layer.is_spread());
                    made.layers.insert(*op, candidate.layer);
                    self.extend(rest, &layouts, masks, (cost + candidate.cost, made));
                }
                None
            }
            name => {
                let places: Vec<usize> = (0..operands.len()).collect();
                slotwise(&operands, &places, name, &search.shape(result), search.dense(result).as_ref())
            }
        };
        if let Some(layout) = behind {
            self.extend(rest, &with(layout), masks, (cost, made));
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
            let mut ir = network(&loaded, sizes, "square", joined);
            assert!(run(&loaded, &mut ir, "approximate,fold-poly"));
            let params = Params::derived(13, vec![60, 40, 40, 40, 40, 40, 40, 40], 40);
            let request = Request {
                profile: Profile::openfhe(),
                params: &params,
                slots: 1 << log_slots,
                objective,
                explain: false,
                masks: Masks::Fit,
                refresh: None,
            };
            let known = of(&loaded, &ir);
            let (mut search, ops, starts) = begun(&known, &request, &ir);
            let block = ir.body(func::entry(&ir).expect("there is one")).expect("it has a body");
            for (number, op) in ir.block_ops(block).into_iter().enumerate() {
                search.op(&ir, number, op).expect("it is known");
            }
            let done = search.states.iter().filter(|state| state.masks == 0);
            let found = done.map(|state| state.cost).fold(f64::INFINITY, f64::min);
            let all = Chains::of(&search, &ir, &ops, starts);
            let wanted = all.into_iter().map(|(cost, _)| cost).fold(f64::INFINITY, f64::min);
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

/// Compiles and costs every chain of layouts, plans and at most one mask, from two rings and with two forms of the polynomials: prices of the
/// search are not what counts then.
#[test]
fn auto_makes_no_slower_program_than_the_best_of_all_chains() {
    for (sizes, activation, degree) in
        [(&[10, 20, 10][..], "gelu", 8), (&[20, 3, 9], "silu", 6), (&[6, 4, 2, 3], "sigmoid", 3)]
    {
        let mut loaded = crate::load().unwrap_or_else(|error| panic!("{error}"));
        let network = network(&loaded, sizes, activation, None);
        let cost = |loaded: &Loaded, ir: &Ir| {
            let params = params_of(ir).expect("they are well formed").expect("they are stated");
            latency_ms(&loaded.session.registry, ir, Profile::openfhe(), &params).expect("it has levels")
        };
        let mut auto = network.clone();
        assert!(run(&loaded, &mut auto, &format!("auto{{degree={degree}}}")));
        let mut start = network;
        assert!(run(
            &loaded,
            &mut start,
            &format!("approximate{{degree={degree} symmetric=true}},fold-poly")
        ));
        let levels =
            usize::try_from(Taken::of(&start).expect("they are counted").depth()).expect("there are some");
        let (mut least, mut count) = (f64::INFINITY, 0);
        for log_n in [13, 14] {
            // A level more, for a mask.
            let params = Params::derived(log_n, [vec![60], vec![40; levels + 1]].concat(), 40);
            set_params(&mut start, &params);
            let slots = 1 << (log_n - 1);
            let request = Request {
                profile: Profile::openfhe(),
                params: &params,
                slots,
                objective: Objective::Latency,
                explain: false,
                masks: Masks::Fit,
                refresh: None,
            };
            let all = {
                let known = of(&loaded, &start);
                let (search, ops, starts) = begun(&known, &request, &start);
                Chains::of(&search, &start, &ops, starts)
            };
            for (number, (_, chosen)) in all.into_iter().enumerate() {
                let name = format!("pack-{log_n}-{number}");
                let run_pass = move |context: &mut PassContext<'_>, ir: &mut Ir| {
                    let packed = poly_to_packed::pack(context, ir, slots, "auto", chosen.clone());
                    packed.map_err(|error| vec![error])
                };
                let pass = PassDef { name: name.clone(), run: Box::new(run_pass), ..poly_to_packed::pass() };
                loaded.session.passes.add(pass).expect("it is new");
                for schedule in ["auto", "paterson-stockmeyer"] {
                    let passes = format!(
                        "{name},expand-poly{{schedule={schedule}}},to-ckks,cse,rescale{{strategy=optimal}},\
                         select-params{{max-log-n={} objective=latency scale=widest}},hoist,dce",
                        log_n + 1
                    );
                    let mut ir = start.clone();
                    if run(&loaded, &mut ir, &passes) {
                        least = least.min(cost(&loaded, &ir));
                        count += 1;
                    }
                }
            }
        }
        let found = cost(&loaded, &auto);
        assert!(
            count > 100 && found <= 1.001 * least,
            "{sizes:?}: {found} ms, of {count} the least {least} ms"
        );
    }
}

#[test]
fn bootstraps_are_counted_between_ops() {
    let loaded = crate::load().unwrap_or_else(|error| panic!("{error}"));
    let mut ir = network(&loaded, &[4, 4, 4, 4, 4], "gelu", None);
    assert!(run(&loaded, &mut ir, "approximate{symmetric=true},fold-poly"));
    let taken = Taken::of(&ir).expect("they are counted");
    // Four layers of a level each, with a polynomial of three behind it.
    assert_eq!(taken.depth(), 16);
    let count = |levels, returns| taken.refreshes(levels, Refresh { returns, accepts: 0 });
    assert_eq!([count(16, 8), count(15, 8), count(8, 8), count(8, 4)], [0, 1, 1, 2]);
    // A refresh to five levels takes a layer and a polynomial, and not the layer behind with its polynomial.
    assert_eq!([count(8, 5), count(7, 5), count(0, 5)], [2, 3, 4]);
    // What a polynomial takes beyond a refresh is not counted.
    assert_eq!(count(4, 2), 6);
    // A level that must be left before each.
    let count = |levels, returns| taken.refreshes(levels, Refresh { returns, accepts: 1 });
    assert_eq!([count(16, 9), count(15, 9), count(9, 9), count(8, 9), count(8, 8)], [0, 1, 1, 2, 2]);
}

#[test]
fn a_shared_network_says_what_its_own_says() {
    let loaded = crate::load().unwrap_or_else(|error| panic!("{error}"));
    let mut ir = network(&loaded, &[16, 40, 24, 16], "square", None);
    assert!(run(&loaded, &mut ir, "approximate,fold-poly"));
    let params = Params::derived(13, vec![60, 40, 40, 40], 40);
    // In 16 slots its values are several blocks, whose mixtures are others.
    let requests = [16, 64, 1024, 4096].map(|slots| Request {
        profile: Profile::openfhe(),
        params: &params,
        slots,
        objective: Objective::Latency,
        explain: false,
        masks: Masks::Any,
        refresh: Some(Refresh { returns: 2, accepts: 1 }),
    });
    let shared = assign_refreshed(&of(&loaded, &ir), &requests, &ir).expect("layouts are found");
    for (request, shared) in requests.iter().zip(shared) {
        let own = assign(&of(&loaded, &ir), request, &ir).expect("layouts are found");
        assert_eq!(shared.cost, own.cost);
        for (op, layer) in &own.layers {
            let other = &shared.layers[op];
            assert_eq!(
                (&layer.layout, &layer.plan, &layer.copies),
                (&other.layout, &other.plan, &other.copies)
            );
        }
    }
}

#[test]
fn groups_of_rows_cost_as_much_as_each_of_them() {
    let loaded = crate::load().unwrap_or_else(|error| panic!("{error}"));
    let params = Params::derived(13, vec![60, 40, 40], 40);
    let request = Request {
        profile: Profile::openfhe(),
        params: &params,
        slots: 8,
        objective: Objective::Latency,
        explain: false,
        masks: Masks::Fit,
        refresh: None,
    };
    let cost = |rows: usize| {
        let text = format!(
            "func.func @main(%x: tensor<{rows}x2xf32>) -> tensor<{rows}x3xf32> {{\n  \
             %w = nn.constant {{value = #nn.random<seed = 1, std = 0.2>}} : tensor<3x2xf32>\n  \
             %0 = nn.linear %x, %w : (tensor<{rows}x2xf32>, tensor<3x2xf32>) -> tensor<{rows}x3xf32>\n  \
             %1 = nn.mul %0, %0 : (tensor<{rows}x3xf32>, tensor<{rows}x3xf32>) -> tensor<{rows}x3xf32>\n  \
             return %1 : tensor<{rows}x3xf32>\n}}\n"
        );
        let ir = parse(&loaded.session.registry, &text, "test.mlir").expect("it is well formed");
        assign(&of(&loaded, &ir), &request, &ir).expect("layouts are found").cost
    };
    // Groups of 8 rows; the last one may have fewer.
    let [one, two, three] = [8, 12, 24].map(cost);
    assert!(
        (two - 2.0 * one).abs() < 1e-9 * one && (three - 3.0 * one).abs() < 1e-9 * one,
        "{one} {two} {three}"
    );
}
