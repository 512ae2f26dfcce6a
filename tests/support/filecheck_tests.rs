//! Tests of the checker. Each case was also run through LLVM's FileCheck, which agrees.

use super::check;

/// Cases: (name, check file, input, whether it passes). `X:` stands for `CHECK:`, so that this file has none itself.
const CASES: &[(&str, &str, &str, bool)] = &[
    ("plain", "X: b", "a\nb\n", true),
    ("plain missing", "X: c", "a\nb\n", false),
    ("order", "X: b\nX: a", "a\nb\n", false),
    ("same line twice", "X: a\nX: b", "a b\n", true),
    ("white space", "X: a   b", "a \t b\n", true),
    ("next", "X: a\nX-NEXT: b", "a\nb\n", true),
    ("next too far", "X: a\nX-NEXT: b", "a\n\nb\n", false),
    ("next on the same line", "X: a\nX-NEXT: b", "a b\n", false),
    ("same", "X: a\nX-SAME: b", "a b\n", true),
    ("same on the next line", "X: a\nX-SAME: b", "a\nb\n", false),
    ("not between", "X: a\nX-NOT: b\nX: c", "a\nc\nb\n", true),
    ("not between, present", "X: a\nX-NOT: b\nX: c", "a\nb\nc\n", false),
    ("not at the end", "X: a\nX-NOT: b", "a\nc\nb\n", false),
    ("not at the start", "X-NOT: b\nX: a", "b\na\n", false),
    ("not alone", "X-NOT: b", "a\n", true),
    ("dag any order", "X-DAG: a\nX-DAG: b", "b\na\n", true),
    ("dag does not overlap", "X-DAG: a\nX-DAG: a", "a\n", false),
    ("dag apart", "X-DAG: a\nX-DAG: a", "a\na\n", true),
    ("dag then plain", "X-DAG: a\nX-DAG: b\nX: c", "b\nc\na\n", false),
    ("dag, not, dag", "X-DAG: a\nX-NOT: z\nX-DAG: b", "a\nz\nb\n", false),
    ("dag, not, dag in order", "X-DAG: a\nX-NOT: z\nX-DAG: b", "b\na\n", false),
    ("label splits", "X-LABEL: @f\nX: ret\nX-LABEL: @g\nX: add", "@f\nadd\n@g\nret\n", false),
    ("label splits, fine", "X-LABEL: @f\nX: ret\nX-LABEL: @g\nX: add", "@f\nret\n@g\nadd\n", true),
    ("label bounds not", "X-LABEL: @f\nX-NOT: add\nX-LABEL: @g", "@f\nret\n@g\nadd\n", true),
    ("empty", "X: a\nX-EMPTY:\nX-NEXT: b", "a\n\nb\n", true),
    ("empty missing", "X: a\nX-EMPTY:\nX-NEXT: b", "a\nb\n", false),
    ("empty at the end", "X: a\nX-EMPTY:", "a\n\n", true),
    ("count", "X-COUNT-3: a\nX-NOT: a", "a\na a\n", true),
    ("count too few", "X-COUNT-3: a", "a\na\n", false),
    ("count too many", "X-COUNT-2: a\nX-NOT: a", "a\na\na\n", false),
    ("regex", "X: {{^}}a{{[0-9]+$}}", "ba1\na12\n", true),
    ("regex fails", "X: {{^}}a{{[0-9]+$}}", "ba1\na12b\n", false),
    ("anchor after a match", "X: a\nX: {{^}}b", "ab\n", true),
    ("class", "X: {{[[:alnum:]_]+}} = {{[^[]+}}[", "x_1 = ab[\n", true),
    ("backslash in brackets", r"X: a{{[\]}}b", "a\\b\n", true),
    ("variable", "X: [[V:%[0-9]+]] = a\nX: b([[V]])", "%1 = a\nb(%1)\n", true),
    ("variable differs", "X: [[V:%[0-9]+]] = a\nX: b([[V]])", "%1 = a\nb(%2)\n", false),
    ("variable redefined", "X: [[V:.]] = a\nX: [[V:.]] = b\nX: ([[V]])", "1 = a\n2 = b\n(2)\n", true),
    ("variable on its own line", "X: [[V:.+]]=[[V]];", "a=b; bc=bc;\n", true),
    ("variable on its own line, differs", "X: [[V:.+]]=[[V]];", "a=b; a=c;\n", false),
    ("variable undefined", "X: [[V]]", "V\n", false),
    ("variable in not", "X: [[V:%.]] = a\nX-NOT: use [[V]]", "%1 = a\nuse %2\n", true),
    (
        "variable in dag",
        "X-DAG: [[V:%.]] = a\nX-DAG: [[W:%.]] = b\nX: [[V]] [[W]]",
        "%1 = b\n%2 = a\n%2 %1\n",
        true,
    ),
    ("line", "X: line [[@LINE]]\nX: line [[@LINE+5]]\nX: [[#@LINE]]", "line 1\nline 7\n3\n", true),
    ("literal", "X{LITERAL}: [[1, 2], {{", "dense<[[1, 2], {{\n", true),
    ("run hides", "RUN: X: b\nX: a", "a\n", true),
    ("prefix in a word", "NOTX: b\nX: a", "a\n", true),
    ("metacharacters", "X: a.b*(c)", "a.b*(c)\n", true),
    ("metacharacters do not match", "X: a.b", "axb\n", false),
    ("next without plain", "X-NEXT: a", "a\n", false),
    ("nothing to check", "a", "a\n", false),
    ("label with a variable", "X-LABEL: [[V:.]]", "a\n", false),
    ("empty pattern", "X:", "a\n", false),
    ("unclosed", "X: {{a", "a\n", false),
];

