//! A bar for people who watch a pass; nothing for anybody else.

use std::cell::RefCell;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::one_line;

/// The terminal, shared by the bar and the log so that neither writes into the other.
///
/// One bar, not a `MultiProgress`: that one panics when the terminal goes away.
#[derive(Debug, Clone)]
pub struct Screen(ProgressBar);

impl Screen {
    /// `wanted` is not `-q` and not `--json`; a bar comes only where standard error is a terminal.
    #[must_use]
    pub fn new(wanted: bool) -> Self {
        let shown = wanted && std::io::stderr().is_terminal();
        let bar = if shown {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))
        } else {
            ProgressBar::hidden()
        };
        // A bar that was not finished shows itself again after each log line, also before a pass.
        bar.finish_and_clear();
        Self(bar)
    }

    /// Whether somebody watches.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        !self.0.is_hidden()
    }

    /// Runs something that prints, with the bar out of the way.
    pub fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        self.0.suspend(print)
    }
}

/// The progress of one pass, told by the thread that hears from the workers. It starts no thread,
/// and is off the screen when dropped.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    items: RefCell<u64>,
    /// What the workers are at, oldest first.
    running: RefCell<Vec<String>>,
}

impl Progress {
    /// A bar of so many projects.
    #[must_use]
    pub fn new(screen: &Screen, projects: u64) -> Self {
        let bar = screen.0.clone();
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} projects{msg}") {
            bar.set_style(style);
        }
        bar.set_message("");
        bar.set_length(projects);
        bar.reset();
        Self { bar, items: RefCell::default(), running: RefCell::default() }
    }

    /// A worker began with a project.
    pub fn begin(&self, project: &str) {
        self.running.borrow_mut().push(one_line(project).into_owned());
        self.show();
    }

    /// So many more items of either side were looked at.
    pub fn items(&self, more: u64) {
        *self.items.borrow_mut() += more;
        self.show();
    }

    /// A project is done, however it went.
    pub fn end(&self, project: &str) {
        let project = one_line(project);
        self.running.borrow_mut().retain(|running| *running != project);
        self.bar.inc(1);
        self.show();
    }

    fn show(&self) {
        // The text is made anew for each batch of items: not where nobody sees it.
        if self.bar.is_hidden() {
            return;
        }
        let items = *self.items.borrow();
        let running = self.running.borrow().join(" ");
        let space = if running.is_empty() { "" } else { ": " };
        self.bar.set_message(format!(", {items} items{space}{running}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_bar_counts_and_says_nothing() {
        let screen = Screen::new(false);
        let progress = Progress::new(&screen, 2);
        progress.begin("A");
        progress.begin("B");
        progress.items(10);
        progress.end("A");
        assert_eq!(progress.bar.position(), 1);
        assert_eq!(*progress.running.borrow(), ["B"]);
        assert_eq!(screen.suspend(|| 7), 7);
        drop(progress);
        assert!(screen.0.is_finished());
        assert_eq!(Progress::new(&screen, 3).bar.position(), 0);
    }
}
