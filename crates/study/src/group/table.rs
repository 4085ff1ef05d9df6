//! `STUDY.toml` and its table of sessions.

use super::{SessionInput, SessionSpec};
use crate::load::Input;
use crate::{Config, Error, Problem, Result};
use std::path::{Path, PathBuf};

/// A study: its sessions and its configuration.
#[derive(Clone, Debug)]
pub struct Study {
    /// Sessions, in the order of the table.
    pub sessions: Vec<SessionSpec>,
    /// What is done with each.
    pub config: Config,
}

impl Study {
    /// Reads `STUDY.toml` (a configuration with `[sessions] table = "sessions.tsv"`) and its table.
    ///
    /// The table is tab-separated with a heading. Columns: `subject` and `file`; optional `session`, `treatment`, `dose_at`, and
    /// `post_file` where `file` is the recording before the dose. Other columns are for the reader. Paths are relative to the
    /// table; `n/a` is an empty field, as in BIDS.
    ///
    /// # Errors
    /// Files that cannot be read, a configuration or table that is wrong, with line and column.
    pub fn from_toml(path: &Path, settings: &[String]) -> Result<Self> {
        let text = read(path)?;
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            Error::Design(format!("{}: {}", path.display(), error.to_string().trim_end()))
        })?;
        let sessions = table.remove("sessions");
        let name = sessions.as_ref().and_then(|s| s.as_table()?.get("table")?.as_str()).ok_or_else(|| {
            Error::Config {
                problems: vec![Problem {
                    key: "sessions.table".into(),
                    text: "missing; name the table, [sessions] table = \"sessions.tsv\"".into(),
                }],
            }
        })?;
        let config = Config::layered(Some(&table.to_string()), settings)?;
        let file = beside(path, name);
        let sessions = sessions_from_tsv(&read(&file)?, &file)?;
        Ok(Self { sessions, config })
    }
}

fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    String::from_utf8(bytes).map_err(|_| {
        Error::Design(format!(
            "{}: not a text file; a study is a TOML file with a table of sessions",
            path.display()
        ))
    })
}

/// A path relative to the folder of `file`.
fn beside(file: &Path, name: &str) -> PathBuf {
    file.parent().map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
}

fn sessions_from_tsv(text: &str, file: &Path) -> Result<Vec<SessionSpec>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let heading: Vec<&str> = lines.next().unwrap_or_default().split('\t').map(str::trim).collect();
    let column = |name: &str| heading.iter().position(|h| *h == name);
    for needed in ["subject", "file"] {
        if column(needed).is_none() {
            return Err(Error::Design(format!(
                "{}: no column '{needed}'; it has {} (tab-separated; needed: subject, file)",
                file.display(),
                heading.join(", ")
            )));
        }
    }
    let mut sessions = Vec::new();
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
        if fields.len() != heading.len() {
            return Err(Error::Design(format!(
                "{} line {}: {} fields, the heading has {}",
                file.display(),
                number + 2,
                fields.len(),
                heading.len()
            )));
        }
        let field = |name: &str| {
            column(name).and_then(|i| fields.get(i)).copied().filter(|f| *f != "n/a").unwrap_or_default()
        };
        for needed in ["subject", "file"] {
            if field(needed).is_empty() {
                return Err(Error::Design(format!(
                    "{} line {}: column '{needed}' is empty",
                    file.display(),
                    number + 2
                )));
            }
        }
        let input = |name: &str| Input::Path(beside(file, name));
        let recordings = match field("post_file") {
            "" => SessionInput::DoseAt { input: input(field("file")), dose_at: field("dose_at").to_owned() },
            post => SessionInput::PrePost { pre: input(field("file")), post: input(post) },
        };
        sessions.push(SessionSpec {
            subject: field("subject").to_owned(),
            session: field("session").to_owned(),
            treatment: field("treatment").to_owned(),
            input: recordings,
        });
    }
    Ok(sessions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_sessions() {
        let text = "\u{feff}subject\tfile\ttreatment\tdose_at\tpost_file\tage\nS1\ta.edf\tketamine\t5:00\tn/a\t30\nS2\tpre.edf\tn/a\tn/a\tpost.edf\t31\n\n";
        let sessions = sessions_from_tsv(text, Path::new("data/sessions.tsv")).unwrap();
        assert_eq!(sessions.len(), 2);
        assert_eq!((sessions[0].subject.as_str(), sessions[0].treatment.as_str()), ("S1", "ketamine"));
        match (&sessions[0].input, &sessions[1].input) {
            (
                SessionInput::DoseAt { input: Input::Path(path), dose_at },
                SessionInput::PrePost { post: Input::Path(post), .. },
            ) => {
                assert_eq!((path.as_path(), dose_at.as_str()), (Path::new("data/a.edf"), "5:00"));
                assert_eq!(post.as_path(), Path::new("data/post.edf"));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bad_table_names_line_and_column() {
        let message = |text: &str| sessions_from_tsv(text, Path::new("t.tsv")).unwrap_err().to_string();
        assert!(message("subject\tpath\nS1\ta.edf\n").contains("no column 'file'"));
        assert!(message("subject\tfile\nS1\n").contains("line 2: 1 fields"));
        assert!(message("subject\tfile\nS1\ta.edf\n\ta.edf\n").contains("line 3: column 'subject' is empty"));
    }

    #[test]
    fn a_study_is_a_configuration_with_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let toml = folder.path().join("study.toml");
        std::fs::write(&toml, "seed = 9\n[sessions]\ntable = \"s.tsv\"\n[epochs]\nlength = 4.0\n").unwrap();
        std::fs::write(folder.path().join("s.tsv"), "subject\tfile\nS1\ta.edf\n").unwrap();
        let study = Study::from_toml(&toml, &["seed=10".into()]).unwrap();
        assert_eq!((study.sessions.len(), study.config.seed, study.config.epochs.length), (1, 10, 4.0));
        std::fs::write(&toml, "seed = 9\n").unwrap();
        assert!(Study::from_toml(&toml, &[]).unwrap_err().to_string().contains("sessions.table"));
    }
}
