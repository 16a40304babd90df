//! Which pictures a run leaves, and under which names.

use super::{SimError, output::OutputFolder};
use crate::{
    diagram::{
        Journey, Series, Theme, encapsulation,
        ladder::{Ladder, LadderOptions, ladders},
        osi_stack, plots, png, topology,
    },
    scenario::plan::Plan,
    trace::Story,
};

/// What pictures are drawn from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) plan: &'a Plan,
    pub(super) story: &'a Story,
    pub(super) series: &'a Series,
}

impl Sources<'_> {
    /// Draws everything into `folder`; gives back the ladder of the whole run.
    pub(super) fn draw(
        &self,
        theme: Theme,
        folder: &mut OutputFolder,
    ) -> Result<Option<Ladder>, SimError> {
        let map = topology(
            &self.plan.topology,
            &self.plan.groups,
            &self.plan.title,
            theme,
        );
        folder.write("topology.svg", "topology", map.as_bytes())?;
        let ladder = self.draw_ladders(theme, folder)?;
        self.draw_journey(theme, folder)?;
        self.draw_plots(theme, folder)?;
        Ok(ladder)
    }

    /// The frame that shows most: its way through the floors, and itself taken apart.
    fn draw_journey(&self, theme: Theme, folder: &mut OutputFolder) -> Result<(), SimError> {
        let topology = &self.plan.topology;
        let Some(journey) = Journey::most_telling(self.story, topology) else {
            return Ok(());
        };
        let stack = osi_stack(&journey, topology, theme);
        folder.write(
            "osi-stack.svg",
            "OSI layers along the path",
            stack.as_bytes(),
        )?;
        let frame = encapsulation(&journey, topology, theme);
        folder.write(
            "encapsulation.svg",
            "one frame taken apart",
            frame.as_bytes(),
        )
    }

    fn draw_ladders(
        &self,
        theme: Theme,
        folder: &mut OutputFolder,
    ) -> Result<Option<Ladder>, SimError> {
        let options = LadderOptions {
            title: self.plan.title.clone(),
            captured: self.plan.capture.all,
            ..LadderOptions::default()
        };
        let ladders = ladders(self.story, &self.plan.topology, &options);
        for (stem, ladder) in &ladders {
            let svg = ladder.to_svg(theme);
            folder.write(&format!("{stem}.svg"), "ladder", svg.as_bytes())?;
            let text = ladder.to_text(TEXT_WIDTH);
            folder.write(&format!("{stem}.txt"), "ladder as text", text.as_bytes())?;
            let mermaid = ladder.to_mermaid();
            folder.write(
                &format!("{stem}.mmd"),
                "ladder for Mermaid",
                mermaid.as_bytes(),
            )?;
        }
        Ok(ladders.into_iter().next().map(|(_, ladder)| ladder))
    }

    fn draw_plots(&self, theme: Theme, folder: &mut OutputFolder) -> Result<(), SimError> {
        for plot in plots(self.series, &self.plan.topology, theme)? {
            let what = format!("plot: {}", plot.title);
            folder.write(&format!("{}.svg", plot.stem), &what, plot.svg.as_bytes())?;
            let image = png(&plot.svg, PNG_SCALE)?;
            folder.write(&format!("{}.png", plot.stem), &what, &image)?;
        }
        Ok(())
    }
}

/// Columns of a ladder in a text file.
const TEXT_WIDTH: usize = 110;
/// Pixels per unit of an SVG.
const PNG_SCALE: f32 = 2.0;
