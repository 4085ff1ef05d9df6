//! What a dataset says of all its recordings: description, README, tables of participants, sessions and scans.

use super::{Output, Target};
use crate::Result;
use crate::bids::Table;
use crate::bids::table::object;
use dosewave_eeg::{Header, Timestamp};
use serde_json::{Map, Value, json};

/// The version of the standard that is written.
pub const BIDS_VERSION: &str = "1.10.0";

const README: &str = "Electroencephalography in the Brain Imaging Data Structure (BIDS, https://bids.neuroimaging.io).\n\n\
    The recordings were put into this structure by dosewave. Describe here the study: who took part, what was given and when, what \
    the participants did, how was recorded, and whom to ask.\n";

/// Who made a dataset, as `GeneratedBy` has it.
#[must_use]
pub fn generated_by() -> Value {
    json!([{ "Name": "dosewave", "Version": env!("CARGO_PKG_VERSION") }])
}

/// Puts the recording at `path` into the dataset's tables, and describes the dataset where nobody has.
pub(super) fn describe(path: &str, header: &Header, target: &Target, out: &mut Output<'_>) -> Result<()> {
    let name = "dataset_description.json";
    if out.old(name)?.is_none() {
        let folder = || out.root.canonicalize().ok()?.file_name().map(|n| n.to_string_lossy().into_owned());
        let title = Some(target.dataset_name.clone()).filter(|n| !n.is_empty()).or_else(folder);
        let description = json!({
            "Name": title.unwrap_or_else(|| "EEG".into()),
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "GeneratedBy": generated_by(),
        });
        out.put_json(name, description.as_object().cloned().unwrap_or_default())?;
    }
    let readmes = ["README", "README.md", "README.rst", "README.txt"];
    if readmes.iter().all(|name| out.place(name).symlink_metadata().is_err()) {
        out.put("README", README)?;
    }
    let id = format!("sub-{}", target.subject);
    row(out, "participants", ("participant_id", &id), "Participant", &target.participant)?;
    let (root, relative) = match target.session.as_str() {
        "" => (id.clone(), path.strip_prefix(&format!("{id}/")).unwrap_or(path)),
        session => {
            let session = format!("ses-{session}");
            let table = format!("{id}/{id}_sessions");
            row(out, &table, ("session_id", &session), "Session", &target.columns)?;
            let root = format!("{id}/{session}");
            (root.clone(), path.strip_prefix(&format!("{root}/")).unwrap_or(path))
        }
    };
    let mut scan = vec![("acq_time".to_owned(), header.start.map_or_else(|| "n/a".into(), acq_time))];
    if target.session.is_empty() {
        scan.extend(target.columns.clone());
    }
    let table = format!("{root}/{}_scans", root.replace('/', "_"));
    row(out, &table, ("filename", relative), "Recording", &scan)
}

/// To the microsecond, as far as the standard goes.
fn acq_time(start: Timestamp) -> String {
    Timestamp { nanosecond: start.nanosecond / 1000 * 1000, ..start }.to_string()
}

/// Puts a row into a table; other rows and columns stay. What each new column is stands in the table's JSON.
fn row(
    out: &mut Output<'_>,
    stem: &str,
    (key, id): (&str, &str),
    what: &str,
    fields: &[(String, String)],
) -> Result<()> {
    let file = format!("{stem}.tsv");
    let mut table = match out.old(&file)? {
        Some(bytes) => Table::parse(&file, &bytes)?,
        None => Table { file: file.clone(), columns: vec![key.to_owned()], rows: Vec::new() },
    };
    table.needs(&[key])?;
    let at = (0..table.rows.len()).find(|row| table.field(*row, key) == Some(id));
    let at = at.unwrap_or_else(|| {
        let blank =
            table.columns.iter().map(|column| if column == key { id.to_owned() } else { String::new() });
        table.rows.push(blank.collect());
        table.rows.len() - 1
    });
    for (column, value) in fields {
        let place = table.column(column).unwrap_or_else(|| {
            table.columns.push(column.clone());
            table.rows.iter_mut().for_each(|row| row.push(String::new()));
            table.columns.len() - 1
        });
        if let Some(field) = table.rows.get_mut(at).and_then(|row| row.get_mut(place)) {
            field.clone_from(value);
        }
    }
    describe_columns(out, stem, what, &table)?;
    out.put(&file, &table.to_text())
}

fn describe_columns(out: &mut Output<'_>, stem: &str, what: &str, table: &Table) -> Result<()> {
    let file = format!("{stem}.json");
    let mut described: Map<String, Value> = match out.old(&file)? {
        Some(bytes) => object(&file, &bytes)?,
        None => Map::new(),
    };
    let n = described.len();
    for column in &table.columns {
        if !described.contains_key(column) {
            described.insert(column.clone(), json!({ "Description": description(column, what) }));
        }
    }
    if described.len() > n { out.put_json(&file, described) } else { Ok(()) }
}

fn description(column: &str, what: &str) -> String {
    match column {
        "participant_id" | "session_id" | "filename" => format!("{what} of the dataset"),
        "acq_time" => "When the recording began, local time".into(),
        "treatment" | "drug" => "What was given".into(),
        "dose" => "How much was given, with its unit".into(),
        "dose_at" => "When it was given: seconds from the start of the recording, mm:ss, hh:mm:ss, or the label of an event".into(),
        "route" => "How it was given".into(),
        "period" => "Which period of the crossover".into(),
        "sequence" => "Order of the treatments".into(),
        "arm" => "Arm of the study".into(),
        other => format!("{}, as it was given when the recording was put into the dataset", other.replace('_', " ")),
    }
}
