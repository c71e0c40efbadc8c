//! MAIL, RCPT, DATA and the content: one command at a time, so that each answer stands behind its command.

use smtp::client::{Answer, Capabilities, Mail, MailEnvelope, MailStep, Needs, Stage};

use super::{Sender, Stop, Unsent};
use crate::target::Protocol;

impl Sender {
    /// Sends the message: what was said for each recipient, and whether it stopped before the content.
    pub(super) async fn transaction(
        &mut self,
        capabilities: Capabilities,
    ) -> Result<(Vec<Option<Answer>>, bool), Unsent> {
        let capabilities = Capabilities { pipelining: false, ..capabilities };
        let mut mail = Mail::new(&capabilities, &self.envelope())?;
        let mut step = mail.start();
        loop {
            step = match step {
                MailStep::Send(_) if self.stops_before(mail.stage()) => return Ok((mail.answers(), true)),
                MailStep::Send(octets) => {
                    self.session.dialogue.say(octets.strip_suffix(b"\r\n").unwrap_or(&octets));
                    mail.reply(self.session.dialogue.reply().await?)
                }
                MailStep::Wait => mail.reply(self.session.dialogue.reply().await?),
                MailStep::SendContent => {
                    self.session.dialogue.content(&self.order.content).await?;
                    if self.door.protocol() == Protocol::Lmtp {
                        return Ok((self.answers_of_lmtp(mail.answers()).await?, false));
                    }
                    mail.reply(self.session.dialogue.reply().await?)
                }
                MailStep::Done(_) => return Ok((mail.answers(), false)),
            };
        }
    }

    /// RFC 2033 §4.2: behind the content, a reply for each recipient that was taken, in their order.
    async fn answers_of_lmtp(&mut self, mut answers: Vec<Option<Answer>>) -> Result<Vec<Option<Answer>>, Unsent> {
        for open in answers.iter_mut().filter(|answer| answer.is_none()) {
            let reply = self.session.dialogue.reply().await?;
            *open = Some(Answer { stage: Stage::Content, reply });
        }
        Ok(answers)
    }

    fn stops_before(&self, stage: Stage) -> bool {
        match self.order.stop {
            Some(Stop::Mail) => stage == Stage::Recipient,
            Some(Stop::Recipients) => stage == Stage::Data,
            _ => false,
        }
    }

    fn envelope(&self) -> MailEnvelope {
        let content = &self.order.content;
        let header = content.get(..message::header::body_offset(content)).unwrap_or_default();
        let mut paths = self.order.to.iter().chain(&self.order.from);
        let smtputf8 = !header.is_ascii() || paths.any(|address| !address.local().is_ascii());
        let needs = Needs { eight_bit: !content.is_ascii(), smtputf8 };
        let (reverse_path, recipients) = (self.order.from.clone(), self.order.to.clone());
        MailEnvelope { reverse_path, recipients, size: content.len() as u64, needs }
    }
}
