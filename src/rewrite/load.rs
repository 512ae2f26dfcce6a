//! From the text of a `.rules` file to rules.

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::check::{check_conditions, check_roots, matches_itself};
use super::imports::{ImportResolver, refuse_imports};
use super::inline_tests::parse_tests;
use super::load_pattern::PatternLoader;
use super::overlap::{check_overlaps, hidden_by};
use super::rules::{Condition, Group, GroupKind, OpPattern, Rule as Rewrite, RuleSet, Step, TypeRule};
use super::syntax::{Rule, parse};
use crate::expr::{Expr, Pair, ParsedText, SourceText, SyntaxTree, ValueKind, parse_expr_pair, unescape};
use crate::schema::{Check, Definition, Kind, Meaning, Registry, Scope};
use crate::support::{Diagnostic, counted, did_you_mean};

pub(super) type Result<T> = std::result::Result<T, Diagnostic>;

/// Checks that a rule can turn off with `allow NAME "reason"`.
const ALLOWED: [&str; 2] = ["cost", "overlap"];

impl RuleSet {
    /// Loads the text of a `.rules` file that imports nothing.
    ///
    /// Errors point into the text: syntax, unknown ops, attributes and functions, wrong number of operands,
    /// unbound names, kinds that do not fit, a rule that matches its own result, one that an earlier one shadows,
    /// one whose conditions never hold.
    pub fn load(&mut self, registry: &Registry, source: &str, file: &str) -> Result<()> {
        self.load_with_imports(registry, source, file, &mut refuse_imports)
    }

    /// Loads the text of a `.rules` file; `resolver` opens the files that it imports. A file that is imported twice is
    /// loaded once; files that import each other are an error.
    pub fn load_with_imports(
        &mut self,
        registry: &Registry,
        source: &str,
        file: &str,
        resolver: &mut ImportResolver<'_>,
    ) -> Result<()> {
        let mut open = Vec::new();
        self.load_file(registry, source, file, resolver, &mut open)?;
        self.index_groups();
        Ok(())
    }

    /// Builds the index of each group that has new rules, and compares these with the others.
    fn index_groups(&mut self) {
        let mut groups = std::mem::take(&mut self.groups);
        for group in groups.values_mut().filter(|group| group.stale) {
            group.build_index();
            check_overlaps(group).into_iter().for_each(|warning| self.warn(warning));
            group.compared = group.rules.len();
        }
        self.groups = groups;
    }

    /// Loads the text of a `.rules` file that was parsed before and imports nothing.
    pub fn load_parsed(&mut self, registry: &Registry, parsed: ParsedText<'_>, file: &str) -> Result<()> {
        let Some(tree) = SyntaxTree::from_bytes(parsed.tree, parsed.text, Rule::all_rules()) else {
            return self.load(registry, parsed.text, file);
        };
        self.load_tree(registry, parsed.text, file, &tree, &mut refuse_imports, &mut Vec::new())?;
        self.index_groups();
        Ok(())
    }

    pub(super) fn load_file(
        &mut self,
        registry: &Registry,
        text: &str,
        file: &str,
        resolver: &mut ImportResolver<'_>,
        open: &mut Vec<String>,
    ) -> Result<()> {
        let tree = parse(text, file)?;
        self.load_tree(registry, text, file, &tree, resolver, open)
    }

    fn load_tree(
        &mut self,
        registry: &Registry,
        text: &str,
        file: &str,
        tree: &SyntaxTree<Rule>,
        resolver: &mut ImportResolver<'_>,
        open: &mut Vec<String>,
    ) -> Result<()> {
        self.files.insert(file.to_owned());
        open.push(file.to_owned());
        let source = SourceText::new(text, file);
        for pair in tree.pairs(text).flat_map(Pair::into_inner) {
            match pair.as_rule() {
                Rule::import => self.import(registry, &source, pair, resolver, open)?,
                Rule::group => Loader::new(self, registry, &source).group(pair)?,
                Rule::rule => Loader::new(self, registry, &source).rule(pair)?,
                Rule::native => Loader::new(self, registry, &source).native(pair)?,
                Rule::define => Loader::new(self, registry, &source).define(pair)?,
                Rule::convert_type => Loader::new(self, registry, &source).convert_type(pair)?,
                _ => {}
            }
        }
        self.tests.extend(parse_tests(&source, &self.groups)?);
        open.pop();
        Ok(())
    }
}

