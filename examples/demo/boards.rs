//! Both boards side by side, and where they differ. Looks at the simulators, not at the tool.

use std::fmt;

use crate::support::{IssueSnapshot, TaskSnapshot, World};

/// All projects of both sides.
pub(crate) struct Boards(Vec<Project>);

struct Project {
    identifier: String,
    /// As Vibe Kanban calls it; `None` where it has no such project.
    vibe: Option<String>,
    rows: Vec<Row>,
}

/// A pair, or an item that stands alone.
struct Row {
    issue: Option<IssueSnapshot>,
    task: Option<TaskSnapshot>,
}

/// The projects' names, which Huly's simulator does not give back.
const NAMES: [(&str, &str); 3] =
    [("WEB", "Website"), ("API", "Billing API"), ("OPS", "Operations")];

impl Boards {
    /// Reads both systems as people see them.
    pub(crate) fn look(world: &World) -> Self {
        let each = NAMES.iter().map(|(identifier, name)| {
            let vibe = world.vibe.project_named(name);
            let tasks = vibe.as_ref().map(|found| world.vibe.tasks(&found.id)).unwrap_or_default();
            Project {
                identifier: (*identifier).to_owned(),
                vibe: vibe.map(|found| found.name),
                rows: rows(world.huly.issues(identifier), tasks),
            }
        });
        Self(each.collect())
    }

    /// What is not the same on both sides. A task that was cancelled may stand alone: its issue
    /// was deleted.
    pub(crate) fn differences(&self) -> Vec<String> {
        self.0.iter().flat_map(|project| &project.rows).filter_map(Row::difference).collect()
    }
}

fn rows(issues: Vec<IssueSnapshot>, mut tasks: Vec<TaskSnapshot>) -> Vec<Row> {
    let mut rows: Vec<Row> = issues
        .into_iter()
        .map(|issue| {
            let place = tasks.iter().position(|task| belong_together(&issue, task));
            Row { issue: Some(issue), task: place.map(|place| tasks.remove(place)) }
        })
        .collect();
    rows.extend(tasks.into_iter().map(|task| Row { issue: None, task: Some(task) }));
    rows
}

/// One of the two says that it was made from the other.
fn belong_together(issue: &IssueSnapshot, task: &TaskSnapshot) -> bool {
    task.text().ends_with(&format!("Huly Issue: {}", issue.identifier))
        || task.text() == format!("Synced from Huly: {}", issue.identifier)
        || issue.description.ends_with(&format!("Vibe Task: {}", task.id))
}

impl Row {
    fn difference(&self) -> Option<String> {
        match (&self.issue, &self.task) {
            (Some(issue), Some(task)) => {
                let equal = issue.title == task.title
                    && meaning(&issue.status) == task.status
                    && without_marker(&issue.description) == without_marker(task.text());
                (!equal).then(|| {
                    format!("{} and its task differ: {issue:?} {task:?}", issue.identifier)
                })
            }
            (Some(issue), None) => Some(format!("{} has no task", issue.identifier)),
            (None, Some(task)) => {
                (task.status != "cancelled").then(|| format!("{:?} has no issue", task.title))
            }
            (None, None) => None,
        }
    }
}

/// The status of Vibe Kanban that means what Huly's does.
fn meaning(status: &str) -> &str {
    match status {
        "Backlog" | "Todo" => "todo",
        "In Progress" => "inprogress",
        "Done" => "done",
        "Canceled" => "cancelled",
        other => other,
    }
}

/// The sample texts have no rule of their own, so the first one is the marker's.
fn without_marker(text: &str) -> &str {
    match text.split_once("---") {
        Some((text, _)) => text.trim_end(),
        None if text.starts_with("Synced from Huly: ") => "",
        None => text,
    }
}

impl fmt::Display for Boards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:<52} | Vibe Kanban", "Huly")?;
        for project in &self.0 {
            let vibe = project.vibe.as_deref().unwrap_or("(no such project)");
            writeln!(
                f,
                "  {:-<52}-|-{:-<42}",
                format!("{} ", project.identifier),
                format!(" {vibe} ")
            )?;
            for row in &project.rows {
                writeln!(f, "{row}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issue = self.issue.as_ref().map_or(String::new(), |issue| {
            format!("{:<7} {:<12} {}", issue.identifier, issue.status, issue.title)
        });
        let task = self
            .task
            .as_ref()
            .map_or(String::new(), |task| format!("{:<11} {}", task.status, task.title));
        write!(f, "{}", format!("  {issue:<52} | {task}").trim_end())
    }
}
