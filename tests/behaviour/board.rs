//! Both boards of a project side by side, as a person would compare them.

use std::collections::BTreeMap;

use crate::rig::Rig;

/// An issue or a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its identifier or its id.
    pub name: String,
    pub title: String,
    pub status: String,
    /// Without the marker.
    pub text: String,
    /// What the marker names.
    pub marker: Option<String>,
}

/// Both sides of one project.
#[derive(Clone, Debug, Default)]
pub struct Board {
    pub issues: Vec<Card>,
    pub tasks: Vec<Card>,
}

const LABELS: [&str; 3] = ["Huly Issue: ", "Synced from Huly: ", "Vibe Task: "];

impl Board {
    pub fn of(rig: &Rig, project: &str, vibe: &str) -> Self {
        let card = |name: String, title: String, status: String, text: &str| {
            let (text, marker) = cut(text);
            Card { name, title, status, text, marker }
        };
        let issues = rig.world.huly.issues(project).into_iter();
        let tasks = rig.world.vibe.tasks(vibe).into_iter();
        Self {
            issues: issues
                .map(|one| card(one.identifier, one.title, one.status, &one.description))
                .collect(),
            tasks: tasks
                .map(|one| {
                    let text = one.text().to_owned();
                    card(one.id, one.title, one.status, &text)
                })
                .collect(),
        }
    }

    pub fn issue(&self, name: &str) -> Option<&Card> {
        self.issues.iter().find(|card| card.name == name)
    }

    pub fn task(&self, name: &str) -> Option<&Card> {
        self.tasks.iter().find(|card| card.name == name)
    }

    /// What the markers tell to belong together, by the issue's name; each half once.
    pub fn pairs(&self) -> Result<Vec<(&Card, &Card)>, String> {
        let mut of_issue: BTreeMap<&str, &Card> = BTreeMap::new();
        let mut of_task: BTreeMap<&str, &Card> = BTreeMap::new();
        let named = |card: &Card, name: &str| card.marker.as_deref() == Some(name);
        for issue in &self.issues {
            for task in &self.tasks {
                if !named(issue, &task.name) && !named(task, &issue.name) {
                    continue;
                }
                if let Some(other) = of_issue.insert(&issue.name, task) {
                    return Err(format!("{} has two tasks: {other:?}, {task:?}", issue.name));
                }
                if let Some(other) = of_task.insert(&task.name, issue) {
                    return Err(format!("{} has two issues: {other:?}, {issue:?}", task.name));
                }
            }
        }
        let issues = self.issues.iter();
        Ok(issues.filter_map(|one| Some((one, *of_issue.get(one.name.as_str())?))).collect())
    }
}

/// The text in normal form without its marker, and what the marker names.
pub fn cut(text: &str) -> (String, Option<String>) {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let Some(at) = lines.iter().rposition(|line| named(line).is_some()) else {
        return (trim(&lines), None);
    };
    let marker = named(lines[at]).map(str::to_owned);
    let mut from = at;
    while from > 0 && lines[from - 1].is_empty() {
        from -= 1;
    }
    if from > 0 && lines[from - 1] == "---" {
        from -= 1;
    }
    lines.drain(from..=at);
    (trim(&lines), marker)
}

fn named(line: &str) -> Option<&str> {
    LABELS.iter().find_map(|label| line.trim().strip_prefix(label))
}

fn trim(lines: &[&str]) -> String {
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Letters and digits in order, HTML left out: what stays when the platform rewrites Markdown.
pub fn words(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in text.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside && letter.is_alphanumeric() => out.push(letter),
            _ => {}
        }
    }
    out
}

/// Whether Huly gives back a table: as HTML behind a bridge, with narrow rules on the platform.
pub fn has_table(text: &str) -> bool {
    text.contains("<table") || text.lines().any(|line| line.starts_with("| -"))
}

/// The task's status of an issue's.
pub fn meaning(huly: &str) -> &'static str {
    match huly {
        "Backlog" | "Todo" => "todo",
        "In Progress" => "inprogress",
        "In Review" => "inreview",
        "Done" => "done",
        "Canceled" => "cancelled",
        other => panic!("status {other}"),
    }
}

/// What is not equal between the halves of a pair.
pub fn differences(issue: &Card, task: &Card) -> Vec<String> {
    let mut differences = Vec::new();
    if issue.title != task.title {
        differences.push(format!("title: {:?}, {:?}", issue.title, task.title));
    }
    if meaning(&issue.status) != task.status {
        differences.push(format!("status: {:?}, {:?}", issue.status, task.status));
    }
    // A table comes back as HTML, or with other rules: then what it says is compared.
    if issue.text != task.text
        && !(has_table(&issue.text) && words(&issue.text) == words(&task.text))
    {
        differences.push(format!("text: {:?}, {:?}", issue.text, task.text));
    }
    differences
}
