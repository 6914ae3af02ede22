//! A place in a line, in columns: a tab is as wide as it takes to the next multiple of four.

const TAB: usize = 4;

/// The rest of a line.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
    column: usize,
    /// Columns of the tab before this place that were not taken.
    spare: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(line: &'a [u8]) -> Self {
        Self { line, at: 0, column: 0, spare: 0 }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.line[self.at..].iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    fn space(&self) -> (usize, usize) {
        let (mut columns, mut at) = (self.spare, self.at);
        while let Some(byte) = self.line.get(at) {
            match byte {
                b' ' => columns += 1,
                b'\t' => columns += TAB - (self.column + columns) % TAB,
                _ => break,
            }
            at += 1;
        }
        (columns, at)
    }

    /// How many columns of white space are next.
    pub(super) fn indent(&self) -> usize {
        self.space().0
    }

    /// The line from its first letter on.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.line[self.space().1..]
    }

    fn skip(&mut self, columns: usize) {
        let mut left = columns;
        let taken = self.spare.min(left);
        self.spare -= taken;
        self.column += taken;
        left -= taken;
        while left > 0 {
            let width = match self.line.get(self.at) {
                Some(b' ') => 1,
                Some(b'\t') => TAB - self.column % TAB,
                _ => return,
            };
            self.at += 1;
            let taken = width.min(left);
            self.column += taken;
            self.spare = width - taken;
            left -= taken;
        }
    }

    /// Takes so much white space, if it is there.
    pub(super) fn take_indent(&mut self, columns: usize) -> bool {
        let is_there = self.indent() >= columns;
        if is_there {
            self.skip(columns);
        }
        is_there
    }

    fn take(&mut self, bytes: usize) {
        self.at += bytes;
        self.column += bytes;
        self.spare = 0;
    }

    /// Takes the sign of a quote, and the space that belongs to it.
    pub(super) fn take_quote(&mut self) -> bool {
        let (columns, at) = self.space();
        if columns >= TAB || self.line.get(at) != Some(&b'>') {
            return false;
        }
        self.skip(columns);
        self.take(1);
        if self.indent() > 0 {
            self.skip(1);
        }
        true
    }

    /// Takes the bullet or number of a list's item; by how many columns its lines are indented.
    pub(super) fn take_item(&mut self, in_paragraph: bool) -> Option<usize> {
        let (before, at) = self.space();
        let rest = &self.line[at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let width = match (digits, rest.get(digits)?) {
            (0, b'-' | b'+' | b'*') => 1,
            (1..=9, b'.' | b')') => digits + 1,
            _ => return None,
        };
        if !rest.get(width).is_none_or(|byte| matches!(byte, b' ' | b'\t')) {
            return None;
        }
        let is_empty = rest[width..].iter().all(|byte| matches!(byte, b' ' | b'\t'));
        if in_paragraph && (is_empty || digits > 0 && rest[..digits] != *b"1") {
            return None;
        }
        self.skip(before);
        self.take(width);
        let after = self.indent();
        // With more, it is the white space of code.
        let after = if is_empty || after > TAB { 1 } else { after };
        self.skip(after);
        Some(before + width + after)
    }
}
