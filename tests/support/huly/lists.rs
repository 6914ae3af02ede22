//! Lists of issues: of one project, of many, by identifier.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use super::bridge::{
    Bridge, BridgeGeneration, Inside, JSON, answer_json, error, project_not_found,
};
use super::issue_json::{View, render};
use super::tracker::{IssueId, Rendered};
use crate::support::clock::{iso, parse_iso};
use crate::support::web::message::{Answer, Piece, Request};

/// How many issues a list gives when nobody says.
const DEFAULT_LIMIT: usize = 1000;
/// Most identifiers or projects in one bulk call.
pub const BULK_MOST: usize = 100;
/// Hazard 6: what a list says that contains an assigned issue.
pub const ASSIGNED_ERROR: &str = "domain not found: undefined ";
/// Rendered lists kept a project.
const KEPT: usize = 8;

/// What a list call asked for.
struct Question {
    since: Option<i64>,
    limit: usize,
    view: View,
}

impl Inside {
    /// Renders (or finds rendered) the newest issues of a readable project.
    fn rendered(&mut self, project: &str, question: &Question) -> Result<Rendered, String> {
        let Question { since, limit, view } = question;
        let View { descriptions, fields, texts_away, .. } = view;
        let key = format!("{since:?} {limit} {descriptions} {texts_away} {fields:?}");
        let now = Instant::now();
        let home = self.tracker.projects.get_mut(project).expect("a readable project is there");
        if let Some(message) = &home.failing {
            return Err(message.clone());
        }
        if home.unsettled_until.is_some_and(|until| until <= now) {
            home.unsettled_until = None;
            home.rendered.clear();
        }
        let settled = home.unsettled_until.is_none();
        let keeps = settled && self.conditions.keeps_lists;
        if let Some(found) = home.rendered.get(&key).filter(|_| keeps) {
            return Ok(found.clone());
        }
        let issues = &mut self.tracker.issues;
        if !settled {
            for id in &home.members {
                issues.get_mut(id).expect("a member is there").settle(now);
            }
        }
        let mut chosen: Vec<(i64, IssueId)> = home
            .members
            .iter()
            .map(|id| (issues[id].modified.ms(), *id))
            .filter(|(modified, _)| since.is_none_or(|since| modified.is_some_and(|m| m >= since)))
            .map(|(modified, id)| (modified.unwrap_or(i64::MIN), id))
            .collect();
        chosen.sort_unstable_by(|a, b| b.cmp(a));
        chosen.truncate(*limit);
        let assigned = view.generation == BridgeGeneration::Second
            && chosen.iter().any(|(_, id)| issues[id].assigned);
        if assigned {
            return Err(ASSIGNED_ERROR.to_owned());
        }
        let mut out = vec![b'['];
        let mut keep = settled;
        for (n, (_, id)) in chosen.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            let issue = issues.get_mut(id).expect("a member is there");
            keep &= !render(issue, view, now, &mut out);
        }
        out.push(b']');
        let latest = chosen.first().map(|(modified, _)| *modified).filter(|m| *m != i64::MIN);
        let rendered = Rendered { issues: Arc::new(out), count: chosen.len(), latest };
        if keep {
            if home.rendered.len() >= KEPT {
                home.rendered.clear();
            }
            home.rendered.insert(key, rendered.clone());
        }
        Ok(rendered)
    }

    fn sync_meta(&self, since: Option<&str>, latest: Option<i64>) -> Value {
        json!({"modifiedSince": since, "latestModified": latest.map(iso),
            "serverTime": iso(self.tracker.clock.now_ms())})
    }
}

impl Bridge {
    /// GET `/api/projects/{id}/issues`.
    pub fn list(&self, project: &str, request: &Request) -> Answer {
        let second = self.generation() == BridgeGeneration::Second;
        let inside = &mut *self.inside.lock();
        let asked = request
            .query("modifiedSince")
            .filter(|_| second)
            .or_else(|| request.query("modifiedAfter"))
            .filter(|text| !text.is_empty());
        let since = match asked.as_deref().map(|text| (text, parse_iso(text))) {
            Some((text, None)) => return error(400, &format!("Invalid timestamp: {text}")),
            Some((_, since)) => since,
            None => None,
        };
        if inside.readable(project).is_none() {
            return project_not_found(project);
        }
        let mut view = inside.view(self.generation());
        if second {
            view.descriptions = request.query("includeDescriptions").as_deref() != Some("false");
            view.fields = request.query("fields").map(|f| split_fields(&f));
        }
        let limit = request.query("limit").and_then(|l| l.parse().ok()).unwrap_or(DEFAULT_LIMIT);
        let list = match inside.rendered(project, &Question { since, limit, view }) {
            Ok(list) => list,
            Err(message) => return error(500, &message),
        };
        let tail = if second {
            format!("\"syncMeta\":{}}}", inside.sync_meta(asked.as_deref(), list.latest))
        } else {
            format!("\"filtered\":{}}}", since.is_some())
        };
        let pieces = vec![
            Piece::Own(format!("{{\"project\":{},\"issues\":", json!(project)).into_bytes()),
            Piece::Shared(list.issues),
            Piece::Own(format!(",\"count\":{},{tail}", list.count).into_bytes()),
        ];
        Answer { pieces, ..Answer::new(200, JSON, "") }
    }

