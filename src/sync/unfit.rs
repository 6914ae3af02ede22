//! Values that a side cannot take as they are: known before anything is sent, and true for as long as
//! they stay. They are reported once and hold nothing else back.

use std::borrow::Cow;

use crate::model::Side;

use super::outgoing::Sent;

/// No database of Huly's stores it.
const NUL: char = '\0';

/// What could not be sent as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Unfit {
    /// The title says nothing, and is not sent.
    pub(super) title: bool,
    /// The text has so many bytes, which is too many, and is not sent.
    pub(super) text: Option<usize>,
    /// NUL characters were left out.
    pub(super) nul: bool,
}

impl Unfit {
    /// Whether all fields go.
    pub(super) fn goes_whole(self) -> bool {
        !self.title && self.text.is_none()
    }

    /// Why not; `limit` is the largest request in bytes.
    pub(super) fn message(self, target: Side, limit: usize) -> String {
        let title = self.title.then(|| format!("an empty title cannot go to {target}"));
        let text = self.text.map(|size| {
            format!("the description is too large for {target}: {size} bytes (limit {limit})")
        });
        title.into_iter().chain(text).collect::<Vec<_>>().join("; ")
    }
}

/// Leaves out of what is sent to a side what it cannot take.
pub(super) fn fit(sent: &mut Sent, target: Side, is_too_large: impl FnOnce(&str) -> bool) -> Unfit {
    let mut unfit = Unfit::default();
    if target == Side::Huly {
        for value in [&mut sent.title, &mut sent.text].into_iter().flatten() {
            if let Cow::Owned(without) = without_nul(value) {
                (*value, unfit.nul) = (without, true);
            }
        }
    }
    unfit.title = sent.title.take_if(|title| is_blank_title(title)).is_some();
    unfit.text = sent.text.take_if(|text| is_too_large(text)).map(|text| text.len());
    unfit
}

/// Whether a title says nothing.
pub(super) fn is_blank_title(title: &str) -> bool {
    title.trim().is_empty()
}

/// A text as Huly can store it.
pub(super) fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains(NUL) {
        true => Cow::Owned(text.replace(NUL, "")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(title: &str, text: &str) -> Sent {
        let status = Some("Done".to_owned());
        Sent { title: Some(title.to_owned()), status, text: Some(text.to_owned()) }
    }

    #[test]
    fn what_cannot_be_taken_is_left_out_and_the_rest_goes() {
        let mut all = sent(" ", "long");
        let unfit = fit(&mut all, Side::Huly, |text| text.len() > 3);
        assert_eq!(unfit, Unfit { title: true, text: Some(4), nul: false });
        let status = Some("Done".to_owned());
        assert_eq!(all, Sent { status, ..Sent::default() });
        assert!(!unfit.goes_whole());
        let told = unfit.message(Side::Huly, 3);
        let title = "an empty title cannot go to huly; ";
        assert_eq!(
            told,
            format!("{title}the description is too large for huly: 4 bytes (limit 3)")
        );
    }

    #[test]
    fn a_nul_is_left_out_where_none_can_be_stored() {
        for (side, title, text) in [(Side::Huly, "ab", "cd"), (Side::Vibe, "a\0b", "c\0d")] {
            let mut both = sent("a\0b", "c\0d");
            let unfit = fit(&mut both, side, |_| false);
            assert_eq!(both, sent(title, text));
            assert_eq!((unfit.nul, unfit.goes_whole()), (side == Side::Huly, true));
        }
        assert!(fit(&mut sent("\0", ""), Side::Huly, |_| false).title, "nothing is left of it");
    }
}
