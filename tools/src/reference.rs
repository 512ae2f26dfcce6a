//! Reference pages of dialects, from what their `.dialect` files say.

use std::fmt::Write;

use he_core::ir::{Stages, Traits};
use he_core::schema::{
    Check, EnumDef, FormatItem, FormatRef, Infer, Kind, OpDef, OperandDef, ParamDef, ParamsDef, Registry,
    Repeat,
};
use he_dialects::poly::folding::normal_form;
use he_dialects::poly::polynomial::{Basis, Polynomial};
use he_dialects::poly::schedule::{Schedule, expand};

/// The reference page of a dialect, as Markdown. `None` where no such dialect is loaded.
pub fn dialect_page(registry: &Registry, name: &str) -> Option<String> {
    let (_, doc) = registry.dialects().find(|(known, _)| *known == name)?;
    let page = Page { registry, dialect: name };
    let mut out = format!("# The dialect `{name}`\n\n");
    let _ = writeln!(
        out,
        "<!-- Written by he-opt --dialect-docs={name}. Do not edit: UPDATE_DOCS=1 ./test -->\n"
    );
    let _ = writeln!(out, "{}\n", plain(doc));
    let enums: Vec<_> = registry.enum_defs().filter(|def| page.owns(&def.name)).collect();
    let types: Vec<_> = registry.type_defs().filter(|def| page.owns(&def.name)).collect();
    let attrs: Vec<_> = registry.attr_defs().filter(|def| page.owns(&def.name)).collect();
    let discardable: Vec<_> = registry.discardable_defs().filter(|def| def.dialect == name).collect();
    let ops: Vec<_> = registry.op_defs().filter(|def| page.owns(&def.name)).collect();
    section(&mut out, "Enums", &enums, |def| enum_text(def));
    section(&mut out, "Types", &types, |def| page.params_text(def, '!'));
    section(&mut out, "Attributes", &attrs, |def| page.params_text(def, '#'));
    section(&mut out, "Attributes that any op or argument may carry", &discardable, |def| {
        format!("### `{}`\n\n{}\n\nIt is {}.\n\n", def.name, plain(&def.doc), def.kind.describe())
    });
    section(&mut out, "Ops", &ops, |def| page.op_text(def));
    out.truncate(out.trim_end().len());
    out.push('\n');
    Some(out)
}

/// A heading and what is below it, if there is anything.
fn section<T>(out: &mut String, title: &str, items: &[T], text: impl Fn(&T) -> String) {
    if !items.is_empty() {
        let _ = writeln!(out, "## {title}\n");
        items.iter().for_each(|item| out.push_str(&text(item)));
    }
}

/// Text in which Markdown sees no tags.
fn plain(text: &str) -> String {
    let mut code = false;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        code ^= c == '`';
        match c {
            '<' if !code => out.push_str("&lt;"),
            '|' if !code => out.push_str("\\|"),
            c => out.push(c),
        }
    }
    out
}

/// A code span in a table cell.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

fn enum_text(def: &EnumDef) -> String {
    let words: Vec<_> = def.words.iter().map(|word| code(word)).collect();
    format!("### `{}`\n\n{}\n\nWords: {}.\n\n", def.name, plain(&def.doc), words.join(", "))
}

fn checks_text(out: &mut String, checks: &[Check]) {
    if checks.is_empty() {
        return;
    }
    out.push_str("Checks:\n\n");
    for check in checks {
        let source = check.source.split_whitespace().collect::<Vec<_>>().join(" ");
        let otherwise = check.otherwise.as_ref();
        let otherwise = otherwise.map_or_else(String::new, |text| format!(", else \"{}\"", plain(text)));
        let _ = writeln!(out, "- `{source}`{otherwise}");
    }
    out.push('\n');
}

