//! "Did you mean ...?"

/// The one of `known` that `word` was probably meant to be, if any is near enough.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.to_lowercase().chars().take(64).collect();
    let likeness = |known: &str| {
        let known = known.to_lowercase();
        let slip = strsim::osa_distance(&word, &known) == 1 && known.len() > 2;
        let alike = strsim::jaro_winkler(&word, &known);
        if slip { alike + 1.0 } else { alike }
    };
    known
        .into_iter()
        .map(|k| (likeness(k), k))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_nonsense_is_not() {
        let known = ["latency", "loss", "rate"];
        assert_eq!(closest("latancy", known), Some("latency"));
        assert_eq!(closest("Loss", known), Some("loss"));
        assert_eq!(closest("bbo", ["alice", "bob"]), Some("bob"));
        assert_eq!(closest("xyzzy", known), None);
    }
}
