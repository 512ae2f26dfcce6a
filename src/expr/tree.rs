//! Syntax trees of `.dialect` and `.rules` texts, apart from the parser that made them: a shipped text is parsed when the
//! compiler is built, and only its tree is read when the compiler starts.

use std::ops::Range;

use pest::RuleType;

/// A text together with its syntax tree, as the functions named `syntax_tree` write it.
#[derive(Clone, Copy, Debug)]
pub struct ParsedText<'t> {
    /// The text.
    pub text: &'t str,
    /// Its syntax tree. The text is parsed again if this is not its tree.
    pub tree: &'t [u8],
}

/// A node: a grammar rule and what it matched. Nodes stand in the order of the text, a node before its parts.
#[derive(Clone, Debug, PartialEq)]
struct Node<R> {
    rule: R,
    start: u32,
    end: u32,
    /// Index of the first node after this one and its parts.
    next: u32,
}

/// The syntax tree of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxTree<R> {
    nodes: Vec<Node<R>>,
}

impl<R: RuleType> SyntaxTree<R> {
    /// The tree of what pest found, without the node for the end of the text.
    pub(crate) fn new(pairs: pest::iterators::Pairs<'_, R>, eoi: R) -> Self {
        let mut tree = SyntaxTree { nodes: Vec::new() };
        pairs.for_each(|pair| tree.push(pair, eoi));
        tree
    }

    /// As deep as the grammar's nesting, which [`super::check_source_bounds`] limits.
    fn push(&mut self, pair: pest::iterators::Pair<'_, R>, eoi: R) {
        if pair.as_rule() == eoi {
            return;
        }
        let span = pair.as_span();
        let index = self.nodes.len();
        let (start, end) = (span.start() as u32, span.end() as u32);
        self.nodes.push(Node { rule: pair.as_rule(), start, end, next: 0 });
        pair.into_inner().for_each(|inner| self.push(inner, eoi));
        self.nodes[index].next = self.nodes.len() as u32;
    }

    /// The tree as bytes, for [`Self::from_bytes`]. `rules` are the rules of the grammar.
    pub(crate) fn to_bytes(&self, rules: &[R]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut before = 0;
        for (index, node) in self.nodes.iter().enumerate() {
            let rule = rules.iter().position(|rule| *rule == node.rule).unwrap_or(rules.len());
            let parts = node.next - index as u32 - 1;
            for number in [rule as u32, node.start - before, node.end - node.start, parts] {
                write_number(&mut bytes, number);
            }
            before = node.start;
        }
        bytes
    }

    /// The tree that [`Self::to_bytes`] wrote for `text`; `None` if it is not one of that text and grammar.
    pub(crate) fn from_bytes(bytes: &[u8], text: &str, rules: &[R]) -> Option<Self> {
        let mut nodes = Vec::with_capacity(bytes.len() / 4);
        let mut rest = bytes.iter();
        let mut before = 0u32;
        while !rest.as_slice().is_empty() {
            let rule = *rules.get(read_number(&mut rest)? as usize)?;
            let start = before.checked_add(read_number(&mut rest)?)?;
            let end = start.checked_add(read_number(&mut rest)?)?;
            let next = (nodes.len() as u32 + 1).checked_add(read_number(&mut rest)?)?;
            text.get(start as usize..end as usize)?;
            nodes.push(Node { rule, start, end, next });
            before = start;
        }
        let count = nodes.len() as u32;
        nodes.iter().all(|node| node.next <= count).then_some(SyntaxTree { nodes })
    }

    /// The outermost nodes. `text` is the text that was parsed.
    pub(crate) fn pairs<'t>(&'t self, text: &'t str) -> Pairs<'t, R> {
        Pairs { nodes: &self.nodes, text, range: 0..self.nodes.len() as u32 }
    }
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn write_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read_number(bytes: &mut std::slice::Iter<'_, u8>) -> Option<u32> {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let byte = *bytes.next()?;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A node with its text, as pest's type of that name.
#[derive(Clone, Debug)]
pub struct Pair<'t, R> {
    nodes: &'t [Node<R>],
    text: &'t str,
    index: u32,
}

impl<'t, R: RuleType> Pair<'t, R> {
    fn node(&self) -> &'t Node<R> {
        &self.nodes[self.index as usize]
    }

    /// The grammar rule.
    pub fn as_rule(&self) -> R {
        self.node().rule
    }

    /// The text that it matched.
    pub fn as_str(&self) -> &'t str {
        &self.text[self.start()..self.end()]
    }

    /// Byte offset of that text.
    pub fn start(&self) -> usize {
        self.node().start as usize
    }

    /// Byte offset of that text's end.
    pub fn end(&self) -> usize {
        self.node().end as usize
    }

    /// Its parts.
    pub fn into_inner(self) -> Pairs<'t, R> {
        Pairs { nodes: self.nodes, text: self.text, range: self.index + 1..self.node().next }
    }
}

/// Neighbouring nodes.
#[derive(Clone, Debug)]
pub struct Pairs<'t, R> {
    nodes: &'t [Node<R>],
    text: &'t str,
    range: Range<u32>,
}

impl<'t, R: RuleType> Iterator for Pairs<'t, R> {
    type Item = Pair<'t, R>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.range.start;
        if index >= self.range.end {
            return None;
        }
        self.range.start = self.nodes[index as usize].next;
        Some(Pair { nodes: self.nodes, text: self.text, index })
    }
}
