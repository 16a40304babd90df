//! How large flows are: the distributions, and the keys of `sizes`.

use std::path::Path;

use super::cdf::Cdf;
use crate::{
    rng::Stream,
    scenario::{
        limits::MAX_TRANSFER,
        lower::ranges,
        schema::{self, Field, SizeWord, Table},
        text::{Findings, Place},
    },
    units::ByteSize,
};

/// A distribution of sizes \[bytes\].
#[derive(Debug, Clone, PartialEq)]
pub(in crate::scenario::lower) enum Sizes {
    /// Always this.
    Constant(f64),
    /// With this mean.
    Exponential(f64),
    /// From the first to the second.
    Uniform(f64, f64),
    /// With a tail of x^-`shape`, cut off at `max` if there is one.
    Pareto {
        min: f64,
        shape: f64,
        max: Option<f64>,
    },
    /// The natural logarithm is normal with mean `mu` and deviation `sigma`.
    Lognormal { mu: f64, sigma: f64 },
    /// By a table.
    Empirical(Cdf),
}

impl Sizes {
    /// The next size: at least 1 byte, at most 1 TiB, rounded to whole bytes.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates"
    )]
    pub(in crate::scenario::lower) fn draw(&self, stream: &mut Stream) -> u64 {
        let bytes = libm::round(self.draw_exactly(stream)) as u64;
        bytes.clamp(1, MAX_TRANSFER.bytes())
    }

    fn draw_exactly(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(size) => *size,
            Self::Exponential(mean) => mean * stream.exponential(),
            Self::Uniform(min, max) => min + stream.unit() * (max - min),
            Self::Pareto { min, shape, max } => {
                // By inversion; the cut takes the last `left` of the tail away.
                let left = max.map_or(0.0, |max| libm::pow(min / max, *shape));
                min * libm::pow(1.0 - stream.unit() * (1.0 - left), -1.0 / shape)
            }
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * stream.normal()),
            Self::Empirical(cdf) => cdf.size_at(stream.unit()),
        }
    }

    /// The mean; infinite for a Pareto distribution with a shape of at most 1 and no cut.
    pub(in crate::scenario::lower) fn mean(&self) -> f64 {
        match self {
            Self::Constant(mean) | Self::Exponential(mean) => *mean,
            Self::Uniform(min, max) => f64::midpoint(*min, *max),
            Self::Pareto { min, shape, max } => pareto_mean(*min, *shape, *max),
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Self::Empirical(cdf) => cdf.mean(),
        }
    }
}

fn pareto_mean(min: f64, shape: f64, max: Option<f64>) -> f64 {
    let part = min / max.unwrap_or(f64::INFINITY);
    let kept = 1.0 - libm::pow(part, shape);
    let excess = shape - 1.0;
    if excess.abs() < 1e-9 {
        // The limit of the formula below.
        return -min * libm::log(part) / kept;
    }
    if max.is_none() && excess < 0.0 {
        return f64::INFINITY;
    }
    min * shape / excess * (1.0 - libm::pow(part, excess)) / kept
}

/// Reads `sizes`; a file is looked for in `folder`.
pub(super) fn read(
    table: &Table<schema::Sizes>,
    folder: &Path,
    findings: &mut Findings,
) -> Option<Sizes> {
    let keys = &table.value;
    match (keys.distribution.is_given(), keys.file.is_given()) {
        (true, false) => {}
        (false, true) => {
            refuse(keys, &[], "a distribution from a file", findings);
            return from_file(&keys.file, folder, findings);
        }
        _ => {
            findings
                .missing(table.place.clone(), "`sizes` takes either `distribution` or `file`")
                .help("write something like `sizes = { distribution = \"exponential\", mean = \"100 kB\" }`");
            return None;
        }
    }
    let word = keys.distribution.read(findings)?;
    let own: &[&str] = match word {
        SizeWord::Constant | SizeWord::Exponential => &["mean"],
        SizeWord::Uniform => &["min", "max"],
        SizeWord::Pareto => &["shape", "mean", "min", "max"],
        SizeWord::Lognormal => &["mean", "sigma"],
    };
    let whose = format!("the distribution \"{}\"", word.name());
    refuse(keys, own, &whose, findings);
    let reader = Reader {
        keys,
        place: &table.place,
        whose: &whose,
    };
    match word {
        SizeWord::Constant => reader.size("mean", findings).map(Sizes::Constant),
        SizeWord::Exponential => reader.size("mean", findings).map(Sizes::Exponential),
        SizeWord::Uniform => reader.uniform(findings),
        SizeWord::Pareto => reader.pareto(findings),
        SizeWord::Lognormal => reader.lognormal(findings),
    }
}

