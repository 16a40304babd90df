//! Secrets of TLS connections, as lines of SSLKEYLOGFILE.

use std::collections::BTreeMap;

/// What is known to open TLS records with.
#[derive(Debug, Clone, Default)]
pub(in crate::dissect) struct Secrets(BTreeMap<Vec<u8>, BTreeMap<String, Vec<u8>>>);

impl Secrets {
    /// Adds the secrets of `key_log`. Lines that are none are passed over.
    pub(in crate::dissect) fn add(&mut self, key_log: &str) {
        for line in key_log.lines() {
            let mut words = line.split_whitespace();
            let parts = (words.next(), words.next(), words.next());
            if let (Some(label), Some(random), Some(secret)) = parts
                && let (Some(random), Some(secret)) = (unhex(random), unhex(secret))
            {
                let of_connection = self.0.entry(random).or_default();
                of_connection.insert(label.to_owned(), secret);
            }
        }
    }

    /// The secret called `label` of the connection whose ClientHello has `random`.
    pub(in crate::dissect) fn get(&self, random: &[u8], label: &str) -> Option<&[u8]> {
        self.0.get(random)?.get(label).map(Vec::as_slice)
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits.filter(|d| d.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|d| d[0] << 4 | d[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_no_secrets_are_passed_over() {
        let mut secrets = Secrets::default();
        secrets.add("# a comment\nCLIENT_RANDOM 0a0B 0c\nCLIENT_RANDOM 0a0 0c\nX\n");
        assert_eq!(
            secrets.get(&[10, 11], "CLIENT_RANDOM"),
            Some([12].as_slice())
        );
        assert_eq!(secrets.get(&[10, 11], "X"), None);
    }
}
