//! `netsim check`, `netsim new`, `netsim schema`: commands about scenario files that run nothing.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anstyle::{AnsiColor, Style};
use netsim::scenario::{self, Example, check, gallery};

use super::{
    args::{CheckArgs, NewArgs},
    failure::Failure,
    output,
};

/// Shows what a scenario stands for.
pub(crate) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let plan = scenario::load_file(&args.file, &args.overrides)?;
    output::print(&check::describe(&plan))
}

/// Prints the JSON Schema.
pub(crate) fn schema() -> Result<(), Failure> {
    output::print(&format!("{:#}\n", scenario::json_schema()))
}

/// Writes a template, or lists them.
pub(crate) fn new(args: &NewArgs) -> Result<(), Failure> {
    let Some(name) = &args.template else {
        return output::print(&list());
    };
    let Some(template) = gallery().iter().find(|t| t.name == name) else {
        let text = format!("there is no template `{name}`; there are:\n{}", list());
        return Err(Failure::Input(text.trim_end().to_owned()));
    };
    let file = args
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{name}.toml")));
    write_new(&file, template.text, args.force)?;
    let next = file.display();
    output::print(&format!("wrote {next}; run it with: netsim run {next}\n"))
}

fn list() -> String {
    let all = gallery();
    let width = all.iter().map(|t| t.name.len()).max().unwrap_or(0);
    let line = |t: &Example| format!("  {NAME}{:width$}{NAME:#}  {}\n", t.name, t.summary());
    all.iter().map(line).collect()
}

fn write_new(file: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    if !force {
        options.create_new(true);
    }
    let written = options
        .open(file)
        .and_then(|mut f| f.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::Input(format!(
            "{} exists; choose another name with -o, or overwrite it with --force",
            file.display()
        )),
        _ => Failure::needed(format!("cannot write {}", file.display()), error),
    })
}

const NAME: Style = AnsiColor::Cyan.on_default().bold();
