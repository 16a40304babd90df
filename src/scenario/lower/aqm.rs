//! The discipline of a link's queue.

use super::ranges;
use crate::{
    scenario::{
        schema::{Aqm, AqmWord, Field, Table},
        text::{Findings, Place},
    },
    topology::{Codel, Discipline, FqCodel, QueueLimit, Red, Threshold},
    units::ByteSize,
};

/// The discipline that `table` asks for.
pub(super) fn read(table: &Table<Aqm>, findings: &mut Findings) -> Discipline {
    let keys = &table.value;
    let Some(kind) = keys.kind.read(findings) else {
        if table.place.is_some() && !keys.kind.is_given() {
            findings
                .error(table.place.clone(), "`aqm` needs a `kind`")
                .help("write `kind = \"codel\"`, \"fq-codel\", \"red\", \"threshold\" or \"none\"");
        }
        return Discipline::DropTail;
    };
    refuse_others(kind, keys, findings);
    let ecn = keys.ecn.read(findings).unwrap_or(true);
    match kind {
        AqmWord::None => Discipline::DropTail,
        AqmWord::Threshold => threshold(table, ecn, findings),
        AqmWord::Red => Discipline::Red(red(keys, ecn, findings)),
        AqmWord::Codel => Discipline::Codel(codel(keys, ecn, findings)),
        AqmWord::FqCodel => {
            let usual = FqCodel::default();
            let flows = ranges::within(&keys.flows, "flows", 1..=u16::MAX, findings);
            let quantum = ranges::within(&keys.quantum, "quantum", 64..=1_000_000, findings);
            Discipline::FqCodel(FqCodel {
                codel: codel(keys, ecn, findings),
                flows: flows.unwrap_or(usual.flows),
                quantum: quantum.unwrap_or(usual.quantum),
            })
        }
    }
}

fn threshold(table: &Table<Aqm>, ecn: bool, findings: &mut Findings) -> Discipline {
    let field = &table.value.above;
    if !field.is_given() {
        findings
            .error(table.place.clone(), "the threshold is missing")
            .help("write `above = \"20 packets\"`, or a size such as \"30 kB\"");
    }
    field.read(findings).map_or(Discipline::DropTail, |above| {
        Discipline::Threshold(Threshold { above, ecn })
    })
}

fn red(keys: &Aqm, ecn: bool, findings: &mut Findings) -> Red {
    let usual = Red::default();
    let min = positive(&keys.min, "min", findings).unwrap_or(usual.min);
    let max = positive(&keys.max, "max", findings).unwrap_or_else(|| thrice(min));
    let place = || keys.max.place().or_else(|| keys.min.place());
    if std::mem::discriminant(&min) != std::mem::discriminant(&max) {
        let message = format!("`min` is {min} and `max` is {max}: they need the same unit");
        findings
            .error(place(), message)
            .help("give both in packets, or both as sizes");
    } else if max.amount() <= min.amount() {
        let message = format!("`max` is {max}, but must be more than `min`, {min}");
        findings.error(place(), message);
    }
    let weight = ranges::within(&keys.weight, "weight", 1e-6..=1.0, findings);
    Red {
        min,
        max,
        max_p: keys.max_p.read(findings).unwrap_or(usual.max_p),
        weight: weight.unwrap_or(usual.weight),
        gentle: keys.gentle.read(findings).unwrap_or(usual.gentle),
        ecn,
    }
}

/// Three times a length: the upper threshold that goes with a lower one (Floyd, 1997).
const fn thrice(min: QueueLimit) -> QueueLimit {
    match min {
        QueueLimit::Bytes(size) => QueueLimit::Bytes(ByteSize::new(size.bytes().saturating_mul(3))),
        QueueLimit::Packets(count) => QueueLimit::Packets(count.saturating_mul(3)),
    }
}

fn positive(field: &Field<QueueLimit>, key: &str, findings: &mut Findings) -> Option<QueueLimit> {
    let limit = field.read(findings)?;
    if limit.amount() == 0 {
        findings.error(field.place(), format!("`{key}` must be more than nothing"));
        return None;
    }
    Some(limit)
}

fn codel(keys: &Aqm, ecn: bool, findings: &mut Findings) -> Codel {
    let usual = Codel::default();
    let target = ranges::positive_span(&keys.target, "target", findings).unwrap_or(usual.target);
    let interval = ranges::positive_span(&keys.interval, "interval", findings);
    let interval = interval.unwrap_or(usual.interval);
    if target >= interval {
        let place = keys.target.place().or_else(|| keys.interval.place());
        findings
            .error(
                place,
                format!("the target of {target} is not shorter than the interval of {interval}"),
            )
            .help("the interval is about the longest round trip, the target a twentieth of it");
    }
    Codel {
        target,
        interval,
        ecn,
    }
}

/// Keys that belong to another kind.
fn refuse_others(kind: AqmWord, keys: &Aqm, findings: &mut Findings) {
    use AqmWord::{Codel, FqCodel, Red, Threshold};
    let all: [(&str, Option<Place>, &[AqmWord]); 11] = [
        ("ecn", keys.ecn.place(), &[Threshold, Red, Codel, FqCodel]),
        ("above", keys.above.place(), &[Threshold]),
        ("min", keys.min.place(), &[Red]),
        ("max", keys.max.place(), &[Red]),
        ("max_p", keys.max_p.place(), &[Red]),
        ("weight", keys.weight.place(), &[Red]),
        ("gentle", keys.gentle.place(), &[Red]),
        ("target", keys.target.place(), &[Codel, FqCodel]),
        ("interval", keys.interval.place(), &[Codel, FqCodel]),
        ("flows", keys.flows.place(), &[FqCodel]),
        ("quantum", keys.quantum.place(), &[FqCodel]),
    ];
    for (key, place, kinds) in all {
        if place.is_some() && !kinds.contains(&kind) {
            let words: Vec<String> = kinds.iter().map(|k| format!("\"{}\"", k.name())).collect();
            findings
                .error(place, format!("\"{}\" has no `{key}`", kind.name()))
                .help(format!("`{key}` goes with {}", words.join(", ")));
        }
    }
}
