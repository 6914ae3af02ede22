//! Descriptions: blobs, the collaborator, and the ways in which a text is lost.

use serde_json::{Value, json};

use crate::client::Client;

fn markup(text: &str) -> Value {
    let node = json!({"type": "doc", "content": [{"type": "paragraph",
        "content": [{"type": "text", "text": text, "marks": []}]}]});
    json!({"content": {"description": node.to_string()}})
}

fn text_of(content: &Value) -> Value {
    serde_json::from_str(content["content"]["description"].as_str().unwrap()).unwrap()
}

fn with_issue(text: &str) -> (Client, String, String) {
    let (client, _) = Client::with_project();
    let issue = client.world.huly.add_issue("PROJ", "T", text, "Todo");
    let id = client.world.huly.issue(&issue).unwrap().id;
    (client, issue, id)
}

#[test]
fn every_edit_gives_the_description_a_new_id() {
    let (client, issue, id) = with_issue("one");
    let huly = &client.world.huly;
    let first = huly.blob(&issue).unwrap();
    assert!(first.starts_with(&format!("{id}-description-")));
    huly.edit_title(&issue, "other");
    huly.comment(&issue);
    assert_eq!(huly.blob(&issue).unwrap(), first, "an unchanged id is an unchanged text");
    let before = huly.issue(&issue).unwrap().modified_on.ms();
    let reply = client.collaborator(&id, "updateContent", &markup("two"));
    assert_eq!((reply.status, reply.json()), (200, json!({})));
    let after = huly.issue(&issue).unwrap();
    assert_eq!(after.description, "two");
    assert!(huly.blob(&issue).unwrap() != first && after.modified_on.ms() > before);
    // The same text once more moves everything once more.
    let second = huly.blob(&issue);
    client.collaborator(&id, "updateContent", &markup("two"));
    assert_ne!(huly.blob(&issue), second);
    assert_eq!(client.file(&first).json()["content"][0]["content"][0]["text"], "one");
}

#[test]
fn a_new_issue_gets_its_text_before_it_is_made() {
    let (client, space) = Client::with_project();
    let id = client.id();
    let reply = client.collaborator(&id, "createContent", &markup("first")).json();
    let blob = reply["content"]["description"].clone();
    let attributes = json!({"title": "T", "number": 1, "identifier": "PROJ-1",
        "status": "tracker:status:Todo", "priority": 0, "description": blob});
    assert_eq!(client.tx(&client.creation(&id, &space, &attributes)).status, 200);
    assert_eq!(client.world.huly.issue("PROJ-1").unwrap().description, "first");
}

#[test]
fn what_is_created_over_an_opened_document_is_lost_without_a_word() {
    let (client, issue, id) = with_issue("old");
    let huly = &client.world.huly;
    client.collaborator(&id, "getContent", &json!({"source": huly.blob(&issue)}));
    let reply = client.collaborator(&id, "createContent", &markup("new"));
    assert_eq!(reply.status, 200);
    let blob = reply.json()["content"]["description"].as_str().unwrap().to_owned();
    assert_eq!(client.file(&blob).json()["content"][0]["content"][0]["text"], "old");
    assert_eq!(huly.issue(&issue).unwrap().description, "old");
}

#[test]
fn an_issue_without_a_text_is_updated_too() {
    let (client, issue, id) = with_issue("");
    assert_eq!(client.world.huly.document(&issue)["description"], Value::Null);
    assert_eq!(client.collaborator(&id, "updateContent", &markup("now")).status, 200);
    assert_eq!(client.world.huly.issue(&issue).unwrap().description, "now");
    let blank = json!({"type": "doc", "content": [{"type": "paragraph"}]}).to_string();
    let clear = json!({"content": {"description": blank}});
    client.collaborator(&id, "updateContent", &clear);
    assert_eq!(client.world.huly.issue(&issue).unwrap().description, "");
    assert!(client.world.huly.document(&issue)["description"].is_string());
}

