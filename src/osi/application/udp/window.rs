//! Which of the newest datagrams have arrived: a bitmap over sequence numbers.
//!
//! Contract: memory is bounded by [`Window::MOST`] bits, and there is none beside the window itself
//! before the first arrival, nor ever for a stream of 64 datagrams or fewer. A datagram further
//! behind the newest than the bitmap reaches is taken for new.

/// A sliding bitmap. Bit `sequence mod size` says if that datagram has arrived.
#[derive(Debug)]
pub(super) struct Window {
    /// The first word of the bitmap: most streams of large networks need no other.
    first: u64,
    /// The words behind it.
    rest: Box<[u64]>,
    /// How many bits there are, or will be: a power of two.
    size: u64,
    /// One more than the highest sequence number seen.
    end: u64,
}

impl Window {
    /// The most datagrams that are remembered.
    const MOST: u64 = 1 << 16;

    /// A window for a stream of `count` datagrams.
    pub(super) fn new(count: u64) -> Self {
        Self {
            first: 0,
            rest: Box::default(),
            size: count.clamp(64, Self::MOST).next_power_of_two(),
            end: 0,
        }
    }

    /// Notes an arrival.
    pub(super) fn arrive(&mut self, sequence: u64) -> Arrival {
        if sequence >= self.end {
            self.slide(sequence + 1);
            self.set(sequence);
            return Arrival::InOrder;
        }
        if self.end - sequence > self.size {
            return Arrival::Late;
        }
        if self.get(sequence) {
            return Arrival::Duplicate;
        }
        self.set(sequence);
        Arrival::Late
    }

    /// Makes room for the sequence numbers up to `end`.
    fn slide(&mut self, end: u64) {
        if self.end == 0 || end - self.end >= self.size {
            self.clear();
        } else {
            for sequence in self.end..end {
                let (word, bit) = self.place(sequence);
                *word &= !bit;
            }
        }
        self.end = end;
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "the size is at most 2^16 bits"
    )]
    fn clear(&mut self) {
        self.first = 0;
        let words = (self.size / 64 - 1) as usize;
        if self.rest.len() == words {
            self.rest.fill(0);
        } else {
            self.rest = vec![0; words].into();
        }
    }

    fn get(&mut self, sequence: u64) -> bool {
        let (word, bit) = self.place(sequence);
        *word & bit != 0
    }

    fn set(&mut self, sequence: u64) {
        let (word, bit) = self.place(sequence);
        *word |= bit;
    }

    /// The word of a sequence number, and its bit there.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the remainder is below the size of a small vector"
    )]
    fn place(&mut self, sequence: u64) -> (&mut u64, u64) {
        let index = sequence & (self.size - 1);
        let word = match (index / 64) as usize {
            0 => &mut self.first,
            word => &mut self.rest[word - 1],
        };
        (word, 1 << (index % 64))
    }
}

/// What an arrival means for the order (RFC 4737, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Its sequence number is higher than all before.
    InOrder,
    /// One with a higher sequence number was here before.
    Late,
    /// It was here before itself.
    Duplicate,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(window: &mut Window, sequences: &[u64]) -> String {
        let letter = |s: &u64| match window.arrive(*s) {
            Arrival::InOrder => 'o',
            Arrival::Late => 'l',
            Arrival::Duplicate => 'd',
        };
        sequences.iter().map(letter).collect()
    }

    #[test]
    fn late_and_repeated_datagrams_are_told_apart() {
        // 2 comes before 1: 1 is late. The second 1 and the second 5 are duplicates.
        let mut window = Window::new(100);
        let word = arrivals(&mut window, &[0, 2, 1, 1, 5, 5, 4, 3]);
        assert_eq!(word, "ooldodll");
    }

    #[test]
    fn a_bit_is_forgotten_when_its_place_is_taken() {
        // 64 places: 64 takes the place of 0, 130 that of 2; a jump of 64 or more clears all.
        let mut window = Window::new(64);
        assert_eq!(arrivals(&mut window, &[0, 1, 64, 64, 1]), "ooodd");
        assert_eq!(arrivals(&mut window, &[130, 129, 129]), "old");
        assert_eq!(arrivals(&mut window, &[2, 2]), "ll");
    }

    #[test]
    fn memory_does_not_grow_with_the_stream() {
        // 2^16 bits are 1024 words, 65 datagrams take 128 bits or 2 words; the first is always there.
        for (count, words) in [(u64::MAX, 1023), (65, 1), (64, 0), (0, 0)] {
            let mut window = Window::new(count);
            assert_eq!(window.rest.len(), 0);
            window.arrive(0);
            assert_eq!(window.rest.len(), words);
        }
    }
}
