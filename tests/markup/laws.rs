//! What holds for any text.

use proptest::prelude::*;
use serde_json::Value;

use super::arbitrary::{Document, any_document, any_markdown};
use super::letters::{attributes, has, shown, text_nodes, visible};
use super::{to_markdown, to_markup};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_letter_of_a_document_is_lost(Document(document) in any_document()) {
        let markdown = to_markdown(&document);
        prop_assert!(has(&markdown, &text_nodes(&document)), "{markdown}");
        let mut texts = Vec::new();
        attributes(&document, &mut texts);
        for text in texts {
            prop_assert!(has(&markdown, &text), "{text:?} in {markdown}");
        }
    }

    #[test]
    fn no_letter_of_a_markdown_text_is_lost(markdown in any_markdown()) {
        let document = to_markup(&markdown);
        prop_assert!(has(&shown(&document), &visible(&markdown)), "{}", document);
    }

    #[test]
    fn markdown_is_stable_after_one_round(markdown in any_markdown()) {
        let second = to_markdown(&to_markup(&markdown));
        let third = to_markdown(&to_markup(&second));
        prop_assert_eq!(&third, &second);
    }

    #[test]
    fn the_markdown_of_a_document_is_stable_at_once(Document(document) in any_document()) {
        let first = to_markdown(&document);
        let second = to_markdown(&to_markup(&first));
        prop_assert_eq!(&second, &first);
    }

    #[test]
    fn what_was_read_is_written_so_that_it_is_read_the_same(markdown in any_markdown()) {
        let first: Value = to_markup(&markdown);
        let second = to_markup(&to_markdown(&first));
        let third = to_markup(&to_markdown(&second));
        prop_assert_eq!(third, second);
    }
}