#[test]
fn what_is_being_typed_is_seen_by_the_collaborator_alone() {
    let (client, issue, id) = with_issue("stored");
    let huly = &client.world.huly;
    let blob = huly.blob(&issue).unwrap();
    huly.type_unsaved(&issue, "half a sen");
    let seen = client.collaborator(&id, "getContent", &json!({"source": blob})).json();
    assert_eq!(text_of(&seen)["content"][0]["content"][0]["text"], "half a sen");
    assert_eq!(client.file(&blob).json()["content"][0]["content"][0]["text"], "stored");
    assert_eq!(huly.blob(&issue).unwrap(), blob);
    huly.save_typing(&issue);
    assert_eq!(huly.issue(&issue).unwrap().description, "half a sen");
    assert_ne!(huly.blob(&issue).unwrap(), blob);
}

#[test]
fn a_missing_blob_is_no_content_and_no_file() {
    let (client, issue, id) = with_issue("text");
    let huly = &client.world.huly;
    let blob = huly.blob(&issue).unwrap();
    huly.description_blank(&issue, 1);
    assert_eq!(client.file(&blob).status, 404);
    assert_eq!(client.file(&blob).status, 200, "it was only away");
    huly.lose_blob(&issue);
    let reply = client.collaborator(&id, "getContent", &json!({"source": blob}));
    assert_eq!((reply.status, reply.json()), (200, json!({"content": {}})));
    assert_eq!(client.file(&blob).status, 404);
    assert_eq!(huly.document(&issue)["description"], blob);
}

#[test]
fn stored_markup_comes_back_without_what_is_empty() {
    let (client, issue, id) = with_issue("");
    let sent = json!({"content": {"description": json!({"type": "doc", "content": [
        {"type": "paragraph", "content": [], "attrs": {"textAlign": "left"}},
        {"type": "paragraph", "content": [{"marks": [], "type": "text", "text": "a"}]}]}).to_string()}});
    client.collaborator(&id, "updateContent", &sent);
    let blob = client.world.huly.blob(&issue).unwrap();
    let text = r#"{"type":"doc","content":[{"type":"paragraph","attrs":{"textAlign":"left"}},{"type":"paragraph","content":[{"type":"text","text":"a"}]}]}"#;
    assert_eq!(client.file(&blob).text(), text);
}

#[test]
fn the_collaborator_can_be_away_and_has_a_limit() {
    let (client, issue, id) = with_issue("text");
    client.world.huly.collaborator_away(true);
    assert_eq!(client.collaborator(&id, "updateContent", &markup("new")).status, 502);
    assert_eq!(client.file(&client.world.huly.blob(&issue).unwrap()).status, 200);
    client.world.huly.collaborator_away(false);
    let large = markup(&"x".repeat(10 << 20));
    assert_eq!(client.collaborator(&id, "updateContent", &large).status, 413);
    assert_eq!(client.world.huly.issue(&issue).unwrap().description, "text");
}

#[test]
fn the_collaborator_wants_the_token_of_this_workspace() {
    let (mut client, _, id) = with_issue("text");
    client.token = "forged".to_owned();
    assert_eq!(client.collaborator(&id, "updateContent", &markup("new")).status, 403);
    assert_eq!(client.file("x").status, 401);
}

fn blank() -> Value {
    let node = json!({"type": "doc", "content": [{"type": "paragraph"}]});
    json!({"content": {"description": node.to_string()}})
}

/// A description of these nodes in one paragraph, as `updateContent` takes it.
fn paragraph(nodes: &Value) -> Value {
    json!({"type": "doc", "content": [{"type": "paragraph", "content": nodes}]})
}

