//! Lists of issues.

use serde_json::json as value;

use super::super::*;
use super::{body_of, first, issue, ok, second};
use crate::http::Listed;
use crate::http::scripted::{Scripted, cut_json, json};
use crate::huly::Text;

fn list(bridge: &Bridge, since: Option<Millis>, text: bool) -> (Result<ListEnd>, Vec<String>) {
    let mut listed = Vec::new();
    let end = bridge.list("P", since, text, &mut |news: Listed<'_>| {
        listed.push(match news {
            Listed::Restart => "restart".to_owned(),
            Listed::Element(_, element) => bridge.parse(element, text)?.identifier,
        });
        Ok(())
    });
    (end, listed)
}

#[test]
fn each_generation_is_asked_for_a_list_in_its_own_way() {
    let second_tail = value!({"modifiedSince": null, "serverTime": "2026-01-01T00:00:00.500Z"});
    let scripted = Scripted::serve(move |_| {
        ok(&value!({"project": "P", "issues": [issue("P-1", "")], "count": 1,
            "syncMeta": second_tail}))
    });
    let old = first(&scripted);
    let (end, listed) = list(&old, Some(1_698_765_432_007), false);
    assert_eq!(
        end.unwrap(),
        ListEnd { count: 1, server_time: Some(1_767_225_600_500), ..ListEnd::default() }
    );
    assert_eq!(listed, ["P-1"]);
    let new = second(&scripted);
    list(&new, None, false).0.unwrap();
    list(&new, None, true).0.unwrap();
    assert_eq!(
        scripted.lines(),
        [
            "GET /api/projects/P/issues?limit=100000&modifiedAfter=2023-10-31T15%3A17%3A12.007Z",
            "GET /api/projects/P/issues?limit=100000&includeDescriptions=false\
         &fields=identifier%2Ctitle%2Cstatus%2Cpriority%2CcreatedOn%2CmodifiedOn",
            "GET /api/projects/P/issues?limit=100000&includeDescriptions=true",
        ]
    );
}

#[test]
fn an_empty_text_is_read_only_where_texts_were_asked_for() {
    let scripted = Scripted::script([]);
    let element = issue("P-1", "").to_string().into_bytes();
    let text = |bridge: &Bridge, with| bridge.parse(&element, with).unwrap().text;
    assert_eq!(text(&second(&scripted), false), Text::Unread);
    assert_eq!(text(&second(&scripted), true), Text::Read(String::new()));
    assert_eq!(text(&first(&scripted), false), Text::Read(String::new()), "always with texts");
}

#[test]
fn a_list_is_whole_or_an_error() {
    for (body, kind) in [
        (value!({"issues": [issue("P-1", "")], "count": 2}), Kind::Protocol),
        (value!({"issues": [issue("P-1", "")]}), Kind::Protocol),
        (value!({"count": 0}), Kind::Protocol),
        (value!({"issues": null, "count": 0}), Kind::Protocol),
    ] {
        let sent = body.clone();
        let scripted = Scripted::serve(move |_| ok(&sent));
        assert_eq!(list(&first(&scripted), None, true).0.unwrap_err().kind, kind, "{body}");
    }
    let scripted = Scripted::serve(|_| json(500, r#"{"error":"domain not found: undefined "}"#));
    let error = list(&second(&scripted), None, false).0.unwrap_err();
    assert_eq!(error.kind, Kind::Server);
    assert!(error.message.contains("domain not found"), "{error}");
}

#[test]
fn a_list_that_was_cut_by_its_limit_is_read_anew_with_more() {
    let many = |count: u64| {
        let elements = vec!["{}"; usize::try_from(count).unwrap()].join(",");
        json(200, &format!(r#"{{"issues":[{elements}],"count":{count}}}"#))
    };
    let scripted = Scripted::script([many(100_000), many(100_001)]);
    let (mut restarts, mut count) = (0, 0_u64);
    let end = first(&scripted).list("P", None, true, &mut |news: Listed<'_>| {
        match news {
            Listed::Restart => (restarts, count) = (restarts + 1, 0),
            Listed::Element(..) => count += 1,
        }
        Ok(())
    });
    assert_eq!((end.unwrap().count, count, restarts), (100_001, 100_001, 1));
    assert!(scripted.lines()[1].contains("limit=1000000"));
}

fn changes(bridge: &Bridge) -> (Vec<SharedEnd>, Vec<String>) {
    let mut news = Vec::new();
    let ends = bridge
        .changes(&["A", "B", "C", "D", "E"], 5, &mut |piece: Listed<'_>| {
            news.push(match piece {
                Listed::Restart => "restart".to_owned(),
                Listed::Element(project, element) => {
                    format!("{project} {}", bridge.parse(element, false)?.identifier)
                }
            });
            Ok(())
        })
        .unwrap();
    (ends, news)
}

#[test]
fn one_request_tells_what_changed_in_many_projects_and_which_failed() {
    let body = value!({
        "projects": {
            "A": {"issues": [issue("A-1", ""), issue("A-2", "")], "count": 2,
                "syncMeta": {"serverTime": "2026-01-01T00:00:00.000Z"}},
            "B": {"issues": [], "count": 0, "error": "domain not found"},
            "C": {"issues": [issue("C-1", "")], "count": 3},
        },
        "totalIssues": 3, "notFound": ["D"],
    })
    .to_string();
    let scripted = Scripted::script([cut_json(&body[..300]), json(200, &body)]);
    let (ends, news) = changes(&second(&scripted));
    assert_eq!(news[news.len() - 4..], ["restart", "A A-1", "A A-2", "C C-1"]);
    let kinds: Vec<_> =
        ends.iter().map(|end| end.end.as_ref().map_err(|error| error.kind)).collect();
    let good = ListEnd { count: 2, server_time: Some(1_767_225_600_000), ..ListEnd::default() };
    assert_eq!(
        kinds,
        [Ok(&good), Err(Kind::Server), Err(Kind::Protocol), Err(Kind::Gone), Err(Kind::Protocol),]
    );
    let asked = body_of(&scripted.seen()[0]);
    assert_eq!(asked["includeDescriptions"], false, "a JSON boolean");
    assert_eq!(asked["modifiedSince"], "1970-01-01T00:00:00.005Z");
}

#[test]
fn the_newest_change_is_not_one_from_the_future() {
    let part = |at: i64| {
        value!({"issues": [{"identifier": "X-1", "modifiedOn": at}], "count": 1,
            "syncMeta": {"serverTime": "2026-01-01T00:00:00.000Z"}})
    };
    let now = 1_767_225_600_000_i64;
    let body = value!({"projects": {"A": part(now - 5), "B": part(now + 700_000)}});
    let scripted = Scripted::script([ok(&body)]);
    assert_eq!(second(&scripted).newest(&["A", "B"]).unwrap(), Some(now - 5));
    let failing = Scripted::serve(|_| json(500, r#"{"error":"domain not found"}"#));
    assert_eq!(second(&failing).newest(&["A"]).unwrap(), None);
    let old = Scripted::script([]);
    assert_eq!(first(&old).newest(&["A"]).unwrap(), None);
}
