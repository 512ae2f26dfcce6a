use super::{CostModel, OpCost, Summary, summarize};
use crate::ir::{Ir, OpId, ValueId};
use crate::schema::Registry;
use crate::support::Diagnostic;
use crate::text::parse;

/// Costs that the ops carry themselves: `w` is the weight, `n` the count, `m` marks.
struct Written<'a>(&'a Ir);

impl CostModel for Written<'_> {
    fn cost(&mut self, op: OpId) -> Result<OpCost, Diagnostic> {
        let number = |name| self.0.attr_named(op, name).and_then(|attr| self.0.ctx.as_i64(attr));
        let Some(weight) = number("w") else { return Ok(OpCost::default()) };
        let count = number("n").unwrap_or(1) as u64;
        Ok(OpCost::of_class(self.0.name_str(op), count, weight as f64, number("m").is_some()))
    }

    fn bytes(&mut self, value: ValueId) -> u64 {
        if self.0.ctx.type_text(self.0.ty(value)) == "i1" { 0 } else { 10 }
    }
}

fn summary(body: &str) -> (Ir, Summary) {
    let mut registry = Registry::new(&[]);
    registry.allow_unregistered = true;
    registry.top_op = "t.module".into();
    let text = format!("\"t.f\"() ({{\n^bb0(%x: i8):\n{body}\n}}) : () -> ()");
    let ir = parse(&registry, &text, "t").unwrap();
    let function = ir.top_level_ops()[0];
    let summary = summarize(&ir, function, &mut Written(&ir)).unwrap();
    (ir, summary)
}

const DIAMOND: &str = r#"
  %a = "t.a"(%x) {w = 1} : (i8) -> i8
  %b = "t.b"(%a) {w = 5, m = 1} : (i8) -> i8
  %c = "t.c"(%a) {w = 2, n = 4, m = 1} : (i8) -> i8
  %p = "t.plain"() : () -> i1
  %d = "t.b"(%b, %c, %p) {w = 3, m = 1} : (i8, i8, i1) -> i8
  "t.return"(%d) : (i8) -> ()"#;

#[test]
fn counters_and_paths() {
    let (ir, summary) = summary(DIAMOND);
    let counts: Vec<_> = summary.counts.iter().map(|(class, count)| (class.as_str(), *count)).collect();
    assert_eq!(counts, [("t.a", 1), ("t.b", 2), ("t.c", 4)]);
    assert_eq!((summary.weight, summary.critical_weight), (11.0, 9.0));
    assert_eq!((summary.depth, summary.marked_depth), (6, 2));
    let path: Vec<_> = summary.critical_path.iter().map(|(op, ms)| (ir.name_str(*op), *ms)).collect();
    assert_eq!(path, [("t.a", 1.0), ("t.b", 5.0), ("t.b", 3.0)]);
}

#[test]
fn values_die_after_their_last_use() {
    // x, a | a, b, c | b, c, d
    assert_eq!(summary(DIAMOND).1.peak_bytes, 30);
    let chain = "%a = \"t.a\"(%x) {w = 1} : (i8) -> i8\n%b = \"t.a\"(%a) {w = 1} : (i8) -> i8\n\"t.return\"(%b) : (i8) -> ()";
    assert_eq!(summary(chain).1.peak_bytes, 20);
    let kept = "%a = \"t.a\"(%x) {w = 1} : (i8) -> i8\n%b = \"t.a\"(%a, %x) {w = 1} : (i8, i8) -> i8\n\"t.return\"(%b) : (i8) -> ()";
    assert_eq!(summary(kept).1.peak_bytes, 30);
}

#[test]
fn nothing_to_count() {
    let (_, summary) = summary("\"t.return\"(%x) : (i8) -> ()");
    assert_eq!((summary.weight, summary.depth, summary.peak_bytes), (0.0, 0, 10));
    assert!(summary.critical_path.is_empty() && summary.counts.is_empty());
}
