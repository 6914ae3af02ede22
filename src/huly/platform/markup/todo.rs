//! The boxes of to-dos, and their ids.

use super::block::{Block, Verbatim};
use super::inline::{Piece, What};
use super::tidy;

/// Whether an item's first line begins with a checkbox, and whether that is ticked. It must do so
/// in the source: `\[ ]` is text. An empty to-do is one too; to the platform it is the text `[ ]`.
pub(super) fn checkbox(source: &str, pieces: &[Piece]) -> Option<bool> {
    let Some(Piece { what: What::Text(text), marks }) = pieces.first() else { return None };
    let boxed = text.strip_prefix(['[']).filter(|_| marks.is_empty() && source.starts_with('['))?;
    let tick = boxed.chars().next()?;
    let checked = match tick {
        ' ' | '\u{a0}' => false,
        'x' | 'X' => true,
        _ => return None,
    };
    let rest = boxed[tick.len_utf8()..].strip_prefix(']')?;
    let is_all = rest.is_empty() && pieces.len() == 1;
    (is_all || rest.starts_with([' ', '\u{a0}'])).then_some(checked)
}

/// Takes the box off, and the space after it.
pub(super) fn cut_checkbox(pieces: &mut [Piece]) {
    if let Some(Piece { what: What::Text(text), .. }) = pieces.first_mut() {
        let end = text.char_indices().nth(3).map_or(text.len(), |(at, _)| at);
        text.replace_range(..end, "");
        let spaces = text.len() - text.trim_start_matches([' ', '\t', '\u{a0}']).len();
        text.replace_range(..spaces, "");
    }
}

/// Takes out ` todoid=…,userid=… `, the comment in which the platform writes a to-do's ids.
pub(super) fn cut_ids(pieces: &mut Vec<Piece>) -> Option<(String, String)> {
    let at = pieces.iter().position(|piece| piece.what != What::Text(String::new()))?;
    let What::Comment(text) = &pieces[at].what else { return None };
    let ids = ids(text)?;
    pieces.remove(at);
    Some(ids)
}

/// The same, of an item that was not read from Markdown.
pub(super) fn cut_ids_of_item(blocks: &mut Vec<Block>) -> Option<(String, String)> {
    let ids = match blocks.first_mut()? {
        Block::Paragraph(line) => {
            let ids = cut_ids(line)?;
            *line = tidy::paragraphs(std::mem::take(line)).pop()?;
            return Some(ids);
        }
        Block::Comment(Verbatim(text)) => ids(text)?,
        _ => return None,
    };
    blocks.remove(0);
    Some(ids)
}

fn ids(comment: &str) -> Option<(String, String)> {
    let (todo, user) = comment.trim().strip_prefix("todoid=")?.split_once(",userid=")?;
    Some((todo.to_owned(), user.to_owned()))
}
