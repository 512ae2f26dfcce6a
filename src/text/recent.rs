//! What recent spellings stood for: a text repeats a handful of types, op names and attribute keys.

/// Number of slots; a power of two.
const SLOTS: usize = 64;

/// A direct-mapped cache from spellings to what they stand for; a collision forgets the older one.
pub(super) struct Recent<'s, V> {
    slots: [Option<(&'s str, V)>; SLOTS],
}

impl<V: Copy> Default for Recent<'_, V> {
    fn default() -> Self {
        Recent { slots: [None; SLOTS] }
    }
}

/// A slot from the length and both ends: enough to tell the spellings of one program apart, most of the time.
fn slot(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return 0 };
    let before = bytes[bytes.len().saturating_sub(2)];
    let middle = bytes[bytes.len() / 2];
    let mixed = usize::from(*first)
        + 3 * usize::from(*last)
        + 7 * usize::from(before)
        + 13 * usize::from(middle)
        + 29 * bytes.len();
    mixed % SLOTS
}

impl<'s, V: Copy> Recent<'s, V> {
    pub fn get(&self, text: &str) -> Option<V> {
        match self.slots[slot(text)] {
            Some((known, value)) if known == text => Some(value),
            _ => None,
        }
    }

    pub fn put(&mut self, text: &'s str, value: V) {
        self.slots[slot(text)] = Some((text, value));
    }
}
