//! The limit of requests, and what hammering against it costs.

use std::time::Duration;

use serde_json::json;

use crate::client::{Client, WORKSPACE};
use crate::support::Reply;
use crate::support::huly::platform::limit::Limiter;

fn ping(client: &Client) -> Reply {
    client.call("GET", &format!("/_transactor/api/v1/ping/{WORKSPACE}"), None)
}

fn number(reply: &Reply, header: &str) -> u64 {
    reply.header(header).unwrap().parse().unwrap()
}

#[test]
fn every_answer_asks_to_wait_for_a_second() {
    let client = Client::new();
    let reply = ping(&client);
    assert_eq!(reply.status, 200);
    assert_eq!((number(&reply, "retry-after"), number(&reply, "retry-after-ms")), (1, 1000));
    assert_eq!(number(&reply, "x-ratelimit-limit"), 1500);
    assert_eq!(number(&reply, "x-ratelimit-remaining"), 1499);
    assert_eq!(number(&ping(&client), "x-ratelimit-remaining"), 1498);
    let error = client.tx(&json!({}));
    assert_eq!((error.status, error.header("retry-after")), (500, None), "but no error does");
}

#[test]
fn past_the_limit_there_is_a_429_with_the_time_to_wait() {
    let client = Client::new();
    client.world.huly.rate_limit(4, Duration::from_secs(1));
    let statuses: Vec<u16> = (0..4).map(|_| ping(&client).status).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
    let refused = ping(&client);
    let wait = number(&refused, "retry-after-ms");
    assert!(wait > 0 && wait <= 1001, "{wait}");
    assert_eq!(number(&refused, "x-ratelimit-remaining"), 0);
    std::thread::sleep(Duration::from_millis(wait + 1050));
    assert_eq!(ping(&client).status, 200);
}

#[test]
fn the_limit_is_of_the_transactor_alone() {
    let client = Client::new();
    client.world.huly.rate_limit(1, Duration::from_secs(30));
    assert_eq!(ping(&client).status, 429);
    assert_eq!(client.file("x").status, 404);
    assert_eq!(client.collaborator("x", "getContent", &json!({})).status, 200);
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(100 + seconds)
}

#[test]
fn the_request_that_fills_the_window_is_refused() {
    let mut limiter = Limiter::new(3, Duration::from_secs(30));
    let waits: Vec<bool> = (0..4).map(|n| limiter.check_at(at(n)).wait.is_some()).collect();
    assert_eq!(waits, [false, false, true, true]);
}

#[test]
fn after_the_full_wait_one_more_refusal_comes() {
    let mut limiter = Limiter::new(3, Duration::from_secs(30));
    let waits: Vec<Option<Duration>> = (0..4).map(|n| limiter.check_at(at(n)).wait).collect();
    let wait = waits[3].unwrap();
    let again = limiter.check_at(at(3) + wait).wait;
    assert!(again.is_some(), "one request has left the window, and one place is too few");
}

#[test]
fn who_hammers_is_kept_out_for_five_windows_more() {
    let mut limiter = Limiter::new(3, Duration::from_secs(30));
    for n in 0..34 {
        limiter.check_at(at(n));
    }
    assert!(limiter.check_at(at(100)).wait.is_some(), "three windows later");
    assert!(limiter.check_at(at(34 + 181)).wait.is_none());
}
