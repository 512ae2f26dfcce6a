//! Where `optimal` rescales and relinearizes, against searches that try everything.
//!
//! - Small programs: each placement is made, verified and costed as a program, and none is cheaper.
//! - Programs of up to 30 products: every combination of versions is looked at by a plain recursion with a memory, which
//!   shares nothing with the search but the prices of the profile.

#[path = "support/programs.rs"]
mod programs;
#[path = "support/steps.rs"]
mod steps;
#[path = "support/unplaced.rs"]
mod unplaced;

use std::collections::BTreeMap;

use he_core::ir::Ir;
use he_core::schema::verify;
use he_core::support::NoWeights;
use he_dialects::ckks::attr::missing_levels;
use he_dialects::ckks::cost::latency_ms;
use he_dialects::ckks::passes::leveling::{
    Drops, Move, Placement, Plan, Strategy, assign, assign_placed, erase_all,
};
use he_dialects::ckks::passes::placement::{Freedom, search};
use he_dialects::nn::random::SplitMix64;
use he_dialects::profiles::Profile;
use he_dialects::{Loaded, load};
use he_tools::run::BackendOptions;
use programs::{agree, read};
use rustc_hash::FxHashMap;
use steps::{Form, Path, Step, Steps};
use unplaced::{ARGUMENTS, Kind, Random};

/// Both kinds of ops are free.
const BOTH: Freedom = Freedom { rescale: true, relinearize: true };

/// Makes, verifies and costs every placement of a small program.
struct BruteForce<'a> {
    loaded: &'a Loaded,
    ir: &'a Ir,
    steps: &'a Steps,
    tried: usize,
    most: usize,
    least: f64,
}

impl BruteForce<'_> {
    fn from(&mut self, at: usize, defined: &mut Vec<Option<Form>>, placement: &mut Placement) {
        if self.tried > self.most {
            return;
        }
        let Some(step) = self.steps.steps.get(at) else {
            self.tried += 1;
            let registry = &self.loaded.session.registry;
            let mut ir = self.ir.clone();
            assign_placed(registry, &mut ir, placement.clone()).expect("levels are assigned");
            verify(registry, &mut ir).unwrap_or_else(|errors| panic!("{}", errors[0]));
            assert_eq!(missing_levels(&ir), None);
            let latency =
                latency_ms(registry, &ir, Profile::openfhe(), &self.steps.params).expect("it is costed");
            self.least = self.least.min(latency);
            return;
        };
        self.operand(at, step, Vec::new(), defined, placement);
    }

    fn operand(
        &mut self,
        at: usize,
        step: &Step,
        taken: Vec<Form>,
        defined: &mut Vec<Option<Form>>,
        placement: &mut Placement,
    ) {
        let Some((value, indices)) = step.values.get(taken.len()) else {
            if !self.steps.agree(step, &taken) {
                return;
            }
            let Some(result) = step.result else {
                self.from(at + 1, defined, placement);
                return;
            };
            for made in self.steps.results(step, &taken) {
                defined[result] = Some(made);
                if matches!(step.kind, Kind::MulPlain | Kind::MulScalar) {
                    placement.factors.insert(step.op, made.scale - taken[0].scale);
                }
                self.from(at + 1, defined, placement);
            }
            return;
        };
        let from = defined[*value].expect("it is defined before");
        for to in self.steps.wanted(step, *value) {
            for path in self.steps.paths(*value, from, to) {
                let moves: Vec<Move> = path.iter().map(|(step, _)| *step).collect();
                indices.iter().for_each(|index| {
                    placement.moves.insert((step.op, *index), moves.clone());
                });
                let mut taken = taken.clone();
                taken.push(to);
                self.operand(at, step, taken, defined, placement);
            }
        }
    }
}

/// For each live value the forms that it has.
type Held = Vec<(usize, Vec<Form>)>;

/// What is ahead costs the same however the forms that are there were made.
struct Exhaustive<'a> {
    steps: &'a Steps,
    known: FxHashMap<(usize, Held), f64>,
    paths: FxHashMap<(usize, Form, Form), Vec<(Path, f64)>>,
    /// Choices that were looked at, and the most that are.
    tried: usize,
    most: usize,
}

