//! Ops that rules and kernels build: from their text, and into the IR.

use pest::RuleType;
use rustc_hash::FxHashMap;

use super::constraint::Kind;
use super::defs::{Infer, OpDef, Repeat};
use super::infer::infer_results;
use super::registry::Registry;
use super::scope::{Meaning, Scope};
use crate::expr::{Expr, Pair, Val, number_of, parse_expr_pair};
use crate::ir::{Attr, BlockId, Dict, Ir, Loc, OpId, OpName, Sym, Type, ValueId};
use crate::support::{Diagnostic, counted, did_you_mean};

/// The grammar rules of `build.pest`, whatever grammar they were included in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Name,
    Spread,
    Build,
    Argument,
    AttrSets,
    Moves,
    ResultIndex,
    WrittenTypes,
    Other,
}

/// A grammar that includes `build.pest`.
pub(crate) trait BuildGrammar: RuleType {
    /// Which of its rules this is.
    fn part(self) -> Part;
}

/// Says of the rules that pest makes of a grammar with `build.pest` which part each is.
macro_rules! build_grammar {
    ($rule:ty) => {
        impl $crate::schema::BuildGrammar for $rule {
            fn part(self) -> $crate::schema::Part {
                match self {
                    <$rule>::name => $crate::schema::Part::Name,
                    <$rule>::spread => $crate::schema::Part::Spread,
                    <$rule>::build => $crate::schema::Part::Build,
                    <$rule>::argument => $crate::schema::Part::Argument,
                    <$rule>::attr_sets => $crate::schema::Part::AttrSets,
                    <$rule>::moves => $crate::schema::Part::Moves,
                    <$rule>::result_index => $crate::schema::Part::ResultIndex,
                    <$rule>::written_types => $crate::schema::Part::WrittenTypes,
                    _ => $crate::schema::Part::Other,
                }
            }
        }
    };
}
pub(crate) use build_grammar;

/// An op to build.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    pub op: OpName,
    /// Number of results.
    pub results: usize,
    /// Which result stands for the op where it is an operand.
    pub result: usize,
    pub args: Vec<Argument>,
    pub attrs: Vec<BuildAttr>,
    /// Slots of the regions that are moved into it.
    pub regions: Vec<usize>,
    pub types: Types,
    /// Byte offset of the op's name.
    pub offset: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Argument {
    Slot(usize),
    Spread(usize),
    Build(Build),
}

#[derive(Clone, Debug)]
pub(crate) struct BuildAttr {
    pub name: Sym,
    /// Whether whole numbers become floats.
    pub float: bool,
    /// Whether it must have a value.
    pub required: bool,
    pub value: Expr,
}

/// Where the result types come from.
#[derive(Clone, Debug)]
pub(crate) enum Types {
    /// They are written.
    Written(Vec<Expr>),
    /// The only result has the type of an operand.
    SameAs(usize),
    /// The schema infers them, from operand types and attributes alone.
    Inferred,
    /// The schema infers them, and may look further.
    Native,
}

type Result<T> = std::result::Result<T, Diagnostic>;

