//! Finds room for text: of several places the one that hides least.

use crate::diagram::svg::Point;

/// A rectangle on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) centre: Point,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Area {
    /// How many square pixels it shares with another.
    fn overlap(&self, other: &Self) -> f64 {
        let shared = |a: f64, a_size: f64, b: f64, b_size: f64| {
            let low = (a - a_size / 2.0).max(b - b_size / 2.0);
            let high = (a + a_size / 2.0).min(b + b_size / 2.0);
            (high - low).max(0.0)
        };
        shared(self.centre.x, self.width, other.centre.x, other.width)
            * shared(self.centre.y, self.height, other.centre.y, other.height)
    }

    /// True if the line between two points runs through it.
    fn is_crossed(&self, from: Point, to: Point) -> bool {
        (0..=40u8).any(|i| {
            let p = from.towards(to, f64::from(i) / 40.0);
            libm::fabs(p.x - self.centre.x) < self.width / 2.0
                && libm::fabs(p.y - self.centre.y) < self.height / 2.0
        })
    }
}

/// What is on the page already.
#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) areas: Vec<Area>,
    pub(super) lines: Vec<[Point; 2]>,
    /// Width and height of the page.
    pub(super) page: (f64, f64),
}

impl Room {
    /// The place with the lowest price and least hidden; it is taken from now on.
    ///
    /// `own` is the line that the text belongs to.
    pub(super) fn take(&mut self, places: &[(f64, Area)], own: usize) -> Option<Area> {
        let cost = |&(price, area): &(f64, Area)| price + self.hidden(&area, own);
        let best = places.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)))?.1;
        self.areas.push(best);
        Some(best)
    }

    fn hidden(&self, area: &Area, own: usize) -> f64 {
        let texts: f64 = self.areas.iter().map(|other| area.overlap(other)).sum();
        let lines = self.lines.iter().enumerate();
        let crossed = lines.filter(|&(i, [a, b])| i != own && area.is_crossed(*a, *b));
        let out_x = libm::fabs(area.centre.x - self.page.0 / 2.0) + area.width / 2.0;
        let out_y = libm::fabs(area.centre.y - self.page.1 / 2.0) + area.height / 2.0;
        let outside =
            (out_x - self.page.0 / 2.0 + 8.0).max(0.0) + (out_y - self.page.1 / 2.0 + 8.0).max(0.0);
        let crossings = f64::from(u32::try_from(crossed.count()).unwrap_or(u32::MAX));
        texts + crossings * 25.0 + outside * 10.0
    }
}

/// Unit vectors along a line and to its left side.
fn directions(from: Point, to: Point) -> (Point, Point) {
    let length = from.distance(to).max(1e-6);
    let along = Point::new((to.x - from.x) / length, (to.y - from.y) / length);
    (along, Point::new(along.y, -along.x))
}

/// How far a rectangle reaches from its middle in a direction.
fn reach(direction: Point, width: f64, height: f64) -> f64 {
    libm::fabs(direction.x) * width / 2.0 + libm::fabs(direction.y) * height / 2.0
}

/// The price of text on its own line: high if the line is nearly level, as it would be hidden.
fn on_it(along: Point, price: f64) -> f64 {
    let steep = (libm::fabs(along.y) / 0.35).min(1.0);
    price + 80.0 * (1.0 - steep)
}

/// Where the lines of a link may stand: above or below its middle, or on it if it is steep.
pub(super) fn link_places([a, b]: [Point; 2], width: f64, height: f64) -> Vec<(f64, Area)> {
    let (left, right) = if a.x <= b.x { (a, b) } else { (b, a) };
    let (along, above) = directions(left, right);
    let beside = reach(above, width, height) + 5.0;
    let mut places = Vec::new();
    for (t, price) in [
        (0.5, 0.0),
        (0.45, 2.0),
        (0.55, 2.0),
        (0.4, 4.0),
        (0.6, 4.0),
        (0.33, 9.0),
        (0.67, 9.0),
    ] {
        let middle = left.towards(right, t);
        for (offset, more) in [
            (beside, beside * 0.5),
            (-beside, beside * 0.5 + 3.0),
            (0.0, on_it(along, 14.0)),
        ] {
            let centre = middle.moved(above.x * offset, above.y * offset);
            places.push((
                price + more,
                Area {
                    centre,
                    width,
                    height,
                },
            ));
        }
    }
    places
}

/// Where the address of the card at `from` may stand: near it, on either side of the link, or on
/// the link if that is steep.
pub(super) fn card_places(
    [from, to]: [Point; 2],
    clear: f64,
    width: f64,
    height: f64,
) -> Vec<(f64, Area)> {
    let (along, side) = directions(from, to);
    let below = if side.y > 0.0 { 1.0 } else { -1.0 };
    let beside = reach(side, width, height) + 3.0;
    let start = clear + reach(along, width, height);
    let mut places = Vec::new();
    for (more, price) in [(0.0, 0.0), (14.0, 2.0), (30.0, 5.0), (50.0, 9.0)] {
        let foot = from.moved(along.x * (start + more), along.y * (start + more));
        let sides = [
            (below, beside * 0.5),
            (-below, beside * 0.5 + 2.0),
            (0.0, on_it(along, 8.0)),
        ];
        for (sign, more_price) in sides {
            let offset = sign * beside;
            let centre = foot.moved(side.x * offset, side.y * offset);
            places.push((
                price + more_price,
                Area {
                    centre,
                    width,
                    height,
                },
            ));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(x: f64, y: f64) -> Area {
        Area {
            centre: Point::new(x, y),
            width: 10.0,
            height: 10.0,
        }
    }

    #[test]
    fn a_free_place_wins_over_a_cheaper_one_that_is_taken() {
        let mut room = Room {
            page: (1000.0, 1000.0),
            ..Room::default()
        };
        let places = [(0.0, area(100.0, 100.0)), (5.0, area(200.0, 100.0))];
        assert_eq!(room.take(&places, 0), Some(places[0].1));
        assert_eq!(room.take(&places, 0), Some(places[1].1));
    }

    #[test]
    fn overlap_is_the_shared_area() {
        // Squares of ten, five apart in x: 5 by 10.
        let shared = area(0.0, 0.0).overlap(&area(5.0, 0.0));
        assert!((shared - 50.0).abs() < 1e-9);
        assert!(area(0.0, 0.0).overlap(&area(10.0, 0.0)).abs() < 1e-9);
    }
}
