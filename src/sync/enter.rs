//! Gets into Huly, and knocks no second time where it was sent away: so many wrong passwords lock an
//! account, and cron would have tried as many within the half hour.

use anyhow::Result;

use super::input::Input;
use crate::http::{Error, Host, Kind};
use crate::model::{Hash, Millis};
use crate::report;
use crate::store::meta;

/// The same e-mail address and password are tried so often: a lock may have been lifted.
const REST_MS: Millis = 24 * 60 * 60 * 1000;

/// # Errors
/// As any read; or what was refused before is not tried.
pub(super) fn enter(input: &Input) -> Result<()> {
    let Some(login) = input.config.huly.login() else { return Ok(input.huly.probe()?) };
    let known = input.store.read(|state| meta::get(state, meta::REFUSED_LOGIN))?;
    let known = known.filter(|known| !known.is_empty());
    if let Some(at) = known.as_deref().and_then(|known| refused_at(known, login))
        && (input.now - at).abs() < REST_MS
        && !input.full
    {
        let message = format!(
            "e-mail and password were refused at {} and are not tried again before a day has passed, \
             since five wrong ones lock the account: correct them, look with `check`, or run `sync \
             --full`",
            report::time(at)
        );
        return Err(Error::new(Kind::Auth, Host::Huly, "login", message).into());
    }
    let entered = input.huly.probe();
    let note = match &entered {
        Ok(()) if known.is_some() => Some(String::new()),
        Err(_) if input.huly.refuses_login() => Some(format!("{} {}", login.hex(), input.now)),
        _ => None,
    };
    if let Some(note) = note {
        input.store.write(|state| meta::set(state, meta::REFUSED_LOGIN, &note))?;
    }
    Ok(entered?)
}

/// When this login was refused.
fn refused_at(known: &str, login: Hash) -> Option<Millis> {
    let (hash, at) = known.split_once(' ')?;
    at.parse().ok().filter(|_| hash == login.hex())
}
