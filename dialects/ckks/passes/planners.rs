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
//! (Dathathri et al., PLDI 2020): a rescale waits for a product, an output or a sum of unequal scales.

use he_core::ir::Ir;
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, StageRange};
use he_core::support::Diagnostic;

use super::leveling::{Drops, Plan, Strategy, assign, erase_all, is_leveled};
use super::placement::{Freedom, placed};
use crate::ckks::attr::{OUTPUT_DEGREE_ATTR, missing_levels, params_of};
use crate::ckks::cost::latency_ms;
use crate::ckks::views;
use crate::profiles::Profile;

const STRATEGY: OptionDef = OptionDef {
    name: "strategy",
    kind: OptionKind::Choice(&["eager", "lazy", "optimal"]),
    default: "eager",
    doc: "after each product; as late as legality allows; or what the cost model finds fastest",
};

/// What the placement that was searched for is compared with. Of equals the first is taken.
const BESIDE: [(Strategy, Drops); 4] = [
    (Strategy::Lazy, Drops::Late),
    (Strategy::Lazy, Drops::Early),
    (Strategy::Eager, Drops::Late),
    (Strategy::Eager, Drops::Early),
];

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

fn run(context: &PassContext<'_>, ir: &mut Ir, own: &str) -> Result<(), Diagnostic> {
    let registry = &context.session.registry;
    let rescales = own == views::Rescale::NAME;
    // A program without levels has neither relinearizations nor rescales: both are placed.
    let fresh = !is_leveled(ir);
    erase_all(ir, own);
    if !rescales {
        let degree = context.options.int("output-degree");
        let degree = (degree > 1).then(|| ir.ctx.i64_attr(degree));
        let top = ir.top();
        ir.set_attr(top, OUTPUT_DEGREE_ATTR, degree);
    }
    let freedom = Freedom { rescale: rescales || fresh, relinearize: !rescales || fresh };
    let plan = |strategy| Plan {
        rescale: freedom.rescale.then_some(strategy),
        relinearize: freedom.relinearize.then_some(strategy),
        ..Plan::keep()
    };
    // What another planner has not placed yet is placed at once.
    let named = |strategy| match rescales {
        true => Plan { relinearize: fresh.then_some(Strategy::Eager), ..plan(strategy) },
        false => Plan { rescale: fresh.then_some(Strategy::Eager), ..plan(strategy) },
    };
    match context.options.text("strategy") {
        Some("lazy") => assign(registry, ir, named(Strategy::Lazy)),
        Some("optimal") => {
            *ir = optimal(context, ir, plan, freedom)?;
            Ok(())
        }
        _ => assign(registry, ir, named(Strategy::Eager)),
    }
}

/// The program with the cheapest placement that is found.
fn optimal(
    context: &PassContext<'_>,
    start: &Ir,
    plan: impl Fn(Strategy) -> Plan,
    freedom: Freedom,
) -> Result<Ir, Diagnostic> {
    let registry = &context.session.registry;
    let params = params_of(start)?.unwrap_or_default();
    let profile = Profile::of_target(context.target);
    let mut best: Option<((i64, f64), Ir)> = None;
    let mut consider = |ir: Ir| -> Result<(), Diagnostic> {
        // A program that lacks levels takes bootstraps.
        let cost = (missing_levels(&ir).unwrap_or(0), latency_ms(registry, &ir, profile, &params)?);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, ir));
        }
        Ok(())
    };
    if let Some(ir) = placed(registry, start, profile, &params, freedom)? {
        consider(ir)?;
    }
    for (strategy, drops) in BESIDE {
        let mut ir = start.clone();
        assign(registry, &mut ir, Plan { drops, ..plan(strategy) })?;
        consider(ir)?;
    }
    // At least one was considered.
    Ok(best.map_or_else(|| start.clone(), |(_, ir)| ir))
}
