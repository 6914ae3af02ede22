//! One line of text with its marks.

use super::super::Options;
use super::super::address;
use super::super::inline::{Image, Mark, Piece, What};
use super::code;
use super::escape::{self, Escape};
use super::marks::{delimiters, edges, flanks, is_emphasis};

/// How a line is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) escape: Escape,
    /// Emphasis as tags, which do not depend on what stands beside them.
    pub(super) tags: bool,
    /// No line breaks: a heading, a table cell.
    pub(super) joined: bool,
}

/// The line as Markdown.
pub(super) fn line(pieces: &[Piece], manner: Manner, options: &Options) -> String {
    let mut writer = Writer {
        pieces,
        manner,
        options,
        ends: ends(pieces),
        open: Vec::new(),
        out: String::new(),
    };
    for at in 0..pieces.len() {
        writer.piece(at);
    }
    writer.close_to(0);
    writer.out
}

struct Writer<'a> {
    pieces: &'a [Piece],
    manner: Manner,
    options: &'a Options,
    /// Of each mark of each piece, the last piece that it reaches.
    ends: Vec<Vec<usize>>,
    /// The open marks and what closes them.
    open: Vec<(&'a Mark, String)>,
    out: String,
}

fn ends(pieces: &[Piece]) -> Vec<Vec<usize>> {
    let mut ends: Vec<Vec<usize>> = vec![Vec::new(); pieces.len()];
    for at in (0..pieces.len()).rev() {
        let next = pieces.get(at + 1).map_or(&[][..], |next| &next.marks);
        let reach = |mark: &Mark| match next.iter().position(|other| other == mark) {
            Some(place) => ends[at + 1][place],
            None => at,
        };
        ends[at] = pieces[at].marks.iter().map(reach).collect();
    }
    ends
}