/// The text of a string in quotes.
pub(super) fn text_of(pair: &Pair<'_, Rule>) -> String {
    pair.clone().into_inner().next().map_or_else(String::new, |body| unescape(body.as_str()))
}

/// The parts of an item after its documentation, and that.
fn parts<'p>(pair: &Pair<'p, Rule>) -> (String, Vec<Pair<'p, Rule>>) {
    let (docs, rest): (Vec<_>, Vec<_>) =
        pair.clone().into_inner().partition(|part| part.as_rule() == Rule::doc_line);
    let lines = docs.iter().map(|line| line.as_str().trim_start_matches('/').trim().to_owned());
    (lines.collect::<Vec<_>>().join("\n"), rest)
}

struct Loader<'a> {
    set: &'a mut RuleSet,
    registry: &'a Registry,
    source: &'a SourceText<'a>,
}

impl<'a> Loader<'a> {
    fn new(set: &'a mut RuleSet, registry: &'a Registry, source: &'a SourceText<'a>) -> Self {
        Loader { set, registry, source }
    }

    fn error(&self, pair: &Pair<'_, Rule>, message: impl Into<String>) -> Diagnostic {
        let length = pair.as_str().lines().next().map_or(1, |line| line.trim_end().len());
        Diagnostic::error(message).at(self.source.position(pair.start(), length))
    }

    fn group(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        let (doc, parts) = parts(&pair);
        let Some(name) = parts.first() else { return Ok(()) };
        let position = self.source.position(name.start(), name.as_str().len());
        let mut kind = GroupKind::Greedy;
        for part in &parts[1..] {
            if part.as_rule() == Rule::once {
                if kind != GroupKind::Greedy {
                    return Err(self.error(part, "a conversion looks at each op once anyway"));
                }
                kind = GroupKind::Once;
                continue;
            }
            let mut sides = Vec::new();
            for side in part.clone().into_inner() {
                let names: Vec<_> = side.into_inner().collect();
                if let Some(missing) = names.iter().find(|name| !self.registry.has_dialect(name.as_str())) {
                    let error = self.error(missing, format!("dialect '{}' is not loaded", missing.as_str()));
                    let known = self.registry.dialects().map(|(name, _)| name);
                    return Err(match did_you_mean(missing.as_str(), known) {
                        Some(near) => error.help(format!("did you mean '{near}'?")),
                        None => error.help("load it before, with --load-dialect"),
                    });
                }
                sides.push(names.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>());
            }
            let to = sides.pop().unwrap_or_default();
            kind = GroupKind::Conversion { from: sides.pop().unwrap_or_default(), to };
        }
        if let Some(earlier) = self.set.groups.get(name.as_str()) {
            let error = self.error(name, format!("group '{}' is already declared", name.as_str()));
            return Err(error.note(earlier.position.clone(), "the earlier declaration"));
        }
        let name = name.as_str().to_owned();
        let group = Group {
            name: name.clone(),
            doc,
            kind,
            position,
            rules: IndexMap::new(),
            types: Vec::new(),
            by_root: FxHashMap::default(),
            index: FxHashMap::default(),
            stale: false,
            compared: 0,
        };
        self.set.groups.insert(name, group);
        Ok(())
    }

