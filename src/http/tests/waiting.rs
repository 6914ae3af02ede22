//! What may wait, for how long, and what ends it.

use std::thread;
use std::time::{Duration, Instant};

use super::super::scripted::{Act, Scripted, answer, drip, http, http_with, json};
use super::super::*;
use super::{OK, counts, get, post, put};
use crate::stop::{Reason, Stop};

#[test]
fn a_hanging_read_ends_with_the_deadline() {
    let scripted = Scripted::serve(|_| Act::Hang);
    let http = http(&Stop::new(Some(Duration::from_millis(700))));
    let server = Server::new(&http, Host::Vibe, &scripted.url, Limits::default());
    let begun = Instant::now();
    let error = server.ask(&get()).unwrap_err();
    assert_eq!(error.kind, Kind::Stopped, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(server.ask(&get()).unwrap_err().kind, Kind::Stopped);
    assert_eq!(scripted.lines().len(), 1, "nothing is begun after it");
}

#[test]
fn a_hanging_write_ends_soon_after_a_signal_and_is_unclear() {
    let scripted = Scripted::serve(|_| Act::Hang);
    let stop = Stop::new(None);
    let http = http_with(&stop, Duration::from_secs(60));
    let server = Server::new(&http, Host::Vibe, &scripted.url, Limits::default());
    let begun = Instant::now();
    let signal = thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        stop.raise(Reason::Signal);
    });
    let error = server.ask(&put()).unwrap_err();
    signal.join().unwrap();
    assert_eq!((error.kind, error.ambiguous), (Kind::Stopped, true), "{error}");
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(5) && took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn the_pace_holds_calls_back_and_a_signal_frees_them() {
    let scripted = Scripted::serve(|_| json(200, OK));
    let http = http(&Stop::new(Some(Duration::from_secs(1))));
    let limits = Limits { rate: Some(1), ..Limits::default() };
    let server = Server::new(&http, Host::Vibe, &scripted.url, limits);
    (0..30).for_each(|_| drop(server.ask(&get()).unwrap()));
    assert_eq!(server.ask(&get()).unwrap_err().kind, Kind::Stopped);
    assert_eq!(scripted.lines().len(), 30);
    assert!(counts(&http).waited_ms > 500);
}

#[test]
fn a_retry_after_longer_than_any_pass_is_an_error_at_once_and_no_panic() {
    let most = u64::MAX;
    for header in [format!("Retry-After: {most}\r\n"), format!("Retry-After-ms: {most}\r\n")] {
        for status in [429, 503] {
            let header = header.clone();
            let scripted = Scripted::serve(move |_| answer(status, &header, ""));
            let http = http(&Stop::new(None));
            let limits = Limits { rate: Some(1), ..Limits::default() };
            let server = Server::new(&http, Host::Huly, &scripted.url, limits);
            let begun = Instant::now();
            for _ in 0..2 {
                let error = server.ask(&get()).unwrap_err();
                let kind = if status == 429 { Kind::Throttled } else { Kind::Offline };
                assert_eq!(error.kind, kind, "{error}");
            }
            assert!(begun.elapsed() < Duration::from_secs(2));
            // After a 429 nobody calls before the time is over.
            assert_eq!(scripted.lines().len(), if status == 429 { 1 } else { 2 });
        }
    }
}

#[test]
fn writers_wait_for_each_other_and_readers_do_not() {
    let late = || drip(json(200, OK), 1, Duration::from_millis(400));
    let scripted = Scripted::serve(move |_| late());
    let http = http(&Stop::new(None));
    let limits = Limits { writers: Some(2), ..Limits::default() };
    let server = Server::new(&http, Host::Vibe, &scripted.url, limits);
    thread::scope(|scope| {
        for request in [put(), post(), put(), get()] {
            let server = &server;
            scope.spawn(move || server.ask(&request).unwrap());
        }
        thread::sleep(Duration::from_millis(200));
        assert_eq!(scripted.lines().len(), 3);
    });
    assert_eq!(scripted.lines().len(), 4);
}
