//! What an invocation did: one value with two faces, for people and for programs.

mod complaint;
mod counts;
mod ops;
mod pass;
mod plan;
mod print;
mod project;
mod restored;
mod text;
mod traffic;

pub use complaint::Complaint;
pub use counts::{Blocks, Both, Counts};
pub use ops::{Ops, OpsSpool};
pub use pass::Pass;
pub use plan::{Op, OpName};
pub use print::{complain, print, print_answer, print_display, print_failure, print_styled};
pub use project::{Mode, Outcome, Project};
pub use restored::Restored;
pub use text::{brief, bytes, is_steering, one_line, printable, quoted, time};
pub use traffic::{Http, Traffic};
