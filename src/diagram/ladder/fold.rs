//! Long silences: where nothing was under way for much longer than a frame takes.

use super::model::{Row, Silence};
use crate::units::{SimTime, Span};

/// Puts a [`Silence`] into every long gap of `rows`, which are in time order.
///
/// A gap counts if it is longer than four flights and among the few longest: in a stream with
/// even gaps none stands out, and none is folded.
pub(super) fn fold_silences(rows: Vec<Row>) -> Vec<Row> {
    let gaps = gaps(&rows);
    let threshold = threshold(&rows, &gaps);
    let mut out = Vec::with_capacity(rows.len());
    for (row, gap) in rows.into_iter().zip(gaps) {
        if let Some(silence) = gap.filter(|gap| gap.length() > threshold) {
            out.push(Row::Silence(silence));
        }
        out.push(row);
    }
    out
}

/// The idle time before each row, if there is any.
fn gaps(rows: &[Row]) -> Vec<Option<Silence>> {
    let mut busy_until: Option<SimTime> = None;
    let mut after_skip = false;
    rows.iter()
        .map(|row| {
            let idle_since = busy_until.filter(|&t| t < row.at() && !after_skip);
            after_skip = matches!(row, Row::Skipped(_));
            busy_until = busy_until.max(Some(end(row)));
            idle_since.map(|from| Silence {
                from,
                until: row.at(),
            })
        })
        .collect()
}

const fn end(row: &Row) -> SimTime {
    match row {
        Row::Arrow(arrow) => arrow.arrives,
        Row::Skipped(skipped) => skipped.until,
        other => other.at(),
    }
}

fn threshold(rows: &[Row], gaps: &[Option<Silence>]) -> Span {
    let mut lengths: Vec<Span> = gaps.iter().flatten().map(Silence::length).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let few = (rows.len() / 8).max(3);
    let ordinary = lengths.get(few).copied().unwrap_or(Span::ZERO);
    usual_flight(rows).times(4).max(ordinary)
}

/// The flight time that nine of ten arrows do not exceed.
pub(super) fn usual_flight(rows: &[Row]) -> Span {
    let mut flights: Vec<Span> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Arrow(arrow) => Some(arrow.flight()),
            _ => None,
        })
        .collect();
    flights.sort_unstable();
    let index = flights.len() * 9 / 10;
    flights
        .get(index.min(flights.len().saturating_sub(1)))
        .copied()
        .unwrap_or(Span::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::ladder::model::State;

    fn rows(times_ms: &[u64]) -> Vec<Row> {
        let at = |ms: &u64| {
            Row::State(State {
                column: 0,
                at: SimTime::ZERO + Span::from_millis(*ms),
                name: "X",
            })
        };
        times_ms.iter().map(at).collect()
    }

    fn silences(times_ms: &[u64]) -> usize {
        let folded = fold_silences(rows(times_ms));
        folded
            .iter()
            .filter(|row| matches!(row, Row::Silence(_)))
            .count()
    }

    #[test]
    fn a_gap_that_stands_out_is_folded_and_even_gaps_are_not() {
        assert_eq!(silences(&[0, 1, 2, 3, 4, 1000, 1001]), 1);
        assert_eq!(silences(&[0, 20, 40, 60, 80, 100, 120]), 0);
    }
}
