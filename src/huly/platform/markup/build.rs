//! Blocks into markup, as the platform's own parser makes it.

use serde_json::{Map, Value, json};

use super::block::{Block, Item, Kind, Line, List};
use super::inline::{Image, Mark, Marker, Piece, What};
use super::{Error, LARGEST, Options, address, document};

/// A whole document, as JSON.
pub(super) fn document(blocks: &[Block], options: &Options) -> Result<String, Error> {
    let mut builder = Builder { options, json: String::new() };
    builder.node("doc", None, |builder| builder.blocks(blocks));
    let json = builder.finish()?;
    // What is written can be read back.
    document::fits_as_markup(&json)?;
    Ok(json)
}

/// One block's node.
pub(super) fn block(block: &Block, options: &Options) -> Result<Value, Error> {
    let mut builder = Builder { options, json: String::new() };
    builder.block(block);
    parsed(&builder.finish()?)
}

/// What an item or a quote begins with that would be deleted otherwise.
pub(super) fn empty_paragraph() -> Value {
    json!({ "type": "paragraph" })
}

/// The node of one piece of a line.
pub(super) fn piece(piece: &Piece, options: &Options) -> Result<Value, Error> {
    let mut builder = Builder { options, json: String::new() };
    builder.piece(piece);
    parsed(&builder.finish()?)
}

/// One item's node.
pub(super) fn item(item: &Item, kind: Kind, options: &Options) -> Result<Value, Error> {
    let mut builder = Builder { options, json: String::new() };
    builder.item(item, kind);
    parsed(&builder.finish()?)
}

fn parsed(json: &str) -> Result<Value, Error> {
    serde_json::from_str(json).map_err(|error| Error::NoDocument(error.to_string()))
}

/// What Markdown says of an item: its attributes.
pub(super) fn item_attrs(item: &Item) -> Map<String, Value> {
    let mut attrs = Map::new();
    attrs.insert("checked".to_owned(), item.checked.into());
    if let Some((todo, user)) = &item.ids {
        attrs.insert("todoid".to_owned(), todo.as_str().into());
        attrs.insert("userid".to_owned(), user.as_str().into());
    }
    attrs
}

/// What Markdown says of a list: its attributes.
pub(super) fn list_attrs(list: &List) -> Map<String, Value> {
    let (name, value) = match (list.kind, list.start) {
        // The platform has a text where it did not read a number.
        (Kind::Ordered, 1) => ("order", json!("1")),
        (Kind::Ordered, start) => ("order", json!(start)),
        _ => ("bullet", json!(list.bullet.to_string())),
    };
    Map::from_iter([(name.to_owned(), value)])
}

/// Writes JSON, and stops soon after it has become too large: every piece of a link repeats its
/// address, so a long one over many pieces would grow with the square of the text.
struct Builder<'a> {
    options: &'a Options,
    json: String,
}

