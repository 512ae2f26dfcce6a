//! The pass `cost`: the cost of the program at this point of the pipeline, as text for standard error.

use he_core::ir::Ir;
use he_core::pass::{OptionDef, OptionKind, PassContext, PassDef, PassTable, module_stage};
use he_core::support::Diagnostic;

use super::cost::{cost_report, op_counts};
use super::cost_table::{counts_text, report_text};
use crate::profiles::Profile;

/// The stage at which levels, and with them latencies, are known.
const LEVELED: &str = "leveled";

/// Registers the pass.
pub fn add_cost_pass(table: &mut PassTable) -> Result<(), String> {
    let flag = |name, doc| OptionDef { name, kind: OptionKind::Flag, default: "false", doc };
    let profile = OptionDef {
        name: "profile",
        kind: OptionKind::Choice(Profile::SHIPPED),
        default: "",
        doc: "cost profile; the tool's unless given",
    };
    table.add(PassDef {
        name: "cost".into(),
        doc: "Prints what the program costs; before stage leveled only its op counts".into(),
        options: vec![
            flag("verbose", "parameters and keys too"),
            flag("critical-path", "every op of the critical path"),
            profile,
        ],
        stages: None,
        run: Box::new(|context, ir| print_cost(context, ir).map_err(|error| vec![error])),
    })
}

fn print_cost(context: &mut PassContext<'_>, ir: &Ir) -> Result<(), Diagnostic> {
    let registry = &context.session.registry;
    let stage = module_stage(registry, ir)?;
    let text = if registry.stage(LEVELED).is_some_and(|leveled| stage < leveled) {
        let name = registry.stages.get(stage).map_or("", String::as_str);
        counts_text(name, &op_counts(ir)?)
    } else {
        let named = context.options.text("profile").and_then(Profile::shipped);
        let target = context.target.downcast_ref::<Profile>();
        let profile = named.or(target).unwrap_or(Profile::openfhe());
        let report = cost_report(registry, ir, profile)?;
        report_text(&report, context.options.flag("verbose"), context.options.flag("critical-path"))
    };
    context.report.push_str(&text);
    Ok(())
}
