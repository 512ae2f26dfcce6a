//! From the text of a pattern to patterns: alternatives and the orders of commutative operands are written out.

use std::collections::BTreeSet;

use super::load::Result;
use super::rules::{AttrPattern, DefPattern, OpPattern, OperandPattern, TypePattern, ValuePattern};
use super::syntax::Rule;
use crate::expr::{Expr, Pair, number_of, parse_expr_pair};
use crate::ir::Traits;
use crate::schema::{Kind, Meaning, OpDef, Repeat, Scope};
use crate::support::{Diagnostic, counted, did_you_mean};

/// Most combinations of alternatives and orders in one rule.
const MAX_VARIANTS: usize = 256;

/// Loads patterns into the scope of a rule.
pub(super) struct PatternLoader<'a> {
    pub scope: Scope<'a>,
    /// The left side of the rule as text.
    left: &'a str,
    commutative: bool,
    ordered: bool,
}

/// A nested pattern that is being put together: the operands so far.
#[derive(Clone, Default)]
struct Operands {
    list: Vec<OperandPattern>,
    rest: Option<(usize, Option<usize>)>,
}

impl<'a> PatternLoader<'a> {
    pub fn new<'t: 'a>(scope: Scope<'a>, left: &'t str, commutative: bool, ordered: bool) -> Self {
        PatternLoader { scope, left, commutative, ordered }
    }

    fn error(&self, pair: &Pair<'_, Rule>, message: impl Into<String>) -> Diagnostic {
        self.scope.error_at(pair.start(), pair.as_str(), message)
    }

    /// The patterns that a `pattern` stands for.
    pub fn pattern(&mut self, pair: Pair<'_, Rule>, is_root: bool) -> Result<Vec<OpPattern>> {
        let mut inner = pair.clone().into_inner();
        let Some(op) = inner.next() else { unreachable!("grammar") };
        let offset = op.start();
        let def = self.scope.op_def(op.as_str(), offset)?.clone();
        let mut base = OpPattern {
            op: def.op,
            result: 0,
            results: def.results.len(),
            operands: Vec::new(),
            rest: None,
            attrs: Vec::new(),
            regions: Vec::new(),
            ty: None,
            computes: false,
        };
        let mut operands = vec![Operands::default()];
        let (mut count, mut indexed) = (0, false);
        for part in inner {
            match part.as_rule() {
                Rule::operand => {
                    self.operand(part.clone(), &def, count, &mut operands)?;
                    count += 1;
                    if operands.len() > MAX_VARIANTS {
                        return Err(self.error(&part, too_many()));
                    }
                }
                Rule::attr_pats => {
                    for attr in part.into_inner() {
                        let attr = self.attr(&def, attr)?;
                        base.attrs.push(attr);
                    }
                }
                Rule::moves => {
                    if !is_root {
                        return Err(self.error(&part, "only the regions of the matched op can be moved"));
                    }
                    for region in part.into_inner() {
                        let slot = self.scope.bind(region.as_str(), Meaning::Region);
                        base.regions.push(slot);
                    }
                }
                Rule::result_index => {
                    base.result = self.scope.result_index(part, &def)?;
                    indexed = true;
                }
                _ => base.ty = self.typed(part)?,
            }
        }
        let open = operands.iter().any(|operands| operands.rest.is_some());
        self.scope.check_operand_count(&def, count - usize::from(open), open, offset)?;
        if !base.regions.is_empty() && base.regions.len() != def.regions.len() {
            let text = format!("'{}' has {}", def.name, counted(def.regions.len(), "region"));
            return Err(self.error(&op, text));
        }
        if !is_root && def.results.len() != 1 && !indexed {
            let text = format!("'{}' has {}: say which one", def.name, counted(def.results.len(), "result"));
            return Err(self.error(&op, text).help(format!("write '{}(…)#0'", def.name)));
        }
        let mut variants = Vec::new();
        for operands in operands {
            let pattern = OpPattern { operands: operands.list, rest: operands.rest, ..base.clone() };
            let swapped = self.swapped(&def, &pattern);
            variants.push(pattern);
            variants.extend(swapped);
        }
        if variants.len() > MAX_VARIANTS {
            return Err(self.error(&op, too_many()));
        }
        Ok(variants)
    }

