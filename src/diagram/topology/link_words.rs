//! What is written at a link: only what matters. Faults that never happen and limits that are
//! the default are left out.

use crate::{
    diagram::words::exact_span,
    topology::{Discipline, JitterShape, Link, LinkProfile},
};

/// One line at a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) kind: LineKind,
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// The link's own name.
    Name,
    /// Rate and delay.
    Plain,
    /// What goes wrong on it.
    Fault,
}

/// The lines of a link; `arrows` are the signs for forward and backward on the picture.
pub(super) fn lines(link: &Link, default_name: &str, arrows: [&str; 2]) -> Vec<Line> {
    let mut lines = Vec::new();
    if link.name != default_name {
        lines.push(line(LineKind::Name, link.name.clone()));
    }
    for (kind, words) in [
        (LineKind::Plain, speed as fn(&LinkProfile) -> Vec<String>),
        (LineKind::Fault, faults),
        (LineKind::Plain, limits),
    ] {
        let [forward, backward] = [0, 1].map(|i| words(&link.profiles[i]));
        if forward == backward {
            lines.extend(forward.into_iter().map(|text| line(kind, text)));
        } else {
            for (arrow, texts) in arrows.into_iter().zip([forward, backward]) {
                let with_arrow = |text| line(kind, format!("{arrow} {text}"));
                lines.extend(texts.into_iter().map(with_arrow));
            }
        }
    }
    lines
}

const fn line(kind: LineKind, text: String) -> Line {
    Line { text, kind }
}

fn speed(profile: &LinkProfile) -> Vec<String> {
    let mut text = format!("{} · {}", profile.rate, exact_span(profile.latency));
    if profile.jitter != LinkProfile::default().jitter {
        text += &format!(" ± {}", exact_span(profile.jitter));
        if profile.jitter_shape == JitterShape::Normal {
            text += " (normal)";
        }
    }
    vec![text]
}

fn faults(profile: &LinkProfile) -> Vec<String> {
    let chances = [
        ("loss", profile.loss),
        ("duplicates", profile.duplicate),
        ("reordered", profile.reorder),
        ("bit errors", profile.bit_error),
    ];
    let words: Vec<String> = chances
        .into_iter()
        .filter(|(_, chance)| !chance.is_zero())
        .map(|(word, chance)| format!("{word} {chance}"))
        .chain(profile.down.map(|outage| format!("down {outage}")))
        .collect();
    words.chunks(2).map(|pair| pair.join(" · ")).collect()
}

fn limits(profile: &LinkProfile) -> Vec<String> {
    let usual = LinkProfile::default();
    let queue = (profile.queue != usual.queue).then(|| format!("queue {}", profile.queue));
    let discipline = (profile.discipline != usual.discipline).then(|| match profile.discipline {
        Discipline::Threshold(threshold) => {
            let does = if threshold.ecn { "marks" } else { "drops" };
            format!("{does} above {}", threshold.above)
        }
        other => other.name().to_owned(),
    });
    let mtu = (profile.mtu != usual.mtu).then(|| format!("MTU {}", profile.mtu));
    let words: Vec<String> = queue.into_iter().chain(discipline).chain(mtu).collect();
    words.chunks(2).map(|pair| pair.join(" · ")).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagram::sample::network;

    fn texts(link: &Link) -> Vec<String> {
        let lines = lines(link, "r1-r2", ["→", "←"]);
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_link_says_what_differs_from_a_plain_cable() {
        let mut link = network().links.remove(1);
        let expected = ["wan", "10 Mbit/s · 20 ms ± 2 ms", "loss 3%", "queue 64 KiB"];
        assert_eq!(texts(&link), expected);
        link.name = "r1-r2".to_owned();
        link.profiles = [Arc::default(), Arc::default()];
        assert_eq!(texts(&link), ["1 Gbit/s · 10 µs"]);
    }

    #[test]
    fn directions_that_differ_are_told_apart() {
        let mut link = network().links.remove(1);
        link.name = "r1-r2".to_owned();
        link.profiles = [Arc::default(), Arc::default()];
        Arc::make_mut(&mut link.profiles[1]).mtu = 1400;
        assert_eq!(texts(&link), ["1 Gbit/s · 10 µs", "← MTU 1400"]);
        let twice = link.profiles[0].latency.times(2);
        Arc::make_mut(&mut link.profiles[1]).latency = twice;
        let expected = ["→ 1 Gbit/s · 10 µs", "← 1 Gbit/s · 20 µs", "← MTU 1400"];
        assert_eq!(texts(&link), expected);
    }
}
