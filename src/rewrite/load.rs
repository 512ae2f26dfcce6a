//! From the text of a `.rules` file to rules.

use pest::Parser;
use pest::iterators::Pair;
use pest_derive::Parser;
use rustc_hash::FxHashMap;

use super::rules::{
    Argument, AttrPattern, Build, Group, GroupKind, OpPattern, OperandPattern, Replacement, Rule as Rewrite,
    RuleSet,
};
use crate::expr::{Expr, check_source_bounds, parse_expr_pair, position_in, unescape};
use crate::ir::{OpName, Traits};
use crate::schema::{Check, Infer, OpDef, Registry, Repeat};
use crate::support::{Diagnostic, did_you_mean};

#[derive(Parser)]
#[grammar = "expr/expr.pest"]
#[grammar = "rewrite/rules.pest"]
struct RulesParser;

type Result<T> = std::result::Result<T, Diagnostic>;

impl RuleSet {
    /// Loads the text of a `.rules` file over the ops of `registry`.
    ///
    /// Errors point into the text: syntax, unknown ops, attributes and functions, wrong number of operands,
    /// unbound names, a rule that matches its own result, a rule that an earlier one shadows.
    pub fn load(&mut self, registry: &Registry, source: &str, file: &str) -> Result<()> {
        if let Err((offset, why)) = check_source_bounds(source) {
            return Err(Diagnostic::error(why).at(position_in(source, file, offset, 1)));
        }
        let pairs = RulesParser::parse(Rule::rules_file, source).map_err(|error| {
            let offset = match error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
            };
            let text = format!("syntax error: {}", error.variant.message());
            Diagnostic::error(text).at(position_in(source, file, offset, 1))
        })?;
        for pair in pairs.flat_map(Pair::into_inner) {
            let mut loader =
                Loader { registry, source, file, names: FxHashMap::default(), bound: Vec::new() };
            match pair.as_rule() {
                Rule::group => loader.group(self, pair)?,
                Rule::rule => {
                    let rule = loader.rule(pair)?;
                    loader.enter(self, rule)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

struct Loader<'a> {
    registry: &'a Registry,
    source: &'a str,
    file: &'a str,
    /// Slot of each name, sigil included.
    names: FxHashMap<String, usize>,
    /// Whether the slot is bound by the pattern or a statement so far.
    bound: Vec<bool>,
}

impl Loader<'_> {
    fn error(&self, pair: &Pair<'_, Rule>, message: impl Into<String>) -> Diagnostic {
        let span = pair.as_span();
        let length = span.as_str().lines().next().map_or(1, |line| line.trim_end().len());
        Diagnostic::error(message).at(position_in(self.source, self.file, span.start(), length))
    }

    fn slot(&mut self, name: &str) -> usize {
        let next = self.bound.len();
        let slot = *self.names.entry(name.to_owned()).or_insert(next);
        if slot == next {
            self.bound.push(false);
        }
        slot
    }

    fn bind(&mut self, name: &str) -> usize {
        let slot = self.slot(name);
        self.bound[slot] = true;
        slot
    }

    fn use_name(&mut self, pair: &Pair<'_, Rule>) -> Result<usize> {
        let name = pair.as_str();
        match self.names.get(name) {
            Some(slot) if self.bound[*slot] => Ok(*slot),
            _ => {
                let error = self.error(pair, format!("'{name}' is not bound by the pattern"));
                let near = did_you_mean(name, self.names.keys().map(String::as_str));
                Err(match near.filter(|near| *near != name) {
                    Some(near) => error.help(format!("did you mean '{near}'?")),
                    None => error,
                })
            }
        }
    }

    fn group(&self, set: &mut RuleSet, pair: Pair<'_, Rule>) -> Result<()> {
        let position = position_in(self.source, self.file, pair.as_span().start(), 5);
        let doc = docs(&pair);
        let mut inner = pair.clone().into_inner().skip_while(|p| p.as_rule() == Rule::doc_line);
        let Some(name) = inner.next() else { return Ok(()) };
        let mut kind = GroupKind::Greedy;
        if let Some(conversion) = inner.next() {
            let mut words = conversion.clone().into_inner().map(|word| word.as_str().to_owned());
            let (from, to) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            for dialect in [&from, &to] {
                if !self.registry.has_dialect(dialect) {
                    return Err(self.error(&conversion, format!("dialect '{dialect}' is not loaded")));
                }
            }
            kind = GroupKind::Conversion { from, to };
        }
        if let Some(earlier) = set.groups.get(name.as_str()) {
            let error = self.error(&name, format!("group '{}' is already declared", name.as_str()));
            return Err(error.note(earlier.position.clone(), "the earlier declaration"));
        }
        let name = name.as_str().to_owned();
        let group = Group { name: name.clone(), doc, kind, position, by_root: FxHashMap::default() };
        set.groups.insert(name, group);
        Ok(())
    }

    fn enter(&self, set: &mut RuleSet, (rule, group_pair): (Rewrite, Pair<'_, Rule>)) -> Result<()> {
        let names: Vec<String> = set.groups.keys().cloned().collect();
        let Some(group) = set.groups.get_mut(&rule.group) else {
            let error = self.error(&group_pair, format!("group '{}' is not declared", rule.group));
            return Err(error.help(match did_you_mean(&rule.group, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("declare it before: group {}", rule.group),
            }));
        };
        for known in group.by_root.values().flatten() {
            if known.name == rule.name {
                let error = Diagnostic::error(format!("rule '{}' is already defined", rule.name));
                return Err(error.at(rule.position).note(known.position.clone(), "the earlier definition"));
            }
        }
        for known in group.by_root.get(&rule.pattern.op).into_iter().flatten() {
            if known.conditions.is_empty() && known.benefit >= rule.benefit && covers(known, &rule) {
                let text = format!("rule '{}' can never fire: '{}' matches first", rule.name, known.name);
                return Err(Diagnostic::error(text)
                    .at(rule.position)
                    .note(known.position.clone(), "this rule"));
            }
        }
        group.add(rule);
        Ok(())
    }

    fn rule<'p>(&mut self, pair: Pair<'p, Rule>) -> Result<(Rewrite, Pair<'p, Rule>)> {
        let doc = docs(&pair);
        let mut inner = pair.clone().into_inner().skip_while(|p| p.as_rule() == Rule::doc_line);
        // Grammar: name, group, benefit?, then the short or the long form.
        let (Some(name), Some(group)) = (inner.next(), inner.next()) else { unreachable!("grammar") };
        let mut benefit = 1;
        let mut body = inner.next();
        if let Some(value) = body.as_ref().filter(|b| b.as_rule() == Rule::benefit) {
            let number = value.clone().into_inner().next();
            benefit = number.and_then(|n| n.as_str().parse().ok()).unwrap_or(1);
            body = inner.next();
        }
        let Some(body) = body else { unreachable!("grammar") };
        let position = position_in(self.source, self.file, name.as_span().start(), name.as_str().len());
        let root = self.bind("%<root>");
        let mut pattern = None;
        let mut rule = Rewrite {
            name: name.as_str().to_owned(),
            group: group.as_str().to_owned(),
            doc,
            benefit,
            position,
            pattern: OpPattern { op: OpName::NONE, commutative: false, operands: vec![], attrs: vec![] },
            root,
            slots: 0,
            conditions: Vec::new(),
            bindings: Vec::new(),
            replacement: Replacement::Slot(root),
            keep_attrs: true,
        };
        let mut replaced = false;
        for part in body.into_inner() {
            match part.as_rule() {
                Rule::name => {
                    self.names.insert(part.as_str().to_owned(), root);
                }
                Rule::pattern => pattern = Some(self.pattern(part)?),
                Rule::wheres => self.conditions(&mut rule.conditions, part)?,
                Rule::rhs => {
                    rule.replacement = self.rhs(part)?;
                    replaced = true;
                }
                Rule::statement => replaced |= self.statement(&mut rule, part)?,
                _ => {}
            }
        }
        let Some(pattern) = pattern else { unreachable!("grammar") };
        rule.pattern = pattern;
        if !replaced {
            return Err(self.error(&name, "the rewrite replaces nothing: end it with 'replace %r with …'"));
        }
        if matches_itself(&rule) {
            let text = format!("rule '{}' matches its own result: it would never end", rule.name);
            return Err(self.error(&name, text));
        }
        rule.slots = self.bound.len();
        Ok((rule, group))
    }

    fn statement(&mut self, rule: &mut Rewrite, pair: Pair<'_, Rule>) -> Result<bool> {
        let Some(inner) = pair.into_inner().next() else { return Ok(false) };
        match inner.as_rule() {
            Rule::drop_attrs => rule.keep_attrs = false,
            Rule::binding => {
                let mut parts = inner.into_inner();
                let (Some(name), Some(build)) = (parts.next(), parts.next()) else { unreachable!("grammar") };
                let build = self.build(build)?;
                if self.names.contains_key(name.as_str()) {
                    return Err(self.error(&name, format!("'{}' is bound twice", name.as_str())));
                }
                let slot = self.bind(name.as_str());
                rule.bindings.push((slot, build));
            }
            _ => {
                let mut parts = inner.into_inner();
                let (Some(name), Some(rhs)) = (parts.next(), parts.next()) else { unreachable!("grammar") };
                let slot = self.use_name(&name)?;
                if slot != rule.root {
                    return Err(self.error(&name, "only the matched op's result can be replaced"));
                }
                rule.replacement = self.rhs(rhs)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn op_def(&self, pair: &Pair<'_, Rule>) -> Result<&OpDef> {
        let name = pair.as_str();
        if let Some(def) = self.registry.op_def_named(name) {
            return Ok(def);
        }
        let error = self.error(pair, format!("unknown op '{name}'"));
        let names = self.registry.op_defs().map(|def| def.name.as_str());
        Err(match did_you_mean(name, names) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    fn check_arity(&self, pair: &Pair<'_, Rule>, def: &OpDef, count: usize, open: bool) -> Result<()> {
        let fits = OpDef::split(&def.operands, count).is_some();
        let variadic = def.operands.iter().any(|o| o.repeat != Repeat::One);
        if fits || open && variadic {
            return Ok(());
        }
        let text = format!("'{}' takes {} operands, not {count}", def.name, def.operands.len());
        Err(self.error(pair, text))
    }

    fn attr_def(&self, pair: &Pair<'_, Rule>, def: &OpDef) -> Result<crate::ir::Sym> {
        let name = pair.as_str();
        if let Some(attr) = def.attrs.iter().find(|attr| attr.name == name) {
            return Ok(attr.sym);
        }
        let error = self.error(pair, format!("'{}' has no attribute '{name}'", def.name));
        Err(match did_you_mean(name, def.attrs.iter().map(|attr| attr.name.as_str())) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    fn pattern(&mut self, pair: Pair<'_, Rule>) -> Result<OpPattern> {
        let mut inner = pair.clone().into_inner();
        let Some(op) = inner.next() else { unreachable!("grammar") };
        let def = self.op_def(&op)?.clone();
        let mut pattern = OpPattern {
            op: def.op,
            commutative: def.traits.has(Traits::COMMUTATIVE),
            operands: Vec::new(),
            attrs: Vec::new(),
        };
        let mut open = false;
        for part in inner {
            match part.as_rule() {
                Rule::operand => {
                    let operand = self.operand(part)?;
                    open |= matches!(operand, OperandPattern::Rest(_));
                    pattern.operands.push(operand);
                }
                _ => {
                    for attr in part.into_inner() {
                        let mut parts = attr.into_inner();
                        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
                            unreachable!("grammar")
                        };
                        let sym = self.attr_def(&name, &def)?;
                        let attr = self.attr_pattern(value)?;
                        pattern.attrs.push((sym, name.as_str().to_owned(), attr));
                    }
                }
            }
        }
        self.check_arity(&op, &def, pattern.operands.len(), open)?;
        Ok(pattern)
    }

    fn attr_pattern(&mut self, value: Pair<'_, Rule>) -> Result<AttrPattern> {
        if value.as_rule() == Rule::wildcard {
            return Ok(AttrPattern::Any);
        }
        let expr = parse_expr_pair(value.clone());
        if let Expr::Name(name, _) = &expr
            && name.starts_with('$')
        {
            return Ok(AttrPattern::Bind(self.bind(name)));
        }
        Ok(AttrPattern::Value(self.checked(expr)?))
    }

    fn operand(&mut self, pair: Pair<'_, Rule>) -> Result<OperandPattern> {
        let Some(inner) = pair.into_inner().next() else { return Ok(OperandPattern::Any) };
        Ok(match inner.as_rule() {
            Rule::wildcard => OperandPattern::Any,
            Rule::name => OperandPattern::Bind(self.bind(inner.as_str())),
            Rule::rest => {
                let name = inner.into_inner().next().map_or("", |n| n.as_str()).to_owned();
                OperandPattern::Rest(self.bind(&name))
            }
            Rule::bound => {
                let mut parts = inner.into_inner();
                let (Some(name), Some(pattern)) = (parts.next(), parts.next()) else {
                    unreachable!("grammar")
                };
                let slot = self.bind(name.as_str());
                OperandPattern::Op(Some(slot), self.pattern(pattern)?)
            }
            _ => OperandPattern::Op(None, self.pattern(inner)?),
        })
    }

    fn conditions(&mut self, conditions: &mut Vec<Check>, pair: Pair<'_, Rule>) -> Result<()> {
        for cond in pair.into_inner() {
            let mut parts = cond.into_inner();
            let Some(expr) = parts.next() else { continue };
            let source = expr.as_str().trim().to_owned();
            let otherwise = parts.next().and_then(|text| text.into_inner().next());
            let otherwise = otherwise.map(|body| unescape(body.as_str()));
            let expr = self.checked(parse_expr_pair(expr))?;
            conditions.push(Check { expr, source, otherwise });
        }
        Ok(())
    }

    /// Binds the names of an expression and checks its calls.
    fn checked(&self, mut expr: Expr) -> Result<Expr> {
        let at = |offset: usize, length: usize, text: String| {
            Diagnostic::error(text).at(position_in(self.source, self.file, offset, length))
        };
        let resolve = |name: &str| self.names.get(name).copied().filter(|slot| self.bound[*slot]);
        expr.bind(&resolve).map_err(|(name, offset)| {
            at(offset, name.len(), format!("'{name}' is not bound by the pattern"))
        })?;
        let mut wrong = None;
        expr.visit_calls(&mut |name, arity, offset| {
            let functions = &self.registry.functions;
            let text = match functions.get(name).map(|function| function.arity) {
                None => format!("unknown function '{name}'"),
                Some(Some(expected)) if expected != arity => {
                    format!("'{name}' takes {expected} arguments, not {arity}")
                }
                Some(_) => return,
            };
            let error = at(offset, name.len(), text);
            wrong = Some(match did_you_mean(name, functions.names()).filter(|near| *near != name) {
                Some(near) => error.help(format!("did you mean '{near}'?")),
                None => error,
            });
        });
        wrong.map_or(Ok(expr), Err)
    }

    /// Whether result types follow from the schema.
    fn is_inferable(&self, def: &OpDef) -> bool {
        let optional = |full: &str| {
            let params = self.registry.type_def(full).map_or(&[][..], |ty| ty.params.as_slice());
            params.iter().all(|param| param.optional || param.default.is_some())
        };
        !matches!(def.infer, Infer::None)
            || def.results.iter().all(|result| match &result.kind {
                crate::schema::Kind::Declared(full) => optional(full),
                _ => false,
            })
    }

    fn rhs(&mut self, pair: Pair<'_, Rule>) -> Result<Replacement> {
        let Some(inner) = pair.into_inner().next() else { unreachable!("grammar") };
        Ok(match inner.as_rule() {
            Rule::name => Replacement::Slot(self.use_name(&inner)?),
            _ => Replacement::Build(self.build(inner)?),
        })
    }

    fn build(&mut self, pair: Pair<'_, Rule>) -> Result<Build> {
        let mut inner = pair.clone().into_inner();
        let Some(op) = inner.next() else { unreachable!("grammar") };
        let def = self.op_def(&op)?.clone();
        let mut build = Build { op: def.op, args: Vec::new(), attrs: Vec::new(), ty: None };
        let mut open = false;
        for part in inner {
            match part.as_rule() {
                Rule::argument => {
                    let Some(arg) = part.into_inner().next() else { continue };
                    build.args.push(match arg.as_rule() {
                        Rule::spread => {
                            open = true;
                            let Some(name) = arg.into_inner().next() else { unreachable!("grammar") };
                            Argument::Spread(self.use_name(&name)?)
                        }
                        Rule::build => Argument::Build(self.build(arg)?),
                        _ => Argument::Slot(self.use_name(&arg)?),
                    });
                }
                Rule::attr_sets => {
                    for set in part.into_inner() {
                        let mut parts = set.into_inner();
                        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
                            unreachable!("grammar")
                        };
                        let sym = self.attr_def(&name, &def)?;
                        let value = self.checked(parse_expr_pair(value))?;
                        build.attrs.push((sym, value));
                    }
                }
                _ => build.ty = Some(self.checked(parse_expr_pair(part))?),
            }
        }
        self.check_arity(&op, &def, build.args.len(), open)?;
        if !self.is_inferable(&def) && build.ty.is_none() {
            let text = format!("the result type of '{}' cannot be inferred", def.name);
            return Err(self.error(&op, text).help("write it: op(…) : type(%x)"));
        }
        for attr in def.attrs.iter().filter(|attr| !attr.optional && attr.default.is_none()) {
            if !build.attrs.iter().any(|(sym, _)| *sym == attr.sym) {
                return Err(self.error(&op, format!("'{}' needs the attribute '{}'", def.name, attr.name)));
            }
        }
        Ok(build)
    }
}

fn docs(pair: &Pair<'_, Rule>) -> String {
    let lines = pair.clone().into_inner().take_while(|p| p.as_rule() == Rule::doc_line);
    lines.map(|p| p.as_str().trim_start_matches('/').trim().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Whether `earlier` (without conditions) matches whatever `later` matches, seen from the patterns' shapes.
fn covers(earlier: &Rewrite, later: &Rewrite) -> bool {
    fn general(pattern: &OpPattern) -> bool {
        let mut seen = Vec::new();
        pattern.attrs.iter().all(|(_, _, attr)| !matches!(attr, AttrPattern::Value(_)))
            && pattern.operands.iter().all(|operand| match operand {
                OperandPattern::Any | OperandPattern::Rest(_) => true,
                OperandPattern::Bind(slot) => {
                    let new = !seen.contains(slot);
                    seen.push(*slot);
                    new
                }
                OperandPattern::Op(..) => false,
            })
    }
    general(&earlier.pattern) && earlier.pattern.operands.len() == later.pattern.operands.len()
}

/// Whether the right side is the left side again: same op over the same names.
fn matches_itself(rule: &Rewrite) -> bool {
    let Replacement::Build(build) = &rule.replacement else {
        return matches!(rule.replacement, Replacement::Slot(slot) if slot == rule.root);
    };
    let plain =
        rule.pattern.operands.iter().all(|o| matches!(o, OperandPattern::Bind(_) | OperandPattern::Any));
    let free_attrs = rule.pattern.attrs.iter().all(|(_, _, a)| !matches!(a, AttrPattern::Value(_)));
    plain
        && free_attrs
        && rule.conditions.is_empty()
        && build.op == rule.pattern.op
        && build.args.len() == rule.pattern.operands.len()
        && build.args.iter().all(|arg| matches!(arg, Argument::Slot(_)))
}
