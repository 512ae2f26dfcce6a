use super::complete;
use crate::pass::{Lowering, PassDef, PassTable, Session, StageRange, parse_pipeline, pipeline_text};
use crate::pass::{OptionDef, OptionKind};
use crate::rewrite::RuleSet;
use crate::schema::Registry;

const STRATEGY: OptionDef =
    OptionDef { name: "strategy", kind: OptionKind::Choice(&["eager", "lazy"]), default: "eager", doc: "" };

fn session() -> Session {
    let mut passes = PassTable::default();
    let mut add = |name: &str, stages: Option<(usize, usize, Option<usize>)>| {
        let stages = stages.map(|(first, last, result)| StageRange { first, last, result });
        let pass = PassDef {
            name: name.into(),
            doc: String::new(),
            options: vec![STRATEGY],
            stages,
            run: Box::new(|_, _| Ok(())),
        };
        passes.add(pass).unwrap();
    };
    add("cse", None);
    add("approximate", Some((0, 0, Some(1))));
    add("pack", Some((1, 1, Some(2))));
    add("bsgs", Some((2, 2, None)));
    add("expand-poly", Some((2, 2, None)));
    add("to-ckks", Some((2, 2, Some(3))));
    add("relinearize", Some((3, 4, Some(4))));
    add("rescale", Some((3, 4, Some(4))));
    add("bootstrap", Some((4, 4, None)));
    add("auto", Some((0, 0, Some(4))));
    passes.alias("lazy-rescale", "rescale{strategy=lazy}");
    passes.alias("lazy-relin", "relinearize{strategy=lazy}");
    let names = ["approximate", "pack", "expand-poly", "to-ckks", "relinearize", "rescale"];
    Session {
        registry: Registry::new(&["nn", "poly", "packed", "ckks", "leveled"]),
        rules: RuleSet::default(),
        rewriting: crate::rewrite::RewriteControl::default(),
        passes,
        lowering: Lowering { passes: names.map(String::from).to_vec() },
    }
}

/// The completed pipeline, or the error with its help.
fn completed(start: usize, pipeline: &str, to: Option<usize>) -> String {
    let session = session();
    let passes = parse_pipeline(&session.passes, pipeline).unwrap();
    match complete(&session, start, passes, to) {
        Ok(passes) => pipeline_text("", &passes).trim_matches(['(', ')']).to_owned(),
        Err(error) => error.to_string(),
    }
}

const TO_CKKS: &str = "approximate,pack,bsgs,expand-poly,to-ckks";

#[test]
fn later_stages_are_reached_by_the_standard_lowering() {
    assert_eq!(completed(0, "bsgs", None), "approximate,pack,bsgs");
    assert_eq!(
        completed(0, "bsgs,lazy-rescale", None),
        format!("{TO_CKKS},relinearize,rescale{{strategy=lazy}}")
    );
    assert_eq!(completed(0, "bsgs", Some(4)), format!("{TO_CKKS},relinearize,rescale"));
    assert_eq!(completed(0, "", Some(2)), "approximate,pack");
    assert_eq!(completed(0, "", None), "");
    assert_eq!(completed(0, "bsgs,bootstrap", None), format!("{TO_CKKS},relinearize,rescale,bootstrap"));
}

#[test]
fn a_pass_that_leaps_over_stages_needs_no_lowering_behind_it() {
    assert_eq!(completed(0, "auto", Some(4)), "auto");
    assert_eq!(completed(0, "auto,bootstrap", Some(4)), "auto,bootstrap");
    assert_eq!(completed(0, "auto,rescale", Some(4)), "auto,rescale");
}

#[test]
fn passes_of_any_stage_need_nothing() {
    assert_eq!(completed(0, "cse", None), "cse");
    assert_eq!(completed(0, "cse,pack,cse", None), "cse,approximate,pack,cse");
}

#[test]
fn named_passes_are_not_inserted() {
    assert_eq!(
        completed(0, "approximate{strategy=lazy},to-ckks", None),
        "approximate{strategy=lazy},pack,expand-poly,to-ckks"
    );
    assert_eq!(completed(0, "expand-poly,bsgs", Some(3)), "approximate,pack,expand-poly,bsgs,to-ckks");
}

#[test]
fn planners_keep_the_order_in_which_they_are_named() {
    assert_eq!(
        completed(0, "bsgs,lazy-rescale,lazy-relin", None),
        format!("{TO_CKKS},rescale{{strategy=lazy}},relinearize{{strategy=lazy}}")
    );
    assert_eq!(
        completed(3, "lazy-relin,lazy-rescale,bootstrap,lazy-rescale", None),
        "relinearize{strategy=lazy},rescale{strategy=lazy},bootstrap,rescale{strategy=lazy}"
    );
    assert_eq!(completed(3, "lazy-relin,bootstrap", None), "relinearize{strategy=lazy},rescale,bootstrap");
    assert_eq!(completed(3, "lazy-relin", Some(4)), "relinearize{strategy=lazy},rescale");
}

#[test]
fn what_the_input_has_behind_it_is_not_repeated() {
    assert_eq!(completed(1, "bsgs", None), "pack,bsgs");
    assert_eq!(completed(2, "to-ckks", None), "expand-poly,to-ckks");
    assert_eq!(completed(3, "lazy-rescale", None), "relinearize,rescale{strategy=lazy}");
    assert_eq!(completed(4, "lazy-rescale", None), "rescale{strategy=lazy}");
    assert_eq!(completed(4, "bootstrap", Some(4)), "bootstrap");
}

#[test]
fn wrong_order_names_both_stages_and_the_remedy() {
    assert_eq!(
        completed(0, "lazy-rescale,bsgs", None),
        "<pass-pipeline>:1:14: error: pass 'bsgs' needs stage 'packed', but the IR is at stage 'leveled' by then (write \
         --bsgs before --lazy-rescale)"
    );
    assert_eq!(
        completed(0, "to-ckks,pack", None),
        "<pass-pipeline>:1:9: error: pass 'pack' needs stage 'poly', but the IR is at stage 'ckks' by then (write \
         --pack before --to-ckks)"
    );
    assert_eq!(
        completed(3, "bsgs", None),
        "<pass-pipeline>:1:1: error: pass 'bsgs' needs stage 'packed', but the IR is at stage 'ckks' by then (the input is at stage \
         'ckks' already: start from a program at stage 'packed' or earlier)"
    );
    assert_eq!(
        completed(0, "to-ckks", Some(1)),
        "error: the IR cannot go back to stage 'poly': it is at stage 'ckks' (leave out --to=poly, or the passes \
         that lower beyond it)"
    );
}

#[test]
fn a_pass_that_cannot_run_again_is_told_as_given_twice() {
    let session = session();
    let error = |pipeline: &str| {
        let passes = parse_pipeline(&session.passes, pipeline).unwrap();
        complete(&session, 0, passes, None).unwrap_err()
    };
    let twice = error("pack,cse,pack");
    assert_eq!(twice.message, "pass 'pack' is given twice, and can run once only");
    assert_eq!(twice.help.as_deref(), Some("leave out one of them"));
    let columns =
        |place: &Option<crate::support::Position>| place.as_ref().map(|place| (place.column, place.length));
    assert_eq!((columns(&twice.position), columns(&twice.notes[0].0)), (Some((10, 4)), Some((1, 4))));
    // A pass that was inserted was not given.
    assert!(error("to-ckks,pack").message.contains("needs stage 'poly'"));
}