impl Scope<'_> {
    pub fn op_def(&self, name: &str, offset: usize) -> Result<&OpDef> {
        if let Some(def) = self.registry.op_def_named(name) {
            return Ok(def);
        }
        let error = self.error_at(offset, name, format!("unknown op '{name}'"));
        let names = self.registry.op_defs().map(|def| def.name.as_str());
        Err(match did_you_mean(name, names) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    pub fn attr_index(&self, def: &OpDef, name: &str, offset: usize) -> Result<usize> {
        if let Some(index) = def.attrs.iter().position(|attr| attr.name == name) {
            return Ok(index);
        }
        let error = self.error_at(offset, name, format!("'{}' has no attribute '{name}'", def.name));
        Err(match did_you_mean(name, def.attrs.iter().map(|attr| attr.name.as_str())) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error,
        })
    }

    /// Whether `count` operands (any number more if `open`) fit the op.
    pub fn check_operand_count(&self, def: &OpDef, count: usize, open: bool, offset: usize) -> Result<()> {
        let required = def.operands.iter().filter(|operand| operand.repeat == Repeat::One).count();
        let variadic = def.operands.iter().any(|operand| operand.repeat == Repeat::Variadic);
        let fits = if open {
            count <= def.operands.len() || variadic
        } else {
            OpDef::split(&def.operands, count).is_some()
        };
        if fits {
            return Ok(());
        }
        let expected = match (variadic, required == def.operands.len()) {
            (true, _) => format!("at least {}", counted(required, "operand")),
            (_, true) => counted(required, "operand"),
            _ => format!("{required} to {} operands", def.operands.len()),
        };
        Err(self.error_at(offset, &def.name, format!("'{}' takes {expected}, not {count}", def.name)))
    }

    /// Loads an op to build.
    pub fn build<R: BuildGrammar>(&mut self, pair: Pair<'_, R>) -> Result<Build> {
        let mut inner = pair.into_inner();
        let Some(op) = inner.next() else { unreachable!("grammar") };
        let (name, offset) = (op.as_str(), op.start());
        let def = self.op_def(name, offset)?.clone();
        let mut build = Build {
            op: def.op,
            results: def.results.len(),
            result: 0,
            args: Vec::new(),
            attrs: Vec::new(),
            regions: Vec::new(),
            types: Types::Native,
            offset,
        };
        let mut open = false;
        let mut written = Vec::new();
        for part in inner {
            match part.as_rule().part() {
                Part::Argument => {
                    let argument = self.argument(part)?;
                    open |= matches!(argument, Argument::Spread(_));
                    build.args.push(argument);
                }
                Part::AttrSets => {
                    for set in part.into_inner() {
                        let attr = self.attr_set(&def, set)?;
                        if build.attrs.iter().any(|known| known.name == attr.name) {
                            let text = format!("an attribute of '{name}' is set twice");
                            return Err(self.error_at(offset, name, text));
                        }
                        build.attrs.push(attr);
                    }
                }
                Part::Moves => {
                    for region in part.into_inner() {
                        let slot = self.use_name(region.as_str(), region.start())?;
                        build.regions.push(slot);
                    }
                }
                Part::ResultIndex => build.result = self.result_index(part, &def)?,
                _ => {
                    for expr in part.into_inner() {
                        let (at, text) = (expr.start(), expr.as_str());
                        written.push(self.checked(parse_expr_pair(expr), at, text)?);
                    }
                }
            }
        }
        self.check_operand_count(&def, build.args.len() - usize::from(open), open, offset)?;
        self.check_operand_kinds(&def, &build)?;
        if build.regions.len() != def.regions.len() {
            let (wanted, found) = (def.regions.len(), build.regions.len());
            let text = format!("'{name}' has {}, but {found} are moved into it", counted(wanted, "region"));
            return Err(self.error_at(offset, name, text).help("move one in: op(%x) (^body)"));
        }
        for attr in def.attrs.iter().filter(|attr| !attr.optional && attr.default.is_none()) {
            if !build.attrs.iter().any(|set| set.name == attr.sym) {
                let text = format!("'{name}' needs the attribute '{}'", attr.name);
                return Err(self.error_at(offset, name, text));
            }
        }
        build.types = self.types(&def, &build, written)?;
        Ok(build)
    }

    /// No operand is of a kind that its place excludes. In a conversion values become something else first.
    fn check_operand_kinds(&self, def: &OpDef, build: &Build) -> Result<()> {
        if self.converts || build.args.iter().any(|arg| matches!(arg, Argument::Spread(_))) {
            return Ok(());
        }
        let ranges = OpDef::split(&def.operands, build.args.len()).unwrap_or_default();
        for (operand, range) in def.operands.iter().zip(ranges) {
            for (number, arg) in build.args[range.clone()].iter().enumerate() {
                let kind = match arg {
                    Argument::Slot(slot) => match &self.slots[*slot].meaning {
                        Meaning::Value(kind) => Some(kind),
                        _ => None,
                    },
                    Argument::Build(inner) => {
                        let inner_def = self.registry.op_def(inner.op);
                        inner_def.and_then(|def| def.results.get(inner.result)).map(|result| &result.kind)
                    }
                    Argument::Spread(_) => None,
                };
                if let Some(kind) = kind.filter(|kind| kind.excludes(&operand.kind)) {
                    let (place, wanted) = (range.start + number, operand.kind.describe());
                    let text =
                        format!("operand {place} of '{}' is {wanted}, not {}", def.name, kind.describe());
                    return Err(self.error_at(build.offset, &def.name, text));
                }
            }
        }
        Ok(())
    }

    fn argument<R: BuildGrammar>(&mut self, pair: Pair<'_, R>) -> Result<Argument> {
        let Some(inner) = pair.into_inner().next() else { unreachable!("grammar") };
        let offset = inner.start();
        Ok(match inner.as_rule().part() {
            Part::Spread => {
                let Some(name) = inner.into_inner().next() else { unreachable!("grammar") };
                Argument::Spread(self.use_name(name.as_str(), offset)?)
            }
            Part::Build => Argument::Build(self.build(inner)?),
            _ => {
                let slot = self.use_name(inner.as_str(), offset)?;
                match self.slots[slot].meaning {
                    Meaning::Value(_) => Argument::Slot(slot),
                    Meaning::Values(_) => {
                        let text = format!("'{}' is a list of values", inner.as_str());
                        let help = format!("write '{}...'", inner.as_str());
                        return Err(self.error_at(offset, inner.as_str(), text).help(help));
                    }
                    _ => {
                        let text = format!("'{}' is not a value", inner.as_str());
                        return Err(self.error_at(offset, inner.as_str(), text));
                    }
                }
            }
        })
    }

    fn attr_set<R: BuildGrammar>(&mut self, def: &OpDef, pair: Pair<'_, R>) -> Result<BuildAttr> {
        let mut parts = pair.into_inner();
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { unreachable!("grammar") };
        let index = self.attr_index(def, name.as_str(), name.start())?;
        let attr = &def.attrs[index];
        let (at, text) = (value.start(), value.as_str().trim_end().to_owned());
        let value = self.of_kind(parse_expr_pair(value), &attr.kind)?;
        let value = self.checked(value, at, &text)?;
        let (wanted, found) = (super::scope::value_kind(&attr.kind), self.kind_of(&value));
        if let Ok(found) = found
            && !wanted.admits(found)
            && !(wanted == crate::expr::ValueKind::Type && found == crate::expr::ValueKind::Value)
        {
            let text_of =
                format!("'{}' must be {}, not {}", attr.name, attr.kind.describe(), found.described());
            return Err(self.error_at(at, &text, text_of));
        }
        if let (Kind::Int | Kind::Index, Some(number)) = (&attr.kind, number_of(&value))
            && number.fract() != 0.0
        {
            let text_of = format!("'{}' must be {}, not {text}", attr.name, attr.kind.describe());
            return Err(self.error_at(at, &text, text_of));
        }
        let required = !attr.optional && attr.default.is_none();
        Ok(BuildAttr { name: attr.sym, float: attr.kind == Kind::Float, required, value })
    }

    /// `#1`, where the op has that result.
    pub fn result_index<R: BuildGrammar>(&self, pair: Pair<'_, R>, def: &OpDef) -> Result<usize> {
        let (offset, text) = (pair.start(), pair.as_str().to_owned());
        let number = pair.into_inner().next().and_then(|number| number.as_str().parse::<usize>().ok());
        let many = def.results.iter().any(|result| result.repeat == Repeat::Variadic);
        match number {
            Some(number) if number < def.results.len() || many => Ok(number),
            _ => {
                let message = format!("'{}' has {}", def.name, counted(def.results.len(), "result"));
                Err(self.error_at(offset, &text, message))
            }
        }
    }

    fn types(&self, def: &OpDef, build: &Build, written: Vec<Expr>) -> Result<Types> {
        let fail = |text: String| Err(self.error_at(build.offset, &def.name, text));
        if !written.is_empty() {
            if written.len() != def.results.len() {
                let (found, wanted) = (written.len(), def.results.len());
                return fail(format!(
                    "'{}' has {}, but {found} types are written",
                    def.name,
                    counted(wanted, "result")
                ));
            }
            return Ok(Types::Written(written));
        }
        let functions = &self.registry.functions;
        let looks_at_uses = |expr: &Expr| {
            let mut found = false;
            expr.visit(&mut |part| {
                found |= matches!(part, Expr::Apply(index, _) if matches!(functions.name_at(*index), "one_use" | "unused"));
            });
            found
        };
        let fixed = def.operands.iter().all(|operand| operand.repeat == Repeat::One);
        match &def.infer {
            Infer::Type(Expr::Apply(index, args)) if fixed && functions.name_at(*index) == "type" => {
                match args.as_slice() {
                    [Expr::Slot(slot)] if *slot < def.operands.len() => Ok(Types::SameAs(*slot)),
                    _ => Ok(Types::Native),
                }
            }
            Infer::Type(expr) if !looks_at_uses(expr) => Ok(Types::Inferred),
            Infer::Params { values, .. } if !values.iter().any(|(_, expr)| looks_at_uses(expr)) => {
                Ok(Types::Inferred)
            }
            Infer::None if !self.registry.is_inferable(def) => {
                let text = format!("the result type of '{}' cannot be inferred", def.name);
                Err(self.error_at(build.offset, &def.name, text).help("write it: op(…) : type(%x)"))
            }
            _ => Ok(Types::Native),
        }
    }
}

