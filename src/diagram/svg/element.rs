//! One SVG element: its attributes, its text or its children.

use std::fmt::Display;

use super::{PathData, Point, escape, number};
use crate::diagram::style::{Colour, MONO_FAMILY};

/// An element under construction; each call adds to it and hands it on.
#[derive(Debug, Clone)]
pub struct Element {
    tag: &'static str,
    attributes: String,
    content: String,
}

/// Which part of a text stands at its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

impl Element {
    /// An element without attributes.
    pub const fn new(tag: &'static str) -> Self {
        Self {
            tag,
            attributes: String::new(),
            content: String::new(),
        }
    }

    /// A straight line.
    pub fn line(from: Point, to: Point) -> Self {
        Self::new("line")
            .number("x1", from.x)
            .number("y1", from.y)
            .number("x2", to.x)
            .number("y2", to.y)
    }

    /// A rectangle with its top left corner at `corner`.
    pub fn rect(corner: Point, width: f64, height: f64) -> Self {
        Self::new("rect")
            .number("x", corner.x)
            .number("y", corner.y)
            .number("width", width)
            .number("height", height)
    }

    /// A circle.
    pub fn circle(centre: Point, radius: f64) -> Self {
        Self::new("circle")
            .number("cx", centre.x)
            .number("cy", centre.y)
            .number("r", radius)
    }

    /// An ellipse.
    pub fn ellipse(centre: Point, rx: f64, ry: f64) -> Self {
        Self::new("ellipse")
            .number("cx", centre.x)
            .number("cy", centre.y)
            .number("rx", rx)
            .number("ry", ry)
    }

    /// An outline, not filled unless told.
    pub fn path(data: &PathData) -> Self {
        Self::new("path")
            .attribute("d", data)
            .attribute("fill", "none")
    }

    /// A filled outline.
    pub fn shape(data: &PathData, fill: Colour) -> Self {
        Self::new("path").attribute("d", data).fill(fill)
    }

    /// Text whose baseline starts at `at`, `size` pixels per em.
    pub fn text(at: Point, size: f64, text: &str) -> Self {
        let mut element = Self::new("text")
            .number("x", at.x)
            .number("y", at.y)
            .number("font-size", size);
        element.content = escape(text);
        element
    }

    /// A stretch of text with its own attributes, to be a child of a text.
    pub fn span(text: &str) -> Self {
        let mut element = Self::new("tspan");
        element.content = escape(text);
        element
    }

    /// A group of elements.
    pub fn group(children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(Self::new("g"), Self::child)
    }

    /// Any attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Display) -> Self {
        let value = escape(&value.to_string());
        self.attributes += &format!(" {name}=\"{value}\"");
        self
    }

    /// An attribute that is a number.
    #[must_use]
    pub fn number(self, name: &str, value: f64) -> Self {
        self.attribute(name, number(value))
    }

    /// The colour inside.
    #[must_use]
    pub fn fill(self, colour: Colour) -> Self {
        self.attribute("fill", colour)
    }

    /// The colour and width of the outline.
    #[must_use]
    pub fn stroke(self, colour: Colour, width: f64) -> Self {
        self.attribute("stroke", colour)
            .number("stroke-width", width)
    }

    /// Dashes of `on` pixels with gaps of `off`.
    #[must_use]
    pub fn dashed(self, on: f64, off: f64) -> Self {
        let pattern = format!("{} {}", number(on), number(off));
        self.attribute("stroke-dasharray", pattern)
    }

    /// Rounded corners of a rectangle.
    #[must_use]
    pub fn rounded(self, radius: f64) -> Self {
        self.number("rx", radius)
    }

    /// From 0 (invisible) to 1.
    #[must_use]
    pub fn opacity(self, opacity: f64) -> Self {
        self.number("opacity", opacity)
    }

    /// Bold text.
    #[must_use]
    pub fn bold(self) -> Self {
        self.attribute("font-weight", "bold")
    }

    /// Slanted text.
    #[must_use]
    pub fn italic(self) -> Self {
        self.attribute("font-style", "italic")
    }

    /// Text in the mono font.
    #[must_use]
    pub fn mono(self) -> Self {
        self.attribute("font-family", MONO_FAMILY)
    }

    /// Which part of a text stands at its x. Without this call it is the left end.
    #[must_use]
    pub fn anchor(self, anchor: Anchor) -> Self {
        match anchor {
            Anchor::Start => self,
            Anchor::Middle => self.attribute("text-anchor", "middle"),
            Anchor::End => self.attribute("text-anchor", "end"),
        }
    }

    /// Text with a halo: what lies below it stays away from the letters.
    #[must_use]
    pub fn haloed(self, ground: Colour, width: f64) -> Self {
        self.stroke(ground, width)
            .attribute("stroke-linejoin", "round")
            .attribute("paint-order", "stroke")
    }

    /// Turned clockwise by `degrees` about `centre`.
    #[must_use]
    pub fn rotated(self, degrees: f64, centre: Point) -> Self {
        let (x, y) = (number(centre.x), number(centre.y));
        self.attribute("transform", format!("rotate({} {x} {y})", number(degrees)))
    }

    /// An element inside this one.
    #[must_use]
    pub fn child(mut self, child: Self) -> Self {
        child.write(&mut self.content);
        self
    }

    /// A text that browsers show when the pointer rests on the element.
    #[must_use]
    pub fn hint(mut self, text: &str) -> Self {
        self.content += &format!("<title>{}</title>", escape(text));
        self
    }

    pub(super) fn write(&self, out: &mut String) {
        let Self {
            tag,
            attributes,
            content,
        } = self;
        if content.is_empty() {
            *out += &format!("<{tag}{attributes}/>");
        } else {
            *out += &format!("<{tag}{attributes}>{content}</{tag}>");
        }
        if *tag != "tspan" {
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_writes_attributes_in_call_order_and_escapes_text() {
        let mut out = String::new();
        Element::text(Point::new(1.0, 2.5), 11.0, "a < b")
            .fill(Colour::BLACK)
            .bold()
            .write(&mut out);
        let expected = "<text x=\"1\" y=\"2.5\" font-size=\"11\" fill=\"#000000\" \
                        font-weight=\"bold\">a &lt; b</text>\n";
        assert_eq!(out, expected);
    }
}
