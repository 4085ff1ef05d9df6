//! How far the work is, on stderr: a bar for a terminal, or a line for each step.

use crate::args::Shared;
use dosewave::study::Execution;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Instant;

/// How work is carried out: threads and progress; neither changes a result.
pub(crate) fn execution(shared: &Shared) -> Execution {
    let mut execution = Execution { threads: shared.threads.map(usize::from), ..Execution::default() };
    if shared.verbose {
        let start = Instant::now();
        execution.progress = Some(Arc::new(move |done, total, what: &str| {
            eprintln!("[{:8.2} s] {done}/{total} {what}", start.elapsed().as_secs_f64());
        }));
    } else if !shared.quiet && !shared.no_progress && std::io::stderr().is_terminal() {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        execution.progress = Some(Arc::new(move |done, total, what: &str| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
            bar.set_message(what.to_owned());
            if done >= total {
                bar.finish_and_clear();
            }
        }));
    }
    execution
}
