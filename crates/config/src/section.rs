//! The table behind a section: one row a setting. Reading, defaults and the reference all come from it.

use toml::Spanned;
use toml::de::{DeString, DeValue};

use crate::finding::{Cause, Finding};
use crate::kind::Kind;
use crate::nearest::nearest;
use crate::reading::{Reading, Value};
use crate::sections::Guard;

/// One section of the file and the value it is read into.
pub(crate) struct Section<S> {
    /// `limits`; `route` for `[[route]]`; empty for the keys above all sections.
    pub(crate) name: &'static str,
    /// As it is written: `[limits]`.
    pub(crate) title: &'static str,
    /// What it is for, line by line.
    pub(crate) about: &'static [&'static str],
    /// Its rows.
    pub(crate) settings: Vec<Setting<S>>,
}

/// One setting.
pub(crate) struct Setting<S> {
    /// Its key.
    pub(crate) key: &'static str,
    /// What it means, line by line.
    pub(crate) doc: &'static [&'static str],
    /// The default as one would write it; empty if there is none.
    pub(crate) default: String,
    /// What may be written.
    pub(crate) allowed: String,
    read: Box<ReadInto<S>>,
}

/// A key and its value, as TOML gives them.
type Entry<'d, 'i> = (&'d Spanned<DeString<'i>>, &'d Spanned<DeValue<'i>>);

type ReadInto<S> = dyn Fn(&mut S, &Value<'_, '_>, &mut Reading<'_>);

impl<S: Default + 'static> Section<S> {
    pub(crate) fn new(name: &'static str, title: &'static str, about: &'static [&'static str]) -> Self {
        Self { name, title, about, settings: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn with<V: 'static>(
        mut self,
        (key, doc): (&'static str, &'static [&'static str]),
        kind: impl Kind<V> + 'static,
        field: impl Fn(&mut S) -> &mut V + 'static,
    ) -> Self {
        let default = kind.show(field(&mut S::default()));
        let allowed = kind.allowed();
        let read: Box<ReadInto<S>> = Box::new(move |section, value, reading| {
            if let Some(read) = kind.read(value, reading) {
                *field(section) = read;
            }
        });
        self.settings.push(Setting { key, doc, default, allowed, read });
        self
    }

    /// Adds the rows that every module of the chain has.
    pub(crate) fn guarded(self, guard: fn(&mut S) -> &mut Guard) -> Self {
        Guard::rows(self, guard)
    }

    /// Reads the entries of a table; what is not in it, or wrong, keeps its default. `prefix` is put before the key
    /// in the places that are remembered.
    pub(crate) fn read<'d, 'i: 'd>(
        &self,
        entries: impl Iterator<Item = Entry<'d, 'i>>,
        prefix: &str,
        reading: &mut Reading<'_>,
    ) -> S {
        let mut section = S::default();
        for (key, value) in entries {
            let name = key.get_ref().as_ref();
            if is_section(&format!("{}.{name}", self.name)) {
                continue;
            }
            let Some(setting) = self.settings.iter().find(|s| s.key == name) else {
                reading.add(self.unknown(name, key.span()));
                continue;
            };
            reading.place(format!("{prefix}{name}"), value.span());
            let value = Value { key: name, value: value.get_ref(), span: value.span() };
            (setting.read)(&mut section, &value, reading);
        }
        section
    }

    /// The keys, in the order of the reference.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.settings.iter().map(|s| s.key)
    }

    fn unknown(&self, key: &str, span: std::ops::Range<usize>) -> Finding {
        let sections = crate::reference::sections();
        let below = sections.iter().filter_map(|s| s.name.strip_prefix(self.name)?.strip_prefix('.'));
        let nearest = nearest(key, self.keys().chain(below)).map(|n| format!("`{n}`")).or_else(|| elsewhere(key));
        let keys: Vec<_> = self.keys().collect();
        Finding {
            cause: Cause::UnknownKey { key: key.to_owned(), section: self.title },
            span: Some(span),
            allowed: Some(format!("the keys here are {}", keys.join(", "))),
            nearest,
        }
    }
}

/// Whether a table of this name is a section of its own: `auth.ldap` inside `[auth]`.
fn is_section(name: &str) -> bool {
    crate::reference::sections().iter().any(|section| section.name == name)
}

/// A key of that name in another section.
pub(crate) fn elsewhere(key: &str) -> Option<String> {
    let sections = crate::reference::sections();
    let found = sections.iter().find(|section| section.settings.iter().any(|s| s.key == key))?;
    Some(match found.title {
        "" => format!("`{key}` above all sections"),
        title => format!("`{key}` in `{title}`"),
    })
}

/// Declares a section: a public struct, its defaults and its table. A row is
/// `field: Type = default => kind;` under its documentation, which is also the reference's text.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $vis:vis struct $name:ident = $section:literal $title:literal {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $type:ty = $default:expr => $kind:expr;
            )+
        }
        $(with $guard:ident)?
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis struct $name {
            $(
                $(#[doc = $doc])+
                $vis $field: $type,
            )+
            $(
                /// What happens when it does not answer.
                $vis $guard: $crate::sections::Guard,
            )?
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ $($guard: $crate::sections::Guard::default(),)? }
            }
        }

        impl $name {
            /// The section's rows.
            pub(crate) fn section() -> $crate::section::Section<Self> {
                $crate::section::Section::new($section, $title, &[$($about),+])
                    $(.with((stringify!($field), &[$($doc),+]), $kind, |section: &mut Self| &mut section.$field))+
                    $(.guarded(|section: &mut Self| &mut section.$guard))?
            }
        }
    };
}

pub(crate) use section;
