//! Below the picture: what the colours and marks mean, and how much is left out.

use super::{
    arrows::{cross, head, waits_visibly},
    frame::Frame,
    place::Stroke,
};
use crate::diagram::{
    ladder::model::{Mark, Row},
    svg::{Anchor, Element, Font, Page, Point, text_width},
};

/// A sample and its words.
type Entry = (Element, String);

impl Frame<'_> {
    pub(super) fn draw_legend(&self, page: &mut Page) {
        let mut at = Point::new(24.0, self.height - 40.0);
        for (sample, words) in self.entries() {
            let width = SAMPLE + 8.0 + text_width(&words, Font::Regular, SIZE) + 20.0;
            if at.x + width > self.width - 24.0 {
                at = Point::new(24.0, at.y + 18.0);
            }
            let moved = format!("translate({} {})", at.x.round(), at.y.round());
            page.add(Element::group([sample]).attribute("transform", moved));
            let text = Element::text(at.moved(SAMPLE + 8.0, 4.0), SIZE, &words);
            page.add(text.fill(self.palette.dim));
            at.x += width;
        }
        if let Some(words) = self.ladder.left_out_words() {
            let place = Point::new(self.width - 24.0, self.y(self.timeline.bottom) + 10.0);
            let text = Element::text(place, SIZE, &words).italic();
            page.add(text.anchor(Anchor::End).fill(self.palette.ink));
        }
    }

    fn entries(&self) -> Vec<Entry> {
        let line = Stroke {
            from: Point::new(0.0, 0.0),
            to: Point::new(SAMPLE, 0.0),
        };
        let mut entries = Vec::new();
        for layer in self.ladder.layers() {
            let colour = self.theme.layer_ink(layer);
            let shaft = Element::line(line.from, line.to).stroke(colour, 1.5);
            let words = format!("{} {}", layer.number(), layer.name().to_lowercase());
            entries.push((Element::group([shaft, head(line, colour)]), words));
        }
        entries.extend(self.mark_entries(line));
        entries
    }

    /// Only the marks that the picture has.
    fn mark_entries(&self, line: Stroke) -> Vec<Entry> {
        let has = |wanted: fn(&Mark) -> bool| {
            let mut marks = self.ladder.arrows().filter_map(|a| a.mark);
            marks.any(|mark| wanted(&mark))
        };
        let middle = Point::new(SAMPLE / 2.0, 0.0);
        let plain = |colour| Element::line(line.from, line.to).stroke(colour, 1.4);
        let warn = self.palette.warn;
        let samples = [
            (
                self.has_deaths(),
                cross(middle, self.palette.bad),
                "lost, with the reason",
            ),
            (
                has(|m| m.original().is_some()),
                plain(warn).dashed(4.0, 3.0),
                "sent again",
            ),
            (
                has(|m| *m == Mark::Duplicate),
                plain(self.palette.dim).dashed(6.0, 3.0),
                "duplicated by the link",
            ),
            (
                self.arrows().any(|(_, place)| waits_visibly(place)),
                Element::line(middle.moved(0.0, -6.0), middle.moved(0.0, 6.0))
                    .stroke(warn, 4.0)
                    .opacity(0.6),
                "waits in the port's queue",
            ),
        ];
        samples
            .into_iter()
            .filter(|(shown, ..)| *shown)
            .map(|(_, sample, words)| (sample, words.to_owned()))
            .collect()
    }

    fn has_deaths(&self) -> bool {
        self.ladder.rows.iter().any(|row| match row {
            Row::Death(_) => true,
            Row::Arrow(arrow) => arrow.lost.is_some(),
            _ => false,
        })
    }
}

const SAMPLE: f64 = 26.0;
const SIZE: f64 = 10.5;
