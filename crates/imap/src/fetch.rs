//! What FETCH can ask for (RFC 3501 §6.4.5).

/// One data item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchItem {
    /// `ENVELOPE`
    Envelope,
    /// `FLAGS`
    Flags,
    /// `INTERNALDATE`
    InternalDate,
    /// `UID`
    Uid,
    /// `RFC822.SIZE`
    Size,
    /// `BODY` without a section: BODYSTRUCTURE without extension data.
    Body,
    /// `BODYSTRUCTURE`
    BodyStructure,
    /// `BODY[…]`, `BODY.PEEK[…]` and the three `RFC822` forms.
    Content(Content),
}

/// A piece of the message's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// How it is named in the answer.
    pub name: ContentName,
    /// Which piece.
    pub section: Section,
    /// Which octets of it.
    pub partial: Option<Partial>,
    /// Whether fetching sets `\Seen`.
    pub seen: Seen,
}

/// The client gets the name back that it asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentName {
    /// `BODY[…]`
    Body,
    /// `RFC822`
    Rfc822,
    /// `RFC822.HEADER`
    Rfc822Header,
    /// `RFC822.TEXT`
    Rfc822Text,
}

/// Whether fetching counts as reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// `\Seen` is set.
    Set,
    /// `BODY.PEEK`, `RFC822.HEADER`: left alone.
    Peek,
}

/// `<offset.length>`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partial {
    /// First octet.
    pub offset: u32,
    /// How many; never zero.
    pub length: u32,
}

/// A part, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Part numbers from the outside in; empty for the message itself.
    pub path: Vec<u32>,
    /// What of that part.
    pub text: SectionText,
}

/// RFC 3501 §9 `section-text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionText {
    /// All of the message, or the content of a part.
    All,
    /// `HEADER`
    Header,
    /// `HEADER.FIELDS`
    Fields(Vec<String>),
    /// `HEADER.FIELDS.NOT`
    FieldsNot(Vec<String>),
    /// `TEXT`
    Text,
    /// `MIME`: the header of a part.
    Mime,
}

impl FetchItem {
    /// Whether the message itself must be read to answer it.
    pub fn needs_message(&self) -> bool {
        matches!(self, Self::Envelope | Self::Body | Self::BodyStructure | Self::Content(_))
    }

    /// Whether answering it sets `\Seen`.
    pub fn sets_seen(&self) -> bool {
        matches!(self, Self::Content(Content { seen: Seen::Set, .. }))
    }
}