    /// The group of that name, which must be declared.
    fn known_group(&self, pair: &Pair<'_, Rule>) -> Result<&Group> {
        let name = pair.as_str();
        if let Some(group) = self.set.groups.get(name) {
            return Ok(group);
        }
        let error = self.error(pair, format!("group '{name}' is not declared"));
        Err(match did_you_mean(name, self.set.groups.keys().map(String::as_str)) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error.help(format!("declare it before: group {name}")),
        })
    }

    /// Checks `native predicate NAME(kind, …)` against what is registered.
    fn native(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        let (_, parts) = parts(&pair);
        let [what, name, rest @ ..] = parts.as_slice() else { return Ok(()) };
        let functions = &self.registry.functions;
        let Some(function) = functions.get(name.as_str()) else {
            let error = self.error(name, format!("there is no native function '{}'", name.as_str()));
            return Err(match did_you_mean(name.as_str(), functions.names()) {
                Some(near) => error.help(format!("did you mean '{near}'?")),
                None => error.help("native functions are registered in Rust; write it in this file instead"),
            });
        };
        let mut params = Vec::new();
        let mut result =
            if what.as_str().starts_with("predicate") { ValueKind::Bool } else { ValueKind::Any };
        for part in rest {
            let of_result = part.as_rule() == Rule::native_result;
            let word = if of_result { part.clone().into_inner().next() } else { Some(part.clone()) };
            let Some(word) = word else { continue };
            let Some(kind) = ValueKind::from_name(word.as_str()) else {
                let error = self.error(&word, format!("unknown kind '{}'", word.as_str()));
                let names = ValueKind::ALL.map(|(name, _)| name);
                return Err(match did_you_mean(word.as_str(), names) {
                    Some(near) => error.help(format!("did you mean '{near}'?")),
                    None => error.help(format!("the kinds are {}", names.join(", "))),
                });
            };
            if of_result { result = kind } else { params.push(kind) }
        }
        let declared = crate::expr::Signature { params, result };
        if declared != function.signature {
            let text =
                format!("'{}' is declared as {declared}, but it is {}", name.as_str(), function.signature);
            return Err(self.error(name, text));
        }
        Ok(())
    }

    /// `predicate NAME($a, %x) = expression`
    fn define(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        let (_, parts) = parts(&pair);
        let [what, name, rest @ ..] = parts.as_slice() else { return Ok(()) };
        if self.set.definitions.contains_key(name.as_str())
            || self.registry.functions.get(name.as_str()).is_some()
        {
            return Err(self.error(name, format!("'{}' is already defined", name.as_str())));
        }
        let [params @ .., body] = rest else { return Ok(()) };
        let mut scope = Scope::new(self.registry, self.source, &self.set.definitions);
        for param in params {
            if scope.names.contains_key(param.as_str()) {
                return Err(self.error(param, format!("'{}' is bound twice", param.as_str())));
            }
            let meaning = match param.as_str().starts_with('%') {
                true => Meaning::Value(Kind::Any),
                false => Meaning::Attr(Kind::Any),
            };
            scope.bind(param.as_str(), meaning);
        }
        let (offset, text) = (body.start(), body.as_str());
        let expr = parse_expr_pair(body.clone());
        let checked = scope.checked(expr.clone(), offset, text)?;
        let kind = scope.kind_of(&checked).unwrap_or(ValueKind::Any);
        if what.as_str().starts_with("predicate") && !ValueKind::Bool.admits(kind) {
            let message = format!("a predicate is true or false, but this is {}", kind.described());
            return Err(self.error(body, message));
        }
        let body = scope.resolved(expr)?;
        let params = params.iter().map(|param| param.as_str().to_owned()).collect();
        self.set.definitions.insert(name.as_str().to_owned(), Definition { params, body });
        Ok(())
    }

    /// `type in GROUP: pattern => type`
    fn convert_type(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        let (_, parts) = parts(&pair);
        let [group, pattern, .., result] = parts.as_slice() else { return Ok(()) };
        if !matches!(self.known_group(group)?.kind, GroupKind::Conversion { .. }) {
            let text = format!("group '{}' is not a conversion: types stay", group.as_str());
            return Err(self.error(group, text).help("declare it 'from DIALECT to DIALECT'"));
        }
        let scope = Scope::new(self.registry, self.source, &self.set.definitions);
        let mut loader = PatternLoader::new(scope, "", false, false);
        let Some(ty) = loader.type_pattern(pattern.clone())? else {
            return Err(self.error(pattern, "write the type that is converted"));
        };
        let (offset, text) = (result.start(), result.as_str());
        let expr = loader.scope.checked(parse_expr_pair(result.clone()), offset, text)?;
        match loader.scope.kind_of(&expr) {
            Ok(kind) if ValueKind::Type.admits(kind) => {}
            _ => return Err(self.error(result, "a type is converted to a type")),
        }
        let rule = TypeRule { pattern: ty, slots: loader.scope.slots.len(), result: expr };
        if let Some(group) = self.set.groups.get_mut(group.as_str()) {
            group.types.push(rule);
        }
        Ok(())
    }

    fn rule(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        let (doc, parts) = parts(&pair);
        // Grammar: name, group, options, then the short or the long form.
        let [name, group, options @ .., body] = parts.as_slice() else { unreachable!("grammar") };
        let group_kind = self.known_group(group)?.kind.clone();
        let position = self.source.position(name.start(), name.as_str().len());
        if let Some(known) = self.set.groups.get(group.as_str()).and_then(|group| group.rule(name.as_str())) {
            let error = Diagnostic::error(format!("rule '{}' is already defined", name.as_str()));
            return Err(error.at(position).note(known.position.clone(), "the earlier definition"));
        }
        let mut rule = Rewrite {
            name: name.as_str().to_owned(),
            group: group.as_str().to_owned(),
            doc,
            benefit: 1,
            position,
            allowed: Vec::new(),
            variants: Vec::new(),
            roots: Vec::new(),
            slots: 0,
            names: Vec::new(),
            kinds: Vec::new(),
            conditions: Vec::new(),
            steps: Vec::new(),
            replacements: Vec::new(),
            successor: None,
            keep_attrs: true,
        };
        let (mut commutative, mut ordered) = (false, false);
        for option in options {
            match option.as_rule() {
                Rule::benefit => rule.benefit = self.benefit(option)?,
                Rule::commutative => commutative = true,
                Rule::ordered => ordered = true,
                _ => rule.allowed.push(self.allowed(option)?),
            }
        }
        let mut scope = Scope::new(self.registry, self.source, &self.set.definitions);
        scope.bound_by = "by the pattern";
        scope.converts = matches!(group_kind, GroupKind::Conversion { .. });
        let loader = PatternLoader::new(scope, left_side(body), commutative, ordered);
        let mut builder =
            RuleLoader { loader, rule, root_names: Vec::new(), erases: false, replaced: Vec::new() };
        builder.body(body.clone())?;
        let written_out = builder.loader.scope.written_out.get();
        let rule = builder.finish(name, matches!(group_kind, GroupKind::Conversion { .. }))?;
        if let GroupKind::Conversion { from, .. } = &group_kind {
            check_roots(self.registry, &rule, from)?;
        }
        self.set.grow(&rule, written_out).map_err(|why| self.error(name, why))?;
        let Some(group) = self.set.groups.get_mut(group.as_str()) else { return Ok(()) };
        for op in rule.root_op() {
            let known = group.by_root.entry(op).or_default();
            let compared = std::mem::take(known);
            let hidden = hidden_by(group, &rule, &compared).map(|by| (by.name.clone(), by.position.clone()));
            if let Some((by, position)) = hidden {
                let text = format!("rule '{}' can never fire: '{by}' matches first", rule.name);
                return Err(Diagnostic::error(text).at(rule.position).note(position, "this rule"));
            }
            let mut compared = compared;
            compared.push(group.rules.len());
            group.by_root.insert(op, compared);
        }
        group.rules.insert(rule.name.clone(), rule);
        group.stale = true;
        Ok(())
    }

    fn benefit(&self, pair: &Pair<'_, Rule>) -> Result<u32> {
        let number = pair.clone().into_inner().next().and_then(|number| number.as_str().parse().ok());
        number.ok_or_else(|| self.error(pair, format!("a benefit is at most {}", u32::MAX)))
    }

    fn allowed(&self, pair: &Pair<'_, Rule>) -> Result<(String, String)> {
        let mut inner = pair.clone().into_inner();
        let (Some(name), Some(reason)) = (inner.next(), inner.next()) else { unreachable!("grammar") };
        if !ALLOWED.contains(&name.as_str()) {
            let error = self.error(&name, format!("there is no check '{}'", name.as_str()));
            return Err(error.help(format!("the checks are {}", ALLOWED.join(", "))));
        }
        let reason = text_of(&reason);
        if reason.trim().is_empty() {
            return Err(self.error(pair, "say why the check does not matter here"));
        }
        Ok((name.as_str().to_owned(), reason))
    }
}

