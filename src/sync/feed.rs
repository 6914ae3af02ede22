//! What one request told of many projects: the elements, laid aside until each project's turn.

use std::collections::HashMap;

use anyhow::{Context as _, Result};

use crate::huly::ListEnd;
use crate::spool::Spool;

/// The changes of many projects.
#[derive(Debug, Default)]
pub struct Feed {
    spool: Option<Spool>,
    projects: HashMap<String, Part>,
}

/// The changes of one project.
#[derive(Debug, Default, Clone)]
struct Part {
    places: Vec<(u64, u32)>,
    end: Option<ListEnd>,
}

impl Feed {
    /// An empty one that lays elements aside in `spool`.
    #[must_use]
    pub fn new(spool: Spool) -> Self {
        Self { spool: Some(spool), projects: HashMap::new() }
    }

    /// Lays an element aside.
    ///
    /// # Errors
    /// The disk is full.
    pub fn push(&mut self, project: &str, element: &[u8]) -> Result<()> {
        let spool = self.spool.as_mut().context("a feed without a spool")?;
        let at = spool.push(element).context("failed to lay changes aside")?;
        let length = u32::try_from(element.len()).context("an element of more than 4 GB")?;
        if let Some(part) = self.projects.get_mut(project) {
            part.places.push((at, length));
        } else {
            let part = Part { places: vec![(at, length)], end: None };
            self.projects.insert(project.to_owned(), part);
        }
        Ok(())
    }

    /// The list is read anew: what these projects gave is void.
    pub fn forget(&mut self, projects: &[&str]) {
        for project in projects {
            self.projects.remove(*project);
        }
    }

    /// The project's changes came to their end.
    pub fn end(&mut self, project: &str, end: ListEnd) {
        self.projects.entry(project.to_owned()).or_default().end = Some(end);
    }

    /// From here on it is only read.
    ///
    /// # Errors
    /// The disk is full.
    pub fn close(&mut self) -> Result<()> {
        self.spool.as_mut().map_or(Ok(()), Spool::flush).context("failed to lay changes aside")
    }

    /// How the project's list ended; `None` when it is not in here and must be read alone.
    #[must_use]
    pub fn ended(&self, project: &str) -> Option<&ListEnd> {
        self.projects.get(project)?.end.as_ref()
    }

    /// Hands over the project's elements.
    ///
    /// # Errors
    /// The spool cannot be read, or `each` fails.
    pub fn each(&self, project: &str, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (Some(part), Some(spool)) = (self.projects.get(project), &self.spool) else {
            return Ok(());
        };
        let mut element = Vec::new();
        for &(at, length) in &part.places {
            element.resize(length as usize, 0);
            spool.read(at, &mut element).context("failed to read a spool")?;
            each(&element)?;
        }
        Ok(())
    }
}
