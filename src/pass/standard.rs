//! Passes that know no dialect: canonicalize, cse, dce, and groups of rules.

use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::{FxBuildHasher, FxHasher};
use smallvec::SmallVec;

use super::{OptionDef, OptionKind, PassContext, PassDef, PassTable, Session};
use crate::ir::{BlockId, Ir, OpId, Stages, Traits, ValueId};
use crate::rewrite::{Group, GroupKind, RewriteStats, RuleSet, convert, rewrite_group, sweep_dead};
use crate::schema::{REFERENCE_ATTR, Registry, STAGE_ATTR};
use crate::support::{Diagnostic, Diagnostics};
use crate::text::{PrintOptions, print};

/// The stage of the IR: what the module says, else the earliest stage that admits every op.
pub fn module_stage(registry: &Registry, ir: &Ir) -> Result<usize, Diagnostic> {
    if let Some(attr) = ir.attr_named(ir.top(), STAGE_ATTR) {
        let name = ir.ctx.as_str(attr).unwrap_or("");
        return registry.stage(name).ok_or_else(|| {
            let text =
                format!("unknown stage '{name}' in {STAGE_ATTR}; there are {}", registry.stages.join(", "));
            Diagnostic::error(text).at(ir.position(ir.top()))
        });
    }
    let mut common = u32::MAX;
    let tops = ir.top_level_ops().into_iter().filter(|op| ir.attr_named(*op, REFERENCE_ATTR).is_none());
    let mut last = None;
    for op in tops.flat_map(|top| ir.walk(top)) {
        // Ops of one name come in rows, and are legal at the same stages.
        if last.replace(ir.name(op)) == Some(ir.name(op)) {
            continue;
        }
        if ir.is_plain(op) {
            // Another op of this name may compute on ciphertexts.
            last = None;
        } else {
            let Stages(bits) = ir.info(op).stages;
            if common & bits == 0 {
                let text =
                    format!("'{}' is legal at no stage that the ops before it are legal at", ir.name_str(op));
                return Err(Diagnostic::error(text).at(ir.position(op)));
            }
            common &= bits;
        }
    }
    Ok(common.trailing_zeros().min(registry.stages.len().saturating_sub(1) as u32) as usize)
}

/// Records the stage in the module.
pub fn set_module_stage(registry: &Registry, ir: &mut Ir, stage: usize) {
    let attr = ir.ctx.string_attr(&registry.stages[stage]);
    let top = ir.top();
    ir.set_attr(top, STAGE_ATTR, Some(attr));
}

/// Registers canonicalize, cse, dce and print.
pub fn add_core_passes(table: &mut PassTable) -> Result<(), String> {
    table.add(PassDef {
        name: "canonicalize".into(),
        doc: "Applies the dialects' canonicalization rules until none fires, and removes unused ops".into(),
        options: Vec::new(),
        stages: None,
        run: Box::new(|context, ir| {
            if let Some(group) = context.session.rules.group("canonicalize") {
                apply_group(context, ir, group)?;
            }
            Ok(())
        }),
    })?;
    table.add(PassDef {
        name: "cse".into(),
        doc: "Merges equal pure ops".into(),
        options: Vec::new(),
        stages: None,
        run: Box::new(|_, ir| {
            merge_equal_ops(ir);
            Ok(())
        }),
    })?;
    table.add(PassDef {
        name: "dce".into(),
        doc: "Removes pure ops whose results are not used".into(),
        options: Vec::new(),
        stages: None,
        run: Box::new(|_, ir| {
            sweep_dead(ir);
            Ok(())
        }),
    })?;
    table.add(PassDef {
        name: "print".into(),
        doc: "Prints the IR to standard error".into(),
        options: vec![OptionDef {
            name: "generic",
            kind: OptionKind::Flag,
            default: "false",
            doc: "every op in generic form",
        }],
        stages: None,
        run: Box::new(|context, ir| {
            let options =
                PrintOptions { generic: context.options.flag("generic"), ..PrintOptions::default() };
            context.report.push_str(&print(&context.session.registry, ir, options));
            Ok(())
        }),
    })
}

/// Applies a group of rules, whatever it is for.
fn apply_group(
    context: &mut PassContext<'_>,
    ir: &mut Ir,
    group: &Group,
) -> Result<RewriteStats, Diagnostics> {
    let session = context.session;
    if let GroupKind::Conversion { .. } = group.kind {
        let stats = convert(&session.registry, ir, group, &session.rewriting, context.remarks);
        let stats = stats.map_err(|e| vec![e])?;
        session.registry.types_changed.iter().for_each(|refresh| refresh(ir));
        sweep_dead(ir);
        return Ok(stats);
    }
    rewrite_group(&session.registry, ir, group, &session.rewriting, context.remarks).map_err(|e| vec![e])
}