/// Why an op was not built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BuildError {
    /// An attribute or operand has no value.
    Value(String),
    /// The types do not follow.
    Type(String),
}

/// Where new ops go.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// Before an op
    Before(OpId),
    /// At the end of a block
    AtEnd(BlockId),
}

/// Most operands of an op whose inferred type is remembered.
const REMEMBERED_OPERANDS: usize = 3;

type TypeKey = (OpName, Dict, u8, [Type; REMEMBERED_OPERANDS]);

/// Builds ops; keeps its buffers, and the types that it has inferred.
#[derive(Default)]
pub(crate) struct OpBuilder {
    /// Ops that were built since the last [`Self::start`], in order.
    pub built: Vec<OpId>,
    /// Values that others take the place of where they are operands.
    pub converted: FxHashMap<ValueId, ValueId>,
    operands: Vec<ValueId>,
    props: Vec<(Sym, Attr)>,
    types: Vec<Type>,
    known: FxHashMap<TypeKey, Type>,
}

impl OpBuilder {
    /// What takes the place of a value.
    pub fn current(&self, mut value: ValueId) -> ValueId {
        // What was built may have been converted itself.
        while let Some(new) = self.converted.get(&value).filter(|new| **new != value) {
            value = *new;
        }
        value
    }

    /// Forgets what was built.
    pub fn start(&mut self) {
        self.built.clear();
    }

