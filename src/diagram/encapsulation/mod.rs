//! One real frame taken apart: nested headers with their fields, how the sizes add up, and the
//! bytes themselves, coloured by layer.
//!
//! The boxes stand in each other like the layers do. Preamble, check sequence and gap, which no
//! capture shows, are drawn around them with a dashed line.
//!
//! Not here: which frame is worth a picture (`choice`), and the meaning of fields (`dissect`).

mod boxes;
mod field;
mod hex;
mod part;
mod sum;

pub(super) use part::short_name;

use super::{
    Theme,
    journey::Journey,
    svg::{Element, Font, Page, Point, ellipsis},
};
use crate::{dissect::Dissection, topology::Topology};

/// Draws a journey's frame, as its maker sent it, as SVG.
pub fn encapsulation(journey: &Journey<'_>, topology: &Topology, theme: Theme) -> String {
    let first = journey.hops.first();
    let place = first.map_or_else(String::new, |hop| {
        let node = &topology.node(hop.from.node).name;
        format!(", as it left {node} at {}", hop.sent)
    });
    let caption = format!("{}{place}", journey.caption(topology));
    let bytes = first.map_or(&[][..], |hop| &hop.bytes);
    encapsulation_of(&caption, bytes, &journey.tree, theme)
}

/// Draws any frame as SVG. `caption` says which it is; `bytes` are the frame without FCS, and
/// `dissection` is their tree.
pub fn encapsulation_of(
    caption: &str,
    bytes: &[u8],
    dissection: &Dissection,
    theme: Theme,
) -> String {
    let title = "Encapsulation of one frame";
    let mut canvas = Canvas {
        page: Page::new(WIDTH, 0.0, theme, &format!("{title}: {caption}")),
        theme,
        y: 0.0,
    };
    canvas.title(title, caption);
    let parts = part::parts(bytes, dissection);
    boxes::draw(&mut canvas, bytes, dissection);
    sum::draw(&mut canvas, &parts);
    hex::draw(&mut canvas, bytes, &parts, dissection);
    canvas.page.set_height(canvas.y + MARGIN);
    canvas.page.finish()
}

/// The page, and how far down it is full.
struct Canvas {
    page: Page,
    theme: Theme,
    y: f64,
}

impl Canvas {
    fn title(&mut self, title: &str, caption: &str) {
        let palette = self.theme.palette();
        let at = Point::new(MARGIN, 40.0);
        self.page
            .add(Element::text(at, 20.0, title).bold().fill(palette.ink));
        let caption = ellipsis(caption, Font::Regular, 13.0, WIDTH - 2.0 * MARGIN);
        let at = Point::new(MARGIN, 62.0);
        self.page
            .add(Element::text(at, 13.0, &caption).fill(palette.dim));
        self.y = 78.0;
    }

    /// The heading of a part of the picture.
    fn heading(&mut self, text: &str, note: &str) {
        let palette = self.theme.palette();
        let at = Point::new(MARGIN, self.y + 34.0);
        let heading = Element::text(at, 14.0, text).bold().fill(palette.ink);
        self.page.add(heading);
        let left = MARGIN + super::svg::text_width(text, Font::Bold, 14.0) + 14.0;
        let room = WIDTH - MARGIN - left;
        let note = ellipsis(note, Font::Regular, 12.0, room);
        let at = Point::new(left, self.y + 34.0);
        self.page
            .add(Element::text(at, 12.0, &note).fill(palette.dim));
        self.y += 48.0;
    }
}

const WIDTH: f64 = 1000.0;
const MARGIN: f64 = 28.0;

#[cfg(test)]
mod tests;
