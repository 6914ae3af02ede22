//! What speaks TLS in front of a server that does not.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A running front; its threads end with the process.
pub struct Tls {
    /// `https://localhost:PORT`
    pub url: String,
    /// The certificate that has to be trusted, as PEM.
    pub certificate: String,
}

impl Tls {
    /// Passes requests on to the server at this `http://` address.
    pub fn before(server: &str) -> Tls {
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key =
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signed.signing_key.serialize_der()));
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
        let server = server.trim_start_matches("http://").to_owned();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, server) = (config.clone(), server.clone());
                thread::spawn(move || {
                    let connection = ServerConnection::new(config).unwrap();
                    // A client that goes away ends it.
                    let _ = pass_on(StreamOwned::new(connection, stream), &server);
                });
            }
        });
        Tls { url, certificate: signed.cert.pem() }
    }
}

fn pass_on(client: impl Read + Write, server: &str) -> io::Result<()> {
    let mut client = BufReader::new(client);
    while let Some(request) = message(&mut client)? {
        let mut server = BufReader::new(TcpStream::connect(server)?);
        server.get_mut().write_all(&request)?;
        let answer = message(&mut server)?.unwrap_or_default();
        client.get_mut().write_all(&answer)?;
        client.get_mut().flush()?;
    }
    Ok(())
}

/// A request or an answer as it came, its body by its length; none when the other side is done.
fn message(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if from.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    let begun = head.len();
    head.resize(begun + length, 0);
    from.read_exact(&mut head[begun..])?;
    Ok(Some(head))
}
