//! `relinearize` and `rescale`: where to relinearize and where to rescale.
//!
//! ```text
//! %2 = ckks.mul %0, %1 : …
//! %3 = ckks.rotate %2 {by = 1} : …
//! // relinearize and rescale make it
//! %2 = ckks.mul %0, %1 : …
//! %3 = ckks.relinearize %2 : …
//! %4 = ckks.rescale %3 : …
//! %5 = ckks.rotate %4 {by = 1} : …
//! ```
//!
//! In Rust because places depend on the levels and scales of the whole program. `lazy` follows EVA's waterline
//! (Dathathri et al., PLDI 2020): a rescale waits for a product, an output or a sum of unequal scales. `optimal` searches
//! ([`super::placement`]).

use he_core::ir::Ir;
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange};
use he_core::support::Diagnostic;

use super::leveling::{Plan, Strategy, assign, erase_all, is_leveled};
use super::placement::{Freedom, drop_early, placed};
use crate::ckks::attr::{OUTPUT_DEGREE_ATTR, missing_levels, output_degree, params_of};
use crate::ckks::cost::latency_ms;
use crate::ckks::views;
use crate::parallel::both;
use crate::profiles::Profile;

const STRATEGY: OptionDef = OptionDef {
    name: "strategy",
    kind: OptionKind::Choice(&["eager", "lazy", "optimal"]),
    default: "eager",
    doc: "after each product; as late as legality allows; or what the cost model finds fastest",
};

/// What the placement that was searched for is compared with, and what is tried where none was: rescales and
/// relinearizations. Of equals the first is taken.
const BESIDE: [(Strategy, Strategy); 4] = [
    (Strategy::Lazy, Strategy::Lazy),
    (Strategy::Eager, Strategy::Eager),
    (Strategy::Lazy, Strategy::Eager),
    (Strategy::Eager, Strategy::Lazy),
];

/// The fraction of the latency from which on it is told how far a placement may be from the least.
const TOLD: f64 = 5e-4;

/// The pass `relinearize`. On a program without levels it also rescales eagerly: a leveled program must verify.
pub fn relinearize() -> PassDef {
    let degree = OptionDef {
        name: "output-degree",
        kind: OptionKind::Int { min: 1, max: 2 },
        default: "1",
        doc: "the degree that results may have: the client can decrypt 2, which saves the last relinearization",
    };
    let mut pass = planner("relinearize", "Places relinearizations anew", views::Relinearize::NAME);
    pass.options.push(degree);
    pass
}

/// The pass `rescale`. On a program without levels it also relinearizes eagerly: a leveled program must verify.
pub fn rescale() -> PassDef {
    let doc = "Places rescales anew, and with them levels, scales and level drops";
    planner("rescale", doc, views::Rescale::NAME)
}

/// A pass that places the ops named `own`.
fn planner(name: &str, doc: &str, own: &'static str) -> PassDef {
    PassDef {
        name: name.into(),
        doc: doc.into(),
        options: vec![STRATEGY],
        stages: Some(StageRange { first: 3, last: 4, result: Some(4) }),
        run: Box::new(move |context, ir| run(context, ir, own).map_err(|error| vec![error])),
    }
}

fn run(context: &mut PassContext<'_>, ir: &mut Ir, own: &str) -> Result<(), Diagnostic> {
    let registry = &context.session.registry;
    let rescales = own == views::Rescale::NAME;
    // A program without levels has neither relinearizations nor rescales: both are placed.
    let fresh = !is_leveled(ir);
    let searches = context.options.text("strategy") == Some("optimal");
    let before = (searches && !fresh).then(|| ir.clone());
    erase_all(ir, own);
    if !rescales {
        let degree = context.options.int("output-degree");
        let degree = (degree > 1).then(|| ir.ctx.i64_attr(degree));
        let top = ir.top();
        ir.set_attr(top, OUTPUT_DEGREE_ATTR, degree);
    }
    // What was placed before stays, if it is legal and nothing is cheaper.
    let before = before.filter(|before| output_degree(before) == output_degree(ir));
    let freedom = Freedom { rescale: rescales || fresh, relinearize: !rescales || fresh };
    // What another planner has not placed yet is placed at once.
    let named = |strategy| match rescales {
        true => plan(freedom, (strategy, Strategy::Eager)),
        false => plan(freedom, (Strategy::Eager, strategy)),
    };
    match context.options.text("strategy") {
        Some("lazy") => assign(registry, ir, named(Strategy::Lazy)),
        Some("optimal") => optimal(context, ir, freedom, before),
        _ => assign(registry, ir, named(Strategy::Eager)),
    }
}

/// The plan for rescales and relinearizations that places what may be placed.
fn plan(freedom: Freedom, (rescale, relinearize): (Strategy, Strategy)) -> Plan {
    Plan {
        rescale: freedom.rescale.then_some(rescale),
        relinearize: freedom.relinearize.then_some(relinearize),
        ..Plan::keep()
    }
}

