//! Filters and pages of lists, with their traps.

use crate::support::web::message::Request;

/// Elements of a page that no limit is said for.
const PAGE: usize = 50;

/// Whether tags fit: any of those asked for, or all.
pub fn fits_tags(request: &Request, tags: &[String]) -> bool {
    let wanted = request.queries("tags");
    let has = |tag: &String| tags.contains(tag);
    match request.query("match_all_tags").as_deref() {
        Some("true") => wanted.iter().all(has),
        _ => wanted.is_empty() || wanted.iter().any(has),
    }
}

/// The page that was asked for. An `after` that is not there begins anew; `limit=0` is all.
pub fn page<'a, T>(request: &Request, all: &[&'a T], id: impl Fn(&T) -> &str) -> Vec<&'a T> {
    let limit = request.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(PAGE);
    let limit = if limit == 0 { usize::MAX } else { limit };
    let after = request.query("after");
    let place = after.and_then(|after| all.iter().position(|one| id(one) == after));
    all.iter().skip(place.map_or(0, |at| at + 1)).take(limit).copied().collect()
}
