//! A project's statuses and what they mean.

/// The meaning of a status, where the backend knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Backlog and the like.
    UnStarted,
    /// Todo and the like.
    ToDo,
    /// In Progress, In Review.
    Active,
    /// Done.
    Won,
    /// Canceled.
    Lost,
}

impl Category {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::UnStarted, "UnStarted"),
        (Self::ToDo, "ToDo"),
        (Self::Active, "Active"),
        (Self::Won, "Won"),
        (Self::Lost, "Lost"),
    ];

    /// As the platform calls it, and the state too.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(category, _)| *category == self).map_or("", |(_, name)| name)
    }

    /// The category of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(category, _)| *category)
    }
}

/// A status that a project has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// As the project spells it.
    pub name: String,
    /// Its meaning, where the backend knows it.
    pub category: Option<Category>,
}
