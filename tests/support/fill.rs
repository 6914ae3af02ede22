//! Worlds full of sample data, the same for the same numbers.

use std::fmt::Write;

use super::huly::tracker::Stamp;
use super::world::World;

/// How much to put into a world.
#[derive(Clone, Copy, Debug)]
pub struct Fill {
    pub projects: usize,
    pub issues_per_project: usize,
    pub description_bytes: usize,
    /// Vibe has a task for every issue, linked by markers; else it is empty.
    pub both_sides: bool,
}

/// A project that was filled.
#[derive(Clone, Debug)]
pub struct FilledProject {
    pub identifier: String,
    /// Its id in Vibe, if both sides were filled.
    pub vibe_id: Option<String>,
}

/// A status of Huly and the one of Vibe that means the same.
const STATUSES: [(&str, &str); 5] = [
    ("Backlog", "todo"),
    ("Todo", "todo"),
    ("In Progress", "inprogress"),
    ("Done", "done"),
    ("Canceled", "cancelled"),
];
const SUBJECTS: [&str; 8] = [
    "Login fails after a password change",
    "Übersicht lädt zu langsam",
    "Export as CSV",
    "Crash on an empty board 💥",
    "Поиск не находит архив",
    "snake_case names in the API",
    "設定画面の文字化け",
    "Retry when the server is away",
];
/// Paragraphs that the platform gives back as they are.
const PARAGRAPHS: [&str; 5] = [
    "The list stays empty until the page is loaded again. Nobody has seen it twice.",
    "- open the board\n- move a card\n- [look at the log](https://example.org/log_1)",
    "Größe und Währung stimmen nicht überein – siehe `total_amount` im Beleg.",
    "```rust\nlet answer = compute(42)?;\n```",
    "再現手順は添付のとおり。 @ada knows more 🎈",
];
/// One issue in so many was made from its task.
const FROM_TASK_EVERY: usize = 5;
/// The first item is so old; the others follow at even distances.
const AGE_MS: i64 = 30 * 24 * 3600 * 1000;

/// A text of about this many bytes, none for zero.
fn text(bytes: usize, seed: usize) -> String {
    let mut text = String::with_capacity(bytes + 128);
    let mut n = seed;
    while text.len() < bytes {
        if !text.is_empty() {
            text += "\n\n";
        }
        write!(text, "{}", PARAGRAPHS[n % PARAGRAPHS.len()]).expect("writing to memory");
        n += 1;
    }
    text
}

impl World {
    /// Adds projects `PRJ000`, `PRJ001`, … with their issues, and tasks if both sides are wanted.
    pub fn fill(&self, fill: &Fill) -> Vec<FilledProject> {
        // The texts are in the form that comes back; rewriting them would only cost time.
        let was_verbatim = self.huly.is_verbatim();
        self.huly.verbatim(true);
        let filled = (0..fill.projects).map(|n| self.fill_project(fill, n)).collect();
        self.huly.verbatim(was_verbatim);
        filled
    }

    fn fill_project(&self, fill: &Fill, n: usize) -> FilledProject {
        let identifier = format!("PRJ{n:03}");
        let (name, path) = (format!("Project {n:03}"), self.repos_dir.join(&identifier));
        self.huly.add_project(&identifier, &name);
        let described = format!("Sample data.\n\nFilesystem: {}", path.display());
        self.huly.describe_project(&identifier, &described);
        let vibe_id = fill.both_sides.then(|| self.vibe.add_project_at(&name, &path));
        let begin = self.huly.now_ms() - AGE_MS;
        let step = AGE_MS / (fill.projects * fill.issues_per_project + 1) as i64;
        for item in 0..fill.issues_per_project {
            let seed = n * fill.issues_per_project + item;
            let ms = begin + seed as i64 * step;
            let title = format!("{} #{item}", SUBJECTS[seed % SUBJECTS.len()]);
            let (status, task_status) = STATUSES[seed % STATUSES.len()];
            let text = text(fill.description_bytes, seed);
            let from_task = seed % FROM_TASK_EVERY == FROM_TASK_EVERY - 1;
            let task = vibe_id.as_ref().map(|project| {
                let id = self.vibe.add_task(project, &title, &text, task_status);
                self.vibe.set_created_at(&id, ms);
                id
            });
            let of_issue = match &task {
                Some(id) if from_task => format!("{text}\n\n---\n\nVibe Task: {id}"),
                _ => text.clone(),
            };
            let issue = self.huly.add_issue(&identifier, &title, &of_issue, status);
            self.huly.set_times(&issue, Stamp::At(ms), Stamp::At(ms));
            if let Some(id) = task.filter(|_| !from_task) {
                self.vibe.edit_description(&id, &format!("{text}\n\n---\nHuly Issue: {issue}"));
            }
        }
        FilledProject { identifier, vibe_id }
    }
}