#[test]
fn clearing_a_text_that_was_never_opened_empties_the_editor_and_leaves_the_blob() {
    let (client, issue, id) = with_issue("old");
    let huly = &client.world.huly;
    let before = huly.issue(&issue).unwrap();
    let blob = huly.blob(&issue).unwrap();

    assert_eq!(client.collaborator(&id, "updateContent", &blank()).status, 200);

    assert_eq!(huly.blob(&issue).unwrap(), blob);
    assert_eq!(huly.issue(&issue).unwrap().modified_on, before.modified_on);
    assert_eq!(
        (huly.issue(&issue).unwrap().description.as_str(), ""),
        ("old", &*huly.seen_in_editor(&issue))
    );
    // Once there is a live document it is too late: asking for the blob gives the empty one.
    let seen = client.collaborator(&id, "getContent", &json!({"source": blob})).json();
    assert_eq!(text_of(&seen), json!({"type": "doc", "content": [{"type": "paragraph"}]}));
}

#[test]
fn clearing_a_text_works_once_the_collaborator_has_loaded_it() {
    let (client, issue, id) = with_issue("old");
    let huly = &client.world.huly;
    let blob = huly.blob(&issue).unwrap();
    let seen = client.collaborator(&id, "getContent", &json!({"source": blob})).json();
    assert_eq!(text_of(&seen)["content"][0]["content"][0]["text"], "old");

    client.collaborator(&id, "updateContent", &blank());

    assert_ne!(huly.blob(&issue).unwrap(), blob);
    assert_eq!(
        (huly.issue(&issue).unwrap().description, huly.seen_in_editor(&issue)),
        Default::default()
    );
}

#[test]
fn an_update_discards_what_is_typed_and_not_saved() {
    let (client, issue, id) = with_issue("stored");
    let huly = &client.world.huly;
    huly.type_unsaved(&issue, "stored, and half a sen");

    client.collaborator(&id, "updateContent", &markup("new"));

    assert_eq!(huly.seen_in_editor(&issue), "new");
    huly.save_typing(&issue);
    assert_eq!(huly.issue(&issue).unwrap().description, "new", "nothing was left to save");
}

#[test]
fn created_markup_is_kept_as_it_was_sent() {
    let (client, _, _) = with_issue("");
    let sent = r#"{"content":[{"content":[],"type":"paragraph"}],"type":"doc"}"#;
    let content = json!({"content": {"description": sent}});
    let made = client.collaborator(&client.id(), "createContent", &content).json();
    let blob = made["content"]["description"].as_str().unwrap();
    assert_eq!(client.file(blob).text(), sent);
}

#[test]
fn an_editor_deletes_leaves_that_have_content() {
    let (client, issue, _) = with_issue("");
    let huly = &client.world.huly;
    let text = json!({"type": "text", "text": "Ada"});
    let reference = |content: &Value| json!({"type": "reference", "attrs": {"id": "p-1", "label": "Ada"}, "content": content});
    for (content, left) in [(json!([text]), 1), (json!([]), 2)] {
        let nodes = json!([{"type": "text", "text": "by "}, reference(&content)]);
        huly.set_markup(&issue, &paragraph(&nodes));
        let before = huly.blob(&issue);
        huly.open_in_editor(&issue);
        let shown = huly.markup(&issue).unwrap()["content"][0]["content"].clone();
        assert_eq!(shown.as_array().unwrap().len(), left, "{shown:#}");
        assert_eq!(huly.blob(&issue) != before, left == 1, "what it deletes is saved");
    }
}

#[test]
fn an_update_drops_marks_on_what_is_no_text_and_a_create_keeps_them() {
    let (client, issue, id) = with_issue("");
    let link = json!([{"type": "link", "attrs": {"href": "https://example.org"}}]);
    let nodes = json!([{"type": "image", "attrs": {"src": "a.png"}, "marks": link},
        {"type": "text", "text": "linked", "marks": link}]);
    let content = json!({"content": {"description": paragraph(&nodes).to_string()}});
    let made = client.collaborator(&client.id(), "createContent", &content).json();
    let blob = made["content"]["description"].as_str().unwrap();
    assert_eq!(client.file(blob).json(), paragraph(&nodes));

    client.collaborator(&id, "updateContent", &content);

    let shown = client.world.huly.markup(&issue).unwrap()["content"][0]["content"].clone();
    assert_eq!((&shown[0]["marks"], &shown[1]["marks"]), (&Value::Null, &link));
}
