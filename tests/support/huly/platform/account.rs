//! The account service: JSON-RPC by POST, whose errors are answers with status 200.

use serde_json::{Value, json};

use super::system::{Platform, no_route};
use super::token::{Grant, granted, token};
use super::workspace::{ACCOUNT, EMAIL, SLUG, WORKSPACE, Workspace};
use crate::support::huly::tracker::OURSELVES;
use crate::support::web::message::{Answer, Request};

/// When the workspace was made.
const MADE_AT: i64 = 1_795_421_234_252;

fn error(status: u16, code: &str, params: &Value) -> Answer {
    let code = format!("platform:status:{code}");
    let body = json!({"error": {"severity": "ERROR", "code": code, "params": params}});
    answer(status, &body)
}

fn answer(status: u16, body: &Value) -> Answer {
    let mut answer = Answer::new(status, "application/json", body.to_string());
    answer.headers.push(("Vary", "Origin".to_owned()));
    answer.headers.push(("Access-Control-Allow-Origin", String::new()));
    answer.headers.push(("Access-Control-Allow-Credentials", "true".to_owned()));
    answer.headers.push(("Keep-Alive", "timeout=5, max=1000".to_owned()));
    answer
}

impl Platform {
    /// Any call to the account service.
    pub fn account_call(&self, request: &Request) -> Answer {
        if request.method != "POST" {
            return no_route(request);
        }
        let Ok(call) = serde_json::from_slice::<Value>(&request.body) else {
            return error(400, "BadRequest", &json!({}));
        };
        let endpoint = self.urls(request).transactor;
        let workspace = &mut self.inside.lock().workspace;
        let grant = granted(request, workspace).ok();
        match (call["method"].as_str().unwrap_or(""), grant) {
            ("login", _) => login(workspace, &call["params"]),
            ("selectWorkspace" | "getUserWorkspaces" | "getWorkspaceInfo", None) => {
                error(200, "Unauthorized", &json!({}))
            }
            // Whatever slug was asked for: the account has one workspace, so it is that.
            ("selectWorkspace", _) => {
                answer(200, &json!({"result": selected(workspace, &endpoint)}))
            }
            ("getUserWorkspaces", _) => answer(200, &json!({"result": [info(workspace)]})),
            ("getWorkspaceInfo", Some(Grant::Workspace)) => {
                answer(200, &json!({"result": info(workspace)}))
            }
            ("getWorkspaceInfo", _) => error(200, "WorkspaceNotFound", &json!({})),
            (method, _) => error(404, "UnknownMethod", &json!({"method": method})),
        }
    }
}

fn login(workspace: &mut Workspace, params: &Value) -> Answer {
    let not_found = || error(200, "AccountNotFound", &json!({}));
    if params["email"] != EMAIL {
        return not_found();
    }
    if workspace.is_locked() {
        return error(200, "PasswordLoginLocked", &json!({}));
    }
    if params["password"] != json!(workspace.password) {
        workspace.failed_logins += 1;
        return not_found();
    }
    workspace.failed_logins = 0;
    let token = token(Grant::Login, workspace);
    // With a second factor there is a token, too, which is good for nothing but that factor.
    let token = if workspace.needs_second_factor { format!("{token}2") } else { token };
    answer(
        200,
        &json!({"result": {"account": ACCOUNT, "token": token, "name": "Alice Doe",
            "socialId": OURSELVES, "tfaRequired": workspace.needs_second_factor}}),
    )
}

fn selected(workspace: &Workspace, endpoint: &str) -> Value {
    json!({"account": ACCOUNT, "token": token(Grant::Workspace, workspace), "endpoint": endpoint,
        "workspace": WORKSPACE, "workspaceUrl": SLUG, "workspaceDataId": null,
        "allowGuestSignUp": false, "role": "OWNER"})
}

/// The workspace with its status: the only place that tells that it is being upgraded.
fn info(workspace: &Workspace) -> Value {
    let (major, minor, patch) = workspace.version;
    json!({"uuid": WORKSPACE, "name": "Sync Lab", "url": SLUG, "branding": "huly",
        "location": null, "region": "", "createdBy": ACCOUNT, "createdOn": MADE_AT,
        "billingAccount": ACCOUNT, "passwordAgingRule": null,
        "status": {"mode": workspace.mode, "processingProgress": workspace.progress,
            "versionMajor": major, "versionMinor": minor, "versionPatch": patch,
            "lastProcessingTime": MADE_AT + 2232, "lastVisit": null, "isDisabled": false,
            "processingAttempts": 0, "processingMessage": "", "backupInfo": null,
            "usageInfo": null}})
}