/// A program with the levels that it lacks and its latency in milliseconds.
type Costed = ((i64, f64), Ir);

/// The cheapest placement that is found, the one `before` included.
fn optimal(
    context: &mut PassContext<'_>,
    ir: &mut Ir,
    freedom: Freedom,
    before: Option<Ir>,
) -> Result<(), Diagnostic> {
    let registry = &context.session.registry;
    let params = params_of(ir)?.unwrap_or_default();
    let profile = Profile::of_target(context.target);
    // A program that lacks levels takes bootstraps: missing levels count first.
    let costed = |ir: Ir, latency_ms: f64| ((missing_levels(&ir).unwrap_or(0), latency_ms), ir);
    let consider = |mut trial: Ir| -> Result<Costed, Diagnostic> {
        let latency_ms = drop_early(registry, &mut trial, profile, &params)?;
        Ok(costed(trial, latency_ms))
    };
    let by = |strategies: &(Strategy, Strategy)| {
        let mut placed = ir.clone();
        assign(registry, &mut placed, plan(freedom, *strategies))?;
        consider(placed)
    };
    let search = |ir: &Ir, freedom| -> Result<Option<(Costed, f64)>, Diagnostic> {
        let Some((ir, least_ms)) = placed(registry, ir, profile, &params, freedom)? else { return Ok(None) };
        let latency_ms = latency_ms(registry, &ir, profile, &params)?;
        Ok(Some((costed(ir, latency_ms), least_ms)))
    };
    // Placed one after the other, a rescale at the end follows the relinearization, and works on one polynomial less.
    let free = freedom.rescale && freedom.relinearize;
    let in_turn = || {
        let mut placed = ir.clone();
        assign(registry, &mut placed, plan(freedom, (Strategy::Eager, Strategy::Lazy)))?;
        erase_all(&mut placed, views::Rescale::NAME);
        assign(registry, &mut placed, Plan { rescale: Some(Strategy::Lazy), ..Plan::keep() })?;
        consider(placed)
    };
    let (beside, rest) = BESIDE.split_at(2);
    let (found, (beside, placed_in_turn)) = both(
        || search(ir, freedom),
        || {
            let beside: Vec<_> = beside.iter().map(by).collect();
            // It will most probably be asked for, and the search takes longer.
            let asked = free && beside.iter().flatten().any(|(_, ir)| relinearizes_rescaled(ir));
            (beside, asked.then(&in_turn))
        },
    );
    let (mut tried, least_ms): (Vec<Costed>, f64) = match found? {
        Some((found, least_ms)) => (vec![found], least_ms),
        None => (Vec::new(), 0.0),
    };
    let unknown = tried.is_empty();
    let far = tried.iter().any(|((_, latency_ms), _)| *latency_ms * (1.0 - TOLD) > least_ms);
    if free && far && !params.is_even() {
        // One kind after the other has fewer ways: what is found may be better.
        let mut relinearized = ir.clone();
        assign(registry, &mut relinearized, plan(freedom, (Strategy::Eager, Strategy::Eager)))?;
        let one = |rescale| Freedom { rescale, relinearize: !rescale };
        if let Some((rescaled, _)) = search(&relinearized, one(true))? {
            tried.extend(search(&rescaled.1, one(false))?.map(|(found, _)| found));
            tried.push(rescaled);
        }
    }
    for trial in beside {
        tried.push(trial?);
    }
    if unknown {
        for trial in rest.iter().map(by) {
            tried.push(trial?);
        }
    }
    if let Some(before) = before {
        let latency_ms = latency_ms(registry, &before, profile, &params)?;
        tried.push(costed(before, latency_ms));
    }
    let cheapest = |best: Costed, trial: Costed| if trial.0 < best.0 { trial } else { best };
    let mut best = tried.into_iter().reduce(cheapest);
    if free && best.as_ref().is_some_and(|(_, best)| relinearizes_rescaled(best)) {
        let trial = placed_in_turn.unwrap_or_else(&in_turn)?;
        best = best.into_iter().chain([trial]).reduce(cheapest);
    }
    let Some(((_, latency_ms), best)) = best else { return Ok(()) };
    *ir = best;
    let gap = if unknown || latency_ms <= 0.0 { 0.0 } else { 1.0 - least_ms / latency_ms };
    if gap > TOLD {
        let text = format!("at most {:.1} % above the least latency of all placements", 100.0 * gap);
        context.remarks.push(Diagnostic::remark(text));
    }
    Ok(())
}

/// Whether some value is relinearized right after its rescale.
fn relinearizes_rescaled(ir: &Ir) -> bool {
    let relinearized = ir.all_ops().into_iter().filter(|op| ir.name_str(*op) == views::Relinearize::NAME);
    let mut before = relinearized.map(|op| ir.def_op(ir.operand(op, 0)));
    before.any(|def| !def.is_none() && ir.name_str(def) == views::Rescale::NAME)
}
