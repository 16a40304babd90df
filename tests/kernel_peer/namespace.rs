//! Each case in a process of its own, in a network namespace of its own.
//!
//! `unshare` makes the namespace and starts this binary again; when that process ends the kernel
//! takes the namespace away with the device, the addresses and the settings in it.

use std::{
    env,
    fs::File,
    process::{Command, ExitCode, Output},
};

use libtest_mimic::{Arguments, Failed, Trial};

/// A case: its name, which is a claim, and what shows it.
pub(crate) type Case = (&'static str, fn());

/// Runs the cases that the arguments ask for, or the one case that this process is for.
pub(crate) fn main(cases: &'static [Case]) -> ExitCode {
    if let Ok(name) = env::var(INSIDE) {
        let case = cases.iter().find(|case| case.0 == name);
        case.expect("a case of that name").1();
        return ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    // Most of a case is waiting.
    arguments.test_threads.get_or_insert(4);
    let trials = match obstacle() {
        None => cases.iter().map(trial).collect(),
        Some(why) => {
            eprintln!("kernel peer: NOT RUN: {why}");
            cases.iter().map(|case| not_run(case, &why)).collect()
        }
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(&(name, _): &Case) -> Trial {
    Trial::test(name, move || {
        let command = namespace()
            .arg(env::current_exe()?)
            .env(INSIDE, name)
            .output()?;
        match command.status.success() {
            true => Ok(()),
            false => Err(Failed::from(told(&command))),
        }
    })
}

/// A case that this machine cannot run: ignored, or failed where it has to run.
fn not_run(&(name, _): &Case, why: &str) -> Trial {
    let required = env::var("KERNEL_PEER").is_ok_and(|value| value == "required");
    let text = format!("NOT RUN: {why}");
    let named = format!("{name} ({text})");
    Trial::test(named, move || Err(Failed::from(text))).with_ignored_flag(!required)
}

/// Why no case can run here, if so.
fn obstacle() -> Option<String> {
    let tun = File::options().read(true).write(true).open("/dev/net/tun");
    if let Err(error) = tun {
        return Some(format!("no /dev/net/tun ({error})"));
    }
    match namespace().arg("true").output() {
        Err(error) => Some(format!("no unshare ({error})")),
        Ok(output) if !output.status.success() => {
            Some(format!("no network namespace ({})", told(&output).trim()))
        }
        Ok(_) => None,
    }
}

/// Runs a program in a new network namespace. Who is not root becomes root of a user namespace,
/// where the machine allows it.
fn namespace() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--map-root-user", "--"]);
    command
}

fn told(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// The variable that tells a process which case it is for.
const INSIDE: &str = "NETSIM_KERNEL_PEER_CASE";
