#[test]
fn bench_generic() {
    use crate::schema::{Registry, verify};
    let n = 100_000;
    let mut text = String::from(
        "\"builtin.module\"() ({\n  %0:2 = \"t.src\"() : () -> (i32, i32)\n  %1 = \"t.a\"(%0#0, %0#1) : (i32, i32) -> i32\n",
    );
    for i in 2..n {
        text += &format!("  %{i} = \"t.a\"(%{}, %{}) : (i32, i32) -> i32\n", i - 1, i / 2 + 1);
    }
    text += "}) : () -> ()\n";
    let mut registry = Registry::new(&["nn"]);
    registry.allow_unregistered = true;
    registry.load_dialect(include_str!("../../dialects/builtin/builtin.dialect"), "builtin.dialect").unwrap();
    registry.top_op = "builtin.module".into();
    for _ in 0..5 {
        let t = std::time::Instant::now();
        let mut ir = super::parse(&registry, &text, "x.mlir").map_err(|e| e[0].to_string()).unwrap();
        let t1 = t.elapsed();
        verify(&registry, &mut ir).map_err(|e| e[0].to_string()).unwrap();
        let t2 = t.elapsed();
        let out = super::print(&registry, &ir, super::PrintOptions { generic: true, ..Default::default() });
        eprintln!("parse {t1:?} +verify {t2:?} +print {:?} {}", t.elapsed(), out.len());
        assert_eq!(out.len(), text.len());
    }
}