    /// The pattern with its two operands in the other order, where that can make a difference.
    fn swapped(&self, def: &OpDef, pattern: &OpPattern) -> Option<OpPattern> {
        let commutes = def.traits.has(Traits::COMMUTATIVE) || self.commutative;
        let [a, b] = pattern.operands.as_slice() else { return None };
        if !commutes || self.ordered || pattern.rest.is_some() || a.optional || b.optional {
            return None;
        }
        let plain = |operand: &OperandPattern| {
            let once = operand.slot.is_none_or(|slot| self.mentions(slot) <= 1);
            matches!(operand.def, DefPattern::Any) && operand.ty.is_none() && once
        };
        if plain(a) && plain(b) {
            return None;
        }
        let mut swapped = pattern.clone();
        swapped.operands.swap(0, 1);
        Some(swapped)
    }

    /// How often the left side names the value of a slot.
    fn mentions(&self, slot: usize) -> usize {
        let name = self.scope.names.iter().find(|(_, known)| **known == slot).map_or("", |(name, _)| name);
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        self.left.match_indices(name).filter(|(at, found)| ends(&self.left[at + found.len()..])).count()
    }

    /// Adds an operand to each of the combinations so far.
    fn operand(
        &mut self,
        pair: Pair<'_, Rule>,
        def: &OpDef,
        position: usize,
        operands: &mut Vec<Operands>,
    ) -> Result<()> {
        let kind = kind_at(def, position);
        let mut inner = pair.clone().into_inner();
        let Some(first) = inner.next() else { unreachable!("grammar") };
        if first.as_rule() == Rule::rest {
            if operands.iter().any(|operands| operands.rest.is_some()) {
                return Err(self.error(&pair, "only one '...' fits into a pattern"));
            }
            let name = first.into_inner().find(|part| part.as_rule() == Rule::name);
            let slot = name.map(|name| self.scope.bind(name.as_str(), Meaning::Values(kind.clone())));
            operands.iter_mut().for_each(|operands| operands.rest = Some((position, slot)));
            return Ok(());
        }
        let ty = inner.next().map(|part| self.typed(part)).transpose()?.flatten();
        let narrowed = match &ty {
            Some(TypePattern::Kind(kind)) => kind.clone(),
            Some(TypePattern::Declared(name, _)) => {
                Kind::Declared(self.scope.registry.prototype().str(*name).to_owned())
            }
            _ => kind.clone(),
        };
        if kind.excludes(&narrowed) {
            let text =
                format!("operand {position} of '{}' is {}: this never matches", def.name, kind.describe());
            return Err(self.error(&pair, text));
        }
        let mut name = None;
        let mut choices = first.clone();
        if first.as_rule() == Rule::bound {
            let mut parts = first.into_inner();
            let (Some(bound), Some(rest)) = (parts.next(), parts.next()) else { unreachable!("grammar") };
            name = Some(self.bind_value(&bound, &narrowed)?);
            choices = rest;
        }
        let mut alternatives = Vec::new();
        for choice in choices.into_inner() {
            alternatives.extend(self.choice(choice, def, position, &narrowed)?);
        }
        for alternative in &mut alternatives {
            if let Some(slot) = name {
                if alternative.slot.is_some() {
                    return Err(self.error(&pair, "a value has two names here: leave one out"));
                }
                alternative.slot = Some(slot);
            }
            alternative.ty = ty.clone();
        }
        if let [only] = alternatives.as_slice() {
            operands.iter_mut().for_each(|combination| combination.list.push(only.clone()));
            return Ok(());
        }
        let before = std::mem::take(operands);
        for combination in before {
            for alternative in &alternatives {
                let mut longer = combination.clone();
                longer.list.push(alternative.clone());
                operands.push(longer);
            }
        }
        Ok(())
    }

    fn bind_value(&mut self, pair: &Pair<'_, Rule>, kind: &Kind) -> Result<usize> {
        let name = pair.as_str();
        if !name.starts_with('%') {
            let text = format!("'{name}' is an attribute: values are written '%…'");
            return Err(self.error(pair, text));
        }
        if let Some(slot) = self.scope.names.get(name)
            && let Meaning::Value(known) = &self.scope.slots[*slot].meaning
            && known.excludes(kind)
        {
            let text = format!(
                "'{name}' is {} elsewhere and {} here: this never matches",
                known.describe(),
                kind.describe()
            );
            return Err(self.error(pair, text));
        }
        Ok(self.scope.bind(name, Meaning::Value(kind.clone())))
    }