impl Exhaustive<'_> {
    /// The least cost from a step on. Infinite where it cannot be done, and once too much is kept in memory.
    fn least(&mut self, at: usize, held: Held) -> f64 {
        let Some(step) = self.steps.steps.get(at) else { return 0.0 };
        let key = (at, held);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if self.tried > self.most {
            return f64::INFINITY;
        }
        let least = self.operand(at, step, &[], key.1.clone());
        self.known.insert(key, least);
        least
    }

    fn operand(&mut self, at: usize, step: &Step, taken: &[Form], held: Held) -> f64 {
        let Some((value, _)) = step.values.get(taken.len()) else {
            if !self.steps.agree(step, taken) {
                return f64::INFINITY;
            }
            let mut held = held;
            held.retain(|(value, _)| self.steps.last_use[*value] > at);
            let Some(result) = step.result else { return self.least(at + 1, held) };
            let mut least = f64::INFINITY;
            for made in self.steps.results(step, taken) {
                let mut held = held.clone();
                held.push((result, vec![made]));
                least = least.min(self.least(at + 1, held));
            }
            return self.steps.op_price(step, taken) + least;
        };
        let slot = held.iter().position(|(known, _)| known == value).expect("it is live");
        let mut least = f64::INFINITY;
        let again = self.steps.last_use[*value] > at;
        for to in self.steps.wanted(step, *value) {
            // What paths leave behind, and the cheapest that leaves it. Of what nothing takes again nothing is left.
            let mut left: BTreeMap<Vec<Form>, f64> = BTreeMap::new();
            for from in &held[slot].1 {
                let steps = self.steps;
                // On uneven chains they are the same for all values.
                let paths = self.paths.entry((if steps.even { *value } else { 0 }, *from, to));
                let paths = paths.or_insert_with(|| steps.priced_paths(*value, *from, to));
                for (path, cost) in &paths[..if again { paths.len() } else { paths.len().min(1) }] {
                    let mut forms = Vec::new();
                    if again {
                        forms.clone_from(&held[slot].1);
                        forms.extend(path.iter().map(|(_, form)| *form));
                        forms.sort();
                        forms.dedup();
                    }
                    let known = left.entry(forms).or_insert(*cost);
                    *known = cost.min(*known);
                }
            }
            for (forms, cost) in left {
                self.tried += 1;
                let mut held = held.clone();
                held[slot].1 = forms;
                let mut taken = taken.to_vec();
                taken.push(to);
                least = least.min(cost + self.operand(at, step, &taken, held));
            }
        }
        least
    }
}

/// Whether latencies agree but for the order in which they are added.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// The program that is searched: as it is, or with what a strategy has placed, but for the ops of the free kind.
fn start(loaded: &Loaded, program: &Random, case: usize) -> (Ir, Freedom) {
    let registry = &loaded.session.registry;
    let mut ir = read(loaded, &program.text());
    he_core::rewrite::sweep_dead(&mut ir);
    let free = match case % 4 {
        1 => Freedom { rescale: true, relinearize: false },
        3 => Freedom { rescale: false, relinearize: true },
        _ => BOTH,
    };
    if case % 2 == 1 {
        let strategy = Some(if case % 8 < 4 { Strategy::Lazy } else { Strategy::Eager });
        assign(registry, &mut ir, Plan { rescale: strategy, relinearize: strategy, ..Plan::keep() })
            .expect("levels are assigned");
        let name = if free.rescale { "ckks.rescale" } else { "ckks.relinearize" };
        erase_all(&mut ir, name);
        he_dialects::ckks::passes::leveling::erase_drops(&mut ir);
    }
    (ir, free)
}

/// Checks what the search finds as a program: its latency, that it is no worse than the strategies, and its results.
fn check_found(
    loaded: &Loaded,
    program: &Random,
    ir: &Ir,
    free: Freedom,
    found: &he_dialects::ckks::passes::placement::Found,
) {
    let registry = &loaded.session.registry;
    let params = program.params();
    let latency = |ir: &Ir| latency_ms(registry, ir, Profile::openfhe(), &params).expect("it is costed");
    let mut placed = ir.clone();
    assign_placed(registry, &mut placed, found.placement.clone()).expect("levels are assigned");
    verify(registry, &mut placed).unwrap_or_else(|errors| panic!("{}\n{}", errors[0], program.text()));
    assert!(same(latency(&placed), found.latency_ms), "{} {}", latency(&placed), found.latency_ms);
    for strategy in [Strategy::Lazy, Strategy::Eager] {
        let mut ir = ir.clone();
        let plan = Plan {
            rescale: free.rescale.then_some(strategy),
            relinearize: free.relinearize.then_some(strategy),
            drops: Drops::Early,
            ..Plan::keep()
        };
        assign(registry, &mut ir, plan).expect("levels are assigned");
        assert!(
            missing_levels(&ir).is_some() || found.latency_ms <= latency(&ir) * (1.0 + 1e-9),
            "{strategy:?}: {} {}\n{}",
            found.latency_ms,
            latency(&ir),
            program.text()
        );
    }
    let mut reference = read(loaded, &program.clone().on(40, &[[60].as_slice(), &[40; 40]].concat()).text());
    let lazy = Some(Strategy::Lazy);
    assign(registry, &mut reference, Plan { rescale: lazy, relinearize: lazy, ..Plan::keep() })
        .expect("levels are assigned");
    let run = |ir: &Ir| programs::execute(loaded, &NoWeights, ir, BackendOptions::default());
    // Sums of sums may become too large for any modulus.
    match (run(&reference), run(&placed)) {
        (Ok(reference), Ok(found)) => {
            agree(&reference, &found).unwrap_or_else(|why| panic!("{why}\n{}", program.text()));
        }
        (Err(why), _) | (_, Err(why)) => assert!(why.contains("overflows"), "{why}"),
    }
}

