//! A fault of this program itself, contained: what was being done fails and is reported, the rest
//! goes on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does some work; a panic in it becomes an error that says what it was.
///
/// What the work was changing may be left half done: the caller must not go on with it. Locks of
/// this program may be poisoned, and are taken all the same.
///
/// # Errors
/// The work panicked.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|payload| format!("internal error, please report it: {}", words(payload.as_ref())))
}

/// What a panic said.
fn words(payload: &(dyn Any + Send)) -> &str {
    let formatted = payload.downcast_ref::<String>().map(String::as_str);
    formatted.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no reason was given")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_words() {
        assert_eq!(contain(|| 7), Ok(7));
        let number = 7;
        for error in [contain::<()>(|| panic!("no 7")), contain(|| panic!("no {number}"))] {
            assert_eq!(error.unwrap_err(), "internal error, please report it: no 7");
        }
        let odd = contain(|| std::panic::panic_any(7)).unwrap_err();
        assert!(odd.ends_with("no reason was given"), "{odd}");
    }
}
