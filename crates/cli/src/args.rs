//! What a user can type.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// EEG before and after a drug: trustworthy markers on a time axis that starts at the dose.
#[derive(Debug, Parser)]
#[command(name = "dosewave", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// Threads [default: all cores]; the results do not depend on it
    #[arg(short = 'j', long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
    /// Configuration file (TOML); see `dosewave config --default`
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// One option of the configuration, e.g. --set epochs.length=4; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Say only what went wrong
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say also each step with its time, and every note
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// No progress bar
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A simulated placebo-controlled ketamine crossover with known truth: simulate, analyse, report
    Demo(Demo),
    /// What is in a recording: format, channels, rates, length, events, gaps, notes
    Info(Info),
    /// Before and after a dose: two recordings, or one with the dose in it
    Compare(Compare),
    /// A tidy table of markers
    Markers(Markers),
    /// Many subjects: statistics and report
    Run(Run),
    /// The report of a finished analysis
    Report(Report),
    /// A recording whose answer is known, with its truth
    Simulate(Simulate),
    /// Another format: EDF, BDF, BrainVision or HDF5; without names and dates where asked
    Convert(Convert),
    /// Every option, or a check of a configuration file
    Config(Config),
    /// What there is to choose from
    List(List),
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder for the results
    #[arg(short, long = "out", value_name = "DIR", default_value = "dosewave-demo")]
    pub(crate) out: PathBuf,
    /// Number of simulated subjects
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(3..=200))]
    pub(crate) subjects: u16,
}

/// Arguments of `info`.
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// Recordings
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Machine-readable, one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The recording before the dose, or the only recording
    #[arg(value_name = "PRE")]
    pub(crate) pre: PathBuf,
    /// The recording after the dose
    #[arg(value_name = "POST", required_unless_present = "dose_at")]
    pub(crate) post: Option<PathBuf>,
    /// When the dose was given, in a single recording: seconds, mm:ss, hh:mm:ss, or an annotation's label
    #[arg(long, value_name = "T", conflicts_with = "post", allow_hyphen_values = true)]
    pub(crate) dose_at: Option<String>,
    /// Folder for the results
    #[arg(short, long = "out", value_name = "DIR", default_value = "dosewave-results")]
    pub(crate) out: PathBuf,
    /// The contrasts on stdout, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `markers`.
#[derive(Debug, Args)]
pub(crate) struct Markers {
    /// The recording
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A marker by name; may be repeated [default: all]
    #[arg(short, long = "marker", value_name = "NAME")]
    pub(crate) marker: Vec<String>,
    /// A window, seconds from the start of the recording; may be repeated [default: the whole recording]
    #[arg(long, value_name = "A:B")]
    pub(crate) window: Vec<String>,
    /// The table [default: stdout]
    #[arg(short, long = "out", value_name = "FILE.tsv")]
    pub(crate) out: Option<PathBuf>,
    /// JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The study: a configuration with a table of sessions
    #[arg(value_name = "STUDY.toml")]
    pub(crate) study: PathBuf,
    /// Folder for the results
    #[arg(short, long = "out", value_name = "DIR", default_value = "dosewave-results")]
    pub(crate) out: PathBuf,
    /// Only this subject; may be repeated
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) only: Vec<String>,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// A results.json, or the folder that holds it
    #[arg(value_name = "RESULTS")]
    pub(crate) results: PathBuf,
    /// The page
    #[arg(short, long = "out", value_name = "FILE.html", default_value = "report.html")]
    pub(crate) out: PathBuf,
}

/// Arguments of `simulate`.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The recording; its truth is written beside it as .truth.json
    #[arg(short, long = "out", value_name = "FILE.edf", default_value = "simulated.edf")]
    pub(crate) out: PathBuf,
    /// What is given
    #[arg(long, value_enum, default_value_t = Treatment::Ketamine)]
    pub(crate) treatment: Treatment,
    /// Which subject of the simulated population
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) subject: u16,
}

/// What a simulated subject gets.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Treatment {
    /// The drug.
    Ketamine,
    /// Nothing but time.
    Placebo,
}

/// Arguments of `convert`.
#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// The recording
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    /// The new file; its ending says the format: .edf, .bdf, .vhdr, .h5
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Remove names, ids, birth dates and free text that could identify; move the date to 1985-01-01
    #[arg(long)]
    pub(crate) anonymize: bool,
    /// What was written and removed, as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `config`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Config {
    /// Print every option with its meaning and default
    #[arg(long)]
    pub(crate) default: bool,
    /// Check a configuration file and print it with the defaults filled in
    #[arg(long, value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
    /// Print a JSON schema
    #[arg(long)]
    pub(crate) schema: bool,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// What to list
    #[arg(value_enum)]
    pub(crate) what: Listing,
    /// Machine-readable
    #[arg(long)]
    pub(crate) json: bool,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Listing {
    /// Markers of the default configuration.
    Markers,
    /// Connectivity measures.
    Measures,
    /// File formats.
    Formats,
}
