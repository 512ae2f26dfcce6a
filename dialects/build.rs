//! Generates typed views of ops (`ckks::views::Mul`) from the `.dialect` files, and parses what ships.

use std::fmt::Write;
use std::path::Path;

use he_core::schema::{Kind, OpDef, Registry, Repeat};

/// The dialects in the order of loading, as in `lib.rs`.
const DIALECTS: [&str; 6] = ["builtin", "func", "nn", "poly", "packed", "ckks"];
/// The same list as `pipelines::STAGES`: a build script cannot see the crate it builds.
const STAGES: [&str; 5] = ["nn", "poly", "packed", "ckks", "leveled"];

fn main() {
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut registry = Registry::new(&STAGES);
    for name in DIALECTS {
        let path = format!("{name}/{name}.dialect");
        println!("cargo::rerun-if-changed={path}");
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        add_functions(&mut registry);
        if let Err(error) = registry.load_dialect(&source, &path) {
            panic!("dialects/{error}");
        }
        let tree = he_core::schema::syntax_tree(&source, &path).expect("it has just been loaded");
        write(&out, &format!("{name}.dialect.tree"), &tree);
        let mut text = String::new();
        for def in registry.op_defs().filter(|def| def.name.split('.').next() == Some(name)) {
            view(&mut text, def);
        }
        write(&out, &format!("{name}_views.rs"), text.as_bytes());
    }
    for folder in DIALECTS.into_iter().chain(["lower"]) {
        rule_trees(folder, &out);
    }
}

/// Parses the `.rules` files of a folder.
fn rule_trees(folder: &str, out: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let paths = entries.map(|entry| entry.unwrap_or_else(|error| panic!("{folder}: {error}")).path());
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "rules")) {
        let shown = path.display();
        println!("cargo::rerun-if-changed={shown}");
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{shown}: {error}"));
        let tree = he_core::rewrite::syntax_tree(&source, &shown.to_string());
        let tree = tree.unwrap_or_else(|error| panic!("dialects/{error}"));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        write(out, &format!("{name}.tree"), &tree);
    }
}

fn write(folder: &str, name: &str, bytes: &[u8]) {
    std::fs::write(Path::new(folder).join(name), bytes).expect("OUT_DIR is writable");
}

/// Functions that dialects register in Rust; here only their names matter.
fn add_functions(_registry: &mut Registry) {}

fn camel(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
    });
    words.collect()
}

fn view(out: &mut String, def: &OpDef) {
    let short = def.name.split('.').nth(1).unwrap_or("").replace('.', "_");
    let ty = camel(&short);
    let name = &def.name;
    let _ = writeln!(out, "/// A view of a `{name}` op.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]");
    let _ = writeln!(out, "pub struct {ty}(pub he_core::ir::OpId);\n\nimpl {ty} {{");
    let _ = writeln!(out, "    /// The op's full name.\n    pub const NAME: &'static str = \"{name}\";\n");
    let _ = writeln!(
        out,
        "    /// The view of `op`, if it is a `{name}`.\n    pub fn cast(ir: &he_core::ir::Ir, op: he_core::ir::OpId) -> Option<Self> {{\n        \
         (ir.name_str(op) == Self::NAME).then_some({ty}(op))\n    }}"
    );
    operands(out, def);
    for attr in &def.attrs {
        let name = &attr.name;
        let method = if matches!(name.as_str(), "type" | "ref" | "box" | "move") {
            format!("{name}_")
        } else {
            name.clone()
        };
        let (result, read) = match attr.kind {
            Kind::Int => ("Option<i64>", "ir.ctx.as_i64(attr)"),
            Kind::Float => ("Option<f64>", "ir.ctx.as_f64(attr)"),
            Kind::Str | Kind::SymbolName | Kind::Enum(_) => ("Option<&str>", "ir.ctx.as_str(attr)"),
            _ => ("Option<he_core::ir::Attr>", "Some(attr)"),
        };
        let _ = writeln!(
            out,
            "\n    /// The attribute `{name}`, where it is written.\n    pub fn {method}(self, ir: &he_core::ir::Ir) -> {result} {{\n        \
             let attr = ir.attr_named(self.0, \"{name}\")?;\n        {read}\n    }}"
        );
    }
    let _ = writeln!(out, "}}\n");
}

fn operands(out: &mut String, def: &OpDef) {
    let count = def.operands.len();
    for (index, operand) in def.operands.iter().enumerate() {
        let name = &operand.name;
        let (result, body) = match operand.repeat {
            Repeat::One => {
                let moved = def.operands[..index].iter().any(|operand| operand.repeat == Repeat::Variadic);
                let place = match moved {
                    true => format!("ir.operand_count(self.0) - {}", count - index),
                    false => index.to_string(),
                };
                ("he_core::ir::ValueId", format!("ir.operand(self.0, {place})"))
            }
            Repeat::Optional => (
                "Option<he_core::ir::ValueId>",
                format!("(ir.operand_count(self.0) > {index}).then(|| ir.operand(self.0, {index}))"),
            ),
            Repeat::Variadic => {
                let after = count - index - 1;
                let body = format!(
                    "let end = ir.operand_count(self.0).saturating_sub({after});\n        \
                     ({index}..end).map(|i| ir.operand(self.0, i)).collect()"
                );
                ("Vec<he_core::ir::ValueId>", body)
            }
        };
        let _ = writeln!(
            out,
            "\n    /// The operand `{name}`.\n    pub fn {name}(self, ir: &he_core::ir::Ir) -> {result} {{\n        {body}\n    }}"
        );
    }
}
