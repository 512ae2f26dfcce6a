//! From pest pairs to expressions.

use super::tree::Pair;
use pest::RuleType;

/// A unary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// `-x`
    Neg,
    /// `!x`, `not x`
    Not,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the operator it is named after")]
pub enum Binary {
    Or,
    And,
    Eq,
    Ne,
    Le,
    Ge,
    Lt,
    Gt,
    Add,
    Sub,
    Mul,
    Div,
}

impl Binary {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Binary::Or => "||",
            Binary::And => "&&",
            Binary::Eq => "==",
            Binary::Ne => "!=",
            Binary::Le => "<=",
            Binary::Ge => ">=",
            Binary::Lt => "<",
            Binary::Gt => ">",
            Binary::Add => "+",
            Binary::Sub => "-",
            Binary::Mul => "*",
            Binary::Div => "/",
        }
    }

    fn precedence(self) -> u8 {
        match self {
            Binary::Or => 1,
            Binary::And => 2,
            Binary::Eq | Binary::Ne | Binary::Le | Binary::Ge | Binary::Lt | Binary::Gt => 3,
            Binary::Add | Binary::Sub => 4,
            Binary::Mul | Binary::Div => 5,
        }
    }
}

/// A declared type that an expression builds.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeLiteral {
    /// Full name, such as `ckks.ct`.
    pub name: String,
    /// Names of the parameters that are written, with their byte offsets; gone once they are resolved.
    pub written: Vec<(String, usize)>,
    /// Their values; once resolved one for each declared parameter, in its order.
    pub params: Vec<Expr>,
    /// Byte offset of the name.
    pub offset: usize,
}

/// An expression. Names are resolved to slots by whoever owns the scope.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// An integer
    Int(i64),
    /// A float
    Float(f64),
    /// A string
    Str(String),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// A name as written (with its sigil) and its byte offset; gone after [`Expr::bind`].
    Name(String, usize),
    /// A resolved name: position in the environment.
    Slot(usize),
    /// `x.level`
    Field(Box<Expr>, String),
    /// `f(x, y)` and its byte offset; gone after [`Expr::resolve_calls`].
    Call(String, Vec<Expr>, usize),
    /// A call of a registered function, by its position.
    Apply(usize, Vec<Expr>),
    /// `!ckks.ct<level = $l>`
    Type(Box<TypeLiteral>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `-x`
    Unary(Unary, Box<Expr>),
    /// `a + b`
    Binary(Binary, Box<[Expr; 2]>),
}

impl Expr {
    /// The expressions that this one is made of.
    pub fn children(&self) -> &[Expr] {
        match self {
            Expr::Field(inner, _) | Expr::Unary(_, inner) => std::slice::from_ref(inner),
            Expr::Call(_, args, _) | Expr::Apply(_, args) | Expr::List(args) => args,
            Expr::Type(literal) => &literal.params,
            Expr::Binary(_, sides) => sides.as_slice(),
            Expr::Int(_) | Expr::Float(_) | Expr::Str(_) | Expr::Bool(_) | Expr::Null => &[],
            Expr::Name(..) | Expr::Slot(_) => &[],
        }
    }

    /// The same, to change.
    pub fn children_mut(&mut self) -> &mut [Expr] {
        match self {
            Expr::Field(inner, _) | Expr::Unary(_, inner) => std::slice::from_mut(inner),
            Expr::Call(_, args, _) | Expr::Apply(_, args) | Expr::List(args) => args,
            Expr::Type(literal) => &mut literal.params,
            Expr::Binary(_, sides) => sides.as_mut_slice(),
            Expr::Int(_) | Expr::Float(_) | Expr::Str(_) | Expr::Bool(_) | Expr::Null => &mut [],
            Expr::Name(..) | Expr::Slot(_) => &mut [],
        }
    }

    /// Calls `visit` with the expression and everything in it, the outer one first.
    pub fn visit(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(self);
        self.children().iter().for_each(|child| child.visit(visit));
    }

    /// Calls `change` with everything in the expression and then with itself. The first error ends it.
    pub fn rewrite<E>(&mut self, change: &mut dyn FnMut(&mut Expr) -> Result<(), E>) -> Result<(), E> {
        for child in self.children_mut() {
            child.rewrite(change)?;
        }
        change(self)
    }

    /// How many expressions it is made of, itself among them.
    pub fn parts(&self) -> usize {
        1 + self.children().iter().map(Expr::parts).sum::<usize>()
    }

    /// Whether its value depends on nothing.
    pub fn is_constant(&self) -> bool {
        !matches!(self, Expr::Name(..) | Expr::Slot(_) | Expr::Call(..) | Expr::Apply(..) | Expr::Type(_))
            && self.children().iter().all(Expr::is_constant)
    }

    /// Replaces each name by the slot that `resolve` gives it. The error is the first name without one, with
    /// its byte offset.
    pub fn bind(&mut self, resolve: &dyn Fn(&str) -> Option<usize>) -> Result<(), (String, usize)> {
        self.rewrite(&mut |expr| {
            if let Expr::Name(name, offset) = expr {
                match resolve(name) {
                    Some(slot) => *expr = Expr::Slot(slot),
                    None => return Err((name.clone(), *offset)),
                }
            }
            Ok(())
        })
    }
}

/// The text of a `string` pair with its escapes resolved.
pub(crate) fn unescape(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => {}
            },
            c => text.push(c),
        }
    }
    text
}

