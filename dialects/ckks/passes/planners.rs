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
use crate::ckks::views;

const STRATEGY: OptionDef = OptionDef {
    name: "strategy",
    kind: OptionKind::Choice(&["eager", "lazy"]),
    default: "eager",
    doc: "after each product, or as late as legality allows",
};

fn strategy(context: &PassContext<'_>) -> Strategy {
    if context.options.text("strategy") == Some("lazy") { Strategy::Lazy } else { Strategy::Eager }
}

/// The pass `relinearize`. On a program without levels it also rescales eagerly: a leveled program must verify.
pub fn relinearize() -> PassDef {
    planner("relinearize", "Places relinearizations anew", views::Relinearize::NAME)
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
        run: Box::new(move |context, ir| {
            let strategy = strategy(context);
            run(context, ir, strategy, own).map_err(|error| vec![error])
        }),
    }
}

fn run(context: &PassContext<'_>, ir: &mut Ir, strategy: Strategy, own: &str) -> Result<(), Diagnostic> {
    let fresh = !is_leveled(ir);
    erase_all(ir, own);
    let mut plan = Plan::keep();
    if own == views::Rescale::NAME {
        plan.rescale = Some(strategy);
        plan.relinearize = fresh.then_some(Strategy::Eager);
    } else {
        plan.relinearize = Some(strategy);
        plan.rescale = fresh.then_some(Strategy::Eager);
    }
    assign(&context.session.registry, ir, plan)
}
