//! Which Huly this is, and whether stored values still mean what they did.

use anyhow::Result;

use super::input::Input;
use crate::http::{self, Kind};
use crate::huly;
use crate::store::{self, Store, meta};

/// Finds out which Huly this is. When it, or a setting that gives stored values their meaning, is
/// another than last time, everything is looked at again.
pub(super) fn detect(input: &Input, huly: &[huly::Project]) -> Result<()> {
    let Some(first) = huly.first() else { return Ok(()) };
    let get = |key| input.store.read(|state| meta::get(state, key));
    let (version, print) = (get(meta::HULY_VERSION)?, get(meta::FINGERPRINT)?);
    let direction = get(meta::DIRECTION)?;
    let verify = input.full || version.as_deref() == Some("first");
    let found = input.huly.detect(version.as_deref(), verify, &first.identifier)?;
    let hash = input.config.fingerprint();
    let now = format!("{found}{}", hash.hex());
    if print.as_deref() == Some(&now) {
        return Ok(());
    }
    let way = format!("{:?}", input.config.sync.direction);
    input.store.write(|state| {
        meta::set(state, meta::HULY_VERSION, &found)?;
        meta::set(state, meta::FINGERPRINT, &now)?;
        meta::set(state, meta::DIRECTION, &way)?;
        if print.is_some() {
            store::projects::read_all_again(state)?;
        }
        if direction.as_ref().is_some_and(|before| *before != way) {
            store::projects::release(state)?;
        }
        Ok(())
    })
}

/// Forgets which Huly it was, where a request that it should know was not understood: a bridge was set
/// back, and the next pass finds out.
pub(super) fn doubt(state: &Store, error: &anyhow::Error) {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<http::Error>()).map(|e| e.kind);
    if matches!(kind, Some(Kind::Protocol | Kind::Gone | Kind::Invalid))
        && let Err(error) = state.write(|state| meta::set(state, meta::HULY_VERSION, ""))
    {
        // The pass fails anyway, and says why.
        log::debug!("{error:#}");
    }
}
