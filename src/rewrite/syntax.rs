//! The grammar of `.rules` files, and its errors in plain words.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest_derive::Parser;

use crate::expr::{SyntaxTree, check_source_bounds, position_in};
use crate::schema::build_grammar;
use crate::support::Diagnostic;

#[derive(Parser)]
#[grammar = "expr/expr.pest"]
#[grammar = "schema/build.pest"]
#[grammar = "rewrite/rules.pest"]
struct RulesParser;

build_grammar!(Rule);

/// The syntax tree of a `.rules` file, for [`crate::expr::ParsedText`]. Errors point into the text.
pub fn syntax_tree(text: &str, file: &str) -> Result<Vec<u8>, Diagnostic> {
    Ok(parse(text, file)?.to_bytes(Rule::all_rules()))
}

/// Parses the text of a `.rules` file.
pub(super) fn parse(text: &str, file: &str) -> Result<SyntaxTree<Rule>, Diagnostic> {
    if let Err((offset, why)) = check_source_bounds(text) {
        return Err(Diagnostic::error(why).at(position_in(text, file, offset, 1)));
    }
    let pairs = RulesParser::parse(Rule::rules_file, text).map_err(|error| {
        let offset = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        let expected = match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => expected(positives),
            ErrorVariant::CustomError { message } => message.clone(),
        };
        let rest = &text[offset..];
        let (found, length) = token(rest);
        let error = Diagnostic::error(format!("expected {expected}, but found {found}"));
        error.at(position_in(text, file, offset, length))
    })?;
    Ok(SyntaxTree::new(pairs, Rule::EOI))
}

/// What stands at the beginning of a text, in words, and how long it is.
fn token(rest: &str) -> (String, usize) {
    let Some(first) = rest.chars().next() else { return ("the end of the file".to_owned(), 1) };
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let length = match first {
        '\n' => return ("the end of the line".to_owned(), 1),
        '=' | '-' if rest[1..].starts_with('>') => 2,
        '%' | '$' | '^' => 1 + rest[1..].find(|c| !word(c)).unwrap_or(rest.len() - 1),
        c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
        c => c.len_utf8(),
    };
    let length = length.min(40);
    let end = (0..=length).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(0);
    (format!("'{}'", &rest[..end]), end.max(1))
}

/// Most things that one message expects.
const MAX_EXPECTED: usize = 6;

fn expected(rules: &[Rule]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for positive in rules {
        if let Some(word) = in_words(*positive)
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    words.truncate(MAX_EXPECTED);
    match words.as_slice() {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What a rule of the grammar is to a reader; `None` for what is only part of the grammar.
fn in_words(positive: Rule) -> Option<&'static str> {
    Some(match positive {
        Rule::EOI => "the end of the file",
        Rule::arrow => "'=>'",
        Rule::rule => "a rule",
        Rule::group => "a group",
        Rule::import => "an import",
        Rule::native => "a native declaration",
        Rule::define | Rule::define_kind => "a predicate or function",
        Rule::convert_type => "a type conversion",
        Rule::doc_line | Rule::test_line => return None,
        Rule::dashed | Rule::ident | Rule::word => "a name",
        Rule::dotted => "an op such as 'dialect.op'",
        Rule::name => "a name such as %x or $a",
        Rule::pattern | Rule::roots => "a pattern such as 'dialect.op(%x)'",
        Rule::operand | Rule::choice | Rule::choices => "an operand pattern",
        Rule::attr_pats | Rule::attr_sets => "'{' and attributes",
        Rule::attr_pat | Rule::attr_set => "an attribute 'name = …'",
        Rule::wheres => "'where'",
        Rule::cond => "a condition",
        Rule::expr | Rule::sum | Rule::postfixed => "an expression",
        Rule::infix | Rule::sum_infix => "an operator",
        Rule::prefix => return None,
        Rule::string => "a text in quotes",
        Rule::integer | Rule::float => "a number",
        Rule::short => "':' and a pattern",
        Rule::long => "'{ match … }'",
        Rule::benefit => "'benefit N'",
        Rule::typed | Rule::written_types => "':' and a type",
        Rule::type_pat | Rule::type_decl | Rule::type_lit => "a type such as '!dialect.name<…>'",
        Rule::statement | Rule::replace | Rule::erase | Rule::drop_attrs | Rule::binding => {
            "'replace', 'erase', 'drop attrs' or '%y = dialect.op(…)'"
        }
        Rule::rhs | Rule::build => "an op to build",
        Rule::argument | Rule::spread => "an operand",
        Rule::moves | Rule::region_name => "a region such as '(^body)'",
        Rule::results => "the names of the results",
        Rule::conversion => "'from … to …'",
        Rule::once => "'once'",
        _ => return None,
    })
}
