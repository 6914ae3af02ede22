//! Tokens, and who may do what with them.

use super::workspace::{ACCOUNT, WORKSPACE, Workspace};
use crate::support::web::message::Request;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// To choose a workspace.
    Login,
    /// To work in the workspace.
    Workspace,
}

const HEAD: &str = "eyJhbGciOiJIUzI1NiJ9";

/// A token of this kind.
pub fn token(grant: Grant, workspace: &Workspace) -> String {
    let body = match grant {
        Grant::Login => ACCOUNT,
        Grant::Workspace => WORKSPACE,
    };
    format!("{HEAD}.{body}.signed{}", workspace.generation)
}

/// The token that a request bears, and what it is good for; else the words of the error.
pub fn granted(request: &Request, workspace: &Workspace) -> Result<Grant, &'static str> {
    let Some(header) = request.header("authorization") else {
        return Err("Cannot read properties of undefined (reading 'split')");
    };
    let Some(given) = header.split(' ').nth(1).filter(|t| !t.is_empty()) else {
        return Err("No token supplied");
    };
    if given.split('.').count() != 3 {
        return Err("Not enough or too many segments");
    }
    let known = [Grant::Login, Grant::Workspace];
    let grant = known.into_iter().find(|grant| token(*grant, workspace) == given);
    grant.ok_or("Signature verification failed")
}
