//! A table of what is known of the values of a program.

use std::collections::VecDeque;

use super::graph::ValueId;

/// What is known of values: a map as fast as a list, for tables with an entry for most values of a function. It takes room
/// for all values between the first and the last one that it knows.
#[derive(Clone, Debug)]
pub struct ValueMap<T> {
    /// The index of the first entry's value.
    first: usize,
    entries: VecDeque<Option<T>>,
}

impl<T> Default for ValueMap<T> {
    fn default() -> Self {
        ValueMap { first: 0, entries: VecDeque::new() }
    }
}

impl<T> ValueMap<T> {
    /// What is known of a value.
    pub fn get(&self, value: ValueId) -> Option<&T> {
        self.entries.get(value.index().checked_sub(self.first)?)?.as_ref()
    }

    /// Sets what is known of a value.
    pub fn insert(&mut self, value: ValueId, known: T) {
        *self.slot(value) = Some(known);
    }

    /// What is known of a value; if nothing is, `make` says it.
    pub fn get_or_insert_with(&mut self, value: ValueId, make: impl FnOnce() -> T) -> &mut T {
        self.slot(value).get_or_insert_with(make)
    }

    fn slot(&mut self, value: ValueId) -> &mut Option<T> {
        let index = value.index();
        if self.entries.is_empty() {
            self.first = index;
        }
        while index < self.first {
            self.entries.push_front(None);
            self.first -= 1;
        }
        let at = index - self.first;
        if at >= self.entries.len() {
            self.entries.resize_with(at + 1, || None);
        }
        &mut self.entries[at]
    }
}

impl<T> FromIterator<(ValueId, T)> for ValueMap<T> {
    fn from_iter<I: IntoIterator<Item = (ValueId, T)>>(entries: I) -> Self {
        let mut map = ValueMap::default();
        entries.into_iter().for_each(|(value, known)| map.insert(value, known));
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_come_in_any_order_and_take_no_room_below_them() {
        let mut map = ValueMap::default();
        for index in [1_000_005, 1_000_009, 1_000_002] {
            map.insert(ValueId(index), index);
        }
        assert_eq!(map.entries.len(), 8);
        assert_eq!(*map.get_or_insert_with(ValueId(1_000_009), || 0), 1_000_009);
        assert_eq!(*map.get_or_insert_with(ValueId(1_000_003), || 7), 7);
        let known =
            [0, 1_000_002, 1_000_003, 1_000_004, 1_000_010].map(|index| map.get(ValueId(index)).copied());
        assert_eq!(known, [None, Some(1_000_002), Some(7), None, None]);
    }
}
