//! The page: size, ground, title, and the elements in drawing order.

use super::{Element, escape, number};
use crate::diagram::style::{FONT_FAMILY, Theme};

/// An SVG document under construction. Later elements lie on top of earlier ones.
#[derive(Debug, Clone)]
pub struct Page {
    width: f64,
    height: f64,
    theme: Theme,
    title: String,
    body: String,
}

impl Page {
    /// An empty page of `width` by `height` pixels, filled with the theme's ground. The title is
    /// for screen readers and browser tabs: it is not drawn.
    pub fn new(width: f64, height: f64, theme: Theme, title: &str) -> Self {
        Self {
            width,
            height,
            theme,
            title: title.to_owned(),
            body: String::new(),
        }
    }

    /// Width in pixels.
    pub const fn width(&self) -> f64 {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> f64 {
        self.height
    }

    /// Makes the page taller, for pictures that know their height last.
    pub const fn set_height(&mut self, height: f64) {
        self.height = height;
    }

    /// Draws an element on top of all earlier ones.
    pub fn add(&mut self, element: Element) {
        element.write(&mut self.body);
    }

    /// The finished document.
    pub fn finish(self) -> String {
        let (w, h) = (number(self.width), number(self.height));
        let title = escape(&self.title);
        let ground = self.theme.palette().ground;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" font-family=\"{FONT_FAMILY}\" role=\"img\">\n\
             <title>{title}</title>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"{ground}\"/>\n{}</svg>\n",
            self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::svg::Point;

    #[test]
    fn a_page_is_one_well_formed_document() {
        let mut page = Page::new(100.0, 50.0, Theme::Light, "a & b");
        page.add(Element::circle(Point::new(1.0, 2.0), 3.0));
        let svg = page.finish();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("<title>a &amp; b</title>"));
        assert!(svg.contains("viewBox=\"0 0 100 50\""));
        assert!(svg.contains("<circle cx=\"1\" cy=\"2\" r=\"3\"/>"));
    }
}
