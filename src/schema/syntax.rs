//! The grammar of `.dialect` files, and its errors in plain words.

use pest_derive::Parser;

use super::build::build_grammar;
use crate::expr::{Grammar, SyntaxTree};
use crate::support::Diagnostic;

#[derive(Parser)]
#[grammar = "expr/expr.pest"]
#[grammar = "schema/build.pest"]
#[grammar = "schema/schema.pest"]
struct SchemaParser;

build_grammar!(Rule);

/// The syntax tree of a `.dialect` file, for [`crate::expr::ParsedText`]. Errors point into the text.
pub fn syntax_tree(text: &str, file: &str) -> Result<Vec<u8>, Diagnostic> {
    Ok(parse(text, file)?.to_bytes(Rule::all_rules()))
}

const GRAMMAR: Grammar<Rule> = Grammar {
    file: Rule::dialect_file,
    end: Rule::EOI,
    is_expr: |part| matches!(part, Rule::expr | Rule::sum | Rule::postfixed),
    in_words,
};

/// Parses the text of a `.dialect` file.
pub(super) fn parse(text: &str, file: &str) -> Result<SyntaxTree<Rule>, Diagnostic> {
    GRAMMAR.parse::<SchemaParser>(text, file)
}

/// What a rule of the grammar is to a reader; `None` for what is only part of the grammar.
fn in_words(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI => "the end of the file",
        Rule::dialect_file | Rule::dialect => "'dialect NAME'",
        Rule::op_def => "an op",
        Rule::type_def => "a type",
        Rule::attr_def => "an attribute",
        Rule::enum_def => "an enum",
        Rule::discardable_def => "'discardable NAME: kind'",
        Rule::ident | Rule::word => "a name",
        Rule::dotted => "an op such as 'dialect.op'",
        Rule::name => "a name such as %x or $a",
        Rule::operand => "an operand 'name: kind'",
        Rule::operands => "'(' and operands",
        Rule::body => "'{' and clauses",
        Rule::kind | Rule::kinds => "a kind",
        Rule::optional => "'?'",
        Rule::variadic => "'...'",
        Rule::param => "a parameter 'name: kind'",
        Rule::params => "'(' and parameters",
        Rule::default => "'=' and a default",
        Rule::string => "a text in quotes",
        Rule::integer | Rule::float => "a number",
        Rule::expr | Rule::sum | Rule::postfixed => "an expression",
        Rule::infix | Rule::sum_infix => "an operator",
        Rule::assignment => "'name = expression'",
        Rule::check => "a condition",
        Rule::build | Rule::kernel_yield => "an op or a value",
        Rule::kernel_step => "'%a = dialect.op(…)'",
        Rule::kernel_body => "'{ … yield … }'",
        Rule::traits | Rule::verify | Rule::infer | Rule::format => {
            "a clause (attrs, bound, cost, doc, example, format, infer, kernel, keyword, native, regions, stages, \
             successors, traits, verify)"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::registry::Registry;
    use super::*;
    use crate::expr::ParsedText;

    #[test]
    fn a_syntax_tree_survives_its_bytes() {
        let text = "dialect toy\n/// It is one.\nop toy.one () -> (result: int) { traits pure }\n";
        let tree = parse(text, "toy.dialect").unwrap();
        let bytes = syntax_tree(text, "toy.dialect").unwrap();
        assert_eq!(SyntaxTree::from_bytes(&bytes, text, Rule::all_rules()), Some(tree));
        let mut registry = Registry::new(&["only"]);
        registry.load_parsed_dialect(ParsedText { text, tree: &bytes }, "toy.dialect").unwrap();
        assert!(registry.op_def_named("toy.one").is_some());
        // Bytes of another text are found out where they leave this one.
        assert_eq!(SyntaxTree::from_bytes(&bytes, "dialect", Rule::all_rules()), None);
        assert_eq!(SyntaxTree::from_bytes(&[200, 0, 1, 0], text, Rule::all_rules()), None);
    }
}
