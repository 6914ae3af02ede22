//! What a request bears, and whom it is sent to.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::super::scripted::{Scripted, answer, json};
use super::*;
use crate::config::{Config, Environment, Sources};

/// Settings as the environment gives them.
fn settings(env: &[(&str, &str)]) -> Config {
    let home = [("HOME", "/nonexistent"), ("HULY_VIBE_SYNC_HTTP_BACKOFF", "2ms")];
    let env: Environment = env.iter().copied().chain(home).collect();
    Config::load(&Sources { config: None, state: None, flags: &[], env: &env }).unwrap()
}

fn reached(env: &[(&str, &str)], host: Host, url: &str) -> Server {
    let http = Http::new(&settings(env).http, 1, Stop::new(None), Proxy::Off);
    Server::new(&http, host, url, Limits::default())
}

#[test]
fn configured_headers_go_beside_those_of_the_client() {
    let scripted = Scripted::serve(|_| json(200, OK));
    let env = [("HULY_VIBE_SYNC_VIBE_HEADERS", "X-Word: open\nUser-Agent: robot")];
    for host in [Host::Vibe, Host::Huly] {
        reached(&env, host, &scripted.url).ask(&post()).unwrap();
    }
    let heads: Vec<String> =
        scripted.seen().into_iter().map(|seen| seen.head.to_ascii_lowercase()).collect();
    for line in ["x-word: open\r\n", "user-agent: robot\r\n"] {
        assert!(heads[0].contains(line), "{}", heads[0]);
        assert!(!heads[1].contains(line), "they are of another system: {}", heads[1]);
    }
    for line in ["content-type: application/json\r\n", "accept-encoding: identity\r\n"] {
        assert_eq!(heads[0].matches(line).count(), 1, "{}", heads[0]);
    }
    assert_eq!(heads[0].matches("user-agent:").count(), 1);
}

#[test]
fn nothing_follows_to_where_a_redirect_leads() {
    let other = Scripted::serve(|_| json(200, OK));
    for status in [301, 302, 303, 307, 308] {
        let location = format!("Location: {}/elsewhere\r\n", other.url);
        let scripted = Scripted::serve(move |_| answer(status, &location, ""));
        let server =
            reached(&[("HULY_VIBE_SYNC_VIBE_HEADERS", "X-Word: open")], Host::Vibe, &scripted.url);
        for request in [get(), put(), post()] {
            let error = server.ask(&request).unwrap_err();
            assert!(error.message.contains("it leads on to"), "{error}");
        }
        assert!(scripted.seen().iter().all(|seen| seen.head.contains("x-word: open")));
    }
    assert!(other.seen().is_empty(), "{:?}", other.lines());
}

/// A server for `localhost` whose certificate only its own authority vouches for. Its address, and
/// the authority's certificate as PEM. It answers every request well, also one for a tunnel, of which
/// it is the other end itself.
fn private() -> (String, String) {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            thread::spawn(move || {
                let mut reader = BufReader::new(StreamOwned::new(connection, stream));
                let mut head = String::new();
                while reader.read_line(&mut head).is_ok_and(|bytes| bytes > 0) {
                    if !head.ends_with("\r\n\r\n") {
                        continue;
                    }
                    let answer = if head.starts_with("CONNECT ") {
                        "HTTP/1.1 200 OK\r\n\r\n".to_owned()
                    } else {
                        let said = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
                        format!("{said}\r\nContent-Length: {}\r\n\r\n{OK}", OK.len())
                    };
                    if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                    head.clear();
                }
            });
        }
    });
    (url, signed.cert.pem())
}

#[test]
fn a_private_authority_is_trusted_when_its_file_is_named_and_not_before() {
    let ((url, own), (other_url, other)) = (private(), private());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (one, both) = (file("one.pem", &own), file("both.pem", &format!("{other}\n{own}")));
    let attempts = ("HULY_VIBE_SYNC_HTTP_ATTEMPTS", "1");

    let refused = reached(&[attempts], Host::Vibe, &url).ask(&get()).unwrap_err();
    assert!(refused.message.contains("invalid peer certificate: UnknownIssuer"), "{refused}");
    assert_eq!(refused.kind, Kind::Barred);
    for (path, url, is_trusted) in [
        (&one, &url, true),
        (&one, &other_url, false),
        (&both, &url, true),
        (&both, &other_url, true),
    ] {
        let server = reached(&[attempts, ("HULY_VIBE_SYNC_HTTP_CA_FILE", path)], Host::Vibe, url);
        for _ in 0..2 {
            assert_eq!(server.ask(&get()).is_ok(), is_trusted, "{path} {url}");
        }
    }
}

#[test]
fn a_server_that_speaks_no_tls_is_a_matter_of_setup_and_asked_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut hello = [0; 64];
            let _ = stream.read(&mut hello);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
            // Closed with what was not read the answer might be lost on the way.
            let _ = io::copy(&mut stream, &mut io::sink());
        }
    });
    let http = Http::new(&settings(&[]).http, 1, Stop::new(None), Proxy::Off);
    let server = Server::new(&http, Host::Vibe, &url, Limits::default());
    for request in [get(), put(), post()] {
        let error = server.ask(&request).unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (Kind::Barred, false), "{error}");
    }
    assert_eq!(counts(&http).connections, 3);
}

#[test]
fn a_proxy_may_be_spoken_to_by_tls_and_finds_the_server_itself() {
    let (url, own) = private();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.pem");
    std::fs::write(&path, own).unwrap();
    let env = [
        ("HULY_VIBE_SYNC_HTTP_PROXY", url.as_str()),
        ("HULY_VIBE_SYNC_HTTP_CA_FILE", path.to_str().unwrap()),
    ];
    let http = Http::new(&settings(&env).http, 1, Stop::new(None), Proxy::Environment);
    let server = Server::new(&http, Host::Vibe, "http://vibe.invalid", Limits::default());
    for _ in 0..2 {
        assert_eq!(server.ask(&get()).unwrap().status, 200);
    }
    assert_eq!(counts(&http).connections, 1);
}
