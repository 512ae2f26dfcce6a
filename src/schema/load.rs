//! From the text of a `.dialect` file to definitions in the registry.

use rustc_hash::FxHashSet;

use super::constraint::Kind;
use super::defs::{
    AttrDef, Check, CostDef, DiscardableDef, EnumDef, Infer, OpDef, OperandDef, ParamDef, ParamsDef, Repeat,
};
use super::format::{check_complete, parse_format};
use super::kernel::{Composition, Extent, KernelDef, Step};
use super::registry::Registry;
use super::scope::{Meaning, Scope};
use super::syntax::{Rule, parse};
use crate::expr::{Expr, Pair, ParsedText, SourceText, SyntaxTree, Val, parse_expr_pair};
use crate::ir::{Attr, Context, DeclaredParam, Ir, OpName, Stages, Traits};
use crate::support::{Diagnostic, counted, did_you_mean};

/// The names that an expression may use, in the order of their slots.
type Names = [(String, Meaning)];

type Result<T> = std::result::Result<T, Diagnostic>;

/// Most names of one op, type, attribute or enum.
const MAX_NAMES: usize = 1000;

impl Registry {
    /// Loads the text of a `.dialect` file. Names in it may refer to dialects loaded before.
    ///
    /// Errors point into the text: syntax, unknown kinds, traits, stages and functions, unbound names,
    /// redefinitions.
    pub fn load_dialect(&mut self, source: &str, file: &str) -> Result<()> {
        let tree = parse(source, file)?;
        self.load_tree(&tree, source, file)
    }

    /// Loads the text of a `.dialect` file that was parsed before.
    pub fn load_parsed_dialect(&mut self, parsed: ParsedText<'_>, file: &str) -> Result<()> {
        match SyntaxTree::from_bytes(parsed.tree, parsed.text, Rule::all_rules()) {
            Some(tree) => self.load_tree(&tree, parsed.text, file),
            None => self.load_dialect(parsed.text, file),
        }
    }

    fn load_tree(&mut self, tree: &SyntaxTree<Rule>, source: &str, file: &str) -> Result<()> {
        let pairs = tree.pairs(source);
        let source = SourceText::new(source, file);
        let mut loader = Loader { registry: self, source: &source, dialect: String::new() };
        for pair in pairs.flat_map(Pair::into_inner) {
            loader.item(pair)?;
        }
        Ok(())
    }
}

struct Loader<'a> {
    registry: &'a mut Registry,
    source: &'a SourceText<'a>,
    dialect: String,
}

/// The names in the expressions of an op's clauses: operands, results, attributes.
fn names_of(def: &OpDef) -> Vec<(String, Meaning)> {
    let value = |operand: &OperandDef| {
        let meaning = match operand.repeat {
            Repeat::Variadic => Meaning::Values(operand.kind.clone()),
            _ => Meaning::Value(operand.kind.clone()),
        };
        (operand.name.clone(), meaning)
    };
    let values = def.operands.iter().chain(&def.results).map(value);
    values.chain(def.attrs.iter().map(|attr| (attr.name.clone(), Meaning::Attr(attr.kind.clone())))).collect()
}