    fn choice(
        &mut self,
        pair: Pair<'_, Rule>,
        def: &OpDef,
        position: usize,
        kind: &Kind,
    ) -> Result<Vec<OperandPattern>> {
        let Some(inner) = pair.into_inner().next() else { unreachable!("grammar") };
        let any = OperandPattern { slot: None, optional: false, ty: None, def: DefPattern::Any };
        Ok(match inner.as_rule() {
            Rule::name => vec![OperandPattern { slot: Some(self.bind_value(&inner, kind)?), ..any }],
            Rule::maybe => {
                let operand = def.operands.get(position);
                if operand.is_none_or(|operand| operand.repeat != Repeat::Optional) {
                    let text = format!("operand {position} of '{}' is always there", def.name);
                    return Err(self.error(&inner, text));
                }
                let Some(name) = inner.into_inner().next() else { unreachable!("grammar") };
                let slot = Some(self.bind_value(&name, kind)?);
                vec![OperandPattern { slot, optional: true, ..any }]
            }
            Rule::pattern => {
                let text = inner.clone();
                let patterns = self.pattern(inner, false)?;
                for pattern in &patterns {
                    self.check_kind(&text, pattern, def, position, kind)?;
                }
                let of = |pattern| OperandPattern { def: DefPattern::Op(Box::new(pattern)), ..any.clone() };
                patterns.into_iter().map(of).collect()
            }
            Rule::negation => {
                // Names that only occur in a negated pattern mean nothing outside of it.
                let outside: BTreeSet<String> = self.scope.names.keys().cloned().collect();
                let mut patterns = Vec::new();
                for pattern in inner.into_inner() {
                    patterns.extend(self.pattern(pattern, false)?);
                }
                self.scope.names.retain(|name, _| outside.contains(name));
                vec![OperandPattern { def: DefPattern::Not(patterns), ..any }]
            }
            _ => vec![any],
        })
    }

    /// The op's result must be something that the operand can be.
    fn check_kind(
        &self,
        pair: &Pair<'_, Rule>,
        pattern: &OpPattern,
        outer: &OpDef,
        position: usize,
        kind: &Kind,
    ) -> Result<()> {
        let inner = self.scope.registry.op_def(pattern.op);
        let Some(result) = inner.and_then(|def| def.results.get(pattern.result)) else { return Ok(()) };
        if !result.kind.excludes(kind) {
            return Ok(());
        }
        let text = format!(
            "its result is {}, but operand {position} of '{}' is {}: this never matches",
            result.kind.describe(),
            outer.name,
            kind.describe()
        );
        Err(self.error(pair, text))
    }

    fn attr(&mut self, def: &OpDef, pair: Pair<'_, Rule>) -> Result<AttrPattern> {
        let mut parts = pair.into_inner();
        let (Some(name), Some(choices)) = (parts.next(), parts.next()) else { unreachable!("grammar") };
        let index = self.scope.attr_index(def, name.as_str(), name.start())?;
        let attr = &def.attrs[index];
        let choices: Vec<_> = choices.into_inner().collect();
        let many = choices.len() > 1;
        let mut values = Vec::new();
        for choice in choices {
            let Some(inner) = choice.clone().into_inner().next() else { unreachable!("grammar") };
            let value = self.value(inner, &attr.kind)?;
            if many && binds(&value) {
                return Err(self.error(&choice, "an alternative of an attribute binds no name"));
            }
            values.push(value);
        }
        let value = if many { ValuePattern::OneOf(values) } else { values.remove(0) };
        Ok(AttrPattern { name: attr.sym, index, value })
    }

    /// The value of an attribute or a parameter of that kind.
    fn value(&mut self, pair: Pair<'_, Rule>, kind: &Kind) -> Result<ValuePattern> {
        Ok(match pair.as_rule() {
            Rule::wildcard => ValuePattern::Any,
            Rule::maybe => {
                let Some(name) = pair.into_inner().next() else { unreachable!("grammar") };
                self.check_attr_name(&name)?;
                ValuePattern::Optional(self.scope.bind(name.as_str(), Meaning::Attr(kind.clone())))
            }
            Rule::attr_not => {
                let Some(inner) = pair.clone().into_inner().last() else { unreachable!("grammar") };
                let value = self.value(inner, kind)?;
                if binds(&value) {
                    return Err(self.error(&pair, "a negated value binds no name"));
                }
                ValuePattern::Not(Box::new(value))
            }
            Rule::dense => {
                let Some(inner) = pair.clone().into_inner().next() else { unreachable!("grammar") };
                if inner.as_str().trim_start().starts_with('[') {
                    return self.elements(&inner);
                }
                ValuePattern::Splat(Box::new(self.value(inner, &Kind::Float)?))
            }
            Rule::declared => {
                let mut inner = pair.clone().into_inner();
                let Some(name) = inner.next() else { unreachable!("grammar") };
                let known = self.scope.registry.attr_def(name.as_str()).map(|def| def.name.as_str());
                if known.is_none() {
                    let names = self.scope.registry.attr_defs().map(|def| def.name.as_str());
                    return Err(self.unknown(&name, "attribute", "#", names));
                }
                let (sym, params) = self.params(&name, inner)?;
                ValuePattern::Declared(sym, params)
            }
            _ => self.expression(&pair, kind)?,
        })
    }