fn traits_text(traits: Traits) -> Option<String> {
    let names: Vec<_> =
        Traits::ALL.iter().filter(|(_, one)| traits.has(*one)).map(|(name, _)| code(name)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

struct Page<'a> {
    registry: &'a Registry,
    dialect: &'a str,
}

impl Page<'_> {
    fn owns(&self, full: &str) -> bool {
        full.split('.').next() == Some(self.dialect)
    }

    fn kind(&self, kind: &Kind) -> String {
        match kind {
            Kind::Enum(name) => {
                let words: Vec<_> = self.registry.enum_words(name).iter().map(|word| code(word)).collect();
                format!("{} ({})", code(name), words.join(", "))
            }
            Kind::Declared(name) if self.registry.type_def(name).is_some() => code(&format!("!{name}")),
            Kind::Declared(name) => code(&format!("#{name}")),
            Kind::OneOf(kinds) => kinds.iter().map(|kind| self.kind(kind)).collect::<Vec<_>>().join(" or "),
            kind => kind.describe(),
        }
    }

    fn params_text(&self, def: &ParamsDef, sigil: char) -> String {
        let mut out = format!("### `{sigil}{}`\n\n{}\n\n", def.name, plain(&def.doc));
        self.params_table(&mut out, "parameter", &def.params);
        if let Some(traits) = traits_text(def.traits) {
            let _ = writeln!(out, "Traits: {traits}.\n");
        }
        checks_text(&mut out, &def.verify);
        out
    }

    fn params_table(&self, out: &mut String, title: &str, params: &[ParamDef]) {
        if params.is_empty() {
            return;
        }
        let _ = writeln!(out, "| {title} | what | default |\n|---|---|---|");
        for param in params {
            let default = match param.default {
                Some(value) => {
                    let text = self.registry.new_ir().ctx.attr_text(value);
                    let word = matches!(param.kind, Kind::Enum(_));
                    code(if word { text.trim_matches('"') } else { &text })
                }
                None if param.optional => "absent".to_owned(),
                None => "must be given".to_owned(),
            };
            let _ = writeln!(out, "| {} | {} | {default} |", code(&param.name), self.kind(&param.kind));
        }
        out.push('\n');
    }

    fn values_table(&self, out: &mut String, title: &str, values: &[OperandDef]) {
        if values.is_empty() {
            return;
        }
        let _ = writeln!(out, "| {title} | type |\n|---|---|");
        for value in values {
            let repeat = match value.repeat {
                Repeat::One => "",
                Repeat::Optional => ", optional",
                Repeat::Variadic => ", any number",
            };
            let _ = writeln!(out, "| {} | {}{repeat} |", code(&value.name), self.kind(&value.kind));
        }
        out.push('\n');
    }

    fn op_text(&self, def: &OpDef) -> String {
        let mut out = format!("### `{}`\n\n{}\n\n", def.name, plain(&def.doc));
        if let Some(format) = &def.format {
            let word = def.keyword.as_deref().unwrap_or(&def.name);
            let _ = writeln!(out, "```text\n{word}{}\n```\n", format_text(def, format));
        }
        self.values_table(&mut out, "operand", &def.operands);
        self.values_table(&mut out, "result", &def.results);
        self.params_table(&mut out, "attribute", &def.attrs);
        for (what, names) in [("Regions", &def.regions), ("Successors", &def.successors)] {
            if !names.is_empty() {
                let names: Vec<_> = names.iter().map(|name| code(name)).collect();
                let _ = writeln!(out, "- {what}: {}.", names.join(", "));
            }
        }
        if let Some(traits) = traits_text(def.traits) {
            let _ = writeln!(out, "- Traits: {traits}.");
        }
        let _ = writeln!(out, "- Stages: {}.", self.stages(def));
        if !def.results.is_empty() && !matches!(def.infer, Infer::None) {
            let how = if matches!(def.infer, Infer::Native) { " in Rust" } else { "" };
            let _ = writeln!(out, "- The result type is inferred{how}.");
        }
        if let Some(cost) = &def.cost {
            let _ = writeln!(out, "- Cost class: `{}`.", cost.class);
        }
        if let Some(he_core::schema::KernelDef::Reduce(op)) = &def.kernel {
            let _ = writeln!(out, "- Executed by folding the operands with `{op}`.");
        }
        if def.native.iter().any(|hook| hook == "verify") {
            out.push_str("- Verified in Rust, too.\n");
        }
        out.push('\n');
        checks_text(&mut out, &def.verify);
        out
    }

    fn stages(&self, def: &OpDef) -> String {
        if def.traits.has(Traits::PLAIN) || def.stages == Stages::ANY {
            return "all".to_owned();
        }
        let stages = self.registry.stages.iter().enumerate();
        let names: Vec<_> =
            stages.filter(|(index, _)| def.stages.contains(*index)).map(|(_, name)| code(name)).collect();
        names.join(", ")
    }
}

/// A format as it is written in the `.dialect` file, literals without their quotes.
fn format_text(def: &OpDef, items: &[FormatItem]) -> String {
    let mut out = String::new();
    for item in items {
        let text = match item {
            FormatItem::Literal(text) => text.clone(),
            FormatItem::Operand(index) => format!("${}", def.operands[*index].name),
            FormatItem::Attr(index) => format!("${}", def.attrs[*index].name),
            FormatItem::Region(index) => format!("${}", def.regions[*index]),
            FormatItem::Successor(index) => format!("${}", def.successors[*index]),
            FormatItem::Operands => "operands".to_owned(),
            FormatItem::Space | FormatItem::NoSpace => String::new(),
            FormatItem::AttrDict => "attr-dict".to_owned(),
            FormatItem::AttrDictWithKeyword => "attr-dict-with-keyword".to_owned(),
            FormatItem::Function => "function-signature".to_owned(),
            FormatItem::Type(FormatRef::Operand(index)) => format!("type(${})", def.operands[*index].name),
            FormatItem::Type(FormatRef::Result(index)) => format!("type(${})", def.results[*index].name),
            FormatItem::Signature(index) => format!("signature(${})", def.operands[*index].name),
            FormatItem::Type(FormatRef::Operands) => "type(operands)".to_owned(),
            FormatItem::Type(FormatRef::Results) => "type(results)".to_owned(),
            FormatItem::FunctionalType => "functional-type(operands, results)".to_owned(),
            FormatItem::Optional { anchor, items, otherwise } => {
                // The group of a unit attribute is all that is written of it.
                let unit = matches!(**anchor, FormatItem::Attr(_)) && !items.contains(anchor);
                let anchor =
                    if unit { format_text(def, std::slice::from_ref(anchor)) } else { String::new() };
                let group = |text: String| format!("({})", text.trim_start());
                let first = group(format_text(def, items) + &anchor);
                match otherwise.is_empty() {
                    true => first + "?",
                    false => format!("{first} : {}?", group(format_text(def, otherwise))),
                }
            }
        };
        if !matches!(text.as_str(), "," | ")" | "]" | ">") {
            out.push(' ');
        }
        out += &text;
    }
    out
}

