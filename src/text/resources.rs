//! Printing the section of resources.

use indexmap::IndexMap;

use crate::ir::{Ir, write_key};

/// Appends the section `{-# … #-}`, if there are resources.
pub(super) fn write_resources(out: &mut String, ir: &Ir) {
    if ir.resources.is_empty() {
        return;
    }
    out.push_str("\n{-#\n");
    let mut first_section = true;
    for (dialect, section) in [(true, "dialect_resources"), (false, "external_resources")] {
        let entries: Vec<_> = ir.resources.iter().filter(|entry| entry.0 == dialect).collect();
        if entries.is_empty() {
            continue;
        }
        if !first_section {
            out.push_str(",\n");
        }
        first_section = false;
        out.push_str(&format!("  {section}: {{\n"));
        let mut groups: IndexMap<&str, Vec<_>> = IndexMap::new();
        for entry in entries {
            groups.entry(&entry.1).or_default().push(entry);
        }
        for (i, (group, of_group)) in groups.iter().enumerate() {
            out.push_str("    ");
            write_key(out, group);
            out.push_str(": {\n");
            for (j, (_, _, key, value)) in of_group.iter().enumerate() {
                out.push_str("      ");
                write_key(out, key);
                out.push_str(": ");
                out.push_str(value);
                out.push_str(if j + 1 < of_group.len() { ",\n" } else { "\n" });
            }
            out.push_str(if i + 1 < groups.len() { "    },\n" } else { "    }\n" });
        }
        out.push_str("  }");
    }
    out.push_str("\n#-}\n");
}
