//! SVG to PNG by resvg, with the fonts that the crate carries.
//!
//! No font of the machine is used, so a picture has the same pixels everywhere.

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};
use thiserror::Error;

/// A picture could not be turned into pixels.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RasterError {
    /// The text is not SVG that resvg understands.
    #[error("the picture cannot be read as SVG: {0}")]
    Svg(String),
    /// The picture would have no pixels, or too many.
    #[error("a picture of {width} by {height} pixels cannot be drawn; the limit is {limit} in all")]
    Size {
        /// Its width in pixels.
        width: u64,
        /// Its height in pixels.
        height: u64,
        /// The most pixels.
        limit: u64,
    },
    /// The pixels could not be packed.
    #[error("the picture cannot be written as PNG: {0}")]
    Png(String),
}

/// The PNG of an SVG picture, `scale` pixels for each of its own. Range of the scale: 0.1 to 8;
/// values outside are clamped.
///
/// # Errors
/// [`RasterError`], if the text is not SVG or the picture is larger than 100 million pixels.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, RasterError> {
    let tree = Tree::from_str(svg, &options()).map_err(|e| RasterError::Svg(e.to_string()))?;
    let scale = scale.clamp(0.1, 8.0);
    let size = tree.size();
    let mut pixels = pixmap(size.width() * scale, size.height() * scale)?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|e| RasterError::Png(e.to_string()))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from float saturates, and the limit is checked behind it"
)]
fn pixmap(width: f32, height: f32) -> Result<Pixmap, RasterError> {
    let (width, height) = (libm::ceilf(width) as u32, libm::ceilf(height) as u32);
    let fits = u64::from(width) * u64::from(height) <= MOST_PIXELS;
    let pixmap = fits.then(|| Pixmap::new(width, height)).flatten();
    pixmap.ok_or_else(|| RasterError::Size {
        width: width.into(),
        height: height.into(),
        limit: MOST_PIXELS,
    })
}

fn options() -> Options<'static> {
    let mut options = Options {
        font_family: "DejaVu Sans".to_owned(),
        ..Options::default()
    };
    let fonts = options.fontdb_mut();
    for face in [
        dejavu::sans::regular(),
        dejavu::sans::bold(),
        dejavu::sans::oblique(),
        dejavu::sans_mono::regular(),
        dejavu::sans_mono::bold(),
    ] {
        fonts.load_font_data(face.to_vec());
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    fonts.set_monospace_family("DejaVu Sans Mono");
    options
}

const MOST_PIXELS: u64 = 100_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"10\">\
                          <text x=\"1\" y=\"9\" font-size=\"9\">ab</text></svg>";

    /// Width and height stand big-endian at byte 16 of a PNG (its IHDR chunk).
    fn size_of(png: &[u8]) -> (u32, u32) {
        let word = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (word(16), word(20))
    }

    #[test]
    fn a_picture_at_scale_two_has_twice_the_pixels() {
        assert_eq!(size_of(&png(SQUARE, 1.0).unwrap()), (20, 10));
        assert_eq!(size_of(&png(SQUARE, 2.0).unwrap()), (40, 20));
    }

    #[test]
    fn letters_are_drawn_with_the_own_fonts() {
        let empty = SQUARE.replace(">ab<", "><");
        assert_ne!(png(SQUARE, 1.0).unwrap(), png(&empty, 1.0).unwrap());
    }

    #[test]
    fn nonsense_and_giants_are_refused() {
        assert!(matches!(png("hello", 1.0), Err(RasterError::Svg(_))));
        let giant = SQUARE.replace("width=\"20\"", "width=\"900000000\"");
        assert!(matches!(png(&giant, 1.0), Err(RasterError::Size { .. })));
    }
}
