//! Getting in: logins, tokens, slugs, workspaces that are not ready, and addresses.

use serde_json::{Value, json};

use crate::client::{Client, WORKSPACE};
use crate::support::{Reply, Service, Urls};

fn login(client: &Client, password: &str) -> Reply {
    let email = client.world.huly.credentials().email;
    client.account(None, "login", &json!({"email": email, "password": password}))
}

fn login_well(client: &Client) -> String {
    let reply = login(client, &client.world.huly.credentials().password);
    reply.json()["result"]["token"].as_str().unwrap().to_owned()
}

fn ping(client: &Client, token: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let path = format!("/_transactor/api/v1/ping/{WORKSPACE}");
    client.ask("GET", &path, &[("authorization", &bearer)], None)
}

#[test]
fn the_way_in_leads_from_the_configuration_to_a_token() {
    let client = Client::new();
    let config = client.ask("GET", "/config.json", &[], None).json();
    let urls = client.world.huly.urls();
    assert_eq!(config["ACCOUNTS_URL"], urls.accounts);
    assert_eq!(config["COLLABORATOR_URL"], urls.collaborator);
    assert!(urls.collaborator.starts_with("ws://"));
    let slug = client.world.huly.credentials().workspace;
    let select = json!({"workspaceUrl": slug, "kind": "external"});
    let login = login_well(&client);
    let selected = client.account(Some(&login), "selectWorkspace", &select).json();
    assert_eq!(selected["result"]["endpoint"], urls.transactor);
    assert_eq!(selected["result"]["workspaceUrl"], slug);
    let token = selected["result"]["token"].as_str().unwrap();
    assert_eq!(token, client.token, "an API token is as good as a login");
    assert_eq!(ping(&client, token).status, 200);
}

#[test]
fn a_wrong_slug_selects_another_workspace_without_a_word() {
    let client = Client::new();
    let select = json!({"workspaceUrl": "elsewhere", "kind": "external"});
    let login = login_well(&client);
    let reply = client.account(Some(&login), "selectWorkspace", &select);
    assert_eq!((reply.status, &reply.json()["result"]["workspaceUrl"]), (200, &json!("synclab")));
}

#[test]
fn five_wrong_passwords_lock_the_account() {
    let client = Client::new();
    for tries in 1..=5 {
        let reply = login(&client, "wrong");
        assert_eq!(reply.status, 200, "errors are answers");
        assert_eq!(reply.json()["error"]["code"], "platform:status:AccountNotFound");
        assert_eq!(client.world.huly.failed_logins(), tries);
    }
    let right = client.world.huly.credentials().password;
    assert!(login(&client, &right).json()["error"].is_object());
    client.world.huly.change_password("another");
    assert!(login(&client, "another").json()["result"].is_object());
}

#[test]
fn a_second_factor_makes_the_first_one_worthless() {
    let client = Client::new();
    client.world.huly.second_factor(true);
    let reply = login(&client, &client.world.huly.credentials().password).json();
    assert_eq!(reply["result"]["tfaRequired"], true);
    let token = reply["result"]["token"].as_str().unwrap();
    let select = json!({"workspaceUrl": "synclab", "kind": "external"});
    let reply = client.account(Some(token), "selectWorkspace", &select).json();
    assert_eq!(reply["error"]["code"], "platform:status:Unauthorized");
}

#[test]
fn a_workspace_that_is_upgraded_opens_no_session() {
    let client = Client::new();
    client.world.huly.workspace_mode("upgrading", 40);
    let reply = ping(&client, &client.token);
    assert_eq!(reply.status, 401);
    assert_eq!(reply.json(), json!({"message": "Failed to create session", "mode": "upgrading"}));
    let info = client.account(Some(&client.token), "getWorkspaceInfo", &json!({})).json();
    let status = &info["result"]["status"];
    assert_eq!((&status["mode"], &status["processingProgress"]), (&json!("upgrading"), &json!(40)));
    client.world.huly.workspace_mode("active", 100);
    assert_eq!(ping(&client, &client.token).status, 200);
}

#[test]
fn a_token_can_lose_its_worth() {
    let client = Client::new();
    client.world.huly.revoke_tokens();
    let reply = ping(&client, &client.token);
    let words = &reply.json()["error"];
    assert_eq!((reply.status, words), (500, &json!("Signature verification failed")));
    assert_eq!(ping(&client, &client.world.huly.credentials().token).status, 200);
}

#[test]
fn addresses_can_be_internal_to_the_deployment() {
    let client = Client::new();
    client.world.huly.name_internal_hosts(true);
    let config = client.ask("GET", "/config.json", &[], None).json();
    let urls = Urls::internal(&client.world.huly.url());
    assert_eq!(config["ACCOUNTS_URL"], urls.accounts);
    assert_eq!(config["UPLOAD_URL"], urls.files, "else it is relative");
    let select = json!({"workspaceUrl": "synclab", "kind": "external"});
    let selected = client.account(Some(&login_well(&client)), "selectWorkspace", &select).json();
    assert_eq!(selected["result"]["endpoint"], urls.transactor);
    assert_eq!(ping(&client, &client.token).status, 200, "where it really is");
}

#[test]
fn requests_are_told_apart_by_service_and_only_some_write() {
    let (client, _) = Client::with_project();
    let mark = client.world.mark();
    client.world.huly.reset_counters();
    client.ask("GET", "/config.json", &[], None);
    login_well(&client);
    client.find("tracker:class:Issue", &json!({}), &json!({}));
    client.tx(&json!({}));
    client.collaborator("6b03fa3a6720d13575c5c936", "getContent", &json!({"source": "x"}));
    let text = json!({"content": {"description": "{\"type\":\"doc\"}"}});
    client.collaborator("6b03fa3a6720d13575c5c936", "updateContent", &text);
    client.file("x");
    let counted = client.world.huly.services();
    assert_eq!((counted.front, counted.account, counted.files), (1, 1, 1));
    assert_eq!((counted.transactor, counted.transactor_writes), (2, 1));
    assert_eq!((counted.collaborator, counted.collaborator_writes), (2, 1));
    let writes = client.world.writes_since(mark);
    let writers: Vec<Option<Service>> = writes.iter().map(|entry| entry.service).collect();
    assert_eq!(writers, [Some(Service::Transactor), Some(Service::Collaborator)]);
    assert_eq!(client.world.huly.counters().requests, 7);
}

#[test]
fn an_unknown_path_is_the_page_of_the_front() {
    let client = Client::new();
    let reply = client.ask("GET", "/api/projects", &[], None);
    assert_eq!(reply.status, 200);
    assert!(reply.text().starts_with("<!DOCTYPE html>"));
    assert_eq!(reply.json(), Value::Null);
}
