//! The command line, as clap reads it. Every argument's help stands here and nowhere else: `--help`,
//! the man pages and the completions are made of it.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use netsim::{
    scenario::Override,
    units::{ByteSize, Span},
};

/// Simulate a small network packet by packet, and see every layer.
///
/// One TOML file in: hosts, routers, links, traffic. Out come captures that Wireshark opens,
/// pictures of the layers, and a summary. The same file and seed give the same bytes everywhere.
#[derive(Debug, Parser)]
#[command(name = "netsim", version, help_expected = true, after_help = EXAMPLES)]
#[command(propagate_version = false, disable_help_subcommand = true)]
pub(crate) struct CommandLine {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colour
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        display_order = 100
    )]
    pub(crate) color: Color,
}

const EXAMPLES: &str = "\
Examples:
  netsim run topologies/lossy.toml            run a scenario, files go to captures/lossy/
  netsim run lossy.toml --set link.wan.loss=10% --out worse
  netsim check lossy.toml                     show addresses, routes and warnings; run nothing
  netsim new                                  list the scenarios to start from
  netsim new handshake -o mine.toml           write one of them";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a scenario and write captures, pictures and a summary
    Run(Box<RunArgs>),
    /// Check a scenario and show what was filled in: addresses, MACs, routes; run nothing
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Write a commented scenario to start from; list them if no template is named
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArgs),
    /// Print the JSON Schema of the scenario file, for editors
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page, or write one page per command into a folder
    #[command(after_help = MAN_EXAMPLES)]
    Man {
        /// Write netsim.1, netsim-run.1 ... into this folder
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// `netsim run`
#[derive(Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub(crate) struct RunArgs {
    /// The scenario, a TOML file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Write into this folder [default: captures/<name of FILE>]
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// The seed that all randomness grows from, in place of the file's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Set a value in place of the file's, such as link.wan.loss=10%; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) overrides: Vec<Override>,

    /// End the run at this virtual time at the latest, such as 5s
    #[arg(long, value_name = "TIME")]
    pub(crate) stop: Option<Span>,

    /// The format of the captures
    #[arg(long)]
    pub(crate) format: Option<Format>,

    /// Capture at this place: a node (alice), one card (r1:wan), or "all hosts", "all routers",
    /// "all"; may be given several times [default: "all hosts"; nothing if there are more than 64
    /// cards]
    #[arg(long, value_name = "PLACE")]
    pub(crate) capture: Vec<String>,

    /// Keep at most this much of each frame, such as "96 B"
    #[arg(long, value_name = "SIZE")]
    pub(crate) snap_length: Option<ByteSize>,

    /// Capture nothing
    #[arg(long, conflicts_with = "capture")]
    pub(crate) no_captures: bool,

    /// Draw no pictures
    #[arg(long)]
    pub(crate) no_diagrams: bool,

    /// Write summary.json and nothing else: no captures, no pictures, no tcp.jsonl
    #[arg(long, conflicts_with_all = ["capture", "tcp_trace"])]
    pub(crate) summary_only: bool,

    /// Write tcp.jsonl: every change of the values of TCP senders, with its cause (native TCP only)
    #[arg(long)]
    pub(crate) tcp_trace: bool,

    /// Run on this many threads; the result does not depend on it [default: as many as there are
    /// cores, when the run is large enough to gain]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// The ground of the pictures: dark for screens, light for print
    #[arg(long, default_value = "dark")]
    pub(crate) theme: ThemeWord,

    /// Print the ladder diagram above the tables
    #[arg(long, conflicts_with_all = ["quiet", "json", "no_diagrams", "summary_only"])]
    pub(crate) ladder: bool,

    /// Print nothing but errors
    #[arg(long, short, conflicts_with = "json")]
    pub(crate) quiet: bool,

    /// Print summary.json instead of the tables
    #[arg(long)]
    pub(crate) json: bool,
}

const RUN_EXAMPLES: &str = "\
Examples:
  netsim run topologies/lossy.toml
  netsim run lossy.toml --seed 8 --out captures/lossy-8
  netsim run lossy.toml --set link.wan.loss=0% --set link.wan.latency=200ms
  netsim run lossy.toml --capture r1:wan --capture alice --snap-length '96 B'
  netsim run congestion.toml --tcp-trace --no-captures
  netsim run lossy.toml --json | jq '.totals.drops'

Ctrl-C ends the run in order: the files hold what has happened so far. A second Ctrl-C kills it.

Exit codes: 0 done; 1 an expectation of the scenario did not hold; 2 the scenario or the command
line is wrong; 3 something the run needed failed, such as a full disk.";

/// `netsim check`
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The scenario, a TOML file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Set a value in place of the file's; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) overrides: Vec<Override>,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  netsim check topologies/lossy.toml
  netsim check lossy.toml --set node.bob.address=10.9.0.1/24";

/// `netsim new`
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Which scenario; `netsim new` alone lists them
    pub(crate) template: Option<String>,

    /// Write to this file [default: <TEMPLATE>.toml]
    #[arg(long, short, value_name = "FILE", requires = "template")]
    pub(crate) output: Option<PathBuf>,

    /// Overwrite the file if it exists
    #[arg(long, requires = "template")]
    pub(crate) force: bool,
}

const NEW_EXAMPLES: &str = "\
Examples:
  netsim new                            list the templates
  netsim new handshake                  write handshake.toml
  netsim new lossy -o mine.toml         write mine.toml; an existing file is kept without --force";

const SCHEMA_EXAMPLES: &str = "\
Example:
  netsim schema > netsim.schema.json    then begin scenarios with  #:schema ./netsim.schema.json";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  netsim completions bash > ~/.local/share/bash-completion/completions/netsim
  netsim completions zsh > ~/.zfunc/_netsim
  netsim completions fish > ~/.config/fish/completions/netsim.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  netsim man | man -l -
  netsim man ~/.local/share/man/man1";

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set; always if CLICOLOR_FORCE is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With interface names, comments and nanoseconds
    Pcapng,
    /// Classic: nanoseconds, no names, no comments
    Pcap,
}

/// `--theme`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeWord {
    /// Light text on a dark ground
    Dark,
    /// Dark text on a white ground
    Light,
}
