//! The one function that draws a [`Figure`] with plotters.
//!
//! plotters places everything at whole pixels, so the picture is drawn four times as large and
//! shown at a quarter: lines and text land where they should.

use std::io;

use plotters::{
    coord::Shift,
    prelude::*,
    style::{
        FontFamily, register_font,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    PlotError,
    axis::Axis,
    figure::{Figure, Key, Mark, Panel, Shape},
    layout::{
        GAP, KEY_SIZE, LEGEND_LINE, LINE, Layout, MARGIN, NOTE_SIZE, NOTE_TOP, SAMPLE, WIDTH,
    },
};
use crate::diagram::{
    Theme,
    style::{Colour, FONT_FAMILY, Palette},
    svg::{Font, ellipsis, escape},
};

/// Draws a figure as a whole SVG document.
pub(super) fn draw(stem: &'static str, figure: &Figure, theme: Theme) -> Result<String, PlotError> {
    register_fonts()?;
    let layout = Layout::of(figure);
    let painter = Painter {
        palette: theme.palette(),
    };
    let mut body = String::new();
    let done = painter.figure(&mut body, figure, &layout);
    done.map_err(|error| PlotError::Drawing {
        stem,
        reason: error.to_string(),
    })?;
    Ok(document(&body, &figure.title, layout.height))
}

/// Puts the elements that plotters wrote under a head of our own.
fn document(body: &str, title: &str, height: i32) -> String {
    let elements = body.split_once('\n').map_or("", |(_, rest)| rest);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" role=\"img\">\n<title>{}</title>\n{elements}",
        px(WIDTH),
        px(height),
        escape(title)
    )
}