fn from_file(file: &Field<String>, folder: &Path, findings: &mut Findings) -> Option<Sizes> {
    match Cdf::load(&folder.join(file.read(findings)?)) {
        Ok(cdf) => Some(Sizes::Empirical(cdf)),
        Err(why) => {
            findings.error(file.place(), why).help(
                "each line is a size in bytes and the share of flows that are at most that \
                 large, as in `1500 0.3`; the last share is 1",
            );
            None
        }
    }
}

/// A key that the distribution does not have would be without effect: an error.
fn refuse(keys: &schema::Sizes, own: &[&str], whose: &str, findings: &mut Findings) {
    let given = [
        ("mean", keys.mean.place()),
        ("min", keys.min.place()),
        ("max", keys.max.place()),
        ("shape", keys.shape.place()),
        ("sigma", keys.sigma.place()),
    ];
    for (key, place) in given {
        if let Some(place) = place.filter(|_| !own.contains(&key)) {
            let help = match own {
                [] => "the file says everything".to_owned(),
                own => format!("its keys: {}", own.join(", ")),
            };
            findings
                .error(place, format!("`{key}` means nothing to {whose}"))
                .help(help);
        }
    }
}

/// The keys of one distribution.
struct Reader<'a> {
    keys: &'a schema::Sizes,
    place: &'a Option<Place>,
    whose: &'a str,
}