    fn check_attr_name(&self, name: &Pair<'_, Rule>) -> Result<()> {
        if name.as_str().starts_with('$') {
            return Ok(());
        }
        Err(self.error(name, format!("'{}' is a value: attributes are written '$…'", name.as_str())))
    }

    /// `$a`, a constant, or an expression over what is bound already.
    fn expression(&mut self, pair: &Pair<'_, Rule>, kind: &Kind) -> Result<ValuePattern> {
        let (offset, text) = (pair.start(), pair.as_str().trim_end());
        let expr = self.scope.of_kind(parse_expr_pair(pair.clone()), kind)?;
        if let Expr::Name(name, _) = &expr
            && name.starts_with(['$', '%'])
        {
            self.check_attr_name(pair)?;
            return Ok(ValuePattern::Bind(self.scope.bind(name, Meaning::Attr(kind.clone()))));
        }
        let expr = self.scope.checked(expr, offset, text)?;
        let (wanted, found) = (crate::schema::value_kind(kind), self.scope.kind_of(&expr));
        if let Ok(found) = found
            && !wanted.admits(found)
        {
            let message = format!("{} is never {}", found.described(), kind.describe());
            return Err(self.scope.error_at(offset, text, message));
        }
        if let (Kind::Enum(name), Expr::Str(word)) = (kind, &expr) {
            let words = self.scope.registry.enum_words(name);
            if !words.iter().any(|known| known == word) {
                let message = format!("'{word}' is not a word of {name}: this never matches");
                let error = self.scope.error_at(offset, text, message);
                return Err(match did_you_mean(word, words.iter().map(String::as_str)) {
                    Some(near) => error.help(format!("did you mean '{near}'?")),
                    None => error.help(format!("it is one of {}", words.join(", "))),
                });
            }
        }
        Ok(match number_of(&expr) {
            Some(number) if number.fract() != 0.0 && matches!(kind, Kind::Int | Kind::Index) => {
                let message = format!("{text} is never {}", kind.describe());
                return Err(self.scope.error_at(offset, text, message));
            }
            Some(number) => ValuePattern::Number(number),
            None => ValuePattern::Equal(expr),
        })
    }

    fn elements(&self, pair: &Pair<'_, Rule>) -> Result<ValuePattern> {
        let numbers = match parse_expr_pair(pair.clone()) {
            Expr::List(items) => items.iter().map(number_of).collect::<Option<Vec<f64>>>(),
            _ => None,
        };
        let numbers = numbers.filter(|numbers| !numbers.is_empty());
        numbers
            .map(ValuePattern::Elements)
            .ok_or_else(|| self.error(pair, "write numbers: dense<[1.0, 2.0]>"))
    }

