//! The reference pages of the dialects say what the `.dialect` files say. `UPDATE_DOCS=1` rewrites them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use he_tools::reference::{dialect_page, polynomial_page};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/dialects")
}

#[test]
fn dialect_pages_are_current() {
    let loaded = he_dialects::load().expect("the shipped dialects load");
    let update = std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1");
    let mut stale = Vec::new();
    for dialect in he_dialects::DIALECTS {
        let page = dialect_page(&loaded.session.registry, dialect.name).expect("the dialect is loaded");
        let path = folder().join(format!("{}.md", dialect.name));
        if std::fs::read_to_string(&path).unwrap_or_default() == page {
            continue;
        }
        if update {
            std::fs::create_dir_all(folder()).expect("docs/dialects can be made");
            std::fs::write(&path, page).expect("the page can be written");
        } else {
            stale.push(format!("docs/dialects/{}.md", dialect.name));
        }
    }
    assert!(
        stale.is_empty(),
        "not what the .dialect files say: {}\nrun UPDATE_DOCS=1 cargo test --test docs, then read the diff",
        stale.join(", ")
    );
    let known: BTreeSet<_> =
        he_dialects::DIALECTS.iter().map(|dialect| format!("{}.md", dialect.name)).collect();
    let pages = std::fs::read_dir(folder()).expect("docs/dialects exists");
    let pages: BTreeSet<_> =
        pages.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    assert_eq!(pages, known, "a page without a dialect");
}

#[test]
fn the_table_of_polynomials_is_current() {
    let path = folder().join("../polynomials.md");
    let page = polynomial_page();
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/polynomials.md: run UPDATE_DOCS=1 cargo test --test docs, then read the diff"
    );
}
