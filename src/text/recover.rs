//! Reading on after an error, so that a file's errors come together: from the next op of the block, without errors that
//! follow from earlier ones.

use rustc_hash::FxHashSet;

use super::lexer::Token;
use super::parser::{PResult, Parser};
use crate::support::{Diagnostic, Diagnostics};

/// The most errors that are reported of one text.
const MAX_ERRORS: usize = 20;

/// How often a text may be skipped before reading ends; a short one more often.
const MAX_SKIPPED: usize = 8;
const MIN_SKIPPED: usize = 1 << 16;

/// What went wrong so far.
#[derive(Default)]
pub(super) struct Errors<'s> {
    found: Diagnostics,
    /// Values and aliases whose definition failed: what uses them is not to blame.
    failed: FxHashSet<&'s str>,
    /// Bytes that were skipped, some more than once.
    skipped: usize,
}

/// What to go back to when an op cannot be read.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    start: usize,
    regions: usize,
    values: usize,
    types: usize,
}

impl<'s> Errors<'s> {
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Enters a value or an alias whose definition failed, or whose uses disagree.
    pub fn fail(&mut self, name: &'s str) {
        self.failed.insert(name);
    }

    /// Whether the definition of a value or an alias failed.
    pub fn has_failed(&self, name: &str) -> bool {
        self.failed.contains(name)
    }

    /// The errors in the order of the text.
    pub fn take(&mut self) -> Diagnostics {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|error| error.position.as_ref().map(|place| (place.line, place.column)));
        found
    }
}

/// An error that is not told: it follows from an earlier one.
pub(super) fn silent() -> Box<Diagnostic> {
    Box::new(Diagnostic::error(""))
}

impl<'s> Parser<'s, '_> {
    pub fn mark(&self) -> Mark {
        Mark {
            start: self.start,
            regions: self.scopes.region_count(),
            values: self.values.len(),
            types: self.types.len(),
        }
    }

    /// Keeps an error. `Err` when there are enough.
    #[expect(clippy::boxed_local, reason = "errors come in boxes, which keep results small")]
    pub fn report(&mut self, error: Box<Diagnostic>) -> PResult<()> {
        let known = |found: &Diagnostic| found.position.is_some() && found.position == error.position;
        let is_full = self.errors.found.len() >= MAX_ERRORS;
        if !error.message.is_empty() && !is_full && !self.errors.found.iter().any(known) {
            self.errors.found.push(*error);
        }
        if self.errors.found.len() >= MAX_ERRORS { Err(silent()) } else { Ok(()) }
    }

    /// Reads on after the op that `mark` was taken before, which could not be read.
    pub fn recover_op(&mut self, error: Box<Diagnostic>, mark: Mark) -> PResult<()> {
        self.report(error)?;
        self.scopes.leave_regions(mark.regions);
        self.values.truncate(mark.values);
        self.types.truncate(mark.types);
        if self.at(Token::End) {
            return Ok(());
        }
        self.reset(mark.start);
        while matches!(self.token, Token::Percent | Token::Colon | Token::Integer | Token::Comma) {
            if self.at(Token::Percent) {
                self.errors.fail(self.text());
            }
            self.advance();
        }
        self.skip_to_op(mark.start)
    }

    /// Reads on after a block's label and arguments from `start` on, which could not be read.
    pub fn recover_label(&mut self, error: Box<Diagnostic>, start: usize) -> PResult<()> {
        self.report(error)?;
        self.reset(start);
        self.skip_to_op(start)?;
        // The arguments are what stands before a colon.
        let end = self.start;
        self.reset(start);
        while self.start < end {
            let name = self.text();
            let is_value = self.at(Token::Percent);
            self.advance();
            if is_value && self.at(Token::Colon) {
                self.errors.fail(name);
            }
        }
        Ok(())
    }

    /// Reads on after a definition or a section at the top level.
    pub fn recover_alias(&mut self, error: Box<Diagnostic>, mark: Mark) -> PResult<()> {
        self.report(error)?;
        self.reset(mark.start);
        if matches!(self.token, Token::Hash | Token::Bang) {
            self.errors.fail(self.text());
        }
        if self.at(Token::FileMetadataBegin) {
            // A section is no op: what stands in it begins none.
            while !self.at(Token::End) && !self.eat(Token::FileMetadataEnd) {
                self.advance();
            }
            return Ok(());
        }
        self.skip_to_op(mark.start)
    }

    /// Skips what `start` begins: up to a line that begins an op, a label or an alias, or up to the bracket that closes
    /// the region around.
    fn skip_to_op(&mut self, start: usize) -> PResult<()> {
        self.skip_tokens(start);
        // An op that fails at its end is read twice, and those around it again: not without end.
        self.errors.skipped += self.start - start;
        if self.errors.skipped > MAX_SKIPPED * self.source.len() + MIN_SKIPPED {
            Err(silent())
        } else {
            Ok(())
        }
    }

    fn skip_tokens(&mut self, start: usize) {
        let mut open: Vec<Token> = Vec::new();
        loop {
            let new_line = self.source[self.last_end.min(self.start)..self.start].contains('\n');
            // What begins a line may begin the next op. A bracket that is never closed does not hide it: no op stands in `(`
            // or `[`.
            let may_begin = new_line && self.start > start && !matches!(open.last(), Some(Token::LBrace));
            match self.token {
                Token::End => return,
                Token::RBrace if !open.contains(&Token::LBrace) && self.start > start => return,
                _ => {
                    if may_begin && self.begins_op(open.is_empty()) {
                        while matches!(open.last(), Some(Token::LParen | Token::LSquare)) {
                            open.pop();
                        }
                        if open.is_empty() {
                            return;
                        }
                    }
                }
            }
            match self.token {
                Token::LParen | Token::LSquare | Token::LBrace => open.push(self.token),
                Token::RParen | Token::RSquare | Token::RBrace => {
                    let opening = match self.token {
                        Token::RParen => Token::LParen,
                        Token::RSquare => Token::LSquare,
                        _ => Token::LBrace,
                    };
                    if let Some(at) = open.iter().rposition(|token| *token == opening) {
                        open.truncate(at);
                    }
                }
                _ => {}
            }
            self.advance();
        }
    }

    /// Whether the current token begins an op, a label or an alias. `balanced`: no bracket is open.
    fn begins_op(&mut self, balanced: bool) -> bool {
        let (start, token) = (self.start, self.token);
        let is_word =
            token == Token::Bare && (self.text().contains('.') || self.pretty_op(self.text()).is_some());
        if is_word || balanced && matches!(token, Token::Bare | Token::Caret | Token::FileMetadataBegin) {
            return true;
        }
        if !matches!(token, Token::Percent | Token::String | Token::Caret | Token::Hash | Token::Bang) {
            return false;
        }
        self.advance();
        let begins = match token {
            Token::String => self.at(Token::LParen),
            Token::Caret => matches!(self.token, Token::Colon | Token::LParen),
            Token::Percent if balanced => matches!(self.token, Token::Equal | Token::Colon | Token::Comma),
            Token::Percent if self.eat(Token::Colon) => self.eat(Token::Integer) && self.at(Token::Equal),
            _ => self.at(Token::Equal),
        };
        self.reset(start);
        begins
    }
}
