//! Whether a text that is shown is the one that was given, or somebody's edit of it.

use super::super::block::{Block, Item};
use super::super::inline::{Mark, Piece, What};
use super::super::{Options, parse};
use super::source::Source;
use super::{Rendering, rough};

/// What is shown of a text that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// All of it, in whatever spelling.
    AsGiven,
    /// All of its words, in blocks or marks that are not its own.
    Reshaped,
    /// Parts of it, and nothing else.
    InPart,
    /// Something else: somebody has edited it.
    Otherwise,
}

/// Compares what is shown with what was given. A bridge rewrites Markdown in ways of its own: there the
/// words tell, and where the links lead.
#[must_use]
pub fn compare(given: &str, shown: &str, rendering: Rendering) -> Shown {
    let options = Options::default();
    let (Ok(source), Ok(after)) =
        (Source::read(given, &options), parse::blocks(shown, &options, 0))
    else {
        return Shown::Otherwise;
    };
    if source.blocks == after {
        return Shown::AsGiven;
    }
    let is_bridge = rendering != Rendering::Own;
    if is_bridge && rough::blocks(&source, given, &options).is_some_and(|rough| rough == after) {
        return Shown::AsGiven;
    }
    let (before, after) = (Said::by(&source.blocks), Said::by(&after));
    if !after.links.iter().all(|link| before.links.contains(link) || given.contains(*link)) {
        return Shown::Otherwise;
    }
    let is_less =
        after.letters.len() < before.letters.len() || after.links.len() < before.links.len();
    if is_bridge && after.letters == before.letters {
        return Shown::Reshaped;
    }
    if is_less && is_part(&after.letters, &before.letters) {
        Shown::InPart
    } else {
        Shown::Otherwise
    }
}

fn is_part(part: &str, whole: &str) -> bool {
    let mut whole = whole.chars();
    part.chars().all(|letter| whole.any(|other| other == letter))
}

/// What blocks say, apart from how.
#[derive(Default)]
struct Said<'a> {
    /// Letters and digits in order, the ticks of to-dos among them; the numbers of lists are none.
    letters: String,
    /// Where links and images lead.
    links: Vec<&'a str>,
}

impl<'a> Said<'a> {
    fn by(blocks: &'a [Block]) -> Self {
        let mut said = Self::default();
        said.blocks(blocks);
        said.links.sort_unstable();
        said.links.dedup();
        said
    }

    fn blocks(&mut self, blocks: &'a [Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(line) | Block::Heading { line, .. } => self.line(line),
                Block::Quote(blocks) => self.blocks(blocks),
                Block::Rule => {}
                Block::Code { language, text } => {
                    self.text(language);
                    self.text(&text.0);
                }
                Block::List(list) => list.items.iter().for_each(|item| self.item(item)),
                Block::Table(rows) => rows.iter().flatten().for_each(|line| self.line(line)),
                Block::Comment(text) => self.text(&text.0),
            }
        }
    }

    fn item(&mut self, item: &'a Item) {
        if item.checked {
            self.text("x");
        }
        self.blocks(&item.blocks);
    }

    fn line(&mut self, line: &'a [Piece]) {
        for piece in line {
            match &piece.what {
                What::Text(text) | What::Comment(text) => self.text(text),
                What::Break => {}
                What::Image(image) => {
                    self.text(&image.alt);
                    self.links.push(&image.src);
                }
                What::Mention(mention) => self.text(&mention.label),
                What::Embed(address) => self.links.push(address),
            }
            for mark in &piece.marks {
                if let Mark::Link(link) = mark {
                    self.links.push(&link.href);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.letters.extend(text.chars().filter(|letter| letter.is_alphanumeric()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRIDGE: Rendering = Rendering::Bridge { loose: false };

    #[test]
    fn another_spelling_is_no_edit() {
        for (given, shown) in [
            ("1. a\n1. b\n1. c", "1. a\n2. b\n3. c"),
            ("- [X] a", "- [x] a"),
            ("<a href=\"https://e.org/x\">link</a>", "[link](https://e.org/x)"),
            ("See [docs][d].\n\n[d]: https://e.org", "See [docs](https://e.org)."),
            ("Mail <a@e.org>", "Mail [a@e.org](mailto:a@e.org)"),
            ("3. a\n4. b\n\n0. c", "3. a\n4. b\n5. c"),
            ("| a |\n|--:|\n| 1 |", "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"),
        ] {
            for rendering in [Rendering::Own, BRIDGE] {
                assert_eq!(compare(given, shown, rendering), Shown::AsGiven, "{given:?} {shown:?}");
            }
        }
    }

    #[test]
    fn what_a_bridge_drops_is_no_edit() {
        for (given, shown) in [
            ("<b>bold</b> H<sub>2</sub>O", "bold H2O"),
            ("5 \\* 6 \\# 7", "5 * 6 # 7"),
            ("1\\. a", "1. a"),
        ] {
            assert_eq!(compare(given, shown, BRIDGE), Shown::AsGiven, "{given:?}");
        }
    }

    #[test]
    fn words_in_other_blocks_are_no_edit_over_a_bridge() {
        for (given, shown) in
            [("hosts:\n    - a", "hosts:\n\n- a"), ("**a** b", "a b"), ("1. e\n2) f", "1. e\n2. f")]
        {
            assert_eq!(compare(given, shown, BRIDGE), Shown::Reshaped, "{given:?}");
            assert_eq!(compare(given, shown, Rendering::Own), Shown::Otherwise, "{given:?}");
        }
    }

    #[test]
    fn an_edit_is_one_though_few_letters_changed() {
        for (given, shown) in [
            ("a check", "a fix"),
            ("- [ ] a", "- [x] a"),
            ("[a](https://e.org/1)", "[a](https://e.org/2)"),
            ("a", "a b"),
            ("a", "[a](https://e.org)"),
        ] {
            for rendering in [Rendering::Own, BRIDGE] {
                assert_eq!(compare(given, shown, rendering), Shown::Otherwise, "{given:?}");
            }
        }
        assert_eq!(compare("a b", "a **b**", Rendering::Own), Shown::Otherwise);
    }

    #[test]
    fn what_is_left_out_is_no_edit() {
        let (given, shown) = ("1. a\n1. b\n\n<div>c</div>", "1. a\n2. b");
        for rendering in [Rendering::Own, BRIDGE] {
            assert_eq!(compare(given, shown, rendering), Shown::InPart);
            // Markup has no link around an image.
            let image = compare("[![i](i.png)](https://e.org)", "![i](i.png)", rendering);
            assert_ne!(image, Shown::Otherwise);
        }
    }
}
