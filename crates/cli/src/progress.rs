//! A progress bar on stderr, only for a terminal.

use dosewave::study::Execution;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;

/// How work is carried out: threads and progress; neither changes a result.
pub(crate) fn execution(threads: Option<usize>, show: bool) -> Execution {
    let mut execution = Execution { threads, ..Execution::default() };
    if show && std::io::stderr().is_terminal() {
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
