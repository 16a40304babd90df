//! One line of a zone file, read.

use std::net::{IpAddr, Ipv4Addr};

use crate::{
    osi::application::spec::{Record, RecordData, RecordType, Soa, canonical},
    scenario::text::closest,
};

/// What a line is read against.
pub(super) struct Reader<'a> {
    /// The name of the zone, without its final dot.
    pub(super) origin: &'a str,
    /// The TTL of a record that has none.
    pub(super) ttl: u32,
    /// The address of a node.
    pub(super) node: &'a dyn Fn(&str) -> Option<IpAddr>,
}

impl Reader<'_> {
    /// The record in `line`, or what is wrong with it.
    pub(super) fn record(&self, line: &str) -> Result<Record, String> {
        let words = words(line)?;
        let mut words = words.iter().map(String::as_str).peekable();
        let name = self.name(words.next().ok_or("it is empty")?)?;
        let digits = |word: &&str| word.bytes().all(|b| b.is_ascii_digit());
        let ttl = match words.next_if(digits) {
            Some(ttl) => number(ttl, "the TTL")?,
            None => self.ttl,
        };
        words.next_if(|word| word.eq_ignore_ascii_case("IN"));
        let word = words.next().ok_or("its type is missing")?;
        let kind = RecordType::from_name(word).ok_or_else(|| unknown_type(word))?;
        let data = self.data(kind, &words.collect::<Vec<&str>>())?;
        Ok(Record { name, ttl, data })
    }

    fn data(&self, kind: RecordType, words: &[&str]) -> Result<RecordData, String> {
        Ok(match (kind, words) {
            (RecordType::A, [address]) => RecordData::A(self.address(address)?),
            (RecordType::Aaaa, [address]) => match address.parse() {
                Ok(address) => RecordData::Aaaa(address),
                Err(_) => return Err(format!("`{address}` is not an IPv6 address")),
            },
            (RecordType::Cname, [target]) => RecordData::Cname(self.name(target)?),
            (RecordType::Ptr, [target]) => RecordData::Ptr(self.name(target)?),
            (RecordType::Ns, [target]) => RecordData::Ns(self.name(target)?),
            (RecordType::Mx, [preference, exchange]) => RecordData::Mx {
                preference: number(preference, "the preference")?,
                exchange: self.name(exchange)?,
            },
            (RecordType::Txt, strings) if !strings.is_empty() => texts(strings)?,
            (RecordType::Soa, words) => RecordData::Soa(self.soa(words)?),
            (kind, _) => return Err(format!("a record of type {kind} has {}", shape(kind))),
        })
    }

    fn soa(&self, words: &[&str]) -> Result<Soa, String> {
        let [mname, rname, numbers @ ..] = words else {
            return Err(format!(
                "a record of type SOA has {}",
                shape(RecordType::Soa)
            ));
        };
        let numbers: Result<Vec<u32>, String> = numbers
            .iter()
            .map(|word| number(word, "a number of the SOA"))
            .collect();
        let numbers = numbers?;
        let [serial, refresh, retry, expire, minimum] = *numbers.as_slice() else {
            return Err(format!(
                "a record of type SOA has {}",
                shape(RecordType::Soa)
            ));
        };
        Ok(Soa {
            mname: self.name(mname)?,
            rname: self.name(rname)?,
            serial,
            refresh,
            retry,
            expire,
            minimum,
        })
    }

    fn address(&self, text: &str) -> Result<Ipv4Addr, String> {
        let address = match text.parse() {
            Ok(address) => Some(address),
            Err(_) => (self.node)(text),
        };
        match address {
            Some(IpAddr::V4(address)) => Ok(address),
            _ => Err(format!("`{text}` is neither an IPv4 address nor a node")),
        }
    }

    /// A name as zone files write it: `@`, relative, or with a final dot.
    fn name(&self, text: &str) -> Result<String, String> {
        let name = match text {
            "@" => self.origin.to_owned(),
            absolute if absolute.ends_with('.') => canonical(absolute),
            relative if self.origin.is_empty() => canonical(relative),
            relative => canonical(&format!("{relative}.{}", self.origin)),
        };
        bad_name(&name).map_or(Ok(name), Err)
    }
}

