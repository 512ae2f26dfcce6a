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

use super::leveling::{Plan, Strategy, assign, erase_all, is_leveled};
use crate::ckks::attr::{OUTPUT_DEGREE_ATTR, missing_levels, params_of};
use crate::ckks::cost::latency_ms;
use crate::ckks::params::Params;
use crate::ckks::views;
use crate::profiles::Profile;

const STRATEGY: OptionDef = OptionDef {
    name: "strategy",
    kind: OptionKind::Choice(&["eager", "lazy", "optimal"]),
    default: "eager",
    doc: "after each product; as late as legality allows; or what the cost model finds fastest",
};

/// Every strategy, in the order that decides between equals.
const ALL: [Strategy; 3] = [Strategy::Shared, Strategy::Lazy, Strategy::Eager];

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
    let plan = |strategy, other| match rescales {
        true => Plan { rescale: Some(strategy), relinearize: other, ..Plan::keep() },
        false => Plan { relinearize: Some(strategy), rescale: other, ..Plan::keep() },
    };
    let eager = fresh.then_some(Strategy::Eager);
    match context.options.text("strategy") {
        Some("lazy") => assign(registry, ir, plan(Strategy::Lazy, eager)),
        Some("optimal") => {
            let mut trials = Trials { context, params: params_of(ir)?.unwrap_or_default(), best: None };
            // What is not placed here is chosen first, then this.
            let mut other = None;
            if fresh {
                for strategy in ALL {
                    trials.run(ir, plan(Strategy::Shared, Some(strategy)), Some(strategy))?;
                }
                other = trials.best.as_ref().and_then(|best| best.other);
            }
            for strategy in ALL.into_iter().skip(usize::from(fresh)) {
                trials.run(ir, plan(strategy, other), other)?;
            }
            if fresh && trials.best.as_ref().is_some_and(|best| relinearizes_rescaled(&best.ir)) {
                // Placed one after the other, a rescale at the end follows the relinearization, and works on one polynomial less.
                let lazy = Some(Strategy::Lazy);
                let mut relinearized = ir.clone();
                let first = Plan { relinearize: lazy, rescale: eager, ..Plan::keep() };
                assign(registry, &mut relinearized, first)?;
                erase_all(&mut relinearized, views::Rescale::NAME);
                trials.run(&relinearized, plan(Strategy::Lazy, None), lazy)?;
            }
            if let Some(Trial { ir: best, .. }) = trials.best {
                *ir = best;
            }
            Ok(())
        }
        _ => assign(registry, ir, plan(Strategy::Eager, eager)),
    }
}

/// Whether some value is relinearized right after its rescale.
fn relinearizes_rescaled(ir: &Ir) -> bool {
    let relinearized = ir.all_ops().into_iter().filter(|op| ir.name_str(*op) == views::Relinearize::NAME);
    let mut before = relinearized.map(|op| ir.def_op(ir.operand(op, 0)));
    before.any(|def| !def.is_none() && ir.name_str(def) == views::Rescale::NAME)
}

/// A program with ops placed.
struct Trial {
    ir: Ir,
    /// Missing levels, then latency: a program that lacks levels takes bootstraps.
    cost: (i64, f64),
    other: Option<Strategy>,
}

/// Plans tried on a program.
struct Trials<'a> {
    context: &'a PassContext<'a>,
    params: Params,
    best: Option<Trial>,
}

impl Trials<'_> {
    fn run(&mut self, start: &Ir, plan: Plan, other: Option<Strategy>) -> Result<(), Diagnostic> {
        let registry = &self.context.session.registry;
        let mut ir = start.clone();
        assign(registry, &mut ir, plan)?;
        let latency = latency_ms(registry, &ir, Profile::of_target(self.context.target), &self.params)?;
        let cost = (missing_levels(&ir).unwrap_or(0), latency);
        if self.best.as_ref().is_none_or(|best| cost < best.cost) {
            self.best = Some(Trial { ir, cost, other });
        }
        Ok(())
    }
}