impl Reader<'_> {
    /// A size that must be there.
    fn size(&self, key: &str, findings: &mut Findings) -> Option<f64> {
        let field = match key {
            "mean" => &self.keys.mean,
            "min" => &self.keys.min,
            _ => &self.keys.max,
        };
        if !field.is_given() {
            self.missing(key, "100 kB", findings);
        }
        let size = ranges::size(field, key, ByteSize::new(1)..=MAX_TRANSFER, findings)?;
        #[allow(clippy::cast_precision_loss, reason = "at most 1 TiB")]
        Some(size.bytes() as f64)
    }

    fn missing(&self, key: &str, example: &str, findings: &mut Findings) {
        let whose = self.whose;
        findings
            .missing(self.place.clone(), format!("{whose} needs `{key}`"))
            .help(format!("write something like `{key} = \"{example}\"`"));
    }

    fn uniform(&self, findings: &mut Findings) -> Option<Sizes> {
        let (min, max) = (self.size("min", findings), self.size("max", findings));
        let (min, max) = (min?, max?);
        self.in_order(min, max, findings)
            .then_some(Sizes::Uniform(min, max))
    }

    fn pareto(&self, findings: &mut Findings) -> Option<Sizes> {
        let shape = ranges::within(&self.keys.shape, "shape", 0.05..=100.0, findings);
        if !self.keys.shape.is_given() {
            findings
                .missing(self.place.clone(), format!("{} needs `shape`", self.whose))
                .help("write something like `shape = 1.2`");
        }
        let (mean, max) = (&self.keys.mean, &self.keys.max);
        if mean.is_given() && (self.keys.min.is_given() || max.is_given()) {
            findings
                .error(
                    mean.place(),
                    "`mean` stands alone: it decides `min`, and there is no `max`",
                )
                .help("give `shape` and `mean`, or `shape` and `min` and, if you like, `max`");
            return None;
        }
        if mean.is_given() {
            let (mean, shape) = (self.size("mean", findings)?, shape?);
            if shape <= 1.0 {
                let message = format!("with a `shape` of {shape} there is no finite mean");
                findings
                    .error(self.keys.shape.place(), message)
                    .help("give a `shape` above 1, or `min` and `max` instead of `mean`");
                return None;
            }
            let min = mean * (shape - 1.0) / shape;
            return Some(Sizes::Pareto {
                min,
                shape,
                max: None,
            });
        }
        let min = self.size("min", findings);
        let max = match max.is_given() {
            true => Some(self.size("max", findings)?),
            false => None,
        };
        let (min, shape) = (min?, shape?);
        let ordered = max.is_none_or(|max| self.in_order(min, max, findings));
        ordered.then_some(Sizes::Pareto { min, shape, max })
    }

    fn lognormal(&self, findings: &mut Findings) -> Option<Sizes> {
        let mean = self.size("mean", findings);
        let sigma = ranges::within(&self.keys.sigma, "sigma", 0.01..=10.0, findings);
        if !self.keys.sigma.is_given() {
            findings
                .missing(self.place.clone(), format!("{} needs `sigma`", self.whose))
                .help("write something like `sigma = 1.5`");
        }
        let (mean, sigma) = (mean?, sigma?);
        let mu = libm::log(mean) - sigma * sigma / 2.0;
        Some(Sizes::Lognormal { mu, sigma })
    }

    fn in_order(&self, min: f64, max: f64, findings: &mut Findings) -> bool {
        if min >= max {
            findings.error(self.keys.max.place(), "`max` must be larger than `min`");
        }
        min < max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RootSeed;

    const DRAWS: u32 = 100_000;

    /// Mean and deviation of many draws.
    #[allow(clippy::cast_precision_loss, reason = "small sizes")]
    fn measure(sizes: &Sizes) -> (f64, f64) {
        let mut stream = RootSeed(1).stream(&["sizes"]);
        let draws: Vec<f64> = (0..DRAWS).map(|_| sizes.draw(&mut stream) as f64).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(DRAWS);
        let var = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / f64::from(DRAWS);
        (mean, var.sqrt())
    }

    #[test]
    fn the_mean_of_many_draws_is_the_mean_of_the_distribution() {
        // Means by hand, each with the deviation of one draw. The mean of 100 000 draws may be off
        // by five times deviation / 316, and by half a byte of rounding.
        //   exponential: deviation = mean. uniform: width / sqrt 12.
        //   Pareto, shape 3, min 2000: mean 3/2 x 2000, deviation 2000 x sqrt(3/4) = 1732.
        //   the same from 1000 to 4000: r = 1/4; mean 1500 x (1 - 1/16) / (1 - 1/64) = 1428.6;
        //   second moment 3 x 1000^2 x (1 - 1/4) / (1 - 1/64) = 2 285 714, deviation 495.
        //   lognormal, sigma 0.5: deviation = mean x sqrt(e^0.25 - 1) = 0.533 x mean.
        //   table 100..200..1000 at 0, 1/2, 1: mean 375, second moment
        //   (100^2 + 100 x 200 + 200^2) / 6 + (200^2 + 200 x 1000 + 1000^2) / 6 = 218 333,
        //   deviation sqrt(218 333 - 375^2) = 279.
        let pareto = |min, max| Sizes::Pareto {
            min,
            shape: 3.0,
            max,
        };
        let sigma: f64 = 0.5;
        let table = Sizes::Empirical(cdf("100 0\n200 0.5\n1000 1\n"));
        for (sizes, mean, deviation) in [
            (Sizes::Constant(5000.0), 5000.0, 0.0),
            (Sizes::Exponential(5000.0), 5000.0, 5000.0),
            (Sizes::Uniform(1000.0, 5000.0), 3000.0, 1155.0),
            (pareto(2000.0, None), 3000.0, 1732.0),
            (pareto(1000.0, Some(4000.0)), 1428.6, 495.0),
            (
                Sizes::Lognormal {
                    mu: 5000f64.ln() - sigma * sigma / 2.0,
                    sigma,
                },
                5000.0,
                2665.0,
            ),
            (table, 375.0, 279.0),
        ] {
            let (drawn, spread) = measure(&sizes);
            let bound = 5.0 * deviation / 316.0 + 0.5;
            assert!((sizes.mean() - mean).abs() < 0.1, "{sizes:?}");
            assert!((drawn - mean).abs() < bound, "{sizes:?}: mean {drawn}");
            // The deviation itself is only sharp for light tails.
            assert!(
                (spread - deviation).abs() < 0.1 * deviation + 1.0,
                "{sizes:?}: {spread}"
            );
        }
    }

    #[test]
    fn a_bounded_pareto_stays_in_its_bounds_and_fills_them() {
        let sizes = Sizes::Pareto {
            min: 100.0,
            shape: 1.0,
            max: Some(10_000.0),
        };
        let mut stream = RootSeed(1).stream(&["bounded"]);
        let draws: Vec<u64> = (0..10_000).map(|_| sizes.draw(&mut stream)).collect();
        assert!(draws.iter().all(|d| (100..=10_000).contains(d)));
        // P(X > 5000) = (1/5000 - 1/10000) / (1/100 - 1/10000) = 0.0101: about 101 of them.
        let large = draws.iter().filter(|d| **d > 5000).count();
        assert!((50..150).contains(&large), "{large}");
        // Shape 1: mean 100 x ln(100) / (1 - 1/100) = 465.2.
        assert!((sizes.mean() - 465.2).abs() < 0.1, "{}", sizes.mean());
    }

    #[test]
    fn a_heavy_tail_without_an_end_has_no_mean() {
        let sizes = Sizes::Pareto {
            min: 100.0,
            shape: 0.9,
            max: None,
        };
        assert!(sizes.mean().is_infinite());
        let mut stream = RootSeed(1).stream(&["heavy"]);
        assert!((0..1000).all(|_| sizes.draw(&mut stream) <= MAX_TRANSFER.bytes()));
    }

    fn cdf(text: &str) -> Cdf {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.cdf");
        std::fs::write(&path, text).unwrap();
        Cdf::load(&path).unwrap()
    }
}
