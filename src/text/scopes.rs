//! Names of values and blocks while a text is read.

use rustc_hash::FxHashMap;

use super::parser::{PResult, Parser};
use crate::ir::{BlockId, Ir, Type, ValueId};

/// The name of values as it is written, `%a` or `%12`.
#[derive(Clone, Copy)]
pub(super) struct Name<'s> {
    pub text: &'s str,
    /// The number of a name that is one and is written as it is printed; else [`NO_NUMBER`].
    pub number: u32,
}

/// Of a name that is not a number.
pub(super) const NO_NUMBER: u32 = u32::MAX;

/// The digits at the beginning of a text and their number, if it is written as it is printed and small.
#[inline(always)]
pub(super) fn plain_number(text: &[u8]) -> Option<(usize, u32)> {
    let mut number = 0;
    let mut digits = 0;
    while let Some(digit) = text.get(digits).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        number = 10 * number + u32::from(digit);
        digits += 1;
        if digits > MAX_DIGITS {
            return None;
        }
    }
    (digits > 0 && (digits == 1 || text[0] != b'0')).then_some((digits, number))
}

/// A named group of values, such as `%a:2`.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub first: ValueId,
    pub count: u32,
    pub offset: u32,
}

/// The offset in the text that says which type a value has.
pub(super) enum Origin {
    /// Where it is defined
    Definition(usize),
    /// Where it was used first, if it is not defined yet
    Use(usize),
}

#[derive(Default)]
struct Isolated<'s> {
    names: FxHashMap<&'s str, Named>,
    /// Single values whose names end in small numbers (`%12`, `%arg3`): the common case without hashing.
    series: Vec<Series>,
    /// Names in order of definition, to be forgotten at the end of their region.
    defined: Vec<Run>,
    spelled: Vec<&'s str>,
    forward: FxHashMap<(&'s str, u32), (ValueId, u32)>,
}

/// The names of one prefix.
struct Series {
    /// The bytes of the prefix.
    prefix: u64,
    /// Value and offset of the definition by number, `NONE` where there is none.
    values: Vec<(ValueId, u32)>,
}

impl Series {
    #[inline]
    fn get(&self, prefix: u64, number: usize) -> Option<Named> {
        let (first, offset) = *self.values.get(number)?;
        (self.prefix == prefix && !first.is_none()).then_some(Named { first, count: 1, offset })
    }
}

/// Names that were defined one after another: numbers that follow each other, or names of `spelled`.
struct Run {
    /// The first number, with its series above [`NUMBER_BITS`]; or [`SPELLED`].
    first: u32,
    count: u32,
}

/// How many names there were: runs, and names of the last one.
#[derive(Clone, Copy, Default)]
struct Mark {
    runs: usize,
    of_last: u32,
}

/// How far beyond the largest number so far a numbered name may lie.
const NUMBER_SLACK: usize = 4096;

/// Numbers are below two to this.
const NUMBER_BITS: u32 = 27;

/// The most series of a scope; the names of further prefixes are hashed.
const MAX_SERIES: usize = 16;

const SPELLED: u32 = u32::MAX;

/// The most digits of a number in a name that is not hashed.
const MAX_DIGITS: usize = 8;

/// The prefix and the number of `%12` or `%arg3`, for names as they are printed.
fn numbered(name: Name<'_>) -> Option<(u64, usize)> {
    if name.number != NO_NUMBER {
        return Some((0, name.number as usize));
    }
    let name = &name.text.as_bytes()[1..];
    let (mut prefix, mut at) = (0, 0);
    while !name.get(at)?.is_ascii_digit() {
        prefix = prefix << 8 | u64::from(name[at]);
        at += 1;
    }
    let (digits, number) = plain_number(&name[at..])?;
    (at <= 8 && at + digits == name.len()).then_some((prefix, number as usize))
}

impl<'s> Isolated<'s> {
    #[inline]
    fn find(&self, name: Name<'_>) -> Option<Named> {
        // Most names are numbers, and those of one series.
        if name.number != NO_NUMBER
            && let Some(named) = self.series.first().and_then(|series| series.get(0, name.number as usize))
        {
            return Some(named);
        }
        self.find_any(name, numbered(name))
    }

    #[inline(never)]
    fn find_any(&self, name: Name<'_>, numbered: Option<(u64, usize)>) -> Option<Named> {
        let in_series = |(prefix, number)| self.series.iter().find_map(|series| series.get(prefix, number));
        let named = numbered.and_then(in_series);
        if named.is_some() || self.names.is_empty() { named } else { self.names.get(name.text).copied() }
    }

