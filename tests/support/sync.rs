//! A mutex that does not mind a panicking test.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A mutex whose poison is ignored: one failed assertion should not hide behind a hundred others.
pub struct Guarded<T>(Mutex<T>);

impl<T> Guarded<T> {
    /// Guards `value`.
    pub fn new(value: T) -> Guarded<T> {
        Guarded(Mutex::new(value))
    }

    /// Waits for the value.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
