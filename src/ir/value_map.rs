//! A table of what is known of the values of a program.

use super::graph::ValueId;

/// What is known of values: a map as fast as a list, for tables with an entry for most values of a program.
#[derive(Clone, Debug)]
pub struct ValueMap<T>(Vec<Option<T>>);

impl<T> Default for ValueMap<T> {
    fn default() -> Self {
        ValueMap(Vec::new())
    }
}

impl<T> ValueMap<T> {
    /// What is known of a value.
    pub fn get(&self, value: ValueId) -> Option<&T> {
        self.0.get(value.index())?.as_ref()
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
        if index >= self.0.len() {
            self.0.resize_with(index + 1, || None);
        }
        &mut self.0[index]
    }
}

impl<T> FromIterator<(ValueId, T)> for ValueMap<T> {
    fn from_iter<I: IntoIterator<Item = (ValueId, T)>>(entries: I) -> Self {
        let mut map = ValueMap::default();
        entries.into_iter().for_each(|(value, known)| map.insert(value, known));
        map
    }
}
