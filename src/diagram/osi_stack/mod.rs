//! One frame through the floors: every box on its way as a building with the floors it has, the
//! data going down at the sender, along the cables, up and down through switches and routers,
//! and up at the receiver.
//!
//! On each floor stands what this very frame had there: addresses, ports, numbers, TTL. Below
//! stand the cables with their properties. A frame that died shows where.
//!
//! Not here: which frame is drawn ([`Journey`]).

mod building;
mod draw;
mod lane;
mod words;

use super::{Theme, journey::Journey, svg::Page};
use crate::topology::Topology;

/// Draws the way of one frame as SVG.
///
/// More than nine boxes are too wide for a picture: then the middle is left out and counted.
pub fn osi_stack(journey: &Journey<'_>, topology: &Topology, theme: Theme) -> String {
    let street = building::street(journey, topology);
    let bytes = journey.hops.first().map_or(0, |hop| hop.bytes.len());
    let caption = format!("{}, frame of {bytes} bytes", journey.caption(topology));
    let mut page = Page::new(
        street.width,
        street.height(),
        theme,
        &format!("OSI layers along the path: {caption}"),
    );
    draw::title(&mut page, theme, &caption);
    draw::layer_names(&mut page, theme, journey);
    for building in &street.buildings {
        draw::building(&mut page, theme, building);
    }
    lane::draw(&mut page, theme, &street, topology);
    page.finish()
}

#[cfg(test)]
mod tests;
