//! Which Huly this is, and whether stored values still mean what they did.

use anyhow::Result;

use super::input::Input;
use crate::huly;
use crate::store::{self, meta};

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
