//! Nodes that are shown as one thing: images, mentions, files, and what is not known.

use std::rc::Rc;

use serde_json::Value;

use super::super::document::kind;
use super::super::inline::{Image, Link, Mark, Mention, Piece, What, add, single};
use super::super::{Options, address};

/// A text of the first of these attributes that has one.
fn first(node: &Value, names: &[&str]) -> Option<String> {
    let attrs = &node["attrs"];
    let value = |name: &&str| match &attrs[*name] {
        Value::String(value) => Some(single(value)).filter(|value| !value.is_empty()),
        Value::Number(value) => Some(value.to_string()),
        _ => None,
    };
    names.iter().find_map(value)
}

/// Text; in a link that is a mention's, that mention.
pub(super) fn text(node: &Value, mut marks: Vec<Mark>, options: &Options) -> Piece {
    let text = node["text"].as_str().unwrap_or("");
    let mention = marks.iter().find_map(|mark| match mark {
        Mark::Link(link) => address::mention(&link.href, options),
        _ => None,
    });
    match mention.filter(|_| !text.trim().is_empty()) {
        None => Piece::text(text, marks),
        Some(mention) => {
            marks.retain(|mark| !matches!(mark, Mark::Link(_) | Mark::Code));
            Piece { what: What::Mention(Box::new(mention.shown_as(text))), marks }
        }
    }
}

/// `None` where there is nothing that could be shown.
pub(super) fn image(node: &Value, options: &Options) -> Option<Image> {
    let read = Image {
        src: node["attrs"]["src"].as_str().unwrap_or("").to_owned(),
        alt: first(node, &["alt"]).unwrap_or_default(),
        title: first(node, &["title"]),
        file: first(node, &["file-id"]),
        width: first(node, &["width"]),
        height: first(node, &["height"]),
    };
    let mut image = read.tidy();
    if let Some(file) = image.file.take() {
        let mut src = address::of_file(&file, &image, options);
        let read = address::image(&src, options);
        if read.file.is_some() {
            return Some(Image { alt: image.alt, title: image.title, ..read }.tidy());
        }
        // No address of Huly's files is known: then its own is as good.
        if !image.src.is_empty() {
            src.clone_from(&image.src);
        }
        image = Image { src, width: None, height: None, ..image };
    }
    let known = address::image(&image.src, options);
    if known.file.is_some() {
        image = Image { alt: image.alt, title: image.title, ..known };
    }
    (!image.src.is_empty()).then_some(image)
}

/// A mention, or only its label where it does not say of whom. Some are stored with a text in them,
/// which counts more than the label: the platform's own Markdown parser writes them so.
pub(super) fn reference(node: &Value, text: &str, options: &Options) -> What {
    let mention = Mention {
        id: first(node, &["id"]).unwrap_or_default(),
        class: first(node, &["objectclass"]).unwrap_or_default(),
        label: first(node, &["label"]).unwrap_or_default(),
    };
    let mention = mention.shown_as(text);
    let is_one = !mention.id.is_empty() && !mention.class.is_empty() && !mention.label.is_empty();
    if is_one && !options.ref_url.is_empty() {
        What::Mention(Box::new(mention))
    } else if mention.label.is_empty() {
        What::Text(placeholder(node))
    } else {
        What::Text(mention.label)
    }
}

pub(super) fn emoji(node: &Value) -> String {
    first(node, &["emoji", "name", "label"]).unwrap_or_else(|| placeholder(node))
}

pub(super) fn embed(node: &Value) -> What {
    first(node, &["src"]).map_or_else(|| What::Text(placeholder(node)), What::Embed)
}

/// A file is shown as a link to it. Read back it stays a link: its size and type are not in it.
pub(super) fn file(node: &Value, mut marks: Vec<Mark>, options: &Options) -> Piece {
    let id = first(node, &["file-id"]);
    let name = first(node, &["data-file-name", "file-name", "name", "title"]);
    let name = name.or_else(|| id.clone()).unwrap_or_else(|| placeholder(node));
    let href = match id {
        Some(id) if !options.image_url.is_empty() => {
            Some(address::of_file(&id, &Image::default(), options))
        }
        _ => first(node, &["data-file-href", "href", "src"]),
    };
    if let Some(href) = href {
        add(&mut marks, Mark::Link(Rc::new(Link::new(&href, None))));
    }
    Piece::text(name, marks)
}

/// What stands for a node that Markdown does not have: `[drawingBoard]`. It is plain text, which
/// any editor keeps; while it is there, so is the node.
pub(super) fn placeholder(node: &Value) -> String {
    let kind = single(kind(node));
    match first(node, &["label", "title", "name", "alt", "src", "href"]) {
        Some(name) => format!("[{kind}: {name}]"),
        None => format!("[{kind}]"),
    }
}