/// No placement of a small program that verifies is cheaper than what is found, and one costs the same.
#[test]
fn small_programs_have_no_cheaper_placement() {
    let loaded = load().expect("the dialects load");
    let mut random = SplitMix64::new(1);
    let (mut checked, mut uneven, mut tried, mut case) = (0, 0, 0, 0);
    while checked < 80 {
        case += 1;
        let mut program = Random::new(&mut random, 3 + case % 6, 4, 3);
        if case % 3 == 2 {
            program = program.on(40, &[60, 60]);
        }
        let (ir, free) = start(&loaded, &program, case);
        let steps = Steps::of(&ir, free, program.wide);
        let mut all = BruteForce {
            loaded: &loaded,
            ir: &ir,
            steps: &steps,
            tried: 0,
            most: 1500,
            least: f64::INFINITY,
        };
        let mut defined = vec![None; steps.own.len()];
        for form in defined.iter_mut().take(ARGUMENTS) {
            *form = Some(steps.fresh());
        }
        all.from(0, &mut defined, &mut Placement::default());
        if all.tried > all.most || all.tried == 0 {
            continue;
        }
        let found = search(&loaded.session.registry, &ir, Profile::openfhe(), &steps.params, free);
        let found = found.expect("it searches").expect("every op is known");
        let text = program.text();
        assert!(same(found.latency_ms, all.least), "found {}, least {}\n{text}", found.latency_ms, all.least);
        assert!(same(found.latency_ms, found.least_ms), "{} {}", found.latency_ms, found.least_ms);
        check_found(&loaded, &program, &ir, free, &found);
        checked += usize::from(all.tried > 4);
        uneven += usize::from(all.tried > 4 && !steps.even);
        tried += all.tried;
    }
    eprintln!("{checked} of {case} programs, {uneven} on uneven chains, {tried} placements");
    assert!(uneven >= 10, "{uneven} on uneven chains");
}

/// The least latency of all placements by the plain recursion; `None` where that takes too long.
fn least_of_all(steps: &Steps, most: usize) -> Option<f64> {
    let mut all =
        Exhaustive { steps, known: FxHashMap::default(), paths: FxHashMap::default(), tried: 0, most };
    let used = |value: &usize| steps.steps.iter().any(|step| step.values.iter().any(|(v, _)| v == value));
    let held = (0..ARGUMENTS).filter(used).map(|value| (value, vec![steps.fresh()])).collect();
    let least = all.least(0, held);
    (all.tried <= most).then_some(least)
}

/// On programs of up to 30 products the search finds the least of all placements.
#[test]
fn programs_of_thirty_products_have_no_cheaper_placement() {
    let loaded = load().expect("the dialects load");
    let mut random = SplitMix64::new(2);
    let (mut checked, mut largest) = (0, 0);
    for case in 0..200 {
        let program = Random::new(&mut random, 8 + case % 50, 30, 3);
        let (ir, free) = start(&loaded, &program, case);
        let steps = Steps::of(&ir, free, program.wide);
        let found = search(&loaded.session.registry, &ir, Profile::openfhe(), &steps.params, free);
        let found = found.expect("it searches").expect("every op is known");
        check_found(&loaded, &program, &ir, free, &found);
        let Some(least) = least_of_all(&steps, 1_000_000) else { continue };
        assert!(
            same(found.latency_ms, least),
            "found {}, least {least}\n{}",
            found.latency_ms,
            program.text()
        );
        assert!(same(found.latency_ms, found.least_ms), "{} {}", found.latency_ms, found.least_ms);
        let products = program.ops.iter().filter(|(kind, _)| kind.is_product()).count();
        (checked, largest) = (checked + 1, largest.max(products));
    }
    eprintln!("{checked} programs, with up to {largest} products");
    assert!(checked >= 100 && largest >= 25, "{checked} programs, with up to {largest} products");
}

