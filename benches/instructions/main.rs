//! What the parts of the simulator cost, in instructions per operation.
//!
//! Each part runs in a process of its own under valgrind's callgrind, which counts the
//! instructions between the beginning and the end of [`counted`] and nothing else. The count does
//! not depend on how busy the machine is, so a part that has become dearer shows on any machine.
//!
//! ```text
//! cargo bench --bench instructions                  # count, and compare with baseline.toml
//! cargo bench --bench instructions -- tcp           # only parts with "tcp" in their name
//! cargo bench --bench instructions -- --update      # write what was counted to baseline.toml
//! ```
//!
//! Not counted: waiting for memory, and the work of the kernel. Times are the business of
//! `benches/vs_ns3`.
#![allow(
    clippy::unwrap_used,
    reason = "a bench that cannot set up should stop and say where"
)]
#![allow(clippy::print_stdout, reason = "the table is the result")]

mod baseline;
mod callgrind;
mod machine;
mod parts;

use std::{env, process::ExitCode};

use baseline::{Baseline, TOLERANCE};
use mimalloc::MiMalloc;
use parts::{PARTS, Part};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The section that callgrind counts; everything else that a part does is set-up.
#[inline(never)]
pub(crate) fn counted<R>(section: impl FnOnce() -> R) -> R {
    // Two black boxes keep the section where it is: nothing moves in or out, and no tail call.
    std::hint::black_box(());
    let result = section();
    std::hint::black_box(result)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|a| a == flag);
    if let [flag, name] = &arguments[..]
        && flag == callgrind::ONE_PART
    {
        println!("{}", parts::find(name).unwrap().run());
        return ExitCode::SUCCESS;
    }
    let wanted = |part: &&Part| {
        let mut words = arguments.iter().filter(|a| !a.starts_with("--")).peekable();
        words.peek().is_none() || words.any(|word| part.name.contains(word.as_str()))
    };
    let parts: Vec<&Part> = PARTS.iter().filter(wanted).collect();
    if has("--bench") {
        count(&parts, has("--update"))
    } else {
        try_out(&parts)
    }
}

/// Without `--bench` (as `cargo test --all-targets` calls it): every part runs once, uncounted.
fn try_out(parts: &[&Part]) -> ExitCode {
    for part in parts {
        println!("{}: {} operations", part.name, part.run());
    }
    ExitCode::SUCCESS
}

/// Counts `parts`. Fails if one has grown too much and the baseline is of this machine.
fn count(parts: &[&Part], update: bool) -> ExitCode {
    let machine = machine::description();
    let mut baseline = Baseline::read();
    let comparable = baseline.machine == machine;
    println!("instructions per operation, {machine}");
    let mut grown = 0;
    for part in parts {
        let counted = match callgrind::instructions(part.name) {
            Ok(counted) => (counted * 10.0).round() / 10.0,
            Err(why) => {
                println!("{}: {why}", part.name);
                return ExitCode::FAILURE;
            }
        };
        let change = baseline.change(part.name, counted);
        println!("{:<52} {counted:>12.1} {:>9}", part.name, change.words());
        grown += u32::from(change.is_too_much());
        baseline.instructions.insert(part.name.to_owned(), counted);
    }
    if update {
        let exists = |name: &String, _: &mut f64| parts::find(name).is_some();
        baseline.instructions.retain(exists);
        baseline.machine = machine;
        baseline.write();
        return ExitCode::SUCCESS;
    }
    verdict(grown, comparable, &baseline.machine)
}

fn verdict(grown: u32, comparable: bool, machine: &str) -> ExitCode {
    if machine.is_empty() {
        println!("baseline.toml holds no figures yet: add --update to write these");
    } else if !comparable {
        println!("the baseline is of {machine}: nothing to compare with");
    } else if grown > 0 {
        println!("{grown} parts have grown by more than {TOLERANCE} %");
        println!("if that is meant: cargo bench --bench instructions -- --update");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
