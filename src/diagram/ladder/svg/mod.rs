//! A ladder as SVG: heads, lifelines, slanted arrows, labels, folds, legend.
//!
//! [`timeline`] gives every event its height, [`place`] finds room for the labels, [`arrows`]
//! and [`marks`] draw, [`legend`] explains.

mod arrows;
mod frame;
mod legend;
mod marks;
mod place;
mod timeline;

use frame::Frame;

use super::model::Ladder;
use crate::diagram::{style::Theme, svg::Page};

impl Ladder {
    /// The ladder as an SVG document.
    pub fn to_svg(&self, theme: Theme) -> String {
        let frame = Frame::new(self, theme);
        let mut page = Page::new(frame.width, frame.height, theme, &self.title);
        frame.draw_title(&mut page);
        frame.draw_folds(&mut page);
        frame.draw_lifelines(&mut page);
        frame.draw_fold_words(&mut page);
        frame.draw_times(&mut page);
        frame.draw_ties(&mut page);
        frame.draw_arrows(&mut page);
        frame.draw_labels(&mut page);
        frame.draw_deaths(&mut page);
        frame.draw_states(&mut page);
        frame.draw_heads(&mut page);
        frame.draw_legend(&mut page);
        page.finish()
    }
}