    fn unknown<'c>(
        &self,
        pair: &Pair<'_, Rule>,
        what: &str,
        sigil: &str,
        names: impl Iterator<Item = &'c str>,
    ) -> Diagnostic {
        let name = pair.as_str();
        let error = self.error(pair, format!("unknown {what} '{sigil}{name}'"));
        match did_you_mean(name, names) {
            Some(near) => error.help(format!("did you mean '{sigil}{near}'?")),
            None => error,
        }
    }

    /// The parameters of a declared type or attribute.
    fn params<'p>(
        &mut self,
        name: &Pair<'_, Rule>,
        pairs: impl Iterator<Item = Pair<'p, Rule>>,
    ) -> Result<(crate::ir::Sym, Vec<(usize, ValuePattern)>)> {
        let registry = self.scope.registry;
        let def = registry.type_def(name.as_str()).or_else(|| registry.attr_def(name.as_str()));
        let kinds: Vec<Kind> =
            def.map_or(Vec::new(), |def| def.params.iter().map(|p| p.kind.clone()).collect());
        let mut params = Vec::new();
        for pair in pairs {
            let mut parts = pair.into_inner();
            let (Some(param), Some(value)) = (parts.next(), parts.next()) else { unreachable!("grammar") };
            let index = self.scope.param_index(name.as_str(), param.as_str(), param.start())?;
            params.push((index, self.value(value, &kinds[index])?));
        }
        let sym = registry.prototype().find_sym(name.as_str());
        Ok((sym.ok_or_else(|| self.error(name, "unknown name"))?, params))
    }

    fn typed(&mut self, pair: Pair<'_, Rule>) -> Result<Option<TypePattern>> {
        let Some(pattern) = pair.into_inner().next() else { unreachable!("grammar") };
        self.type_pattern(pattern)
    }

    /// The pattern of a type; `None` for `_`.
    pub fn type_pattern(&mut self, pair: Pair<'_, Rule>) -> Result<Option<TypePattern>> {
        let Some(inner) = pair.into_inner().next() else { unreachable!("grammar") };
        Ok(match inner.as_rule() {
            Rule::wildcard => None,
            Rule::name => {
                self.check_attr_name(&inner)?;
                Some(TypePattern::Bind(self.scope.bind(inner.as_str(), Meaning::Type)))
            }
            Rule::type_decl => {
                let mut parts = inner.into_inner();
                let Some(name) = parts.next() else { unreachable!("grammar") };
                if self.scope.registry.type_def(name.as_str()).is_none() {
                    let names = self.scope.registry.type_defs().map(|def| def.name.as_str());
                    return Err(self.unknown(&name, "type", "!", names));
                }
                let (sym, params) = self.params(&name, parts)?;
                Some(TypePattern::Declared(sym, params))
            }
            _ => match Kind::from_keyword(inner.as_str()) {
                Some(kind) => Some(TypePattern::Kind(kind)),
                None => return Err(self.unknown(&inner, "kind", "", Kind::KEYWORDS.into_iter())),
            },
        })
    }

    /// Names that not every alternative binds are not bound.
    pub fn check_variants(
        &mut self,
        variants: &[OpPattern],
        roots: &[usize],
        pair: &Pair<'_, Rule>,
    ) -> Result<()> {
        if variants.len() > MAX_VARIANTS {
            return Err(self.error(pair, too_many()));
        }
        let mut counts = vec![0; self.scope.slots.len()];
        for variant in variants {
            let mut bound = BTreeSet::new();
            collect_bound(variant, &mut bound);
            bound.into_iter().for_each(|slot: usize| counts[slot] += 1);
        }
        for (slot, count) in counts.into_iter().enumerate() {
            if count < variants.len() && !roots.contains(&slot) {
                self.scope.slots[slot].bound = false;
            }
        }
        Ok(())
    }
}

fn too_many() -> String {
    format!("the alternatives and orders have more than {MAX_VARIANTS} combinations")
}

/// The kind of an operand by its position.
fn kind_at(def: &OpDef, position: usize) -> Kind {
    let variadic = def.operands.iter().find(|operand| operand.repeat == Repeat::Variadic);
    match (def.operands.get(position), variadic) {
        (Some(operand), None) => operand.kind.clone(),
        // A variadic operand moves those after it.
        (Some(operand), Some(variadic)) if operand.kind == variadic.kind => operand.kind.clone(),
        (None, Some(variadic)) if def.operands.len() == 1 => variadic.kind.clone(),
        _ => Kind::Any,
    }
}

fn collect_bound(pattern: &OpPattern, bound: &mut BTreeSet<usize>) {
    bound.extend(pattern.regions.iter().copied());
    bound.extend(pattern.rest.and_then(|(_, slot)| slot));
    pattern.attrs.iter().for_each(|attr| collect_value(&attr.value, bound));
    pattern.ty.iter().for_each(|ty| collect_type(ty, bound));
    for operand in &pattern.operands {
        bound.extend(operand.slot);
        operand.ty.iter().for_each(|ty| collect_type(ty, bound));
        if let DefPattern::Op(inner) = &operand.def {
            collect_bound(inner, bound);
        }
    }
}

fn binds(value: &ValuePattern) -> bool {
    let mut bound = BTreeSet::new();
    collect_value(value, &mut bound);
    !bound.is_empty()
}

fn collect_type(pattern: &TypePattern, bound: &mut BTreeSet<usize>) {
    match pattern {
        TypePattern::Bind(slot) => {
            bound.insert(*slot);
        }
        TypePattern::Declared(_, params) => params.iter().for_each(|(_, value)| collect_value(value, bound)),
        TypePattern::Kind(_) => {}
    }
}

fn collect_value(pattern: &ValuePattern, bound: &mut BTreeSet<usize>) {
    match pattern {
        ValuePattern::Bind(slot) | ValuePattern::Optional(slot) => {
            bound.insert(*slot);
        }
        ValuePattern::Splat(inner) => collect_value(inner, bound),
        ValuePattern::Declared(_, params) => params.iter().for_each(|(_, value)| collect_value(value, bound)),
        _ => {}
    }
}
