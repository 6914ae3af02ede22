//! What the receiver of a streamed list is told.

/// News of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed<'a> {
    /// The list is read anew, after a failure in its middle or because a limit had cut it: all
    /// that this call has handed over so far is void.
    Restart,
    /// One element, bytes that are one JSON object; before it, in a list of many projects' elements,
    /// the project's identifier, else nothing.
    Element(&'a str, &'a [u8]),
}

/// Takes in a list as it comes. Any closure over [`Listed`] does.
pub trait Receive {
    /// Takes one piece of news.
    ///
    /// # Errors
    /// Whatever keeps it from taking more: the read ends with it.
    fn take(&mut self, news: Listed<'_>) -> anyhow::Result<()>;

    /// Asked where an element begins: one that is recognised is taken with that, and neither are
    /// its borders looked for nor is it handed over.
    fn recognise(&mut self, _bytes: &[u8]) -> Recognised {
        Recognised::No
    }
}

/// Whether bytes begin with an element that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// They do not.
    No,
    /// There are too few of them to tell.
    Short,
    /// Their first so many are one.
    Yes(usize),
}

impl<F: FnMut(Listed<'_>) -> anyhow::Result<()>> Receive for F {
    fn take(&mut self, news: Listed<'_>) -> anyhow::Result<()> {
        self(news)
    }
}