/// Why `name` is not a name of the DNS; the root is one.
pub(super) fn bad_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let problem = super::super::dns::bad_dns_name(name)?;
    Some(format!("{name:?} is not a DNS name: {problem}"))
}

fn unknown_type(word: &str) -> String {
    let known: Vec<&str> = RecordType::ALL.iter().map(|kind| kind.name()).collect();
    let upper = word.to_ascii_uppercase();
    let guess = closest(&upper, known.iter().copied());
    let guess = guess.map_or_else(String::new, |guess| format!(", did you mean {guess}?"));
    format!(
        "there is no type `{word}` here{guess} Known are {}",
        known.join(", ")
    )
}

/// What the data of a type looks like.
const fn shape(kind: RecordType) -> &'static str {
    match kind {
        RecordType::A | RecordType::Aaaa => "one address",
        RecordType::Cname | RecordType::Ptr | RecordType::Ns => "one name",
        RecordType::Mx => "a preference and a name, such as `10 mail`",
        RecordType::Txt => "one or more texts, in quotes if there are spaces in them",
        RecordType::Soa => "two names and five numbers",
    }
}

fn texts(strings: &[&str]) -> Result<RecordData, String> {
    // RFC 1035, section 3.3: one byte counts the rest.
    if strings.iter().any(|s| s.is_empty() || s.len() > 255) {
        return Err("a text has 1 to 255 bytes; write a longer one as several".to_owned());
    }
    let strings = strings.iter().map(|s| (*s).to_owned());
    Ok(RecordData::Txt(strings.collect()))
}

fn number<T: std::str::FromStr>(word: &str, what: &str) -> Result<T, String> {
    word.parse()
        .map_err(|_| format!("{what} is `{word}`, which is no number in its range"))
}

/// The words of a line; quotes hold a text with spaces together.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("a quote is not closed")?,
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Record, String> {
        let reader = Reader {
            origin: "example",
            ttl: 300,
            node: &|name| (name == "bob").then(|| [10, 0, 2, 10].into()),
        };
        reader.record(line)
    }

    #[test]
    fn a_line_has_a_name_perhaps_a_ttl_a_type_and_data() {
        let record = read("www 60 IN A bob").unwrap();
        assert_eq!((record.name.as_str(), record.ttl), ("www.example", 60));
        assert_eq!(record.data, RecordData::A([10, 0, 2, 10].into()));
        let apex = read("@ MX 10 Mail.Other.").unwrap();
        assert_eq!((apex.name.as_str(), apex.ttl), ("example", 300));
        let RecordData::Mx { exchange, .. } = apex.data else {
            panic!("a mail exchanger");
        };
        assert_eq!(exchange, "mail.other");
    }

    #[test]
    fn quotes_hold_a_text_together() {
        let record = read("@ TXT \"v=spf1 -all\" second").unwrap();
        let texts = ["v=spf1 -all".to_owned(), "second".to_owned()];
        assert_eq!(record.data, RecordData::Txt(texts.into()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, words) in [
            ("", "it is empty"),
            ("www", "its type is missing"),
            ("www ADDR 1", "there is no type `ADDR`"),
            ("www A eve", "neither an IPv4 address nor a node"),
            ("www A", "one address"),
            ("www MX mail", "a preference and a name"),
            ("www MX 70000 mail", "no number in its range"),
            ("w_w! A bob", "is not a DNS name"),
            ("www TXT \"open", "not closed"),
            ("@ SOA a b 1 2 3", "five numbers"),
        ] {
            let error = read(line).unwrap_err();
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
