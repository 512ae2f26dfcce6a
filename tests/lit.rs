#[path = "support/filecheck.rs"]
mod filecheck;
