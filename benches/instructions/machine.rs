//! What counts depend on beside the sources: the compiler and the C library.

use std::process::Command;

/// One line: `rustc 1.95.0 (59807616e 2026-04-14), x86_64 linux, C library 2.36`.
pub(crate) fn description() -> String {
    let rustc = first_line("rustc", "--version");
    let libc = first_line("ldd", "--version");
    let libc = libc.split_whitespace().last().unwrap_or("unknown");
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    format!("{rustc}, {arch} {os}, C library {libc}")
}

fn first_line(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let text = output.map_or_else(|_| Vec::new(), |o| o.stdout);
    let text = String::from_utf8_lossy(&text);
    text.lines().next().unwrap_or("unknown").to_owned()
}
