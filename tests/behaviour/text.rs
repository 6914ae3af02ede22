//! Text and environment.
