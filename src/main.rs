//! The command `huly-vibe-sync`: arguments in, exit code out.
fn main() {}
