//! How wide a text is, by the metrics of the DejaVu fonts.
//!
//! Kerning is left out: it makes text a little narrower, never wider than measured here.

use std::sync::LazyLock;

use ttf_parser::Face;

/// The faces that pictures use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Font {
    /// DejaVu Sans.
    Regular,
    /// DejaVu Sans Bold.
    Bold,
    /// DejaVu Sans Mono.
    Mono,
}

/// The width of `text` in `font` at `size` pixels per em \[px\].
pub fn text_width(text: &str, font: Font, size: f64) -> f64 {
    let units: u64 = text.chars().map(|c| font.metrics().advance(c)).sum();
    let em = f64::from(font.metrics().units_per_em);
    #[allow(
        clippy::cast_precision_loss,
        reason = "a text is far shorter than 2^52 font units"
    )]
    let units = units as f64;
    units * size / em
}

/// `text`, cut and ended with `…` if it is wider than `room` pixels.
pub fn ellipsis(text: &str, font: Font, size: f64, room: f64) -> String {
    if text_width(text, font, size) <= room {
        return text.to_owned();
    }
    let mut cut = text.to_owned();
    while cut.pop().is_some() {
        let shorter = format!("{}…", cut.trim_end());
        if text_width(&shorter, font, size) <= room {
            return shorter;
        }
    }
    String::new()
}

/// The advances of one face.
struct Metrics {
    units_per_em: u16,
    face: Option<Face<'static>>,
}

impl Metrics {
    fn of(data: &'static [u8]) -> Self {
        let face = Face::parse(data, 0).ok();
        let units_per_em = face.as_ref().map_or(2048, Face::units_per_em);
        Self { units_per_em, face }
    }

    /// A character that the font does not have counts a whole em.
    fn advance(&self, c: char) -> u64 {
        let known = self.face.as_ref().and_then(|face| {
            let glyph = face.glyph_index(c)?;
            face.glyph_hor_advance(glyph)
        });
        u64::from(known.unwrap_or(self.units_per_em))
    }
}

impl Font {
    fn metrics(self) -> &'static Metrics {
        match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
            Self::Mono => &MONO,
        }
    }
}

static REGULAR: LazyLock<Metrics> = LazyLock::new(|| Metrics::of(dejavu::sans::regular()));
static BOLD: LazyLock<Metrics> = LazyLock::new(|| Metrics::of(dejavu::sans::bold()));
static MONO: LazyLock<Metrics> = LazyLock::new(|| Metrics::of(dejavu::sans_mono::regular()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mono_font_gives_every_character_the_same_width() {
        // DejaVu Sans Mono advances 1233 of 2048 units: 6.02 px at 10 px.
        let one = text_width("i", Font::Mono, 10.0);
        assert!((one - 12330.0 / 2048.0).abs() < 1e-9);
        assert!((text_width("WWW", Font::Mono, 10.0) - 3.0 * one).abs() < 1e-9);
    }

    #[test]
    fn a_cut_text_fits_its_room() {
        let text = "GET /api/users/123?with=a&long=query";
        let cut = ellipsis(text, Font::Regular, 11.0, 100.0);
        assert!(cut.ends_with('…') && cut.starts_with("GET /"));
        assert!(text_width(&cut, Font::Regular, 11.0) <= 100.0);
        assert_eq!(ellipsis("short", Font::Regular, 11.0, 100.0), "short");
        assert_eq!(ellipsis("short", Font::Regular, 11.0, 1.0), "");
    }
}
