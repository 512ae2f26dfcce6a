//! Why a layer is computed as it is.

use std::fmt::Write;

use he_core::ir::{Ir, OpId};

use super::{Layer, Objective, Search};
use crate::packed::layout::Layout;
use crate::packed::plan::Plan;

impl Search<'_> {
    /// The candidates of a layer from the layout that it got, and which one was taken.
    pub(super) fn explain(&self, ir: &Ir, op: OpId, input: &Layout, chosen: &Layer, level: i64) -> String {
        let Ok(linear) = self.layer(ir, op) else { return String::new() };
        let mut candidates = self.candidates(&linear, input, level, self.chain.masks);
        candidates.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let place = ir.position(op).map_or_else(|| "-".to_owned(), |position| position.to_string());
        let (inputs, outputs) = (linear.known.weight.shape[1], linear.known.weight.shape[0]);
        let mut text =
            format!("{place}: layer {inputs} -> {outputs} at level {level}, from {}\n", described(input));
        let is_chosen = |layer: &Layer| {
            layer.layout == chosen.layout && layer.plan == chosen.plan && layer.copies == chosen.copies
        };
        let own = candidates.iter().find(|candidate| is_chosen(&candidate.layer)).map_or(0.0, |c| c.cost);
        for candidate in &candidates {
            let why = match () {
                () if is_chosen(&candidate.layer) => "chosen: the least cost with all that follows",
                () if candidate.cost < own => "cheaper by itself, but what follows costs more",
                () => "",
            };
            let unit = match self.request.objective {
                Objective::Latency => format!("{:10.2} ms", candidate.cost),
                Objective::Rotations => format!("{:6} rotations", candidate.cost as u64),
            };
            let line =
                format!("{unit}  {} to {}", planned(&candidate.layer), described(&candidate.layer.layout));
            let _ = writeln!(text, "  {line:<89} {why}");
        }
        text
    }
}

/// A layout in a few words.
fn described(layout: &Layout) -> String {
    let Layout { stride, repeat, period, .. } = layout;
    match (*stride, *repeat) {
        (1, 1) => format!("dense, period {period}"),
        (stride, 1) => format!("stride {stride}, period {period}"),
        (stride, repeat) => format!("stride {stride}, repeat {repeat}, period {period}"),
    }
}

/// How a layer is computed in a few words.
fn planned(layer: &Layer) -> String {
    let plan = match &layer.plan {
        Plan::Bsgs { baby } => format!("bsgs, baby {baby}"),
        Plan::Replicated { baby, folds, wraps } => {
            let mut text = format!("replicated, baby {baby}");
            for (name, groups) in [("folds", folds), ("wraps", wraps)] {
                if !groups.is_empty() {
                    let _ = write!(text, ", {name} {groups:?}");
                }
            }
            text
        }
    };
    if layer.is_spread() { format!("masked, copies {:?}, {plan}", layer.copies) } else { plan }
}
