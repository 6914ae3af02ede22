//! How far the walks over a text go: tests count it, since time proves nothing.

#[cfg(test)]
std::thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts bytes that are walked over; nothing outside of tests.
#[inline]
pub(super) fn walked(bytes: usize) {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + bytes as u64));
    #[cfg(not(test))]
    let _ = bytes;
}

/// What was counted in `work`.
#[cfg(test)]
pub(super) fn counted(work: impl FnOnce()) -> u64 {
    STEPS.with(|steps| steps.set(0));
    work();
    STEPS.with(std::cell::Cell::get)
}
