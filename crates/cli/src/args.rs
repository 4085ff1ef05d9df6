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
    /// A BIDS dataset: markers of each participant, then of the group, as a derivative dataset
    Bids(Bids),
    /// The report of a finished analysis
    Report(Report),
    /// A recording whose answer is known, with its truth
    Simulate(Simulate),
    /// Another format: EDF, BDF, BrainVision or HDF5; into a BIDS dataset; without names and dates where asked
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

/// Arguments of `bids`.
#[derive(Debug, Args)]
pub(crate) struct Bids {
    /// The dataset
    #[arg(value_name = "BIDS_DIR")]
    pub(crate) bids_dir: PathBuf,
    /// Folder for the derivatives, such as BIDS_DIR/derivatives/dosewave
    #[arg(value_name = "OUT_DIR")]
    pub(crate) out_dir: PathBuf,
    /// Each participant by itself, or all that were analysed together
    #[arg(value_enum, value_name = "LEVEL")]
    pub(crate) level: BidsLevel,
    /// Only these participants, with or without sub-
    #[arg(long, value_name = "LABEL", num_args = 1..)]
    pub(crate) participant_label: Vec<String>,
    /// Only recordings with these labels, such as task-rest or task-rest_acq-ec
    #[arg(long, value_name = "LABELS")]
    pub(crate) only: Option<String>,
    /// Labels of the recordings before the dose, such as ses-pre or run-1
    #[arg(long, value_name = "LABELS", requires = "after", conflicts_with = "dose_at")]
    pub(crate) before: Option<String>,
    /// Labels of the recordings after the dose
    #[arg(long, value_name = "LABELS", requires = "before")]
    pub(crate) after: Option<String>,
    /// When the dose was given, in all recordings: seconds, mm:ss, hh:mm:ss, or an event [default: the column dose_at of
    /// the dataset's tables, else the only event that is called a dose]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub(crate) dose_at: Option<String>,
    /// The column that says what was given, or session, task, acquisition or run for that label [default: the first of
    /// treatment, drug, arm, condition]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) treatment: Option<String>,
}

/// Levels of a BIDS-App.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BidsLevel {
    /// Each participant by itself.
    Participant,
    /// All participants that were analysed, together.
    Group,
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
    /// The new file; its ending says the format: .edf, .bdf, .vhdr, .h5. With --bids the dataset's folder
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) bids: ConvertBids,
    /// Remove names, ids, birth dates and free text that could identify; move the date to 1985-01-01
    #[arg(long)]
    pub(crate) anonymize: bool,
    /// What was written and removed, as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `convert --bids`.
#[derive(Debug, Args)]
pub(crate) struct ConvertBids {
    /// Put the recording into the BIDS dataset OUT, which is made where there is none
    #[arg(long, requires = "subject", requires = "task")]
    pub(crate) bids: bool,
    /// Label of the subject, without sub-
    #[arg(long, value_name = "LABEL", requires = "bids")]
    pub(crate) subject: Option<String>,
    /// Label of the session, without ses-
    #[arg(long, value_name = "LABEL", requires = "bids")]
    pub(crate) session: Option<String>,
    /// Label of the task
    #[arg(long, value_name = "LABEL", requires = "bids")]
    pub(crate) task: Option<String>,
    /// Label of the acquisition
    #[arg(long, value_name = "LABEL", requires = "bids")]
    pub(crate) acquisition: Option<String>,
    /// Number of the run
    #[arg(long, value_name = "N", requires = "bids")]
    pub(crate) run: Option<String>,
    /// Format of the data in the dataset: edf, bdf or vhdr [default: that of IN where it is one of these, else vhdr]
    #[arg(long, value_name = "ENDING", requires = "bids")]
    pub(crate) data_format: Option<String>,
    /// Frequency of the mains, Hz
    #[arg(long, value_name = "HZ", requires = "bids")]
    pub(crate) line: Option<f64>,
    /// The reference of the EEG channels
    #[arg(long, value_name = "TEXT", requires = "bids")]
    pub(crate) reference: Option<String>,
    /// A column of the session's row, such as treatment=ketamine or dose_at=infusion; may be repeated
    #[arg(long, value_name = "NAME=VALUE", requires = "bids")]
    pub(crate) column: Vec<String>,
    /// A column of the participant's row, such as weight=70; may be repeated
    #[arg(long, value_name = "NAME=VALUE", requires = "bids")]
    pub(crate) participant_column: Vec<String>,
    /// Replace a recording of the same name
    #[arg(long, requires = "bids")]
    pub(crate) overwrite: bool,
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
