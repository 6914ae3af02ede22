//! Killed after each request, the next passes make it good.