/// The pass that applies a group of rules.
pub fn group_pass(rules: &RuleSet, name: &str) -> Option<PassDef> {
    let group = rules.group(name)?;
    let name = group.name.clone();
    Some(PassDef {
        name: name.clone(),
        doc: group.doc.lines().next().unwrap_or("A group of rewrite rules").to_owned(),
        options: Vec::new(),
        stages: None,
        run: Box::new(move |context, ir| {
            if let Some(group) = context.session.rules.group(&name) {
                let stats = apply_group(context, ir, group)?;
                if stats.fired.is_empty() {
                    context.remarks.push(silence(context.session, ir, group));
                }
            }
            Ok(())
        }),
    })
}

/// What to say of a group of which no rule fired: the stages of the ops that it matches, if the program is at another.
fn silence(session: &Session, ir: &Ir, group: &Group) -> Diagnostic {
    let name = &group.name;
    let roots = || group.rules().flat_map(|rule| rule.root_op()).filter_map(|op| session.registry.op_def(op));
    let stages = roots().fold(0, |all, def| all | def.stages.0);
    let names = &session.registry.stages;
    let silent = Diagnostic::remark(format!("{name}: no rule fired"));
    match module_stage(&session.registry, ir) {
        Ok(stage) if stages != 0 && !Stages(stages).contains(stage) => {
            let legal =
                |(stage, name): (usize, &String)| Stages(stages).contains(stage).then(|| format!("'{name}'"));
            let legal: Vec<String> = names.iter().enumerate().filter_map(legal).collect();
            let text = format!(
                "{name}: no rule fired: its ops belong to stage {}, and the program is at stage '{}'",
                legal.join(" and "),
                names[stage]
            );
            let first = names.iter().enumerate().find(|(stage, _)| Stages(stages).contains(*stage));
            let first = first.map_or("", |(_, name)| name.as_str());
            Diagnostic::remark(text).help(format!("name the passes that lower to stage '{first}' before it"))
        }
        _ => silent,
    }
}

/// Whether two pure ops without regions compute the same.
fn are_equal(ir: &Ir, a: OpId, b: OpId) -> bool {
    ir.name(a) == ir.name(b)
        && ir.props(a) == ir.props(b)
        && ir.attrs(a) == ir.attrs(b)
        && ir.results(a).map(|value| ir.ty(value)).eq(ir.results(b).map(|value| ir.ty(value)))
        && (ir.operands(a).eq(ir.operands(b))
            || ir.has_trait(a, Traits::COMMUTATIVE) && sorted_operands(ir, a) == sorted_operands(ir, b))
}

fn sorted_operands(ir: &Ir, op: OpId) -> SmallVec<[ValueId; 4]> {
    let mut operands: SmallVec<[ValueId; 4]> = ir.operands(op).collect();
    operands.sort_unstable();
    operands
}

/// Equal for equal ops.
fn hash_of(ir: &Ir, op: OpId) -> u64 {
    let mut hasher = FxHasher::default();
    (ir.name(op), ir.props(op), ir.attrs(op)).hash(&mut hasher);
    if ir.has_trait(op, Traits::COMMUTATIVE) {
        // A sum has no order.
        let sum = ir.operands(op).fold(0u64, |sum, value| sum.wrapping_add(FxBuildHasher.hash_one(value)));
        hasher.write_u64(sum);
    } else {
        ir.operands(op).for_each(|value| value.hash(&mut hasher));
    }
    hasher.finish()
}

fn merge_equal_ops(ir: &mut Ir) {
    let blocks: Vec<BlockId> = ir
        .walk(ir.top())
        .flat_map(|op| ir.regions(op))
        .flat_map(|region| ir.blocks(*region))
        .copied()
        .collect();
    for block in blocks {
        // With their hashes: those of ops that moved out of the caches would be slow to make again.
        let mut seen: HashTable<(u64, OpId)> = HashTable::new();
        let mut next = ir.first_op(block);
        while let Some(op) = next.some() {
            next = ir.next_op(op);
            if !ir.has_trait(op, Traits::PURE) || !ir.regions(op).is_empty() {
                continue;
            }
            let hash = hash_of(ir, op);
            let is_equal = |known: &(u64, OpId)| known.0 == hash && are_equal(ir, known.1, op);
            match seen.entry(hash, is_equal, |known| known.0) {
                Entry::Occupied(first) => {
                    for (old, new) in ir.results(op).zip(ir.results(first.get().1)) {
                        ir.replace_all_uses(old, new);
                    }
                    ir.erase(op);
                }
                Entry::Vacant(place) => {
                    place.insert((hash, op));
                }
            }
        }
    }
}