impl<'a> Writer<'a> {
    fn piece(&mut self, at: usize) {
        let piece = &self.pieces[at];
        let is_autolink = self.is_autolink(at);
        let wanted = |mark: &Mark| match mark {
            Mark::Code => self.manner.escape == Escape::References,
            Mark::Link(_) => !is_autolink,
            _ => true,
        };
        let keep = self
            .open
            .iter()
            .position(|(mark, _)| !piece.marks.contains(mark) || !wanted(mark))
            .unwrap_or(self.open.len());
        let mut new: Vec<(&'a Mark, usize)> = piece
            .marks
            .iter()
            .zip(self.ends[at].iter().copied())
            .filter(|(mark, _)| wanted(mark))
            .filter(|(mark, _)| !self.open[..keep].iter().any(|(open, _)| open == mark))
            .collect();
        // The one that reaches farthest is the outermost: so none has to be closed before its end.
        new.sort_by_key(|(mark, end)| (usize::MAX - end, mark.rank()));
        self.close_to(keep);
        for (place, (mark, end)) in new.iter().enumerate() {
            let inner: Vec<&Mark> = new[place + 1..].iter().map(|(mark, _)| *mark).collect();
            let tags = self.manner.tags || (is_emphasis(mark) && !self.flanks(at, *end, &inner));
            let (open, close) = delimiters(mark, tags, self.manner.escape);
            self.out.push_str(&open);
            self.open.push((mark, close));
        }
        self.content(piece, is_autolink);
    }

    fn close_to(&mut self, keep: usize) {
        while self.open.len() > keep {
            if let Some((_, close)) = self.open.pop() {
                self.out.push_str(&close);
            }
        }
    }

    /// Whether emphasis from here to there would be read as such.
    fn flanks(&self, at: usize, end: usize, inner: &[&Mark]) -> bool {
        let last = &self.pieces[end];
        let ending: Vec<&Mark> =
            inner.iter().copied().filter(|mark| last.marks.contains(mark)).collect();
        let after = self.pieces.get(end + 1).and_then(|next| {
            let new: Vec<&Mark> =
                next.marks.iter().filter(|mark| !last.marks.contains(mark)).collect();
            edges(next, &new).0
        });
        flanks(
            (self.out.chars().next_back(), edges(&self.pieces[at], inner).0),
            (edges(last, &ending).1, after),
        )
    }

    /// Whether a piece is an address that links to itself.
    fn is_autolink(&self, at: usize) -> bool {
        let piece = &self.pieces[at];
        let (What::Text(text), Some(link)) = (&piece.what, piece.link()) else { return false };
        let alone = |other: Option<&Piece>| other.and_then(Piece::link) != Some(link);
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        matches!(self.manner.escape, Escape::Nothing | Escape::Starts | Escape::Inline)
            && *text == link.href
            && link.title.is_none()
            && !piece.is_code()
            && alone(at.checked_sub(1).map(|before| &self.pieces[before]))
            && alone(self.pieces.get(at + 1))
            && scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
            && !text
                .contains(|letter: char| letter.is_whitespace() || letter == '<' || letter == '>')
    }

    fn content(&mut self, piece: &Piece, is_autolink: bool) {
        let Manner { escape, joined, .. } = self.manner;
        match &piece.what {
            What::Text(text) if is_autolink => {
                self.out.push('<');
                self.out.push_str(text);
                self.out.push('>');
            }
            What::Text(text) if piece.is_code() && escape != Escape::References => {
                self.out.push_str(&code::span(text));
            }
            What::Text(text) => escape::push(&mut self.out, text, escape),
            What::Break if joined || escape == Escape::References => self.out.push_str("<br>"),
            What::Break => self.out.push_str("\\\n"),
            What::Image(image) => self.image(image),
            What::Mention(mention) => {
                let address = address::of_mention(mention, self.options);
                if escape == Escape::References {
                    self.out.push_str(&format!("<a href={}>", escape::attribute(&address)));
                    escape::push_references(&mut self.out, &mention.label);
                    self.out.push_str("</a>");
                } else {
                    let mut text = String::from("[");
                    escape::push(&mut text, &mention.label, escape);
                    let address = escape::destination(&address, escape);
                    self.out.push_str(&format!("{text}]({address})"));
                }
            }
            What::Embed(src) => {
                let href = escape::attribute(src);
                self.out.push_str(&format!("<a href={href} data-type=\"embed\">"));
                // As the platform writes it: nothing in it is to become a link of its own.
                for letter in src.chars() {
                    match letter {
                        '/' => self.out.push_str("&#x2F;"),
                        '.' | ':' | ',' | '-' | '?' | '=' => self.out.push(letter),
                        _ => {
                            escape::push_references(&mut self.out, letter.encode_utf8(&mut [0; 4]))
                        }
                    }
                }
                self.out.push_str("</a>");
            }
            What::Comment(text) => self.out.push_str(&format!("<!--{text}-->")),
        }
    }

    fn image(&mut self, image: &Image) {
        let escape = self.manner.escape;
        let src = match &image.file {
            Some(file) => address::of_file(file, image, self.options),
            None => image.src.clone(),
        };
        let has_size = image.width.is_some() || image.height.is_some();
        if (has_size && image.file.is_none()) || escape == Escape::References {
            self.out.push_str("<img");
            let size = |value| if image.file.is_none() { value } else { None };
            for (name, value) in [
                ("width", size(image.width.as_deref())),
                ("height", size(image.height.as_deref())),
                ("src", Some(src.as_str())),
                ("alt", Some(image.alt.as_str()).filter(|alt| !alt.is_empty())),
                ("title", image.title.as_deref()),
            ] {
                if let Some(value) = value {
                    self.out.push_str(&format!(" {name}={}", escape::attribute(value)));
                }
            }
            self.out.push('>');
        } else {
            let mut alt = String::from("![");
            escape::push(&mut alt, &image.alt, escape);
            let title = escape::title(image.title.as_deref());
            self.out.push_str(&format!("{alt}]({}{title})", escape::destination(&src, escape)));
        }
    }
}