    /// POST `/api/issues/bulk-by-projects`: a read, and it does not know `modifiedAfter`.
    pub fn by_projects(&self, body: &Value) -> Answer {
        let inside = &mut *self.inside.lock();
        let Some(projects) = body["projects"].as_array().filter(|p| !p.is_empty()) else {
            return error(400, "projects array is required");
        };
        if projects.len() > BULK_MOST {
            return error(400, "Maximum 100 projects per request");
        }
        let asked = body["modifiedSince"].as_str();
        let since = match asked.map(|text| (text, parse_iso(text))) {
            Some((text, None)) => return error(400, &format!("Invalid timestamp: {text}")),
            Some((_, since)) => since,
            None => None,
        };
        let mut view = inside.view(self.generation());
        // Anything but a JSON `false` is true.
        view.descriptions = body["includeDescriptions"] != json!(false);
        view.fields = match &body["fields"] {
            Value::String(fields) => Some(split_fields(fields)),
            Value::Array(fields) => {
                Some(fields.iter().filter_map(|f| f.as_str().map(String::from)).collect())
            }
            _ => None,
        };
        let limit = body["limit"].as_u64().map_or(DEFAULT_LIMIT, |limit| limit as usize);
        let question = Question { since, limit, view };
        let mut pieces = vec![Piece::Own(br#"{"projects":{"#.to_vec())];
        let mut not_found = Vec::new();
        let (mut total, mut any) = (0, false);
        for project in projects.iter().filter_map(Value::as_str) {
            if inside.readable(project).is_none() {
                not_found.push(project);
                continue;
            }
            let (list, error_field) = match inside.rendered(project, &question) {
                Ok(list) => (list, String::new()),
                Err(message)
                    if message == ASSIGNED_ERROR && !inside.conditions.assigned_fails_alone =>
                {
                    return error(500, &message);
                }
                Err(message) => (
                    Rendered { issues: Arc::new(b"[]".to_vec()), count: 0, latest: None },
                    format!(",\"error\":{}", json!(message)),
                ),
            };
            total += list.count;
            let comma = if any { "," } else { "" };
            any = true;
            let head = format!("{comma}{}:{{\"issues\":", json!(project));
            let meta = inside.sync_meta(asked, list.latest);
            let tail = format!(",\"count\":{},\"syncMeta\":{meta}{error_field}}}", list.count);
            pieces.extend([
                Piece::Own(head.into_bytes()),
                Piece::Shared(list.issues),
                Piece::Own(tail.into_bytes()),
            ]);
        }
        let missing = match not_found.is_empty() {
            true => String::new(),
            false => format!(",\"notFound\":{}", json!(not_found)),
        };
        pieces.push(Piece::Own(format!("}},\"totalIssues\":{total}{missing}}}").into_bytes()));
        Answer { pieces, ..Answer::new(200, JSON, "") }
    }

    /// GET `/api/issues/bulk?ids=`.
    pub fn bulk(&self, request: &Request) -> Answer {
        let inside = &mut *self.inside.lock();
        let ids = request.query("ids").unwrap_or_default();
        let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        if ids.is_empty() {
            return error(400, "ids query parameter is required");
        }
        if ids.len() > BULK_MOST {
            return error(400, "Maximum 100 issues per request");
        }
        let view = inside.view(self.generation());
        let (mut issues, mut not_found) = (Vec::new(), Vec::new());
        // Backwards: the order of the answer is not that of the question.
        for identifier in ids.iter().rev() {
            let Some(id) = inside.reachable(identifier) else {
                not_found.push(*identifier);
                continue;
            };
            let issue = inside.tracker.issues.get_mut(&id).expect("reachable");
            if issue.assigned {
                return error(500, ASSIGNED_ERROR);
            }
            let mut out = Vec::new();
            render(issue, &view, Instant::now(), &mut out);
            issues.push(String::from_utf8(out).expect("JSON is UTF-8"));
        }
        let missing = match not_found.is_empty() {
            true => String::new(),
            false => format!(",\"notFound\":{}", json!(not_found)),
        };
        let (list, count) = (issues.join(","), issues.len());
        let body = format!("{{\"issues\":[{list}],\"count\":{count}{missing}}}");
        Answer::new(200, JSON, body)
    }

    /// GET `/api/issues/all`: project after project, in pages of 500 at the most.
    pub fn all(&self, request: &Request) -> Answer {
        let inside = &mut *self.inside.lock();
        let number = |name: &str| request.query(name).and_then(|n| n.parse::<usize>().ok());
        let limit = number("limit").unwrap_or(BULK_MOST).min(500);
        let offset = number("offset").unwrap_or(0);
        let since = request.query("modifiedSince").and_then(|text| parse_iso(&text));
        let view = inside.view(self.generation());
        let question = Question { since, limit: usize::MAX, view };
        let readable: Vec<String> = inside
            .tracker
            .projects
            .values()
            .filter(|p| inside.is_readable(p))
            .map(|p| p.identifier.clone())
            .collect();
        let mut issues: Vec<Value> = Vec::new();
        for project in readable {
            match inside.rendered(&project, &question) {
                Ok(list) => {
                    let list: Vec<Value> = serde_json::from_slice(&list.issues).expect("JSON");
                    issues.extend(list);
                }
                Err(message) => return error(500, &message),
            }
        }
        let total = issues.len();
        let page: Vec<Value> = issues.into_iter().skip(offset).take(limit).collect();
        let more = offset + page.len() < total;
        let body = json!({"count": page.len(), "issues": page, "total": total,
            "offset": offset, "limit": limit, "hasMore": more});
        answer_json(200, &body)
    }
}

fn split_fields(fields: &str) -> Vec<String> {
    fields.split(',').map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect()
}