/// The text of a rule up to its right side: there names are counted.
fn left_side<'p>(body: &Pair<'p, Rule>) -> &'p str {
    let text = body.as_str();
    let ends = |part: &Pair<'_, Rule>| {
        matches!(part.as_rule(), Rule::results | Rule::roots | Rule::wheres)
            .then(|| part.end() - body.start())
    };
    let end = body.clone().into_inner().filter_map(|part| ends(&part)).max();
    &text[..end.unwrap_or(text.len())]
}

/// A rule that is being loaded.
struct RuleLoader<'a> {
    loader: PatternLoader<'a>,
    rule: Rewrite,
    /// Names of the root's results as written, with their byte offsets.
    root_names: Vec<(String, usize)>,
    erases: bool,
    /// The slot that takes the place of each result, with where that is written.
    replaced: Vec<(usize, usize, usize)>,
}

impl RuleLoader<'_> {
    fn error(&self, pair: &Pair<'_, Rule>, message: impl Into<String>) -> Diagnostic {
        self.loader.scope.error_at(pair.start(), pair.as_str(), message)
    }

    fn body(&mut self, body: Pair<'_, Rule>) -> Result<()> {
        let parts: Vec<_> = body.into_inner().collect();
        let results = parts.iter().filter(|part| part.as_rule() == Rule::results);
        for name in results.flat_map(|part| part.clone().into_inner()) {
            if !name.as_str().starts_with('%') {
                return Err(self.error(&name, format!("'{}' is not a value: write '%…'", name.as_str())));
            }
            self.root_names.push((name.as_str().to_owned(), name.start()));
        }
        for part in parts {
            match part.as_rule() {
                Rule::roots => self.roots(part)?,
                Rule::wheres => self.conditions(part)?,
                Rule::rhs => {
                    let names: Vec<usize> = self.rule.roots.clone();
                    let offset = part.start();
                    self.replace(&names, vec![part], offset)?;
                }
                Rule::statement => self.statement(part)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn roots(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        let patterns: Vec<_> = pair.clone().into_inner().collect();
        let Some(first) = patterns.first().and_then(|pattern| pattern.clone().into_inner().next()) else {
            return Ok(());
        };
        let def = self.loader.scope.op_def(first.as_str(), first.start())?.clone();
        let count = def.results.len();
        if !self.root_names.is_empty() && self.root_names.len() != count {
            let (name, offset) = self.root_names[0].clone();
            let text = format!(
                "'{}' has {}, but {} are named",
                def.name,
                counted(count, "result"),
                self.root_names.len()
            );
            return Err(self.loader.scope.error_at(offset, &name, text));
        }
        for (number, result) in def.results.iter().enumerate() {
            let name = self.root_names.get(number).map_or(format!("%<root {number}>"), |name| name.0.clone());
            if self.loader.scope.names.contains_key(&name) {
                let (name, offset) = self.root_names[number].clone();
                return Err(self.loader.scope.error_at(offset, &name, format!("'{name}' is bound twice")));
            }
            let slot = self.loader.scope.bind(&name, Meaning::Value(result.kind.clone()));
            self.rule.roots.push(slot);
        }
        for pattern in patterns {
            let alternatives = self.loader.pattern(pattern.clone(), true)?;
            if let Some(wrong) = alternatives.iter().find(|alternative| alternative.results != count) {
                let text = format!("alternatives have {} and {}", count, counted(wrong.results, "result"));
                return Err(self.error(&pattern, text));
            }
            let computes = |pattern: OpPattern| OpPattern { computes: pattern.any_computes(), ..pattern };
            self.rule.variants.extend(alternatives.into_iter().map(computes));
        }
        self.loader.check_variants(&self.rule.variants, &self.rule.roots, &pair)
    }

    fn conditions(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        for cond in pair.into_inner() {
            let mut inner = cond.into_inner();
            let Some(expr) = inner.next() else { continue };
            let otherwise = inner.next().map(|text| text_of(&text));
            let (offset, source) = (expr.start(), expr.as_str().trim().to_owned());
            let scope = &self.loader.scope;
            let expr = scope.checked(parse_expr_pair(expr), offset, &source)?;
            if let Ok(kind) = scope.kind_of(&expr)
                && !ValueKind::Bool.admits(kind)
            {
                let text = format!("a condition is true or false, but this is {}", kind.described());
                return Err(scope.error_at(offset, &source, text));
            }
            let one_use = match &expr {
                Expr::Apply(index, args) => match args.as_slice() {
                    [Expr::Slot(slot)] if scope.registry.functions.name_at(*index) == "one_use" => {
                        Some(*slot)
                    }
                    _ => None,
                },
                _ => None,
            };
            let known: Vec<&Expr> = self.rule.conditions.iter().map(|known| &known.check.expr).collect();
            if let Some(why) = check_conditions(scope, &known, &expr) {
                return Err(scope.error_at(offset, &source, format!("this never holds: {why}")));
            }
            self.rule.conditions.push(Condition { check: Check { expr, source, otherwise }, one_use });
        }
        Ok(())
    }

    fn statement(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        let Some(inner) = pair.into_inner().next() else { return Ok(()) };
        let offset = inner.start();
        match inner.as_rule() {
            Rule::drop_attrs => self.rule.keep_attrs = false,
            Rule::erase => {
                if !self.rule.roots.is_empty() {
                    return Err(self.error(&inner, "the matched op has results: replace them"));
                }
                self.erases = true;
            }
            Rule::build => {
                let build = self.loader.scope.build(inner)?;
                self.rule.steps.push(Step { slots: vec![None; build.results], build });
            }
            Rule::binding => {
                let mut parts: Vec<_> = inner.into_inner().collect();
                let Some(build) = parts.pop() else { unreachable!("grammar") };
                let build = self.loader.scope.build(build)?;
                let results =
                    self.loader.scope.registry.op_def(build.op).map_or(Vec::new(), |def| def.results.clone());
                if parts.len() != build.results {
                    let text =
                        format!("{} for {}", counted(parts.len(), "name"), counted(build.results, "result"));
                    return Err(self.error(&parts[0], text));
                }
                let mut slots = Vec::new();
                for (name, result) in parts.iter().zip(results) {
                    if self.loader.scope.names.contains_key(name.as_str()) {
                        return Err(self.error(name, format!("'{}' is bound twice", name.as_str())));
                    }
                    slots.push(Some(self.loader.scope.bind(name.as_str(), Meaning::Value(result.kind))));
                }
                self.rule.steps.push(Step { slots, build });
            }
            _ => {
                let (names, values): (Vec<_>, Vec<_>) =
                    inner.into_inner().partition(|part| part.as_rule() == Rule::name);
                let mut slots = Vec::new();
                for name in &names {
                    let slot = self.loader.scope.use_name(name.as_str(), name.start())?;
                    if !self.rule.roots.contains(&slot) {
                        return Err(self.error(name, "only the matched op's result can be replaced"));
                    }
                    if slots.contains(&slot) || self.replaced.iter().any(|(root, ..)| *root == slot) {
                        return Err(self.error(name, format!("'{}' is replaced twice", name.as_str())));
                    }
                    slots.push(slot);
                }
                self.replace(&slots, values, offset)?;
            }
        }
        Ok(())
    }

    /// Replaces results of the root: each by a value, or all by the results of one op.
    fn replace(&mut self, roots: &[usize], values: Vec<Pair<'_, Rule>>, offset: usize) -> Result<()> {
        let mut new: Vec<(usize, usize)> = Vec::new();
        for value in values {
            let Some(inner) = value.into_inner().next() else { unreachable!("grammar") };
            let at = inner.start();
            if inner.as_rule() != Rule::build {
                new.push((self.loader.scope.use_name(inner.as_str(), at)?, at));
                continue;
            }
            let build = self.loader.scope.build(inner)?;
            let results =
                self.loader.scope.registry.op_def(build.op).map_or(Vec::new(), |def| def.results.clone());
            let mut slots = Vec::new();
            for (number, result) in results.into_iter().enumerate() {
                let name = format!("%<new {} {number}>", self.rule.steps.len());
                slots.push(Some(self.loader.scope.bind(&name, Meaning::Value(result.kind))));
            }
            let all = build.results == roots.len() && roots.len() > 1;
            let used: Vec<usize> = match all {
                true => slots.iter().flatten().copied().collect(),
                false => slots.get(build.result).copied().flatten().into_iter().collect(),
            };
            new.extend(used.into_iter().map(|slot| (slot, at)));
            if roots.first() == self.rule.roots.first() && self.rule.successor.is_none() {
                self.rule.successor = Some(self.rule.steps.len());
            }
            self.rule.steps.push(Step { slots, build });
        }
        if new.len() != roots.len() {
            let text =
                format!("{} in place of {}", counted(new.len(), "value"), counted(roots.len(), "result"));
            return Err(self.loader.scope.error_at_word(offset, text));
        }
        self.replaced.extend(roots.iter().zip(new).map(|(root, (slot, at))| (*root, slot, at)));
        Ok(())
    }

    fn finish(mut self, name: &Pair<'_, Rule>, converts: bool) -> Result<Rewrite> {
        for root in &self.rule.roots {
            match self.replaced.iter().find(|(replaced, ..)| replaced == root) {
                Some((_, slot, at)) => {
                    self.rule.replacements.push(*slot);
                    let kind = |slot: usize| match &self.loader.scope.slots[slot].meaning {
                        Meaning::Value(kind) => Some(kind.clone()),
                        _ => None,
                    };
                    match (kind(*root), kind(*slot)) {
                        (Some(old), Some(new)) if !converts && old.excludes(&new) => {
                            let text = format!("{} takes the place of {}", new.describe(), old.describe());
                            let error = self.loader.scope.error_at_word(*at, text);
                            return Err(error.help("only a conversion changes types: group NAME from A to B"));
                        }
                        (_, None) => {
                            let text = "what takes the place of a value must be a value";
                            return Err(self.loader.scope.error_at_word(*at, text));
                        }
                        _ => {}
                    }
                }
                None if self.replaced.is_empty() => {
                    let text = "the rewrite replaces nothing: end it with 'replace %r with …'";
                    return Err(self.error(name, text));
                }
                None => return Err(self.error(name, "the rewrite does not replace every result")),
            }
        }
        if self.rule.roots.is_empty() && !self.erases {
            return Err(self.error(name, "the matched op has no result to replace: say 'erase'"));
        }
        self.check_regions(name)?;
        self.rule.slots = self.loader.scope.slots.len();
        self.rule.names = vec![String::new(); self.rule.slots];
        for (name, slot) in &self.loader.scope.names {
            self.rule.names[*slot] = name.clone();
        }
        let kind = |slot: &crate::schema::Slot| match &slot.meaning {
            Meaning::Value(kind) | Meaning::Values(kind) | Meaning::Attr(kind) => Some(kind.clone()),
            _ => None,
        };
        self.rule.kinds = self.loader.scope.slots.iter().map(kind).collect();
        if matches_itself(&self.rule) {
            let text = format!("rule '{}' matches its own result: it would never end", self.rule.name);
            return Err(self.error(name, text));
        }
        Ok(self.rule)
    }

    /// A region can be moved once, by an op that stands for itself.
    fn check_regions(&self, name: &Pair<'_, Rule>) -> Result<()> {
        let mut moved = Vec::new();
        for slot in self.rule.steps.iter().flat_map(|step| &step.build.regions) {
            if moved.contains(slot) {
                return Err(self.error(name, "a region is moved twice"));
            }
            moved.push(*slot);
        }
        let nested = self.rule.steps.iter().any(|step| has_nested_regions(&step.build));
        if nested {
            let text = "an op with regions cannot be written inside of another one";
            return Err(self.error(name, text).help("give it a name: %y = op(…) (^body)"));
        }
        Ok(())
    }
}

fn has_nested_regions(build: &crate::schema::Build) -> bool {
    build.args.iter().any(|arg| match arg {
        crate::schema::Argument::Build(inner) => !inner.regions.is_empty() || has_nested_regions(inner),
        _ => false,
    })
}