    /// Enters a name; the earlier definition if there is one, which stays.
    fn insert(&mut self, name: Name<'s>, named: Named) -> Option<Named> {
        let numbered = numbered(name);
        let earlier = self.find_any(name, numbered);
        if earlier.is_some() {
            return earlier;
        }
        let place = numbered.filter(|_| named.count == 1).and_then(|(prefix, number)| {
            let index = self.series.iter().position(|series| series.prefix == prefix);
            let index = index.or_else(|| {
                let has_room = self.series.len() < MAX_SERIES;
                has_room.then(|| self.series.push(Series { prefix, values: Vec::new() }));
                has_room.then(|| self.series.len() - 1)
            })?;
            (number < self.series[index].values.len() + NUMBER_SLACK).then_some((index, number))
        });
        match place {
            Some((index, number)) => {
                let values = &mut self.series[index].values;
                if number >= values.len() {
                    values.resize(number + 1, (ValueId::NONE, 0));
                }
                values[number] = (named.first, named.offset);
                self.note((index as u32) << NUMBER_BITS | number as u32);
            }
            None => {
                self.names.insert(name.text, named);
                self.note(SPELLED);
                self.spelled.push(name.text);
            }
        }
        None
    }

    /// Notes that a name was defined.
    fn note(&mut self, name: u32) {
        match self.defined.last_mut() {
            Some(run) if name == SPELLED && run.first == SPELLED => run.count += 1,
            Some(run) if run.first != SPELLED && run.first + run.count == name => run.count += 1,
            _ => self.defined.push(Run { first: name, count: 1 }),
        }
    }

    fn mark(&self) -> Mark {
        Mark { runs: self.defined.len(), of_last: self.defined.last().map_or(0, |run| run.count) }
    }

    /// Forgets the names that were defined since the mark.
    fn forget(&mut self, mark: Mark) {
        while self.defined.len() >= mark.runs.max(1)
            && let Some(run) = self.defined.pop()
        {
            let left = if self.defined.len() < mark.runs { mark.of_last.min(run.count) } else { 0 };
            self.forget_after(&run, left);
            if left > 0 {
                return self.defined.push(Run { count: left, ..run });
            }
        }
    }

    /// Forgets the names of a run but the first `left`.
    fn forget_after(&mut self, run: &Run, left: u32) {
        if run.first == SPELLED {
            for name in self.spelled.drain(self.spelled.len() - (run.count - left) as usize..) {
                self.names.remove(name);
            }
            return;
        }
        let first = (run.first & ((1 << NUMBER_BITS) - 1)) as usize;
        let values = &mut self.series[(run.first >> NUMBER_BITS) as usize].values;
        values[first + left as usize..first + run.count as usize].fill((ValueId::NONE, 0));
    }
}

#[derive(Default)]
struct RegionNames<'s> {
    defined_before: Mark,
    blocks: FxHashMap<&'s str, (BlockId, bool, u32)>,
}

/// What is visible at a point of the text.
#[derive(Default)]
pub(super) struct Scopes<'s> {
    isolated: Vec<Isolated<'s>>,
    regions: Vec<RegionNames<'s>>,
}

impl<'s> Scopes<'s> {
    fn top(&mut self) -> &mut Isolated<'s> {
        if self.isolated.is_empty() {
            self.isolated.push(Isolated::default());
        }
        let last = self.isolated.len() - 1;
        &mut self.isolated[last]
    }

    pub fn push_isolated(&mut self) {
        self.isolated.push(Isolated::default());
    }

    pub fn push_region(&mut self) {
        let defined_before = self.top().mark();
        self.regions.push(RegionNames { defined_before, blocks: FxHashMap::default() });
    }

    pub fn region_count(&self) -> usize {
        self.regions.len()
    }

    /// Leaves regions that could not be read, until `count` are left.
    pub fn leave_regions(&mut self, count: usize) {
        while self.regions.len() > count {
            self.pop_region();
        }
    }

    fn pop_region(&mut self) -> Vec<(&'s str, u32)> {
        let Some(region) = self.regions.pop() else { return Vec::new() };
        self.top().forget(region.defined_before);
        let mut missing: Vec<_> =
            region.blocks.iter().filter(|(_, b)| !b.1).map(|(name, b)| (*name, b.2)).collect();
        missing.sort_by_key(|(_, offset)| *offset);
        missing
    }

    /// The value of `name#number`, a placeholder of type `ty` if it is not defined yet. `Err` holds the size of
    /// the group when `number` is out of it.
    pub fn lookup(&mut self, name: Name<'s>, number: u32) -> Option<Result<ValueId, Named>> {
        let top = self.top();
        if let Some(named) = top.find(name) {
            let value = (number < named.count).then(|| ValueId(named.first.0 + number));
            return Some(value.ok_or(named));
        }
        if top.forward.is_empty() {
            return None;
        }
        top.forward.get(&(name.text, number)).map(|(value, _)| Ok(*value))
    }

    /// Where the type of a known value comes from.
    pub fn origin(&mut self, name: Name<'s>, number: u32) -> Origin {
        let top = self.top();
        match (top.find(name), top.forward.get(&(name.text, number))) {
            (None, Some((_, offset))) => Origin::Use(*offset as usize),
            (named, _) => Origin::Definition(named.map_or(0, |named| named.offset as usize)),
        }
    }

    pub fn add_forward(
        &mut self,
        ir: &mut Ir,
        name: &'s str,
        number: u32,
        ty: Type,
        offset: usize,
    ) -> ValueId {
        let value = ir.create_placeholder(ty);
        self.top().forward.insert((name, number), (value, offset as u32));
        value
    }
}

