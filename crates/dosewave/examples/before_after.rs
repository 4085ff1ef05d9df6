//! Compares a recording before a dose with one after it and writes every result file.
//!
//! `cargo run --release --example before_after -- pre.edf post.edf out [KEY=VALUE]...`

use dosewave::prelude::*;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [pre, post, out, settings @ ..] = arguments.as_slice() else {
        return Err("usage: before_after PRE POST OUT [KEY=VALUE]...".into());
    };
    let config = Config::layered(None, settings)?;
    let file = |path: &String| Input::Path(PathBuf::from(path));
    let results = compare(file(pre), file(post), &config, &Execution::default())?;
    let out = PathBuf::from(out);
    dosewave::study::write_results(&results, &out)?;
    dosewave::study::write_text(&out.join("report.html"), &dosewave::report::html(&results))?;
    Ok(())
}
