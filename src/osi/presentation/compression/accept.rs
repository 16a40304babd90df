//! Which coding a client wants: `Accept-Encoding` with its quality values (RFC 9110, section 12.5.3).

use super::Coding;

/// What came of a negotiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negotiated {
    /// Send it in this coding.
    Coded(Coding),
    /// Send it as it is.
    Identity,
    /// The client takes none of what there is, not even the content as it is.
    Nothing,
}

/// Chooses for a client that sent `accept` among the codings that are `offered`: the one that it
/// gives the highest quality, among equals the one offered first. A client that sent nothing gets
/// the content as it is, and so does one to whom that is worth more than any coding.
pub fn negotiate(accept: Option<&str>, offered: &[Coding]) -> Negotiated {
    let Some(accept) = accept else {
        return Negotiated::Identity;
    };
    let wishes: Vec<(&str, u16)> = accept.split(',').filter_map(wish).collect();
    let named = |name: &str| {
        let mut found = wishes.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        found.next().map(|(_, quality)| *quality)
    };
    let quality = |coding: Coding| {
        let exact = wishes
            .iter()
            .find(|(n, _)| Coding::from_name(n) == Some(coding));
        let exact = exact.map(|(_, quality)| *quality);
        exact.or_else(|| named("*")).unwrap_or(0)
    };
    let mut best: Option<(Coding, u16)> = None;
    for coding in offered {
        let this = quality(*coding);
        if this > best.map_or(0, |(_, quality)| quality) {
            best = Some((*coding, this));
        }
    }
    // Without a word about it, identity is acceptable, but less than anything that was asked for.
    let identity = named("identity");
    let refused = identity.or_else(|| named("*")) == Some(0);
    match best {
        Some((_, quality)) if identity.is_some_and(|own| own > quality) => Negotiated::Identity,
        Some((coding, _)) => Negotiated::Coded(coding),
        None if refused => Negotiated::Nothing,
        None => Negotiated::Identity,
    }
}

/// `gzip;q=0.5` as a name and thousandths. What is no quality counts as 1; an empty element is none.
fn wish(element: &str) -> Option<(&str, u16)> {
    let mut parts = element.split(';');
    let name = parts.next()?.trim();
    if name.is_empty() {
        return None;
    }
    let value = parts.find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    Some((name, value.and_then(thousandths).unwrap_or(1000)))
}

/// A quality value (RFC 9110, section 12.4.2): 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = whole.parse().ok()?;
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{decimals:0<3}").parse().ok()?;
    let value = whole.checked_mul(1000)?.checked_add(part)?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> &'static str {
        match negotiate(Some(accept), &Coding::ALL) {
            Negotiated::Coded(coding) => coding.name(),
            Negotiated::Identity => "identity",
            Negotiated::Nothing => "nothing",
        }
    }

    #[test]
    fn the_highest_quality_wins_and_among_equals_the_server_chooses() {
        assert_eq!(chosen("gzip, br, zstd"), "br");
        assert_eq!(chosen("gzip;q=1.0, br;q=0.8"), "gzip");
        assert_eq!(chosen("gzip;q=0.5, zstd;q=0.501"), "zstd");
        assert_eq!(chosen("GZIP"), "gzip");
        assert_eq!(chosen("x-gzip"), "gzip");
    }

    #[test]
    fn a_star_stands_for_what_is_not_named() {
        assert_eq!(chosen("*"), "br");
        assert_eq!(chosen("br;q=0, *;q=0.1"), "zstd");
        assert_eq!(chosen("gzip, *;q=0"), "gzip");
    }

    #[test]
    fn what_is_worth_nothing_is_not_sent() {
        assert_eq!(chosen("gzip;q=0, br;q=0.000"), "identity");
        assert_eq!(chosen("deflate"), "identity");
        assert_eq!(chosen(""), "identity");
        assert_eq!(chosen("identity;q=0"), "nothing");
        assert_eq!(chosen("*;q=0"), "nothing");
        assert_eq!(chosen("identity, gzip;q=0.5"), "identity");
        assert_eq!(negotiate(None, &Coding::ALL), Negotiated::Identity);
        assert_eq!(negotiate(Some("gzip"), &[]), Negotiated::Identity);
    }

    #[test]
    fn a_quality_that_is_none_counts_as_one() {
        assert_eq!(chosen("gzip;q=, br;q=0.9"), "gzip");
        assert_eq!(chosen("gzip;q=7, br;q=0.9"), "gzip");
        assert_eq!(chosen("gzip;q=0.1234, br;q=0.9"), "gzip");
    }
}