impl<'s> Parser<'s, '_> {
    /// Enters a definition, and resolves forward references to it.
    pub fn define_name(&mut self, name: Name<'s>, first: ValueId, count: u32, offset: usize) -> PResult<()> {
        let Name { text: spelling, .. } = name;
        let named = Named { first, count, offset: offset as u32 };
        let top = self.scopes.top();
        if let Some(earlier) = top.insert(name, named) {
            let error =
                self.error_span(offset, spelling.len(), format!("redefinition of SSA value '{spelling}'"));
            let note = crate::expr::position_in(
                self.source,
                self.file_name,
                earlier.offset as usize,
                spelling.len(),
            );
            return Err(Box::new(error.note(note, "the earlier definition")));
        }
        if top.forward.is_empty() {
            return Ok(());
        }
        for number in 0..count {
            let top = self.scopes.top();
            let Some((placeholder, used_at)) = top.forward.remove(&(spelling, number)) else { continue };
            let value = ValueId(first.0 + number);
            if self.ir.ty(placeholder) != self.ir.ty(value) {
                if self.errors.has_failed(spelling) {
                    continue;
                }
                let expected = self.ir.ctx.type_text(self.ir.ty(placeholder));
                let found = self.ir.ctx.type_text(self.ir.ty(value));
                let text = format!("'{spelling}' has type {found}, but was used before as {expected}");
                let note =
                    crate::expr::position_in(self.source, self.file_name, used_at as usize, spelling.len());
                let error = self.error_span(offset, spelling.len(), text);
                return Err(Box::new(error.note(note, "used here")));
            }
            self.ir.replace_all_uses(placeholder, value);
        }
        Ok(())
    }

    /// Forgets the names of a region. Errors for labels that were never defined.
    pub fn close_region_scope(&mut self) -> PResult<()> {
        for (name, offset) in self.scopes.pop_region() {
            let text = format!("reference to an undefined block '{name}'");
            self.report(Box::new(self.error_span(offset as usize, name.len(), text)))?;
        }
        Ok(())
    }

    /// Leaves an isolated scope. Errors for values that were used and never defined.
    pub fn close_isolated_scope(&mut self) -> PResult<()> {
        let Some(scope) = self.scopes.isolated.pop() else { return Ok(()) };
        let mut undefined: Vec<_> =
            scope.forward.into_iter().map(|((name, _), (_, offset))| (offset, name)).collect();
        undefined.sort_unstable();
        undefined.retain(|(_, name)| !self.errors.has_failed(name));
        for (offset, name) in undefined {
            let text = format!("use of undeclared SSA value '{name}'");
            self.report(Box::new(self.error_span(offset as usize, name.len(), text)))?;
        }
        Ok(())
    }

    /// The block that a label names, created when it is first mentioned.
    pub fn block_named(&mut self, name: &'s str, offset: usize) -> BlockId {
        let ir = &mut self.ir;
        let region = self.scopes.regions.last_mut();
        match region {
            Some(region) => {
                region.blocks.entry(name).or_insert_with(|| (ir.create_block(), false, offset as u32)).0
            }
            None => ir.create_block(),
        }
    }

    /// Marks a label as defined.
    pub fn define_block(&mut self, name: &'s str, offset: usize) -> PResult<BlockId> {
        let block = self.block_named(name, offset);
        let entry = self.scopes.regions.last_mut().and_then(|region| region.blocks.get_mut(name));
        if let Some(entry) = entry {
            if entry.1 {
                let earlier = entry.2 as usize;
                let text = format!("redefinition of block '{name}'");
                let note = crate::expr::position_in(self.source, self.file_name, earlier, name.len());
                let error = self.error_span(offset, name.len(), text);
                return Err(Box::new(error.note(note, "the earlier definition")));
            }
            (entry.1, entry.2) = (true, offset as u32);
        }
        Ok(block)
    }
}
