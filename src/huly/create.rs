//! What is asked of a create, and what comes of it.

/// An issue to be made.
#[derive(Debug, Clone)]
pub struct NewIssue<'a> {
    /// The project's identifier.
    pub project: &'a str,
    /// One line.
    pub title: &'a str,
    /// Markdown, marker included.
    pub text: &'a str,
    /// Where in it the marker's part begins, which is a block of its own below all others.
    pub marker_at: Option<usize>,
    /// Wished status; a backend that cannot set it while creating leaves it to an update.
    pub status: Option<&'a str>,
    /// What makes it this very one: the seed of a client-chosen id. The same create, sent again,
    /// has the same one.
    pub seed: &'a str,
}

/// What a create answered.
#[derive(Debug, Clone)]
pub struct Created {
    /// The new issue's identifier.
    pub identifier: String,
    /// The status that it has now, where said.
    pub status: Option<String>,
    /// Whether this create made it.
    pub place: Place,
}

/// Where a create found the issue that it was to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It made it.
    New,
    /// An issue of that id was in the project already; nothing was made.
    There,
    /// An issue of that id is somewhere else; nothing was made.
    Elsewhere,
}
