//! What the receiver of a streamed list is told.

/// News of one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed<'a> {
    /// The list is read anew, after a failure in its middle or because a limit had cut it: all
    /// that this call has handed over so far is void.
    Restart,
    /// One element: bytes that are one JSON object.
    Element(&'a [u8]),
}

/// News of a list that holds the elements of many projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedOf<'a> {
    /// As [`Listed::Restart`], for all projects of the call.
    Restart,
    /// The project's identifier, and one element.
    Element(&'a str, &'a [u8]),
}
