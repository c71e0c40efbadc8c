//! Log lines as flat JSON objects: a session's id stands beside the event's own fields, so that `jq .session` finds it.

use std::fmt;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime as Clock};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// One flat object a line.
pub(crate) struct JsonLines;

impl<S> FormatEvent<S, JsonFields> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut object = Object::default();
        object.set("time", now().into());
        object.set("level", event.metadata().level().as_str().into());
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<FormattedFields<JsonFields>>() {
                // Written by the layer itself, so it is an object; if not, the line only lacks these fields.
                let fields: Map<String, Value> = serde_json::from_str(&fields.fields).unwrap_or_default();
                object.0.extend(fields);
            }
        }
        event.record(&mut object);
        writeln!(out, "{}", Value::Object(object.0))
    }
}

fn now() -> String {
    let mut text = String::new();
    match Clock.format_time(&mut Writer::new(&mut text)) {
        Ok(()) => text,
        // A year that cannot be written: the line is worth more than its time.
        Err(fmt::Error) => String::new(),
    }
}

#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Object {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field.name(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::Value;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(octets)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_of_a_session_has_its_id_beside_its_own_fields() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let layer = tracing_subscriber::fmt::layer().json().event_format(JsonLines).with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let session = tracing::error_span!("session", session = "ABCDEFGH", service = "imap").entered();
            tracing::info!(user = "eve\n\"", tries = 3, "login refused");
            drop(session);
            tracing::warn!("alone");
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2, "an event is one line, whatever a client sent: {text}");
        assert_eq!(lines[0]["session"], "ABCDEFGH");
        assert_eq!(lines[0]["user"], "eve\n\"");
        assert_eq!(lines[0]["tries"], 3);
        assert_eq!(lines[0]["message"], "login refused");
        assert_eq!(lines[1]["level"], "WARN");
        assert!(lines[1].get("session").is_none());
    }
}