fn register_fonts() -> Result<(), PlotError> {
    let fonts = [
        (FontStyle::Normal, dejavu::sans::regular()),
        (FontStyle::Bold, dejavu::sans::bold()),
    ];
    for (style, bytes) in fonts {
        register_font(FONT_FAMILY, style, bytes).map_err(|_| PlotError::Font)?;
    }
    Ok(())
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Axis, Axis>>;
type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

struct Painter {
    palette: Palette,
}

impl Painter {
    fn figure(&self, out: &mut String, figure: &Figure, layout: &Layout) -> Drawn {
        let size = (size(WIDTH), size(layout.height));
        let root = SVGBackend::with_string(out, size).into_drawing_area();
        root.fill(&rgb(self.palette.ground))?;
        self.line(&root, &figure.title, (MARGIN, 32), 18, Ink::Strong)?;
        for (line, row) in layout.note.iter().zip(0..) {
            let at = (MARGIN, NOTE_TOP + row * LINE);
            self.line(&root, line, at, NOTE_SIZE, Ink::Dim)?;
        }
        for (key, (label, x, row)) in figure.legend.iter().zip(&layout.keys) {
            let at = (*x, layout.legend_top + row * LEGEND_LINE);
            self.sample(&root, key, at)?;
            let at = (at.0 + SAMPLE + GAP, at.1);
            self.line(&root, label, at, KEY_SIZE, Ink::Plain)?;
        }
        for (panel, &(x, y)) in figure.panels.iter().zip(&layout.panels) {
            let (width, height) = layout.panel;
            let area = root.clone();
            let area = area.shrink((px(x), px(y)), (px(width), px(height)));
            self.panel(&area, panel, layout.panel)?;
        }
        root.present()
    }

    fn panel(&self, area: &Area<'_>, panel: &Panel, (width, height): (i32, i32)) -> Drawn {
        let mut top = 10;
        if !panel.heading.is_empty() {
            let room = f64::from(width - 16);
            let heading = ellipsis(&panel.heading, Font::Bold, 12.0, room);
            self.line(area, &heading, (0, top), 12, Ink::Strong)?;
            top += 22;
        }
        self.line(area, &panel.y.label, (0, top), 11, Ink::Dim)?;
        let mut chart = ChartBuilder::on(area)
            .margin_top(px(top + 20))
            .margin_right(px(22))
            .margin_bottom(px(26))
            .x_label_area_size(px(22))
            .y_label_area_size(px(46))
            .build_cartesian_2d(panel.x.clone(), panel.y.clone())?;
        self.mesh(&mut chart)?;
        for mark in &panel.marks {
            draw_mark(&mut chart, mark, panel.y.part(0.0))?;
        }
        let centre = Pos::new(HPos::Center, VPos::Center);
        let style = face(11, FontStyle::Normal, self.palette.dim).pos(centre);
        area.draw_text(
            &panel.x.label,
            &style,
            (px(width / 2 + 12), px(height - 16)),
        )
    }

    fn mesh(&self, chart: &mut Chart<'_>) -> Drawn {
        let faint = self.palette.ground.mix(self.palette.line, 50);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(rgb(faint).stroke_width(3))
            .light_line_style(TRANSPARENT)
            .axis_style(rgb(self.palette.line).stroke_width(4))
            .set_all_tick_mark_size(px(4))
            .label_style(face(11, FontStyle::Normal, self.palette.dim))
            .draw()
    }

    /// The sample of a key, left of its text.
    fn sample(&self, root: &Area<'_>, key: &Key, (x, y): (i32, i32)) -> Drawn {
        let colour = rgb(key.colour);
        let (left, middle, right) = (px(x), px(x + SAMPLE / 2), px(x + SAMPLE));
        let level = |y: i32, width| {
            PathElement::new([(left, px(y)), (right, px(y))], colour.stroke_width(width))
        };
        let at = (middle, px(y));
        match key.shape {
            Shape::Line => root.draw(&level(y, THICK + 1)),
            Shape::ThinLine => root.draw(&level(y, THIN)),
            Shape::Dashes => {
                for at in [
                    left,
                    middle - DASH.cast_signed() / 2,
                    right - DASH.cast_signed(),
                ] {
                    let dash = [(at, px(y)), (at + DASH.cast_signed(), px(y))];
                    root.draw(&PathElement::new(dash, colour.stroke_width(THIN)))?;
                }
                Ok(())
            }
            Shape::Bars => {
                let bar = [(middle, px(y - 6)), (middle, px(y + 6))];
                root.draw(&PathElement::new(bar, colour.stroke_width(BAR)))
            }
            Shape::Triangles => root.draw(&TriangleMarker::new(at, px(5), colour.filled())),
            Shape::Dots => root.draw(&Circle::new(at, px(3), colour.filled())),
            Shape::Rings => root.draw(&Circle::new(at, px(4), colour.stroke_width(THICK))),
            Shape::Crosses => root.draw(&Cross::new(at, px(4), colour.stroke_width(THICK))),
            Shape::Area => {
                let corners = [(left, px(y - 5)), (right, px(y + 5))];
                root.draw(&Rectangle::new(corners, colour.mix(TINT).filled()))?;
                root.draw(&level(y - 5, THIN))
            }
        }
    }

    /// A line of text, its middle at the height `y`.
    fn line(&self, area: &Area<'_>, text: &str, (x, y): (i32, i32), size: i32, ink: Ink) -> Drawn {
        let (style, colour) = match ink {
            Ink::Strong => (FontStyle::Bold, self.palette.ink),
            Ink::Plain => (FontStyle::Normal, self.palette.ink),
            Ink::Dim => (FontStyle::Normal, self.palette.dim),
        };
        let left = Pos::new(HPos::Left, VPos::Center);
        area.draw_text(text, &face(size, style, colour).pos(left), (px(x), px(y)))
    }
}

/// How strongly a text stands out.
#[derive(Clone, Copy)]
enum Ink {
    Strong,
    Plain,
    Dim,
}

fn draw_mark(chart: &mut Chart<'_>, mark: &Mark, foot: f64) -> Drawn {
    let colour = rgb(mark.colour);
    let points = || mark.points.iter().copied();
    let thick = colour.stroke_width(THICK);
    match mark.shape {
        Shape::Area => {
            chart.draw_series(AreaSeries::new(points(), foot, colour.mix(TINT)))?;
            chart.draw_series(LineSeries::new(points(), colour.stroke_width(THIN)))?;
        }
        Shape::ThinLine => {
            chart.draw_series(LineSeries::new(points(), colour.stroke_width(THIN)))?;
        }
        Shape::Dashes => {
            let dashed = colour.stroke_width(THIN);
            chart.draw_series(DashedLineSeries::new(points(), DASH, GAP_OF_DASH, dashed))?;
        }
        Shape::Bars => {
            let bars = mark.points.chunks_exact(2);
            let style = colour.mix(BAR_TINT).stroke_width(BAR);
            chart.draw_series(bars.map(|bar| PathElement::new(bar.to_vec(), style)))?;
        }
        Shape::Triangles => {
            chart.draw_series(points().map(|p| TriangleMarker::new(p, px(5), colour.filled())))?;
        }
        Shape::Dots if mark.points.len() <= MOST_DOTS => {
            chart.draw_series(points().map(|p| Circle::new(p, px(2), colour.filled())))?;
        }
        Shape::Line | Shape::Dots => {
            chart.draw_series(LineSeries::new(points(), thick))?;
        }
        Shape::Rings => {
            chart.draw_series(points().map(|p| Circle::new(p, px(4), thick)))?;
        }
        Shape::Crosses => {
            chart.draw_series(points().map(|p| Cross::new(p, px(4), thick)))?;
        }
    }
    Ok(())
}

/// Text of `size` pixels per em.
fn face(size: i32, style: FontStyle, colour: Colour) -> TextStyle<'static> {
    // plotters counts a font's size from line to line: 1.24 times the em.
    let size = f64::from(px(size)) * 1.24;
    let font = FontDesc::new(FontFamily::Name(FONT_FAMILY), size, style);
    let mut style = TextStyle::from(font);
    style.color = rgb(colour).to_backend_color();
    style
}

const fn rgb(colour: Colour) -> RGBColor {
    RGBColor(colour.red, colour.green, colour.blue)
}

/// Pixels of the shown picture as pixels of the drawn one.
const fn px(pixels: i32) -> i32 {
    pixels * 4
}

const fn size(pixels: i32) -> u32 {
    px(pixels).unsigned_abs()
}

/// More dots than this are drawn as a line: a picture need not be megabytes long.
const MOST_DOTS: usize = 700;
/// Stroke widths, in quarters of a pixel.
const THICK: u32 = 7;
const THIN: u32 = 5;
/// The width of an upright bar, in quarters of a pixel, and how much of its colour is left.
const BAR: u32 = 8;
const BAR_TINT: f64 = 0.6;
/// A dash and the gap behind it, in quarters of a pixel.
const DASH: u32 = 24;
const GAP_OF_DASH: u32 = 14;
/// How much of a colour is left where it tints an area.
const TINT: f64 = 0.22;
