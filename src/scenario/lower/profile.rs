//! The properties of one direction of a link: its own, else those of the link, else those of
//! `[defaults.link]`, else built in.

use std::{collections::VecDeque, sync::Arc};

use super::{aqm, ranges};
use crate::{
    scenario::{
        limits::MIN_MTU,
        schema::{Cable, Field, Link, Profile},
        text::Findings,
    },
    topology::{Discipline, LinkProfile, QueueLimit},
    units::Probability,
};

/// Ethernet's header, which a queue counts and an MTU does not \[bytes\].
const ETHERNET_HEADER: u64 = 14;

/// Forward and backward.
pub(super) fn both(
    link: &Link,
    defaults: &Profile,
    recent: &mut Recent,
    findings: &mut Findings,
) -> [Arc<LinkProfile>; 2] {
    let common = link.profile();
    let mut one = |own: &Profile| {
        let profile = lower(&layered(&layered(own, &common), defaults), findings);
        recent.share(profile)
    };
    [one(&link.forward), one(&link.backward)]
}

/// The last few profiles that differ: links that are alike share one, and most networks have few
/// kinds.
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<Arc<LinkProfile>>);

impl Recent {
    const KINDS: usize = 8;

    fn share(&mut self, profile: LinkProfile) -> Arc<LinkProfile> {
        if let Some(same) = self.0.iter().find(|known| ***known == profile) {
            return Arc::clone(same);
        }
        let profile = Arc::new(profile);
        self.0.truncate(Self::KINDS - 1);
        self.0.push_front(Arc::clone(&profile));
        profile
    }
}

/// Forward and backward of a kind of generated link: its own keys, else those of `all` generated
/// links, else the defaults.
pub(super) fn generated(
    own: &Cable,
    all: &Cable,
    defaults: &Profile,
    findings: &mut Findings,
) -> [Arc<LinkProfile>; 2] {
    let (common, below) = (own.profile(), all.profile());
    let mut one = |own: &Profile, all: &Profile| {
        let all = layered(&layered(all, &below), defaults);
        Arc::new(lower(&layered(&layered(own, &common), &all), findings))
    };
    [
        one(&own.forward, &all.forward),
        one(&own.backward, &all.backward),
    ]
}

/// Reports the mistakes of `[defaults.link]` even if no link uses them.
pub(super) fn check_defaults(defaults: &Profile, findings: &mut Findings) {
    lower(defaults, findings);
}

fn layered(own: &Profile, fallback: &Profile) -> Profile {
    Profile {
        rate: own.rate.or(&fallback.rate),
        latency: own.latency.or(&fallback.latency),
        jitter: own.jitter.or(&fallback.jitter),
        jitter_distribution: own.jitter_distribution.or(&fallback.jitter_distribution),
        jitter_reorders: own.jitter_reorders.or(&fallback.jitter_reorders),
        loss: own.loss.or(&fallback.loss),
        duplicate: own.duplicate.or(&fallback.duplicate),
        reorder: own.reorder.or(&fallback.reorder),
        reorder_delay: own.reorder_delay.or(&fallback.reorder_delay),
        bit_error: own.bit_error.or(&fallback.bit_error),
        down: own.down.or(&fallback.down),
        mtu: own.mtu.or(&fallback.mtu),
        queue: own.queue.or(&fallback.queue),
        aqm: own.aqm.or(&fallback.aqm),
    }
}

fn lower(keys: &Profile, findings: &mut Findings) -> LinkProfile {
    let usual = LinkProfile::default();
    let mtu = ranges::within(&keys.mtu, "mtu", MIN_MTU..=u16::MAX, findings);
    let delay = ranges::span(&keys.reorder_delay, "reorder_delay", findings);
    let profile = LinkProfile {
        rate: keys.rate.read(findings).unwrap_or(usual.rate),
        latency: ranges::span(&keys.latency, "latency", findings).unwrap_or(usual.latency),
        jitter: ranges::span(&keys.jitter, "jitter", findings).unwrap_or(usual.jitter),
        jitter_shape: keys.jitter_distribution.read(findings).unwrap_or_default(),
        jitter_reorders: keys.jitter_reorders.read(findings).unwrap_or_default(),
        loss: keys.loss.read(findings).unwrap_or_default(),
        duplicate: keys.duplicate.read(findings).unwrap_or_default(),
        reorder: keys.reorder.read(findings).unwrap_or_default(),
        reorder_delay: delay.unwrap_or(usual.reorder_delay),
        bit_error: keys.bit_error.read(findings).unwrap_or_default(),
        down: keys.down.read(findings),
        mtu: mtu.unwrap_or(usual.mtu),
        queue: keys.queue.read(findings).unwrap_or(usual.queue),
        discipline: aqm::read(&keys.aqm, findings),
    };
    warn(keys, &profile, findings);
    warn_of_idle(keys, &profile, findings);
    profile
}

/// What is strange, but somebody may want it.
fn warn(keys: &Profile, profile: &LinkProfile, findings: &mut Findings) {
    for (field, key, what) in [
        (&keys.loss, "loss", "nothing arrives over this link"),
        (
            &keys.bit_error,
            "bit_error",
            "nothing arrives over this link intact",
        ),
        (
            &keys.reorder,
            "reorder",
            "every frame is held back, so none overtakes another",
        ),
    ] {
        if certain(field) {
            findings.warn(field.place(), format!("with `{key}` at 100%, {what}"));
        }
    }
    if profile.jitter > profile.latency {
        let (jitter, latency) = (profile.jitter, profile.latency);
        findings.warn(
            keys.jitter.place(),
            format!("the jitter of {jitter} is larger than the latency of {latency}: delays are cut off at zero"),
        );
    }
    let full = u64::from(profile.mtu) + ETHERNET_HEADER;
    if matches!(profile.queue, QueueLimit::Bytes(room) if room.bytes() < full) {
        findings.warn(
            keys.queue.place(),
            format!("a full frame of {full} bytes does not fit the queue of {}: it is dropped whenever the port is busy", profile.queue),
        );
    }
}

/// A discipline that never acts, as the queue drops before.
fn warn_of_idle(keys: &Profile, profile: &LinkProfile, findings: &mut Findings) {
    let aqm = &keys.aqm.value;
    let (limit, field) = match profile.discipline {
        Discipline::Threshold(threshold) => (threshold.above, &aqm.above),
        Discipline::Red(red) => (red.min, &aqm.min),
        _ => return,
    };
    let same_unit = std::mem::discriminant(&limit) == std::mem::discriminant(&profile.queue);
    if same_unit && limit.amount() >= profile.queue.amount() {
        let place = field.place().or_else(|| keys.aqm.place.clone());
        let room = profile.queue;
        findings.warn(
            place,
            format!("nothing is ever marked below {limit}, and the queue has only room for {room}"),
        );
    }
}

fn certain(field: &Field<Probability>) -> bool {
    field.peek().is_some_and(|p| p.value() >= 1.0)
}
