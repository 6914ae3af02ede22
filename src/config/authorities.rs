//! Certificates of private authorities, beside those that are built in.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::read_file::read_settings_file;
use super::{Config, Problem};

/// What `http.ca_file` holds: the file is read now, so that a wrong one stops the run.
pub(super) fn settle(config: &mut Config) -> Option<Problem> {
    let path = config.http.ca_file.as_deref()?;
    match read(path) {
        Ok(authorities) => {
            config.http.authorities = authorities;
            None
        }
        Err(what) => {
            let key = "http.ca_file".to_owned();
            let origin = config.origin(&key).clone();
            Some(Problem { key, origin, what })
        }
    }
}

/// The certificates of a PEM file; other things in it are passed over.
fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let shown = path.display();
    let pem = read_settings_file(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| format!("{shown} is broken PEM"))?;
    if found.is_empty() {
        return Err(format!("{shown} holds no certificate: PEM is wanted"));
    }
    for (index, certificate) in found.iter().enumerate() {
        RootCertStore::empty()
            .add(certificate.clone())
            .map_err(|error| format!("certificate {} of {shown} is none: {error}", index + 1))?;
    }
    Ok(found)
}