fn with_prefix(text: &str) -> String {
    text.replace("X-", "CHECK-").replace("X{", "CHECK{").replace("X:", "CHECK:")
}

#[test]
fn cases() {
    for (name, checks, input, passes) in CASES {
        let result = check(&with_prefix(checks), input, &["CHECK"]);
        assert_eq!(result.is_ok(), *passes, "{name}: {result:?}");
    }
}

#[test]
fn agrees_with_llvm() {
    let Ok(filecheck) = std::env::var("HE_OPT_FILECHECK") else { return };
    let dir = std::env::temp_dir().join(format!("he-opt-filecheck-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a temporary folder");
    for (name, checks, input, passes) in CASES {
        let (check_file, input_file) = (dir.join("check"), dir.join("input"));
        std::fs::write(&check_file, with_prefix(checks) + "\n").expect("a temporary file");
        std::fs::write(&input_file, input).expect("a temporary file");
        let output = std::process::Command::new(&filecheck)
            .arg(&check_file)
            .arg("--input-file")
            .arg(&input_file)
            .output();
        let output = output.expect("HE_OPT_FILECHECK runs");
        assert_eq!(output.status.success(), *passes, "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    std::fs::remove_dir_all(&dir).expect("a temporary folder");
}

#[test]
fn prefixes() {
    let text = "ONE: a\nTWO: b\n";
    assert!(check(text, "a\n", &["ONE"]).is_ok());
    assert!(check(text, "a\n", &["ONE", "TWO"]).is_err());
    assert!(check(text, "a\nb\n", &["ONE", "TWO"]).is_ok());
    assert!(check(text, "a\n", &["THREE"]).is_err_and(|message| message.contains("THREE:")));
}

#[test]
fn failures_name_the_directive_and_show_the_input() {
    let checks = with_prefix("X: a\n// X-NEXT: c");
    let message = check(&checks, "a\nb\nc\n", &["CHECK"]).unwrap_err();
    let expected = "check file:2: is not on the line after the previous match: found on input line 3\n  \
                    CHECK-NEXT: c\ninput from line 1:\n     1 | a\n     2 | b\n     3 | c";
    assert_eq!(message, expected);
    let message = check(&with_prefix("X: [[V:%.]]\nX: ([[V]])"), "%1\n(%2)\n", &["CHECK"]).unwrap_err();
    assert!(message.contains("with V = \"%1\""), "{message}");
}
