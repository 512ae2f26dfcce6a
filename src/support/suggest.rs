//! "Did you mean …".

/// The candidate nearest to `word`, if one is near enough to be a slip of the keyboard.
///
/// Distance is Damerau-Levenshtein; at most a third of the word (and at least one edit) may differ. A word of four letters
/// may also be the beginning of a candidate.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 64 {
        return None;
    }
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|c| c.len() <= 96)
        .map(|c| (strsim::damerau_levenshtein(word, c), c))
        .filter(|&(distance, c)| distance <= limit || (word.len() >= 4 && c.starts_with(word)))
        .min_by_key(|&(distance, c)| (distance, c))
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn nearest_within_a_third() {
        assert_eq!(did_you_mean("rotat", ["rescale", "rotate"]), Some("rotate"));
        assert_eq!(did_you_mean("xyz", ["rescale", "rotate"]), None);
        assert_eq!(did_you_mean("degre", ["degrees", "deg"]), Some("degrees"));
        assert_eq!(did_you_mean("boot", ["bootstrap", "booz"]), Some("booz"));
    }
}