/// The names of an op's operands, results, attributes, regions and successors.
fn clauses_names<'p>(
    parts: &[Pair<'p, Rule>],
    clauses: &[Pair<'p, Rule>],
) -> impl Iterator<Item = Pair<'p, Rule>> + use<'p> {
    let mut names = Vec::new();
    for pair in parts.iter().chain(clauses) {
        let inner = pair.clone().into_inner();
        match pair.as_rule() {
            Rule::operands | Rule::attrs => names.extend(inner.filter_map(|item| item.into_inner().next())),
            Rule::regions | Rule::successors => names.extend(inner),
            _ => {}
        }
    }
    names.into_iter()
}

fn docs(inner: &[Pair<'_, Rule>]) -> String {
    let lines: Vec<_> = inner
        .iter()
        .take_while(|pair| pair.as_rule() == Rule::doc_line)
        .map(|pair| pair.as_str().trim_start_matches('/').trim())
        .collect();
    lines.join("\n")
}

fn string_of(pair: &Pair<'_, Rule>) -> String {
    let body = pair.clone().into_inner().next();
    crate::expr::unescape(body.map_or("", |b| b.as_str()))
}

impl Loader<'_> {
    fn error(&self, pair: &Pair<'_, Rule>, message: impl Into<String>) -> Diagnostic {
        self.error_at(pair.start(), pair.as_str().lines().next().map_or(1, str::len), message)
    }

    fn error_at(&self, offset: usize, length: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).at(self.source.position(offset, length))
    }

    fn unknown<'c>(
        &self,
        pair: &Pair<'_, Rule>,
        what: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Diagnostic {
        let word = pair.as_str();
        let error = self.error(pair, format!("unknown {what} '{word}'"));
        match did_you_mean(word, candidates) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        }
    }

    /// Names that must differ, and of which there must not be too many: they are looked up one after the other.
    fn distinct<'p>(&self, names: impl Iterator<Item = Pair<'p, Rule>>) -> Result<()> {
        let mut seen = FxHashSet::default();
        for name in names {
            if !seen.insert(name.as_str()) {
                return Err(self.error(&name, format!("'{}' is named twice", name.as_str())));
            }
            if seen.len() > MAX_NAMES {
                return Err(self.error(&name, format!("there are more than {MAX_NAMES} names here")));
            }
        }
        Ok(())
    }

    fn item(&mut self, pair: Pair<'_, Rule>) -> Result<()> {
        let rule = pair.as_rule();
        let inner: Vec<_> = pair.clone().into_inner().collect();
        let doc = docs(&inner);
        let rest: Vec<_> = inner.into_iter().skip_while(|p| p.as_rule() == Rule::doc_line).collect();
        match rule {
            Rule::dialect => {
                let name = rest[0].as_str().to_owned();
                if self.registry.dialects.contains_key(&name) {
                    return Err(self.error(&rest[0], format!("dialect '{name}' is already loaded")));
                }
                self.registry.dialects.insert(name.clone(), doc);
                self.dialect = name;
            }
            Rule::enum_def => {
                let name = self.declare(&rest[0])?;
                self.distinct(rest[1..].iter().cloned())?;
                let words = rest[1..].iter().map(|word| word.as_str().to_owned()).collect();
                self.registry.enums.insert(name.clone(), EnumDef { name, doc, words });
            }
            Rule::type_def | Rule::attr_def => {
                let def = self.params_def(&rest, doc)?;
                let params = def.params.iter().map(|param| DeclaredParam {
                    name: param.sym,
                    default: param.default.unwrap_or(Attr::NONE),
                    word: matches!(param.kind, Kind::Enum(_)),
                    positional: def.traits.has(Traits::POSITIONAL),
                });
                let params = params.collect();
                let name = self.registry.prototype.sym(&def.name);
                self.registry.prototype.declare_params(name, params);
                let table = match rule {
                    Rule::type_def => &mut self.registry.types,
                    _ => &mut self.registry.attrs,
                };
                table.insert(def.name.clone(), def);
            }
            Rule::op_def => self.op_def(&rest, doc)?,
            Rule::discardable_def => self.discardable_def(&rest, doc)?,
            _ => {}
        }
        Ok(())
    }

    fn discardable_def(&mut self, rest: &[Pair<'_, Rule>], doc: String) -> Result<()> {
        let (written, kind, dialect) = (rest[0].as_str(), self.kinds(&rest[1])?, self.dialect.clone());
        let name = if written.contains('.') { written.to_owned() } else { format!("{dialect}.{written}") };
        let sym = self.registry.prototype.sym(&name);
        let def = DiscardableDef { name, doc, kind, dialect };
        match self.registry.discardable.insert(sym, def) {
            Some(_) => Err(self.error(&rest[0], format!("'{written}' is already defined"))),
            None => Ok(()),
        }
    }

    /// The full name of a new type, attribute or enum.
    fn declare(&self, ident: &Pair<'_, Rule>) -> Result<String> {
        let name = format!("{}.{}", self.dialect, ident.as_str());
        let registry = &self.registry;
        let known = registry.types.contains_key(&name)
            || registry.attrs.contains_key(&name)
            || registry.enums.contains_key(&name);
        if known || Kind::from_keyword(ident.as_str()).is_some() {
            return Err(self.error(ident, format!("'{}' is already defined", ident.as_str())));
        }
        Ok(name)
    }

    fn params_def(&mut self, rest: &[Pair<'_, Rule>], doc: String) -> Result<ParamsDef> {
        let name = self.declare(&rest[0])?;
        let mut def = ParamsDef {
            name,
            doc,
            params: vec![],
            traits: Traits::default(),
            verify: vec![],
            examples: vec![],
        };
        for pair in &rest[1..] {
            match pair.as_rule() {
                Rule::params => {
                    self.distinct(pair.clone().into_inner().filter_map(|param| param.into_inner().next()))?;
                    for param in pair.clone().into_inner() {
                        def.params.push(self.param(param)?);
                    }
                }
                _ => {
                    for clause in pair.clone().into_inner() {
                        match clause.as_rule() {
                            Rule::doc => def.doc = self.clause_doc(&clause),
                            Rule::traits => def.traits = self.traits(clause)?,
                            Rule::verify => {
                                let of_param = |p: &ParamDef| (p.name.clone(), Meaning::Attr(p.kind.clone()));
                                let names: Vec<_> = def.params.iter().map(of_param).collect();
                                def.verify = self.checks(clause, &names)?;
                            }
                            Rule::example => {
                                def.examples.extend(clause.into_inner().map(|text| string_of(&text)));
                            }
                            _ => {
                                return Err(self.error(
                                    &clause,
                                    "a type or attribute takes doc, traits, verify and example",
                                ));
                            }
                        }
                    }
                }
            }
        }
        Ok(def)
    }

    fn clause_doc(&self, clause: &Pair<'_, Rule>) -> String {
        clause.clone().into_inner().next().map_or_else(String::new, |s| string_of(&s))
    }

    fn param(&mut self, pair: Pair<'_, Rule>) -> Result<ParamDef> {
        let mut inner = pair.into_inner();
        // Grammar: ident kinds optional? default?
        let (Some(name), Some(kinds)) = (inner.next(), inner.next()) else { unreachable!("grammar") };
        let kind = self.kinds(&kinds)?;
        let mut def = ParamDef {
            name: name.as_str().to_owned(),
            sym: self.registry.prototype.sym(name.as_str()),
            kind,
            optional: false,
            default: None,
        };
        for part in inner {
            match part.as_rule() {
                Rule::optional => def.optional = true,
                _ => {
                    let Some(expr) = part.clone().into_inner().next() else { continue };
                    def.default = Some(self.default_value(&part, parse_expr_pair(expr), &def.kind)?);
                }
            }
        }
        Ok(def)
    }

    fn default_value(&mut self, pair: &Pair<'_, Rule>, expr: Expr, kind: &Kind) -> Result<Attr> {
        let value = match (expr, kind) {
            (Expr::Name(word, _), Kind::Enum(_)) => Val::Str(word),
            (Expr::Name(word, _), _) => return Err(self.error(pair, format!("'{word}' is not a value"))),
            (expr, _) => {
                // A constant needs no loaded op.
                let ir = Ir::new(Context::default());
                let value = self.registry.with_env(&ir, &[], |env| env.eval(&expr));
                value.map_err(|e| self.error(pair, e.to_string()))?
            }
        };
        let value = match (value, kind) {
            (Val::Int(i), Kind::Float) => Val::Float(i as f64),
            (value, _) => value,
        };
        let attr = value.to_attr(&mut self.registry.prototype).unwrap_or(Attr::NONE);
        if !attr.is_none() && !kind.admits_attr(self.registry, &self.registry.prototype, attr) {
            return Err(self.error(pair, format!("the default is not {}", kind.describe())));
        }
        Ok(attr)
    }

    fn kinds(&self, pair: &Pair<'_, Rule>) -> Result<Kind> {
        let mut kinds = Vec::new();
        for kind in pair.clone().into_inner() {
            kinds.push(self.kind(&kind)?);
        }
        Ok(if kinds.len() == 1 { kinds.remove(0) } else { Kind::OneOf(kinds) })
    }

    fn kind(&self, pair: &Pair<'_, Rule>) -> Result<Kind> {
        let word = pair.as_str();
        if let Some(kind) = Kind::from_keyword(word) {
            return Ok(kind);
        }
        let full = if word.contains('.') { word.to_owned() } else { format!("{}.{word}", self.dialect) };
        let registry = &self.registry;
        if registry.enums.contains_key(&full) {
            return Ok(Kind::Enum(full));
        }
        if registry.types.contains_key(&full) || registry.attrs.contains_key(&full) {
            return Ok(Kind::Declared(full));
        }
        let prefix = format!("{}.", self.dialect);
        let own = registry.types.keys().chain(registry.attrs.keys()).chain(registry.enums.keys());
        let own = own.map(|name| name.strip_prefix(&prefix).unwrap_or(name));
        Err(self.unknown(pair, "kind", own.chain(Kind::KEYWORDS)))
    }

    fn traits(&self, clause: Pair<'_, Rule>) -> Result<Traits> {
        let mut traits = Traits::default();
        for word in clause.into_inner() {
            match Traits::ALL.iter().find(|(name, _)| *name == word.as_str()) {
                Some((_, value)) => traits = traits.with(*value),
                None => return Err(self.unknown(&word, "trait", Traits::ALL.iter().map(|(name, _)| *name))),
            }
        }
        Ok(traits)
    }

    fn expr(&self, pair: Pair<'_, Rule>, names: &Names) -> Result<Expr> {
        let (offset, text) = (pair.start(), pair.as_str());
        let none = std::collections::BTreeMap::new();
        let mut scope = Scope::new(self.registry, self.source, &none);
        let mut expr = scope.resolved(parse_expr_pair(pair))?;
        // Slots are positions in the list: two of one name would shift them.
        let position = |name: &str| names.iter().position(|(known, _)| known == name);
        expr.bind(&position).map_err(|(name, at)| {
            let error =
                self.error_at(at, name.len(), format!("'{name}' names no operand, result or attribute"));
            // A short name is near to every other one.
            match did_you_mean(
                &name,
                names.iter().filter(|_| name.len() > 1).map(|(known, _)| known.as_str()),
            ) {
                Some(near) => error.help(format!("did you mean '{near}'?")),
                None => error,
            }
        })?;
        scope.slots = names
            .iter()
            .map(|(_, meaning)| crate::schema::scope::Slot { meaning: meaning.clone(), bound: true })
            .collect();
        scope.kind_of(&expr).map_err(|(why, help)| {
            let error =
                self.error_at(offset, text.lines().next().map_or(1, |line| line.trim_end().len()), why);
            match help {
                Some(help) => error.help(help),
                None => error,
            }
        })?;
        Ok(expr)
    }

    fn checks(&self, clause: Pair<'_, Rule>, names: &Names) -> Result<Vec<Check>> {
        let mut checks = Vec::new();
        for check in clause.into_inner() {
            let mut inner = check.into_inner();
            let Some(expr) = inner.next() else { continue };
            let source = expr.as_str().trim().to_owned();
            let otherwise = inner.next().map(|text| string_of(&text));
            checks.push(Check { expr: self.expr(expr, names)?, source, otherwise });
        }
        Ok(checks)
    }

    fn operands(&self, pair: Pair<'_, Rule>) -> Result<Vec<OperandDef>> {
        let mut defs: Vec<OperandDef> = Vec::new();
        for operand in pair.clone().into_inner() {
            let mut inner = operand.clone().into_inner();
            let (Some(name), Some(kinds)) = (inner.next(), inner.next()) else { unreachable!("grammar") };
            let repeat = match inner.next().map(|p| p.as_rule()) {
                Some(Rule::variadic) => Repeat::Variadic,
                Some(_) => Repeat::Optional,
                None => Repeat::One,
            };
            defs.push(OperandDef { name: name.as_str().to_owned(), kind: self.kinds(&kinds)?, repeat });
        }
        let variadic = defs.iter().filter(|d| d.repeat == Repeat::Variadic).count();
        if variadic > 1 || variadic == 1 && defs.iter().any(|d| d.repeat == Repeat::Optional) {
            return Err(self.error(&pair, "only one operand may be variadic, and then none optional"));
        }
        Ok(defs)
    }

    fn op_def(&mut self, rest: &[Pair<'_, Rule>], doc: String) -> Result<()> {
        let name = rest[0].as_str();
        if name.split('.').next() != Some(self.dialect.as_str()) {
            let text = format!("op '{name}' must be named '{}.…'", self.dialect);
            return Err(self.error(&rest[0], text));
        }
        if self.registry.op_def_named(name).is_some() {
            return Err(self.error(&rest[0], format!("op '{name}' is already defined")));
        }
        let mut def = OpDef {
            op: OpName::NONE,
            name: name.to_owned(),
            doc,
            operands: Vec::new(),
            results: Vec::new(),
            attrs: Vec::new(),
            regions: Vec::new(),
            successors: Vec::new(),
            traits: Traits::default(),
            stages: Stages::ANY,
            verify: Vec::new(),
            infer: Infer::None,
            cost: None,
            bound: None,
            format: None,
            native: Vec::new(),
            kernel: None,
            infers_in_text: false,
            extent: Extent::ONE,
            keyword: None,
        };
        let mut lists = 0;
        let mut clauses: Vec<Pair<'_, Rule>> = Vec::new();
        for pair in &rest[1..] {
            if pair.as_rule() == Rule::body {
                clauses.extend(pair.clone().into_inner());
            } else {
                let list = self.operands(pair.clone())?;
                if lists == 0 {
                    def.operands = list
                } else {
                    def.results = list
                }
                lists += 1;
            }
        }
        self.distinct(clauses_names(rest, &clauses))?;
        // Attributes and regions first: expressions and formats name them.
        let is_first = |clause: &Pair<'_, Rule>| {
            matches!(clause.as_rule(), Rule::attrs | Rule::regions | Rule::successors)
        };
        let (first, then): (Vec<_>, Vec<_>) = clauses.into_iter().partition(is_first);
        for clause in first {
            self.clause(&mut def, clause, &[])?;
        }
        let names = names_of(&def);
        let format = then.iter().find(|clause| clause.as_rule() == Rule::format).cloned();
        for clause in then {
            self.clause(&mut def, clause, &names)?;
        }
        if let (Some(clause), Some(format)) = (format, &def.format) {
            let infers = check_complete(self.registry, &def, format);
            def.infers_in_text = infers.map_err(|why| self.error(&clause, why))?;
        }
        self.enter(def);
        Ok(())
    }

    /// Enters a clause into `def`; `names` are those in its expressions.
    fn clause(&mut self, def: &mut OpDef, clause: Pair<'_, Rule>, names: &Names) -> Result<()> {
        match clause.as_rule() {
            Rule::doc => def.doc = self.clause_doc(&clause),
            Rule::example => return Err(self.error(&clause, "only a type or attribute has examples")),
            Rule::traits => def.traits = self.traits(clause)?,
            Rule::attrs => {
                for param in clause.into_inner() {
                    def.attrs.push(self.param(param)?);
                }
            }
            Rule::regions => def.regions = clause.into_inner().map(|r| r.as_str().to_owned()).collect(),
            Rule::successors => def.successors = clause.into_inner().map(|r| r.as_str().to_owned()).collect(),
            Rule::stages => {
                let mut bits = 0;
                for word in clause.into_inner() {
                    match self.registry.stage(word.as_str()) {
                        Some(stage) => bits |= 1 << stage,
                        None => {
                            let stages = self.registry.stages.iter().map(String::as_str);
                            return Err(self.unknown(&word, "stage", stages));
                        }
                    }
                }
                def.stages = Stages(bits);
            }
            Rule::verify => def.verify.extend(self.checks(clause, names)?),
            Rule::infer => def.infer = self.infer(def, clause, names)?,
            Rule::cost => {
                let mut cost = CostDef { class: String::new(), level: None, times: None };
                for part in clause.into_inner() {
                    let rule = part.as_rule();
                    if rule == Rule::ident {
                        cost.class = part.as_str().to_owned();
                        continue;
                    }
                    let Some(expr) = part.into_inner().next() else { continue };
                    let expr = self.expr(expr, names)?;
                    if rule == Rule::level { cost.level = Some(expr) } else { cost.times = Some(expr) }
                }
                def.cost = Some(cost);
            }
            Rule::bound => {
                // Here a name stands for the bound of that operand.
                let bound = |(name, meaning): &(String, Meaning)| match meaning {
                    Meaning::Value(_) => (name.clone(), Meaning::Attr(Kind::Number)),
                    Meaning::Values(_) => (name.clone(), Meaning::Attr(Kind::Any)),
                    other => (name.clone(), other.clone()),
                };
                let names: Vec<_> = names.iter().map(bound).collect();
                if let Some(expr) = clause.into_inner().next() {
                    def.bound = Some(self.expr(expr, &names)?);
                }
            }
            Rule::format => {
                let Some(text) = clause.into_inner().next() else { return Ok(()) };
                let offset = text.start() + 1;
                let format = parse_format(def, &string_of(&text));
                def.format =
                    Some(format.map_err(|(at, length, why)| self.error_at(offset + at, length, why))?);
            }
            Rule::native => {
                for word in clause.into_inner() {
                    if !["verify", "infer"].contains(&word.as_str()) {
                        return Err(self.unknown(&word, "native hook", ["verify", "infer"]));
                    }
                    if word.as_str() == "infer" {
                        def.infer = Infer::Native;
                    }
                    def.native.push(word.as_str().to_owned());
                }
            }
            Rule::keyword => {
                let word = clause.clone().into_inner().next().map_or("", |word| word.as_str()).to_owned();
                // At the top level ops of the top op's dialect go without its name.
                let top_dialect = self.registry.top_op.split('.').next().unwrap_or_default();
                let top_level = self.registry.op_def_named(&format!("{top_dialect}.{word}"));
                let taken = self.registry.keywords.get(&word).or(top_level.map(|def| &def.name));
                if let Some(other) = taken {
                    return Err(self.error(&clause, format!("'{word}' stands for '{other}' already")));
                }
                self.registry.keywords.insert(word.clone(), def.name.clone());
                def.keyword = Some(word);
            }
            Rule::kernel => {
                let Some(inner) = clause.clone().into_inner().next() else { return Ok(()) };
                let mut parts = Vec::new();
                def.kernel = Some(match inner.as_rule() {
                    Rule::dotted => {
                        let name = self.reduced_op(&inner)?;
                        parts.extend(self.registry.op_def_named(&name).map(|def| def.extent));
                        KernelDef::Reduce(name)
                    }
                    _ => {
                        let composition = self.composition(def, inner)?;
                        let builds = composition.builds();
                        builds.for_each(|build| Extent::parts_of(self.registry, build, &mut parts));
                        KernelDef::Compose(composition)
                    }
                });
                def.extent = Extent::of_kernel(parts.into_iter());
                def.extent.check().map_err(|why| self.error(&clause, why))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The op of `kernel reduce`: it takes two operands and has one result.
    fn reduced_op(&self, pair: &Pair<'_, Rule>) -> Result<String> {
        let name = pair.as_str();
        match self.registry.op_def_named(name) {
            Some(def) if def.operands.len() == 2 && def.results.len() == 1 => Ok(name.to_owned()),
            Some(_) => Err(self.error(pair, format!("'{name}' does not take two operands to one result"))),
            None => Err(self.unknown(pair, "op", self.registry.op_defs().map(|def| def.name.as_str()))),
        }
    }

    /// The ops of `kernel { … }`.
    fn composition(&self, def: &OpDef, pair: Pair<'_, Rule>) -> Result<Composition> {
        let none = std::collections::BTreeMap::new();
        let mut scope = Scope::new(self.registry, self.source, &none);
        for operand in &def.operands {
            let meaning = match operand.repeat {
                Repeat::Variadic => Meaning::Values(operand.kind.clone()),
                _ => Meaning::Value(operand.kind.clone()),
            };
            scope.bind(&format!("%{}", operand.name), meaning);
        }
        for attr in &def.attrs {
            scope.bind(&format!("${}", attr.name), Meaning::Attr(attr.kind.clone()));
        }
        let end = self.error(&pair, format!("the kernel must yield {}", counted(def.results.len(), "value")));
        let mut steps = Vec::new();
        let mut yields = Vec::new();
        for part in pair.into_inner() {
            let rule = part.as_rule();
            let (offset, mut inner) = (part.start(), part.into_inner().peekable());
            if rule == Rule::kernel_yield {
                let Some(value) = inner.next() else { unreachable!("grammar") };
                yields.push(match value.as_rule() {
                    Rule::build => {
                        let build = scope.build(value)?;
                        let slot = scope.bind(&format!("%<{}>", yields.len()), Meaning::Value(Kind::Any));
                        let mut slots = vec![None; build.results];
                        slots[build.result] = Some(slot);
                        steps.push(Step { slots, build });
                        slot
                    }
                    _ => scope.use_name(value.as_str(), value.start())?,
                });
                continue;
            }
            let mut written = Vec::new();
            while let Some(name) = inner.next_if(|part| part.as_rule() == Rule::name) {
                written.push((name.as_str(), name.start()));
            }
            let Some(build) = inner.next() else { unreachable!("grammar") };
            let build = scope.build(build)?;
            if written.len() != build.results {
                let text =
                    format!("{} for {}", counted(written.len(), "name"), counted(build.results, "result"));
                return Err(scope.error_at(offset, written.first().map_or("", |name| name.0), text));
            }
            let results = self.registry.op_def(build.op).map_or(&[][..], |def| def.results.as_slice());
            let mut slots = Vec::new();
            for ((name, offset), result) in written.into_iter().zip(results) {
                if scope.names.contains_key(name) {
                    return Err(scope.error_at(offset, name, format!("'{name}' is bound twice")));
                }
                slots.push(Some(scope.bind(name, Meaning::Value(result.kind.clone()))));
            }
            steps.push(Step { slots, build });
        }
        if yields.len() != def.results.len() {
            return Err(end);
        }
        Ok(Composition { slots: scope.slots.len(), steps, yields })
    }

    fn infer(&self, def: &OpDef, clause: Pair<'_, Rule>, names: &Names) -> Result<Infer> {
        let [result] = def.results.as_slice() else {
            return Err(self.error(&clause, "infer needs exactly one result"));
        };
        let mut values = Vec::new();
        for assignment in clause.clone().into_inner() {
            let mut inner = assignment.into_inner();
            let (Some(target), Some(expr)) = (inner.next(), inner.next()) else { unreachable!("grammar") };
            let expr = self.expr(expr, names)?;
            if target.as_str() == result.name {
                return Ok(Infer::Type(expr));
            }
            let Kind::Declared(ty) = &result.kind else {
                return Err(self.error(&target, format!("write 'infer {} = type(…)'", result.name)));
            };
            match self.registry.param_index(ty, target.as_str()) {
                Some(index) => values.push((index, expr)),
                None => {
                    let params = self.registry.type_def(ty).map_or(&[][..], |def| def.params.as_slice());
                    let names = params.iter().map(|p| p.name.as_str());
                    return Err(self.unknown(&target, &format!("parameter of {ty}"), names));
                }
            }
        }
        let Kind::Declared(ty) = &result.kind else { return Ok(Infer::None) };
        Ok(Infer::Params { ty: ty.clone(), values })
    }

    fn enter(&mut self, mut def: OpDef) {
        let inherent = def.attrs.iter().map(|attr: &AttrDef| attr.sym).collect();
        let op = self.registry.prototype.op_name(&def.name);
        let info = self.registry.prototype.op_info_mut(op);
        info.registered = true;
        info.traits = def.traits;
        info.stages = def.stages;
        info.inherent = inherent;
        def.op = op;
        if self.registry.ops.len() <= op.index() {
            self.registry.ops.resize(op.index() + 1, None);
        }
        self.registry.ops[op.index()] = Some(def);
    }
}
