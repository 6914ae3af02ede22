//! Links that mean something to Huly: mentions and files.

use super::Options;
use super::inline::{self, Image, Mention};

/// The link of a mention, as the platform writes it.
pub(super) fn of_mention(mention: &Mention, options: &Options) -> String {
    let joint = if options.ref_url.contains('?') { '&' } else { '?' };
    format!(
        "{}{joint}_class={}&_id={}&label={}",
        options.ref_url,
        encode(&mention.class),
        encode(&mention.id),
        encode(&mention.label)
    )
}

/// The mention that a link stands for.
pub(super) fn mention(href: &str, options: &Options) -> Option<Mention> {
    if options.ref_url.is_empty() {
        return None;
    }
    let href = inline::address(href);
    let query = href.strip_prefix(&options.ref_url)?.trim_start_matches(['?', '&']);
    let mut mention = Mention::default();
    for (name, value) in pairs(query) {
        match name {
            "_class" => mention.class = decode(value)?,
            "_id" => mention.id = decode(value)?,
            "label" => mention.label = decode(value)?,
            // Of no use to a mention: then it is a link that somebody made.
            _ => return None,
        }
    }
    (!mention.class.is_empty() && !mention.id.is_empty()).then_some(mention)
}

/// The address of an image that is a file of Huly's.
pub(super) fn of_file(file: &str, image: &Image, options: &Options) -> String {
    let mut address = format!("{}{}", options.image_url, encode(file));
    for (name, value) in [("width", &image.width), ("height", &image.height)] {
        if let Some(value) = value {
            address.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    address
}

/// An image by its address; a file of Huly's where it is one.
pub(super) fn image(src: &str, options: &Options) -> Image {
    let src = inline::address(src);
    let plain = Image { src: src.clone(), ..Image::default() };
    if options.image_url.is_empty() || !src.starts_with(&options.image_url) {
        return plain;
    }
    let query = &src[src.find('?').map_or(src.len(), |at| at + 1)..];
    let mut image = plain.clone();
    for (name, value) in pairs(query) {
        let Some(value) = decode(value) else { return plain };
        match name {
            "file" if !value.is_empty() => image.file = Some(value),
            "width" => image.width = Some(value),
            "height" => image.height = Some(value),
            _ => {}
        }
    }
    match &image.file {
        Some(file) if of_file(file, &image, options) == src => image,
        _ => plain,
    }
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// As `encodeURIComponent` does.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// `None` where it is no encoded text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mention_comes_back_from_its_link() {
        for ref_url in ["ref://", "https://huly.example/browse?workspace=W"] {
            let options = Options { ref_url: ref_url.to_owned(), ..Options::default() };
            let one = Mention {
                id: "6f".into(),
                class: "contact:class:Person".into(),
                label: "Ольга & (Co)".into(),
            };
            assert_eq!(mention(&of_mention(&one, &options), &options), Some(one));
            assert_eq!(mention(ref_url, &options), None);
            assert_eq!(mention(&format!("{ref_url}&_id=%"), &options), None);
        }
    }

    #[test]
    fn only_an_address_that_can_be_written_anew_is_a_file() {
        let options = Options { image_url: "https://h/f?w=W&file=".into(), ..Options::default() };
        assert_eq!(image("https://h/f?w=W&file=A&width=3", &options).file.as_deref(), Some("A"));
        assert_eq!(image("https://h/f?w=W&file=A&token=3", &options).file, None);
        assert_eq!(image("https://h/f?w=W&file=", &options).file, None);
        assert_eq!(image("https://elsewhere/f", &options).file, None);
    }
}