impl Builder<'_> {
    fn finish(self) -> Result<String, Error> {
        if self.is_full() { Err(Error::TooLarge(LARGEST)) } else { Ok(self.json) }
    }

    fn is_full(&self) -> bool {
        self.json.len() > LARGEST
    }

    /// The comma before an element that is not the first.
    fn next(&mut self) {
        if !self.json.is_empty() && !self.json.ends_with('[') {
            self.json.push(',');
        }
    }

    /// A string with its quotes.
    fn string(&mut self, text: &str) {
        // A string can always be written.
        self.json.push_str(&serde_json::to_string(text).unwrap_or_default());
    }

    /// A node around what `content` writes.
    fn node(&mut self, kind: &str, attrs: Option<Value>, content: impl FnOnce(&mut Self)) {
        self.next();
        self.json.push_str("{\"type\":\"");
        self.json.push_str(kind);
        self.json.push('"');
        if let Some(attrs) = attrs {
            self.json.push_str(",\"attrs\":");
            self.json.push_str(&attrs.to_string());
        }
        self.json.push_str(",\"content\":[");
        content(self);
        self.json.push_str("]}");
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            if self.is_full() {
                return;
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(line) => self.node("paragraph", None, |builder| builder.line(line)),
            Block::Heading { level, underlined, line } => {
                let marker = match (underlined, level) {
                    (true, 1) => "=".to_owned(),
                    (true, _) => "-".to_owned(),
                    (false, level) => "#".repeat(usize::from(*level)),
                };
                let attrs = json!({ "level": level, "marker": marker });
                self.node("heading", Some(attrs), |builder| builder.line(line));
            }
            Block::Quote(blocks) => self.node("blockquote", None, |builder| {
                if blocks.is_empty() {
                    builder.empty_paragraph();
                }
                builder.blocks(blocks);
            }),
            Block::Rule => {
                self.next();
                self.json.push_str("{\"type\":\"horizontalRule\"}");
            }
            Block::Code { language, text } => {
                let kind = if language == "mermaid" { "mermaid" } else { "codeBlock" };
                let attrs = json!({ "language": language });
                self.node(kind, Some(attrs), |builder| builder.text(&text.0));
            }
            Block::List(list) => {
                let kind = match list.kind {
                    Kind::Bullet => "bulletList",
                    Kind::Todo => "todoList",
                    Kind::Ordered => "orderedList",
                };
                self.node(kind, Some(list_attrs(list).into()), |builder| {
                    for item in &list.items {
                        if builder.is_full() {
                            return;
                        }
                        builder.item(item, list.kind);
                    }
                });
            }
            Block::Table(rows) => self.node("table", None, |builder| {
                for (number, row) in rows.iter().enumerate() {
                    builder.row(row, number == 0);
                }
            }),
            Block::Comment(text) => self.node("comment", None, |builder| builder.text(&text.0)),
        }
    }

    fn empty_paragraph(&mut self) {
        self.node("paragraph", None, |_| {});
    }

    fn item(&mut self, item: &Item, kind: Kind) {
        let (kind, attrs) = match kind {
            Kind::Todo => ("todoItem", Some(item_attrs(item).into())),
            Kind::Bullet | Kind::Ordered => ("listItem", None),
        };
        self.node(kind, attrs, |builder| {
            // The editor deletes an item that begins with anything else.
            if !matches!(item.blocks.first(), Some(Block::Paragraph(_))) {
                builder.empty_paragraph();
            }
            builder.blocks(&item.blocks);
        });
    }

    fn row(&mut self, row: &[Line], is_header: bool) {
        let kind = if is_header { "tableHeader" } else { "tableCell" };
        self.node("tableRow", None, |builder| {
            for line in row {
                if builder.is_full() {
                    return;
                }
                let attrs = json!({ "colspan": 1, "rowspan": 1 });
                builder.node(kind, Some(attrs), |builder| {
                    builder.node("paragraph", None, |builder| builder.line(line));
                });
            }
        });
    }

    fn line(&mut self, line: &[Piece]) {
        for piece in line {
            if self.is_full() {
                return;
            }
            self.next();
            self.piece(piece);
        }
    }

    /// A text node without marks; none of no text.
    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.next();
            self.json.push_str("{\"type\":\"text\",\"text\":");
            self.string(text);
            self.json.push('}');
        }
    }

    fn piece(&mut self, piece: &Piece) {
        let (kind, attrs, content) = match &piece.what {
            What::Text(_) => ("text", None, ""),
            What::Break => ("hardBreak", None, ""),
            What::Image(image) => ("image", Some(self.image(image).into()), ""),
            What::Embed(src) => ("embed", Some(json!({ "src": src })), ""),
            What::Comment(text) => ("comment", None, text.as_str()),
            What::Mention(mention) => {
                let attrs = json!({
                    "id": mention.id, "objectclass": mention.class, "label": mention.label
                });
                ("reference", Some(attrs), "")
            }
        };
        self.json.push_str("{\"type\":\"");
        self.json.push_str(kind);
        self.json.push('"');
        if let Some(attrs) = attrs {
            self.json.push_str(",\"attrs\":");
            self.json.push_str(&attrs.to_string());
        }
        if let What::Text(text) = &piece.what {
            self.json.push_str(",\"text\":");
            self.string(text);
        }
        if !content.is_empty() {
            self.json.push_str(",\"content\":[");
            self.text(content);
            self.json.push(']');
        }
        if matches!(piece.what, What::Text(_)) && !piece.marks.is_empty() {
            self.json.push_str(",\"marks\":[");
            for mark in &piece.marks {
                self.next();
                self.mark(mark);
            }
            self.json.push(']');
        }
        self.json.push('}');
    }

    fn image(&self, image: &Image) -> Map<String, Value> {
        let mut attrs = Map::new();
        let mut set = |name: &str, value: Value| attrs.insert(name.to_owned(), value);
        set("alt", image.alt.as_str().into());
        if let Some(title) = &image.title {
            set("title", title.as_str().into());
        }
        match &image.file {
            Some(file) => {
                set("src", address::of_file(file, image, self.options).into());
                set("data-type", "image".into());
                set("file-id", file.as_str().into());
            }
            None => drop(set("src", image.src.as_str().into())),
        }
        for (name, value) in [("width", &image.width), ("height", &image.height)] {
            let Some(value) = value else { continue };
            // In an address it is text to the platform, in a tag it is a number.
            match value.parse::<u64>() {
                Ok(number) if image.file.is_none() => set(name, number.into()),
                _ => set(name, value.as_str().into()),
            };
        }
        attrs
    }

    fn mark(&mut self, mark: &Mark) {
        let (kind, name, value) = match mark {
            Mark::Bold(Marker::Star) => ("bold", "marker", "**"),
            Mark::Bold(Marker::Underscore) => ("bold", "marker", "__"),
            Mark::Italic(Marker::Star) => ("italic", "marker", "*"),
            Mark::Italic(Marker::Underscore) => ("italic", "marker", "_"),
            Mark::Strike => ("strike", "", ""),
            Mark::Underline => ("underline", "", ""),
            Mark::Code => ("code", "", ""),
            Mark::Color(color) => ("textColor", "color", &**color),
            Mark::Highlight(None) => ("highlight", "", ""),
            Mark::Highlight(Some(color)) => ("highlight", "color", &**color),
            Mark::Link(link) => ("link", "href", link.href.as_str()),
            Mark::Style(_) => ("textStyle", "", ""),
        };
        self.json.push_str("{\"type\":\"");
        self.json.push_str(kind);
        self.json.push_str("\",\"attrs\":{");
        if !name.is_empty() {
            self.attr(name, value);
        }
        match mark {
            Mark::Style(style) => style.iter().for_each(|(name, value)| self.attr(name, value)),
            Mark::Link(link) => link.title.iter().for_each(|title| self.attr("title", title)),
            _ => {}
        }
        self.json.push_str("}}");
    }

    fn attr(&mut self, name: &str, value: &str) {
        if !self.json.ends_with('{') {
            self.json.push(',');
        }
        self.string(name);
        self.json.push(':');
        self.string(value);
    }
}
