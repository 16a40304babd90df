//! What the parts of a run send each other: frames that go on there, buffers that go home.

use std::{
    hint::black_box,
    mem,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    engine::part::{Parcel, Part},
    osi::transport::lock,
    units::SimTime,
    wire::FramePool,
};

/// What one part sends another, until that one collects it. Aligned, so that two boxes never share a
/// cache line.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct MailBox {
    /// Something is in it. A look at this alone lets both processors keep a copy.
    is_full: AtomicBool,
    mail: Mutex<Mail>,
}

/// The content of a box.
#[derive(Debug, Default)]
pub(super) struct Mail {
    parcels: Vec<Parcel>,
    /// Buffers on their way home.
    buffers: FramePool,
}

impl MailBox {
    /// Puts frames in; `parcels` is empty afterwards.
    pub(super) fn post_parcels(&self, parcels: &mut Vec<Parcel>) {
        let mut mail = lock(&self.mail);
        if mail.parcels.is_empty() {
            mem::swap(parcels, &mut mail.parcels);
        } else {
            mail.parcels.append(parcels);
        }
        self.is_full.store(true, Ordering::Release);
    }

    /// Puts buffers in; `buffers` is empty afterwards.
    pub(super) fn post_buffers(&self, buffers: &mut FramePool) {
        lock(&self.mail).buffers.absorb(buffers);
        self.is_full.store(true, Ordering::Release);
    }

    /// The earliest arrival of a frame that is still in the box; [`SimTime::MAX`] if there is none.
    pub(super) fn earliest(&self) -> SimTime {
        if !self.is_full.load(Ordering::Acquire) {
            return SimTime::MAX;
        }
        let mail = lock(&self.mail);
        let arrivals = mail.parcels.iter().map(|parcel| parcel.arrives);
        arrivals.min().unwrap_or(SimTime::MAX)
    }

    /// Empties the box into `part`. `room` is empty, before and after: it takes the place of what
    /// was in the box.
    pub(super) fn collect(&self, room: &mut Mail, part: &mut Part) {
        if !self.is_full.load(Ordering::Acquire) {
            return;
        }
        {
            let mut mail = lock(&self.mail);
            self.is_full.store(false, Ordering::Relaxed);
            mem::swap(&mut *mail, room);
        }
        touch(&room.parcels);
        for parcel in room.parcels.drain(..) {
            part.accept(parcel);
        }
        part.out.pool.absorb(&mut room.buffers);
    }
}

/// Looks at the heads of frames that another processor wrote: they come from its cache all at once,
/// where each would be waited for alone when its turn comes.
fn touch(parcels: &[Parcel]) {
    let head = |parcel: &Parcel| {
        let bytes = &parcel.frame.bytes;
        [0, 64].map(|at| bytes.get(at).copied().unwrap_or_default())
    };
    for parcel in parcels {
        black_box(head(parcel));
    }
}
