//! The whole protocol once, as it was gone through with curl on a real platform.

use serde_json::{Value, json};

use crate::client::{Client, WORKSPACE};

/// What came out then.
const RECORDED: &str = include_str!("../support/recordings/huly/curl-walkthrough.out");

/// The same text with a word in place of every id and every time.
fn masked(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
        let hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let decimal = word.bytes().all(|byte| byte.is_ascii_digit());
        out += match word.len() {
            24 if hex => "ID",
            13 if decimal => "MS",
            _ => word,
        };
        let after = rest[word.len()..].chars().next();
        out.extend(after);
        rest = &rest[word.len() + after.map_or(0, char::len_utf8)..];
    }
    out
}

/// `jq -c '{a,b}'`: these fields in this order.
fn fields(document: &Value, names: &[&str]) -> String {
    let field = |name: &&str| format!("\"{name}\":{}", document[*name]);
    format!("{{{}}}", names.iter().map(field).collect::<Vec<_>>().join(","))
}

/// The text of a paragraph, as the content of a call.
fn content(text: &str) -> Value {
    let node = json!({"type": "doc", "content": [{"type": "paragraph",
        "content": [{"type": "text", "text": text}]}]});
    json!({"content": {"description": node.to_string()}})
}

#[test]
fn the_walk_through_the_protocol_comes_out_as_recorded() {
    let mut client = Client::new();
    client.world.huly.add_project("TSK", "Default");
    let space = "tracker:project:DefaultProject";
    client.world.huly.set_project_id("TSK", space);
    for number in 1..=8 {
        client.world.huly.add_issue("TSK", &number.to_string(), "", "Backlog");
    }
    let mut out: Vec<String> = Vec::new();

    out.push("# 1 login".into());
    let secret = client.world.huly.credentials();
    let params = json!({"email": secret.email, "password": secret.password});
    let login = client.account(None, "login", &params).json();
    let login = login["result"]["token"].as_str().unwrap();
    out.push("# 2 selectWorkspace".into());
    let params = json!({"workspaceUrl": secret.workspace, "kind": "external"});
    let selected = client.account(Some(login), "selectWorkspace", &params).json();
    selected["result"]["token"].as_str().unwrap().clone_into(&mut client.token);
    out.push("# 3 account".into());
    let account = format!("/_transactor/api/v1/account/{WORKSPACE}");
    let account = client.call("GET", &account, None).json();
    out.push(format!("socialId {}", account["primarySocialId"].as_str().unwrap()));

    out.push("# 4 projects".into());
    let names = ["_id", "identifier", "name", "type", "sequence", "defaultIssueStatus", "archived"];
    let names = [&names[..], &["members"]].concat();
    for project in client.find("tracker:class:Project", &json!({}), &json!({})) {
        out.push(fields(&project, &names));
    }
    out.push("# 5 statuses".into());
    let kind = json!({"_id": {"$in": ["tracker:ids:ClassingProjectType"]}});
    let kind = client.find("task:class:ProjectType", &kind, &json!({})).remove(0);
    let ids: Vec<&Value> = kind["statuses"].as_array().unwrap().iter().map(|s| &s["_id"]).collect();
    out.push(json!(ids).to_string());
    for status in client.find("tracker:class:IssueStatus", &json!({}), &json!({})) {
        out.push(fields(&status, &["_id", "name", "category"]));
    }

    out.push("# 6 sequence".into());
    let body = json!({"operations": {"$inc": {"sequence": 1}}, "retrieve": true});
    let mut count = client.of_issue("TxUpdateDoc", space, "core:space:Space", &body);
    count["objectClass"] = json!("tracker:class:Project");
    let number = client.tx(&count).json()["object"]["sequence"].as_u64().unwrap();
    out.push(format!("number {number}"));
    out.push("# 7 createContent".into());
    let issue = client.id();
    let made = client.collaborator(&issue, "createContent", &content("Hello")).json();
    let blob = made["content"]["description"].as_str().unwrap().to_owned();
    out.push(blob.clone());
    out.push("# 8 create".into());
    let attributes = json!({"title": "From curl", "description": blob,
        "status": "tracker:status:Todo", "priority": 2, "kind": "tracker:taskTypes:Issue",
        "number": number, "identifier": format!("TSK-{number}"), "rank": ""});
    out.push(client.tx(&client.creation(&issue, space, &attributes)).text());
    out.push("# 9 set status / title".into());
    for (name, value) in [("status", "tracker:status:InProgress"), ("title", "Renamed")] {
        let body = json!({"operations": {name: value}, "retrieve": true});
        let object = client.tx(&client.of_issue("TxUpdateDoc", &issue, space, &body)).json();
        out.push(fields(&object["object"], &[name, "modifiedOn"]));
    }

    out.push("# 10 read description".into());
    out.push(client.collaborator(&issue, "getContent", &json!({"source": blob})).text());
    out.push("# 11 set description".into());
    out.push(client.collaborator(&issue, "updateContent", &content("Second version")).text());
    out.push("# 12 page of changes".into());
    let since = client.world.huly.now_ms() - 60_000;
    let query = json!({"space": {"$in": [space]}, "modifiedOn": {"$gte": since}});
    let options = json!({"sort": {"modifiedOn": 1}, "limit": 100});
    let changed = client.find("tracker:class:Issue", &query, &options).pop().unwrap();
    let names = ["_id", "identifier", "title", "status", "priority", "description"];
    out.push(fields(&changed, &[&names[..], &["modifiedOn", "space"]].concat()));
    out.push("# 13 read snapshot blob".into());
    out.push(client.file(changed["description"].as_str().unwrap()).text());
    out.push("# 14 remove".into());
    out.push(client.tx(&client.of_issue("TxRemoveDoc", &issue, space, &json!({}))).text());
    out.push("# 15 deletions feed".into());
    let query = json!({"objectClass": "tracker:class:Issue", "objectSpace": space,
        "modifiedOn": {"$gte": since}});
    let removed = client.find("core:class:TxRemoveDoc", &query, &options).pop().unwrap();
    out.push(fields(&removed, &["objectId", "modifiedOn"]));

    let recorded: Vec<String> = RECORDED.lines().map(masked).collect();
    let here: Vec<String> = out.iter().map(|line| masked(line)).collect();
    assert_eq!(here, recorded);
}