    /// Erases what was built since [`Self::start`].
    pub fn undo(&mut self, ir: &mut Ir) {
        while let Some(op) = self.built.pop() {
            ir.erase(op);
        }
    }

    /// Builds an op and the ops that are written as its operands. Regions are the caller's business.
    pub fn build(
        &mut self,
        registry: &Registry,
        ir: &mut Ir,
        build: &Build,
        slots: &[Val],
        place: Place,
        loc: Loc,
    ) -> std::result::Result<OpId, BuildError> {
        let base = self.operands.len();
        for arg in &build.args {
            if let Err(error) = self.push_argument(registry, ir, arg, slots, place, loc) {
                self.operands.truncate(base);
                return Err(error);
            }
        }
        let op = self.build_over(registry, ir, build, slots, base, loc);
        self.operands.truncate(base);
        let op = op?;
        match place {
            Place::Before(anchor) => ir.insert_before(anchor, op),
            Place::AtEnd(block) => ir.append_op(block, op),
        }
        self.built.push(op);
        Ok(op)
    }

    fn push_argument(
        &mut self,
        registry: &Registry,
        ir: &mut Ir,
        arg: &Argument,
        slots: &[Val],
        place: Place,
        loc: Loc,
    ) -> std::result::Result<(), BuildError> {
        match arg {
            Argument::Slot(slot) => match &slots[*slot] {
                Val::Value(value) => self.operands.push(self.current(*value)),
                Val::Null => {}
                _ => return Err(BuildError::Value("an operand is not a value".into())),
            },
            Argument::Spread(slot) => match &slots[*slot] {
                Val::List(items) => {
                    for item in items {
                        if let Val::Value(value) = item {
                            self.operands.push(self.current(*value));
                        }
                    }
                }
                Val::Value(value) => self.operands.push(self.current(*value)),
                _ => {}
            },
            Argument::Build(inner) => {
                let op = self.build(registry, ir, inner, slots, place, loc)?;
                self.operands.push(ir.result(op, inner.result));
            }
        }
        Ok(())
    }

