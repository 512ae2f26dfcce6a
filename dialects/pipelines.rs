//! Stages, the standard lowering and the named pipelines, as lists that can be read aloud.

use he_core::pass::{Lowering, PassTable};

/// The stages, the earliest first.
pub const STAGES: [&str; 5] = ["nn", "poly", "packed", "ckks", "leveled"];

/// The groups that several files add rules to.
pub const GROUPS: &str = "/// The dialects' canonicalization rules.\ngroup canonicalize\n";

/// What each stage needs to have run, in order.
pub const STANDARD_LOWERING: [&str; 6] =
    ["approximate", "pack", "expand-poly", "to-ckks", "relinearize", "rescale"];

/// Shorthands: the name of a flag, and the pipeline element that it stands for.
pub const ALIASES: [(&str, &str); 9] = [
    ("eager-relin", "relinearize{strategy=eager}"),
    ("lazy-relin", "relinearize{strategy=lazy}"),
    ("eager-rescale", "rescale{strategy=eager}"),
    ("lazy-rescale", "rescale{strategy=lazy}"),
    ("greedy-bootstrap", "bootstrap{strategy=greedy}"),
    ("minimal-bootstrap", "bootstrap{strategy=minimal}"),
    ("optimal-relin", "relinearize{strategy=optimal}"),
    ("optimal-rescale", "rescale{strategy=optimal}"),
    ("optimal-bootstrap", "bootstrap{strategy=optimal}"),
];

/// The named pipelines. All but `auto` share one polynomial schedule, so that the strategies alone explain the differences.
pub const PRESETS: [(&str, &str); 6] = [
    ("baseline", "approximate,pack,expand-poly,to-ckks,relinearize{strategy=eager},rescale{strategy=eager}"),
    ("bsgs", "approximate,pack,bsgs,expand-poly,to-ckks,relinearize{strategy=eager},rescale{strategy=eager}"),
    ("lazy", "approximate,pack,expand-poly,to-ckks,relinearize{strategy=lazy},rescale{strategy=lazy}"),
    (
        "bsgs-lazy",
        "approximate,pack,bsgs,expand-poly,to-ckks,relinearize{strategy=lazy},rescale{strategy=lazy}",
    ),
    (
        "full",
        "approximate,pack,bsgs,expand-poly,to-ckks,relinearize{strategy=lazy},rescale{strategy=lazy},\
         bootstrap{fit=true},dce",
    ),
    ("auto", "auto"),
];

/// The pipeline of a preset.
pub fn preset(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, pipeline)| *pipeline)
}

/// The standard lowering.
pub fn standard_lowering() -> Lowering {
    Lowering { passes: STANDARD_LOWERING.iter().map(|name| (*name).to_owned()).collect() }
}

/// Registers the shorthands.
pub fn aliases(table: &mut PassTable) {
    for (name, element) in ALIASES {
        table.alias(name, element);
    }
}
