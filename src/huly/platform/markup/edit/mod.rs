//! Writes that change only what was edited.

mod blocks;
mod items;
mod line;
mod table;

use serde_json::Value;

use self::blocks::Merge;
use super::{Error, Options, document, parse};

/// The document after its Markdown was edited: `before` is what [`to_markdown`](super::to_markdown)
/// gave for `original`, though line endings and white space at line ends may differ by now; `after`
/// is what somebody made of it.
///
/// Blocks whose Markdown is as it was keep their JSON to the letter: mentions, colours, files, the
/// ids of to-dos, nodes and marks that Markdown does not have. In lists and quotes that goes for
/// each item and block within. A list item, a list, or a block that was only changed keeps its
/// attributes, and in its line each word that stayed keeps its marks, each image, mention, file and
/// emoji its node. What was deleted is deleted; what was moved takes its JSON along.
///
/// # Errors
/// As the conversions have them.
pub fn edit(original: &str, before: &str, after: &str, options: &Options) -> Result<String, Error> {
    edit_marked(original, before, after, None, options)
}

/// The same, where the text ends with a marker's part: nodes of its own, whatever stands before it.
///
/// # Errors
/// As the conversions have them.
pub fn edit_marked(
    original: &str,
    before: &str,
    after: &str,
    marker_at: Option<usize>,
    options: &Options,
) -> Result<String, Error> {
    document::fits(before)?;
    document::fits(after)?;
    let mut document = document::read(original)?;
    let base = parse::blocks(before, options, 0)?;
    let edited = parse::marked(after, marker_at, options)?;
    if base == edited {
        return Ok(original.to_owned());
    }
    let merge = Merge { options };
    let content = merge.blocks(document::children(&document), &base, &edited, 0)?;
    document["content"] = Value::Array(content);
    let edited = document.to_string();
    document::fits_as_markup(&edited)?;
    Ok(edited)
}