    fn build_over(
        &mut self,
        registry: &Registry,
        ir: &mut Ir,
        build: &Build,
        slots: &[Val],
        base: usize,
        loc: Loc,
    ) -> std::result::Result<OpId, BuildError> {
        self.props.clear();
        for attr in &build.attrs {
            if let Some(value) = attr_value(registry, ir, attr, slots)? {
                self.props.push((attr.name, value));
            }
        }
        let props = ir.ctx.dict(&self.props);
        let operands = &self.operands[base..];
        self.types.clear();
        match &build.types {
            Types::SameAs(index) => self.types.push(ir.ty(operands[*index])),
            Types::Written(types) => {
                for expr in types {
                    self.types.push(written_type(registry, ir, expr, slots)?);
                }
            }
            Types::Inferred if operands.len() <= REMEMBERED_OPERANDS => {
                let mut key: TypeKey =
                    (build.op, props, operands.len() as u8, [Type::NONE; REMEMBERED_OPERANDS]);
                for (ty, operand) in key.3.iter_mut().zip(operands) {
                    *ty = ir.ty(*operand);
                }
                match self.known.get(&key) {
                    Some(ty) => self.types.push(*ty),
                    None => {
                        let ty = infer(registry, ir, build, operands, props, loc)?;
                        self.types.extend(&ty);
                        self.known.extend(ty.first().map(|ty| (key, *ty)));
                    }
                }
            }
            Types::Inferred | Types::Native => {
                self.types.extend(infer(registry, ir, build, operands, props, loc)?);
            }
        }
        Ok(ir.create_op(build.op, operands, &self.types, props, Dict::EMPTY, loc))
    }
}

fn attr_value(
    registry: &Registry,
    ir: &mut Ir,
    attr: &BuildAttr,
    slots: &[Val],
) -> std::result::Result<Option<Attr>, BuildError> {
    // An attribute that was bound is passed on as it is, type included.
    if let Expr::Slot(slot) = attr.value
        && let Val::Attr(value) = slots[slot]
    {
        return Ok(Some(value));
    }
    let value = registry.with_env(ir, slots, |env| env.eval(&attr.value));
    let value = match value.map_err(|why| BuildError::Value(why.to_string()))? {
        Val::Int(value) if attr.float => Val::Float(value as f64),
        Val::Value(value) => Val::Type(ir.ty(value)),
        value => value,
    };
    match value.to_attr(&mut ir.ctx).and_then(Attr::some) {
        None if attr.required => {
            Err(BuildError::Value(format!("the attribute '{}' has no value", ir.ctx.str(attr.name))))
        }
        value => Ok(value),
    }
}

fn written_type(
    registry: &Registry,
    ir: &mut Ir,
    expr: &Expr,
    slots: &[Val],
) -> std::result::Result<Type, BuildError> {
    let value = registry.with_env(ir, slots, |env| env.eval(expr));
    match value.map_err(|why| BuildError::Type(why.to_string()))? {
        Val::Value(value) => Ok(ir.ty(value)),
        value => {
            let ty = value.to_type(&mut ir.ctx);
            ty.ok_or_else(|| BuildError::Type("the written type is not a type".into()))
        }
    }
}

fn infer(
    registry: &Registry,
    ir: &mut Ir,
    build: &Build,
    operands: &[ValueId],
    props: Dict,
    loc: Loc,
) -> std::result::Result<Vec<Type>, BuildError> {
    let blank = vec![Type::NONE; build.results];
    let op = ir.create_op(build.op, operands, &blank, props, Dict::EMPTY, loc);
    let types = infer_results(registry, ir, op);
    ir.erase(op);
    match types {
        Ok(Some(types)) if types.len() == build.results => Ok(types),
        Ok(_) => Err(BuildError::Type("the result type cannot be inferred".into())),
        Err(error) => Err(BuildError::Type(error.message)),
    }
}
