//! The grammar of `.rules` files, and its errors in plain words.

use pest_derive::Parser;

use crate::expr::{Grammar, SyntaxTree};
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

const GRAMMAR: Grammar<Rule> = Grammar {
    file: Rule::rules_file,
    end: Rule::EOI,
    is_expr: |part| matches!(part, Rule::expr | Rule::sum | Rule::postfixed),
    in_words,
};

/// Parses the text of a `.rules` file.
pub(super) fn parse(text: &str, file: &str) -> Result<SyntaxTree<Rule>, Diagnostic> {
    GRAMMAR.parse::<RulesParser>(text, file).map_err(incomplete)
}

/// An error at a keyword is about the item that it begins: the grammar has gone back to its beginning.
fn incomplete(mut error: Diagnostic) -> Diagnostic {
    const ITEMS: [(&str, &str); 4] = [
        ("'rule'", "rule NAME in GROUP: PATTERN => REPLACEMENT"),
        ("'group'", "group NAME from DIALECT to DIALECT"),
        ("'native'", "native predicate NAME(KIND, …)"),
        ("'type'", "type in GROUP: TYPE => TYPE"),
    ];
    if let Some((_, form)) = ITEMS.iter().find(|(word, _)| error.message.ends_with(&format!("found {word}")))
    {
        error.message = format!("what begins here is not complete: {form}");
    }
    error
}

/// What a rule of the grammar is to a reader; `None` for what is only part of the grammar.
fn in_words(positive: Rule) -> Option<&'static str> {
    Some(match positive {
        Rule::EOI => "the end of the file",
        Rule::rules_file => "a rule, a group or another declaration",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syntax_tree_survives_its_bytes() {
        let text = "/// Sums.\ngroup g\n/// x + 0 = x\nrule r in g: d.add(%x, d.zero()) => %x\n";
        let tree = parse(text, "toy.rules").unwrap();
        let bytes = syntax_tree(text, "toy.rules").unwrap();
        assert_eq!(SyntaxTree::from_bytes(&bytes, text, Rule::all_rules()), Some(tree));
    }
}
