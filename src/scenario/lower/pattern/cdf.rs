//! An empirical distribution of sizes, from a text file.
//!
//! On each line a size in bytes and the share of flows that are at most that large. Both rise
//! from line to line, the last share is 1; between two lines sizes are spread evenly. Text after
//! `#` and empty lines mean nothing. A file that counts in percent is refused.

use std::{fs, io::Read, path::Path};

use crate::scenario::limits::{MAX_CDF_FILE, MAX_TRANSFER};

/// A distribution of sizes by its points.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::scenario::lower) struct Cdf(Vec<Point>);

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    size: f64,
    share: f64,
}

impl Cdf {
    /// Reads the file at `path`. The error begins with the file's name, and its line if one line
    /// is wrong.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let name = path.display();
        let text = read(path).map_err(|why| format!("{name}: {why}"))?;
        Self::parse(&text).map_err(|(line, why)| match line {
            0 => format!("{name}: {why}"),
            line => format!("{name}:{line}: {why}"),
        })
    }

    /// The error has the number of the line, or 0 for the file as a whole.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut points: Vec<Point> = Vec::new();
        let mut last = 0;
        for (number, line) in (1..).zip(text.lines()) {
            let content = line.split('#').next().unwrap_or_default().trim();
            if content.is_empty() {
                continue;
            }
            let point = Point::parse(content).map_err(|why| (number, why))?;
            if let Some(before) = points.last() {
                point.follows(*before).map_err(|why| (number, why))?;
            }
            points.push(point);
            last = number;
        }
        match points.last() {
            None => Err((0, "there is no line with a size and a share".to_owned())),
            Some(point) if point.share < 1.0 => {
                let why = format!("the last share is {}, but must be 1", point.share);
                Err((last, why))
            }
            Some(_) => Ok(Self(points)),
        }
    }

    /// The size that the share `u` of flows does not exceed; `u` is from 0 to 1.
    pub(super) fn size_at(&self, u: f64) -> f64 {
        let next = self.0.partition_point(|point| point.share < u);
        let point = self.0[next.min(self.0.len() - 1)];
        match next.checked_sub(1).map(|before| self.0[before]) {
            Some(before) if point.share > before.share => {
                let part = (u - before.share) / (point.share - before.share);
                before.size + part * (point.size - before.size)
            }
            _ => point.size,
        }
    }

    /// The mean: each piece is spread evenly, so it counts with its middle.
    pub(super) fn mean(&self) -> f64 {
        let first = self.0[0];
        let pieces = self.0.windows(2).map(|pair| {
            let (a, b) = (pair[0], pair[1]);
            (b.share - a.share) * (a.size + b.size) / 2.0
        });
        first.share * first.size + pieces.sum::<f64>()
    }
}

impl Point {
    fn parse(line: &str) -> Result<Self, String> {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [size, share] = columns[..] else {
            let found = columns.len();
            return Err(format!(
                "expected two columns, a size in bytes and a share such as `1500 0.3`, found {found}"
            ));
        };
        let number = |text: &str| text.parse().ok().filter(|x: &f64| x.is_finite());
        let most = MAX_TRANSFER.bytes();
        #[allow(clippy::cast_precision_loss, reason = "a power of two")]
        let size_range = 0.0..=most as f64;
        Ok(Self {
            size: number(size)
                .filter(|size| size_range.contains(size))
                .ok_or_else(|| format!("{size:?} is no size in bytes from 0 to {most}"))?,
            share: number(share)
                .filter(|share| (0.0..=1.0).contains(share))
                .ok_or_else(|| match number(share) {
                    Some(x) if x > 1.0 => format!(
                        "{share} is no share from 0 to 1; if this file counts in percent, divide by 100"
                    ),
                    _ => format!("{share:?} is no share from 0 to 1"),
                })?,
        })
    }

    fn follows(self, before: Self) -> Result<(), String> {
        if self.size < before.size {
            let (was, is) = (before.size, self.size);
            return Err(format!("the size falls from {was} to {is}"));
        }
        if self.share < before.share {
            let (was, is) = (before.share, self.share);
            return Err(format!("the share falls from {was} to {is}"));
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, String> {
    let cannot = |e: std::io::Error| format!("cannot read the file: {e}");
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err("this is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let limit = MAX_CDF_FILE.bytes();
    let file = fs::File::open(path).map_err(cannot)?;
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > limit {
        return Err(format!("the file is larger than {MAX_CDF_FILE}"));
    }
    String::from_utf8(bytes).map_err(|_| "the file is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "# bytes share\n100 0\n200 0.5 # half\n\n1000 1\n";

    #[test]
    fn sizes_lie_between_the_points() {
        let cdf = Cdf::parse(SMALL).unwrap();
        let sizes: Vec<f64> = [0.0, 0.25, 0.5, 0.75, 1.0]
            .iter()
            .map(|u| cdf.size_at(*u))
            .collect();
        assert_eq!(sizes, [100.0, 150.0, 200.0, 600.0, 1000.0]);
        // Half with mean 150, half with mean 600.
        assert_eq!(cdf.mean().to_bits(), 375.0_f64.to_bits());
    }

    #[test]
    fn a_first_share_above_zero_is_a_step() {
        // 30 % are exactly 64 bytes, the rest is spread from 64 to 1064 (mean 564).
        let cdf = Cdf::parse("64 0.3\n1064 1\n").unwrap();
        assert_eq!(cdf.size_at(0.0).to_bits(), 64.0_f64.to_bits());
        assert_eq!(cdf.size_at(0.29).to_bits(), 64.0_f64.to_bits());
        assert!((cdf.mean() - (0.3 * 64.0 + 0.7 * 564.0)).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_distribution_is_told_with_its_line() {
        let said = |text: &str| Cdf::parse(text).unwrap_err();
        for (text, line, why) in [
            ("", 0, "there is no line with a size and a share"),
            ("1\n", 1, "expected two columns"),
            ("1 1 0\n", 1, "found 3"),
            ("# x\nten 0.1\n", 2, "\"ten\" is no size"),
            ("10 nan\n", 1, "\"nan\" is no share"),
            ("-1 0\n", 1, "\"-1\" is no size"),
            ("1e300 1\n", 1, "is no size"),
            ("10 15\n", 1, "15 is no share from 0 to 1; if this"),
            ("10 0.1\n9 0.2\n", 2, "the size falls from 10 to 9"),
            ("10 0.2\n11 0.1\n", 2, "the share falls from 0.2 to 0.1"),
            (
                "10 0.2\n11 0.9\n",
                2,
                "the last share is 0.9, but must be 1",
            ),
        ] {
            let (at, message) = said(text);
            assert_eq!(at, line, "{text:?}");
            assert!(message.contains(why), "{text:?}: {message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,200}", u in 0.0..1.0f64) {
            if let Ok(cdf) = Cdf::parse(&text) {
                let (size, mean) = (cdf.size_at(u), cdf.mean());
                proptest::prop_assert!(size >= 0.0 && mean >= 0.0);
            }
        }
    }
}
