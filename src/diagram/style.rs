//! How all pictures look: the seven layer colours, the two themes, the fonts.
//!
//! Contract: a layer has the same fill in every picture and in both themes, so that a reader
//! learns it once. Everything else (ground, ink, lines) comes from the theme's [`Palette`].
//!
//! Not here: how shapes are written down (`svg`).

use std::fmt;

use crate::wire::OsiLayer;

/// An sRGB colour. Displays as `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
}

impl Colour {
    /// White.
    pub const WHITE: Self = Self::hex(0xff_ff_ff);
    /// Black.
    pub const BLACK: Self = Self::hex(0);

    /// The colour written `0xrrggbb`.
    pub const fn hex(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self { red, green, blue }
    }

    /// `parts` parts of a hundred of `other`, the rest of `self`. More than 100 counts as 100.
    #[must_use]
    pub fn mix(self, other: Self, parts: u8) -> Self {
        let channel = |a: u8, b: u8| {
            let share = u32::from(parts.min(100));
            let sum = u32::from(a) * (100 - share) + u32::from(b) * share;
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        Self {
            red: channel(self.red, other.red),
            green: channel(self.green, other.green),
            blue: channel(self.blue, other.blue),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// Dark for screens (the default), light for print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Light ink on a dark ground.
    #[default]
    Dark,
    /// Dark ink on white.
    Light,
}

impl Theme {
    /// The colours of this theme.
    pub const fn palette(self) -> Palette {
        match self {
            Self::Dark => DARK,
            Self::Light => LIGHT,
        }
    }

    /// The colour of a layer's text and arrows on this theme's ground: the layer's own colour,
    /// moved towards the ink until it can be read.
    pub fn layer_ink(self, layer: OsiLayer) -> Colour {
        let own = layer_colour(layer);
        match self {
            Self::Dark => own.mix(Colour::WHITE, 25),
            Self::Light => own.mix(Colour::BLACK, 25),
        }
    }

    /// A faint tint of a layer's colour, for large areas behind text.
    pub fn layer_tint(self, layer: OsiLayer) -> Colour {
        self.palette().ground.mix(layer_colour(layer), 18)
    }
}

/// The colours of a theme beside the layers'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub ground: Colour,
    /// Boxes and cards on the ground.
    pub panel: Colour,
    /// Main text.
    pub ink: Colour,
    /// Less important text: captions, units, notes.
    pub dim: Colour,
    /// Thin lines: lifelines, axes, borders.
    pub line: Colour,
    /// Something went well.
    pub good: Colour,
    /// Something to look at: retransmissions, duplicates.
    pub warn: Colour,
    /// Something was lost or failed.
    pub bad: Colour,
}

/// The fill of a layer: the same in every picture.
pub const fn layer_colour(layer: OsiLayer) -> Colour {
    match layer {
        OsiLayer::Application => Colour::hex(0xf8_51_49),
        OsiLayer::Presentation => Colour::hex(0xf0_88_3e),
        OsiLayer::Session => Colour::hex(0xd2_99_22),
        OsiLayer::Transport => Colour::hex(0x23_86_36),
        OsiLayer::Network => Colour::hex(0x1f_6f_eb),
        OsiLayer::DataLink => Colour::hex(0x89_57_e5),
        OsiLayer::Physical => Colour::hex(0x6e_40_c9),
    }
}

/// The text on a layer's fill: white on all seven.
pub const ON_LAYER: Colour = Colour::WHITE;

/// The fonts for text, best first. The widths that `svg` measures are DejaVu Sans's, and Verdana
/// has nearly the same.
pub const FONT_FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// The fonts for bytes and code, best first.
pub const MONO_FAMILY: &str = "DejaVu Sans Mono, Menlo, Consolas, monospace";

const DARK: Palette = Palette {
    ground: Colour::hex(0x0d_11_17),
    panel: Colour::hex(0x16_1b_22),
    ink: Colour::hex(0xe6_ed_f3),
    dim: Colour::hex(0x8b_94_9e),
    line: Colour::hex(0x48_4f_58),
    good: Colour::hex(0x7e_e7_87),
    warn: Colour::hex(0xe3_b3_41),
    bad: Colour::hex(0xff_7b_72),
};

const LIGHT: Palette = Palette {
    ground: Colour::WHITE,
    panel: Colour::hex(0xf6_f8_fa),
    ink: Colour::hex(0x1f_23_28),
    dim: Colour::hex(0x59_63_6e),
    line: Colour::hex(0xaf_b8_c1),
    good: Colour::hex(0x1a_7f_37),
    warn: Colour::hex(0x9a_67_00),
    bad: Colour::hex(0xcf_22_2e),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_prints_as_css_writes_it() {
        assert_eq!(layer_colour(OsiLayer::Application).to_string(), "#f85149");
        assert_eq!(Colour::BLACK.to_string(), "#000000");
    }

    #[test]
    fn mixing_goes_from_one_colour_to_the_other() {
        let (a, b) = (Colour::hex(0x00_64_ff), Colour::hex(0x64_00_ff));
        assert_eq!(a.mix(b, 0), a);
        assert_eq!(a.mix(b, 100), b);
        // Half of 0 and 100 is 50, 0x32.
        assert_eq!(a.mix(b, 50), Colour::hex(0x32_32_ff));
    }
}