/// Chains whose primes are not as wide as the scale: the scale, and bits of the primes.
const UNEVEN: [(u32, &[u32]); 6] = [
    (40, &[60, 60, 60]),
    (40, &[60, 60, 60, 60]),
    (30, &[60, 60, 60]),
    (50, &[60, 40, 40, 40, 40]),
    (40, &[60, 40, 60, 40]),
    (45, &[60, 30, 30, 30]),
];

/// Searches a program on an uneven chain: whether it was compared with all placements, and whether any is legal.
fn check_uneven(loaded: &Loaded, program: &Random, case: usize, most: usize) -> Option<bool> {
    let (ir, free) = start(loaded, program, 2 * case);
    let steps = Steps::of(&ir, free, program.wide);
    let found = search(&loaded.session.registry, &ir, Profile::openfhe(), &steps.params, free);
    let found = found.expect("it searches");
    let least = least_of_all(&steps, most)?;
    let text = program.text();
    let Some(found) = found else {
        assert!(least.is_infinite(), "found none, least {least}\n{text}");
        return Some(false);
    };
    assert!(same(found.latency_ms, least), "found {}, least {least}\n{text}", found.latency_ms);
    assert!(same(found.latency_ms, found.least_ms), "{} {}\n{text}", found.latency_ms, found.least_ms);
    check_found(loaded, program, &ir, free, &found);
    Some(true)
}

/// Where levels depend on scales, the search finds the least of all placements too.
#[test]
fn uneven_chains_have_no_cheaper_placement() {
    let loaded = load().expect("the dialects load");
    let mut random = SplitMix64::new(3);
    let mut checked = Vec::new();
    for case in 0..300 {
        let (log_scale, log_q) = UNEVEN[case % UNEVEN.len()];
        let program = Random::new(&mut random, 2 + case % 7, 6, 3).on(log_scale, log_q);
        checked.extend(check_uneven(&loaded, &program, case, 200_000));
    }
    let legal = checked.iter().filter(|legal| **legal).count();
    eprintln!("{} programs, {legal} legal", checked.len());
    assert!(legal >= 150, "{} programs, {legal} legal", checked.len());
}

/// On any chain what the search finds is legal, costs what it says, computes the same, and is no slower than the strategies.
#[test]
fn any_chain_is_searched() {
    let loaded = load().expect("the dialects load");
    let mut random = SplitMix64::new(5);
    let mut searched = 0;
    for case in 0..300 {
        let mut below = |count: u32| (random.bits() >> 20) as u32 % count;
        let levels = 4 + below(16) as usize;
        // All widths are multiples of one, few enough for the search on all chains but the last third.
        let unit = [10, 6, 4][case % 3];
        let mut width = || unit * (20 / unit + 1 + below(60 / unit - 20 / unit));
        let (log_scale, one) = (width(), width());
        let mut log_q = vec![60];
        log_q.extend((0..levels).map(|_| if case % 2 == 0 { one } else { width() }));
        if log_q[1..].iter().all(|bits| *bits == log_scale) {
            // Levels may be missing there.
            continue;
        }
        let program = Random::new(&mut random, 3 + case % 30, 12, 3).on(log_scale, &log_q);
        let (ir, free) = start(&loaded, &program, 2 * case);
        let found = search(&loaded.session.registry, &ir, Profile::openfhe(), &program.params(), free)
            .expect("it searches");
        let Some(found) = found else { continue };
        assert!(found.least_ms <= found.latency_ms, "{} {}", found.least_ms, found.latency_ms);
        check_found(&loaded, &program, &ir, free, &found);
        searched += 1;
    }
    eprintln!("{searched} programs");
    assert!(searched >= 30, "{searched} programs");
}

/// The same for chains of up to 30 products, of which the recursion has few values to remember.
#[test]
fn long_programs_on_uneven_chains_have_no_cheaper_placement() {
    let loaded = load().expect("the dialects load");
    let mut random = SplitMix64::new(4);
    let mut largest = 0;
    for case in 0..6 {
        let program = Random::new(&mut random, 10 + 14 * case, 30, 1);
        let products = program.ops.iter().filter(|(kind, _)| kind.is_product()).count();
        // The recursion takes longer where there are more scales.
        let program = match products {
            ..20 => program.on(40, &vec![60; products * 5 / 6 + 3]),
            _ => program.on(30, &vec![60; products * 2 / 3 + 3]),
        };
        let checked = check_uneven(&loaded, &program, case, 20_000_000);
        if checked == Some(true) {
            largest = largest.max(products);
        }
    }
    assert!(largest >= 25, "up to {largest} products");
}