/// The number that a constant expression is.
pub(crate) fn number_of(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Int(value) => Some(*value as f64),
        Expr::Float(value) => Some(*value),
        Expr::Unary(Unary::Neg, inner) => number_of(inner).map(|number| -number),
        _ => None,
    }
}

/// Most operators of one expression, and most fields of one name: what is parsed in a loop is walked by recursion.
const MAX_LENGTH: usize = 1000;

/// Refuses expressions that are too long. `is_expr` says which rules of the grammar are expressions or names with
/// fields. The error is the byte offset and the reason.
pub(crate) fn check_lengths<R: RuleType>(
    pairs: &pest::iterators::Pairs<'_, R>,
    is_expr: fn(R) -> bool,
) -> Result<(), (usize, String)> {
    for pair in pairs.clone().flatten().filter(|pair| is_expr(pair.as_rule())) {
        if let Some(part) = pair.into_inner().nth(2 * MAX_LENGTH) {
            let text = format!("an expression has at most {MAX_LENGTH} operators or fields in a row");
            return Err((part.as_span().start(), text));
        }
    }
    Ok(())
}

/// Builds the expression of an `expr` pair, whatever grammar it was included in.
pub fn parse_expr_pair<R: RuleType>(pair: Pair<'_, R>) -> Expr {
    let mut output: Vec<Expr> = Vec::new();
    let mut operators: Vec<Pending> = Vec::new();
    let mut wants_operand = true;
    for token in pair.into_inner() {
        // Only an operand has parts.
        match token.as_str() {
            _ if token.clone().into_inner().next().is_some() => {
                output.push(postfixed(token));
                wants_operand = false;
            }
            "-" if wants_operand => operators.push(Pending::Unary(Unary::Neg)),
            _ if wants_operand => operators.push(Pending::Unary(Unary::Not)),
            text => {
                let operator = binary(text);
                reduce_while(&mut output, &mut operators, operator.precedence());
                operators.push(Pending::Binary(operator));
                wants_operand = true;
            }
        }
    }
    reduce_while(&mut output, &mut operators, 0);
    output.pop().unwrap_or(Expr::Null)
}

#[derive(Clone, Copy)]
enum Pending {
    Unary(Unary),
    Binary(Binary),
}

fn reduce_while(output: &mut Vec<Expr>, operators: &mut Vec<Pending>, precedence: u8) {
    while let Some(top) = operators.last().copied() {
        let binds = match top {
            Pending::Unary(_) => 9,
            Pending::Binary(operator) => operator.precedence(),
        };
        if binds < precedence {
            return;
        }
        operators.pop();
        let right = Box::new(output.pop().unwrap_or(Expr::Null));
        let reduced = match top {
            Pending::Unary(operator) => Expr::Unary(operator, right),
            Pending::Binary(operator) => {
                Expr::Binary(operator, Box::new([output.pop().unwrap_or(Expr::Null), *right]))
            }
        };
        output.push(reduced);
    }
}

fn binary(text: &str) -> Binary {
    match text {
        "||" => Binary::Or,
        "&&" => Binary::And,
        "==" => Binary::Eq,
        "!=" => Binary::Ne,
        "<=" => Binary::Le,
        ">=" => Binary::Ge,
        "<" => Binary::Lt,
        ">" => Binary::Gt,
        "+" => Binary::Add,
        "-" => Binary::Sub,
        "*" => Binary::Mul,
        _ => Binary::Div,
    }
}

fn postfixed<R: RuleType>(pair: Pair<'_, R>) -> Expr {
    let mut inner = pair.into_inner();
    let Some(first) = inner.next() else { return Expr::Null };
    let base = primary(first);
    inner.fold(base, |base, field| Expr::Field(Box::new(base), field.as_str().to_owned()))
}

fn primary<R: RuleType>(pair: Pair<'_, R>) -> Expr {
    let offset = pair.start();
    let text = pair.as_str();
    match text.as_bytes().first() {
        Some(b'0'..=b'9') if text.contains('.') => Expr::Float(text.parse().unwrap_or(f64::NAN)),
        Some(b'0'..=b'9') => text.parse().map_or(Expr::Float(f64::MAX), Expr::Int),
        Some(b'!') => type_literal(pair),
        Some(b'"') => Expr::Str(pair.into_inner().next().map_or_else(String::new, |b| unescape(b.as_str()))),
        Some(b'[') => Expr::List(pair.into_inner().map(parse_expr_pair).collect()),
        Some(b'(') => pair.into_inner().next().map_or(Expr::Null, parse_expr_pair),
        _ if text.ends_with(')') => {
            let mut inner = pair.into_inner();
            let name = inner.next().map_or("", |n| n.as_str()).to_owned();
            Expr::Call(name, inner.map(parse_expr_pair).collect(), offset)
        }
        _ => match text {
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "null" => Expr::Null,
            name => Expr::Name(name.to_owned(), offset),
        },
    }
}

/// `!name<parameter = value, …>`
fn type_literal<R: RuleType>(pair: Pair<'_, R>) -> Expr {
    let offset = pair.start() + 1;
    let mut inner = pair.into_inner();
    let name = inner.next().map_or("", |name| name.as_str()).to_owned();
    let mut literal = TypeLiteral { name, written: Vec::new(), params: Vec::new(), offset };
    for param in inner {
        let mut parts = param.into_inner();
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        literal.written.push((name.as_str().to_owned(), name.start()));
        literal.params.push(parse_expr_pair(value));
    }
    Expr::Type(Box::new(literal))
}