/// Whether a polynomial of some kind has a term of this degree.
type HasTerm = fn(usize) -> bool;

/// Degrees of the table of polynomials.
const DEGREES: std::ops::RangeInclusive<usize> = 3..=31;

/// The page `docs/polynomials.md`: what polynomials take, folded and not.
pub fn polynomial_page() -> String {
    let kinds: [(&str, HasTerm); 3] =
        [("general", |_| true), ("even and linear", |k| k % 2 == 0 || k == 1), ("odd", |k| k % 2 == 1)];
    let mut page = "# What polynomials take\n\n\
        Written by `UPDATE_DOCS=1 cargo test --test docs`; do not edit. Each cell is levels / products of two ciphertexts /\n\
        relinearizations / products with a number, of a polynomial on [-4, 4] whose Chebyshev coefficients of the kind are\n\
        1/(1 + k). Folded is `fold-poly` and `expand-poly{schedule=auto}`, where the map of the domain and the leading\n\
        coefficient are in the layer before; the others are `expand-poly` alone, map of the domain included. Where the degree\n\
        is above 16, or powers would lose precision, folding keeps the Chebyshev basis.\n"
        .to_owned();
    for (kind, has) in kinds {
        page += &format!(
            "\n## {kind}\n\n| degree | folded | least depth | Paterson-Stockmeyer |\n|--:|---|---|---|\n"
        );
        for degree in DEGREES.filter(|degree| has(*degree)) {
            let coefficients = (0..=degree).map(|k| if has(k) { 1.0 / (1.0 + k as f64) } else { 0.0 });
            let polynomial = Polynomial {
                basis: Basis::Chebyshev,
                domain: (-4.0, 4.0),
                coefficients: coefficients.collect(),
            };
            let folded =
                normal_form(&polynomial, true).map_or_else(|| polynomial.clone(), |normal| normal.polynomial);
            let programs = [
                expand(&folded, Schedule::Auto, folded.domain),
                expand(&polynomial, Schedule::MinDepth, polynomial.domain),
                expand(&polynomial, Schedule::PatersonStockmeyer, polynomial.domain),
            ];
            let cells = programs.map(|program| {
                let (depth, products) = (program.depth(), program.mul_count());
                format!(
                    "{depth} / {products} / {} / {}",
                    program.relinearization_count(),
                    program.mul_scalar_count()
                )
            });
            page += &format!("| {degree} | {} |\n", cells.join(" | "));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "/// A dialect.\ndialect d\n/// Words.\nenum w { a, b }\n/// A type.\ntype t (n: int = 1)\n\
        /// Does it, if x < 1.\nop d.op (x: t, ys: t...) -> (r: t) { attrs w: w = a, s: int? stages late \
        traits pure verify x.n > 0 else \"no n\" infer n = x.n cost mul(x.n) \
        format \"$x (`,` $ys^)? attr-dict\" }\n";

    #[test]
    fn pages_say_what_the_file_says() {
        let mut registry = Registry::new(&["early", "late"]);
        registry.load_dialect(SOURCE, "d.dialect").unwrap();
        let page = dialect_page(&registry, "d").unwrap();
        for line in [
            "# The dialect `d`",
            "Words: `a`, `b`.",
            "### `!d.t`",
            "| `n` | an integer | `1` |",
            "Does it, if x &lt; 1.",
            "d.op $x (, $ys)? attr-dict",
            "| `ys` | `!d.t`, any number |",
            "| `w` | `d.w` (`a`, `b`) | `a` |",
            "| `s` | an integer | absent |",
            "- Traits: `pure`.",
            "- Stages: `late`.",
            "- Cost class: `mul`.",
            "- `x.n > 0`, else \"no n\"",
        ] {
            assert!(page.lines().any(|have| have == line), "{line}\n{page}");
        }
        assert_eq!(dialect_page(&registry, "e"), None);
    }
}
