//! The blocks of a pcapng file (draft-ietf-opsawg-pcapng §4), in little-endian order.

use std::io::{self, Write};

/// §4.1
const SECTION_HEADER: u32 = 0x0A0D_0D0A;
/// §4.2
const INTERFACE: u32 = 1;
/// §4.3
const ENHANCED_PACKET: u32 = 6;
/// Packets begin with their IPv4 or IPv6 header.
const LINKTYPE_RAW: u16 = 101;
/// §3.5
const OPTION_COMMENT: u16 = 1;
/// §4.2
const OPTION_NAME: u16 = 2;
/// §4.1
const OPTION_APPLICATION: u16 = 4;

/// A file that is written, block by block.
pub(super) struct Blocks<'a> {
    out: &'a mut dyn Write,
}

/// One packet, or the begin of one.
pub(super) struct Captured<'a> {
    /// Microseconds since 1970.
    pub(super) time: u64,
    /// What is in the file.
    pub(super) octets: &'a [u8],
    /// How many octets more it had on the wire.
    pub(super) missing: u32,
    /// What is to be said about it.
    pub(super) comment: &'a str,
}

impl<'a> Blocks<'a> {
    /// Writes what a file begins with: one section with one interface.
    pub(super) fn begin(comment: &str, interface: &str, out: &'a mut dyn Write) -> io::Result<Self> {
        let mut blocks = Self { out };
        let mut section = Vec::new();
        section.extend(0x1A2B_3C4D_u32.to_le_bytes());
        section.extend([1_u16, 0].map(u16::to_le_bytes).concat());
        // The section's length is not known: §4.1 has -1 for that.
        section.extend((-1_i64).to_le_bytes());
        option(OPTION_COMMENT, comment, &mut section);
        option(OPTION_APPLICATION, "Gatepost", &mut section);
        end_of_options(&mut section);
        blocks.block(SECTION_HEADER, &section)?;
        let mut description = Vec::new();
        description.extend([LINKTYPE_RAW, 0].map(u16::to_le_bytes).concat());
        // 0: packets of any length.
        description.extend(0_u32.to_le_bytes());
        option(OPTION_NAME, interface, &mut description);
        end_of_options(&mut description);
        blocks.block(INTERFACE, &description)?;
        Ok(blocks)
    }

    pub(super) fn packet(&mut self, packet: &Captured<'_>) -> io::Result<()> {
        let captured = u32::try_from(packet.octets.len()).map_err(io::Error::other)?;
        let [high, low] =
            [packet.time >> 32, packet.time & 0xFFFF_FFFF].map(|half| u32::try_from(half).unwrap_or(u32::MAX));
        let mut body = Vec::with_capacity(packet.octets.len() + 64);
        body.extend([0, high, low, captured, captured + packet.missing].map(u32::to_le_bytes).concat());
        body.extend(packet.octets);
        pad(&mut body);
        if !packet.comment.is_empty() {
            option(OPTION_COMMENT, packet.comment, &mut body);
            end_of_options(&mut body);
        }
        self.block(ENHANCED_PACKET, &body)
    }

    /// §3.1: the length stands in front and behind.
    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 12).map_err(io::Error::other)?.to_le_bytes();
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&length)?;
        self.out.write_all(body)?;
        self.out.write_all(&length)
    }
}

fn option(code: u16, text: &str, body: &mut Vec<u8>) {
    let text = text.get(..text.floor_char_boundary(usize::from(u16::MAX))).unwrap_or_default();
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    body.extend([code, length].map(u16::to_le_bytes).concat());
    body.extend(text.as_bytes());
    pad(body);
}

fn end_of_options(body: &mut Vec<u8>) {
    body.extend([0; 4]);
}

/// Up to a multiple of 32 bits.
fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}
